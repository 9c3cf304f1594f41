"""Without this module there is no SQLite: the seam's engine for a station, a district, most cities.

One writing connection guarded by a lock, one reading connection.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import aiosqlite

from storage.database import (
    StatementError,
    StorageDownError,
    StorageError,
    Unit,
    run_in,
    to_the_end,
)
from storage.sqlite.connection import connect, prepare_file, read_revision
from storage.sqlite.faults import translated
from storage.sqlite.unit import SqliteUnit

__all__ = ["SqliteDatabase", "connect", "prepare_file", "read_revision", "translated"]

T = TypeVar("T")


class SqliteDatabase:
    """See `storage.database.Database`. ``path`` is the database file; it is made when missing."""

    engine = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = _Place(path, is_reading=False)
        self._reading = _Place(path, is_reading=True)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        async with self._writing.turn("BEGIN IMMEDIATE") as unit:
            yield unit

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        async with self._reading.turn("BEGIN") as unit:
            yield unit

    async def run(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        return await run_in(self, work)

    @asynccontextmanager
    async def sole_holder(self, name: str) -> AsyncIterator[bool]:
        # flock, not a row: the kernel drops it with the process, however that ends.
        lock_file = self.path.with_name(f"{self.path.name}.{name}.lock")
        with translated(self.path):
            descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield _is_locked(descriptor)
        finally:
            os.close(descriptor)

    async def close(self) -> None:
        # An unclosed aiosqlite connection keeps its thread, and the process never exits.
        await to_the_end(self._close())

    async def _close(self) -> None:
        try:
            await self._writing.close()
        finally:
            await self._reading.close()


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _Place:
    """One connection, for one unit after the other; opened when needed, and again after a fault."""

    def __init__(self, path: Path, *, is_reading: bool) -> None:
        self._path = path
        self._is_reading = is_reading
        self._turn = asyncio.Lock()
        self._connection: aiosqlite.Connection | None = None
        self._was_open = False
        self._is_closed = False

    @asynccontextmanager
    async def turn(self, begin: str) -> AsyncIterator[SqliteUnit]:
        """A unit: committed on leaving, rolled back on any error, cancellation included."""
        async with self._turn:
            connection = self._connection or await self._open()
            unit = SqliteUnit(connection, path=self._path, begin=begin)
            try:
                yield unit
                await unit.commit()
            except BaseException as error:
                await to_the_end(self._undone(unit, error))
                if self._is_closed and isinstance(error, StatementError):
                    raise self._closed() from error  # the driver took it for a wrong call
                raise

    async def _open(self) -> aiosqlite.Connection:
        if self._is_closed:
            raise self._closed()
        if not self._was_open:
            with translated(self._path):
                prepare_file(self._path)
        elif not self._path.exists():
            # Never made anew under a running program: it would be empty, and hide the loss.
            raise StorageDownError(f"{self._path} is gone: restore it.")
        connection = await connect(self._path, is_reading=self._is_reading)
        if self._is_closed:
            await connection.close()
            raise self._closed()
        self._connection, self._was_open = connection, True
        return connection

    def _closed(self) -> StorageDownError:
        return StorageDownError(f"{self._path} is closed.")

    async def _undone(self, unit: SqliteUnit, error: BaseException) -> None:
        """Roll back; a connection that can not, or whose file is in trouble, is opened anew."""
        try:
            await unit.rollback()
            is_sound = not isinstance(error, StorageDownError)
        except StorageError:
            is_sound = False
        if not is_sound:
            await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with translated(self._path):
                await connection.close()

    async def close(self) -> None:
        self._is_closed = True
        await self._drop()
