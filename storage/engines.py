"""Without this module every command would have to know which engine an address means.

An address is ``sqlite:///file`` (three slashes: relative to the working directory, four: absolute)
or ``postgresql://user:password@host/database``. A password in it is never shown.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from storage.database import Database, StorageError
from storage.migrations import CHILD_REFUSED, known_revisions

#: Where the rooms lie, for a process that does not start in them.
_ROOMS = str(Path(__file__).resolve().parent.parent)
_SQLITE = "sqlite:///"
_POSTGRES_SCHEMES = frozenset({"postgresql", "postgres"})


def open_database(url: str) -> Database:
    """The database at this address; nothing is opened before it is first used.

    Raises StorageError for an address that cannot be meant, and for a missing driver or directory.
    """
    if is_postgres(url):
        return _open_postgres(url)
    from storage.sqlite import SqliteDatabase

    return SqliteDatabase(sqlite_path(url))


def _open_postgres(url: str) -> Database:
    try:
        from storage.postgres import PostgresDatabase
    except ModuleNotFoundError as error:
        raise StorageError(
            "PostgreSQL needs a driver that is not installed: install beatline[postgres]."
        ) from error
    return PostgresDatabase(url)


def is_postgres(url: str) -> bool:
    """Whether PostgreSQL is meant. Raises StorageError when neither engine is."""
    scheme = url.partition(":")[0]
    if scheme in _POSTGRES_SCHEMES:
        _checked_parts(url)
        return True
    if url.startswith("sqlite:"):
        return False
    raise StorageError(
        "The address of the database starts with neither sqlite:/// nor postgresql://."
    )


def _checked_parts(url: str) -> None:
    try:
        port = urlsplit(url).port
    except ValueError:
        port = 0
    if port == 0:
        # The address itself is not repeated: whatever is wrong with it may be the password.
        raise StorageError(
            "The address of the database is not well formed: a special character in the password"
            " must be written as %XX, the port must be a number from 1 to 65535."
        )


def sqlite_path(url: str) -> Path:
    """The file meant by ``sqlite:///…``; its directory exists. Raises StorageError."""
    name = url.removeprefix(_SQLITE)
    if name in (url, "", ":memory:"):
        raise StorageError(
            "The address of the database names no file: write sqlite:///beatline.db"
            " (relative) or sqlite:////srv/beatline.db (absolute)."
        )
    path = Path(name)
    if not path.parent.is_dir():
        raise StorageError(f"There is no directory {path.parent}: make it, or name another file.")
    return path


async def bring_up_to_date(url: str) -> None:
    """Bring the schema at this address to the newest revision; safe for many processes at once.

    Cheap when there is nothing to do. Raises StorageError, also for a database that a newer
    beatline has written, and StorageDownError when it cannot be reached.
    """
    newest = known_revisions()[-1]
    if await revision_on_file(url) != newest:
        await migrate(url, newest)


async def revision_on_file(url: str) -> str | None:
    """The revision of the schema at this address, None when there is nothing in it yet.

    Raises StorageError for the database of another program or of a newer beatline, and
    StorageDownError when it cannot be reached.
    """
    revision = await _read_revision(url)
    known = known_revisions()
    if revision is not None and revision not in known:
        raise StorageError(
            f"The database was written by a newer beatline (schema {revision}, this one knows"
            f" {known[-1]}): install that version, or restore an older backup."
        )
    return revision


async def _read_revision(url: str) -> str | None:
    if is_postgres(url):
        _open_postgres(url)
        from storage.postgres import read_revision

        return await read_revision(url)
    from storage.sqlite.connection import read_revision as read_file_revision

    return await asyncio.to_thread(read_file_revision, sqlite_path(url))


async def migrate(url: str, revision: str) -> None:
    """Bring the schema at this address up to ``revision``, all or nothing. Raises StorageError.

    Importing Alembic costs 21 MiB and half a second: its process ends, ours goes on for months.
    The address travels through a pipe: arguments and environments are shown in process lists.
    """
    # -P and the path: what lies in the working directory must not pose as one of our modules.
    path = os.pathsep.join(filter(None, (_ROOMS, os.environ.get("PYTHONPATH"))))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "storage.migrations"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        said, traceback = await child.communicate(f"{url}\n{revision}".encode())
    finally:
        if child.returncode is None:  # we were cancelled: its transaction is undone
            child.kill()
            await child.wait()
    if child.returncode == CHILD_REFUSED:
        raise StorageError(said.decode(errors="replace").strip())
    if child.returncode:
        last_line = traceback.decode(errors="replace").strip().rpartition("\n")[2]
        raise StorageError(
            f"The schema could not be brought up to date: {without_password(last_line, url)}"
        )


def without_password(text: str, url: str) -> str:
    """``text`` as it may be shown: neither the address nor its password is in it."""
    text = text.replace(url, "[address]")
    password = urlsplit(url).password
    return text.replace(password, "[password]") if password else text
