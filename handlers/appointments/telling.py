"""What the other side is told when an appointment is made, moved or called off."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from telegram import InlineKeyboardButton

from bot.context import Desk
from bot.domain.appointments.booking import Appointment
from bot.texts import Words
from handlers.appointments.discreet import send_to_staff, show_on_map
from handlers.appointments.wording import (
    button,
    for_officer,
    heading,
    keyboard,
    officer_name,
    out_of_calendar,
    why_cancelled,
)


async def tell_booked(desk: Desk, after: Appointment) -> None:
    """The officer knows who comes."""
    found = await _officer(desk, after.slot.officer)
    if found is not None:
        chat_id, words = found
        _ = words
        name = _name(desk) if after.guest is None else after.guest.name
        line = _("📅 New appointment with {name}.").format(name=name)
        await _say(desk, chat_id, line, for_officer(desk, after, words))
        if after.location is not None:
            await show_on_map(desk, chat_id, after.location)


async def tell_claimed(desk: Desk, after: Appointment) -> None:
    """The officer, and who booked it, know that words reach the guest here now. The name tells them
    whether it is the right one."""
    guest = after.guest
    if guest is None:
        return
    for code in dict.fromkeys((after.slot.officer, guest.booked_by)):
        found = None if desk.roster.officer(code) is None else await _officer(desk, code)
        if found is not None:
            chat_id, words = found
            _ = words
            line = _("📅 {name} has used the code that {guest} was given. Reminders go there now.")
            whom = officer_name(desk, after.slot.officer, words)
            is_own = code == after.slot.officer
            parts = [] if is_own else [_("With {name}.").format(name=whom)]
            line = line.format(guest=guest.name, name=_name(desk))
            await _say(desk, chat_id, line, for_officer(desk, after, words), *parts)


async def tell_number(desk: Desk, after: Appointment) -> None:
    """The officer knows where to call."""
    found = await _officer(desk, after.slot.officer)
    if found is not None:
        chat_id, words = found
        _ = words
        line = _("📅 {name} can be called.").format(name=_name(desk))
        await _say(desk, chat_id, line, for_officer(desk, after, words))


async def tell_cancelled(desk: Desk, after: Appointment) -> None:
    """The officer knows that nobody comes."""
    found = await _officer(desk, after.slot.officer)
    if found is not None:
        chat_id, words = found
        _ = words
        line = _("📅 {name} cancelled the appointment.").format(name=_name(desk))
        stale = await out_of_calendar(desk, after, chat_id, words)
        await _say(desk, chat_id, line, heading(desk, after.slot, words), buttons=stale)


async def tell_moved(desk: Desk, before: Appointment, after: Appointment) -> None:
    """Each officer whom it concerns knows once: the old time, the new one, and with whom; or, of a
    time that stays, who keeps it now."""
    for code in dict.fromkeys((before.slot.officer, after.slot.officer)):
        found = await _officer(desk, code)
        if found is not None:
            chat_id, words = found
            await _say(desk, chat_id, *_moved(desk, before, after, words))


def _moved(desk: Desk, before: Appointment, after: Appointment, words: Words) -> list[Markup]:
    _ = words
    whom = officer_name(desk, after.slot.officer, words)
    if before.slot.starts == after.slot.starts:
        stays = _("📅 {name} keeps the time. It is with {officer} now.")
        line = stays.format(name=_name(desk), officer=whom)
        return [line, for_officer(desk, after, words)]
    parts = [
        _("📅 {name} moved the appointment.").format(name=_name(desk)),
        _("Before: {when}").format(when=words.day_and_time(before.slot.starts)),
        for_officer(desk, after, words),
    ]
    if before.slot.officer != after.slot.officer:
        parts.append(_("With {name}.").format(name=whom))
    return parts


async def _officer(desk: Desk, code: str) -> tuple[int, Words] | None:
    state = (await desk.transaction.officers.states()).get(code)
    if state is None or state.chat_id is None or not state.is_reachable:
        return None
    return state.chat_id, await desk.words_of(state.chat_id)


async def _say(
    desk: Desk, chat_id: int, *parts: Markup, buttons: Sequence[InlineKeyboardButton] = ()
) -> None:
    """A booking is no emergency: it comes without a sound."""
    markup = keyboard(buttons, in_row=1) if buttons else None
    await send_to_staff(desk, chat_id, Markup("\n").join(parts), markup=markup, is_silent=True)


def _name(desk: Desk) -> str:
    person = desk.visitor.person
    return "" if person is None else person.name


async def tell_called_off(desk: Desk, after: Appointment) -> None:
    """The officer's side called it off: the resident reads sorry, and the way to another time."""
    if after.resident_chat_id is None:
        return
    words = await desk.words_of(after.resident_chat_id)
    _ = words
    sorry = _("We are sorry: your appointment was cancelled. Please choose another time.")
    another = button(words.plain("🕘 Another time"), "services")
    stale = await out_of_calendar(desk, after, after.resident_chat_id, words)
    parts = [sorry, why_cancelled(after, words), heading(desk, after.slot, words)]
    await desk.bot.send_message(
        after.resident_chat_id,
        Markup("\n\n").join(part for part in parts if part),
        reply_markup=keyboard([another, *stale], in_row=1),
    )
