"""Without these rules a room would be promised open on a holiday, or closed on a make-up day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class DayKind(StrEnum):
    """How a day is worked: as its weekday says, not at all, or like a working day (调休)."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    WORKING = "working"


class YearNotAnnounced(Exception):  # noqa: N818 - a fact: nobody has announced the days off yet
    """Which days of ``year`` are holidays is not known yet; they may still change the hours."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is worked differently from its weekday. ``name``: by language, may be empty."""

    day: date
    kind: DayKind
    name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The special days of the announced years."""

    years: frozenset[int] = frozenset()
    days: Mapping[date, SpecialDay] = field(default_factory=dict)

    def on(self, day: date) -> SpecialDay:
        """What is known of the day. Raises `YearNotAnnounced` for a day nobody has named in a year
        that was not announced."""
        if day in self.days:
            return self.days[day]
        if day.year not in self.years:
            raise YearNotAnnounced(day.year)
        return SpecialDay(day, DayKind.ORDINARY)

    def with_table(self, years: Iterable[int], days: Iterable[SpecialDay]) -> Calendar:
        """This calendar with what an administrator loaded: its ``years`` replace ours entirely,
        single days of other years are added or replaced."""
        named = frozenset(years)
        kept = {day: each for day, each in self.days.items() if day.year not in named}
        return Calendar(self.years | named, {**kept, **{each.day: each for each in days}})
