"""Without this module four processes that start at once would migrate four times.

Runs Alembic under a lock that ends with the process, in one transaction: all or nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from storage.database import StorageError
from storage.engines import is_postgres, sqlite_path
from storage.sqlite.connection import prepare_file
from storage.sqlite.faults import translated as file_faults

#: Key of the advisory lock on PostgreSQL: any number that nobody else uses ("beat" in ASCII).
_MIGRATION_LOCK = 0x62656174
#: How long a migration waits for writers of an older process that still runs.
_BUSY_SECONDS = 60.0


def upgrade(url: str, revision: str) -> None:
    """Bring the database at ``url`` up to ``revision``, or leave it as it was and raise."""
    if is_postgres(url):
        asyncio.run(_upgrade_postgres(url, revision))
    else:
        _upgrade_sqlite(sqlite_path(url), revision)


def _upgrade_sqlite(path: Path, revision: str) -> None:
    with file_faults(path), _only_one_process(path), _unwrapped():
        prepare_file(path)
        engine = sa.create_engine(
            "sqlite://", creator=lambda: _connect_sqlite(path), poolclass=sa.pool.NullPool
        )
        # Python's sqlite3 would begin late and commit early around DDL: we say BEGIN ourselves.
        sa.event.listen(engine, "begin", _begin_immediate)
        with engine.begin() as connection:
            _run_alembic(connection, revision)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                tables = ", ".join(sorted({row[0] for row in broken}))
                raise StorageError(f"After the migration rows of {tables} would refer to nothing.")


def _connect_sqlite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        # Batch operations drop and rename tables: with foreign keys on, child rows would go along.
        connection.execute("PRAGMA foreign_keys=OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _unwrapped() -> Iterator[None]:
    """The driver's own error instead of SQLAlchemy's, which repeats statement and parameters."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        adapted = error.orig or error
        raise (adapted.__cause__ or adapted) from None  # asyncpg's has one more wrapping


@contextmanager
def _only_one_process(path: Path) -> Iterator[None]:
    # A lock of our own and not SQLite's: turning WAL on in a new file knows no waiting.
    descriptor = os.open(f"{path}.schema.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


async def _upgrade_postgres(url: str, revision: str) -> None:
    # What only PostgreSQL needs is not there without the extra.
    from sqlalchemy.ext.asyncio import create_async_engine

    from storage.postgres.connection import connect, host_of
    from storage.postgres.faults import translated as server_faults

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: connect(url), poolclass=sa.pool.NullPool
    )
    with server_faults(f"PostgreSQL at {host_of(url)}"), _unwrapped():
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            await connection.run_sync(_run_alembic, revision)


def _run_alembic(connection: sa.Connection, revision: str) -> None:
    config = Config()
    # A percent sign in a path would be taken for an interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
