"""Without this module a bot that sends too fast would look well here and be throttled in the field.

Flood control as published: about one message a second in a private chat with short bursts, 20 a
minute in a group, about 30 a second over all. Token buckets that start full.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from bot.simulator.errors import too_many_requests
from bot.simulator.limits import (
    GROUP_BURST,
    GROUP_PER_SECOND,
    OVERALL_BURST,
    OVERALL_PER_SECOND,
    PRIVATE_BURST,
    PRIVATE_PER_SECOND,
)
from bot.simulator.world import Chat


@dataclass(slots=True)
class _Bucket:
    burst: float
    per_second: float
    tokens: float
    at: float

    def refill(self, now: float) -> None:
        """Fill it up to this moment."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
        self.at = now

    def wait_for(self, count: int) -> float:
        """Seconds until ``count`` messages fit (an album never needs more than a full bucket)."""
        missing = min(count, self.burst) - self.tokens
        return max(0.0, missing / self.per_second)


@dataclass(slots=True)
class FloodControl:
    """Decides whether a message may go now; does nothing while it is not enforced."""

    is_enforced: bool = False
    _chats: dict[int, _Bucket] = field(default_factory=dict)
    _overall: _Bucket | None = None

    def clear(self) -> None:
        """Forget who sent how much."""
        self._chats.clear()
        self._overall = None

    def check(self, chat: Chat, count: int = 1) -> None:
        """Count messages to a chat; raises 429 with the seconds to wait, and then counts none."""
        if not self.is_enforced:
            return
        now = time.monotonic()
        own, overall = self._bucket(chat, now), self._all(now)
        seconds = max(own.wait_for(count), overall.wait_for(count))
        if seconds > 0:
            raise too_many_requests(max(1, math.ceil(seconds)))
        own.tokens -= count
        overall.tokens -= count

    def _bucket(self, chat: Chat, now: float) -> _Bucket:
        bucket = self._chats.get(chat.id)
        if bucket is None:
            burst, pace = (
                (PRIVATE_BURST, PRIVATE_PER_SECOND)
                if chat.is_private
                else (GROUP_BURST, GROUP_PER_SECOND)
            )
            bucket = self._chats[chat.id] = _Bucket(burst, pace, burst, now)
        bucket.refill(now)
        return bucket

    def _all(self, now: float) -> _Bucket:
        if self._overall is None:
            self._overall = _Bucket(OVERALL_BURST, OVERALL_PER_SECOND, OVERALL_BURST, now)
        self._overall.refill(now)
        return self._overall
