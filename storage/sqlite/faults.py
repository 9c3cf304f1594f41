"""Without this module every drawer would have to know SQLite's errors.

The engine's errors in the seam's words. Neither parameters nor rows ever enter a sentence.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.database import ConstraintError, StatementError, StorageDownError, StorageError

#: How long one process waits for another one's write before storage counts as down.
BUSY_TIMEOUT_SECONDS = 5.0

_CANNOT_WRITE = "{path} cannot be opened for writing: look who owns the file and its directory."
#: What is wrong with the machine, by SQLite's primary result code.
_SENTENCES = {
    sqlite3.SQLITE_BUSY: "{path} has been locked by another program"
    f" for {BUSY_TIMEOUT_SECONDS:.0f} seconds.",
    sqlite3.SQLITE_FULL: "{path} cannot grow: the disk is full.",
    sqlite3.SQLITE_NOTADB: "{path} is not a SQLite database: name another file.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged: restore a backup.",
    sqlite3.SQLITE_CANTOPEN: _CANNOT_WRITE,
    sqlite3.SQLITE_READONLY: _CANNOT_WRITE,
    sqlite3.SQLITE_PERM: _CANNOT_WRITE,
}
#: What SQLite says when it does not understand us, or the value given.
_OUR_FAULTS = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_MISMATCH,
    }
)


class FileGoneError(Exception):
    """The database file was removed or replaced while it was open."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn whatever SQLite raises into a `StorageError` about ``path``."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise ConstraintError(str(error)) from error
    except sqlite3.Error as error:
        raise _named(error, path) from error
    except FileGoneError as error:
        raise StorageDownError(f"{path} was removed or replaced: restore it.") from error
    except OSError as error:
        raise StorageDownError(_CANNOT_WRITE.format(path=path)) from error
    except (ValueError, OverflowError) as error:
        raise StatementError(f"SQLite takes no such value: {_kind_of(error)}.") from error


def _named(error: sqlite3.Error, path: Path) -> StorageError:
    # What the sqlite3 module says by itself has no code: it is always about how it was called.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
    if code in _OUR_FAULTS:
        return StatementError(f"SQLite: {error}")
    sentence = _SENTENCES.get(code, "{path} cannot be used: {error}.")
    return StorageDownError(sentence.format(path=path, error=error))


def _kind_of(error: ValueError | OverflowError) -> str:
    """What is wrong without the value itself, which somebody may have typed."""
    if isinstance(error, UnicodeEncodeError):
        return "a text with a lone surrogate"
    return "a number beyond 64 bits" if isinstance(error, OverflowError) else str(error)
