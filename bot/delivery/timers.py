"""Without this module nothing that is due would be noticed until somebody writes.

APScheduler is a clock only: it ticks. What is due is on file, and nothing is remembered here.
"""

from __future__ import annotations

from collections.abc import Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

#: How often we look for what is due.
TICK_SECONDS = 1


class Ticker:
    """Calls ``on_tick`` every second, from start to stop."""

    def __init__(self, *, on_tick: Callable[[], None]) -> None:
        async def tick() -> None:  # a plain function would run in a thread
            on_tick()

        # UTC, or APScheduler asks the machine for a zone: an interval knows none.
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_job(
            tick, "interval", seconds=TICK_SECONDS, coalesce=True, misfire_grace_time=None
        )

    def start(self) -> None:
        """Begin to tick in the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        self._scheduler.shutdown(wait=False)
