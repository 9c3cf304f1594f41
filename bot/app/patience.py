"""Without this module one fault nobody foresaw, or a moment without storage, would end the bot.

What runs for months: loops that are begun again, questions that are asked again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from storage.database import ConflictError, StorageDownError

_log = logging.getLogger("beatline.app")

T = TypeVar("T")

#: After a fault that nobody foresaw a loop begins again after this.
BEGIN_AGAIN_SECONDS = 1.0
#: While storage is down it is asked again this often.
STORAGE_PAUSE_SECONDS = 0.5


async def kept_going(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run a loop until it returns. When it fails in a way it does not know itself, say so and
    begin again: everything it needs is on file."""
    while True:
        try:
            await run()
        except Exception:  # the widest net: whatever it was, people still write
            _log.exception("begun_again", extra={"loop": name})
            await asyncio.sleep(BEGIN_AGAIN_SECONDS)
        else:
            return


async def patiently(ask: Callable[[], Awaitable[T]], stop: asyncio.Event) -> T | None:
    """Ask storage, again and again while it is down; None when it is time to stop."""
    while not stop.is_set():
        try:
            return await ask()
        except (StorageDownError, ConflictError) as failure:
            _log.error("storage_down", extra={"cause": str(failure)})
            await pause(STORAGE_PAUSE_SECONDS, stop)
    return None


async def pause(seconds: float, stop: asyncio.Event) -> None:
    """Wait, but not beyond a stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
