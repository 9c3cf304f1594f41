"""Without this module what is on a PostgreSQL server could not come home, nor get there.

Rows between a server and a backup file, in one transaction on the server.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from storage.backup.files import Table, tables
from storage.database import StorageError
from storage.postgres.connection import connect, host_of
from storage.postgres.faults import LOCK_SECONDS, translated
from storage.sqlite.connection import register_times
from storage.sqlite.faults import translated as file_faults

#: Rows under way at once: a station's years do not fit in memory.
ROWS_AT_ONCE = 1_000


async def read_server(url: str, path: Path) -> None:
    """Copy all rows, as they are at one moment, into the empty tables of the file at ``path``,
    which has the server's schema."""
    with file_faults(path), closing(_opened(path)) as file:
        file.execute("BEGIN")
        async with _transaction(url, readonly=True) as server:
            for table in tables(file):
                await _read_table(server, file, table)
        file.execute("COMMIT")


async def _read_table(server: Any, file: sqlite3.Connection, table: Table) -> None:
    names = _names(table)
    places = ", ".join("?" for _ in table.columns)
    insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'  # noqa: S608 - our own tables
    asked = f'SELECT {names} FROM "{table.name}"'  # noqa: S608 - our own tables
    batch: list[Sequence[Any]] = []
    async for row in server.cursor(asked, prefetch=ROWS_AT_ONCE):
        batch.append(tuple(row))
        if len(batch) == ROWS_AT_ONCE:
            file.executemany(insert, batch)
            batch.clear()
    file.executemany(insert, batch)
    if table.numbered_by is not None:
        file.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
        last = await _last_number(server, table)
        file.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, last))


async def _last_number(server: Any, table: Table) -> int:
    sequence = await _sequence(server, table)
    row = await server.fetchrow(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608 - its name from the server
    return int(row["last_value"]) if row["is_called"] else 0


async def _sequence(server: Any, table: Table) -> str:
    """What numbers a table, as a name that needs no quoting."""
    return str(
        await server.fetchval(
            "SELECT pg_get_serial_sequence($1, $2)", f'"{table.name}"', table.numbered_by
        )
    )


async def write_server(url: str, path: Path, *, is_forced: bool) -> None:
    """Put the rows of the file at ``path`` in the place of all rows on the server, which has the
    file's schema. All or nothing. Raises StorageError when there are any, unless forced."""
    with file_faults(path), closing(_opened(path)) as file:
        found = tables(file)
        async with _transaction(url, readonly=False) as server:
            await server.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS:.0f}s'")
            if not is_forced:
                await _refuse_rows(server, found, where=f"PostgreSQL at {host_of(url)}")
            names = ", ".join(f'"{table.name}"' for table in found)
            await server.execute(f"TRUNCATE {names}")
            for table in found:
                await _write_table(server, file, table)


async def _refuse_rows(server: Any, found: Iterable[Table], *, where: str) -> None:
    for table in found:
        if await server.fetchval(f'SELECT EXISTS (SELECT 1 FROM "{table.name}")'):  # noqa: S608 - our own tables
            raise StorageError(f"Something is on file on {where}: --force replaces it.")


async def _write_table(server: Any, file: sqlite3.Connection, table: Table) -> None:
    types = await _types(server, table)
    await server.copy_records_to_table(
        table.name, columns=table.columns, records=_records(file, table, types)
    )
    if table.numbered_by is not None:
        [last] = file.execute(
            "SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = ?", (table.name,)
        ).fetchone()
        sequence = await _sequence(server, table)
        await server.execute("SELECT setval($1, $2, $3)", sequence, max(last, 1), last > 0)


async def _types(server: Any, table: Table) -> list[str]:
    rows = await server.fetch(
        "SELECT column_name, udt_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = $1",
        table.name,
    )
    known = {row["column_name"]: row["udt_name"] for row in rows}
    return [known[column] for column in table.columns]


def _records(
    file: sqlite3.Connection, table: Table, types: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    for row in file.execute(f'SELECT {_names(table)} FROM "{table.name}"'):  # noqa: S608 - our own tables
        yield tuple(_for_server(value, type_) for value, type_ in zip(row, types, strict=True))


def _for_server(value: Any, type_: str) -> Any:
    if type_ == "bool" and value is not None:
        return bool(value)
    # A NUL that slipped in at SQLite's door would stop the whole restore.
    return value.replace("\x00", "") if isinstance(value, str) else value


def _names(table: Table) -> str:
    return ", ".join(f'"{column}"' for column in table.columns)


def _opened(path: Path) -> sqlite3.Connection:
    register_times()
    return sqlite3.connect(path, isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES)


@asynccontextmanager
async def _transaction(url: str, *, readonly: bool) -> AsyncIterator[Any]:
    """A connection in a transaction that sees one moment; it waits as long as it takes."""
    connection = await connect(url)
    try:
        with translated(f"PostgreSQL at {host_of(url)}"):
            async with connection.transaction(isolation="repeatable_read", readonly=readonly):
                yield connection
    finally:
        await connection.close()
