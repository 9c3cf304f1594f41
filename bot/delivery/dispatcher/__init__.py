"""Without this module two quick messages would race, and a fault would stop everybody.

Takes what came (letters) and what is due (timers), first in first out for each chat. Several items
share one transaction; when it fails they are redone one by one, in order. An item that keeps
failing is put aside and its chat goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable
from datetime import timedelta

from bot.clock import Clock
from bot.delivery.dispatcher.items import (
    Handled,
    Handling,
    Item,
    Outcomes,
    UnreadableLetterError,
)
from storage.database import ConflictError, Database, StorageDownError, Unit
from storage.inbox import InboxDrawer, Letter
from storage.outbox import PromiseNumbers
from storage.timers import Timer, TimersDrawer

__all__ = ["Dispatcher", "Handled", "Handling", "Item", "Outcomes", "UnreadableLetterError"]

_log = logging.getLogger("beatline.dispatcher")

#: Items that may share one transaction: beyond this the commit is no longer what costs.
GROUP_LIMIT = 32
#: Items kept in memory; the rest stays on file until these are handled.
MEMORY_LIMIT = 2_000
#: When memory has fewer items than this, more are read from the file.
REFILL_BELOW = 500
#: Due timers read at once.
TIMERS_LIMIT = 500
#: A failed letter is tried again after these pauses, then it is a dead letter.
RETRY_PAUSES_SECONDS = (0.2, 1.0, 5.0)
#: A failed timer is tried again after these pauses, the last one for ever: what is due stays due.
TIMER_PAUSES_SECONDS = (0.2, 1.0, 5.0, 60.0, 600.0, 3600.0)
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
    ) -> None:
        self._database = database
        self._clock = clock
        self._numbers = numbers
        self._handling = handling
        self._outcomes = outcomes
        self._queues: OrderedDict[str, deque[Item]] = OrderedDict()
        self._known_letters: set[int] = set()
        self._known_timers: set[tuple[str, str]] = set()
        self._paused: set[str] = set()
        self._is_behind = True
        self._are_timers_due = True
        self._work = asyncio.Event()
        self._is_stopping = False
        self._nursery: asyncio.TaskGroup | None = None

    # --- what comes in

    def offer(self, letters: list[Letter]) -> None:
        """Letters that are on file. Beyond `MEMORY_LIMIT` they stay there for now."""
        for letter in letters:
            if self._is_behind or len(self._known_letters) >= MEMORY_LIMIT:
                self._is_behind = True
                break
            self._queue(letter)
        self._work.set()

    def look_at_timers(self) -> None:
        """Something is due, or may be."""
        self._are_timers_due = True
        self._work.set()

    def _queue(self, item: Item) -> None:
        if isinstance(item, Letter):
            if item.sequence in self._known_letters:
                return
            self._known_letters.add(item.sequence)
        else:
            if (item.kind, item.key) in self._known_timers:
                return
            self._known_timers.add((item.kind, item.key))
        self._queues.setdefault(item.chat_key, deque()).append(item)

    def _forget(self, item: Item) -> None:
        if isinstance(item, Letter):
            self._known_letters.discard(item.sequence)
        else:
            self._known_timers.discard((item.kind, item.key))

    # --- the loop

    async def run(self) -> None:
        """Handle until `stop`. What is on file from before is handled first."""
        async with asyncio.TaskGroup() as nursery:
            self._nursery = nursery
            while not self._is_stopping:
                self._work.clear()
                try:
                    await self._read_file()
                    group = self._next_group()
                    if group:
                        await self._handle_group(group)
                        continue
                except (StorageDownError, ConflictError) as failure:
                    _log.error("storage_down", extra={"cause": str(failure)})
                    self._is_behind = self._are_timers_due = True
                    await self._wait(STORAGE_PAUSE_SECONDS)
                    continue
                await self._wait(None)

    def stop(self) -> None:
        """Take nothing new; `run` returns when the group in hand is done."""
        self._is_stopping = True
        self._work.set()

    async def _wait(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._work.wait()
        except TimeoutError:
            return

    async def _read_file(self) -> None:
        if self._is_behind and len(self._known_letters) < REFILL_BELOW:
            await self._read_letters()
        if self._are_timers_due:
            self._are_timers_due = False
            async with self._database.reading() as unit:
                due = await TimersDrawer(unit).due(self._clock.now(), limit=TIMERS_LIMIT)
            for timer in due:
                self._queue(timer)

    async def _read_letters(self) -> None:
        # Selected by state, from the start: on PostgreSQL ids do not commit in their order.
        async with self._database.reading() as unit:
            letters = await InboxDrawer(unit).waiting(after=0, limit=MEMORY_LIMIT)
        self._is_behind = len(letters) == MEMORY_LIMIT
        for letter in letters:
            self._queue(letter)

    def _next_group(self) -> list[Item]:
        """Up to `GROUP_LIMIT` items, chats taking turns, each chat's in its order."""
        group: list[Item] = []
        for chat_key in list(self._queues):
            if len(group) >= GROUP_LIMIT:
                break
            if chat_key in self._paused:
                continue
            queue = self._queues[chat_key]
            if self._must_settle(chat_key, queue[0]):
                self._settle(chat_key)
                continue
            group.append(queue.popleft())
            self._queues.move_to_end(chat_key)
            if not queue:
                del self._queues[chat_key]
        return group

    # --- waiting for outcomes

    def _must_settle(self, chat_key: str, item: Item) -> bool:
        chat_id = _private_chat(chat_key)
        if chat_id is None:
            return False
        if self._outcomes.has_unrecorded(chat_id):
            return True
        return self._handling.may_wait_for_outcome(item) and self._outcomes.is_in_flight(chat_id)

    def _settle(self, chat_key: str) -> None:
        """Let the chat wait until what was sent to it is on file, so an answer finds its copy."""
        self._pause_chat(chat_key, self._until_settled(chat_key))

    async def _until_settled(self, chat_key: str) -> None:
        chat_id = _private_chat(chat_key)
        if chat_id is not None:
            await self._outcomes.settled(chat_id, SETTLE_SECONDS)

    def _pause_chat(self, chat_key: str, until: Awaitable[object]) -> None:
        async def pause() -> None:
            try:
                await until
            finally:
                self._paused.discard(chat_key)
                self._work.set()

        self._paused.add(chat_key)
        assert self._nursery is not None  # noqa: S101 - groups are only made inside `run`
        self._nursery.create_task(pause())

    # --- handling

    async def _handle_group(self, group: list[Item]) -> None:
        try:
            await self._commit(group)
        except (StorageDownError, ConflictError):
            self._take_back(group)
            raise
        except Exception as error:  # the wide net: whatever a handler raised, people go on
            if len(group) == 1:
                await self._failed_or_taken_back(group[0], error)
            else:
                await self._one_by_one(group)

    async def _one_by_one(self, group: list[Item]) -> None:
        for place, item in enumerate(group):
            try:
                await self._handle_group([item])
            except (StorageDownError, ConflictError):
                self._take_back(group[place + 1 :])
                raise

    async def _commit(self, group: list[Item]) -> None:
        await self._numbers.ensure()

        async def work(unit: Unit) -> Handled:
            async with asyncio.timeout(HANDLING_SECONDS):
                return await self._handling.handle(unit, group)

        handled = await self._database.run(work)
        for item in group:
            self._forget(item)
        self._after(handled)

    def _after(self, handled: Handled) -> None:
        self._outcomes.wake(handled.chats_with_promises)
        for form in handled.direct:
            assert self._nursery is not None  # noqa: S101 - groups are only made inside `run`
            self._nursery.create_task(self._outcomes.call_now(form))

    def _take_back(self, group: list[Item]) -> None:
        """Put items back at the head of their chats: nothing happened to them."""
        for item in reversed(group):
            self._queues.setdefault(item.chat_key, deque()).appendleft(item)

    async def _failed_or_taken_back(self, item: Item, error: Exception) -> None:
        try:
            await self._failed(item, error)
        except (StorageDownError, ConflictError):
            self._take_back([item])
            raise

    async def _failed(self, item: Item, error: Exception) -> None:
        cause = _named(error)
        if isinstance(item, Timer):
            await self._timer_failed(item, cause)
        elif item.attempts >= len(RETRY_PAUSES_SECONDS) or isinstance(error, UnreadableLetterError):
            await self._bury(item, cause)
        else:
            await self._letter_failed(item, cause)

    async def _letter_failed(self, letter: Letter, cause: str) -> None:
        pause = RETRY_PAUSES_SECONDS[letter.attempts]
        _log.warning(
            "handling_failed",
            extra={"letter": letter.sequence, "attempt": letter.attempts + 1, "cause": cause},
        )

        async def work(unit: Unit) -> None:
            InboxDrawer(unit).failed(letter.sequence, cause)

        await self._database.run(work)
        again = Letter(
            sequence=letter.sequence,
            update_id=letter.update_id,
            chat_key=letter.chat_key,
            payload=letter.payload,
            state=letter.state,
            attempts=letter.attempts + 1,
            error=cause,
            received_at=letter.received_at,
            is_delayed=letter.is_delayed,
        )
        self._take_back([again])
        self._pause_chat(letter.chat_key, asyncio.sleep(pause))

    async def _bury(self, letter: Letter, cause: str) -> None:
        _log.error("dead_letter", extra={"letter": letter.sequence, "cause": cause})
        await self._numbers.ensure()

        async def work(unit: Unit) -> Handled:
            InboxDrawer(unit).bury(letter.sequence, cause, self._clock.now())
            return await self._handling.bury(unit, letter, cause)

        handled = await self._database.run(work)
        self._forget(letter)
        self._after(handled)

    async def _timer_failed(self, timer: Timer, cause: str) -> None:
        pause = TIMER_PAUSES_SECONDS[min(timer.attempts, len(TIMER_PAUSES_SECONDS) - 1)]
        _log.error(
            "timer_failed",
            extra={"kind": timer.kind, "attempt": timer.attempts + 1, "cause": cause},
        )
        due_at = self._clock.now() + timedelta(seconds=pause)

        async def work(unit: Unit) -> None:
            TimersDrawer(unit).postpone(timer, due_at=due_at, error=cause)

        await self._database.run(work)
        self._forget(timer)


def _private_chat(chat_key: str) -> int | None:
    """The chat id in a key, None for topics and for queues that are no chat."""
    digits = chat_key.removeprefix("-")
    return int(chat_key) if digits.isascii() and digits.isdigit() else None


def _named(error: BaseException) -> str:
    """What may be written down about a fault: its type and place, never what people wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
