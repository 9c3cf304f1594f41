"""Without this module nothing that is due would be noticed until somebody writes.

APScheduler is a clock only: it ticks. What is due is on file, and nothing is remembered here.
"""

from __future__ import annotations

from collections.abc import Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

#: How often we look for what is due.
TICK_SECONDS = 1
#: How often what is kept for a limited time is looked through.
CLEANING_MINUTES = 30


class Ticker:
    """Calls ``on_tick`` every second and ``on_cleaning`` now and then, from start to stop."""

    def __init__(self, *, on_tick: Callable[[], None], on_cleaning: Callable[[], None]) -> None:
        # UTC, or APScheduler asks the machine for a zone: these intervals know none.
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for job, interval in (
            (on_tick, {"seconds": TICK_SECONDS}),
            (on_cleaning, {"minutes": CLEANING_MINUTES}),
        ):
            self._scheduler.add_job(
                _in_loop(job), "interval", coalesce=True, misfire_grace_time=None, **interval
            )

    def start(self) -> None:
        """Begin to tick in the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        self._scheduler.shutdown(wait=False)


def _in_loop(job: Callable[[], None]) -> Callable[[], object]:
    # A coroutine function runs in the event loop; a plain one would run in a thread.
    async def run() -> None:
        job()

    return run
