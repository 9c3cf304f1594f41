"""Without this module there is no SQLite: the seam's engine for a station, a district, most cities.

One writing connection guarded by a lock, one reading connection. A unit's queued writes travel to
aiosqlite's thread together with its next read or its commit: one hop for many statements.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import aiosqlite

from storage.database import (
    ConstraintError,
    Row,
    StatementError,
    StorageDownError,
    Unit,
    run_in,
)

T = TypeVar("T")
Statement = tuple[str, Mapping[str, Any] | tuple[()]]

#: How long one process waits for another one's write before storage counts as down.
BUSY_TIMEOUT_SECONDS = 5.0
#: Prepared statements kept per connection: more than the program has, so none is parsed twice.
STATEMENT_CACHE = 512

_BATCH = "-- batch"
_ROLLBACK = "-- rollback"


def moment_to_text(moment: datetime) -> str:
    """Fixed-width UTC text, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="microseconds")


def _text_to_moment(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode()).astimezone(UTC)


class _Results:
    """What a batch returns: the rows of all its statements, in order."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def fetchall(self) -> list[Any]:
        return self._rows


class _BatchConnection(sqlite3.Connection):
    """A connection that runs a list of statements in one call, so one thread hop carries them."""

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        if sql is _BATCH:
            return _Results(self._run(*parameters))
        if sql is _ROLLBACK:
            if self.in_transaction:
                super().execute("ROLLBACK")
            return _Results([])
        return super().execute(sql, parameters)

    def _run(self, statements: list[Statement], wanted: int) -> list[Any]:
        """Run all in order; the rows of the last ``wanted`` statements, one after the other."""
        rows: list[Any] = []
        first_wanted = len(statements) - wanted
        for place, (sql, parameters) in enumerate(statements):
            found = super().execute(sql, parameters).fetchall()
            if place >= first_wanted:
                rows += found
        return rows


class _SqliteUnit:
    """See `storage.database.Unit`."""

    def __init__(self, connection: aiosqlite.Connection, *, begin: str) -> None:
        self._connection = connection
        self._queued: list[Statement] = [(begin, ())]

    async def fetch(self, sql: str, /, **parameters: Any) -> list[Row]:
        self._queued.append((sql, parameters))
        return await self._flush(wanted=1)

    async def fetch_one(self, sql: str, /, **parameters: Any) -> Row | None:
        rows = await self.fetch(sql, **parameters)
        return rows[0] if rows else None

    async def fetch_each(self, sql: str, /, parameters: Iterable[Mapping[str, Any]]) -> list[Row]:
        sets = list(parameters)
        if not sets:
            return []
        self._queued.extend((sql, each) for each in sets)
        return await self._flush(wanted=len(sets))

    def write(self, sql: str, /, **parameters: Any) -> None:
        self._queued.append((sql, parameters))

    def write_many(self, sql: str, /, parameters: Iterable[Mapping[str, Any]]) -> None:
        self._queued.extend((sql, each) for each in parameters)

    async def skip_locked(self, sql: str, /, **parameters: Any) -> list[Row]:
        return await self.fetch(sql, **parameters)

    async def commit(self) -> None:
        if len(self._queued) == 1 and not self._connection.in_transaction:
            return  # nothing was read or written: there is nothing to commit
        self._queued.append(("COMMIT", ()))
        await self._flush(wanted=0)

    async def rollback(self) -> None:
        await self._connection.execute_fetchall(_ROLLBACK)

    async def _flush(self, *, wanted: int) -> list[Row]:
        statements, self._queued = self._queued, []
        with _translated():
            return cast(list[Row], await self._connection.execute_fetchall(_BATCH, (statements, wanted)))


@contextmanager
def _translated() -> Iterator[None]:
    """The engine's errors, in the seam's words; parameters never enter the text."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise ConstraintError(str(error)) from error
    except sqlite3.OperationalError as error:
        # Plain SQLITE_ERROR is a statement SQLite does not understand; the rest are the machine's.
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
            raise StatementError(str(error)) from error
        raise StorageDownError(f"SQLite: {error}") from error
    except sqlite3.ProgrammingError as error:
        raise StatementError(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise StorageDownError(f"SQLite: {error}") from error


class SqliteDatabase:
    """See `storage.database.Database`. ``path`` is the database file; it is made when missing."""

    engine = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing: aiosqlite.Connection | None = None
        self._readers: aiosqlite.Connection | None = None
        self._write_turn = asyncio.Lock()
        self._read_turn = asyncio.Lock()

    async def _connect(self) -> aiosqlite.Connection:
        # A global registration, because the sqlite3 module offers no other; ours agree always.
        sqlite3.register_adapter(datetime, moment_to_text)
        sqlite3.register_converter("DATETIME", _text_to_moment)
        with _translated():
            connection = await aiosqlite.connect(
                str(self.path),
                factory=_BatchConnection,
                isolation_level=None,
                detect_types=sqlite3.PARSE_DECLTYPES,
                timeout=BUSY_TIMEOUT_SECONDS,
                cached_statements=STATEMENT_CACHE,
            )
            connection.row_factory = sqlite3.Row
            try:
                for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                    await connection.execute_fetchall(f"PRAGMA {pragma}")
            except BaseException:
                await connection.close()
                raise
        return connection

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        async with self._write_turn:
            if self._writing is None:
                self._writing = await self._connect()
            async with _ended(_SqliteUnit(self._writing, begin="BEGIN IMMEDIATE")) as unit:
                yield unit

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        async with self._read_turn:
            if self._readers is None:
                self._readers = await self._connect()
            async with _ended(_SqliteUnit(self._readers, begin="BEGIN")) as unit:
                yield unit

    async def run(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        return await run_in(self, work)

    @asynccontextmanager
    async def sole_holder(self, name: str) -> AsyncIterator[bool]:
        # flock, not a row: the kernel drops it with the process, however that ends.
        lock_file = self.path.with_name(f"{self.path.name}.{name}.lock")
        descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    async def close(self) -> None:
        # An unclosed aiosqlite connection keeps its thread, and the process never exits.
        for connection in (self._writing, self._readers):
            if connection is not None:
                await connection.close()
        self._writing = self._readers = None


@asynccontextmanager
async def _ended(unit: _SqliteUnit) -> AsyncIterator[_SqliteUnit]:
    """Commit on leaving; roll back on any error, cancellation included."""
    try:
        yield unit
        await unit.commit()
    except BaseException:
        await asyncio.shield(unit.rollback())
        raise
