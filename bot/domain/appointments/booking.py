"""Without these rules an appointment would be moved by a stranger, or cancelled after it was kept.

held → booked → done | no-show; held → expired; held, booked, displaced → cancelled. A booking that
an absence or new hours displace is offered anew: displaced → booked at another time or with another
officer, or expired when its time comes without an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.appointments.refusals import (
    AlreadyBooked,
    AlreadyOver,
    AlreadySaid,
    AlreadyStarted,
    HoldExpired,
    NotBookedYet,
    NotYet,
    NotYours,
    PlaceMissing,
    ResidentIsBusy,
    SlotInThePast,
    TooManyAppointments,
)
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from bot.domain.spans import Span

#: A slot waits so long for its confirmation; longer keeps it from others.
HOLD = timedelta(minutes=5)
#: Writing an address takes longer than pressing a button.
HOLD_FOR_PLACE = timedelta(minutes=10)
#: More at once would let one person fill an officer's week.
MOST_AHEAD = 3
#: An officer can say to be late from this long before the time.
LATE_FROM = timedelta(hours=2)
#: What an officer can say with one tap, in minutes.
LATE_CHOICES = (10, 20, 30)
#: Nobody has failed to come before this.
NO_SHOW_AFTER = timedelta(minutes=10)


class State(StrEnum):
    """Where an appointment stands; the first three are ahead, the others are over."""

    HELD = "held"
    BOOKED = "booked"
    DISPLACED = "displaced"
    DONE = "done"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


#: States in which an appointment takes its officer's time.
AHEAD = frozenset({State.HELD, State.BOOKED, State.DISPLACED})


class Side(StrEnum):
    """Who did something: the resident, or the officer's side of the counter."""

    RESIDENT = "resident"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a resident's chat, or somebody of the roster. ``may_act_for_all``: the duty desk
    and supervisors, for the officers."""

    chat_id: int | None = None
    officer: str | None = None
    may_act_for_all: bool = False


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody without Telegram; ``code`` names the booking, ``booked_by`` who of the roster made
    it, "" for nobody who is known."""

    name: str
    phone: str
    code: str
    booked_by: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A slot and who has it. ``resident_chat_id`` is None while a guest has not claimed it.
    ``reason``: why it was cancelled or displaced. ``place``, ``location`` (latitude, longitude):
    where a visit goes; ``phone``: where to call. ``situation``: one of the service's, by code;
    ``ticked``: what is ready, by its place in `to_bring`; ``answers``: to the service's questions,
    in order, "" for none yet. ``version`` rises with every change on file. Times aware UTC."""

    id: int | None
    slot: Slot
    state: State
    resident_chat_id: int | None
    made_at: datetime
    held_until: datetime | None = None
    guest: Guest | None = None
    case_number: int | None = None
    place: str = ""
    location: tuple[float, float] | None = None
    phone: str = ""
    late_minutes: int = 0
    ended_by: Side | None = None
    reason: str = ""
    situation: str = ""
    ticked: frozenset[int] = frozenset()
    answers: tuple[str, ...] = ()
    version: int = 0


def hold(slot: Slot, *, resident_chat_id: int, now: datetime) -> Appointment:
    """A resident's hand on a slot that `slots.check` let pass, until it is confirmed."""
    until = now + (HOLD_FOR_PLACE if slot.way is Way.VISIT else HOLD)
    return Appointment(None, slot, State.HELD, resident_chat_id, now, held_until=until)


def check_may_book(slot: Slot, own: Iterable[Appointment]) -> None:
    """Raise `TooManyAppointments` or `ResidentIsBusy` if a resident with these appointments may
    not have the slot as well."""
    ahead = [each for each in own if each.state in AHEAD]
    check_not_busy(slot, ahead)
    if len(ahead) >= MOST_AHEAD:
        raise TooManyAppointments(MOST_AHEAD)


def check_not_busy(slot: Slot, others: Iterable[Appointment]) -> None:
    """Raise `ResidentIsBusy` if one of the resident's other appointments is at that time. Moving
    needs no more: it makes none, however many were booked for the resident."""
    for each in others:
        is_then = Span(each.slot.starts, each.slot.ends).meets(Span(slot.starts, slot.ends))
        if each.state in AHEAD and is_then:
            raise ResidentIsBusy(each.id)


def side_of(appointment: Appointment, actor: Actor) -> Side:
    """Which side of the appointment the actor is on. Raises `NotYours`."""
    if actor.officer is not None:
        if actor.officer == appointment.slot.officer or actor.may_act_for_all:
            return Side.OFFICER
    elif actor.chat_id is not None and actor.chat_id == appointment.resident_chat_id:
        return Side.RESIDENT
    raise NotYours


def confirm(appointment: Appointment, actor: Actor, *, now: datetime) -> Appointment:
    """Booked. Raises `NotYours`, `AlreadyBooked`, `AlreadyOver`, `HoldExpired`, `PlaceMissing`."""
    side_of(appointment, actor)
    if appointment.state in (State.BOOKED, State.DISPLACED):
        raise AlreadyBooked
    check_held(appointment, now=now)
    if needs_place(appointment):
        raise PlaceMissing
    return replace(appointment, state=State.BOOKED, held_until=None, made_at=now)


def check_held(appointment: Appointment, *, now: datetime) -> None:
    """Raise `HoldExpired` or `AlreadyOver` if a slot that was held is not held any more."""
    held_until = _held_until(appointment)
    if appointment.state is State.EXPIRED or now >= held_until:
        raise HoldExpired(held_until)
    check_ahead(appointment)


def needs_place(appointment: Appointment) -> bool:
    """Whether nobody knows yet where a visit goes."""
    is_known = bool(appointment.place) or appointment.location is not None
    return appointment.slot.way is Way.VISIT and not is_known


def _held_until(appointment: Appointment) -> datetime:
    return appointment.held_until or appointment.made_at + HOLD


def has_expired(appointment: Appointment, *, now: datetime) -> bool:
    """Whether a hold was not confirmed, or a displaced booking not settled, in time."""
    if appointment.state is State.DISPLACED:
        return now >= appointment.slot.starts
    return appointment.state is State.HELD and now >= _held_until(appointment)


def expire(appointment: Appointment) -> Appointment:
    """The slot is given back; see `has_expired`. Whoever was displaced hears an apology."""
    return replace(appointment, state=State.EXPIRED)


def check_may_move(appointment: Appointment, actor: Actor, *, now: datetime) -> None:
    """Raise `NotYours`, `NotBookedYet`, `AlreadyOver` or `AlreadyStarted` if it cannot be moved."""
    side_of(appointment, actor)
    if appointment.state is State.HELD:
        raise NotBookedYet
    check_ahead(appointment)
    if appointment.state is State.BOOKED:
        _check_not_started(appointment, now)


def move(appointment: Appointment, slot: Slot, actor: Actor, *, now: datetime) -> Appointment:
    """At another time, or with another officer; ``slot`` was let pass by `slots.check`. Raises
    what `check_may_move` raises."""
    check_may_move(appointment, actor, now=now)
    return replace(appointment, slot=slot, state=State.BOOKED, late_minutes=0, reason="")


def cancel(
    appointment: Appointment, actor: Actor, *, now: datetime, reason: str = ""
) -> Appointment:
    """Called off by either side. Raises `NotYours`, `AlreadyOver`, `AlreadyStarted`."""
    side = side_of(appointment, actor)
    check_ahead(appointment)
    if appointment.state is State.BOOKED:
        _check_not_started(appointment, now)
    return replace(appointment, state=State.CANCELLED, ended_by=side, reason=reason)


def displace(appointment: Appointment, *, reason: str) -> Appointment:
    """The officer cannot keep it: it is offered anew. Raises `NotBookedYet`, `AlreadyOver`."""
    _check_booked(appointment)
    return replace(appointment, state=State.DISPLACED, reason=reason)


def restore(appointment: Appointment) -> Appointment:
    """The officer can keep it after all. Raises `AlreadyOver` for what is not displaced (any
    more)."""
    if appointment.state is not State.DISPLACED:
        raise AlreadyOver(appointment.state)
    return replace(appointment, state=State.BOOKED, reason="")


def run_late(appointment: Appointment, actor: Actor, *, minutes: int, now: datetime) -> Appointment:
    """The officer comes so many minutes later, which is still to come. Raises `NotYours`,
    `NotBookedYet`, `AlreadyOver`, `NotYet`, `SlotInThePast`, `AlreadySaid`."""
    _check_officer(appointment, actor)
    _check_booked(appointment)
    if now < appointment.slot.starts - LATE_FROM:
        raise NotYet(appointment.slot.starts - LATE_FROM)
    expected = appointment.slot.starts + timedelta(minutes=minutes)
    if now >= expected:
        raise SlotInThePast(expected)
    if appointment.late_minutes == minutes:
        raise AlreadySaid
    return replace(appointment, late_minutes=minutes)


def no_show(appointment: Appointment, actor: Actor, *, now: datetime) -> Appointment:
    """The resident did not come. Raises `NotYours`, `NotBookedYet`, `AlreadyOver`, `NotYet`."""
    since = may_be_missed_from(appointment)
    return _ended(appointment, actor, State.NO_SHOW, since=since, now=now)


def may_be_missed_from(appointment: Appointment) -> datetime:
    """From when on a resident who is not there has not come: the officer's delay counts first."""
    late = timedelta(minutes=appointment.late_minutes)
    return appointment.slot.starts + late + NO_SHOW_AFTER


def done(appointment: Appointment, actor: Actor, *, now: datetime) -> Appointment:
    """It was kept. Raises `NotYours`, `NotBookedYet`, `AlreadyOver`, `NotYet`."""
    return _ended(appointment, actor, State.DONE, since=appointment.slot.starts, now=now)


def _ended(
    appointment: Appointment, actor: Actor, state: State, *, since: datetime, now: datetime
) -> Appointment:
    _check_officer(appointment, actor)
    _check_booked(appointment)
    if now < since:
        raise NotYet(since)
    return replace(appointment, state=state, ended_by=Side.OFFICER)


def _check_officer(appointment: Appointment, actor: Actor) -> None:
    if side_of(appointment, actor) is not Side.OFFICER:
        raise NotYours


def check_ahead(appointment: Appointment) -> None:
    """Raise `AlreadyOver` if it is neither held nor booked nor displaced."""
    if appointment.state not in AHEAD:
        raise AlreadyOver(appointment.state)


def _check_booked(appointment: Appointment) -> None:
    if appointment.state is State.HELD:
        raise NotBookedYet
    if appointment.state is not State.BOOKED:
        raise AlreadyOver(appointment.state)


def _check_not_started(appointment: Appointment, now: datetime) -> None:
    if now >= appointment.slot.starts:
        raise AlreadyStarted(appointment.slot.starts)
