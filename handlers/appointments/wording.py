"""How an appointment is told, and the buttons under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.service import Service, Way
from bot.domain.appointments.slots import Slot
from bot.texts import Words
from handlers.appointments.offering import room_of
from handlers.contact_cards import room_lines

#: Buttons side by side that a phone still shows whole: short times, longer days.
TIMES_IN_ROW, DAYS_IN_ROW = 4, 2


def button(text: str, action: str, *arguments: object) -> InlineKeyboardButton:
    """A button of this feature."""
    return InlineKeyboardButton(text, callback_data=button_data("appointments", action, *arguments))


def keyboard(buttons: Sequence[InlineKeyboardButton], *, in_row: int) -> InlineKeyboardMarkup:
    """Buttons in rows."""
    return InlineKeyboardMarkup(
        [buttons[first : first + in_row] for first in range(0, len(buttons), in_row)]
    )


def back(desk: Desk, action: str, *arguments: object) -> InlineKeyboardButton:
    """One step back."""
    _ = desk.words
    return button(_.plain("◀ Back"), action, *arguments)


def argument(desk: Desk, place: int) -> str:
    """What the pressed button carries there; "" for nothing."""
    arguments = desk.press.arguments if desk.press else ()
    return arguments[place] if place < len(arguments) else ""


def minutes_of(moment: datetime) -> int:
    """A moment as buttons carry it: minutes since 1970 UTC."""
    return int(moment.timestamp()) // 60


async def edit_pressed(
    desk: Desk, text: Markup, markup: InlineKeyboardMarkup | None = None
) -> None:
    """The pressed message says this now."""
    await desk.bot.edit_message_text(
        text, chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=markup
    )


def way_name(way: Way, words: Words) -> str:
    """How a service is given."""
    _ = words
    if way is Way.PHONE:
        return _.plain("📞 By phone")
    return _.plain("🏠 At my place") if way is Way.VISIT else _.plain("🏢 At the police room")


def service_name(desk: Desk, code: str, words: Words) -> str:
    """What it is about; the code for a service that is on the roster no more."""
    service = desk.roster.service(code)
    return code if service is None else desk.name_of(service.name, words)


def officer_name(desk: Desk, code: str, words: Words) -> str:
    """Who it is with."""
    officer = desk.roster.officer(code)
    return code if officer is None else desk.name_of(officer.name, words)


def heading(desk: Desk, slot: Slot, words: Words) -> Markup:
    """What and when."""
    return Markup("<b>{}</b>\n{}").format(
        service_name(desk, slot.service, words), words.day_and_time(slot.starts)
    )


def told(desk: Desk, appointment: Appointment) -> Markup:
    """All that a resident needs: what, when, with whom, where, what to bring."""
    _ = desk.words
    slot = appointment.slot
    with_whom = _("With {name}.").format(name=officer_name(desk, slot.officer, desk.words))
    parts = [Markup("\n").join([heading(desk, slot, desk.words), with_whom]), _where(desk, slot)]
    parts += checklist(desk, desk.roster.service(slot.service))
    return Markup("\n\n").join(part for part in parts if part)


def _where(desk: Desk, slot: Slot) -> Markup:
    if slot.way is not Way.ROOM:
        return escape(way_name(slot.way, desk.words))
    room = room_of(desk)
    return Markup() if room is None else room_lines(desk, room)


def for_officer(desk: Desk, appointment: Appointment, words: Words) -> Markup:
    """What an officer needs to know of it: what, when, how."""
    way = appointment.slot.way
    lines = [heading(desk, appointment.slot, words)]
    if way is not Way.ROOM:
        lines.append(escape(way_name(way, words)))
    return Markup("\n").join(lines)


def checklist(desk: Desk, service: Service | None) -> Iterable[Markup]:
    """Everything to bring, said once, and what people would come for in vain."""
    if service is None:
        return []
    _ = desk.words
    items = [f"• {desk.name_of(item.text, desk.words)}" for item in service.bring]
    parts = []
    if items:
        parts.append(Markup("\n").join([_("Please bring:"), *map(escape, items)]))
    if service.not_issued:
        parts.append(escape(desk.name_of(service.not_issued, desk.words)))
    return parts


def keep_buttons(desk: Desk, appointment: Appointment) -> InlineKeyboardMarkup:
    """What can be done with a booked one."""
    _ = desk.words
    arguments = (appointment.id, minutes_of(appointment.slot.starts))
    return keyboard(
        [
            button(_.plain("🕘 Move it"), "move", *arguments),
            button(_.plain("✖ Cancel it"), "cancel", *arguments),
        ],
        in_row=2,
    )
