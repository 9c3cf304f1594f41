"""Promises under random faults, against a small model: each is kept once and in its place, or it is
known why not."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter, defaultdict
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from bot.clock import Clock
from bot.delivery.pace import PRIVATE_BURST
from bot.delivery.telegram import ApiRefusedError, TelegramClient
from bot.simulator import SimulatedTelegram
from storage.engines import open_database
from storage.outbox import Lane
from tests.sending import TOKEN, Desk, Watch, edit, message

T = TypeVar("T")

CHATS = (101, 102, 103, 104, 105)


@dataclass
class WatchedClient(TelegramClient):
    """The wire, with a note of each call: when it began by the watch, and that it ended."""

    def __init__(self, url: str, watch: Watch) -> None:
        super().__init__(TOKEN, url)
        self.watch = watch
        self.begun: list[tuple[int, str, float]] = []
        self.under_way: Counter[int] = Counter()
        self.most_under_way = 0
        self.quiet_until: dict[int, float] = {}
        self.too_early: list[int] = []

    async def call(self, method: str, params: Mapping[str, Any], **options: Any) -> Any:
        chat_id = int(params.get("chat_id", 0))
        self.begun.append((chat_id, str(params.get("text")), self.watch()))
        if self.watch() < self.quiet_until.get(chat_id, 0.0):
            self.too_early.append(chat_id)
        self.under_way[chat_id] += 1
        self.most_under_way = max(self.most_under_way, self.under_way[chat_id])
        try:
            return await super().call(method, params, **options)
        except ApiRefusedError as error:
            if error.retry_after is not None:
                self.quiet_until[chat_id] = self.watch() + error.retry_after
            raise
        finally:
            self.under_way[chat_id] -= 1


@dataclass
class Owed:
    """One promise as the model knows it; ``mark``: how many calls its chat had got before."""

    number: int
    chat_id: int
    lane: Lane
    text: str
    mark: int
    is_edit: bool = False


@dataclass
class Model:
    """What was promised and what was done to Telegram and to us."""

    owed: list[Owed] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    deaths: int = 0

    def of(self, chat_id: int) -> list[Owed]:
        """A chat's promises in their order."""
        return [each for each in self.owed if each.chat_id == chat_id]


lanes = st.sampled_from(list(Lane))
kinds = st.sampled_from(["plain", "plain", "reply", "edit"])
batches = st.lists(st.tuples(st.sampled_from(CHATS), lanes, kinds), min_size=1, max_size=10)
faults = st.fixed_dictionaries(
    {"chat_id": st.sampled_from(CHATS), "times": st.integers(1, 3)}
).flatmap(
    lambda where: st.sampled_from([
        {**where, "error_code": 429, "parameters": {"retry_after": 3}},
        {**where, "error_code": 502},
        {**where, "cut_before": True},
    ])
)  # fmt: skip


class PromisesMachine(RuleBasedStateMachine):
    """Random promises, faults, times and ends of the process."""

    template: Path
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._file = self.folder / f"{id(self)}.db"
        shutil.copy(self.template, self._file)
        self.model = Model()

    def do(self, work: Awaitable[T]) -> T:
        """One step in the machine's own loop."""

        async def step() -> T:
            return await work

        return self._runner.run(step())

    @initialize()
    def begins(self) -> None:
        self.do(self._begins())

    async def _begins(self) -> None:
        clock, watch = Clock(), Watch()
        telegram = SimulatedTelegram(clock=clock, token=TOKEN)
        await telegram.start("127.0.0.1", 0)
        self.client = WatchedClient(telegram.url, watch)
        self.here = Desk(
            open_database(f"sqlite:///{self._file}"), telegram, self.client, clock, watch,
            settings={"chat_per_second": 1.0},
        )  # fmt: skip
        self.here.knows(*CHATS)
        self.here.opens()
        self.began = watch()

    @rule(batch=batches)
    def are_promised(self, batch: list[tuple[int, Lane, str]]) -> None:
        forms = []
        first = next(self.here.numbers)
        for place, (chat_id, lane, kind) in enumerate(batch, start=1):
            number = first + place
            text = f"{lane.name} {number}"
            # What it refers to must not wait in a later lane than it waits itself.
            before = [e for e in self.model.of(chat_id) if not e.is_edit and e.lane <= lane]
            if kind == "edit" and before:
                target, key = before[-1], f"edit {number}"
                lane = target.lane
                forms.append(edit(chat_id, text, of=target.number, lane=lane, replace_key=key))
            elif kind == "reply" and before:
                forms.append(message(chat_id, text, lane=lane, answers=before[-1].number))
            else:
                forms.append(message(chat_id, text, lane=lane))
            mark = sum(chat == chat_id for chat, _, _ in self.client.begun)
            is_edit = kind == "edit" and bool(before)
            self.model.owed.append(Owed(number, chat_id, lane, text, mark, is_edit))
        self.do(self.here.promises(*forms))

    @rule(fault=faults)
    def telegram_fails(self, fault: dict[str, Any]) -> None:
        self.here.faults(next=[fault])

    @rule(chat_id=st.sampled_from(CHATS))
    def telegram_refuses_a_message(self, chat_id: int) -> None:
        self.model.refused.add(chat_id)
        self.here.faults(next=[{"chat_id": chat_id, "error_code": 400}])

    @rule(chat_id=st.sampled_from(CHATS[:2]))
    def somebody_blocks_us(self, chat_id: int) -> None:
        self.model.blocked.add(chat_id)
        self.here.does("block", user_id=chat_id, blocked=True)

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 30.0]), turns=st.integers(1, 50))
    def time_passes(self, seconds: float, turns: int) -> None:
        async def passes() -> None:
            await self.here.later(seconds)
            for _ in range(turns):
                await asyncio.sleep(0)

        self.do(passes())

    @rule()
    def the_process_dies(self) -> None:
        self.model.deaths += 1
        self.do(self._again(self.here.dies()))

    @rule()
    def the_process_stops(self) -> None:
        self.model.deaths += 1
        self.do(self._again(self.here.closes()))

    async def _again(self, end: Awaitable[None]) -> None:
        await end
        self.client.quiet_until.clear()
        self.here.opens()

    def teardown(self) -> None:
        try:
            self.do(self.here.until_over())
            self._each_is_kept_once_or_it_is_known_why_not()
            self._each_lane_is_in_order()
            self._first_lanes_went_first()
            self._nobody_was_hurried()
        finally:
            self.do(self._ends())
            self._runner.close()

    async def _ends(self) -> None:
        await self.here.dies()
        await self.client.close()
        await self.here.telegram.stop()
        await self.here.database.close()

    def _each_is_kept_once_or_it_is_known_why_not(self) -> None:
        rows = self.do(self.here.rows())
        times = {chat_id: Counter(self.here.texts(chat_id)) for chat_id in CHATS}
        for each in self.model.owed:
            state = rows[each.number]["state"]
            if state == "sent" and not each.is_edit and not self._is_edited(each):
                assert 1 <= times[each.chat_id][each.text] <= 1 + self.model.deaths
            if state != "sent":
                assert each.chat_id in self.model.blocked | self.model.refused

    def _is_edited(self, owed: Owed) -> bool:
        """An edited message shows another text."""
        rows = self.do(self.here.rows())
        return any(row["needs"] == owed.number for row in rows.values())

    def _each_lane_is_in_order(self) -> None:
        for chat_id in CHATS:
            first = self._first_calls(chat_id)
            for lane in Lane:
                places = [
                    first[each.text]
                    for each in self.model.of(chat_id)
                    if each.lane is lane and each.text in first
                ]
                assert places == sorted(places)

    def _first_calls(self, chat_id: int) -> dict[str, int]:
        first: dict[str, int] = {}
        texts = [text for chat, text, _ in self.client.begun if chat == chat_id]
        for place, text in enumerate(texts):
            first.setdefault(text, place)
        return first

    def _first_lanes_went_first(self) -> None:
        """What was promised in an earlier lane goes before everything that was not under way."""
        for chat_id in CHATS:
            first = self._first_calls(chat_id)
            called = [each for each in self.model.of(chat_id) if each.text in first]
            for high in called:
                overtaken = [
                    low
                    for low in called
                    if low.lane > high.lane
                    and high.mark + 1 + self.model.deaths < first[low.text] < first[high.text]
                ]
                assert not overtaken, (high, overtaken)

    def _nobody_was_hurried(self) -> None:
        assert self.client.most_under_way <= 1 + self.model.deaths
        assert not self.client.too_early
        bursts: dict[int, int] = defaultdict(int)
        for chat_id, _, at in self.client.begun:
            bursts[chat_id] += 1
            allowed = PRIVATE_BURST * (1 + self.model.deaths) + (at - self.began)
            assert bursts[chat_id] <= allowed + 1


def test_every_promise_is_kept_once_and_in_its_place_or_it_is_known_why_not(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """Whatever Telegram answers and however often the process ends: in order for each chat and
    lane, first lanes first, one call at a time for each chat, never faster than the pace, nothing
    lost; a message is not sent only if it was refused, or its chat is gone."""
    machine = type("Machine", (PromisesMachine,), {"template": sqlite_template, "folder": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
