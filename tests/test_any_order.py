"""Appointments and urgent calls in any order: nobody is booked twice or told nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from tests.engines import ENGINES, PostgresServer
from tests.indoors import user
from tests.stations import OFFICERS
from tests.stories import HOURS, RESIDENTS, SHANGHAI, Story, few, places, residents

#: Whoever is asked at this hour, and somebody who is not.
takers = st.sampled_from(["zhao", "sun", "li"])
#: A step has 90 seconds, all of them have five minutes.
seconds = st.sampled_from([0, 30, 100, 200, 320])
#: How many stories are played: on PostgreSQL each step takes longer.
EXAMPLES = {"sqlite": 25, "postgresql": 12}


class Appointments(Story):
    """What residents and officers do with appointments, well and badly."""

    @initialize(booked=st.lists(st.tuples(residents, few, few), min_size=3, max_size=6))
    def begins(self, booked: list[tuple[int, int, int]]) -> None:
        self.do(self._begins())
        for chat_id, day, time in booked:
            self.do(self._books(chat_id, day, time))

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

    # --- staff

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


class UrgentCalls(Story):
    """Residents ask for somebody at once; whoever is asked takes it, or tries to."""

    @initialize()
    def begins(self) -> None:
        self.do(self._begins())

    @rule(chat_id=residents, codes=st.lists(takers, max_size=4), seconds=seconds)
    def asks_for_somebody_at_once(self, chat_id: int, codes: list[str], seconds: int) -> None:
        self.do(self._asks(chat_id))
        self.do(self._passes(timedelta(seconds=seconds)))
        self.do(self._all_press(codes, "take"))

    async def _asks(self, chat_id: int) -> None:
        await self.here.says(user(chat_id, RESIDENTS[chat_id]), "/urgent")
        await self._presses(chat_id, "call_outs:page", 0)

    @rule(codes=st.lists(takers, max_size=2), action=st.sampled_from(["take", "give_back"]))
    def staff_press(self, codes: list[str], action: str) -> None:
        self.do(self._all_press(codes, action))

    @rule(code=takers)
    def says_that_it_is_settled(self, code: str) -> None:
        self.do(self._all_press([code], "settled"))

    async def _all_press(self, codes: list[str], action: str) -> None:
        """About the newest call, whether or not they were asked."""
        for row in await self.here.rows("SELECT id FROM call_out ORDER BY id DESC LIMIT 1"):
            for code in codes:
                data = f"call_outs:{action}:{row['id']}"
                await self._presses_one(OFFICERS[code], 1, data, False)

    @rule(chat_id=residents)
    def needs_nobody_any_more(self, chat_id: int) -> None:
        self.do(self._presses(chat_id, "call_outs:withdraw", 0))

    @rule(code=takers)
    def hears_the_phone(self, code: str) -> None:
        self.do(self._presses_one(OFFICERS[code], 1, "call_outs:heard", False))


@contextmanager
def databases(engine: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """What makes a database for each story."""
    folder, made = request.getfixturevalue("tmp_path"), list[str]()

    def make() -> str:
        if engine == "sqlite":
            template = request.getfixturevalue("sqlite_template")
            made.append(f"sqlite:///{shutil.copy(template, folder / f'{len(made)}.db')}")
        else:
            made.append(server().make_database())
        return made[-1]

    def server() -> PostgresServer:
        found: PostgresServer = request.getfixturevalue("postgres")
        return found

    yield make
    for url in made if engine == "postgresql" else ():
        server().drop(url)


def play(story: type[Story], engine: str, request: pytest.FixtureRequest, folder: Path) -> None:
    """Play the story many times, always the same ones."""
    with databases(engine, request) as make:
        facts: dict[str, Any] = {"make_url": staticmethod(make), "folder": folder}
        run_state_machine_as_test(
            type("Machine", (story,), facts),
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


@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_is_done_with_appointments_nobody_is_booked_twice_or_told_nothing(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Booking, moving, cancelling, absences, other hours, ends of the process and jumps of the
    clock: no officer and no resident has two at a time; nothing booked lies in an absence or
    outside the hours without a word; each reminder comes once."""
    play(Appointments, engine, request, tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_urgent_call_has_one_taker_and_everybody_knows_how_it_stands(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Several take it, give it back, go away; the process ends in the middle: one has it at a time,
    and after five minutes without anybody the resident knows and the supervisor is alarmed."""
    play(UrgentCalls, engine, request, tmp_path)
