"""Without this module a station outside mainland China would be told open on every holiday.

A table of days that are not worked as their weekday says: TOML, for any country and year.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.domain.calendar import DayKind, SpecialDay
from bot.roster.faults import Fault, RosterError

#: A table of a century is smaller.
LARGEST_FILE_BYTES = 1024 * 1024
#: Years that somebody may plan for; anything else is a slip of the hand.
_YEARS = range(2000, 2200)
_KINDS = {"holiday": DayKind.HOLIDAY, "working": DayKind.WORKING}


@dataclass(frozen=True, slots=True)
class CalendarTable:
    """``years``: those that are announced in full. ``days``: the special ones."""

    years: tuple[int, ...]
    days: tuple[SpecialDay, ...]


def read_calendar(path: Path) -> CalendarTable:
    """The table in a file. Raises `RosterError` with every fault there is."""
    try:
        document = _document(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"is not TOML: {error}"
        raise RosterError([Fault(str(path), "", "", f"{reason}.")]) from error
    faults = [Fault(str(path), *each) for each in _faults(document)]
    if faults:
        raise RosterError(faults)
    return CalendarTable(
        tuple(document.get("years", ())), tuple(_day(each) for each in document.get("day", ()))
    )


def _document(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise ValueError("larger than 1 MiB")
    return tomllib.loads(path.read_text(encoding="utf-8-sig"))


def _faults(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key in document.keys() - {"years", "day"}:
        yield "", key, "there is no such key: write years = [2027] and [[day]]."
    years, days = document.get("years", []), document.get("day", [])
    if not years and not days:
        yield "", "", "has no day and no year: write years = [2027] and [[day]]."
    if not isinstance(years, list) or any(
        type(each) is not int or each not in _YEARS for each in years
    ):
        yield "", "years", "must be a list of years, such as [2027]."
    if not isinstance(days, list):
        yield "[[day]]", "", "must be written with two brackets: [[day]]."
        return
    for place, each in enumerate(days, start=1):
        yield from ((f"[[day]] no. {place}", *fault) for fault in _faults_of_day(each))


def _faults_of_day(day: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in day.keys() - {"date", "kind", "name"}:
        yield key, "there is no such key: a day has date, kind and name."
    found = day.get("date")
    if not isinstance(found, date) or isinstance(found, datetime):
        yield "date", "must be a date without quotes, such as 2027-01-01."
    if day.get("kind") not in _KINDS:
        yield "kind", "must be holiday or working."
    name = day.get("name", {})
    if not isinstance(name, dict) or not all(isinstance(each, str) for each in name.values()):
        yield "name", 'must be a table of languages, such as { en = "New Year" }.'


def _day(day: Mapping[str, Any]) -> SpecialDay:
    return SpecialDay(day["date"], _KINDS[day["kind"]], dict(day.get("name", {})))
