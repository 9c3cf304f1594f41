"""What a resident reads whose appointment is displaced: sorry, the old time, and what is free.

One message, in place: the deputy at the same time, the nearest other times, another day, cancel.
"""

from __future__ import annotations

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.absences import ReofferPlan
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.displaced import Why, with_deputy
from bot.domain.appointments.slots import Slot, instead_of
from handlers.appointments.offering import diaries, offered
from handlers.appointments.wording import (
    button,
    heading,
    keyboard,
    minutes_of,
    officer_name,
)


async def offer_words(
    desk: Desk, appointment: Appointment, plan: ReofferPlan = ReofferPlan.DEPUTY
) -> tuple[Markup, InlineKeyboardMarkup]:
    """The message and its buttons; the deputy, if one is free at that very time, where the plan is
    that or nobody made one."""
    deputy = await _deputy(desk, appointment) if plan is ReofferPlan.DEPUTY else None
    return _text(desk, appointment, deputy), await _buttons(desk, appointment, deputy)


async def _deputy(desk: Desk, appointment: Appointment) -> Slot | None:
    service = desk.roster.service(appointment.slot.service)
    if service is None:
        return None
    return with_deputy(appointment.slot, await diaries(desk, service))


def _text(desk: Desk, appointment: Appointment, deputy: Slot | None) -> Markup:
    """Never the reason of an absence."""
    _ = desk.words
    is_closed = appointment.reason == Why.HOURS and desk.roster.officer(appointment.slot.officer)
    lines = [
        _("We are sorry: the community police office is closed at this time.")
        if is_closed
        else _("We are sorry: your officer cannot be there at this time."),
        heading(desk, appointment.slot, desk.words),
    ]
    if deputy is not None:
        name = officer_name(desk, deputy.officer, desk.words)
        lines.append(_("{name} has time for you at the same time.").format(name=name))
    return Markup("\n\n").join([*lines, _("Please choose what suits you.")])


async def _buttons(
    desk: Desk, appointment: Appointment, deputy: Slot | None
) -> InlineKeyboardMarkup:
    """The times and the days are those of a move (`moving`): only what can be had."""
    _ = desk.words
    arguments = (appointment.id, minutes_of(appointment.slot.starts))
    buttons: list[InlineKeyboardButton] = []
    if deputy is not None:
        name = officer_name(desk, deputy.officer, desk.words)
        text = _.plain("✔ Yes, with {name} at the same time").format(name=name)
        buttons.append(button(text, "with", *arguments, deputy.officer))
    for each in await _nearest(desk, appointment):
        shown = desk.words.day_and_time(each.starts)
        buttons.append(button(shown, "moveto", *arguments, minutes_of(each.starts)))
    buttons.append(button(_.plain("🗓 Another day"), "move", *arguments))
    buttons.append(button(_.plain("✖ Cancel it"), "cancel", *arguments))
    return keyboard(buttons, in_row=1)


async def _nearest(desk: Desk, appointment: Appointment) -> tuple[Slot, ...]:
    """The nearest other times that this resident can have for the same."""
    slot = appointment.slot
    service = desk.roster.service(slot.service)
    if service is None or slot.way not in service.ways:
        return ()
    free = await offered(desk, service, slot.way, moving=appointment)
    return instead_of(slot.starts, [each for each in free if each.starts != slot.starts])
