"""Without these rules an officer would stand before the wrong door, or a resident come twice.

What a resident adds to an appointment: where, which number to call, the own situation, what is
ready, answers to the service's questions.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import datetime

from bot.domain.appointments.booking import (
    HOLD,
    Actor,
    Appointment,
    State,
    check_ahead,
    check_held,
    side_of,
)
from bot.domain.appointments.refusals import NoNumber, NoSuchChoice, TooLong
from bot.domain.appointments.service import Service, missing, to_bring

#: An address or an answer; longer ones are messages, and an agenda has no room for them.
LONGEST_TEXT = 300
#: The situation of somebody in none of the service's situations; no code looks like this.
NO_SITUATION = "*"
#: ITU-T E.164: at most fifteen digits; an extension within an office has at least three.
_FEWEST_DIGITS, _MOST_DIGITS = 3, 15
_MARKS = frozenset("+-–.()/ \u00a0")


def give_place(
    appointment: Appointment,
    actor: Actor,
    *,
    place: str,
    location: tuple[float, float] | None = None,
    now: datetime,
) -> Appointment:
    """Where a visit goes: an address, a shared place or both. A slot that is only held is held
    `HOLD` longer from now. Raises `NotYours`, `AlreadyOver`, `HoldExpired`, `TooLong`."""
    side_of(appointment, actor)
    is_held = appointment.state is State.HELD
    if is_held:
        check_held(appointment, now=now)
    check_ahead(appointment)
    held_until = now + HOLD if is_held else None
    return replace(appointment, place=short(place), location=location, held_until=held_until)


def short(text: str) -> str:
    """An address or an answer on one line. Raises `TooLong`."""
    text = " ".join(text.split())
    if len(text) > LONGEST_TEXT:
        raise TooLong(LONGEST_TEXT)
    return text


def give_phone(appointment: Appointment, actor: Actor, *, typed: str) -> Appointment:
    """Where the officer calls. Raises `NotYours`, `AlreadyOver`, `NoNumber`."""
    side_of(appointment, actor)
    check_ahead(appointment)
    phone = phone_in(typed)
    if phone is None:
        raise NoNumber
    return replace(appointment, phone=phone)


def phone_in(typed: str) -> str | None:
    """The telephone number that somebody typed, in any script's digits; None for anything else."""
    latin = "".join(str(unicodedata.decimal(each, each)) for each in " ".join(typed.split()))
    digits = sum(each.isdecimal() for each in latin)
    is_number = all(each.isdecimal() or each in _MARKS for each in latin)
    return latin if is_number and _FEWEST_DIGITS <= digits <= _MOST_DIGITS else None


def choose_situation(
    appointment: Appointment, actor: Actor, service: Service, code: str
) -> Appointment:
    """One of the service's situations, or `NO_SITUATION`; what was ticked of another one's things
    is not. Raises `NotYours`, `AlreadyOver`, `NoSuchChoice`."""
    side_of(appointment, actor)
    check_ahead(appointment)
    if code not in (NO_SITUATION, *(each.code for each in service.situations)):
        raise NoSuchChoice
    general = frozenset(range(len(service.bring)))
    return replace(appointment, situation=code, ticked=appointment.ticked & general)


def tick(appointment: Appointment, actor: Actor, service: Service, place: int) -> Appointment:
    """One thing is ready, or not after all; ``place``: in `to_bring`, from 0. Raises `NotYours`,
    `AlreadyOver`, `NoSuchChoice`."""
    side_of(appointment, actor)
    check_ahead(appointment)
    if not 0 <= place < len(to_bring(service, appointment.situation)):
        raise NoSuchChoice
    return replace(appointment, ticked=appointment.ticked ^ {place})


def answer(
    appointment: Appointment, actor: Actor, service: Service, *, number: int, text: str
) -> Appointment:
    """The answer to one of the service's questions, counted from 0. Raises `NotYours`,
    `AlreadyOver`, `NoSuchChoice`, `TooLong`."""
    side_of(appointment, actor)
    check_ahead(appointment)
    if not 0 <= number < len(service.questions):
        raise NoSuchChoice
    answers = list(answers_of(appointment, service))
    answers[number] = short(text)
    return replace(appointment, answers=tuple(answers))


def answers_of(appointment: Appointment, service: Service) -> tuple[str, ...]:
    """One for each of the service's questions now; "" for none."""
    count = len(service.questions)
    return (*appointment.answers, *[""] * count)[:count]


def next_question(appointment: Appointment, service: Service) -> int | None:
    """The first question without an answer, from 0."""
    open_ = (n for n, given in enumerate(answers_of(appointment, service)) if not given)
    return next(open_, None)


def asks_situation(appointment: Appointment, service: Service) -> bool:
    """Whether the resident has not said yet which situation it is."""
    return bool(service.situations) and not appointment.situation


def is_complete(appointment: Appointment, service: Service) -> bool:
    """Whether everything that is needed is ready and every question answered."""
    return (
        not asks_situation(appointment, service)
        and not missing(service, appointment.situation, appointment.ticked)
        and next_question(appointment, service) is None
    )
