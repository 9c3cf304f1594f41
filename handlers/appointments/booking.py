"""Service, way, day, time, confirm: one message edited in place, and only what can be had.

The buttons carry what was chosen; every press looks again at what can be had, so that an old or
forged one gets nothing that is not free, and a restart in between costs nothing.
"""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.appointments.booking import Appointment, State, check_may_book, hold, needs_place
from bot.domain.appointments.refusals import (
    AppointmentRefused,
    NoSuchSlot,
    ResidentIsBusy,
    TooManyAppointments,
)
from bot.domain.appointments.service import Service, Way
from bot.domain.appointments.slots import Slot
from handlers.appointments import calendar
from handlers.appointments.calendar import Calendar, day_in, moment_in
from handlers.appointments.holding import keep_held, release_held, show_held
from handlers.appointments.offering import room_of
from handlers.appointments.reoffering import offer_words
from handlers.appointments.visits import ask_place
from handlers.appointments.wording import (
    back,
    button,
    edit_pressed,
    keep_buttons,
    keyboard,
    told,
)
from handlers.areas import ask_area
from handlers.ways import way_name


async def show(desk: Desk) -> None:
    """``/book``: what is booked, and what can be."""
    await _show_own(desk)
    if room_of(desk) is None:
        await ask_area(desk)
        return
    text, markup = _services(desk)
    await desk.bot.send_message(desk.chat_id, text, reply_markup=markup)


async def _show_own(desk: Desk) -> None:
    """Whoever was booked for may have one before any area is known."""
    for each in await desk.transaction.appointments.of_resident(desk.chat_id, since=desk.now):
        if each.state is State.DISPLACED:
            offer, choices = await offer_words(desk, each)
            await desk.bot.send_message(desk.chat_id, offer, reply_markup=choices)
        elif each.state is State.BOOKED:
            await desk.bot.send_message(
                desk.chat_id, told(desk, each), reply_markup=keep_buttons(desk, each)
            )


def _services(desk: Desk) -> tuple[Markup, InlineKeyboardMarkup | None]:
    _ = desk.words
    services = desk.roster.services
    if not services:
        return _("Nothing can be booked here yet. Just write to your officer."), None
    buttons = [
        button(desk.name_of(each.name, desk.words), "service", each.code) for each in services
    ]
    return _("What would you like an appointment for?"), keyboard(buttons, in_row=1)


async def show_services(desk: Desk) -> None:
    """Back to the beginning, in place."""
    await desk.answer_press()
    await edit_pressed(desk, *_services(desk))


async def show_moved_on(desk: Desk) -> None:
    """What was looked for cannot be had here any more: the beginning again."""
    _ = desk.words
    await desk.answer_press(_.plain("This has moved on."))
    await edit_pressed(desk, *_services(desk))


async def show_ways(desk: Desk) -> None:
    """How it can be given, if there is a choice; else the days at once."""
    service = desk.roster.service(desk.argument(0))
    if service is None:
        await show_moved_on(desk)
        return
    await desk.answer_press()
    if len(service.ways) == 1:
        await calendar.show_days(desk, calendar_for(desk, service, service.ways[0]))
        return
    _ = desk.words
    buttons = [
        button(way_name(each, desk.words), "way", service.code, each.value[0])
        for each in service.ways
    ]
    rows = [*keyboard(buttons, in_row=1).inline_keyboard, [back(desk, "services")]]
    text = Markup("<b>{}</b>\n{}").format(
        desk.name_of(service.name, desk.words), _("How would you like it?")
    )
    await edit_pressed(desk, text, InlineKeyboardMarkup(rows))


def calendar_for(desk: Desk, service: Service, way: Way) -> Calendar:
    """The times at which a resident can have the service in that way."""
    is_only = len(service.ways) == 1
    return Calendar(
        service,
        way,
        day="day",
        time="time",
        back=back(desk, "services") if is_only else back(desk, "service", service.code),
        arguments=(service.code, way.value[0]),
    )


def _wanted(desk: Desk) -> Calendar | None:
    """What the pressed button looks for; None if the roster has it no more, or never had."""
    service = desk.roster.service(desk.argument(0))
    ways = [] if service is None else [each for each in service.ways if _is_meant(desk, each)]
    return None if service is None or not ways else calendar_for(desk, service, ways[0])


def _is_meant(desk: Desk, way: Way) -> bool:
    return desk.argument(1) == way.value[0]


async def show_days(desk: Desk) -> None:
    """The days on which something can be had."""
    wanted = _wanted(desk)
    if wanted is None:
        await show_moved_on(desk)
        return
    await desk.answer_press()
    await calendar.show_days(desk, wanted)


async def show_times(desk: Desk) -> None:
    """The times of one day."""
    wanted, day = _wanted(desk), day_in(desk.argument(2))
    if wanted is None or day is None:
        await show_moved_on(desk)
        return
    await calendar.show_times(desk, wanted, day, _to_days(desk, wanted))


def _to_days(desk: Desk, wanted: Calendar) -> InlineKeyboardButton:
    return back(desk, "way", *wanted.arguments)


async def hold_time(desk: Desk) -> None:
    """A time was pressed: it is kept for this resident until it is confirmed."""
    wanted, starts = _wanted(desk), moment_in(desk.argument(2))
    if wanted is None or starts is None:
        await show_moved_on(desk)
        return
    held = await release_held(desk, unless=(wanted.service.code, wanted.way, starts))
    if held is not None:
        await desk.answer_press()
        await show_held(desk, held)
        return
    free = await wanted.free(desk)
    try:
        await _hold(desk, next((slot for slot in free if slot.starts == starts), None), starts)
    except (TooManyAppointments, ResidentIsBusy) as refusal:
        await desk.answer_press(_why(desk, refusal), is_alert=True)
        await calendar.show_days(desk, wanted)
    except AppointmentRefused:
        await calendar.offer_instead(desk, wanted, starts)


async def _hold(desk: Desk, slot: Slot | None, starts: datetime) -> None:
    """Raises `AppointmentRefused`."""
    if slot is None:
        raise NoSuchSlot(starts)
    drawer = desk.transaction.appointments
    own = await drawer.of_resident(desk.chat_id, since=desk.now)
    check_may_book(slot, own)
    held: Appointment = await drawer.book(hold(slot, resident_chat_id=desk.chat_id, now=desk.now))
    keep_held(desk, held, message_id=desk.message.message_id)
    await desk.answer_press()
    await show_held(desk, held)
    if needs_place(held):
        await ask_place(desk, held)


def _why(desk: Desk, refusal: TooManyAppointments | ResidentIsBusy) -> str:
    _ = desk.words
    if isinstance(refusal, TooManyAppointments):
        return _.plain("You have {count} appointments ahead. Cancel one first.").format(
            count=refusal.limit
        )
    return _.plain("You have another appointment at that time.")
