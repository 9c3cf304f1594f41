"""Without this module nobody could say what a bot loses when it raises its offset too early.

`UpdateQueue` keeps updates as Telegram does: forgotten below the offset, after 24 hours, button
presses after 150 seconds; a second poller ends the first one's poll with 409.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.clock import Clock
from bot.simulator import wire
from bot.simulator.errors import bad_request, conflict
from bot.simulator.limits import (
    LONG_POLL_SECONDS,
    MESSAGE_RETENTION_SECONDS,
    PRESS_RETENTION_SECONDS,
    REPEATED_OFFSET_SECONDS,
    UPDATE_KINDS,
    UPDATE_KINDS_ON_REQUEST,
    UPDATES_AT_ONCE,
    UPDATES_KEPT,
)
from bot.simulator.parameters import Call

#: Where the ids of updates begin.
FIRST_UPDATE_ID = 500_000_001


@dataclass(frozen=True, slots=True)
class Waiting:
    """One update the bot has not confirmed."""

    update_id: int
    #: What must stay in order: a chat's updates among themselves; presses have their own queue.
    lane: str
    body: bytes
    expires_at: float


class UpdateQueue:
    """What waits for the bot, and the one poll that may be open."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[Waiting] = deque()
        self._next_expiry = float("inf")
        self._next_id = FIRST_UPDATE_ID
        self._poll: asyncio.Future[None] | None = None
        self._last_offset = 0
        self._last_poll_at = float("-inf")
        self.allowed = UPDATE_KINDS - UPDATE_KINDS_ON_REQUEST
        #: Whether getUpdates is refused because a webhook is set.
        self.has_webhook = False
        #: Who takes updates instead of the queue's poller.
        self.on_added: Callable[[Waiting], None] | None = None
        #: Whether a repeated offset is slowed down.
        self.is_limited = False

    def __len__(self) -> int:
        self._expire()
        return len(self._waiting)

    @property
    def is_polled(self) -> bool:
        """Whether a long poll is open now."""
        return self._poll is not None

    def allow(self, kinds: list[Any] | None) -> None:
        """Take allowed_updates: None keeps the choice, an empty list is Telegram's default."""
        if kinds is None:
            return
        if unknown := [kind for kind in kinds if kind not in UPDATE_KINDS]:
            raise bad_request(f"unknown update kind {unknown[0]} (refused by the simulator only)")
        self.allowed = frozenset(kinds) or UPDATE_KINDS - UPDATE_KINDS_ON_REQUEST

    def add(self, kind: str, payload: dict[str, Any], lane: str) -> int | None:
        """Queue an update; its id, or None when the bot did not ask for this kind."""
        if kind not in self.allowed:
            return None
        update_id = self._next_id
        self._put({"update_id": update_id, kind: payload}, update_id, kind, lane)
        return update_id

    def add_raw(self, update: dict[str, Any]) -> int:
        """Queue any object as an update, as it is; an id is added when it has none."""
        update_id = update.get("update_id", self._next_id)
        self._put({"update_id": update_id, **update}, int(update_id), "raw", "raw")
        return int(update_id)

    def add_text(self, body: str) -> int:
        """Queue text that may not even be JSON, as the body of an update."""
        update_id = self._next_id
        self._store(Waiting(update_id, "raw", body.encode(), self._expiry("raw")))
        return update_id

    def _put(self, update: dict[str, Any], update_id: int, kind: str, lane: str) -> None:
        self._store(Waiting(update_id, lane, wire.dumps(update), self._expiry(kind)))

    def _expiry(self, kind: str) -> float:
        is_press = kind == "callback_query"
        kept = PRESS_RETENTION_SECONDS if is_press else MESSAGE_RETENTION_SECONDS
        return self._clock.now().timestamp() + kept

    def _store(self, update: Waiting) -> None:
        is_last = not self._waiting or self._waiting[-1].update_id < update.update_id
        self._waiting.append(update)
        self._next_expiry = min(self._next_expiry, update.expires_at)
        if not is_last:
            ordered = sorted(self._waiting, key=lambda waiting: waiting.update_id)
            self._waiting = deque(ordered)
        if len(self._waiting) > UPDATES_KEPT:
            self._waiting.popleft()
        self._next_id = max(self._next_id, update.update_id) + 1
        self.wake()
        if self.on_added is not None:
            self.on_added(update)

    def wake(self) -> None:
        """Let the open poll look again."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def restart_ids(self, first: int) -> None:
        """The next update has this id: after a quiet week Telegram may choose a lower one."""
        self._next_id = first

    def clear(self) -> None:
        """Forget everything that waits."""
        self._waiting.clear()

    def confirm(self, update: Waiting) -> None:
        """The webhook took it."""
        if update in self._waiting:
            self._waiting.remove(update)

    def waiting(self) -> tuple[Waiting, ...]:
        """Everything that waits, in order."""
        self._expire()
        return tuple(self._waiting)

    async def get_updates(self, call: Call) -> bytes:
        """Answer getUpdates: a JSON array of updates."""
        if self.has_webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active;"
                " use deleteWebhook to delete the webhook first"
            )
        offset = call.integer("offset", 0)
        limit = _within(call, "limit", 100, UPDATES_AT_ONCE)
        seconds = _within(call, "timeout", 0, LONG_POLL_SECONDS)
        self.allow(call.array("allowed_updates"))
        self.end_poll("other getUpdates request; make sure that only one bot instance is running")
        if self._is_repeated(offset):
            limit = 1
        self._forget_below(offset)
        if seconds and not self._waiting:
            await self._wait(seconds)
        self._expire()
        body = b",".join(update.body for update in islice(self._waiting, limit))
        return b"[%s]" % body

    def _is_repeated(self, offset: int) -> bool:
        now = time.monotonic()
        is_soon = now - self._last_poll_at < REPEATED_OFFSET_SECONDS
        is_same = offset == self._last_offset
        self._last_offset, self._last_poll_at = offset, now
        return self.is_limited and is_soon and is_same

    def _forget_below(self, offset: int) -> None:
        self._expire()
        waiting = self._waiting
        if offset < 0:
            while len(waiting) > -offset:
                waiting.popleft()
        while waiting and waiting[0].update_id < offset:
            waiting.popleft()

    def _expire(self) -> None:
        now = self._clock.now().timestamp()
        if now < self._next_expiry:
            return
        self._waiting = deque(update for update in self._waiting if update.expires_at > now)
        self._next_expiry = min(
            (update.expires_at for update in self._waiting), default=float("inf")
        )

    def end_poll(self, by: str) -> None:
        """The poll that is open gets 409 and is told by what."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(conflict(f"terminated by {by}"))

    async def _wait(self, seconds: int) -> None:
        poll: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = poll
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None


def _within(call: Call, name: str, default: int, bounds: range) -> int:
    value = call.integer(name, default)
    if value not in bounds:
        raise bad_request(
            f"{name} must be {bounds.start}-{bounds.stop - 1}, Telegram would bend it"
        )
    return value
