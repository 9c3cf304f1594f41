"""The dispatcher: first in, first out for each chat, each letter handled exactly once, whatever
fails and however often the process ends.

The handlers here only write down, in the transaction they are given, that they acted; so what was
undone leaves no trace, and acting twice would break a primary key.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.clock import Clock
from bot.delivery.dispatcher import Dispatcher, Handled, Item, UnreadableLetterError
from storage.database import Database, StorageDownError, Unit
from storage.engines import open_database
from storage.inbox import Arrival, InboxDrawer, Letter
from storage.outbox import Form, Lane, PromiseNumbers
from storage.timers import Timer, TimersDrawer

T = TypeVar("T")

#: Nothing here takes longer; what does is broken.
PATIENCE_SECONDS = 60.0
#: No test waits seconds for a pause: how often is what counts.
NO_PAUSES = (0.0, 0.0, 0.0)
#: A handler that is stuck is found out sooner here than at a station.
HANDLING_SECONDS = 0.5
CHATS = ("11", "22", "-33:4", "nobody")


@dataclass
class Wish:
    """What is to happen to one letter: it fails so often, or is no letter at all."""

    failures: int = 0
    is_unreadable: bool = False
    is_storage_down: int = 0
    is_stuck: bool = False

    @property
    def ends_well(self) -> bool:
        """Tried four times a letter is dead."""
        return not (self.is_unreadable or self.is_stuck) and self.failures <= len(NO_PAUSES)


@dataclass
class Acting:
    """Handlers that do as each letter wishes. Stands for the office."""

    wishes: dict[int, Wish] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    promised: dict[int, Lane] = field(default_factory=dict)
    direct: tuple[Form, ...] = ()
    waits: bool = False
    telling_fails: bool = False
    timer_failures: int = 0
    acted: int = 0

    async def handle(self, unit: Unit, items: list[Item]) -> Handled:
        for item in items:
            if isinstance(item, Timer):
                assert await TimersDrawer(unit).take(item)
                if item.attempts < self.timer_failures:
                    raise ValueError("what a resident wrote")
                self._note(unit, item.chat_key, f"timer {item.key}")
            else:
                self._handle_letter(unit, item)
                if self.wishes.get(item.update_id or 0, Wish()).is_stuck:
                    await asyncio.Event().wait()
        return Handled(self.promised, self.direct)

    def _handle_letter(self, unit: Unit, letter: Letter) -> None:
        update_id = letter.update_id or 0
        wish = self.wishes.get(update_id, Wish())
        if wish.is_unreadable:
            raise UnreadableLetterError("not an update")
        if wish.is_storage_down > 0:
            wish.is_storage_down -= 1
            raise RuntimeError("wrapped by a library") from StorageDownError("the disk is full")
        self.attempts[update_id] += 1
        if letter.attempts < wish.failures:
            raise ValueError("what a resident wrote")
        self._note(unit, letter.chat_key, str(update_id))

    async def bury(self, unit: Unit, letter: Letter, error: str) -> Handled:
        assert "resident" not in error
        if self.telling_fails:
            raise LookupError("nobody to tell")
        self._note(unit, letter.chat_key, f"dead {letter.update_id}")
        return Handled({})

    def _note(self, unit: Unit, chat_key: str, what: str) -> None:
        self.acted += 1
        moment = Clock().now() + timedelta(microseconds=self.acted)
        unit.write(
            "INSERT INTO run (job, period, ran_at) VALUES (:job, :period, :at)",
            job=chat_key,
            period=what,
            at=moment,
        )

    def may_wait_for_outcome(self, item: Item) -> bool:
        return self.waits


@dataclass
class Sending:
    """The sender as the dispatcher sees it."""

    woken: list[Mapping[int, Lane]] = field(default_factory=list)
    called: list[Form] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    unrecorded: set[int] = field(default_factory=set)
    recorded: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self, chats: Mapping[int, Lane]) -> None:
        self.woken.append(chats)

    def has_unrecorded(self, chat_id: int) -> bool:
        return chat_id in self.unrecorded

    def is_in_flight(self, chat_id: int) -> bool:
        return chat_id in self.open

    async def call_now(self, form: Form) -> None:
        self.called.append(form)

    async def settled(self, chat_id: int, timeout_seconds: float) -> bool:
        await self.recorded.wait()
        return True


@dataclass
class Counter:
    """A dispatcher over a database, and the line of letters before it."""

    database: Database
    acting: Acting = field(default_factory=Acting)
    sending: Sending = field(default_factory=Sending)
    next_id: int = 1
    written: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    dispatcher: Dispatcher | None = None
    running: asyncio.Task[None] | None = None

    def opens(self) -> None:
        """The process begins."""
        self.dispatcher = Dispatcher(
            database=self.database,
            clock=Clock(),
            numbers=PromiseNumbers(self.database),
            handling=self.acting,
            outcomes=self.sending,
            retry_pauses=NO_PAUSES,
            handling_seconds=HANDLING_SECONDS,
        )
        loop = asyncio.get_running_loop()
        self.running = loop.create_task(self.dispatcher.run())

    async def dies(self) -> None:
        """The process ends in the middle of whatever it does."""
        assert self.running is not None
        self.running.cancel()
        await asyncio.wait([self.running])
        assert self.running.cancelled(), self.running.exception()

    async def closes(self) -> None:
        """SIGTERM: the group in hand is finished."""
        assert self.dispatcher is not None
        assert self.running is not None
        self.dispatcher.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.running

    async def gets(self, *letters: tuple[str, Wish]) -> None:
        """The poller files letters and hands them on."""
        arrivals = []
        for chat_key, wish in letters:
            self.acting.wishes[self.next_id] = wish
            self.written[chat_key].append(self.next_id)
            arrivals.append(Arrival(self.next_id, chat_key, b"{}"))
            self.next_id += 1
        async with self.database.unit() as unit:
            kept = await InboxDrawer(unit).keep(arrivals, Clock().now())
        if self.dispatcher is not None:
            self.dispatcher.offer(kept)

    async def until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        """Wait for the database to say so."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_so():
                assert self.running is not None
                assert not self.running.done(), self.running
                await asyncio.sleep(0)

    async def is_all_done(self) -> bool:
        """Whether nothing waits any more."""
        async with self.database.reading() as unit:
            counts = await InboxDrawer(unit).counts()
            timers = await TimersDrawer(unit).due(Clock().now(), limit=1)
        return not counts.get("waiting") and not timers

    async def acts(self) -> dict[str, list[str]]:
        """What was done for each chat, in the order it was done."""
        async with self.database.reading() as unit:
            rows = await unit.fetch("SELECT job, period FROM run ORDER BY ran_at")
        found: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            found[row["job"]].append(row["period"])
        return found

    def expected(self) -> dict[str, list[str]]:
        """Each chat's letters in their order: handled, or dead."""
        return {
            chat_key: [
                str(each) if self.acting.wishes[each].ends_well else f"dead {each}" for each in ids
            ]
            for chat_key, ids in self.written.items()
        }


wishes = st.one_of(
    st.just(Wish()),
    st.builds(Wish, failures=st.integers(0, 5)),
    st.builds(Wish, failures=st.integers(0, 5)),
    st.just(Wish(is_unreadable=True)),
    st.builds(Wish, is_storage_down=st.sampled_from((0, 0, 1))),
)
batches = st.lists(st.tuples(st.sampled_from(CHATS), wishes), min_size=1, max_size=12)


class DispatcherMachine(RuleBasedStateMachine):
    """Letters that fail, storage that is away, ends of the process: against lists in memory."""

    template: Path
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._file = self.folder / f"{id(self)}.db"
        shutil.copy(self.template, self._file)
        self.counter = self.do(self._made())

    async def _made(self) -> Counter:
        return Counter(open_database(f"sqlite:///{self._file}"))

    def do(self, work: Awaitable[T]) -> T:
        """One step in the machine's own loop."""

        async def step() -> T:
            return await work

        return self._runner.run(step())

    @initialize()
    def begins(self) -> None:
        self.do(self._opens())

    async def _opens(self) -> None:
        self.counter.opens()

    @rule(letters=batches)
    def letters_come(self, letters: list[tuple[str, Wish]]) -> None:
        self.do(self.counter.gets(*((chat, Wish(**vars(wish))) for chat, wish in letters)))

    @rule(turns=st.integers(1, 200))
    def time_passes(self, turns: int) -> None:
        async def passes() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.do(passes())

    @rule()
    def the_process_dies_and_begins_again(self) -> None:
        self.do(self.counter.dies())
        self.do(self._opens())

    @rule()
    def the_process_stops_and_begins_again(self) -> None:
        self.do(self.counter.closes())
        self.do(self._opens())

    @precondition(lambda self: self.counter.written)
    @rule()
    def all_is_handled(self) -> None:
        self.do(self.counter.until(self.counter.is_all_done))
        assert self.do(self.counter.acts()) == self.counter.expected()
        self._attempts_are_as_many_as_they_must_be()

    def _attempts_are_as_many_as_they_must_be(self) -> None:
        for update_id, wish in self.counter.acting.wishes.items():
            tried = self.counter.acting.attempts[update_id]
            # In a group, singly, and again after an end of the process: never fewer than counted.
            assert tried >= min(wish.failures, len(NO_PAUSES)) + (not wish.is_unreadable)

    def teardown(self) -> None:
        self.do(self.counter.until(self.counter.is_all_done))
        assert self.do(self.counter.acts()) == self.counter.expected()
        self.do(self.counter.closes())
        self.do(self.counter.database.close())
        self._runner.close()


def test_every_letter_is_handled_once_in_its_chats_order_or_is_a_dead_letter(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """Whatever fails, however often storage goes away or the process ends: as in a small model."""
    machine = type(
        "Machine", (DispatcherMachine,), {"template": sqlite_template, "folder": tmp_path}
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
async def counter(database: Database) -> Counter:
    """A dispatcher that does not run yet."""
    return Counter(database)


class LateReading:
    """Storage whose answers come late: what is written meanwhile is not in them."""

    def __init__(self, database: Database, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._meanwhile = meanwhile
        self.engine = database.engine
        self.unit, self.run, self.close = database.unit, database.run, database.close
        self.sole_holder = database.sole_holder

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        async with self._database.reading() as unit:
            yield unit
        await self._meanwhile()


async def test_what_is_offered_while_the_file_is_read_is_not_missed(counter: Counter) -> None:
    """The first updates come in while the dispatcher still reads what is on file from before."""
    real, late = counter.database, iter(range(3))

    async def meanwhile() -> None:
        counter.database = real
        for _ in late:
            await counter.gets(("11", Wish()), ("22", Wish()))

    await counter.gets(("11", Wish()))
    counter.database = LateReading(real, meanwhile)
    counter.opens()
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert await counter.acts() == counter.expected()


async def test_a_letter_that_must_be_tried_again_survives_storage_going_away(
    counter: Counter,
) -> None:
    """One fails, and while it is noted the next one meets a full disk: both are handled, in order,
    and so is what came behind them."""
    await counter.gets(
        ("11", Wish(failures=1)), ("22", Wish(is_storage_down=1)), ("11", Wish()), ("22", Wish())
    )
    counter.opens()
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert await counter.acts() == counter.expected()


async def test_a_flood_from_one_chat_keeps_nobody_else_waiting(counter: Counter) -> None:
    """Somebody sends thousands; a neighbour's message is handled long before them."""
    await counter.gets(*(("11", Wish()) for _ in range(3_000)))
    await counter.gets(("22", Wish()))
    counter.opens()

    async def is_neighbour_served() -> bool:
        return bool((await counter.acts()).get("22"))

    await counter.until(is_neighbour_served)
    assert len((await counter.acts())["11"]) < 1_500
    await counter.dies()


async def test_a_letter_that_keeps_failing_delays_its_own_chat_only(counter: Counter) -> None:
    """The chat waits for its letter; everybody else goes on, and then the chat too."""
    counter.opens()
    await counter.gets(("11", Wish(failures=9)), ("11", Wish()), ("22", Wish()), ("33", Wish()))
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert await counter.acts() == {"11": ["dead 1", "2"], "22": ["3"], "33": ["4"]}
    async with counter.database.reading() as unit:
        [dead] = await InboxDrawer(unit).dead_letters()
    assert dead.attempts == 4
    assert dead.error is not None
    assert dead.error.startswith("ValueError at _handle_letter")


async def test_an_update_that_is_none_is_tried_once(counter: Counter) -> None:
    """Trying again cannot help: dead at once."""
    counter.opens()
    await counter.gets(("11", Wish(is_unreadable=True)), ("11", Wish()))
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert await counter.acts() == {"11": ["dead 1", "2"]}


async def test_a_dead_letter_is_dead_even_when_nobody_can_be_told(counter: Counter) -> None:
    """A fault in telling people must not bring the letter back again and again."""
    counter.acting.telling_fails = True
    counter.opens()
    await counter.gets(("11", Wish(is_unreadable=True)), ("11", Wish()))
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert await counter.acts() == {"11": ["2"]}


async def test_storage_that_is_away_is_never_counted_against_a_letter(counter: Counter) -> None:
    """However a library wraps it: the letter is handled when storage is back, with no attempt."""
    counter.opens()
    await counter.gets(("11", Wish(is_storage_down=1)))
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert await counter.acts() == {"11": ["1"]}
    assert counter.acting.attempts[1] == 1


async def test_a_letter_that_somebody_else_handled_is_not_handled_again(counter: Counter) -> None:
    """Marked done in the transaction that handles it: the second one finds nothing to do."""
    await counter.gets(("11", Wish()))
    async with counter.database.reading() as unit:
        waiting = await InboxDrawer(unit).waiting(limit=9, per_chat=9)
    counter.opens()
    await counter.until(counter.is_all_done)
    assert counter.dispatcher is not None
    counter.dispatcher.offer(waiting)
    await counter.gets(("11", Wish()))
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert await counter.acts() == {"11": ["1", "2"]}
    assert counter.acting.attempts[1] == 1


async def test_an_answer_waits_until_its_chats_call_is_on_file(counter: Counter) -> None:
    """What an officer replies to may be a message whose number is just coming in."""
    counter.acting.waits = True
    counter.sending.open.add(11)
    counter.opens()
    await counter.gets(("11", Wish()), ("22", Wish()))

    async def is_other_served() -> bool:
        return bool((await counter.acts()).get("22"))

    await counter.until(is_other_served)
    assert "11" not in await counter.acts()
    counter.sending.recorded.set()
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert await counter.acts() == {"11": ["1"], "22": ["2"]}


async def test_a_chats_finished_call_is_recorded_before_its_next_update(counter: Counter) -> None:
    """Whatever the update is: what is known is on file first. It waits once, never for ever."""
    counter.sending.unrecorded.add(-33)
    counter.opens()
    await counter.gets(("-33:4", Wish()))
    for _ in range(50):
        await asyncio.sleep(0)
    assert await counter.acts() == {}
    counter.sending.recorded.set()
    await counter.until(counter.is_all_done)
    await counter.closes()


async def test_what_expires_is_called_after_the_commit_and_dropped_with_it(
    counter: Counter,
) -> None:
    """A pressed button is answered once, for the attempt that stands."""
    answer = Form("answerCallbackQuery", {"callback_query_id": "1"})
    counter.acting.direct = (answer,)
    counter.acting.promised = {11: Lane.DIALOGUE}
    counter.opens()
    await counter.gets(("11", Wish(failures=2)))
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert counter.sending.called == [answer]
    assert counter.sending.woken == [{11: Lane.DIALOGUE}]


async def test_more_timers_than_are_read_at_once_are_all_acted_on(counter: Counter) -> None:
    """A quiet night ends, and thousands of reminders are due."""
    now = Clock().now()
    async with counter.database.unit() as unit:
        for number in range(1_200):
            TimersDrawer(unit).set("reminder", str(number), due_at=now, chat_key=str(number % 7))
    counter.opens()
    await counter.until(counter.is_all_done)
    await counter.closes()
    acts = await counter.acts()
    assert sum(len(each) for each in acts.values()) == 1_200


async def test_a_stuck_handler_is_ended_and_its_chat_goes_on(counter: Counter) -> None:
    """A handler sees only storage; one that needs longer than its limit is undone, and dead."""
    counter.opens()
    await counter.gets(("11", Wish(is_stuck=True)), ("11", Wish()))
    await counter.until(counter.is_all_done)
    await counter.closes()
    assert await counter.acts() == {"11": ["dead 1", "2"]}


async def test_a_timer_that_fails_comes_back_and_its_chat_goes_on(counter: Counter) -> None:
    """What is due stays due; meanwhile nobody waits for it."""
    counter.acting.timer_failures = 1
    counter.opens()
    assert counter.dispatcher is not None
    async with counter.database.unit() as unit:
        TimersDrawer(unit).set("reminder", "1", due_at=Clock().now(), chat_key="11")
    counter.dispatcher.look_at_timers()
    await counter.gets(("11", Wish()))

    async def has_come_back() -> bool:
        assert counter.dispatcher is not None
        counter.dispatcher.look_at_timers()
        return "timer 1" in (await counter.acts())["11"]

    await counter.until(has_come_back)
    await counter.closes()
    assert await counter.acts() == {"11": ["1", "timer 1"]}


async def test_a_stop_does_not_wait_for_a_pause(counter: Counter) -> None:
    """A chat that waits for its next try, or for an outcome, does not hold up the end."""
    counter.acting.waits = True
    counter.sending.open.add(11)
    counter.opens()
    await counter.gets(("11", Wish()))
    for _ in range(50):
        await asyncio.sleep(0)
    await counter.closes()
    assert not await counter.is_all_done()
