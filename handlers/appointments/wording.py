"""How an appointment is told, and the buttons under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.appointments import preparing
from bot.domain.appointments.booking import AHEAD, Appointment, State
from bot.domain.appointments.calendar_files import was_called_off
from bot.domain.appointments.codes import LINK_PREFIX
from bot.domain.appointments.service import Item, Service, Way, missing, to_bring
from bot.domain.appointments.slots import Slot
from bot.texts import Words
from handlers.appointments.offering import room_for
from handlers.contact_cards import room_lines
from handlers.ways import way_name

#: Buttons side by side that a phone still shows whole: short times, longer days.
TIMES_IN_ROW, DAYS_IN_ROW = 4, 2
#: Why the officer's side cancels, as its buttons carry it.
CANCEL_REASONS = frozenset({"elsewhere", "closed", "asked"})


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
    lines = [heading(desk, slot, desk.words), with_whom]
    if appointment.late_minutes:
        lines.append(late_line(appointment, desk.words))
    parts = [Markup("\n").join(lines), _where(desk, appointment), *checklist(desk, appointment)]
    return Markup("\n\n").join(part for part in parts if part)


def late_line(appointment: Appointment, words: Words) -> Markup:
    """How late the officer is."""
    _ = words
    count = appointment.late_minutes
    return _.many("⏳ {count} minute late", "⏳ {count} minutes late", count).format(count=count)


def _where(desk: Desk, appointment: Appointment) -> Markup:
    if appointment.slot.way is not Way.ROOM:
        return Markup("\n").join(way_lines(appointment, desk.words))
    room = room_for(desk, appointment)
    return Markup() if room is None else room_lines(desk, room)


def way_lines(appointment: Appointment, words: Words) -> list[Markup]:
    """By phone or at home: the number alone on its line, the address."""
    way = appointment.slot.way
    lines = [way_name(way, words)]
    if way is Way.PHONE and appointment.phone:
        lines.append(words.telephone(appointment.phone))
    if way is Way.VISIT and appointment.place:
        lines.append(appointment.place)
    if way is Way.VISIT and appointment.location is not None:
        lines.append("📍 {:.5f}, {:.5f}".format(*appointment.location))
    return [escape(line) for line in lines]


def checklist(desk: Desk, appointment: Appointment) -> list[Markup]:
    """Everything to bring, said once, and what people would come for in vain."""
    service = desk.roster.service(appointment.slot.service)
    if service is None:
        return []
    _ = desk.words
    items = [
        Markup("{} {}").format(
            "☑" if place in appointment.ticked else "•", item_name(desk, item, desk.words)
        )
        for place, item in enumerate(to_bring(service, appointment.situation))
    ]
    parts = []
    if items:
        parts.append(Markup("\n").join([to_bring_line(appointment, desk.words), *items]))
    if service.not_issued:
        parts.append(escape(desk.name_of(service.not_issued, desk.words)))
    is_here = appointment.state is State.BOOKED and appointment.resident_chat_id is not None
    if is_here and service.takes_photos:
        parts.append(_("📷 You can send photos beforehand: reply to this message."))
    if is_here and preparing.asks_situation(appointment, service):
        parts.append(_("Does one of these fit you? Tap it: then you read what else is needed."))
    return parts


def to_bring_line(appointment: Appointment, words: Words) -> Markup:
    """The line above what is needed: nobody carries papers to the own door, or to a telephone."""
    _ = words
    is_there = appointment.slot.way is Way.ROOM
    return _("Please bring:") if is_there else _("Please have at hand:")


def item_name(desk: Desk, item: Item, words: Words) -> Markup:
    """One thing to bring, and whether it can be done without."""
    _ = words
    name = desk.name_of(item.text, words)
    return escape(name) if item.is_needed else _("{item} (if you have it)").format(item=name)


def for_officer(desk: Desk, appointment: Appointment, words: Words) -> Markup:
    """What an officer needs to know of an appointment: what, when, how and where, the resident's
    situation, what is ready, and the answers to the service's questions."""
    lines = [heading(desk, appointment.slot, words)]
    if appointment.late_minutes:
        lines.append(late_line(appointment, words))
    if appointment.slot.way is not Way.ROOM:
        lines += way_lines(appointment, words)
    lines += guest_lines(appointment, words)
    service = desk.roster.service(appointment.slot.service)
    if service is not None:
        lines += _prepared(desk, appointment, service, words)
    return Markup("\n").join(lines)


def guest_lines(appointment: Appointment, words: Words) -> list[Markup]:
    """Who was booked for without Telegram: until the code is used, only a call reaches them."""
    guest = appointment.guest
    if guest is None:
        return []
    _ = words
    number = escape(words.telephone(guest.phone))
    if appointment.resident_chat_id is not None:
        return [Markup("☎ {}").format(guest.name), number]
    return [_("☎ {name} has no Telegram. To say something, call:").format(name=guest.name), number]


def code_lines(desk: Desk, appointment: Appointment) -> list[Markup]:
    """What somebody without Telegram is given, for the telephone and as a link; nothing once it has
    been used, or is worth nothing."""
    guest = appointment.guest
    is_open = appointment.resident_chat_id is None and appointment.state in AHEAD
    if guest is None or not is_open:
        return []
    _ = desk.words
    link = f"https://t.me/{desk.bot.username}?start={LINK_PREFIX}{guest.code}"
    return [
        _("The code of the appointment: <b>{code}</b>").format(code=guest.code),
        _("With Telegram: send /claim and the code to this bot, or open\n{link}").format(link=link),
    ]


def _prepared(
    desk: Desk, appointment: Appointment, service: Service, words: Words
) -> Iterable[Markup]:
    _ = words
    for each in service.situations:
        if each.code == appointment.situation:
            yield escape(desk.name_of(each.name, words))
    lacking = missing(service, appointment.situation, appointment.ticked)
    if lacking and appointment.ticked:
        names = words.series(desk.name_of(item.text, words) for item in lacking)
        yield _("Not ready yet: {items}").format(items=names)
    elif preparing.is_complete(appointment, service) and to_bring(service, appointment.situation):
        yield _("☑ Everything is ready.")
    for question, given in zip(
        service.questions, preparing.answers_of(appointment, service), strict=True
    ):
        if given:
            yield Markup("{} <i>{}</i>").format(desk.name_of(question, words), given)


def why_cancelled(appointment: Appointment, words: Words) -> Markup | None:
    """What the officer's side gave as its reason; None for none."""
    _ = words
    return {
        "elsewhere": _("The officer is needed elsewhere at that time."),
        "closed": _("The community police office is closed at that time."),
        "asked": _("You asked for it to be cancelled."),
    }.get(appointment.reason)


def keep_buttons(desk: Desk, appointment: Appointment) -> InlineKeyboardMarkup:
    """What can be done with a booked one: say what is ready, answer, move, cancel."""
    _ = desk.words
    arguments = (appointment.id, minutes_of(appointment.slot.starts))
    service = desk.roster.service(appointment.slot.service)
    rows = [] if service is None else [*_preparing(desk, appointment, service)]
    rows.append(
        [
            button(_.plain("🕘 Move it"), "move", *arguments),
            button(_.plain("✖ Cancel it"), "cancel", *arguments),
        ]
    )
    rows.append([calendar_button(appointment, desk.words)])
    return InlineKeyboardMarkup(rows)


def calendar_button(appointment: Appointment, words: Words) -> InlineKeyboardButton:
    """The way into the phone's own calendar, for a booked one."""
    _ = words
    arguments = (appointment.id, minutes_of(appointment.slot.starts))
    return button(_.plain("📅 Add to calendar"), "to_calendar", *arguments)


async def out_of_calendar(
    desk: Desk, over: Appointment, chat_id: int, words: Words
) -> list[InlineKeyboardButton]:
    """The button for a calendar that still shows what was called off; none where no file of it was
    taken."""
    if not was_called_off(over) or not await has_calendar_file(desk, over, chat_id):
        return []
    _ = words
    arguments = (over.id, minutes_of(over.slot.starts))
    return [button(_.plain("📅 Take it out of my calendar"), "off_calendar", *arguments)]


async def has_calendar_file(desk: Desk, appointment: Appointment, chat_id: int) -> bool:
    """Whether this chat was sent a file of the appointment."""
    return await desk.transaction.calendar_files.has(appointment.id or 0, chat_id)


def _preparing(
    desk: Desk, appointment: Appointment, service: Service
) -> Iterable[list[InlineKeyboardButton]]:
    """One row for each situation as long as it is not known, then for each thing to bring."""
    _ = desk.words
    arguments = (appointment.id, minutes_of(appointment.slot.starts))
    if preparing.asks_situation(appointment, service):
        names = [desk.name_of(each.name, desk.words) for each in service.situations]
        for place, name in enumerate([*names, _.plain("None of these")]):
            yield [button(name, "situation", *arguments, place)]
        return
    for place, item in enumerate(to_bring(service, appointment.situation)):
        sign = "☑" if place in appointment.ticked else "☐"
        name = desk.name_of(item.text, desk.words)
        yield [button(f"{sign} {name}", "tick", *arguments, place)]
    if preparing.next_question(appointment, service) is not None:
        yield [button(_.plain("✎ Answer the questions"), "question", *arguments)]
