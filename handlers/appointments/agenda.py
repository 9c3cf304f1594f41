"""What an officer has before: today and the coming week, and everything about one appointment.

Whoever answers for others (the duty desk, supervisors) sees the appointments of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.absences import spans_of
from bot.domain.appointments.booking import (
    AHEAD,
    LATE_CHOICES,
    LATE_FROM,
    Appointment,
    State,
    may_be_missed_from,
)
from bot.domain.spans import meets_any
from handlers.appointments.discreet import send_to_staff
from handlers.appointments.pressed import actor, pressed
from handlers.appointments.reminding import name_of_resident
from handlers.appointments.wording import (
    back,
    button,
    calendar_button,
    code_lines,
    edit_pressed,
    for_officer,
    keyboard,
    minutes_of,
    officer_name,
    service_name,
)

#: What an agenda shows, as its buttons carry it, and how far it looks.
_SPANS = {"today": timedelta(days=1), "week": timedelta(days=7)}
#: Appointments on one page: each has a button, and a thumb has to find it.
_PAGE = 8


async def show_agenda(desk: Desk) -> None:
    """``/agenda``: what is booked today."""
    text, markup = await _agenda(desk, "today", 0)
    await send_to_staff(desk, desk.chat_id, text, markup=markup)


async def turn(desk: Desk) -> None:
    """Today or the week, and the pages of it, in place."""
    await desk.answer_press()
    page = desk.argument(1)
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 0
    span = desk.argument(0) if desk.argument(0) in _SPANS else "today"
    await edit_pressed(desk, *await _agenda(desk, span, number))


async def _agenda(desk: Desk, span: str, page: int) -> tuple[Markup, InlineKeyboardMarkup]:
    _ = desk.words
    booked = await _booked(desk, _SPANS[span])
    page = min(page, max(0, len(booked) - 1) // _PAGE)
    shown = booked[page * _PAGE : (page + 1) * _PAGE]
    head = _("Your appointments today:") if span == "today" else _("Your appointments this week:")
    if not booked:
        head = _("No appointments today.") if span == "today" else _("No appointments this week.")
    lost = await _not_kept(desk, shown)
    lines = [await _line(desk, each, is_kept=each.id not in lost) for each in shown]
    buttons = [await _entry(desk, each, is_kept=each.id not in lost) for each in shown]
    entries = keyboard(buttons, in_row=2).inline_keyboard
    turns = _turns(desk, span, page, len(booked))
    return Markup("\n").join([head, *lines]), InlineKeyboardMarkup([*entries, turns])


async def _booked(desk: Desk, span: timedelta) -> list[Appointment]:
    """From this morning on, in order of time."""
    local = desk.now.astimezone(desk.zone)
    morning = local.replace(hour=0, minute=0, second=0, microsecond=0)
    until = _morning_after(morning, span)
    found = [
        each
        for code in await _whose(desk)
        for each in await desk.transaction.appointments.of_officer(code, since=morning, until=until)
        if each.state is not State.HELD
    ]
    return sorted(found, key=lambda each: each.slot.starts)


def _morning_after(morning: datetime, span: timedelta) -> datetime:
    """So many days later, at midnight, whatever the clocks do in between."""
    return (morning.replace(tzinfo=None) + span).replace(tzinfo=morning.tzinfo)


async def _whose(desk: Desk) -> list[str]:
    """Whoever answers for all sees those of officers who have left the roster as well."""
    if desk.officer is None:
        return []
    if actor(desk).may_act_for_all:
        ahead = await desk.transaction.appointments.officers_ahead(desk.now)
        return list(dict.fromkeys([*(each.code for each in desk.roster.officers), *ahead]))
    return [desk.officer.code]


async def _not_kept(desk: Desk, found: Sequence[Appointment]) -> frozenset[int | None]:
    """Those that are displaced, or will be: their officer is away then, and it is not decided yet
    what becomes of them (feature absences). What has begun stays."""
    known = await desk.transaction.absences.known(desk.now)
    away = {
        each.id
        for each in found
        if each.slot.starts > desk.now
        and meets_any(each.slot.busy, spans_of(known, each.slot.officer))
    }
    return frozenset(away | {each.id for each in found if each.state is State.DISPLACED})


async def _line(desk: Desk, each: Appointment, *, is_kept: bool) -> Markup:
    _ = desk.words
    parts = [
        desk.words.day_and_time(each.slot.starts),
        service_name(desk, each.slot.service, desk.words),
        await name_of_resident(desk, each),
    ]
    if desk.officer is not None and each.slot.officer != desk.officer.code:
        parts.append(officer_name(desk, each.slot.officer, desk.words))
    if each.late_minutes:
        parts.append("⏳")
    if not is_kept:
        parts.append(_("⚠ cannot be kept"))
    return Markup(" · ").join(parts)


async def _entry(desk: Desk, each: Appointment, *, is_kept: bool) -> InlineKeyboardButton:
    when = desk.words.clock_time(each.slot.starts)
    label = f"{'' if is_kept else '⚠ '}{when} {await name_of_resident(desk, each)}"
    return button(label, "entry", each.id, minutes_of(each.slot.starts))


def _turns(desk: Desk, span: str, page: int, count: int) -> list[InlineKeyboardButton]:
    """The other span, and the pages before and after."""
    _ = desk.words
    other, label = ("week", _.plain("📅 Week")) if span == "today" else ("today", _.plain("Today"))
    buttons = [button(label, "agenda", other, 0)]
    if page:
        buttons.insert(0, button("◀", "agenda", span, page - 1))
    if (page + 1) * _PAGE < count:
        buttons.append(button("▶", "agenda", span, page + 1))
    return buttons


# --- one appointment


async def open_entry(desk: Desk) -> None:
    """Everything about one appointment, in place, and what can be done with it now."""
    found = await pressed(desk)
    if found is not None:
        await desk.answer_press()
        await show_entry(desk, found)


async def show_entry(desk: Desk, found: Appointment) -> None:
    """The pressed message is about this appointment."""
    who = await name_of_resident(desk, found)
    parts = [
        Markup("<b>{}</b>").format(who),
        for_officer(desk, found, desk.words),
        *code_lines(desk, found),
    ]
    if await _not_kept(desk, [found]):
        parts.append(_not_kept_line(desk, found))
    rows = [*_what_can_be_done(desk, found), [back(desk, "agenda", "today", 0)]]
    await edit_pressed(desk, Markup("\n").join(parts), InlineKeyboardMarkup(rows))


def _not_kept_line(desk: Desk, found: Appointment) -> Markup:
    _ = desk.words
    if found.resident_chat_id is None:
        return _("⚠ This cannot be kept. Somebody has to call.")
    if found.state is State.DISPLACED:
        return _("⚠ This cannot be kept. The resident is choosing what suits instead.")
    return _("⚠ This cannot be kept. The resident is told soon.")


def _what_can_be_done(desk: Desk, found: Appointment) -> list[list[InlineKeyboardButton]]:
    _ = desk.words
    which = (found.id, minutes_of(found.slot.starts))
    rows: list[list[InlineKeyboardButton]] = []
    if found.state is State.BOOKED and desk.now >= found.slot.starts - LATE_FROM:
        late = _.plain("⏳ {count} min late")
        rows.append(
            [
                button(late.format(count=each), "late", *which, each)
                for each in LATE_CHOICES
                if desk.now < found.slot.starts + timedelta(minutes=each)
            ]
        )
    if found.state is State.BOOKED and desk.now >= found.slot.starts:
        rows.append([button(_.plain("✔ Came"), "came", *which)])
        if desk.now >= may_be_missed_from(found):
            rows[-1].append(button(_.plain("✖ Did not come"), "missed", *which))
    if found.state in AHEAD and desk.now < found.slot.starts:
        rows.append([button(_.plain("✖ Cancel it"), "why", *which)])
        if found.state is State.BOOKED:
            rows[-1].append(calendar_button(found, desk.words))
    if found.resident_chat_id is not None:
        rows.append([button(_.plain("💬 To the request"), "request", *which)])
    return [row for row in rows if row]


async def jump(desk: Desk) -> None:
    """A reply to the card of the resident's request: one tap on it leads there."""
    found = await pressed(desk)
    if found is None:
        return
    _ = desk.words
    chat_id = found.resident_chat_id
    case = None if chat_id is None else await desk.transaction.cases.unclosed_of(chat_id)
    if case is None or case.card is None or case.owner_chat_id != desk.chat_id:
        await desk.answer_press(_.plain("You have no open request of this person."), is_alert=True)
        return
    await desk.answer_press()
    name = await name_of_resident(desk, found)
    await send_to_staff(
        desk, desk.chat_id, _("⬆ The request of {name}.").format(name=name), reply_to=-case.card
    )
