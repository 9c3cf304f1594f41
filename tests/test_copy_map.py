"""The copy map: a reply finds exactly the case whose copy it answers, or nothing. Never a guess."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    rule,
    run_state_machine_as_test,
)

from bot.clock import Clock
from bot.domain.cases import CopyKind
from storage.cases import CasesDrawer
from storage.cases.copies import CopiesDrawer
from storage.database import Unit
from storage.engines import open_database
from storage.outbox import Form, Lane, OutboxDrawer, Promise
from tests.front_door import Person, Town
from tests.stations import OFFICERS, at_work, five_areas, officer, registered

T = TypeVar("T")

#: Few chats and few message ids, so that the same number comes in many chats.
OFFICER_CHATS = (900001, 900002, 900003)
RESIDENTS = (101, 102, 103)
LAST_ID = 40


@dataclass
class Model:
    """Which message in which chat stands for which case."""

    stands_for: dict[tuple[int, int], int] = field(default_factory=dict)
    next_id: dict[int, int] = field(default_factory=dict)

    def new_id(self, chat_id: int) -> int:
        """Telegram numbers each chat's messages by itself."""
        self.next_id[chat_id] = self.next_id.get(chat_id, 0) + 1
        return self.next_id[chat_id]


class CopyMapMachine(RuleBasedStateMachine):
    """Cases, copies on their way, outcomes in any order, forgetting: against a dictionary."""

    template: Path
    folder: Path
    cases = Bundle("cases")
    under_way = Bundle("under_way")

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._file = self.folder / f"{id(self)}.db"
        shutil.copy(self.template, self._file)
        self.database = self.do(self._opened())
        self.clock, self.numbers, self.model = Clock(), count(1), Model()
        self.residents = iter(range(1_000, 9_999))

    async def _opened(self) -> object:
        return open_database(f"sqlite:///{self._file}")

    def do(self, work: Awaitable[T]) -> T:
        async def step() -> T:
            return await work

        return self._runner.run(step())

    def in_unit(self, work: object) -> object:
        async def step() -> object:
            async with self.database.unit() as unit:
                return await work(unit)

        return self._runner.run(step())

    @rule(target=cases)
    def a_case_is_opened(self) -> int:
        async def work(unit: Unit) -> int:
            case = await CasesDrawer(unit).open(
                resident_chat_id=next(self.residents), area=None, now=self.clock.now()
            )
            return case.number

        return self.in_unit(work)

    @rule(
        target=under_way,
        number=cases,
        chat_id=st.sampled_from(OFFICER_CHATS),
        kind=st.sampled_from([CopyKind.CARD, CopyKind.COPY]),
    )
    def something_is_promised(self, number: int, chat_id: int, kind: CopyKind) -> tuple:
        form = Form("sendMessage", {"chat_id": chat_id, "text": "a copy"})
        promise = Promise(next(self.numbers), chat_id, Lane.DIALOGUE, form, otherwise=[form])

        async def work(unit: Unit) -> None:
            OutboxDrawer(unit).promise(promise, self.clock.now())
            OutboxDrawer(unit).claim(promise.id)
            CopiesDrawer(unit).note(
                promise=promise.id, case_number=number, chat_id=chat_id, kind=kind
            )

        self.in_unit(work)
        return number, promise

    @rule(one=consumes(under_way))
    def it_is_sent(self, one: tuple[int, Promise]) -> None:
        number, promise = one
        message_id = self.model.new_id(promise.chat_id)

        async def work(unit: Unit) -> None:
            OutboxDrawer(unit).sent(promise, message_id, self.clock.now())

        self.in_unit(work)
        self.model.stands_for[(promise.chat_id, message_id)] = number

    @rule(one=consumes(under_way))
    def it_is_refused(self, one: tuple[int, Promise]) -> None:
        async def work(unit: Unit) -> None:
            OutboxDrawer(unit).failed(one[1], "refused", self.clock.now())

        self.in_unit(work)

    @rule(target=under_way, one=consumes(under_way))
    def it_takes_another_form(self, one: tuple[int, Promise]) -> tuple:
        async def work(unit: Unit) -> None:
            OutboxDrawer(unit).next_form(one[1], "refused", self.clock.now())
            OutboxDrawer(unit).claim(one[1].id)

        self.in_unit(work)
        return one

    @rule(chat_id=st.sampled_from(OFFICER_CHATS))
    def something_else_comes_in_that_chat(self, chat_id: int) -> None:
        self.model.new_id(chat_id)

    @rule()
    def two_days_pass(self) -> None:
        async def work(unit: Unit) -> None:
            later = self.clock.now().replace(year=self.clock.now().year + 1)
            await OutboxDrawer(unit).purge(later)

        self.in_unit(work)

    @rule(chat_id=st.sampled_from((*OFFICER_CHATS, *RESIDENTS)), message_id=st.integers(1, LAST_ID))
    def somebody_replies(self, chat_id: int, message_id: int) -> None:
        async def work(unit: Unit) -> int | None:
            found = await CopiesDrawer(unit).at(chat_id, message_id)
            return found[1].number if found else None

        assert self.in_unit(work) == self.model.stands_for.get((chat_id, message_id))

    def teardown(self) -> None:
        for chat_id in OFFICER_CHATS:
            for message_id in range(1, LAST_ID):
                self.somebody_replies(chat_id, message_id)
        self.do(self.database.close())
        self._runner.close()


def test_a_reply_finds_exactly_its_case(sqlite_template: Path, tmp_path: Path) -> None:
    """Whatever was sent, refused, said in another form or forgotten in between."""
    machine = type("Machine", (CopyMapMachine,), {"template": sqlite_template, "folder": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


#: One line of a day: who writes; which officer replies to which copy, blocks us, or comes back.
moments = st.one_of(
    st.tuples(st.just("writes"), st.sampled_from(range(4)), st.just(0)),
    st.tuples(st.just("writes"), st.sampled_from(range(4)), st.just(0)),
    st.tuples(st.just("replies"), st.sampled_from(("li", "wang", "chen")), st.integers(0, 30)),
    st.tuples(st.just("replies"), st.sampled_from(("li", "wang", "chen")), st.integers(0, 30)),
    st.tuples(st.just("blocks"), st.sampled_from(("li", "wang")), st.just(0)),
    st.tuples(st.just("returns"), st.sampled_from(("li", "wang")), st.just(0)),
)


@dataclass
class Day:
    """A day at the station: who said what to whom, as everybody means it."""

    here: Town
    residents: list[Person]
    written: dict[str, int] = field(default_factory=dict)
    meant: dict[str, int] = field(default_factory=dict)
    spoken: count = field(default_factory=lambda: count(1))

    async def goes_on(self, what: str, who: object, place: int) -> None:
        """One line of the day."""
        if what == "writes":
            text = f"message {next(self.spoken)}"
            self.written[text] = who
            await self.residents[who].says(text)
        elif what == "replies":
            await self._replies(officer(self.here, who), place)
        else:
            await officer(self.here, who).blocks(what == "blocks")

    async def _replies(self, staff: Person, place: int) -> None:
        """To a copy in the officer's chat, old or new; as long as the case is still the officer's
        it goes to whoever wrote what was copied."""
        copies = [each for each in await staff.copies() if each["text"] in self.written]
        if copies:
            copy = copies[place % len(copies)]
            text = f"answer {next(self.spoken)}"
            self.meant[text] = self.written[copy["text"]]
            await staff.says(text, reply_to_message_id=copy["message_id"])


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=st.lists(moments, min_size=5, max_size=25))
def test_on_no_day_an_answer_reaches_somebody_else(
    sqlite_template: Path, tmp_path_factory: object, plan: list[tuple[str, object, int]]
) -> None:
    """Residents write, officers answer old copies and new ones, block the bot and come back: every
    answer is in the chat of whoever it was meant for, or in none; every message is with one."""
    folder = tmp_path_factory.mktemp("day")
    shutil.copy(sqlite_template, folder / "day.db")
    asyncio.run(_a_day(f"sqlite:///{folder}/day.db", folder, plan))


async def _a_day(url: str, folder: Path, plan: list[tuple[str, object, int]]) -> None:
    async with at_work(url, five_areas(folder)) as here:
        areas = ("riverside", "hillside", "market", "harbour")
        residents = [await registered(here, 101 + n, f"R{n}", area) for n, area in enumerate(areas)]
        day = Day(here, residents)
        for line in plan:
            await day.goes_on(*line)
        await _everything_is_with_somebody(day)
        for place, resident in enumerate(residents):
            for message in await resident.got():
                assert day.meant.get(message["text"], place) == place


async def _everything_is_with_somebody(day: Day) -> None:
    async def is_so() -> bool:
        texts = {
            message["text"]
            for code in OFFICERS
            for message in await officer(day.here, code).copies()
        }
        return set(day.written) <= texts

    await day.here.until(is_so, "every message is with an officer")
