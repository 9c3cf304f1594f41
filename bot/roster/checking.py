"""Without this module a mistyped roster would send residents to nobody."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.domain.roster import Roster
from bot.roster.agreement import check_agreement
from bot.roster.faults import Fault, RosterError, nearest
from bot.roster.table import Entry, Page, Unfit, entries
from bot.roster.tables import TABLES, roster_of

#: A roster of a hundred thousand officers is smaller.
LARGEST_FILE_BYTES = 50 * 1024 * 1024


def check_roster(path: Path) -> Roster:
    """The roster in a file, with all coordinates in WGS 84. Raises `RosterError` with every fault
    there is."""
    page = Page(path)
    try:
        document = _document(path)
    except Unfit as unfit:
        page.fault(unfit.says)
        raise RosterError(page.faults) from unfit
    _no_other_tables(page, document)
    found = _entries(page, document)
    check_agreement(page, found)
    if page.faults:
        raise RosterError(_in_order_of_the_file(page, found))
    return roster_of(found)


def _document(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise Unfit("is larger than 50 MiB: this is no roster.")
        content = path.read_bytes()
        return tomllib.loads(content.decode("utf-8-sig"))  # some editors put a mark at the start
    except OSError as error:
        raise Unfit(f"cannot be read ({error.strerror}): name a file that is there.") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unfit(f"is not UTF-8 (line {line}): save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:  # a number of 5000 digits is no TOMLDecodeError
        raise Unfit(f"is not TOML, mend it there: {error}.") from error


def _no_other_tables(page: Page, document: Mapping[str, Any]) -> None:
    titles = {table.name: table.title for table in TABLES}
    for name, value in document.items():
        if name in titles:
            continue
        if isinstance(value, Mapping | list):
            title = f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            hint = nearest(name, titles, otherwise="remove it.")
            page.fault(f"there is no such table in a roster: {hint}", table=title)
        else:
            page.fault("stands in no table: move it below one, or remove it.", key=name)


def _entries(page: Page, document: Mapping[str, Any]) -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    station = document.get("station")
    if isinstance(station, Mapping):
        _learn(page, station)
    for table in TABLES:
        found[table.name] = entries(page, table, document)
    return found


def _learn(page: Page, station: Mapping[str, Any]) -> None:
    """What other values are read with."""
    languages = station.get("languages")
    if isinstance(languages, list) and all(isinstance(each, str) for each in languages):
        page.languages = tuple(languages)
    page.is_gcj02 = station.get("coordinates") == "gcj02"


def _in_order_of_the_file(page: Page, found: Mapping[str, list[Entry]]) -> list[Fault]:
    """Everything about one row together, however it was found."""
    titles = [entry.title for entries_ in found.values() for entry in entries_]
    places = {title: place for place, title in enumerate(titles)}
    return sorted(page.faults, key=lambda fault: places.get(fault.table, -1))
