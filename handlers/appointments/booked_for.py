"""A time for somebody without Telegram is taken at once: the code, and what to read to them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from markupsafe import Markup
from telegram import ForceReply, InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.appointments.booking import Appointment, Guest
from bot.domain.appointments.codes import CODES, code_of
from bot.domain.appointments.guests import book_for
from bot.domain.appointments.preparing import short
from bot.domain.appointments.refusals import NoSuchSlot, SlotTaken, TooLong
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from handlers.appointments import calendar, guests
from handlers.appointments.calendar import Calendar, moment_in
from handlers.appointments.discreet import send_to_staff
from handlers.appointments.reminding import set_reminders
from handlers.appointments.telling import tell_booked
from handlers.appointments.wording import (
    button,
    code_lines,
    edit_pressed,
    heading,
    item_name,
    keyboard,
    minutes_of,
    told,
)
from storage.dialogues import Dialogue

#: Few of ten million codes are in use: so many draws that are all taken are no accident.
MOST_DRAWS = 20


async def take_time(desk: Desk) -> None:
    """A time was pressed: booked at once; a visit asks where first."""
    found, starts = await guests.wanted(desk), moment_in(desk.argument(2))
    if found is None:
        return
    dialogue, times = found
    if starts is None:
        await desk.answer_press()
        await calendar.show_days(desk, times)
        return
    try:
        slot = await _slot_at(desk, times, starts)
        booked = None if slot.way is Way.VISIT else await _book(desk, dialogue, slot)
    except (NoSuchSlot, SlotTaken):
        await calendar.offer_instead(desk, times, starts)
        return
    await desk.answer_press()
    if booked is None:
        await _ask_place(desk, dialogue, slot)
    else:
        await edit_pressed(desk, _to_read(desk, booked))


async def _slot_at(desk: Desk, times: Calendar, starts: datetime) -> Slot:
    """Raises `NoSuchSlot`."""
    free = await times.offered(desk)
    slot = next((each for each in free if each.starts == starts), None)
    if slot is None:
        raise NoSuchSlot(starts)
    return slot


async def _book(desk: Desk, dialogue: Dialogue, slot: Slot, *, place: str = "") -> Appointment:
    """On file under a new code; the officer knows, and is reminded. Raises `SlotTaken`."""
    guest = Guest(
        dialogue.data["name"], dialogue.data["phone"], "", booked_by=desk.visitor.officer or ""
    )
    booked = await desk.transaction.appointments.book_for_guest(
        book_for(slot, guest, now=desk.now, place=place),
        (code_of(secrets.randbelow(CODES)) for _draw in range(MOST_DRAWS)),
    )
    desk.transaction.dialogues.end(dialogue.id)
    await set_reminders(desk, booked)
    if slot.officer != desk.visitor.officer:
        await tell_booked(desk, booked)
    return booked


def _to_read(desk: Desk, booked: Appointment) -> Markup:
    """Everything that somebody on the telephone needs, said once."""
    _ = desk.words
    guest = booked.guest or Guest("", "", "")
    parts = [
        _("✔ Booked for {name}. Please read this out:").format(name=guest.name),
        told(desk, booked),
        *_situations(desk, booked),
        *code_lines(desk, booked),
    ]
    return Markup("\n\n").join(parts)


def _situations(desk: Desk, booked: Appointment) -> Iterable[Markup]:
    """What else is needed, by situation: on the telephone it is asked, not chosen."""
    service = desk.roster.service(booked.slot.service)
    _ = desk.words
    for each in () if service is None else service.situations:
        items = [Markup("• {}").format(item_name(desk, item, desk.words)) for item in each.bring]
        name = desk.name_of(each.name, desk.words)
        is_there = booked.slot.way is Way.ROOM
        line = (
            _("<i>{situation}</i> – then please also bring:")
            if is_there
            else _("<i>{situation}</i> – then please also have at hand:")
        )
        yield Markup("\n").join([line.format(situation=name), *items])


# --- where a visit goes


async def _ask_place(desk: Desk, dialogue: Dialogue, slot: Slot) -> None:
    data = {**dialogue.data, "starts": minutes_of(slot.starts)}
    after = await desk.transaction.dialogues.advance(dialogue, step=guests.PLACE, data=data)
    if after is None:
        return
    rows = InlineKeyboardMarkup([guests.last_row(desk, after, "days")])
    await edit_pressed(desk, heading(desk, slot, desk.words), rows)
    _ = desk.words
    await _prompt(desk, after, _("Where shall the officer come? Reply with the address."))


async def _prompt(desk: Desk, dialogue: Dialogue, text: Markup) -> None:
    asked = await desk.bot.send_message(desk.chat_id, text, reply_markup=ForceReply())
    desk.transaction.dialogues.set_message(dialogue.id, asked.message_id)


async def take_reply(desk: Desk) -> None:
    """The answer to the open question: who it is for, or where a visit goes."""
    dialogue = desk.visitor.dialogue
    if dialogue is None:
        raise LookupError("an answer without its question")
    if dialogue.step == guests.PLACE:
        await _take_place(desk, dialogue)
    elif "starts" in dialogue.data:  # the question for the address, of a time that was given up
        _ = desk.words
        await desk.bot.send_message(desk.chat_id, _("This has moved on."))
    else:
        await guests.take_name(desk, dialogue)


async def _take_place(desk: Desk, dialogue: Dialogue) -> None:
    _ = desk.words
    try:
        place = short(str(desk.raw_message.get("text", "")))
        booked = await _book_visit(desk, dialogue, place)
    except TooLong as refusal:
        text = _("Please reply once more, in at most {count} characters.")
        await _prompt(desk, dialogue, text.format(count=refusal.limit))
    except (NoSuchSlot, SlotTaken):
        another = button(_.plain("🕘 Another time"), "for_days", dialogue.id, dialogue.version)
        await desk.bot.send_message(
            desk.chat_id,
            _("This time is not free (any more)."),
            reply_markup=keyboard([another], in_row=1),
        )
    else:
        await send_to_staff(desk, desk.chat_id, _to_read(desk, booked))


async def _book_visit(desk: Desk, dialogue: Dialogue, place: str) -> Appointment:
    """Raises `NoSuchSlot`, `SlotTaken`."""
    times, starts = await guests.wanted_of(desk, dialogue), moment_in(str(dialogue.data["starts"]))
    if times is None or starts is None:
        raise NoSuchSlot(desk.now)
    return await _book(desk, dialogue, await _slot_at(desk, times, starts), place=place)
