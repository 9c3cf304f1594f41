"""Without these rules an appointment would stay in a diary that nobody is there to keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.appointments.booking import Appointment, State
from bot.domain.appointments.slots import Diary, Slot, fits
from bot.domain.spans import Span, meets_any, span_around


class Why(StrEnum):
    """What stands against a booking since it was made."""

    ABSENCE = "absence"
    HOURS = "hours"


class Fate(StrEnum):
    """What becomes of an appointment ahead when its officer's time has changed: nothing; a booking
    is displaced, a held slot is let go, what was displaced can be kept after all."""

    STAYS = "stays"
    DISPLACED = "displaced"
    LET_GO = "let_go"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Displaced:
    """A booking that cannot be kept as it is, and why."""

    appointment: Appointment
    why: Why


def displaced(
    appointments: Iterable[Appointment],
    *,
    hours: Sequence[Span],
    absent: Sequence[Span],
    now: datetime,
) -> tuple[Displaced, ...]:
    """The bookings of one officer, not begun yet, that lie in an absence or outside the hours, in
    order of time. ``hours`` are merged."""
    found = [
        Displaced(each, why)
        for each in appointments
        if each.state is State.BOOKED and each.slot.starts > now
        for why in [against(each.slot, hours=hours, absent=absent)]
        if why is not None
    ]
    return tuple(sorted(found, key=lambda each: each.appointment.slot.starts))


def against(slot: Slot, *, hours: Sequence[Span], absent: Sequence[Span]) -> Why | None:
    """What stands against keeping the slot; ``hours`` are merged."""
    if meets_any(slot.busy, absent):
        return Why.ABSENCE
    return None if span_around(slot.busy, hours) else Why.HOURS


def fate(appointment: Appointment, why: Why | None, *, now: datetime) -> Fate:
    """What becomes of it, given what stands against it (`against`). What has begun stays."""
    if appointment.slot.starts <= now:
        return Fate.STAYS
    if appointment.state is State.DISPLACED:
        return Fate.RESTORED if why is None else Fate.STAYS
    changes = {State.BOOKED: Fate.DISPLACED, State.HELD: Fate.LET_GO}
    return Fate.STAYS if why is None else changes.get(appointment.state, Fate.STAYS)


def with_deputy(slot: Slot, deputies: Iterable[Diary]) -> Slot | None:
    """The very same time with the first other officer who can keep it."""
    for diary in deputies:
        theirs = replace(slot, officer=diary.officer)
        if diary.officer != slot.officer and fits(theirs, diary):
            return theirs
    return None
