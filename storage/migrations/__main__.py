"""Without this module a migration could not run in a process of its own.

``python -m storage.migrations`` with two lines on standard input: the address of the database and
the revision wanted.
"""

from __future__ import annotations

import sys

from storage.database import StorageError
from storage.migrations import CHILD_REFUSED
from storage.migrations.upgrade import upgrade


def main() -> int:
    """Migrate; 0 when the schema is current, `CHILD_REFUSED` with a sentence on stdout."""
    try:
        url, _, revision = sys.stdin.read().partition("\n")
        upgrade(url, revision)
    except StorageError as error:
        print(error)  # noqa: T201 - the pipe to the process that started this one
        return CHILD_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
