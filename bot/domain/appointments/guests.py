"""Without these rules a caller or a visitor without Telegram could have no appointment.

Somebody of the station books for them; whoever names the booking's code later has it in the own
chat.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.appointments.booking import Appointment, Guest, State, check_ahead
from bot.domain.appointments.preparing import phone_in
from bot.domain.appointments.refusals import (
    AlreadyClaimed,
    AlreadyStarted,
    NoName,
    NoNumber,
    NoSuchCode,
    TooLong,
)
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from bot.domain.people import NAME_LENGTH, NAMELESS, name_of

#: Whoever did not come is called back within a week; then the station keeps no file on them.
GUEST_KEPT = timedelta(days=7)

_NUMBER = r"(?P<phone>[+(]?\d[\d\s+\-–.()/]*)"
#: A number after the name, or before it; whatever marks people put between.
_AFTER = re.compile(rf"(?P<name>.*?){_NUMBER}", re.DOTALL)
_BEFORE = re.compile(rf"{_NUMBER}(?P<name>.*)", re.DOTALL)
_BETWEEN = " \t\n,;:，；：、،"


def guest_in(typed: str) -> Guest:
    """Who was written down in one line, ``Wang Fang 138 0000 0000``, without a code yet. Raises
    `NoName`, `NoNumber`, `TooLong`."""
    text = " ".join(typed.split())
    found = _AFTER.fullmatch(text) or _BEFORE.fullmatch(text)
    phone = None if found is None else phone_in(found["phone"].strip())
    if found is None or phone is None:
        raise NoNumber
    name = found["name"].strip(_BETWEEN)
    if len(name) > NAME_LENGTH:
        raise TooLong(NAME_LENGTH)
    shown = name_of(name, "")
    if shown == NAMELESS:
        raise NoName
    return Guest(shown, phone, "")


def book_for(slot: Slot, guest: Guest, *, now: datetime, place: str = "") -> Appointment:
    """What an officer books for somebody without Telegram: no confirmation, a code instead.
    ``place``: where a visit goes; who wants a call is called at the guest's number."""
    phone = guest.phone if slot.way is Way.PHONE else ""
    return Appointment(None, slot, State.BOOKED, None, now, guest=guest, place=place, phone=phone)


def claim(appointment: Appointment | None, *, chat_id: int, now: datetime) -> Appointment:
    """A guest who uses the bot now has the booking in the own chat; None: no booking has the code.
    Raises `NoSuchCode`, `AlreadyClaimed`, `AlreadyOver`, `AlreadyStarted`."""
    if appointment is None:
        raise NoSuchCode
    if appointment.resident_chat_id not in (None, chat_id):
        raise AlreadyClaimed
    check_ahead(appointment)
    if now >= appointment.slot.starts:
        raise AlreadyStarted(appointment.slot.starts)
    return replace(appointment, resident_chat_id=chat_id)
