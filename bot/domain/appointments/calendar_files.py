"""Without these rules a calendar would go on showing a time that was moved or called off.

What a calendar file says of an appointment and who may have it. The terms are those of RFC 5545
(iCalendar): a calendar knows by the ``uid`` that it has the entry already, and by the ``sequence``
which of two is newer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.appointments.booking import AHEAD, Actor, Appointment, State, side_of
from bot.domain.appointments.refusals import (
    AlreadyBooked,
    AlreadyOver,
    AlreadyStarted,
    NotBookedYet,
)

#: When the phone's own calendar rings, however the resident has switched Telegram off.
ALARMS = (timedelta(days=1), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Entry:
    """An appointment as a calendar keeps it. ``made_at``: when this was written down; ``alarms``:
    how long before it rings. Times aware UTC."""

    uid: str
    sequence: int
    made_at: datetime
    starts: datetime
    ends: datetime
    is_cancelled: bool = False
    alarms: tuple[timedelta, ...] = ()


def entry_to_add(appointment: Appointment, actor: Actor, *, bot_id: int, now: datetime) -> Entry:
    """What stands in the calendar of either side. An alarm whose time has passed is left out: some
    calendars would ring at once. Raises `NotYours`, `NotBookedYet`, `AlreadyOver` (a displaced one
    is not kept like this), `AlreadyStarted`."""
    side_of(appointment, actor)
    if appointment.state is State.HELD:
        raise NotBookedYet
    if appointment.state is not State.BOOKED:
        raise AlreadyOver(appointment.state)
    if now >= appointment.slot.starts:
        raise AlreadyStarted(appointment.slot.starts)
    alarms = tuple(each for each in ALARMS if appointment.slot.starts - each > now)
    return _entry(appointment, bot_id=bot_id, now=now, alarms=alarms)


def entry_to_remove(appointment: Appointment, actor: Actor, *, bot_id: int, now: datetime) -> Entry:
    """What takes it out of the calendar again. Raises `NotYours`, `AlreadyBooked` while it is
    ahead, `AlreadyOver` for what took place."""
    side_of(appointment, actor)
    if appointment.state in AHEAD:
        raise AlreadyBooked
    if not was_called_off(appointment):
        raise AlreadyOver(appointment.state)
    return _entry(appointment, bot_id=bot_id, now=now, is_cancelled=True)


def was_called_off(appointment: Appointment) -> bool:
    """Whether it stands wrongly in the calendar of whoever has it there."""
    return appointment.state in (State.CANCELLED, State.EXPIRED)


def _entry(
    appointment: Appointment,
    *,
    bot_id: int,
    now: datetime,
    is_cancelled: bool = False,
    alarms: tuple[timedelta, ...] = (),
) -> Entry:
    """The bot's number keeps apart what two stations give the same number to; both are public, and
    neither says who comes."""
    return Entry(
        uid=f"appointment-{appointment.id}.{bot_id}@beatline",
        sequence=appointment.version,
        made_at=now,
        starts=appointment.slot.starts,
        ends=appointment.slot.ends,
        is_cancelled=is_cancelled,
        alarms=alarms,
    )
