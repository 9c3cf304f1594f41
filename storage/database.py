"""Without this seam every drawer would have to know which engine it lies in.

A `Database` opens units of work; a `Unit` reads and writes inside one transaction. SQL is the
subset that SQLite and PostgreSQL both speak, with parameters written ``:name``. Aware datetimes
go in, aware UTC datetimes come out of declared columns; an expression (``min()``, ``coalesce()``)
comes back as text from SQLite, and its drawer converts it with `as_moment`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Row = Mapping[str, Any]


class StorageError(Exception):
    """Storage could not do what it was asked; `str()` says what and where."""


class StorageDownError(StorageError):
    """Nothing can be stored now: locked, full, corrupt, gone. The cause may pass by itself."""


class ConflictError(StorageError):
    """Another transaction was first; the whole unit may simply be done again."""


class ConstraintError(StorageError):
    """A row breaks a constraint. Drawers turn the ones people can cause into named refusals."""


class StatementError(StorageError):
    """A statement that this engine does not understand: a fault in our own code."""


#: What a unit says after one of its statements failed, to whoever goes on regardless.
FAILED_BEFORE = "A statement of this unit failed before: nothing of it is kept."


class Unit(Protocol):
    """One transaction. Reads see what the unit has written before them. After an error in one of
    its statements nothing more can be done in it, and nothing of it is kept."""

    async def fetch(self, sql: str, /, **parameters: Any) -> list[Row]:
        """Run one statement now (after all queued writes) and return its rows."""
        ...

    async def fetch_one(self, sql: str, /, **parameters: Any) -> Row | None:
        """Like `fetch`, the first row or None. With ``RETURNING`` this is compare-and-set."""
        ...

    async def fetch_each(self, sql: str, /, parameters: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Run one statement once for every parameter set, in order; all rows, in one thread hop."""
        ...

    def write(self, sql: str, /, **parameters: Any) -> None:
        """Queue a statement. It runs, in order, before the next read or at commit; its error
        (`ConstraintError`, …) surfaces there. An insert that says ``/* own rows */`` promises to
        touch no row of another such insert: then writes of one statement may travel together."""
        ...

    def write_many(self, sql: str, /, parameters: Iterable[Mapping[str, Any]]) -> None:
        """Queue one statement for every parameter set."""
        ...

    async def skip_locked(self, sql: str, /, **parameters: Any) -> list[Row]:
        """A ``SELECT`` whose rows stay ours until the unit ends; rows that another transaction
        holds are passed over (``FOR UPDATE SKIP LOCKED``; SQLite has one writer anyway)."""
        ...


class Database(Protocol):
    """Where the rows are. Made by `storage.open_database`, closed by whoever opened it."""

    engine: str

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """A reading and writing transaction: committed on leaving, rolled back on any error or
        cancellation. Raises `StorageDownError`, `ConflictError`. A cancellation that meets the
        COMMIT under way comes too late: the unit is kept and the cancellation raised."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Unit]:
        """A consistent view for reading only; never waits for a writer."""
        ...

    async def run(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Do ``work`` in a unit; redo it (at most `CONFLICT_RETRIES` times) on `ConflictError`."""
        ...

    def sole_holder(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Hold the named lock across processes while inside; yields False, at once, when another
        process holds it. A lock ends with its process; it never has to run out. On PostgreSQL a
        cut connection loses it: it is taken again, and when another process was quicker, what is
        inside is cancelled and StorageError raised."""
        ...

    async def close(self) -> None:
        """Give the connections back. Safe to call twice."""
        ...


#: How often a unit is redone after a conflict before the conflict is reported.
CONFLICT_RETRIES = 20


def as_moment(value: datetime | str | None) -> datetime | None:
    """The aware UTC moment in what an engine returned for an expression (text on SQLite)."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return None if value is None else value.astimezone(UTC)


async def run_in(database: Database, work: Callable[[Unit], Awaitable[T]]) -> T:
    """`Database.run` for every engine: one unit, redone when another transaction was first."""
    for _ in range(CONFLICT_RETRIES):
        try:
            async with database.unit() as unit:
                return await work(unit)
        except ConflictError:
            continue
    async with database.unit() as unit:
        return await work(unit)


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Finish ``work`` although we are cancelled meanwhile; then be cancelled, also when it failed:
    whoever stops does not wait for a server that is away. For undoing and for giving back: left
    half done, they would cost the next one its connection."""
    inner = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not inner.done():
        try:
            await asyncio.wait([inner])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled from inner.exception()
    return inner.result()
