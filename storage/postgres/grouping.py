"""Without this module every queued write would cost a round trip of its own.

A unit's writes come in the order of its messages: a message, its case, a promise, a copy, the next
message, … Writes of one statement travel together where it makes no difference: each is moved ahead
of the ones between only when it and they have nothing to do with each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Write = tuple[str, tuple[Any, ...]]

_TARGET = re.compile(r"\s*(?:(INSERT)\s+INTO|(DELETE)\s+FROM|UPDATE)\s+(\w+)", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_OWN_ROWS = "/* own rows */"


@dataclass(frozen=True, slots=True)
class _Reach:
    """What a statement is about: the table it writes, every word in it, and whether rows of the
    table come or go; a table that cannot be told (None) may be any. ``has_own_rows``: no other
    statement that says so touches the same ones."""

    table: str | None
    words: frozenset[str]
    moves_rows: bool
    has_own_rows: bool


@lru_cache(maxsize=1024)
def _reach(sql: str) -> _Reach:
    found = _TARGET.match(sql)
    return _Reach(
        table=found[3].lower() if found else None,
        words=frozenset(word.lower() for word in _WORD.findall(sql)),
        moves_rows=found is None or bool(found[1] or found[2]),
        has_own_rows=_OWN_ROWS in sql,
    )


@dataclass(slots=True)
class Group:
    """Writes of one statement, in their order."""

    sql: str
    sets: list[tuple[Any, ...]] = field(default_factory=list)


class Grouping:
    """Knows which tables refer to which: ``references`` are pairs of (table, table referred to)."""

    def __init__(self, references: Iterable[tuple[str, str]]) -> None:
        self._references = frozenset(references)

    def groups(self, writes: Sequence[Write]) -> list[Group]:
        """The writes in groups whose order has the same outcome as the order they are in."""
        found: list[Group] = []
        for sql, arguments in writes:
            self._group_for(sql, found).sets.append(arguments)
        return found

    def _group_for(self, sql: str, found: list[Group]) -> Group:
        for group in reversed(found):
            if group.sql == sql:
                return group
            if not self._are_apart(_reach(sql), _reach(group.sql)):
                break
        found.append(Group(sql))
        return found[-1]

    def _are_apart(self, one: _Reach, other: _Reach) -> bool:
        """Whether it makes no difference which of two statements runs first."""
        if one.table is None or other.table is None:
            return False
        if one.table == other.table:
            return one.has_own_rows and other.has_own_rows
        if one.table in other.words or other.table in one.words:
            return False
        return not (self._needs(one, other) or self._needs(other, one))

    def _needs(self, one: _Reach, other: _Reach) -> bool:
        """Whether rows that ``one`` may refer to come or go with ``other``; keys never change."""
        return other.moves_rows and (one.table, other.table) in self._references
