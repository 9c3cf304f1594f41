"""Without this package a database would stay as the version that made it left it.

Alembic migrations, run from code by `storage.engines.bring_up_to_date` in a process of their own.
Importing this package does not import Alembic.
"""

from __future__ import annotations

import re
from pathlib import Path

#: How the child process says that its output is a sentence for people, not a traceback.
CHILD_REFUSED = 3

_REVISION_FILE = re.compile(r"v(\d{4})_\w+\.py")


def known_revisions() -> list[str]:
    """The revisions in this package, oldest first: ``versions/v0001_….py`` is revision 0001."""
    names = (path.name for path in (Path(__file__).parent / "versions").iterdir())
    return sorted(found[1] for name in names if (found := _REVISION_FILE.fullmatch(name)))
