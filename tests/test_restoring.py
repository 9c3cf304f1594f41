"""Restoring: nothing is lost by mistake, and nothing but a sound backup is put in place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from storage.database import Database
from storage.engines import bring_up_to_date, is_postgres, open_database, sqlite_path
from tests.engines import NOTE
from tests.offices import Office, everything, fill


async def test_what_is_on_file_is_replaced_only_by_force(
    database_url: str, database: Database, empty_url: str, clock: Clock,
    beatline: Office, tmp_path: Path,
) -> None:  # fmt: skip
    """Refused, nothing is changed; forced, nothing of the old is left."""
    await fill(database, clock.now())
    await beatline.does(database_url, "backup", tmp_path / "backup.db")
    await bring_up_to_date(empty_url)
    target = open_database(empty_url)
    async with target.unit() as unit:
        unit.write(NOTE, method="mine", result="1")
    before = await everything(empty_url)
    status, said = await beatline.does(empty_url, "restore", tmp_path / "backup.db")
    assert status == 1
    assert "--force" in said
    assert await everything(empty_url) == before
    await target.close()
    status, _ = await beatline.does(empty_url, "restore", "--force", tmp_path / "backup.db")
    assert status == 0
    assert await everything(empty_url) == await everything(database_url)


async def test_nothing_is_restored_under_a_running_bot(
    database_url: str, database: Database, clock: Clock, beatline: Office, tmp_path: Path
) -> None:
    """Not even by force: it would go on with what it knows."""
    await fill(database, clock.now())
    await beatline.does(database_url, "backup", tmp_path / "backup.db")
    before = await everything(database_url)
    async with database.sole_holder("poller"):
        status, said = await beatline.does(
            database_url, "restore", "--force", tmp_path / "backup.db"
        )
    assert (status, said) == (1, "The bot is running: stop it first.\n")
    assert await everything(database_url) == before


async def test_a_restored_file_is_not_spoiled_by_the_log_of_the_old_one(
    sqlite_url: str, sqlite_database: Database, clock: Clock, beatline: Office, tmp_path: Path
) -> None:
    """A bot that was killed leaves its log beside the file: it belongs to the old one."""
    await fill(sqlite_database, clock.now())
    await beatline.does(sqlite_url, "backup", tmp_path / "backup.db")
    before = await everything(sqlite_url)
    path = sqlite_path(sqlite_url)
    async with sqlite_database.unit() as unit:
        unit.write(NOTE, method="later", result="x" * 10_000)
    log = path.with_name(f"{path.name}-wal").read_bytes()
    assert log
    await sqlite_database.close()
    path.with_name(f"{path.name}-wal").write_bytes(log)
    status, _ = await beatline.does(sqlite_url, "restore", "--force", tmp_path / "backup.db")
    assert status == 0
    assert await everything(sqlite_url) == before


async def test_a_damaged_database_can_be_restored_by_force(
    sqlite_url: str, sqlite_database: Database, clock: Clock, beatline: Office, tmp_path: Path
) -> None:
    """It is what backups are for."""
    await fill(sqlite_database, clock.now())
    before = await everything(sqlite_url)
    await beatline.does(sqlite_url, "backup", tmp_path / "backup.db")
    await sqlite_database.close()
    sqlite_path(sqlite_url).write_bytes(b"\x55" * 50_000)
    assert (await beatline.does(sqlite_url, "restore", tmp_path / "backup.db"))[0] == 1
    status, _ = await beatline.does(sqlite_url, "restore", "--force", tmp_path / "backup.db")
    assert status == 0
    assert await everything(sqlite_url) == before


def damaged(path: Path, template: Path) -> None:
    """A backup with holes in it."""
    content = bytearray(template.read_bytes())
    content[4096 : 3 * 4096] = b"\x55" * (2 * 4096)
    path.write_bytes(content)


def miscounted(path: Path, template: Path) -> None:
    """A backup whose first page says that there are free pages where there are none."""
    content = bytearray(template.read_bytes())
    content[36:40] = b"\x00\x00\x00\x09"
    path.write_bytes(content)


def changed(sql: str) -> Any:
    """A backup that somebody changed by hand."""

    def make(path: Path, template: Path) -> None:
        path.write_bytes(template.read_bytes())
        with closing(sqlite3.connect(path)) as opened:
            opened.execute(sql)
            opened.commit()

    return make


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path, template: None, "cannot be read"),
        (lambda path, template: path.mkdir(), "cannot be read"),
        (lambda path, template: path.write_bytes(b""), "no backup: it is empty"),
        (lambda path, template: path.write_bytes(b"Dear diary" * 999), "no backup, or it is"),
        (damaged, "damaged"),
        (miscounted, "damaged"),
        (changed("UPDATE alembic_version SET version_num = '9999'"), "by a newer beatline"),
        (changed("DROP TABLE alembic_version"), "belongs to another program"),
        (
            changed("INSERT INTO case_tried VALUES (1, 'li', '2026-11-01 00:00:00.000000')"),
            "refer to nothing",
        ),
    ],
    ids=[
        "missing",
        "a directory",
        "empty",
        "no database",
        "damaged",
        "miscounted",
        "newer",
        "foreign",
        "torn",
    ],
)
async def test_what_is_no_sound_backup_is_refused(
    make: Any, says: str, empty_url: str, sqlite_template: Path, beatline: Office, tmp_path: Path
) -> None:
    """In a sentence, before anything is touched."""
    make(tmp_path / "backup.db", sqlite_template)
    status, said = await beatline.does(empty_url, "restore", "--force", tmp_path / "backup.db")
    assert status == 1
    assert says in said
    assert not sqlite_path(empty_url).exists() if not is_postgres(empty_url) else True


async def test_a_backup_never_writes_over_a_file(
    sqlite_url: str, sqlite_database: Database, beatline: Office, tmp_path: Path
) -> None:
    """Least of all over the database itself."""
    path = sqlite_path(sqlite_url)
    before = path.read_bytes()
    status, said = await beatline.does(sqlite_url, "backup", path)
    assert (status, "is there already" in said) == (1, True)
    assert path.read_bytes() == before
    status, said = await beatline.does(sqlite_url, "backup", tmp_path / "nowhere" / "x.db")
    assert (status, "There is no directory" in said) == (1, True)


async def test_nothing_is_no_backup(empty_url: str, beatline: Office, tmp_path: Path) -> None:
    """An administrator with a wrong address would believe to have one."""
    status, said = await beatline.does(empty_url, "backup", tmp_path / "backup.db")
    assert (status, "There is nothing to back up" in said) == (1, True)
    assert not (tmp_path / "backup.db").exists()
