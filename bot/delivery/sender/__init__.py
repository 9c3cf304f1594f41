"""Without the sender promises would stay promises.

One loop writes: a transaction records the outcomes of finished calls and claims the next promise
of every chat that is ready; after its commit the calls are made, one at a time for each chat. The
database is the truth: memory holds which chats to look at, never what is promised.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from bot.clock import Clock
from bot.delivery.outcomes import (
    COUNTED_ATTEMPTS,
    Kind,
    Outcome,
    outcome_of,
    pause_before,
    sorted_out,
)
from bot.delivery.pace import Pace
from bot.delivery.sender.forms import in_form, with_real_id
from bot.delivery.telegram import TelegramClient, TelegramError
from bot.delivery.uploads import prepared
from storage.blobs import BlobsDrawer
from storage.database import Database, StorageDownError, Unit
from storage.outbox import Claim, Form, OutboxDrawer, Promise
from storage.unreachable import UnreachableDrawer

_log = logging.getLogger("beatline.sender")

#: Calls under way at once: more connections would only queue at Telegram's side.
CALLS_AT_ONCE = 100
#: Chats looked at in one transaction.
CHATS_AT_ONCE = 200
#: Chats read from the file when memory has none: at the start, and after storage was down.
CHATS_READ = 10_000
#: How long a stop waits for calls in flight; what has no outcome then is sent again at the start.
STOP_SECONDS = 10.0
#: While storage is down we try again this often.
STORAGE_PAUSE_SECONDS = 0.5
#: While the token is refused we ask getMe this often, longer each time.
PROBE_PAUSES_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class _Finished:
    promise: Promise
    outcome: Outcome
    file_ids: tuple[tuple[str, str], ...] = ()


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
        self._client = client
        self._clock = clock
        self._pace = pace
        self._on_follow_up = on_follow_up
        self._ready: dict[int, None] = {}  # chats to look at, in order
        self._resting: dict[int, float] = {}  # chats to look at again, monotonic seconds
        self._waiting_for: dict[int, datetime] = {}  # chats whose next promise has a time
        self._in_flight: set[int] = set()
        self._finished: list[_Finished] = []
        self._unrecorded: dict[int, int] = {}
        self._work = asyncio.Event()
        self._recorded = asyncio.Event()
        self._times = asyncio.Event()
        self._is_stopping = False
        self._nursery: asyncio.TaskGroup | None = None
        #: Why nothing is sent at all, None while all is well.
        self.nothing_goes: str | None = None

    # --- what others know of it

    def wake(self, chat_ids: Iterable[int]) -> None:
        """Promises for these chats are on file."""
        for chat_id in chat_ids:
            self._look_at(chat_id)

    def _look_at(self, chat_id: int) -> None:
        if chat_id not in self._in_flight:
            self._waiting_for.pop(chat_id, None)
            self._ready[chat_id] = None
            self._work.set()
        else:
            self._resting[chat_id] = 0.0

    def has_unrecorded(self, chat_id: int) -> bool:
        """A call to this chat has ended and its outcome is not on file yet."""
        return chat_id in self._unrecorded

    def is_in_flight(self, chat_id: int) -> bool:
        """A call to this chat is under way, or its outcome is not on file yet."""
        return chat_id in self._in_flight

    async def settled(self, chat_id: int, timeout_seconds: float) -> bool:
        """Wait until no call to this chat is open; False when the time was over first."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while chat_id in self._in_flight:
                    recorded = self._recorded
                    await recorded.wait()
        except TimeoutError:
            return False
        return True

    async def call_now(self, form: Form) -> None:
        """Make a call that is not promised: it expires within seconds, and a failure is nothing."""
        try:
            await self._client.call(form.method, form.params)
        except TelegramError as error:
            _log.info("not_called", extra={"method": form.method, "cause": type(error).__name__})

    # --- the loop

    async def run(self) -> None:
        """Send until cancelled. What was under way when the last process ended is sent first."""
        async with asyncio.TaskGroup() as nursery:
            self._nursery = nursery
            nursery.create_task(self._wake_by_time())
            await self._start_over()
            while True:
                await self._work.wait()
                self._work.clear()
                try:
                    await self._once()
                except StorageDownError as failure:
                    _log.error("storage_down", extra={"cause": str(failure)})
                    await asyncio.sleep(STORAGE_PAUSE_SECONDS)
                    self._work.set()

    async def _start_over(self) -> None:
        async def work(unit: Unit) -> tuple[int, list[int]]:
            outbox = OutboxDrawer(unit)
            repeated = await outbox.put_back_orphans(self._clock.now())
            return repeated, await outbox.waiting_chats(limit=CHATS_READ)

        while True:
            try:
                repeated, chats = await self._database.run(work)
            except StorageDownError as failure:
                _log.error("storage_down", extra={"cause": str(failure)})
                await asyncio.sleep(STORAGE_PAUSE_SECONDS)
            else:
                if repeated:
                    _log.warning("calls_repeated", extra={"count": repeated})
                self.wake(chats)
                return

    async def stop(self) -> None:
        """Start no new calls, wait for those in flight, record them."""
        self._is_stopping = True
        deadline = monotonic() + STOP_SECONDS
        while self._in_flight and monotonic() < deadline:
            self._work.set()
            recorded = self._recorded
            try:
                async with asyncio.timeout(deadline - monotonic()):
                    await recorded.wait()
            except TimeoutError:
                break

    async def _once(self) -> None:
        """One transaction: outcomes in, claims out; then the calls."""
        finished, self._finished = self._finished, []
        chats = self._chats_to_look_at(finished)
        if not finished and not chats:
            return
        try:
            claims = await self._database.run(
                lambda unit: self._record_and_claim(unit, finished, chats)
            )
        except StorageDownError:
            self._finished = finished + self._finished
            for chat_id in chats:
                self._ready[chat_id] = None
            raise
        self._after_recording(finished)
        for promise in claims:
            self._call(promise)

    def _chats_to_look_at(self, finished: list[_Finished]) -> list[int]:
        """Chats whose pace allows a call now; a chat that just finished one may go on."""
        if self._is_stopping or self.nothing_goes:
            return []
        for each in finished:
            self._ready[each.promise.chat_id] = None
        finishing = {each.promise.chat_id for each in finished}
        room = CALLS_AT_ONCE - len(self._in_flight) + len(finishing)
        chosen: list[int] = []
        for chat_id in list(self._ready)[:CHATS_AT_ONCE]:
            if len(chosen) >= room:
                break
            if chat_id in self._in_flight and chat_id not in finishing:
                del self._ready[chat_id]
                continue
            chosen.append(chat_id)
            del self._ready[chat_id]
        return chosen

    async def _record_and_claim(
        self, unit: Unit, finished: list[_Finished], chats: list[int]
    ) -> list[Promise]:
        outbox = OutboxDrawer(unit)
        now = self._clock.now()
        for each in finished:
            await self._record(unit, outbox, each, now)
        claims = await outbox.next_of(chats, now) if chats else []
        claimed = []
        for claim in claims:
            promise = self._fit_to_send(outbox, claim, now)
            if promise is not None:
                outbox.claim(promise.id)
                claimed.append(promise)
        await self._note_times(outbox, [c for c in chats if c not in {p.chat_id for p in claimed}])
        return claimed

    async def _note_times(self, outbox: OutboxDrawer, chats: list[int]) -> None:
        """Chats that got nothing to send: some wait for a time, the rest are done."""
        if not chats:
            return
        for chat_id, moment in (await outbox.next_time(chats)).items():
            if moment is not None and chat_id not in self._resting:
                self._waiting_for[chat_id] = moment
                self._times_changed()

    def _fit_to_send(self, outbox: OutboxDrawer, claim: Claim, now: datetime) -> Promise | None:
        """The promise with real ids in it; None when it must wait or makes no sense any more."""
        promise = claim.promise
        wait = self._pace.wait_seconds(promise.chat_id, promise.lane)
        if wait > 0:
            self._rest(promise.chat_id, wait)
            return None
        form = with_real_id(promise.form, claim.needs_message_id)
        if form is None:
            outbox.cancelled(promise, "what it refers to was never sent", now)
            self._rest(promise.chat_id, 0.0)
            return None
        return in_form(promise, form)

    def _rest(self, chat_id: int, seconds: float) -> None:
        self._resting[chat_id] = monotonic() + seconds
        self._times_changed()

    async def _record(
        self, unit: Unit, outbox: OutboxDrawer, each: _Finished, now: datetime
    ) -> None:
        promise, outcome = each.promise, each.outcome
        for name, file_id in each.file_ids:
            BlobsDrawer(unit).note_file_id(name, file_id)
        if outcome.kind is Kind.SENT:
            outbox.sent(promise, outcome.message_id, now)
        elif outcome.kind is Kind.MOVED and outcome.new_chat_id is not None:
            outbox.moved(promise.chat_id, outcome.new_chat_id, promise, now)
        elif outcome.kind is Kind.MESSAGE_NEVER and promise.otherwise:
            outbox.next_form(promise, outcome.reason, now)
        elif outcome.kind is Kind.CHAT_NEVER:
            await UnreachableDrawer(unit).mark(promise.chat_id, outcome.reason, now)
            outbox.failed(promise, outcome.reason, now)
            await outbox.give_up_chat(promise.chat_id, outcome.reason, now)
        elif outcome.kind is Kind.MESSAGE_NEVER or _is_given_up(promise, outcome):
            outbox.failed(promise, outcome.reason, now)
        else:
            outbox.later(promise, error=outcome.reason, is_counted=outcome.is_counted, now=now)

    def _after_recording(self, finished: list[_Finished]) -> None:
        is_follow_up_due = False
        for each in finished:
            promise, outcome = each.promise, each.outcome
            chat_id = promise.chat_id
            self._in_flight.discard(chat_id)
            self._unrecorded.pop(chat_id, None)
            is_follow_up_due |= bool(promise.on_sent or promise.on_never)
            if outcome.new_chat_id is not None:
                self.wake([outcome.new_chat_id])
            self._log_outcome(promise, outcome)
        if finished:
            self._recorded.set()
            self._recorded = asyncio.Event()
        if is_follow_up_due:
            self._on_follow_up()

    def _log_outcome(self, promise: Promise, outcome: Outcome) -> None:
        fields = {"promise": promise.id, "method": promise.form.method, "lane": promise.lane.name}
        if outcome.kind is Kind.SENT:
            _log.info("sent", extra=fields)
        else:
            fields |= {"outcome": outcome.kind.value, "reason": outcome.reason}
            _log.warning("not_sent", extra=fields)

    # --- calls

    def _call(self, promise: Promise) -> None:
        assert self._nursery is not None  # noqa: S101 - claims are only made inside `run`
        self._in_flight.add(promise.chat_id)
        self._pace.take(promise.chat_id, promise.lane)
        self._nursery.create_task(self._made(promise))

    async def _made(self, promise: Promise) -> None:
        try:
            params, files, names = await prepared(self._database, promise.form)
            result = await self._client.call(promise.form.method, params, files=files)
        except TelegramError as error:
            outcome = sorted_out(error)
            file_ids: tuple[tuple[str, str], ...] = ()
        except StorageDownError as error:
            outcome = Outcome(Kind.LATER, reason=str(error))
            file_ids = ()
        else:
            outcome = outcome_of(result)
            file_ids = names(result)
        self._note(promise, outcome)
        self._finished.append(_Finished(promise, outcome, file_ids))
        self._unrecorded[promise.chat_id] = promise.id
        self._work.set()

    def _note(self, promise: Promise, outcome: Outcome) -> None:
        """What an outcome means for those who come after."""
        chat_id = promise.chat_id
        if outcome.kind is Kind.NOTHING_GOES:
            self._all_stop(outcome.reason)
        elif outcome.pause_seconds is not None:
            self._pace.refused(chat_id, outcome.pause_seconds)
        elif outcome.kind is Kind.LATER:
            # A little chance in the pause, so that many chats do not come back all at once.
            spread = 0.75 + random.random() / 2  # noqa: S311 - no secret
            self._pace.pause(chat_id, pause_before(promise.attempts) * spread)

    def _all_stop(self, reason: str) -> None:
        if self.nothing_goes is None and self._nursery is not None:
            _log.error("nothing_goes", extra={"reason": reason, "hint": "is the token right?"})
            self.nothing_goes = reason
            self._nursery.create_task(self._probe())

    async def _probe(self) -> None:
        """Ask until Telegram knows us again."""
        attempt = 0
        while True:
            await asyncio.sleep(PROBE_PAUSES_SECONDS[min(attempt, len(PROBE_PAUSES_SECONDS) - 1)])
            attempt += 1
            try:
                await self._client.call("getMe", {})
            except TelegramError:
                continue
            _log.info("sending_again")
            self.nothing_goes = None
            await self._start_looking_again()
            return

    async def _start_looking_again(self) -> None:
        async with self._database.reading() as unit:
            self.wake(await OutboxDrawer(unit).waiting_chats(limit=CHATS_READ))

    # --- times

    def _times_changed(self) -> None:
        self._times.set()

    async def _wake_by_time(self) -> None:
        """Chats come back when their pause is over or their promise's time has come."""
        while True:
            self._times.clear()
            pause = self._until_next()
            try:
                async with asyncio.timeout(pause):
                    await self._times.wait()
            except TimeoutError:
                pass

    def _until_next(self) -> float | None:
        now, moment = monotonic(), self._clock.now()
        for chat_id, until in list(self._resting.items()):
            if until <= now and chat_id not in self._in_flight:
                del self._resting[chat_id]
                self._ready[chat_id] = None
                self._work.set()
        for chat_id, due in list(self._waiting_for.items()):
            if due <= moment:
                del self._waiting_for[chat_id]
                self._look_at(chat_id)
        waits = [until - now for until in self._resting.values() if until > now]
        waits += [(due - moment).total_seconds() for due in self._waiting_for.values()]
        # The clock may be moved: looked at once a second at least while something has a time.
        return min([*waits, 1.0]) if waits else None


def _is_given_up(promise: Promise, outcome: Outcome) -> bool:
    return outcome.is_counted and promise.attempts + 1 >= COUNTED_ATTEMPTS
