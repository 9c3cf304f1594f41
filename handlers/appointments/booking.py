"""Service, day, time, confirm: one message edited in place, and only what can be had.

The buttons carry what was chosen; every press looks again at what can be had, so that an old or
forged one gets nothing that is not free, and a restart in between costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.appointments.booking import check_may_book, hold
from bot.domain.appointments.refusals import (
    AppointmentRefused,
    NoSuchSlot,
    ResidentIsBusy,
    TooManyAppointments,
)
from bot.domain.appointments.service import Service, Way
from bot.domain.appointments.slots import Slot, days, instead_of, times_of
from handlers.appointments.offering import offered, room_of, wish_for
from handlers.appointments.wording import (
    DAYS_IN_ROW,
    TIMES_IN_ROW,
    button,
    keep_buttons,
    keyboard,
    time_button,
    told,
)
from handlers.areas import ask_area

#: Days offered at once: a phone shows them without much scrolling.
_MOST_DAYS = 24
#: Times of one day: eight hours of five minutes; Telegram takes 100 buttons under a message.
_MOST_TIMES = 96
#: When a held slot that nobody confirmed is given back.
EXPIRE = "appointments.expire"


async def show(desk: Desk) -> None:
    """``/book``: what is booked, and what can be."""
    if room_of(desk) is None:
        await ask_area(desk)
        return
    for each in await desk.transaction.appointments.of_resident(desk.chat_id, since=desk.now):
        if each.held_until is None:
            await desk.bot.send_message(
                desk.chat_id, told(desk, each), reply_markup=keep_buttons(desk, each)
            )
    text, markup = _services(desk)
    await desk.bot.send_message(desk.chat_id, text, reply_markup=markup)


def _services(desk: Desk) -> tuple[Markup, InlineKeyboardMarkup | None]:
    _ = desk.words
    at_room = [each for each in desk.roster.services if Way.ROOM in each.ways]
    if not at_room:
        return _("Nothing can be booked here yet. Just write to your officer."), None
    buttons = [
        button(desk.name_of(each.name, desk.words), "service", each.code) for each in at_room
    ]
    return _("What would you like an appointment for?"), keyboard(buttons, in_row=1)


async def show_services(desk: Desk) -> None:
    """Back to the beginning, in place."""
    await desk.answer_press()
    await _edit(desk, *_services(desk))


async def _edit(desk: Desk, text: Markup, markup: InlineKeyboardMarkup | None) -> None:
    await desk.bot.edit_message_text(
        text, chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=markup
    )


def _argument(desk: Desk, place: int) -> str:
    arguments = desk.press.arguments if desk.press else ()
    return arguments[place] if place < len(arguments) else ""


async def show_days(desk: Desk) -> None:
    """The days on which something can be had."""
    service = desk.roster.service(_argument(desk, 0))
    if service is None:
        await _moved_on(desk)
        return
    await desk.answer_press()
    await _edit_days(desk, service)


async def _moved_on(desk: Desk) -> None:
    _ = desk.words
    await desk.answer_press(_.plain("This has moved on."))
    await _edit(desk, *_services(desk))


async def _edit_days(desk: Desk, service: Service) -> None:
    _ = desk.words
    found = days(await offered(desk, service), wish_for(desk, service))[:_MOST_DAYS]
    text = _("On which day?") if found else _("No time is free in the coming weeks.")
    buttons = [
        button(desk.words.day(day), "day", service.code, day.strftime("%Y%m%d")) for day in found
    ]
    rows = [*keyboard(buttons, in_row=DAYS_IN_ROW).inline_keyboard, [_back(desk, "services")]]
    await _edit(desk, _headed(desk, service, text), InlineKeyboardMarkup(rows))


def _headed(desk: Desk, service: Service, text: Markup) -> Markup:
    return Markup("<b>{}</b>\n{}").format(desk.name_of(service.name, desk.words), text)


def _back(desk: Desk, action: str, *arguments: object) -> InlineKeyboardButton:
    _ = desk.words
    return button(_.plain("◀ Back"), action, *arguments)


async def show_times(desk: Desk) -> None:
    """The times of one day."""
    service = desk.roster.service(_argument(desk, 0))
    day = _day_of(_argument(desk, 1))
    if service is None or day is None:
        await _moved_on(desk)
        return
    times = times_of(await offered(desk, service), day, wish_for(desk, service))
    _ = desk.words
    if not times:
        await desk.answer_press(_.plain("Nothing is free on this day any more."))
        await _edit_days(desk, service)
        return
    await desk.answer_press()
    text = _("{day} – at what time?").format(day=desk.words.day(day))
    await _edit(desk, _headed(desk, service, text), _times(desk, service, times))


def _times(desk: Desk, service: Service, times: Sequence[Slot]) -> InlineKeyboardMarkup:
    buttons = [time_button(desk, slot) for slot in times[:_MOST_TIMES]]
    rows = keyboard(buttons, in_row=TIMES_IN_ROW).inline_keyboard
    return InlineKeyboardMarkup([*rows, [_back(desk, "service", service.code)]])


def _day_of(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


async def hold_time(desk: Desk) -> None:
    """A time was pressed: it is kept for this resident until it is confirmed."""
    service = desk.roster.service(_argument(desk, 0))
    starts = _moment_of(_argument(desk, 1))
    if service is None or starts is None:
        await _moved_on(desk)
        return
    free = await offered(desk, service)
    try:
        await _hold(desk, next((slot for slot in free if slot.starts == starts), None), starts)
    except (TooManyAppointments, ResidentIsBusy) as refusal:
        await desk.answer_press(_why(desk, refusal), is_alert=True)
    except AppointmentRefused:
        await _offer_instead(desk, service, starts)


def _moment_of(text: str) -> datetime | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= 9  # minutes until the year 3871
    return datetime.fromtimestamp(int(text) * 60, UTC) if is_number else None


async def _hold(desk: Desk, slot: Slot | None, starts: datetime) -> None:
    """Raises `AppointmentRefused`."""
    if slot is None:
        raise NoSuchSlot(starts)
    drawer = desk.transaction.appointments
    own = await drawer.of_resident(desk.chat_id, since=desk.now)
    check_may_book(slot, own)
    held = await drawer.book(hold(slot, resident_chat_id=desk.chat_id, now=desk.now))
    if held.held_until is not None:
        desk.transaction.timers.set(
            EXPIRE, str(held.id), due_at=held.held_until, chat_key=str(desk.chat_id),
            payload={"id": held.id, "message_id": desk.message.message_id},
        )  # fmt: skip
    await desk.answer_press()
    _ = desk.words
    question = _("Kept for you for five minutes. Shall it be booked?")
    rows = [[button(_.plain("✔ Book it"), "confirm", held.id)],
            [button(_.plain("✖ Another time"), "release", held.id)]]  # fmt: skip
    text = Markup("{}\n\n{}").format(told(desk, held), question)
    await _edit(desk, text, InlineKeyboardMarkup(rows))


def _why(desk: Desk, refusal: TooManyAppointments | ResidentIsBusy) -> str:
    _ = desk.words
    if isinstance(refusal, TooManyAppointments):
        return _.plain("You have {count} appointments ahead. Cancel one first.").format(
            count=refusal.limit
        )
    return _.plain("You have another appointment at that time.")


async def _offer_instead(desk: Desk, service: Service, starts: datetime) -> None:
    """Somebody was first, or it never was: the nearest times that can be had."""
    _ = desk.words
    await desk.answer_press(_.plain("This time is not free (any more)."))
    nearest = instead_of(starts, await offered(desk, service))
    text = _("This time is not free. These are the nearest.") if nearest else _(
        "No time is free in the coming weeks."
    )  # fmt: skip
    rows = [[time_button(desk, slot, with_day=True)] for slot in nearest]
    rows.append([_back(desk, "service", service.code)])
    await _edit(desk, _headed(desk, service, text), InlineKeyboardMarkup(rows))
