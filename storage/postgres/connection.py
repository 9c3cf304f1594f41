"""Without this module every place that needs a connection would open it in its own way."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from storage.database import StorageError
from storage.postgres.faults import LOCK_SECONDS, translated

#: Connections of one process: dispatcher, sender, poller, uploads and health seldom need more.
POOL_SIZE = 8
#: A server that does not let us in for this long counts as down.
CONNECT_SECONDS = 5.0
#: A statement without an answer for this long: the server is gone, or as good as gone.
ANSWER_SECONDS = 30.0
#: Prepared statements kept per connection: more than the program has, so none is parsed twice.
STATEMENT_CACHE = 512
#: A dead machine's connections (and their locks) are given up after about a minute.
_KEEPALIVES = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_SETTINGS = {"application_name": "beatline", "timezone": "UTC", **_KEEPALIVES}
#: A commit is on the disk when it is answered, whatever the server's default is. The small
#: statements of this program gain nothing from compilation.
_POOL_SETTINGS = {
    **_SETTINGS,
    "synchronous_commit": "on",
    "lock_timeout": f"{LOCK_SECONDS:.0f}s",
    "jit": "off",
}


_REFERENCES = (
    "SELECT CAST(CAST(conrelid AS regclass) AS text), CAST(CAST(confrelid AS regclass) AS text)"
    " FROM pg_constraint WHERE contype = 'f'"
)


def host_of(url: str) -> str:
    """The host in an address, as it may be shown."""
    parts = urlsplit(url)
    return parts.hostname or parse_qs(parts.query).get("host", ["the local socket"])[0]


async def connect(url: str) -> Any:
    """One connection outside the pool, for the schema and for locks; it waits as long as it takes.

    Raises StorageError.
    """
    with translated(f"PostgreSQL at {host_of(url)}"):
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=_SETTINGS)


async def open_pool(url: str) -> tuple[Any, list[tuple[str, str]]]:
    """A pool that connects when a connection is needed, and again after it was lost; and which
    tables refer to which: pairs of (table, table referred to)."""
    pool = await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=POOL_SIZE,
        timeout=CONNECT_SECONDS,
        command_timeout=ANSWER_SECONDS,
        statement_cache_size=STATEMENT_CACHE,
        max_cached_statement_lifetime=0,
        server_settings=_POOL_SETTINGS,
        # A unit leaves nothing behind but its transaction: no round trip to reset the session.
        reset=_nothing_to_reset,
    )
    try:
        return pool, [tuple(row) for row in await pool.fetch(_REFERENCES)]
    except BaseException:
        pool.terminate()
        raise


async def _nothing_to_reset(connection: Any) -> None:
    return


async def read_revision(url: str) -> str | None:
    """The revision of the schema at ``url``, None when there is nothing in it yet.

    Raises StorageError for the database of another program.
    """
    connection = await connect(url)
    where = f"PostgreSQL at {host_of(url)}"
    try:
        with translated(where):
            tables = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            )
            names = {row["tablename"] for row in tables}
            if not names:
                return None
            if "alembic_version" not in names:
                raise StorageError(
                    f"The database on {where} belongs to another program: name another one."
                )
            revision: str | None = await connection.fetchval(
                "SELECT version_num FROM alembic_version"
            )
    finally:
        await connection.close()
    return revision
