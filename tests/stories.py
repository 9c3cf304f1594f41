"""Stories that a state machine plays: residents, officers, a process that may die, and time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from bot.clock import Clock
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from storage.engines import open_database
from tests.bookings import SERVICES
from tests.indoors import Indoors, user
from tests.ledgers import Ledger, Week
from tests.stations import OFFICERS, USUAL_HOURS, five_areas

T = TypeVar("T")

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: A Monday at eight; no holiday is near.
BEGINS = datetime(2026, 12, 7, 8, tzinfo=SHANGHAI).astimezone(UTC)
RESIDENTS = {101: "Ana", 102: "Bo", 103: "Cy", 104: "Dee"}
AREAS = {101: "riverside", 102: "riverside", 103: "hillside", 104: "riverside"}
MORNING, AFTERNOON = (9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)
#: What a roster may say, and what that means.
HOURS: dict[str, Week] = {
    USUAL_HOURS: {**dict.fromkeys(range(5), (MORNING, AFTERNOON)), 5: (MORNING,)},
    "Mo-Fr 10:00-12:00": dict.fromkeys(range(5), ((10 * 60, 12 * 60),)),
    "Mo-Sa 09:00-20:00": dict.fromkeys(range(6), ((9 * 60, 20 * 60),)),
}

#: One of them does more than the others, and so meets herself.
residents = st.sampled_from([101, 101, *RESIDENTS])
officers = st.sampled_from(["li", "wang"])
places = st.integers(0, 200)
#: So few that people meet.
few = st.integers(0, 2)


class Story(RuleBasedStateMachine):
    """A station with its residents, what befalls it in any case, and what must be true of it."""

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

    async def _begins(self) -> None:
        clock = Clock(shift=BEGINS - Clock().now())
        self.here = Indoors(open_database(type(self).make_url()), clock)
        names = {**RESIDENTS, **{number: code for code, number in OFFICERS.items()}}
        self.ledger = Ledger(self.here, SHANGHAI, names, HOURS[USUAL_HOURS])
        await self._has_hours(USUAL_HOURS)
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
        roster.write_text(text.replace(USUAL_HOURS, hours), encoding="utf-8")
        await import_roster(self.here.database, check_roster(roster), self.here.clock)
        self.ledger.week = HOURS[hours]

    # --- what people do

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

    async def _presses_old(self, chat_id: int, which: int, part: str) -> None:
        shown = [
            (each.number, data)
            for each in await self.here.said(to=chat_id)
            for data in each.buttons
            if part in data
        ]
        if shown:
            await self._presses_one(chat_id, *shown[-1 - which % len(shown)], False)

    @rule(code=officers, days=st.none() | st.tuples(few, few), choice=st.none() | few)
    def goes_away(self, code: str, days: tuple[int, int] | None, choice: int | None) -> None:
        text = "/away"
        if days is not None:
            first = self.here.clock.now().astimezone(SHANGHAI).date() + timedelta(days=days[0])
            text = f"/away {first} {first + timedelta(days=days[1])}"
        self.do(self._writes(code, text))
        if choice is not None:
            self.do(self._presses(OFFICERS[code], "absences:booked:", choice))

    @rule(code=officers, which=places)
    def presses_something_about_absences(self, code: str, which: int) -> None:
        self.do(self._presses_old(OFFICERS[code], which, "absences:"))

    @rule(code=officers)
    def comes_back(self, code: str) -> None:
        self.do(self._writes(code, "/back"))

    async def _writes(self, code: str, text: str) -> None:
        await self.here.says(user(OFFICERS[code], code), text)
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
        """Until nobody is asked any more, and the last appointment that is ahead has begun."""
        await self._passes(timedelta(hours=13))
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
