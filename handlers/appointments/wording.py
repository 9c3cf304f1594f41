"""How an appointment is told, and the buttons under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.service import Service
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


def time_button(desk: Desk, slot: Slot, *, with_day: bool = False) -> InlineKeyboardButton:
    """A time that can be had."""
    shown = desk.words.day_and_time if with_day else desk.words.clock_time
    return button(shown(slot.starts), "time", slot.service, int(slot.starts.timestamp()) // 60)


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
    room = room_of(desk)
    parts = [Markup("\n").join([heading(desk, slot, desk.words), with_whom])]
    if room is not None:
        parts.append(room_lines(desk, room))
    return Markup("\n\n").join([*parts, *checklist(desk, desk.roster.service(slot.service))])


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
    return InlineKeyboardMarkup([[button(_.plain("✖ Cancel it"), "cancel", appointment.id)]])
