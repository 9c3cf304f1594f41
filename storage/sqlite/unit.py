"""Without this module there would be connections and no transactions.

A unit's queued writes travel to aiosqlite's thread together with its next read or its commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import aiosqlite

from storage.database import FAILED_BEFORE, Row, StatementError
from storage.sqlite.connection import BATCH, ROLLBACK, Statement
from storage.sqlite.faults import translated


class SqliteUnit:
    """See `storage.database.Unit`."""

    def __init__(self, connection: aiosqlite.Connection, *, path: Path, begin: str) -> None:
        self._connection = connection
        self._path = path
        self._queued: list[Statement] = [(begin, ())]
        self._has_begun = False
        self._has_failed = False

    async def fetch(self, sql: str, /, **parameters: Any) -> list[Row]:
        return await self._flush([(sql, parameters)])

    async def fetch_one(self, sql: str, /, **parameters: Any) -> Row | None:
        rows = await self.fetch(sql, **parameters)
        return rows[0] if rows else None

    async def fetch_each(self, sql: str, /, parameters: Iterable[Mapping[str, Any]]) -> list[Row]:
        asked: list[Statement] = [(sql, each) for each in parameters]
        return await self._flush(asked) if asked else []

    def write(self, sql: str, /, **parameters: Any) -> None:
        self._queued.append((sql, parameters))

    def write_many(self, sql: str, /, parameters: Iterable[Mapping[str, Any]]) -> None:
        self._queued.extend((sql, each) for each in parameters)

    async def skip_locked(self, sql: str, /, **parameters: Any) -> list[Row]:
        return await self.fetch(sql, **parameters)

    async def commit(self) -> None:
        """Keep what was written; a unit that did nothing costs nothing."""
        if self._has_begun or len(self._queued) > 1:
            await self._flush([("COMMIT", ())])

    async def rollback(self) -> None:
        """Undo. Waits for the statement under way; after a COMMIT there is nothing to undo."""
        with translated(self._path):
            await self._connection.execute_fetchall(ROLLBACK)

    async def _flush(self, asked: list[Statement]) -> list[Row]:
        """Everything queued, then what is asked: its rows."""
        if self._has_failed:
            raise StatementError(FAILED_BEFORE)
        statements, self._queued = self._queued + asked, []
        self._has_begun = self._has_failed = True
        with translated(self._path):
            found = await self._connection.execute_fetchall(BATCH, (statements, len(asked)))
        self._has_failed = False
        return cast(list[Row], found)
