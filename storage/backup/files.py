"""Without this module a backup could be half written, damaged or no backup, and nobody would know.

What is done with SQLite files as a whole.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.database import StorageDownError, StorageError
from storage.migrations import known_revisions
from storage.sqlite.connection import read_revision
from storage.sqlite.faults import translated

#: Alembic's own table: it is about the schema, not about the station.
VERSION_TABLE = "alembic_version"


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a backup: the revision of its schema, its rows, its size in bytes."""

    revision: str
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its columns; ``refers_to``: the tables whose rows must be there first;
    ``numbered_by``: the column whose numbers are never given twice; the last one is remembered."""

    name: str
    columns: tuple[str, ...]
    refers_to: frozenset[str]
    numbered_by: str | None


def refuse_target(file: Path) -> None:
    """Raise StorageError where no backup can be written: nothing is ever written over."""
    if file.exists():
        raise StorageError(f"{file} is there already: name another file, or remove it.")
    if not file.parent.is_dir():
        raise StorageError(f"There is no directory {file.parent}: make it, or name another file.")


def vacuumed(source: Path, target: Path) -> None:
    """A copy of the database at one moment, without its gaps; writers go on meanwhile."""
    with _opened(source) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)


def copied(file: Path, target: Path) -> None:
    """A copy of a backup, which itself is never written to. Raises StorageError."""
    try:
        shutil.copyfile(file, target)
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}.") from error
    target.chmod(0o600)


def contents(path: Path) -> Contents:
    """What is in this backup; it is in one file afterwards. Raises StorageError when it is none,
    damaged, or written by a newer beatline."""
    try:
        revision = read_revision(path)
        with _opened(path) as connection:
            _check(connection)
            rows = sum(_count(connection, table) for table in tables(connection))
            connection.execute("PRAGMA journal_mode=DELETE")
    except StorageDownError as error:
        raise StorageError("The file is no backup, or it is damaged.") from error
    if revision is None:
        raise StorageError("The file is no backup: it is empty.")
    if revision not in known_revisions():
        raise StorageError(
            f"The backup was written by a newer beatline (schema {revision}, this one knows"
            f" {known_revisions()[-1]}): install that version."
        )
    return Contents(revision=revision, rows=rows, size=path.stat().st_size)


def _check(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise StorageError("The file is damaged.")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise StorageError("The file is damaged: some of its rows refer to nothing.")


def tables(connection: sqlite3.Connection) -> list[Table]:
    """Our tables, those that others refer to first."""
    found = {
        name: _table(connection, name, sql)
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
            " AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
        )
        if name != VERSION_TABLE
    }
    ordered: list[Table] = []
    while found:
        ready = [each for each in found.values() if not each.refers_to & found.keys()]
        ordered += ready
        for each in ready:
            del found[each.name]
    return ordered


def _table(connection: sqlite3.Connection, name: str, sql: str) -> Table:
    columns = connection.execute("SELECT name, pk FROM pragma_table_info(?)", (name,)).fetchall()
    keys = [column for column, place in columns if place]
    parents = connection.execute(
        'SELECT "table" FROM pragma_foreign_key_list(?)', (name,)
    ).fetchall()
    return Table(
        name=name,
        columns=tuple(column for column, _ in columns),
        refers_to=frozenset(parent for (parent,) in parents) - {name},
        numbered_by=keys[0] if "AUTOINCREMENT" in sql.upper() else None,
    )


def _count(connection: sqlite3.Connection, table: Table) -> int:
    [count] = connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()  # noqa: S608 - our own tables
    return int(count)


def has_rows(path: Path) -> bool:
    """Whether anything is on file."""
    with _opened(path) as connection:
        return any(_count(connection, table) for table in tables(connection))


def put_in_place(new: Path, path: Path) -> None:
    """``new`` becomes the database at ``path``. A log that is left there belongs to the old file:
    applied to the new one it would destroy it."""
    with translated(path):
        _to_disk(new)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        new.replace(path)
        _to_disk(path.parent)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with translated(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection
