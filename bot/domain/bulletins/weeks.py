"""Without these rules a week could have two issues, or one number two weeks.

A weekly issue is numbered by its ISO 8601 week: 2026-47 is 2026年第47期. The week is the one
in which the hour of publication falls at the station, however late the issue is really sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: An issue that could not go out at its hour still goes within this time; later a supervisor
#: decides (a notice of last night's break-ins is worth little tomorrow evening).
LATE_LIMIT = timedelta(hours=12)
#: The author is reminded so long before the hour while nothing is approved.
REMINDERS_BEFORE = (timedelta(days=1), timedelta(hours=2))

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOUR = re.compile(rf"({'|'.join(_DAYS)}) ([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_NUMBER = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class IssueNumber:
    """One week's issue: ``str()`` is 2026-47."""

    year: int
    week: int

    def __str__(self) -> str:
        return f"{self.year}-{self.week:02}"


def issue_of(hour: datetime, zone: ZoneInfo) -> IssueNumber:
    """The issue due at ``hour`` (aware): the ISO week of that local day."""
    year, week, _ = hour.astimezone(zone).isocalendar()
    return IssueNumber(year, week)


def issue_of_text(text: str) -> IssueNumber | None:
    """The number in ``2026-47``; None for anything else."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None or not 1 <= int(found[2]) <= 53:
        return None
    return IssueNumber(int(found[1]), int(found[2]))


def weekly_hour_of(text: str) -> tuple[int, time]:
    """The day (Monday is 0) and the local time in ``Fri 18:00``. Raises ValueError."""
    found = _HOUR.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return _DAYS.index(found[1]), time(int(found[2]), int(found[3]))


def next_weekly(at: str, zone: ZoneInfo, *, after: datetime) -> datetime:
    """The first moment (UTC) later than ``after`` (aware) at which it is ``at`` in ``zone``.

    A time that a clock change skips comes as much later as the clock jumps (02:30 becomes 03:30);
    of a time that a clock change repeats, only the first counts.
    """
    weekday, local = weekly_hour_of(at)
    day = after.astimezone(zone).date()
    day += timedelta(days=(weekday - day.weekday()) % 7)
    moment = datetime.combine(day, local, tzinfo=zone).astimezone(UTC)
    if moment <= after:
        moment = datetime.combine(day + timedelta(days=7), local, tzinfo=zone).astimezone(UTC)
    return moment


def is_too_late(hour: datetime, *, now: datetime) -> bool:
    """Whether the issue due at ``hour`` may no longer go out by itself; both aware."""
    return now - hour > LATE_LIMIT
