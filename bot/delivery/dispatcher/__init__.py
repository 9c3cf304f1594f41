"""Without this module two quick messages would race, and a fault would stop everybody.

Takes what came (letters) and what is due (timers), first in first out for each chat. Several items
share one transaction; when it fails they are redone one by one, in order. An item that keeps
failing is put aside and its chat goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from bot.clock import Clock
from bot.delivery.dispatcher.failures import (
    RETRY_PAUSES_SECONDS,
    STORAGE_FAULTS,
    Again,
    Failures,
    storage_fault_in,
)
from bot.delivery.dispatcher.items import (
    Handled,
    Handling,
    Item,
    Outcomes,
    UnreadableLetterError,
    UnreadableTimerError,
    chat_in,
)
from bot.delivery.dispatcher.memory import READ_EVERY_SECONDS, Memory
from bot.delivery.dispatcher.queues import Name, Queues, name_of
from storage.database import Database, Unit
from storage.inbox import InboxDrawer, Letter
from storage.outbox import PromiseNumbers

__all__ = [
    "Dispatcher",
    "Handled",
    "Handling",
    "Item",
    "Outcomes",
    "UnreadableLetterError",
    "UnreadableTimerError",
    "chat_in",
]

_log = logging.getLogger("beatline.dispatcher")

#: A handler sees only storage; one that needs longer than this is stuck.
HANDLING_SECONDS = 5.0
#: How long an answer waits for the outcome of a call in flight to its chat.
SETTLE_SECONDS = 3.0
#: While storage is down we try again this often.
STORAGE_PAUSE_SECONDS = 0.5


class Dispatcher:
    """See the module. ``run`` goes on until ``stop``; the group in hand is finished first."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        numbers: PromiseNumbers,
        handling: Handling,
        outcomes: Outcomes,
        retry_pauses: Sequence[float] = RETRY_PAUSES_SECONDS,
        handling_seconds: float = HANDLING_SECONDS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._numbers = numbers
        self._handling = handling
        self._outcomes = outcomes
        self._handling_seconds = handling_seconds
        self._failures = Failures(database, clock, numbers, handling, retry_pauses)
        self._work = asyncio.Event()
        self._is_stopping = False
        self._begin()

    def _begin(self) -> None:
        self._queues = Queues()
        self._memory = Memory(self._queues, self._database, self._clock)
        self._settled: dict[str, Name] = {}
        self._pauses: set[asyncio.Task[None]] = set()
        self._nursery: asyncio.TaskGroup | None = None

    # --- what comes in

    def offer(self, letters: list[Letter]) -> None:
        """Letters that are on file."""
        self._memory.offer(letters)
        self._work.set()

    def look_at_timers(self) -> None:
        """Something is due, or may be."""
        self._memory.are_timers_due = True
        self._work.set()

    def look_at_file(self) -> None:
        """A second has passed: something may be due, or another process may have filed it."""
        self._memory.must_look = True
        self.look_at_timers()

    # --- the loop

    async def run(self) -> None:
        """Handle until `stop`. What is on file from before is handled first."""
        self._begin()
        async with asyncio.TaskGroup() as nursery:
            self._nursery = nursery
            while not self._is_stopping:
                self._work.clear()
                try:
                    await self._step()
                except STORAGE_FAULTS as failure:
                    _log.error("storage_down", extra={"cause": str(failure)})
                    self._memory.is_behind = self._memory.are_timers_due = True
                    await self._wait(STORAGE_PAUSE_SECONDS)
            for pause in self._pauses:
                pause.cancel()

    def stop(self) -> None:
        """Take nothing new; `run` returns when the group in hand is done."""
        self._is_stopping = True
        self._work.set()

    async def _step(self) -> None:
        """Handle one group, or wait for something to do."""
        await self._memory.fill(is_idle=False)
        group = self._queues.next_group(self._may_go)
        if not group:
            await self._memory.fill(is_idle=True)
            group = self._queues.next_group(self._may_go)
        if group:
            await self._handle(group)
        else:
            await self._wait(READ_EVERY_SECONDS if self._memory.is_behind else None)

    async def _wait(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._work.wait()

    # --- waiting for outcomes

    def _may_go(self, item: Item) -> bool:
        """Whether everything this item may refer to is on file; else its chat waits, once."""
        chat_id = chat_in(item.chat_key)
        if chat_id is None or self._settled.get(item.chat_key) == name_of(item):
            return True
        is_open = self._outcomes.has_unrecorded(chat_id) or (
            self._handling.may_wait_for_outcome(item) and self._outcomes.is_in_flight(chat_id)
        )
        if is_open:
            self._settled[item.chat_key] = name_of(item)
            self._pause_chat(item.chat_key, lambda: self._outcomes.settled(chat_id, SETTLE_SECONDS))
        return not is_open

    def _pause_chat(self, chat_key: str, until: Callable[[], Awaitable[object]]) -> None:
        async def pause() -> None:
            try:
                await until()
            finally:
                self._queues.resume(chat_key)
                self._work.set()

        self._queues.pause(chat_key)
        task = self._in_nursery(pause())
        self._pauses.add(task)
        task.add_done_callback(self._pauses.discard)

    def _in_nursery(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        if self._nursery is None:
            raise RuntimeError("a dispatcher that does not run has no chats")
        return self._nursery.create_task(work)

    # --- handling

    async def _handle(self, group: list[Item]) -> None:
        """Handle a group as one; when that fails, one by one."""
        if len(group) > 1:
            try:
                await self._commit(group)
                return
            except Exception as error:  # the wide net: whatever a handler raised, people go on
                if (fault := storage_fault_in(error)) is not None:
                    self._queues.take_back(group)
                    raise fault from error
        await self._one_by_one(group)

    async def _one_by_one(self, group: list[Item]) -> None:
        """In order; when one must be tried again, the later ones of its chat wait behind it."""
        left: dict[str, list[Item]] = {}
        for place, item in enumerate(group):
            if item.chat_key in left:
                left[item.chat_key].append(item)
                continue
            try:
                again = await self._alone(item)
            except STORAGE_FAULTS:
                self._queues.take_back([*chain.from_iterable(left.values()), *group[place:]])
                raise
            if again is not None:
                left[item.chat_key] = [again]
        self._queues.take_back(chain.from_iterable(left.values()))

    async def _alone(self, item: Item) -> Item | None:
        """Handle one item; the same with its failure counted when it must be tried again."""
        try:
            await self._commit([item])
        except Exception as error:  # the wide net: a failure is counted against this item alone
            if (fault := storage_fault_in(error)) is not None:
                raise fault from error
            return await self._failed(item, error)
        return None

    async def _failed(self, item: Item, error: Exception) -> Item | None:
        verdict = await self._failures.note(item, error)
        if isinstance(verdict, Again):
            self._pause_chat(item.chat_key, lambda: asyncio.sleep(verdict.pause_seconds))
            return verdict.item
        self._forget(item)
        if verdict is not None:
            self._after(verdict)
        return None

    async def _commit(self, group: list[Item]) -> None:
        await self._numbers.ensure()

        async def work(unit: Unit) -> Handled:
            taken = await self._taken(unit, group)
            async with asyncio.timeout(self._handling_seconds):
                return await self._handling.handle(unit, taken)

        handled = await self._database.run(work)
        for item in group:
            self._forget(item)
        self._after(handled)

    async def _taken(self, unit: Unit, group: list[Item]) -> list[Item]:
        """What of the group is still to be handled: letters are marked done first. So nothing is
        handled twice, and waiting for another program's lock is not the handler's time."""
        letters = [item.sequence for item in group if isinstance(item, Letter)]
        taken = await InboxDrawer(unit).take(letters, self._clock.now())
        return [item for item in group if not isinstance(item, Letter) or item.sequence in taken]

    def _forget(self, item: Item) -> None:
        self._queues.forget(item)
        if self._settled.get(item.chat_key) == name_of(item):
            del self._settled[item.chat_key]

    def _after(self, handled: Handled) -> None:
        self._outcomes.wake(handled.chats_with_promises)
        self._memory.are_timers_due |= handled.is_timer_due
        for form in handled.direct:
            self._in_nursery(self._outcomes.call_now(form))
