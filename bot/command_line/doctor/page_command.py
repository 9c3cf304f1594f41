"""Without this module a mistyped path would be found by the first urgent call at night."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.command_line.doctor.findings import Finding, Level
from bot.domain.roster import Role, Roster

_ABOUT = "paging"
#: Who is asked in no urgent call.
_NEVER_ASKED = frozenset({Role.INTERPRETER, Role.ADMINISTRATOR})


def page_command(command: Sequence[str] | None) -> Iterator[Finding]:
    """Whether the command that pages as well is there and may be run; nothing where none is set.
    Its further words are not printed: one may be a password."""
    if command is None:
        return
    program = Path(command[0])
    if not program.is_file():
        says = f"there is no program {program}: check what page_command begins with."
        yield Finding(Level.FAIL, _ABOUT, says)
    elif not os.access(program, os.X_OK):
        yield Finding(Level.FAIL, _ABOUT, f"{program} may not be run: try chmod +x {program}.")
    else:
        yield Finding(Level.OK, _ABOUT, f"{program}, there and executable")


def numbers(roster: Roster) -> Finding:
    """Whether the command has a number for everybody whom an urgent call may ask."""
    asked = (each for each in roster.officers if each.role not in _NEVER_ASKED)
    if missing := sorted(each.code for each in asked if not each.phone):
        says = f"no phone in the roster, so paged in Telegram alone: {', '.join(missing)}."
        return Finding(Level.WARN, "numbers", says)
    return Finding(Level.OK, "numbers", "everybody has a phone in the roster")
