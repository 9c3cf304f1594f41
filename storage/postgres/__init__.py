"""Without this module there is no PostgreSQL: the seam's engine for more than one process.

A pool of connections; every unit has one to itself until it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import asyncpg

from storage.database import (
    ConstraintError,
    StorageDownError,
    Unit,
    run_in,
    to_the_end,
)
from storage.postgres.connection import connect, host_of, open_pool, read_revision
from storage.postgres.fate import was_kept
from storage.postgres.faults import translated
from storage.postgres.grouping import Grouping
from storage.postgres.holding import holding
from storage.postgres.unit import PostgresUnit

__all__ = ["PostgresDatabase", "connect", "read_revision", "translated"]

T = TypeVar("T")

#: REPEATABLE READ, because units were written as if they were alone: what a unit read must still
#: be so when it writes. At READ COMMITTED the sender would claim a promise that was replaced since
#: it was read, and send the old text; here it meets a conflict and is done again.
_WRITING = "BEGIN ISOLATION LEVEL REPEATABLE READ"
_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
#: How long `close` waits for units under way before it cuts them off.
CLOSE_SECONDS = 1.0


class PostgresDatabase:
    """See `storage.database.Database`. ``url`` is ``postgresql://user:password@host/database``."""

    engine = "postgresql"

    def __init__(self, url: str) -> None:
        self._url = url
        self._where = f"PostgreSQL at {host_of(url)}"
        self._opening = asyncio.Lock()
        # Units of one process take turns: side by side they would only wait for each other's rows,
        # and be done again. Conflicts are left for other processes.
        self._turn_to_write = asyncio.Lock()
        self._pool: Any = None
        self._grouping = Grouping(())
        self._is_closed = False

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        async with self._turn_to_write, self._turn(_WRITING) as unit:
            yield unit

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        async with self._turn(_READING) as unit:
            yield unit

    async def run(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        try:
            return await run_in(self, work)
        except ConstraintError:
            # The row in our way may have come after our snapshot, when the work decided without
            # it: done again it is seen. A second time it is the work itself.
            return await run_in(self, work)

    def sole_holder(self, name: str) -> AbstractAsyncContextManager[bool]:
        return holding(self._url, name, where=self._where)

    @asynccontextmanager
    async def _turn(self, begin: str) -> AsyncIterator[PostgresUnit]:
        """A unit: committed on leaving, rolled back on any error, cancellation included."""
        pool = await self._opened()
        with translated(self._where):
            connection = await pool.acquire()
        unit = PostgresUnit(
            connection,
            where=self._where,
            begin=begin,
            grouping=self._grouping,
            was_kept=partial(was_kept, self._url),
        )
        try:
            yield unit
            await unit.commit()
        except BaseException:
            await to_the_end(unit.undo())
            raise
        finally:
            await to_the_end(pool.release(connection))

    async def _opened(self) -> asyncpg.Pool:
        async with self._opening:
            if self._is_closed:
                raise StorageDownError(f"{self._where}: the connection is closed.")
            self._pool = self._pool or await self._open()
        return self._pool

    async def _open(self) -> asyncpg.Pool:
        with translated(self._where):
            pool, references = await open_pool(self._url)
        self._grouping = Grouping(references)
        return pool

    async def close(self) -> None:
        self._is_closed = True
        pool, self._pool = self._pool, None
        if pool is not None:
            await to_the_end(_closed(pool))


async def _closed(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()
