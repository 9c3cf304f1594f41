"""Without this module every table of the roster would be read, and complain, in its own way.

A `Table` is declared: its keys, and how each value is read. What is read lands in an `Entry`; what
cannot be read becomes a `Fault`, and reading goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.roster.faults import Fault, nearest

#: The default of a key that must be there.
REQUIRED: Any = object()


@dataclass
class Page:
    """The file under examination, and what is known of it so far."""

    path: Path
    faults: list[Fault] = field(default_factory=list)
    languages: tuple[str, ...] = ()
    is_gcj02: bool = False

    def fault(self, says: str, *, table: str = "", key: str = "") -> None:
        """Note something to mend."""
        self.faults.append(Fault(self.path.name, table, key, says))


@dataclass(frozen=True)
class Cell:
    """One value where it stands."""

    page: Page
    table: str
    key: str
    value: Any

    def fault(self, says: str) -> None:
        """Note what is wrong with this value."""
        self.page.fault(says, table=self.table, key=self.key)

    def part(self, name: str, value: Any) -> Cell:
        """A value inside this one."""
        return Cell(self.page, self.table, f"{self.key}.{name}", value)


class Unfit(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """A value cannot be used; ``says`` is what is wrong and what to do."""

    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says


#: Makes what the house works with out of a value. Raises `Unfit`.
Reader = Callable[[Cell], Any]


def read(reader: Reader, cell: Cell) -> Any:
    """The value, or None after a fault."""
    try:
        return reader(cell)
    except Unfit as unfit:
        cell.fault(unfit.says)
        return None


@dataclass(frozen=True)
class Key:
    """How one key is read, and what it is when it is left out."""

    reader: Reader
    default: Any = REQUIRED


@dataclass(frozen=True)
class Table:
    """A table of the roster. ``is_list``: written ``[[name]]``, once for each; ``named_by``: the
    key that tells one from the other; ``is_optional``: there may be none."""

    name: str
    keys: Mapping[str, Key]
    is_list: bool = True
    named_by: str = "code"
    is_optional: bool = False

    @property
    def title(self) -> str:
        """How it is written in the file."""
        return f"[[{self.name}]]" if self.is_list else f"[{self.name}]"


@dataclass
class Entry:
    """One row as far as it can be read: ``values`` of keys that cannot are None; ``code`` as it is
    written, fit or not."""

    title: str
    code: str
    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.values.get(key)


def entries(page: Page, table: Table, document: Mapping[str, Any]) -> list[Entry]:
    """All rows of one table."""
    found = document.get(table.name)
    if found is None and table.is_optional:
        return []
    if found is None:
        page.fault("at least one is needed: add it.", table=table.title)
        return []
    rows = found if table.is_list else [found]
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        page.fault(f"write it as {table.title}, with its keys below.", table=table.title)
        return []
    return [_entry(page, table, title, row) for title, row in _titled(table, rows)]


def _titled(table: Table, rows: list[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, row in enumerate(rows, start=1):
        if not table.is_list:
            yield table.title, row
            continue
        name = row.get(table.named_by)
        label = f" ({name})" if isinstance(name, str) and name else ""
        yield f"{table.title} no. {number}{label}", row


def _entry(page: Page, table: Table, title: str, row: Mapping[str, Any]) -> Entry:
    for key in row:
        if key not in table.keys:
            hint = nearest(key, table.keys, otherwise="remove it.")
            page.fault(f"there is no such key here: {hint}", table=title, key=key)
    code = row.get("code")
    entry = Entry(title, code if isinstance(code, str) else "")
    for key, how in table.keys.items():
        if key in row:
            entry.values[key] = read(how.reader, Cell(page, title, key, row[key]))
        elif how.default is REQUIRED:
            page.fault("is missing: add it.", table=title, key=key)
        else:
            entry.values[key] = how.default
    return entry
