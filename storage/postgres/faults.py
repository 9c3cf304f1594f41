"""Without this module every drawer would have to know PostgreSQL's errors.

The engine's errors in the seam's words. Neither parameters nor rows ever enter a sentence: what
the server says about a value is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from storage.database import (
    ConflictError,
    ConstraintError,
    StatementError,
    StorageDownError,
    StorageError,
)

#: How long one process waits for another one's lock before storage counts as down.
LOCK_SECONDS = 5.0

#: Serialization failure, deadlock; a plan made before the schema changed.
_CONFLICTS = frozenset({"40001", "40P01", "0A000"})
#: What is wrong with the server, by SQLSTATE or its class (the first two characters).
_SENTENCES = {
    "55P03": "{where} has rows locked by another program for"
    f" {LOCK_SECONDS:.0f} seconds: look at its sessions.",
    "53100": "{where} cannot grow: the disk is full.",
    "53300": "{where} has no connection left for us.",
    "42501": "{where} does not allow it: look at the rights of the user in the address.",
    "3D000": "{where} has no such database: create it, or name another one.",
    "25006": "{where} takes no writes now: is it a standby?",
    "XX001": "{where} says that it is damaged: restore a backup.",
    "XX002": "{where} says that it is damaged: restore a backup.",
    "28": "{where} does not let us in: look at user and password in the address of the database.",
    "57": "{where} is starting or shutting down, or was told to stop what we asked.",
    "08": "{where} cut the connection.",
    "53": "{where} has no room or memory left.",
    "58": "{where} has trouble with its disk or its files.",
    "XX": "{where} has a fault of its own: look into its log.",
    "F0": "{where} has a fault in its settings: look into its log.",
}
_UNREACHABLE = "{where} cannot be reached: is it running, and is the address right?"


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn whatever asyncpg raises into a `StorageError` about ``where``."""
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _named(error, where) from error
    except OSError as error:  # TimeoutError is one
        raise StorageDownError(_UNREACHABLE.format(where=where)) from error
    except asyncpg.ClientConfigurationError as error:
        raise StorageError(
            "The address of the database says something that PostgreSQL does not know."
        ) from error
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise StorageDownError(_SENTENCES["08"].format(where=where)) from error


def _named(error: asyncpg.PostgresError, where: str) -> StorageError:
    code = error.sqlstate or "XX"
    if code in _CONFLICTS:
        return ConflictError(f"Another transaction was first: {type(error).__name__}.")
    if code.startswith("23"):
        broken = error.constraint_name or error.column_name or type(error).__name__
        return ConstraintError(f"{error.table_name}: {broken}")
    sentence = _SENTENCES.get(code) or _SENTENCES.get(code[:2])
    if sentence is not None:
        return StorageDownError(sentence.format(where=where))
    # Syntax and names are our own words; everything else may repeat a value.
    says = error.args[0] if code.startswith("42") else type(error).__name__
    return StatementError(f"PostgreSQL: {says}")
