"""Without this module there would be connections and no transactions.

A unit's queued writes travel together, those of one statement in one round trip. A commit whose
answer was cut off is asked for until it is known: whoever was told "down" does the unit again, and
must not do it twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import asyncpg

from storage.database import (
    FAILED_BEFORE,
    Row,
    StatementError,
    StorageDownError,
    StorageError,
    to_the_end,
)
from storage.postgres.faults import translated
from storage.postgres.grouping import Grouping, Write
from storage.postgres.statements import statement

_FOR_US = " FOR UPDATE SKIP LOCKED"
_MARK = "SELECT CAST(pg_current_xact_id_if_assigned() AS text)"


class PostgresUnit:
    """See `storage.database.Unit`. ``connection`` belongs to it until `commit` or `undo`;
    ``was_kept`` answers for a commit by the number that the server gave the transaction."""

    def __init__(
        self,
        connection: Any,
        *,
        where: str,
        begin: str,
        grouping: Grouping,
        was_kept: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._connection = connection
        self._where = where
        self._begin = begin
        self._grouping = grouping
        self._was_kept = was_kept
        self._has_begun = False
        self._has_failed = False
        self._queued: list[Write] = []

    async def fetch(self, sql: str, /, **parameters: Any) -> list[Row]:
        asked = statement(sql)
        arguments = asked.arguments(parameters)
        with self._asking():
            await self._flush()
            rows: list[Row] = await self._connection.fetch(asked.text, *arguments)
        return rows

    async def fetch_one(self, sql: str, /, **parameters: Any) -> Row | None:
        rows = await self.fetch(sql, **parameters)
        return rows[0] if rows else None

    async def fetch_each(self, sql: str, /, parameters: Iterable[Mapping[str, Any]]) -> list[Row]:
        asked = statement(sql)
        sets = [asked.arguments(each) for each in parameters]
        if not sets:
            return []
        with self._asking():
            await self._flush()
            rows: list[Row] = await self._connection.fetchmany(asked.text, sets)
        return rows

    def write(self, sql: str, /, **parameters: Any) -> None:
        told = statement(sql)
        self._queued.append((told.text, told.arguments(parameters)))

    def write_many(self, sql: str, /, parameters: Iterable[Mapping[str, Any]]) -> None:
        told = statement(sql)
        self._queued.extend((told.text, told.arguments(each)) for each in parameters)

    async def skip_locked(self, sql: str, /, **parameters: Any) -> list[Row]:
        return await self.fetch(sql + _FOR_US, **parameters)

    async def commit(self) -> None:
        """Keep what was written; a unit that did nothing costs nothing."""
        if not self._queued and not self._has_begun:
            return
        with self._asking():
            await self._flush()
            mark: str | None = await self._connection.fetchval(_MARK)
        try:
            # Once under way it is not to be cancelled: nobody would know whether it was kept.
            await to_the_end(self._commit())
        except StorageDownError:
            if mark is None or not await self._was_kept(mark):
                raise

    async def _commit(self) -> None:
        with self._asking():
            await self._connection.execute("COMMIT")
        self._has_begun = False

    async def undo(self) -> None:
        """Roll back; a connection that cannot is cut, so that nobody gets it after us."""
        if not self._has_begun:
            return
        try:
            with translated(self._where):
                await self._connection.execute("ROLLBACK")
        except StorageError:
            with suppress(asyncpg.InterfaceError):  # cut already, and the pool knows
                self._connection.terminate()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """What fails or is cancelled on the way ends the unit: PostgreSQL would undo it at the
        COMMIT without a word."""
        if self._has_failed:
            raise StatementError(FAILED_BEFORE)
        self._has_failed = True
        with translated(self._where):
            yield
        self._has_failed = False

    async def _flush(self) -> None:
        """Begin if need be, then everything queued, as if in its order."""
        queued, self._queued = self._queued, []
        if not self._has_begun:
            self._has_begun = True
            await self._connection.execute(self._begin)
        for group in self._grouping.groups(queued):
            if len(group.sets) == 1:
                await self._connection.execute(group.sql, *group.sets[0])
            else:
                await self._connection.executemany(group.sql, group.sets)
