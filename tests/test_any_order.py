"""Appointments and urgent calls in any order: nobody is booked twice or told nothing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from bot.clock import Clock
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from storage.engines import open_database
from tests.bookings import SERVICES
from tests.engines import ENGINES, PostgresServer
from tests.indoors import Indoors, user
from tests.ledgers import Ledger, Week
from tests.stations import OFFICERS, five_areas

T = TypeVar("T")

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: A Monday at eight; no holiday is near.
BEGINS = datetime(2026, 12, 7, 8, tzinfo=SHANGHAI).astimezone(UTC)
RESIDENTS = {101: "Ana", 102: "Bo", 103: "Cy", 104: "Dee"}
AREAS = {101: "riverside", 102: "riverside", 103: "hillside", 104: "riverside"}
USUAL = "Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00"
MORNING, AFTERNOON = (9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)
#: What a roster may say, and what that means.
HOURS: dict[str, Week] = {
    USUAL: {**dict.fromkeys(range(5), (MORNING, AFTERNOON)), 5: (MORNING,)},
    "Mo-Fr 10:00-12:00": dict.fromkeys(range(5), ((10 * 60, 12 * 60),)),
    "Mo-Sa 09:00-20:00": dict.fromkeys(range(6), ((9 * 60, 20 * 60),)),
}
#: How many stories are played: on PostgreSQL each step takes longer.
EXAMPLES = {"sqlite": 25, "postgresql": 12}

#: One of them does more than the others, and so meets herself.
residents = st.sampled_from([101, 101, *RESIDENTS])
staff = st.sampled_from(["li", "wang", "zhao", "sun"])
officers = st.sampled_from(["li", "wang"])
places = st.integers(0, 200)
#: So few that people meet.
few = st.integers(0, 2)


class AnyOrder(RuleBasedStateMachine):
    """Random deeds of residents and staff, ends of the process, and time."""

    make_url: Callable[[], str]
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()

    def do(self, work: Awaitable[T]) -> T:
        """One step in the machine's own loop."""

        async def step() -> T:
            return await work

        return self._runner.run(step())

    @initialize(booked=st.lists(st.tuples(residents, few, few), min_size=3, max_size=6))
    def begins(self, booked: list[tuple[int, int, int]]) -> None:
        self.do(self._begins())
        for chat_id, day, time in booked:
            self.do(self._books(chat_id, day, time))

    async def _begins(self) -> None:
        clock = Clock(shift=BEGINS - Clock().now())
        self.here = Indoors(open_database(type(self).make_url()), clock)
        names = {**RESIDENTS, **{number: code for code, number in OFFICERS.items()}}
        self.ledger = Ledger(self.here, SHANGHAI, names, HOURS[USUAL])
        await self._has_hours(USUAL)
        await self.here.begins()
        for code, number in OFFICERS.items():
            await self.here.says(user(number, code), "/start")
        for code in ("li", "wang", "zhao", "sun"):
            await self.here.presses(user(OFFICERS[code], code), 1, "call_outs:heard")
        for number, name in RESIDENTS.items():
            await self.here.says(user(number, name), f"/start a-{AREAS[number]}")
            await self.here.says(user(number, name), "/book")

    async def _has_hours(self, hours: str) -> None:
        roster = five_areas(self.folder)
        text = roster.read_text(encoding="utf-8") + SERVICES
        roster.write_text(text.replace(USUAL, hours), encoding="utf-8")
        await import_roster(self.here.database, check_roster(roster), self.here.clock)
        self.ledger.week = HOURS[hours]

    # --- residents

    async def _presses(self, chat_id: int, part: str, place: int, *, dies: bool = False) -> bool:
        """Press one of the buttons that say this in the newest message that has any."""
        for each in reversed(await self.here.said(to=chat_id)):
            fitting = [data for data in each.buttons if part in data]
            if fitting:
                await self._presses_one(chat_id, each.number, fitting[place % len(fitting)], dies)
                return True
        return False

    async def _presses_one(self, chat_id: int, number: int, data: str, dies: bool) -> None:
        name = self.ledger.names[chat_id]
        await self.here.presses(user(chat_id, name), number, data, dies=dies)
        await self.ledger.looks()

    @rule(chat_id=residents, day=few, time=few, dies=st.booleans())
    def books(self, chat_id: int, day: int, time: int, dies: bool) -> None:
        self.do(self._books(chat_id, day, time, dies))

    async def _books(self, chat_id: int, day: int, time: int, dies: bool = False) -> None:
        """A service, a day, a time, and the confirmation."""
        await self.here.says(user(chat_id, RESIDENTS[chat_id]), "/book")
        await self._presses(chat_id, "service:residence", 0)
        await self._presses(chat_id, ":day:", day)
        if await self._presses(chat_id, ":time:", time):
            await self._presses(chat_id, ":confirm:", 0, dies=dies)

    @rule(chat_id=residents, day=st.integers(0, 6), place=st.integers(0, 26))
    def wants_a_time_that_may_be_none(self, chat_id: int, day: int, place: int) -> None:
        self.do(self._wants(chat_id, day, place))

    async def _wants(self, chat_id: int, day: int, place: int) -> None:
        today = self.here.clock.now().astimezone(SHANGHAI).replace(hour=9, minute=0, second=0)
        minutes = int((today + timedelta(days=day)).timestamp()) // 60 + 20 * place
        (shown, *_) = [each for each in await self.here.said(to=chat_id) if each.buttons]
        await self._presses_one(
            chat_id, shown.number, f"appointments:time:residence:r:{minutes}", False
        )

    @rule(chat_id=residents, day=few, time=few, dies=st.booleans())
    def moves(self, chat_id: int, day: int, time: int, dies: bool) -> None:
        self.do(self._moves(chat_id, day, time, dies))

    async def _moves(self, chat_id: int, day: int, time: int, dies: bool) -> None:
        if await self._presses(chat_id, ":move:", 0):
            await self._presses(chat_id, ":moveday:", day)
            await self._presses(chat_id, ":moveto:", time, dies=dies)

    @rule(chat_id=residents, dies=st.booleans())
    def cancels(self, chat_id: int, dies: bool) -> None:
        self.do(self._presses(chat_id, ":cancel:", 0, dies=dies))

    @rule(chat_id=residents, place=places)
    def chooses_what_is_offered(self, chat_id: int, place: int) -> None:
        """The deputy, another time, or anything else under the newest message."""
        self.do(self._presses(chat_id, "appointments:", place))

    @rule(chat_id=residents, which=places)
    def presses_something_old(self, chat_id: int, which: int) -> None:
        self.do(self._presses_old(chat_id, which, "appointments:"))

    async def _presses_old(self, chat_id: int, which: int, part: str) -> None:
        shown = [
            (each.number, data)
            for each in await self.here.said(to=chat_id)
            for data in each.buttons
            if part in data
        ]
        if shown:
            await self._presses_one(chat_id, *shown[-1 - which % len(shown)], False)

    @rule(chat_id=residents, takers=st.lists(staff, max_size=3), minutes=few)
    def asks_for_somebody_at_once(self, chat_id: int, takers: list[str], minutes: int) -> None:
        self.do(self._asks(chat_id, takers, timedelta(minutes=minutes)))

    async def _asks(self, chat_id: int, takers: list[str], time: timedelta) -> None:
        """Somebody asks, and some try to take it, whether or not they were asked."""
        await self.here.says(user(chat_id, RESIDENTS[chat_id]), "/urgent")
        await self._presses(chat_id, "call_outs:page", 0)
        await self._passes(time)
        for row in await self.here.rows("SELECT id FROM call_out ORDER BY id DESC LIMIT 1"):
            for code in takers:
                await self._presses_one(OFFICERS[code], 1, f"call_outs:take:{row['id']}", False)

    @rule(chat_id=residents)
    def needs_nobody_any_more(self, chat_id: int) -> None:
        self.do(self._presses(chat_id, "call_outs:withdraw", 0))

    # --- staff

    @rule(code=staff, which=places)
    def staff_press_something(self, code: str, which: int) -> None:
        self.do(self._presses_old(OFFICERS[code], which, "call_outs:"))

    @rule(code=officers, which=places)
    def chooses_for_what_is_booked(self, code: str, which: int) -> None:
        self.do(self._presses_old(OFFICERS[code], which, "absences:"))

    @rule(code=officers, days=st.none() | st.tuples(st.integers(0, 4), st.integers(0, 3)))
    def goes_away(self, code: str, days: tuple[int, int] | None) -> None:
        text = "/away"
        if days is not None:
            first = self.here.clock.now().astimezone(SHANGHAI).date() + timedelta(days=days[0])
            text = f"/away {first} {first + timedelta(days=days[1])}"
        self.do(self._writes(code, text))

    @rule(code=officers)
    def comes_back(self, code: str) -> None:
        self.do(self._writes(code, "/back"))

    async def _writes(self, code: str, text: str) -> None:
        await self.here.says(user(OFFICERS[code], code), text)
        await self.ledger.looks()

    @rule(action=st.sampled_from(["now", "today", "next", "longer", "usual"]))
    def hours_change(self, action: str) -> None:
        today = self.here.clock.now().astimezone(SHANGHAI).date()
        data = f"rooms:say:east:{action}:{today}"
        self.do(self._presses_one(OFFICERS["li"], 1, data, False))

    @rule(hours=st.sampled_from(list(HOURS)))
    def another_roster_is_in_force(self, hours: str) -> None:
        self.do(self._another(hours))

    async def _another(self, hours: str) -> None:
        await self._has_hours(hours)
        await self.here.does_what_is_due()
        await self.ledger.looks()

    # --- time

    @rule(minutes=st.sampled_from([1, 4, 6, 45, 90, 400, 1200, 2000]))
    def time_passes(self, minutes: int) -> None:
        self.do(self._passes(timedelta(minutes=minutes)))

    async def _passes(self, time: timedelta) -> None:
        ends = self.here.clock.now() + time
        while (due_at := await self.here.next_due()) is not None and due_at <= ends:
            self.here.stands_at(max(due_at, self.here.clock.now()))
            await self.here.does_what_is_due()
            await self.ledger.looks()
        self.here.stands_at(ends)
        await self.ledger.looks()

    @rule(minutes=st.sampled_from([0, 2, 10, 100, 900]))
    def the_process_dies_and_begins_anew(self, minutes: int) -> None:
        self.do(self._begins_anew(timedelta(minutes=minutes)))

    async def _begins_anew(self, shut: timedelta) -> None:
        ended = self.here.clock.now()
        self.here.stands_at(ended + shut)
        self.ledger.shut.append((ended, self.here.clock.now()))
        await self.here.begins()
        await self.ledger.looks()

    async def _all_is_over(self) -> None:
        """Until the last appointment that is ahead has begun."""
        sql = (
            "SELECT starts_at FROM appointment WHERE state IN ('held', 'booked', 'displaced')"
            " AND starts_at > :now ORDER BY starts_at DESC LIMIT 1"
        )
        while last := await self.here.rows(sql, now=self.here.clock.now()):
            await self._passes(last[0]["starts_at"] - self.here.clock.now())

    def teardown(self) -> None:
        try:
            if hasattr(self, "ledger"):
                self.do(self._all_is_over())
                self.do(self.ledger.counts_reminders())
        finally:
            if hasattr(self, "here"):
                self.do(self.here.database.close())
            self._runner.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_in_any_order_nobody_is_booked_twice_forgotten_or_told_nothing(
    engine: str, sqlite_template: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Booking, moving, cancelling, absences, other hours, urgent calls, ends of the process and
    jumps of the clock: no officer and no resident has two at a time; nothing booked lies in an
    absence or outside the hours without a word; each reminder comes once; an urgent call has one
    taker, and everybody knows how it stands."""
    made: list[str] = []

    def make_url() -> str:
        if engine == "sqlite":
            return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / f'{len(made)}.db')}"
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.make_database()

    def make() -> str:
        made.append(make_url())
        return made[-1]

    facts: dict[str, Any] = {"make_url": staticmethod(make), "folder": tmp_path}
    run_state_machine_as_test(
        type("Machine", (AnyOrder,), facts),
        settings=settings(
            max_examples=EXAMPLES[engine],
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # to shrink what fails would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
