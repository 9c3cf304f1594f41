"""Where the bot of a campaign keeps its rows: a new SQLite file, or a new PostgreSQL server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path

from storage.database import Database
from storage.engines import open_database
from tests.engines import postgres_server

ENGINES = ("sqlite", "postgres")

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgresql": "SELECT table_name AS name FROM information_schema.tables"
    " WHERE table_schema = 'public'",
}


@contextmanager
def new_database(engine: str, folder: Path) -> Iterator[str]:
    """The address of an empty database that is gone with the block."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/load.db"
        return
    with postgres_server() as server:
        server.sql("CREATE DATABASE load")
        yield server.url_of("load")


@asynccontextmanager
async def looking_into(url: str) -> AsyncIterator[Database]:
    """The database of a campaign, to read in."""
    database = open_database(url)
    try:
        yield database
    finally:
        await database.close()


async def calls_under_way(url: str) -> int:
    """Messages marked *sending*: after a kill they may have reached Telegram, and go out again."""
    async with looking_into(url) as database, database.reading() as unit:
        row = await unit.fetch_one(
            "SELECT count(*) AS n FROM outbox WHERE state = 'sending'"
            " AND method IN ('copyMessage', 'sendMessage')"
        )
        return row["n"] if row else 0


async def promises_left(url: str, now: datetime) -> int:
    """Promises whose time has come and that are not kept."""
    async with looking_into(url) as database, database.reading() as unit:
        row = await unit.fetch_one(
            "SELECT count(*) AS n FROM outbox WHERE state IN ('waiting', 'sending')"
            " AND (not_before IS NULL OR not_before <= :now)",
            now=now,
        )
        return row["n"] if row else 0


async def rows_by_table(url: str) -> dict[str, int]:
    """How many rows each table has."""
    async with looking_into(url) as database, database.reading() as unit:
        names = [row["name"] for row in await unit.fetch(_TABLES[database.engine])]
        counted = {}
        for name in sorted(names):
            row = await unit.fetch_one(f"SELECT count(*) AS n FROM {name}")  # noqa: S608 - our own tables
            counted[name] = row["n"] if row else 0
        return counted
