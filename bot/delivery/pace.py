"""Without this module a busy evening would meet Telegram's 429 at every second message.

Token buckets on monotonic time, and pauses that Telegram asked for. Only busy chats are in memory.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from storage.outbox import Lane

#: A private chat takes short bursts (telegram.md: "about 1 message/s, short bursts pass").
PRIVATE_BURST = 10
#: Telegram's 20 messages a minute in a group.
GROUP_PER_SECOND, GROUP_BURST = 20 / 60, 20
#: So many chats with a 429 within so many seconds mean that the bot as a whole is too fast.
ALL_PAUSED_BY_CHATS, ALL_PAUSED_WITHIN_SECONDS = 4, 2.0
#: When so many chats are remembered, those that are full again are forgotten.
REMEMBERED_CHATS = 1_000


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
        self._now = monotonic
        self._buckets: dict[int, _Bucket] = {}
        self._paused: dict[int, float] = {}
        self._all_paused = 0.0
        self._refusals: deque[tuple[float, int]] = deque()
        # The bulk bucket starts empty: a restart must not add a burst to the one before it.
        self._bulk = _Bucket(bulk_per_second, max(1.0, bulk_per_second), 0.0, monotonic())

    def wait_seconds(self, chat_id: int, lane: Lane) -> float:
        """0 when a call to this chat may be made now, else how long to wait."""
        now = self._now()
        waits = [self._all_paused - now, self._paused.get(chat_id, 0.0) - now]
        bucket = self._bucket_of(chat_id, now)
        if bucket is not None:
            waits.append(_until_one(bucket, now))
        if lane is Lane.BROADCAST:
            waits.append(_until_one(self._bulk, now))
        return max(0.0, *waits)

    def take(self, chat_id: int, lane: Lane) -> None:
        """A call to this chat is made."""
        now = self._now()
        bucket = self._bucket_of(chat_id, now)
        if bucket is not None:
            bucket.fill(now)
            bucket.level -= 1
            self._buckets[chat_id] = bucket
            if len(self._buckets) > REMEMBERED_CHATS:
                self._forget_idle(now)
        if lane is Lane.BROADCAST:
            self._bulk.fill(now)
            self._bulk.level -= 1

    def refused(self, chat_id: int, retry_after_seconds: float) -> None:
        """A 429 for this chat. Several chats within a short time pause everybody."""
        now = self._now()
        self.pause(chat_id, retry_after_seconds)
        self._refusals.append((now, chat_id))
        while self._refusals and now - self._refusals[0][0] > ALL_PAUSED_WITHIN_SECONDS:
            self._refusals.popleft()
        if len({chat for _, chat in self._refusals}) >= ALL_PAUSED_BY_CHATS:
            self._all_paused = max(self._all_paused, now + retry_after_seconds)

    def pause(self, chat_id: int, seconds: float) -> None:
        """Leave this chat alone for a while."""
        self._paused[chat_id] = max(self._paused.get(chat_id, 0.0), self._now() + seconds)

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


def _until_one(bucket: _Bucket, now: float) -> float:
    level = bucket.fill(now)
    return 0.0 if level >= 1 else (1 - level) / bucket.rate
