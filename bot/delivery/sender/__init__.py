"""Without the sender promises would stay promises.

One loop writes: a transaction records the outcomes of finished calls and claims the next promise
of every chat that is ready; after its commit the calls are made, one at a time for each chat. The
database is the truth: memory holds which chats to look at, never what is promised.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic

from bot.clock import Clock
from bot.delivery.outcomes import Kind, Outcome
from bot.delivery.pace import Pace
from bot.delivery.sender.calls import Calls
from bot.delivery.sender.forms import ready_to_send
from bot.delivery.sender.health import Health
from bot.delivery.sender.lines import Lines
from bot.delivery.sender.records import Finished, log_outcome, record
from bot.delivery.sender.refusals import Refusals
from bot.delivery.telegram import TelegramClient
from storage.database import ConflictError, Database, StorageDownError, Unit
from storage.outbox import Form, Lane, OutboxDrawer, Promise

__all__ = ["Sender"]

_log = logging.getLogger("beatline.sender")

#: Chats read from the file at once: at the start, after an outage, for a large broadcast.
CHATS_READ = 10_000
#: While memory lacks chats that are on file, the file is read at most this often.
READ_EVERY_SECONDS = 1.0
#: A promise that needs one of another chat is looked at again after this.
NEEDED_SECONDS = 1.0
#: How long a stop waits for calls in flight; what has no outcome then is sent again at the start.
STOP_SECONDS = 10.0
#: While storage is down we try again this often.
STORAGE_PAUSE_SECONDS = 0.5


@dataclass(slots=True)
class _Step:
    """What a transaction found; taken over after its commit, since it may be done again."""

    claimed: list[Promise] = field(default_factory=list)
    again: dict[int, Lane] = field(default_factory=dict)
    moments: Mapping[int, datetime | None] = field(default_factory=dict)
    is_follow_up_due: bool = False


class Sender:
    """See the module. ``on_follow_up`` is called after a commit that made a timer due."""

    def __init__(
        self,
        database: Database,
        client: TelegramClient,
        clock: Clock,
        *,
        pace: Pace,
        on_follow_up: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._pace = pace
        self._on_follow_up = on_follow_up
        self._client = client
        self._calls = Calls(client, database)
        self._work = asyncio.Event()
        self._recorded = asyncio.Event()
        self._is_stopping = False
        self._begin()

    def _begin(self) -> None:
        self._lines = Lines(self._pace)
        self._health = Health(self._pace)
        self._refusals = Refusals(self._client, on_over=self._work.set)
        self._finished: list[Finished] = []
        self._unrecorded: set[int] = set()
        self._read_again_at = 0.0
        self._nursery: asyncio.TaskGroup | None = None

    # --- what others know of it

    @property
    def nothing_goes(self) -> str | None:
        """Why nothing is sent at all, None while all is well."""
        return self._refusals.reason

    def wake(self, chats: Mapping[int, Lane]) -> None:
        """Promises for these chats are on file, none in a lane before the one named."""
        self._lines.wake_all(chats)
        self._work.set()

    def has_unrecorded(self, chat_id: int) -> bool:
        """A call to this chat has ended and its outcome is not on file yet."""
        return chat_id in self._unrecorded

    def is_in_flight(self, chat_id: int) -> bool:
        """A call to this chat is under way, or its outcome is not on file yet."""
        return chat_id in self._lines.in_flight

    async def settled(self, chat_id: int, timeout_seconds: float) -> bool:
        """Wait until the call to this chat that is open now is on file, not the ones after it.
        False when the time was over first."""
        under_way = self._lines.in_flight.get(chat_id)
        try:
            async with asyncio.timeout(timeout_seconds):
                while under_way and self._lines.in_flight.get(chat_id) is under_way:
                    await self._recorded.wait()
        except TimeoutError:
            return False
        return True

    async def call_now(self, form: Form) -> None:
        """Make a call that is not promised: it expires within seconds, and a failure is nothing."""
        await self._calls.make_now(form)

    # --- the loop

    async def run(self) -> None:
        """Send until cancelled. What was under way when the last process ended is sent first."""
        self._begin()
        self._lines.is_behind = True
        is_begun = False
        async with asyncio.TaskGroup() as nursery:
            self._nursery = nursery
            while True:
                self._work.clear()
                try:
                    if not is_begun:
                        await self._put_back_orphans()
                        is_begun = True
                    await self._step()
                except (StorageDownError, ConflictError) as failure:
                    _log.error("storage_down", extra={"cause": str(failure)})
                    await asyncio.sleep(STORAGE_PAUSE_SECONDS)

    async def _put_back_orphans(self) -> None:
        repeated = await self._database.run(
            lambda unit: OutboxDrawer(unit).put_back_orphans(self._clock.now())
        )
        if repeated:
            _log.warning("calls_repeated", extra={"count": repeated})

    async def _step(self) -> None:
        """One transaction and its calls, or wait for something to do."""
        self._lines.ripen(self._clock.now())
        if self._may_send and self._lines.wants_more and monotonic() >= self._read_again_at:
            await self._read_chats()
        if self._finished or (self._may_send and self._lines.can_choose):
            await self._write_and_call()
        else:
            await self._wait()

    async def _wait(self) -> None:
        seconds = self._lines.until_next(self._clock.now()) if self._may_send else None
        if self._lines.wants_more:
            seconds = min(READ_EVERY_SECONDS, READ_EVERY_SECONDS if seconds is None else seconds)
        try:
            async with asyncio.timeout(seconds):
                await self._work.wait()
        except TimeoutError:
            return

    @property
    def _may_send(self) -> bool:
        return not self._is_stopping and self._refusals.reason is None

    async def _read_chats(self) -> None:
        self._read_again_at = monotonic() + READ_EVERY_SECONDS
        self._lines.is_behind = False
        now = self._clock.now()
        async with self._database.reading() as unit:
            outbox = OutboxDrawer(unit)
            chats = await outbox.waiting_chats(now, limit=CHATS_READ)
            moments = await outbox.waiting_moments(now, limit=CHATS_READ)
        self._lines.wake_all(chats)
        for chat_id, moment in moments.items():
            self._lines.wait_for(chat_id, moment)
        self._lines.is_behind |= len(chats) == CHATS_READ or len(moments) == CHATS_READ

    async def stop(self) -> None:
        """Start no new calls, wait for those in flight, record them."""
        self._is_stopping = True
        self._work.set()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                while self._lines.in_flight:
                    await self._recorded.wait()
        except TimeoutError:
            _log.warning("calls_left", extra={"count": len(self._lines.in_flight)})

    # --- one step

    async def _write_and_call(self) -> None:
        """One transaction: outcomes in, claims out; then the calls."""
        finished, self._finished = self._finished, []
        freed = [each.promise for each in finished]
        for promise in freed:
            self._lines.freed(promise)
        chosen = self._lines.choose(freed) if self._may_send else {}
        try:
            step = await self._database.run(
                lambda unit: self._written(unit, finished, chosen, freed)
            )
        except BaseException:
            self._finished = finished + self._finished
            self._lines.wake_all(chosen)
            raise
        self._take_over(finished, step)
        for promise in step.claimed:
            self._call(promise)

    async def _written(
        self, unit: Unit, finished: list[Finished], chosen: Mapping[int, Lane], freed: list[Promise]
    ) -> _Step:
        step, now, outbox = _Step(), self._clock.now(), OutboxDrawer(unit)
        for each in finished:
            step.is_follow_up_due |= await record(unit, each, now)
        if not chosen:
            return step
        low = self._lines.low_room + sum(each.lane >= Lane.NOTIFICATION for each in freed)
        bulk = self._pace.bulk_room()
        idle = dict(chosen)
        for claim in await outbox.next_of(list(chosen), now):
            lane, chat_id = claim.promise.lane, claim.promise.chat_id
            del idle[chat_id]
            is_low, is_bulk = lane >= Lane.NOTIFICATION, lane.is_bulk
            if (is_low and low <= 0) or (is_bulk and bulk <= 0):
                step.again[chat_id] = lane
                continue
            promise = ready_to_send(claim)
            if promise is None:
                outbox.cancelled(claim.promise, "what it refers to was never sent", now)
                step.again[chat_id] = lane
                step.is_follow_up_due |= claim.promise.on_never is not None
                continue
            low, bulk = low - is_low, bulk - is_bulk
            outbox.claim(promise.id)
            step.claimed.append(promise)
        if idle:
            step.moments = await outbox.next_moments(list(idle), now)
        return step

    def _take_over(self, finished: list[Finished], step: _Step) -> None:
        """The commit stands: what it means for memory."""
        for each in finished:
            self._lines.end(each.promise)
            self._unrecorded.discard(each.promise.chat_id)
            log_outcome(each)
            if each.outcome.new_chat_id is not None:
                self._lines.wake(each.outcome.new_chat_id, each.promise.lane)
        self._lines.wake_all(step.again)
        for chat_id, moment in step.moments.items():
            if moment is not None:
                self._lines.wait_for(chat_id, moment)
            elif not self._lines.is_known(chat_id):
                self._lines.rest(chat_id, NEEDED_SECONDS, Lane.URGENT)
        if finished:
            self._recorded.set()
            self._recorded = asyncio.Event()
        if step.is_follow_up_due:
            self._on_follow_up()

    # --- calls

    def _call(self, promise: Promise) -> None:
        if self._nursery is None:
            raise RuntimeError("a sender that does not run makes no calls")
        self._lines.begin(promise)
        self._pace.take(promise.chat_id, promise.lane, items=promise.form.items)
        self._nursery.create_task(self._made(promise))

    async def _made(self, promise: Promise) -> None:
        called_at = self._pace.now()
        outcome, file_ids = await self._calls.make(promise.form)
        outcome = self._judged(promise, outcome, called_at)
        self._finished.append(Finished(promise, outcome, file_ids))
        self._unrecorded.add(promise.chat_id)
        self._work.set()

    def _judged(self, promise: Promise, outcome: Outcome, called_at: float) -> Outcome:
        """What an outcome means for those who come after, and whether it counts."""
        if outcome.kind is Kind.NOTHING_GOES:
            return self._refusals.judged(promise, outcome, nursery=self._nursery)
        if outcome.pause_seconds is not None:
            self._pace.refused(promise.chat_id, outcome.pause_seconds)
        elif outcome.kind is Kind.LATER:
            is_counted = self._health.failed(promise, outcome, called_at=called_at)
            return replace(outcome, is_counted=is_counted)
        else:
            self._health.got_through(promise.chat_id)
        return outcome
