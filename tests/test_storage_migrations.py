"""The schema: made once, brought up to date by whoever starts, refused when it is too new."""

from __future__ import annotations

import asyncio
import fcntl
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from storage.database import Database, StorageDownError, StorageError
from storage.engines import bring_up_to_date, is_postgres, open_database, sqlite_path
from storage.migrations import CHILD_REFUSED, known_revisions
from tests.engines import PATIENCE_SECONDS

NEWEST = known_revisions()[-1]
START = (
    "import asyncio, sys; from storage.engines import bring_up_to_date as b; asyncio.run(b({!r}))"
)


async def run(url: str, *statements: str) -> None:
    """Change a database behind the program's back."""
    database = open_database(url)
    async with database.unit() as unit:
        for sql in statements:
            unit.write(sql)
    await database.close()


async def ask(url: str, sql: str) -> list[str]:
    """The first column of what a database answers."""
    database = open_database(url)
    try:
        async with database.reading() as unit:
            return [str(next(iter(row))) for row in await unit.fetch(sql)]
    finally:
        await database.close()


async def tables(url: str) -> set[str]:
    """The tables in a database."""
    sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    if not is_postgres(url):
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return set(await ask(url, sql))


async def test_an_empty_database_gets_the_newest_schema(empty_url: str) -> None:
    """The first start makes it."""
    await bring_up_to_date(empty_url)
    assert await ask(empty_url, "SELECT version_num FROM alembic_version") == [NEWEST]
    assert {"inbox", "outbox", "timer", "cases"} <= await tables(empty_url)


async def test_both_engines_have_the_same_tables(sqlite_url: str, postgres_url: str) -> None:
    """One schema, written once."""
    assert await tables(sqlite_url) == await tables(postgres_url)


async def test_a_current_schema_costs_no_process(database_url: str) -> None:
    """Nothing is migrated, so nothing that migrates is started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    await bring_up_to_date(database_url)
    assert resource.getrusage(resource.RUSAGE_CHILDREN) == before


async def test_a_newer_schema_is_refused_with_a_sentence(database_url: str) -> None:
    """What a newer version wrote would be misread."""
    await run(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="written by a newer beatline") as refused:
        await bring_up_to_date(database_url)
    assert "9999" in str(refused.value)
    assert NEWEST in str(refused.value)


async def test_the_database_of_another_program_is_left_alone(empty_url: str) -> None:
    """A wrong address must not fill somebody else's database."""
    await run(empty_url, "CREATE TABLE recipe (title TEXT)")
    with pytest.raises(StorageError, match="belongs to another program"):
        await bring_up_to_date(empty_url)
    assert await tables(empty_url) == {"recipe"}


async def test_four_processes_at_once_end_clean(empty_url: str) -> None:
    """One migrates, the others wait and find it done; no row refers to nothing."""
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", START.format(empty_url))
        for _ in range(4)
    ]
    assert [await each.wait() for each in started] == [0, 0, 0, 0]
    assert await ask(empty_url, "SELECT version_num FROM alembic_version") == [NEWEST]
    if not is_postgres(empty_url):
        assert await ask(empty_url, "PRAGMA foreign_key_check") == []
        assert await ask(empty_url, "PRAGMA integrity_check") == ["ok"]


async def test_a_migration_that_fails_leaves_everything_as_it_was(empty_url: str) -> None:
    """All or nothing; the reason is said, the address is not."""
    await run(
        empty_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "CREATE TABLE timer (mine TEXT)",
    )
    with pytest.raises(StorageError, match="already exists") as refused:
        await bring_up_to_date(empty_url)
    assert empty_url not in str(refused.value)
    assert await tables(empty_url) == {"alembic_version", "timer"}


def test_rows_that_refer_to_nothing_stop_a_migration(sqlite_url: str) -> None:
    """SQLite does not look while tables are rebuilt: it is looked after that, before the commit."""
    with closing(sqlite3.connect(sqlite_path(sqlite_url))) as behind:
        behind.execute("INSERT INTO case_tried VALUES (1, 'li', '2026-11-01 00:00:00.000000')")
        behind.commit()
    child = subprocess.run(
        [sys.executable, "-m", "storage.migrations"],
        input=f"{sqlite_url}\n{NEWEST}".encode(),
        capture_output=True,
        timeout=PATIENCE_SECONDS,
    )
    assert child.returncode == CHILD_REFUSED
    assert b"rows of case_tried would refer to nothing" in child.stdout


def migrations_under_way() -> int:
    """Migrating processes that this one started and that still are."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            is_ours = int(parent) == os.getpid()
            found += is_ours and b"storage.migrations" in (process / "cmdline").read_bytes()
    return found


async def test_a_migration_that_is_cancelled_ends_with_its_process(tmp_path: Path) -> None:
    """Stopped while it waits for another one, it does not go on behind our back."""
    path = tmp_path / "new.db"
    lock = os.open(f"{path}.schema.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        migrating = asyncio.ensure_future(bring_up_to_date(f"sqlite:///{path}"))
        while not migrations_under_way():
            await asyncio.wait([migrating], timeout=0.01)
        await asyncio.wait([migrating], timeout=0.3)  # it waits for the lock now
        migrating.cancel()
        with pytest.raises(asyncio.CancelledError):
            await migrating
        assert not migrations_under_way()
    finally:
        os.close(lock)
    await bring_up_to_date(f"sqlite:///{path}")
    assert NEWEST in await ask(f"sqlite:///{path}", "SELECT version_num FROM alembic_version")


async def test_a_migration_that_cannot_even_start_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the last thing that was heard of it."""
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    with pytest.raises(StorageError, match="could not be brought up to date"):
        await bring_up_to_date(f"sqlite:///{tmp_path}/new.db")


async def test_an_empty_file_is_a_database_to_be_made(tmp_path: Path) -> None:
    """An administrator made it to set its owner."""
    (tmp_path / "new.db").touch()
    await bring_up_to_date(f"sqlite:///{tmp_path}/new.db")
    assert "inbox" in await tables(f"sqlite:///{tmp_path}/new.db")


async def test_a_server_that_is_not_there_is_down(postgres_url: str) -> None:
    """It is said, and the password is not."""
    with pytest.raises(StorageDownError, match="cannot be reached") as refused:
        await bring_up_to_date("postgresql://postgres:hidden@127.0.0.1:1/beatline")
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://x", "starts with neither"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://beatline.db", "names no file"),
        ("sqlite:////nowhere/at/all.db", "There is no directory /nowhere/at"),
        ("postgresql://u:p#ss@host/x", "not well formed"),
        ("postgresql://u:p@host:0/x", "not well formed"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str, says: str) -> None:
    """In a sentence that does not repeat it: a password may be in it."""
    with pytest.raises(StorageError, match=says) as refused:
        open_database(url)
    assert "p#ss" not in str(refused.value)


def test_both_names_of_the_scheme_are_understood() -> None:
    """Providers write either."""
    opened: list[Database] = [
        open_database(f"{each}://u:p@host:5432/x") for each in ("postgres", "postgresql")
    ]
    assert [each.engine for each in opened] == ["postgresql", "postgresql"]


def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the words that install it."""
    for name in [each for each in sys.modules if each.startswith("storage.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(StorageError, match=r"install beatline\[postgres\]"):
        open_database("postgresql://host/x")
