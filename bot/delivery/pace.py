"""Without this module a busy evening would meet Telegram's 429 at every second message.

Token buckets on monotonic time, and pauses that Telegram asked for. Only busy chats are in memory.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from storage.outbox import Lane

#: A private chat takes short bursts (telegram.md: "about 1 message/s, short bursts pass").
PRIVATE_BURST = 10
#: Telegram's 20 messages a minute in a group.
GROUP_PER_SECOND, GROUP_BURST = 20 / 60, 20
#: Telegram's "about 30 messages a second" over all chats; the burst leaves room for what the
#: network delivers late and all at once.
OVERALL_PER_SECOND, OVERALL_BURST = 30, 25
#: So many chats in trouble within so many seconds: it is not the chats, it is everything.
ALL_PAUSED_BY_CHATS, ALL_PAUSED_WITHIN_SECONDS = 4, 2.0
#: When so many chats are remembered, those that are full again are forgotten.
REMEMBERED_CHATS = 1_000
#: Less than this is missing to a whole token: the remainder of fractions, not a reason to wait.
ROUNDING = 1e-9


@dataclass(slots=True)
class _Bucket:
    rate: float
    size: float
    level: float
    at: float

    def fill(self, now: float) -> float:
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        return self.level

    def until_one(self, now: float) -> float:
        """Seconds until there is a whole token."""
        missing = 1 - self.fill(now)
        return 0.0 if missing <= ROUNDING else missing / self.rate


class _Troubles:
    """Who was in trouble lately, and for how long."""

    def __init__(self) -> None:
        self._lately: deque[tuple[float, int, float]] = deque()

    def note(self, now: float, chat_id: int, seconds: float) -> float:
        """One more; how long everybody must wait, 0 while it concerns a few chats only. The
        shortest of the pauses: the longer ones may be about their chats alone."""
        self._lately.append((now, chat_id, seconds))
        while now - self._lately[0][0] > ALL_PAUSED_WITHIN_SECONDS:
            self._lately.popleft()
        if len({chat for _, chat, _ in self._lately}) < ALL_PAUSED_BY_CHATS:
            return 0.0
        shortest = min(each for _, _, each in self._lately)
        self._lately.clear()
        return shortest


class Pace:
    """When a chat may be sent to. Times are monotonic seconds."""

    def __init__(
        self,
        *,
        chat_per_second: float,
        bulk_per_second: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chat_per_second = chat_per_second
        self.now = monotonic
        self._buckets: dict[int, _Bucket] = {}
        self._paused: dict[int, float] = {}
        self._all_paused = 0.0
        self._refusals, self._losses = _Troubles(), _Troubles()
        self._forget_at = REMEMBERED_CHATS
        # The bulk bucket starts empty: a restart must not add a burst to the one before it.
        self._bulk = _Bucket(bulk_per_second, max(1.0, bulk_per_second), 0.0, monotonic())
        # Without a pace for chats only Telegram's own 429s hold anything back; whoever pays for
        # faster broadcasts says so by their pace.
        rate = max(OVERALL_PER_SECOND, bulk_per_second)
        burst = max(OVERALL_BURST, bulk_per_second)
        self._overall = _Bucket(rate, burst, burst, monotonic()) if chat_per_second else None

    def wait_seconds(self, chat_id: int) -> float:
        """0 when a call to this chat may be made now, else how long to wait."""
        now = self.now()
        wait = max(self._all_paused, self._paused.get(chat_id, 0.0)) - now
        bucket = self._bucket_of(chat_id, now)
        return max(0.0, wait, 0.0 if bucket is None else bucket.until_one(now))

    def room(self) -> int:
        """How many calls may be made now, to whichever chats."""
        overall = self._overall
        if overall is None:
            return sys.maxsize
        return max(0, int(overall.fill(self.now()) + ROUNDING))  # an album takes more than there is

    def room_wait_seconds(self) -> float:
        """0 when a call may be made now, to whichever chat, else how long to wait."""
        return 0.0 if self._overall is None else self._overall.until_one(self.now())

    def bulk_wait_seconds(self) -> float:
        """The same for a broadcast, whatever its chat."""
        return self._bulk.until_one(self.now())

    def bulk_room(self) -> int:
        """How many broadcasts may go now."""
        return max(0, int(self._bulk.fill(self.now()) + ROUNDING))

    def take(self, chat_id: int, lane: Lane, *, items: int = 1) -> None:
        """A call to this chat is made; it brings so many messages (an album)."""
        now = self.now()
        bucket = self._bucket_of(chat_id, now)
        if bucket is not None:
            bucket.fill(now)
            bucket.level -= items
            self._buckets[chat_id] = bucket
        if self._overall is not None:
            self._overall.fill(now)
            self._overall.level -= items
        if lane.is_bulk:
            self._bulk.fill(now)
            self._bulk.level -= items
        if len(self._buckets) + len(self._paused) > self._forget_at:
            self._forget_idle(now)

    def refused(self, chat_id: int, retry_after_seconds: float) -> None:
        """A 429 for this chat. Several chats within a short time pause everybody."""
        self._troubled(self._refusals, chat_id, retry_after_seconds)

    def lost(self, chat_id: int, seconds: float) -> None:
        """No answer, or a server error: leave this chat alone for a while. Several chats within a
        short time pause everybody: not every chat need find out that Telegram is away."""
        self._troubled(self._losses, chat_id, seconds)

    def _troubled(self, troubles: _Troubles, chat_id: int, seconds: float) -> None:
        now = self.now()
        self._paused[chat_id] = max(self._paused.get(chat_id, 0.0), now + seconds)
        self._all_paused = max(self._all_paused, now + troubles.note(now, chat_id, seconds))

    def _bucket_of(self, chat_id: int, now: float) -> _Bucket | None:
        if chat_id == 0 or (chat_id > 0 and self._chat_per_second == 0):
            return None
        found = self._buckets.get(chat_id)
        if found is not None:
            return found
        if chat_id < 0:
            return _Bucket(GROUP_PER_SECOND, GROUP_BURST, GROUP_BURST, now)
        return _Bucket(self._chat_per_second, PRIVATE_BURST, PRIVATE_BURST, now)

    def _forget_idle(self, now: float) -> None:
        self._buckets = {
            chat: bucket for chat, bucket in self._buckets.items() if bucket.fill(now) < bucket.size
        }
        self._paused = {chat: until for chat, until in self._paused.items() if until > now}
        # Twice what is left: looking through all at every call would cost more than it saves.
        left = len(self._buckets) + len(self._paused)
        self._forget_at = max(REMEMBERED_CHATS, 2 * left)
