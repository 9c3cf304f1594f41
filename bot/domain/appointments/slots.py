"""Without these rules a time would be offered that nobody can keep.

A slot lies inside the officer's hours, outside absences and other bookings, not too soon and not
too far; what a visit needs for the way there and back counts like the visit itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.appointments.refusals import (
    AppointmentRefused,
    DayFull,
    NoSuchSlot,
    SlotDuringAbsence,
    SlotInThePast,
    SlotOutsideHours,
    SlotTaken,
    TooFar,
    TooSoon,
)
from bot.domain.appointments.service import Service, Way
from bot.domain.spans import Span, meets_any, span_around

#: What storage books by: one row per officer and cell forbids any overlap, whatever its length.
CELL = timedelta(minutes=5)
#: Slots closer together are more buttons than choice.
SHORTEST_STEP = timedelta(minutes=15)
#: How many other slots are offered to somebody who lost a race.
SLOTS_INSTEAD = 3

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of an officer that can be booked for a service."""

    officer: str
    service: str
    way: Way
    starts: datetime
    minutes: int
    travel_minutes: int = 0

    @property
    def ends(self) -> datetime:
        """When the resident may go."""
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def busy(self) -> Span:
        """The officer's time it takes, the way there and back included."""
        travel = timedelta(minutes=self.travel_minutes)
        return Span(self.starts - travel, self.ends + travel)

    @property
    def cells(self) -> range:
        """The officer's cells it takes, see `cells`."""
        return cells(self.starts, self.minutes, self.travel_minutes)


def cells(starts: datetime, minutes: int, travel_minutes: int = 0) -> range:
    """The numbers of the five minutes, counted since 1970 UTC, that lie wholly or partly in so many
    minutes from ``starts`` (aware) on, with so many for travel before and after."""
    travel = timedelta(minutes=travel_minutes)
    begin = starts - travel - _EPOCH
    end = starts + timedelta(minutes=minutes) + travel - _EPOCH
    return range(begin // CELL, -(-end // CELL))


@dataclass(frozen=True, slots=True)
class Diary:
    """What is known of an officer's time. ``open``: hours on duty, merged; ``absent``: absences;
    ``booked``: cells taken; ``a_day``: how many of the service are booked, by local day. What is
    being moved is in neither."""

    officer: str
    open: Sequence[Span]
    absent: Sequence[Span] = ()
    booked: frozenset[int] = frozenset()
    a_day: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for: a service in a way, asked for at a moment, shown in a zone."""

    service: Service
    way: Way
    now: datetime
    zone: ZoneInfo

    def slot(self, officer: str, starts: datetime) -> Slot:
        """The slot of that officer at that time, free or not."""
        service = self.service
        return Slot(
            officer, service.code, self.way, starts, service.minutes, service.travel(self.way)
        )

    def day(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(self.zone).date()


def check(slot: Slot, wish: Wish, diary: Diary) -> None:
    """Raise the `AppointmentRefused` that stands against booking the slot now, if one does."""
    refusal = (
        _against_the_moment(slot, wish)
        or _against_the_officer(slot, wish, diary)
        or _against_the_day(slot, wish, diary)
    )
    if refusal is not None:
        raise refusal


def _against_the_moment(slot: Slot, wish: Wish) -> AppointmentRefused | None:
    earliest = wish.now + timedelta(minutes=wish.service.lead_minutes)
    latest = wish.now + timedelta(days=wish.service.days_ahead)
    if slot.starts <= wish.now:
        return SlotInThePast(slot.starts)
    if slot.starts < earliest:
        return TooSoon(earliest)
    return TooFar(latest) if slot.starts > latest else None


def _against_the_officer(slot: Slot, wish: Wish, diary: Diary) -> AppointmentRefused | None:
    busy = slot.busy
    opening = span_around(busy, diary.open)
    if opening is None:
        return SlotOutsideHours(slot.starts)
    if meets_any(busy, diary.absent):
        return SlotDuringAbsence(slot.starts, diary.officer)
    if not _is_on_grid(slot, opening, wish):
        return NoSuchSlot(slot.starts)
    is_free = diary.booked.isdisjoint(slot.cells)
    return None if is_free else SlotTaken(slot.starts, diary.officer)


def fits(slot: Slot, diary: Diary) -> bool:
    """Whether the officer of the diary could keep this very time: on duty, not absent, free. For a
    booking that is made already lead time and the grid of slots do not count again."""
    busy = slot.busy
    is_there = span_around(busy, diary.open) is not None and not meets_any(busy, diary.absent)
    return is_there and diary.booked.isdisjoint(slot.cells)


def _against_the_day(slot: Slot, wish: Wish, diary: Diary) -> AppointmentRefused | None:
    day = wish.day(slot.starts)
    if wish.service.daily_limit and diary.a_day.get(day, 0) >= wish.service.daily_limit:
        return DayFull(day)
    return None


def _is_on_grid(slot: Slot, opening: Span, wish: Wish) -> bool:
    since = slot.starts - _first(opening, slot.travel_minutes)
    return wish.way in wish.service.ways and since % step_of(wish.service) == timedelta()


def step_of(service: Service) -> timedelta:
    """How far slots of the service are apart: its length in whole cells, at least a quarter."""
    return max(SHORTEST_STEP, -(-timedelta(minutes=service.minutes) // CELL) * CELL)


def _first(opening: Span, travel_minutes: int) -> datetime:
    """The first start in an opening: after the way there, at the beginning of a cell."""
    earliest = opening.starts + timedelta(minutes=travel_minutes) - _EPOCH
    return _EPOCH + -(-earliest // CELL) * CELL


def slots(wish: Wish, diary: Diary) -> Iterator[Slot]:
    """The slots of one officer that can be booked now, in order."""
    latest = wish.now + timedelta(days=wish.service.days_ahead)
    for opening in diary.open:
        starts = _first(opening, wish.service.travel(wish.way))
        while starts < min(opening.ends, latest + CELL):
            slot = wish.slot(diary.officer, starts)
            if _is_free(slot, wish, diary):
                yield slot
            starts += step_of(wish.service)


def _is_free(slot: Slot, wish: Wish, diary: Diary) -> bool:
    try:
        check(slot, wish, diary)
    except AppointmentRefused:
        return False
    return True


def offers(wish: Wish, diaries: Iterable[Diary]) -> tuple[Slot, ...]:
    """Every time that can be had, once, in order: from the first officer, in the order of
    ``diaries``, who is free then."""
    first: dict[datetime, Slot] = {}
    for diary in diaries:
        for slot in slots(wish, diary):
            first.setdefault(slot.starts, slot)
    return tuple(first[starts] for starts in sorted(first))


def beside(offered: Iterable[Slot], taken: Sequence[Span]) -> tuple[Slot, ...]:
    """The slots that a resident with other appointments then (``taken``) can keep: nobody is at two
    places."""
    return tuple(each for each in offered if not meets_any(Span(each.starts, each.ends), taken))


def days(offered: Iterable[Slot], wish: Wish) -> tuple[date, ...]:
    """The local days on which something can be had, in order."""
    return tuple(dict.fromkeys(wish.day(slot.starts) for slot in offered))


def times_of(offered: Iterable[Slot], day: date, wish: Wish) -> tuple[Slot, ...]:
    """The slots of one local day."""
    return tuple(slot for slot in offered if wish.day(slot.starts) == day)


def instead_of(starts: datetime, offered: Iterable[Slot]) -> tuple[Slot, ...]:
    """The nearest slots for somebody who lost that time, in order of time."""
    nearest = sorted(offered, key=lambda slot: abs(slot.starts - starts))[:SLOTS_INSTEAD]
    return tuple(sorted(nearest, key=lambda slot: slot.starts))
