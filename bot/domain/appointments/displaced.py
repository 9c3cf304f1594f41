"""Without these rules an appointment would stay in a diary that nobody is there to keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.appointments.booking import Appointment, State
from bot.domain.spans import Span, meets_any, span_around


class Why(StrEnum):
    """What stands against a booking since it was made."""

    ABSENCE = "absence"
    HOURS = "hours"


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
        for why in [_why(each.slot.busy, hours, absent)]
        if why is not None
    ]
    return tuple(sorted(found, key=lambda each: each.appointment.slot.starts))


def _why(busy: Span, hours: Sequence[Span], absent: Sequence[Span]) -> Why | None:
    if meets_any(busy, absent):
        return Why.ABSENCE
    return None if span_around(busy, hours) else Why.HOURS
