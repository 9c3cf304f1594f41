"""Without these rules nobody could say when a room is open, or by when somebody will read.

What the roster writes as opening hours is turned into local openings elsewhere (see
`bot.roster.hours`); here they meet the calendar, one-off changes and the clock's own changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.calendar import Calendar, DayKind, YearNotAnnounced
from bot.domain.spans import Span, merged, without

#: A talk is live for as long after an answer: no notice about closing hours breaks into it.
LIVE_TALK = timedelta(minutes=30)

#: An opening as long as this has no one evening and no one morning: each day is told for itself.
TOLD_DAY_BY_DAY = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening as the wall clock shows it: naive local times; ``closes`` may be tomorrow."""

    opens: datetime
    closes: datetime


#: What a room's hours say of the openings that begin on a day of this kind.
OpenOn = Callable[[date, DayKind], Sequence[Opening]]


@dataclass(frozen=True, slots=True)
class HoursChange:
    """A one-off change somebody declared: open or closed for that time, whatever was planned."""

    span: Span
    is_open: bool


@dataclass(frozen=True, slots=True)
class DutyHours:
    """When a room is open in ``known``: merged, in order. ``unannounced``: years that are touched
    and whose holidays nobody announced yet, so that these hours may still change."""

    known: Span
    open: tuple[Span, ...]
    unannounced: tuple[int, ...] = ()


def duty_hours(
    open_on: OpenOn,
    *,
    since: date,
    days: int,
    calendar: Calendar,
    zone: ZoneInfo,
    changes: Iterable[HoursChange] = (),
) -> DutyHours:
    """The hours of ``days`` days from the local day ``since`` on. A later change overrules an
    earlier one, any change overrules the calendar, the calendar overrules the weekday."""
    known = Span(_at_midnight(since, zone), _at_midnight(since + timedelta(days=days), zone))
    spans: list[Span] = []
    unannounced: set[int] = set()
    # The day before reaches into the first one when it ends after midnight.
    for day in (since + timedelta(days=each) for each in range(-1, days)):
        kind = _kind(calendar, day, unannounced)
        spans += _spans(open_on(day, kind), zone)
    return DutyHours(known, _within(known, changed(spans, changes)), tuple(sorted(unannounced)))


def _kind(calendar: Calendar, day: date, unannounced: set[int]) -> DayKind:
    try:
        return calendar.on(day).kind
    except YearNotAnnounced as fact:
        unannounced.add(fact.year)
        return DayKind.ORDINARY


def _spans(openings: Iterable[Opening], zone: ZoneInfo) -> Iterator[Span]:
    for opening in openings:
        starts, ends = first_moment(opening.opens, zone), last_moment(opening.closes, zone)
        if starts < ends:  # an opening that lies in the hour the clocks skip does not happen
            yield Span(starts, ends)


def _within(known: Span, spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(
        Span(max(each.starts, known.starts), min(each.ends, known.ends))
        for each in spans
        if each.meets(known)
    )


def changed(spans: Iterable[Span], changes: Iterable[HoursChange]) -> tuple[Span, ...]:
    """The openings after one-off changes, applied in the order in which they were declared."""
    result = merged(spans)
    for change in changes:
        result = merged(
            (*without(result, [change.span]), *([change.span] if change.is_open else []))
        )
    return result


def _at_midnight(day: date, zone: ZoneInfo) -> datetime:
    return first_moment(datetime.combine(day, time.min), zone)


def first_moment(local: datetime, zone: ZoneInfo) -> datetime:
    """When the wall clock shows ``local`` (naive) for the first time, UTC; if it skips that time,
    the moment of the skip."""
    return _moment(local.replace(fold=0), zone)


def last_moment(local: datetime, zone: ZoneInfo) -> datetime:
    """When the wall clock shows ``local`` (naive) for the last time, UTC: a shift that ends in the
    hour that comes twice is worked to its second end. A skipped time is the moment of the skip."""
    return _moment(local.replace(fold=1), zone)


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=0) == local.replace(fold=0):
        return moment
    return _skip_around(local, zone)


def _skip_around(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clock jumped over ``local``, found by halving what lies between the
    two readings of the skipped time."""
    before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        shown = middle.astimezone(zone).replace(tzinfo=None, fold=0)
        before, after = (middle, after) if shown < local.replace(fold=0) else (before, middle)
    return after.replace(microsecond=0)


def is_open(hours: DutyHours, *, at: datetime) -> bool:
    """Whether the room is open at that moment."""
    return any(each.holds(at) for each in hours.open)


def closes_at(hours: DutyHours, *, at: datetime) -> datetime | None:
    """When the opening that holds the moment ends; None if the room is closed then."""
    return next((each.ends for each in hours.open if each.holds(at)), None)


def known_closing(hours: DutyHours, *, at: datetime) -> datetime | None:
    """When a room that is open closes, if that is in sight: one that is open at all hours never
    does. None also if it is closed."""
    closes = closes_at(hours, at=at)
    return None if closes == hours.known.ends else closes


def openings_on(hours: DutyHours, day: date, *, zone: ZoneInfo) -> tuple[Span, ...]:
    """What people are told of one day: the openings that begin on it, to their ends, also after
    midnight; of one that lasts `TOLD_DAY_BY_DAY` or longer only what lies on that day."""
    whole = Span(_at_midnight(day, zone), _at_midnight(day + timedelta(days=1), zone))
    told = []
    for each in hours.open:
        if each.ends - each.starts >= TOLD_DAY_BY_DAY and each.meets(whole):
            told.append(Span(max(each.starts, whole.starts), min(each.ends, whole.ends)))
        elif whole.holds(each.starts):
            told.append(each)
    return tuple(told)


def next_opening(hours: DutyHours, *, after: datetime) -> datetime | None:
    """When the room opens next, after a moment at which it may be open; None: nothing is known."""
    return next((each.starts for each in hours.open if each.starts > after), None)


def read_by(hours: DutyHours, *, written_at: datetime, within: timedelta) -> datetime | None:
    """By when somebody will have read what was written then, if everything is read after so much
    open time; None: nothing is known."""
    left = within
    for span in hours.open:
        if span.ends > written_at:
            starts = max(span.starts, written_at)
            if span.ends - starts >= left:
                return starts + left
            left -= span.ends - starts
    return None


def is_live_talk(answered_at: datetime | None, *, now: datetime) -> bool:
    """Whether the officer answered so lately that closing hours need no word."""
    return answered_at is not None and now - answered_at < LIVE_TALK
