"""Without this package a lost disk would be a lost station.

A backup is a SQLite database with the schema of its day, whichever engine it came from: it can be
restored into either engine, looked at with any tool, and opened by the bot as it is.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.backup.files import (
    Contents,
    contents,
    copied,
    has_rows,
    put_in_place,
    refuse_target,
    vacuumed,
)
from storage.database import StorageDownError, StorageError
from storage.engines import (
    bring_up_to_date,
    is_postgres,
    migrate,
    open_database,
    revision_on_file,
    sqlite_path,
)

__all__ = ["Contents", "restore_backup", "write_backup"]


async def write_backup(url: str, file: Path) -> Contents:
    """Write everything at this address into ``file``, as it was at one moment, while others go on
    writing. What was written. Raises StorageError, also when ``file`` is there already."""
    refuse_target(file)
    revision = await revision_on_file(url)
    if revision is None:
        raise StorageError("There is nothing to back up: the database is empty.")
    with _scratch(file.parent) as folder:
        part = folder / file.name
        if is_postgres(url):
            from storage.backup.servers import read_server

            await migrate(f"sqlite:///{part}", revision)
            await read_server(url, part)
        else:
            await asyncio.to_thread(vacuumed, sqlite_path(url), part)
        written = await asyncio.to_thread(contents, part)
        part.rename(file)
    return written


async def restore_backup(file: Path, url: str, *, is_forced: bool) -> Contents:
    """Put what is in ``file`` in the place of what is at this address. What was restored.

    Raises StorageError: ``file`` is no sound backup, or one of a newer beatline; the bot is
    running; something is on file and ``is_forced`` is False. Then nothing is changed.
    """
    beside = None if is_postgres(url) else sqlite_path(url).parent
    with _scratch(beside) as folder:
        copy = folder / "beatline.db"
        await asyncio.to_thread(copied, file, copy)
        restored = await asyncio.to_thread(contents, copy)
        await bring_up_to_date(f"sqlite:///{copy}")
        database = open_database(url)
        try:
            async with database.sole_holder("poller") as is_ours:
                if not is_ours:
                    raise StorageError("The bot is running: stop it first.")
                await _put(copy, url, is_forced=is_forced)
        finally:
            await database.close()
    return restored


async def _put(copy: Path, url: str, *, is_forced: bool) -> None:
    if is_postgres(url):
        from storage.backup.servers import write_server

        await bring_up_to_date(url)
        await write_server(url, copy, is_forced=is_forced)
        return
    path = sqlite_path(url)
    if await _has_something(path) and not is_forced:
        raise StorageError(f"Something is on file in {path}: --force replaces it.")
    await asyncio.to_thread(put_in_place, copy, path)


async def _has_something(path: Path) -> bool:
    """Whether rows would be lost. Raises StorageError for the database of another program."""
    try:
        if await revision_on_file(f"sqlite:///{path}") is None:
            return False
        return await asyncio.to_thread(has_rows, path)
    except StorageDownError:
        return True  # damaged: a restore is what it needs, and forcing it is a decision


@contextmanager
def _scratch(beside: Path | None) -> Iterator[Path]:
    """A directory that nobody else can look into, removed afterwards: everything is in it."""
    with tempfile.TemporaryDirectory(prefix=".beatline-", dir=beside) as folder:
        yield Path(folder)
