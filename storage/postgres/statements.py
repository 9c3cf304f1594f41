"""Without this module drawers would have to number their parameters, each place by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from storage.database import StatementError

#: Statements remembered: more than the program has, so each is read once.
STATEMENTS_KEPT = 1024

#: What is passed over (texts, quoted names, comments, casts), or a parameter's name.
_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | :: | :([A-Za-z_]\w*)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as PostgreSQL wants it: ``names`` in the order of ``$1``, ``$2``, …"""

    text: str
    names: tuple[str, ...]

    def arguments(self, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values in their places. Raises StatementError for a missing one, and for a time
        without a zone, which PostgreSQL would take for some zone of its own."""
        try:
            values = tuple([parameters[name] for name in self.names])
        except KeyError as error:
            raise StatementError(f"A statement got no value for :{error.args[0]}.") from error
        for value in values:
            if isinstance(value, datetime) and value.tzinfo is None:
                raise StatementError("PostgreSQL takes no such value: a time without a zone.")
        return values


@lru_cache(maxsize=STATEMENTS_KEPT)
def statement(sql: str) -> Statement:
    """``sql`` with ``:name`` turned into ``$n``; a name that comes again keeps its number."""
    names: dict[str, int] = {}

    def numbered(token: re.Match[str]) -> str:
        name = token[1]
        if name is None:
            return token[0]
        return f"${names.setdefault(name, len(names) + 1)}"

    return Statement(text=_TOKEN.sub(numbered, sql), names=tuple(names))
