"""Without this module every statement would cost a hop to aiosqlite's thread.

Connections that run a list of statements in one call, and the one way to open them.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite

from storage.database import StorageError, to_the_end
from storage.sqlite.faults import BUSY_TIMEOUT_SECONDS, FileGoneError, translated

Statement = tuple[str, Mapping[str, Any] | tuple[()]]

#: Prepared statements kept per connection: more than the program has, so none is parsed twice.
STATEMENT_CACHE = 512
#: The write-ahead log shrinks to this after a burst; SQLite empties it every 4 MiB by itself.
WAL_BYTES_KEPT = 16 * 1024 * 1024

#: Pages kept per connection, half of what SQLite would keep: the machine has the file in memory as
#: well, a relay goes as fast, and a broadcast takes less (README, design notes).
PAGE_CACHE_KIB = 1024

BATCH = "-- batch"
ROLLBACK = "-- rollback"

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"journal_size_limit={WAL_BYTES_KEPT}",
    f"cache_size=-{PAGE_CACHE_KIB}",
)


def moment_to_text(moment: datetime) -> str:
    """Fixed-width UTC text, so that text order is time order."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
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

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(path, **options)
        self._path = path
        self._file = _identity(path)

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        if sql is BATCH:
            return _Results(self._run(*parameters))
        if sql is ROLLBACK:
            if self.in_transaction:
                super().execute("ROLLBACK")
            return _Results([])
        return super().execute(sql, parameters)

    def _run(self, statements: list[Statement], wanted: int) -> list[Any]:
        """Run all in order; the rows of the last ``wanted`` statements, one after the other."""
        # SQLite goes on writing into a file that was deleted: what it keeps then is lost.
        if not self.in_transaction and _identity(self._path) != self._file:
            raise FileGoneError
        rows: list[Any] = []
        first_wanted = len(statements) - wanted
        for place, (sql, parameters) in enumerate(statements):
            found = super().execute(sql, parameters).fetchall()
            if place >= first_wanted:
                rows += found
        return rows


class _Connection(aiosqlite.Connection):
    """A connection whose thread has ended when it could not be opened: left behind, it would
    speak to an event loop that may be closed by then."""

    def stop(self) -> asyncio.Future[Any] | None:
        self._stopped = super().stop()
        return self._stopped

    async def opened(self) -> aiosqlite.Connection:
        """Open it. Raises what sqlite3 raises."""
        try:
            return await self
        except BaseException:
            await to_the_end(self._end())
            raise

    async def _end(self) -> None:
        assert self._stopped is not None  # noqa: S101 - there is a loop: we are in it
        await self._stopped


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def prepare_file(path: Path) -> None:
    """Make an empty file when there is none, for its owner only: it will hold personal data.

    One that is there is not touched: closing it would drop every lock this process has on it
    (POSIX), and another process would take away the log that our connections still write to.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def register_times() -> None:
    """Let sqlite3 take aware times and bring them back. Global, because it offers no other way;
    it is always the same."""
    sqlite3.register_adapter(datetime, moment_to_text)
    sqlite3.register_converter("DATETIME", _text_to_moment)


async def connect(path: Path, *, is_reading: bool) -> aiosqlite.Connection:
    """A connection to the file at ``path``, which must be there. Raises `StorageError`."""
    register_times()
    opening = partial(
        sqlite3.connect,
        str(path),
        factory=_BatchConnection,
        isolation_level=None,
        detect_types=sqlite3.PARSE_DECLTYPES,
        timeout=BUSY_TIMEOUT_SECONDS,
        cached_statements=STATEMENT_CACHE,
    )
    with translated(path):
        connection = await _Connection(opening, iter_chunk_size=1).opened()
        connection.row_factory = sqlite3.Row
        try:
            for pragma in (*_PRAGMAS, f"query_only={is_reading}"):
                await connection.execute_fetchall(f"PRAGMA {pragma}")
        except BaseException:
            await connection.close()
            raise
    return connection


def read_revision(path: Path) -> str | None:
    """The revision of the schema in the file, None when there is nothing in it yet.

    Raises StorageError for the file of another program.
    """
    if not path.exists():
        return None
    with translated(path), closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS)) as opened:
        tables = {name for (name,) in opened.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StorageError(f"{path} belongs to another program: name another file.")
        row = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])
