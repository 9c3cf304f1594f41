"""Without this module an administrator would mend a roster one fault at a time."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. ``table`` says which row, ``key`` which key in it; both are empty when
    the file as a whole cannot be read."""

    file: str
    table: str
    key: str
    says: str

    def __str__(self) -> str:
        """One line: where it is and what to do."""
        parts = (self.file, self.table, self.key, self.says)
        return ": ".join(_on_a_line(part) for part in parts if part)


class RosterError(Exception):
    """The roster cannot be used. ``faults`` has everything that is to be mended."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def _on_a_line(text: str) -> str:
    """What somebody wrote may hold line breaks, and what a terminal takes for a command."""
    return "".join(each if each.isprintable() else "?" for each in text)


def nearest(wrong: str, right: Iterable[str], *, otherwise: str = "") -> str:
    """A question with the right word most like ``wrong``; ``otherwise`` when none is like it."""
    found = difflib.get_close_matches(wrong, list(right), n=1)
    return f'did you mean "{found[0]}"?' if found else otherwise
