"""SQLite in trouble: a clear sentence, nothing half kept, and it goes on when the trouble ends."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage.database import Database, StatementError, StorageDownError, Unit
from storage.engines import sqlite_path
from storage.sqlite import SqliteDatabase
from tests.engines import NOTE, PATIENCE_SECONDS, noted


@pytest.fixture
def file(sqlite_url: str) -> Path:
    """That file."""
    return sqlite_path(sqlite_url)


async def note(database: Database, method: str, result: str = "1") -> None:
    """One row more."""
    async with database.unit() as unit:
        unit.write(NOTE, method=method, result=result)


async def test_a_file_locked_by_another_program_is_down_until_it_is_let_go(
    sqlite_database: Database, file: Path
) -> None:
    """After some seconds of waiting it is said who is in the way; reading goes on meanwhile."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageDownError, match="has been locked by another program"):
            await note(sqlite_database, "locked")
        assert await noted(sqlite_database) == []
    await note(sqlite_database, "free")
    assert await noted(sqlite_database) == ["free"]


#: Another program: reads the rows and goes. The last one to go empties the log and removes it.
READ_AND_GO = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(*(row[0] for row in connection.execute("SELECT method FROM known_answer ORDER BY method")))
connection.close()
"""


def another_program_sees(file: Path) -> list[str]:
    """What it read before it went."""
    done = subprocess.run(
        [sys.executable, "-c", READ_AND_GO, file],
        capture_output=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    return done.stdout.decode().split()


async def test_another_program_that_comes_and_goes_takes_nothing_away(
    sqlite_database: Database, file: Path
) -> None:
    """`beatline doctor` or an import beside a running bot is never the last one: our locks hold,
    although connections are opened one after the other, and what we write later is not lost."""
    seen = []
    await note(sqlite_database, "a")
    assert await noted(sqlite_database) == ["a"]
    second = SqliteDatabase(file)
    for method in ("b", "c"):
        await note(sqlite_database, method)
        await noted(second)
        seen.append(another_program_sees(file))
    await second.close()
    assert seen == [["a", "b"], ["a", "b", "c"]]


async def test_a_full_disk_keeps_nothing_and_is_over_when_there_is_room(
    sqlite_database: Database,
) -> None:
    """The unit is undone; the same program goes on."""
    await note(sqlite_database, "before")

    async def work(unit: Unit) -> None:
        await unit.fetch("PRAGMA max_page_count = 1")  # the smallest that fits: what is there
        unit.write(NOTE, method="full", result="x" * 1_000_000)

    with pytest.raises(StorageDownError, match="cannot grow: the disk is full"):
        await sqlite_database.run(work)
    await note(sqlite_database, "after", "x" * 1_000_000)
    assert await noted(sqlite_database) == ["after", "before"]


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """The operating system lets no file of this process grow beyond ``size`` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_write_that_the_system_refuses_keeps_nothing(sqlite_database: Database) -> None:
    """Whatever the reason, it is named, and the file is as sound as before."""
    await note(sqlite_database, "before")
    with files_up_to(200_000), pytest.raises(StorageDownError, match="I/O error"):
        await note(sqlite_database, "refused", "x" * 1_000_000)
    await note(sqlite_database, "after", "x" * 1_000_000)
    assert await noted(sqlite_database) == ["after", "before"]


async def test_a_file_that_is_removed_is_not_made_anew(
    sqlite_database: Database, file: Path
) -> None:
    """An empty one would hide the loss. Put back, it is used again."""
    await note(sqlite_database, "before")
    assert await noted(sqlite_database) == ["before"]
    aside = file.rename(file.with_name("aside.db"))
    for opened in (sqlite_database.unit, sqlite_database.reading):
        with pytest.raises(StorageDownError, match="removed or replaced"):
            async with opened() as unit:
                await unit.fetch("SELECT method FROM known_answer")
        with pytest.raises(StorageDownError, match="is gone: restore it"):
            async with opened() as unit:
                await unit.fetch("SELECT method FROM known_answer")
    assert not file.exists()
    aside.rename(file)
    await note(sqlite_database, "after")
    assert await noted(sqlite_database) == ["after", "before"]


async def test_a_damaged_file_is_named_and_a_restored_one_is_used(
    sqlite_database: Database, file: Path, sqlite_template: Path
) -> None:
    """A backup put in its place is enough; the program need not be started again."""
    await note(sqlite_database, "before")
    await sqlite_database.close()
    content = bytearray(file.read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    file.write_bytes(content)
    damaged = SqliteDatabase(file)
    try:
        with pytest.raises(StorageDownError, match="is damaged: restore a backup"):
            await noted(damaged)
        file.unlink()
        file.write_bytes(sqlite_template.read_bytes())
        await note(damaged, "after")
        assert await noted(damaged) == ["after"]
    finally:
        await damaged.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Dear diary" * 1000, "is not a SQLite database: name another file"),
        (None, "cannot be opened for writing"),
    ],
    ids=["another file", "a directory"],
)
async def test_what_is_no_database_is_left_alone(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    """It is said what is wrong; nothing is written into it."""
    path = tmp_path / "something"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    database = SqliteDatabase(path)
    try:
        with pytest.raises(StorageDownError, match=says):
            await note(database, "a")
    finally:
        await database.close()
    assert path.is_dir() if content is None else path.read_bytes() == content


async def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """It will hold personal data."""
    path = tmp_path / "new.db"
    database = SqliteDatabase(path)
    with pytest.raises(StatementError):
        await noted(database)
    await database.close()
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_place_cannot_be_held_where_there_is_no_directory(tmp_path: Path) -> None:
    """The lock lies beside the file."""
    database = SqliteDatabase(tmp_path / "nowhere" / "beatline.db")
    with pytest.raises(StorageDownError):
        async with database.sole_holder("poller"):
            pass


async def test_a_unit_under_way_is_told_when_the_database_is_closed(
    sqlite_database: Database,
) -> None:
    """It is undone: nothing of it is kept."""

    async def work(unit: Unit) -> None:
        await unit.fetch(NOTE + " RETURNING method", method="a", result="1")
        await sqlite_database.close()

    with pytest.raises(StorageDownError, match="is closed"):
        await sqlite_database.run(work)


async def test_closing_wins_over_opening(file: Path) -> None:
    """A connection that was just being opened is closed as well: none is left to hang."""
    database = SqliteDatabase(file)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(refused(database))
        await asyncio.sleep(0)  # now it opens the file
        await database.close()
    assert "is closed" in str(task.result())


async def test_a_unit_cancelled_while_the_file_is_opened_leaves_no_thread(file: Path) -> None:
    """A thread left behind would keep the process, or speak to a loop that is closed."""
    before = set(threading.enumerate())
    database = SqliteDatabase(file)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(note(database, "a"))
        await asyncio.sleep(0)  # now it opens the file
        task.cancel()
    assert task.cancelled()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
    await note(database, "b")
    assert await noted(database) == ["b"]
    await database.close()


async def refused(database: Database) -> StorageDownError:
    """What a unit is told that cannot begin."""
    with pytest.raises(StorageDownError) as caught:
        await note(database, "a")
    return caught.value


@pytest.mark.parametrize("ending", ["pass", "raise LookupError", "await asyncio.Event().wait()"])
def test_the_process_ends_however_a_unit_ends(file: Path, ending: str) -> None:
    """An open connection would keep it alive for ever: it is closed on every way out."""
    program = """
import asyncio, sys
from pathlib import Path
from storage.sqlite import SqliteDatabase

async def main():
    database = SqliteDatabase(Path(sys.argv[1]))
    try:
        async with asyncio.timeout(0.2), database.unit() as unit:
            await unit.fetch("SELECT method FROM known_answer")
            ENDING
    finally:
        await database.close()

asyncio.run(main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program.replace("ENDING", ending), str(file)],
        capture_output=True,
        timeout=PATIENCE_SECONDS,
    )
    assert ended.returncode == (0 if ending == "pass" else 1)
