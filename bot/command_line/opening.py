"""Without this module every command would open the files in its own way, and one would not close
them: an open SQLite connection keeps the process from ending.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from bot.config import Settings, load_settings
from storage.database import Database
from storage.engines import bring_up_to_date, open_database

T = TypeVar("T")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, its schema brought up to date, closed on leaving."""
    await bring_up_to_date(settings.database)
    database = open_database(settings.database)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def opened_with(config: Path | None) -> AsyncIterator[Database]:
    """The same for a command that needs no other setting."""
    async with opened(load_settings(config)) as database:
        yield database


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run one piece of work to its end in an event loop of its own."""
    return asyncio.run(work)


def finish_fast(work: Coroutine[Any, Any, T]) -> T:
    """The same in the faster event loop, where the machine has it: for what serves for long."""
    try:
        import uvloop
    except ImportError:  # not on Windows, not on PyPy
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
