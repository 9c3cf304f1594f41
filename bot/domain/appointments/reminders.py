"""Without these rules people would forget, or be reminded of what was cancelled.

A day and an hour before, each side once, in time only: what lies in the past is never sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.appointments.booking import Appointment, Side, State
from bot.domain.duty_hours import first_moment

#: Long enough to set out, too short to forget again.
HOUR_BEFORE = timedelta(hours=1)


class ReminderKind(StrEnum):
    """How long before the appointment it comes."""

    DAY_BEFORE = "day_before"
    HOUR_BEFORE = "hour_before"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A word to one side. ``starts``: the time it reminds of; the appointment may have moved."""

    kind: ReminderKind
    side: Side
    due_at: datetime
    starts: datetime

    @property
    def key(self) -> str:
        """What makes it one, together with the appointment: a time, a kind and a side."""
        return f"{int(self.starts.timestamp())}:{self.kind}:{self.side}"


def reminders(appointment: Appointment, *, now: datetime, zone: ZoneInfo) -> tuple[Reminder, ...]:
    """What is still to come for a booked appointment; nothing that would have been due before. A
    day before is the same time of day, whatever the clocks do in between. A guest without a chat
    gets none."""
    if appointment.state is not State.BOOKED:
        return ()
    starts = appointment.slot.starts
    local = starts.astimezone(zone).replace(tzinfo=None, fold=0)
    due = {
        ReminderKind.DAY_BEFORE: first_moment(local - timedelta(days=1), zone),
        ReminderKind.HOUR_BEFORE: starts - HOUR_BEFORE,
    }
    sides = [Side.OFFICER] if appointment.resident_chat_id is None else list(Side)
    return tuple(
        Reminder(kind, side, due_at, starts)
        for kind, due_at in due.items()
        for side in sides
        if due_at > now
    )


def is_still_due(reminder: Reminder, appointment: Appointment, *, now: datetime) -> bool:
    """Whether the reminder is still true when its time has come: not moved, not over, and the
    appointment is still ahead. After an outage it may not be, or the hour's reminder may be due as
    well: then that one is enough."""
    is_booked = appointment.state is State.BOOKED
    is_day_before = reminder.kind is ReminderKind.DAY_BEFORE
    too_late = reminder.starts - HOUR_BEFORE if is_day_before else reminder.starts
    return is_booked and appointment.slot.starts == reminder.starts and now < too_late
