"""Backups: all of it as it was at one moment, from either engine into either engine."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from bot.clock import Clock
from storage.database import Database, Unit
from storage.engines import migrate, open_database
from storage.inbox import Arrival
from storage.migrations import known_revisions
from storage.transaction import Transaction
from tests.engines import NOTE, noted
from tests.offices import ANA, ROWS, Office, everything, fill


async def test_everything_comes_back_on_either_engine(
    database_url: str, database: Database, empty_url: str, clock: Clock,
    beatline: Office, tmp_path: Path,
) -> None:  # fmt: skip
    """Backed up here, restored there: every row of every table, and no number is given twice."""
    await fill(database, clock.now())
    status, said = await beatline.does(database_url, "backup", tmp_path / "backup.db")
    assert status == 0
    assert f"holds {ROWS} rows" in said
    status, said = await beatline.does(empty_url, "restore", tmp_path / "backup.db")
    assert (status, f"Restored {ROWS} rows" in said) == (0, True)
    assert await everything(empty_url) == await everything(database_url)
    restored = open_database(empty_url)
    async with restored.unit() as unit:
        file = Transaction(unit)
        [letter] = await file.inbox.keep([Arrival(8, "101", b"{}")], clock.now())
        dialogue = await file.dialogues.start(
            chat_id=ANA, user_id=ANA, kind="k", step="s", data={}, expires_at=clock.now()
        )
    await restored.close()
    assert letter.sequence == 3
    assert dialogue.id == 2  # the first one has ended: its buttons must not fit this one


async def test_a_backup_is_one_file_for_its_owner_only(
    database_url: str, database: Database, clock: Clock, beatline: Office, tmp_path: Path
) -> None:
    """It is personal data; it needs no other file, nothing is left beside it, and the bot can open
    it as it is."""
    await fill(database, clock.now())
    folder = tmp_path / "backups"
    folder.mkdir()
    assert (await beatline.does(database_url, "backup", folder / "today.db"))[0] == 0
    assert [each.name for each in folder.iterdir()] == ["today.db"]
    assert (folder / "today.db").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(folder / "today.db")) as opened:
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert await everything(f"sqlite:///{folder}/today.db") == await everything(database_url)


async def test_a_backup_is_of_one_moment_while_others_write(
    database_url: str, database: Database, beatline: Office, tmp_path: Path
) -> None:
    """What one transaction wrote is in it as a whole or not at all."""
    is_done = asyncio.Event()

    async def go_on_writing() -> int:
        number = 0
        while not is_done.is_set() or number < 20:
            await database.run(partial(pair, number))
            number += 1
        return number

    async def pair(number: int, unit: Unit) -> None:
        unit.write(NOTE, method=f"a{number:06}", result="x" * 2000)
        await unit.fetch("SELECT 1 AS one")
        unit.write(NOTE, method=f"b{number:06}", result="x" * 2000)

    async with asyncio.TaskGroup() as group:
        writing = group.create_task(go_on_writing())
        for number in range(3):
            status, _ = await beatline.does(database_url, "backup", tmp_path / f"{number}.db")
            assert status == 0
        is_done.set()
    for number in range(3):
        backup = open_database(f"sqlite:///{tmp_path}/{number}.db")
        found = await noted(backup)
        await backup.close()
        assert [each[1:] for each in found if each[0] == "a"] == [
            each[1:] for each in found if each[0] == "b"
        ]
    assert len(await noted(database)) == 2 * writing.result()


async def test_an_older_backup_is_brought_up_to_date(
    empty_url: str, beatline: Office, tmp_path: Path
) -> None:
    """The way back to last month is open after an update."""
    old = f"sqlite:///{tmp_path}/old.db"
    await migrate(old, known_revisions()[0])
    database = open_database(old)
    async with database.unit() as unit:
        unit.write(NOTE, method="old", result="1")
    await database.close()
    status, said = await beatline.does(empty_url, "restore", tmp_path / "old.db")
    assert status == 0
    assert f"schema {known_revisions()[0]}" in said
    restored = open_database(empty_url)
    assert await noted(restored) == ["old"]
    async with restored.reading() as unit:
        [row] = await unit.fetch("SELECT version_num FROM alembic_version")
    await restored.close()
    assert row["version_num"] == known_revisions()[-1]


async def test_a_database_is_backed_up_before_an_update(
    empty_url: str, beatline: Office, tmp_path: Path
) -> None:
    """With the schema that it has: the version before can restore it."""
    await migrate(empty_url, known_revisions()[0])
    database = open_database(empty_url)
    async with database.unit() as unit:
        unit.write(NOTE, method="old", result="1")
    await database.close()
    status, said = await beatline.does(empty_url, "backup", tmp_path / "backup.db")
    assert status == 0
    assert f"1 rows ({(tmp_path / 'backup.db').stat().st_size / 1e6:,.1f} MB" in said
    assert f"schema {known_revisions()[0]}" in said
    assert "alembic_version" in await everything(f"sqlite:///{tmp_path}/backup.db")


async def test_many_rows_travel_in_portions(
    postgres_url: str, postgres_database: Database, beatline: Office, tmp_path: Path
) -> None:
    """A station's years do not fit in memory."""
    async with postgres_database.unit() as unit:
        unit.write_many(NOTE, [{"method": f"{n:05}", "result": "x"} for n in range(2500)])
    status, said = await beatline.does(postgres_url, "backup", tmp_path / "backup.db")
    assert (status, "2,500 rows" in said) == (0, True)
    status, _ = await beatline.does(postgres_url, "restore", "--force", tmp_path / "backup.db")
    assert status == 0
    assert len(await noted(postgres_database)) == 2500


async def test_a_nul_does_not_stop_a_move_to_postgresql(
    sqlite_url: str, sqlite_database: Database, postgres_url: str, beatline: Office, tmp_path: Path
) -> None:
    """PostgreSQL takes none; all the rest of the text goes."""
    async with sqlite_database.unit() as unit:
        unit.write(NOTE, method="a", result="be\x00fore")
    await beatline.does(sqlite_url, "backup", tmp_path / "backup.db")
    assert (await beatline.does(postgres_url, "restore", tmp_path / "backup.db"))[0] == 0
    assert (await everything(postgres_url))["known_answer"] == [("a", "before")]
