"""Without this module opening hours would be a code that only machines read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache, partial
from zoneinfo import ZoneInfo

from bot.domain.calendar import Calendar, DayKind, SpecialDay
from bot.domain.duty_hours import DutyHours, HoursChange, Opening, duty_hours

#: What starts in the evening and ends by noon is one shift over midnight; what goes on longer is
#: an opening of its own that begins at midnight.
_NIGHT_ENDS = time(12)
#: How OSM names the days of the week, from Monday on.
_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
#: The rules of an expression that are about public holidays.
_HOLIDAY_RULE = re.compile(r"\bPH\b")
#: Reading one day takes 30 µs; this holds two months of fifty rooms.
_DAYS_REMEMBERED = 3000
#: Zones whose stations keep the holidays that the Chinese State Council announces.
_CHINESE_ZONES = frozenset({"Asia/Shanghai", "Asia/Urumqi", "PRC"})


def _open(hours: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    from opening_hours import OpeningHours

    found: list[tuple[datetime, datetime]] = []
    for opens, closes, state, _comment in OpeningHours(hours).intervals(start, end):
        if "open" in str(state).casefold():
            if found and found[-1][1] == opens:
                opens = found.pop()[0]
            found.append((opens, closes))
    return found


def openings(hours: str, day: date, kind: DayKind) -> Sequence[Opening]:
    """The openings that begin on ``day``; one over midnight is told whole, with its evening.

    A holiday is closed unless ``hours`` has a rule for it (``PH 10:00-12:00``). A make-up working
    day is worked like the Monday after it: the announcements do not say which weekday it replaces.
    """
    if kind is DayKind.HOLIDAY:
        return _on_holiday(hours, day)
    if kind is DayKind.WORKING and day.weekday() >= _WEEKDAYS.index("Sa"):
        return _on_make_up_day(hours, day)
    return _beginning_on(hours, day)


def _on_holiday(hours: str, day: date) -> Sequence[Opening]:
    """The library knows no holidays of ours: for this day its weekday stands in for ``PH``."""
    from opening_hours import validate

    rules = [each for each in re.split(r";|\|\|", hours) if _HOLIDAY_RULE.search(each)]
    told = _HOLIDAY_RULE.sub(_WEEKDAYS[day.weekday()], ";".join(rules))
    # A rule like "PH Mo-Fr" names the weekday already: told twice, nobody can read it.
    return _beginning_on(told, day) if rules and validate(told) else ()


def _on_make_up_day(hours: str, day: date) -> Sequence[Opening]:
    later = timedelta(days=7 - day.weekday())
    return [
        Opening(each.opens - later, each.closes - later)
        for each in _beginning_on(hours, day + later)
    ]


@lru_cache(maxsize=_DAYS_REMEMBERED)
def _beginning_on(hours: str, day: date) -> Sequence[Opening]:
    midnight = datetime.combine(day, time.min)
    return tuple(_own(hours, midnight, midnight + timedelta(days=1)))


def _own(hours: str, midnight: datetime, next_midnight: datetime) -> Iterator[Opening]:
    one_day = timedelta(days=1)
    for opens, closes in _open(hours, midnight - one_day, next_midnight + one_day):
        is_last_nights = opens < midnight and closes <= _noon_of(midnight)
        if closes <= midnight or opens >= next_midnight or is_last_nights:
            continue
        is_until_morning = closes <= _noon_of(next_midnight)
        own_end = closes if is_until_morning and opens >= midnight else min(closes, next_midnight)
        yield Opening(max(opens, midnight), own_end)


def _noon_of(midnight: datetime) -> datetime:
    return datetime.combine(midnight.date(), _NIGHT_ENDS)


def room_hours(
    hours: str,
    *,
    since: date,
    days: int,
    calendar: Calendar,
    zone: ZoneInfo,
    changes: Iterable[HoursChange] = (),
) -> DutyHours:
    """A room's hours as `bot.domain.duty_hours` answers from them; ``hours`` in OSM syntax."""
    return duty_hours(
        partial(openings, hours),
        since=since,
        days=days,
        calendar=calendar,
        zone=zone,
        changes=changes,
    )


def announced(zone: str) -> Calendar:
    """What is known of a station's holidays before an administrator loads a table: in mainland
    China what the State Council announced (chinesecalendar), elsewhere no year."""
    return _chinese_calendar() if zone in _CHINESE_ZONES else Calendar()


@cache
def _chinese_calendar() -> Calendar:
    from chinese_calendar.constants import Holiday, holidays, workdays

    names = {each.value: {"en": each.value, "zh": each.chinese} for each in Holiday}
    off = [SpecialDay(day, DayKind.HOLIDAY, names[name]) for day, name in holidays.items()]
    on = [SpecialDay(day, DayKind.WORKING, names[name]) for day, name in workdays.items()]
    years = frozenset(day.year for day in holidays)
    return Calendar(years, {each.day: each for each in (*off, *on)})
