"""Without this module every room would read its own watch, and no test could move the hands.

The one clock for facts: aware UTC times, moved forward by tests, the demo and load campaigns.
Pace, back-off and HTTP use monotonic time and not this clock.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class Clock:
    """The time of day for everything that is decided or written down."""

    def __init__(self, *, shift: timedelta = timedelta()) -> None:
        self._shift = shift
        self._moved = asyncio.Event()

    @property
    def shift_by(self) -> timedelta:
        """How far this clock is ahead of the machine's."""
        return self._shift

    def now(self) -> datetime:
        """The present moment: aware, UTC."""
        return datetime.now(UTC) + self._shift  # noqa: TID251 - the one place that asks the machine

    def shift(self, by: timedelta) -> None:
        """Move the hands forward (or back) and wake everybody who waits for a time."""
        self._shift += by
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait_until(self, moment: datetime) -> None:
        """Return when ``moment`` (aware) has come, sooner if the clock is moved past it."""
        while (seconds := (moment - self.now()).total_seconds()) > 0:
            moved = self._moved
            try:
                async with asyncio.timeout(seconds):
                    await moved.wait()
            except TimeoutError:
                continue
