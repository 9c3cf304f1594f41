"""Confirming, cancelling and giving back: what becomes of an appointment, told to both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from markupsafe import Markup

from bot.context import Desk
from bot.domain.appointments import booking
from bot.domain.appointments.booking import Appointment, Side, State, has_expired
from bot.domain.appointments.refusals import AppointmentRefused
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import fits
from handlers.appointments.booking import calendar_for, show_moved_on, show_services
from handlers.appointments.calendar import offer_instead
from handlers.appointments.holding import EXPIRE, release_held
from handlers.appointments.offering import diaries
from handlers.appointments.pressed import actor, on_file, pressed, refuse
from handlers.appointments.prompts import stop_asking
from handlers.appointments.questions import ask_next
from handlers.appointments.reminding import clear_reminders, set_reminders
from handlers.appointments.telling import tell_booked, tell_called_off, tell_cancelled
from handlers.appointments.wording import (
    CANCEL_REASONS,
    edit_pressed,
    guest_lines,
    heading,
    keep_buttons,
    keyboard,
    out_of_calendar,
    told,
)


async def settle(desk: Desk, change: Callable[[Appointment], Appointment]) -> Appointment | None:
    """What the pressed appointment has become; None after the refusal was said."""
    before = await pressed(desk)
    if before is None:
        return None
    try:
        after = await desk.transaction.appointments.change(before, change(before))
    except AppointmentRefused as refusal:
        await refuse(desk, before, refusal)
        return None
    if after is None:
        await refuse(desk)
        return None
    await desk.answer_press()
    return after


async def confirm(desk: Desk) -> None:
    """Booked: date, time, place and everything to bring, said once; unless its officer is away at
    that time since it was shown, or the hours are others."""
    if await _is_given_up(desk):
        return
    after = await settle(desk, lambda each: _confirmed(desk, each))
    if after is None:
        return
    desk.transaction.timers.clear(EXPIRE, str(after.id))
    await set_reminders(desk, after)
    _ = desk.words
    text = Markup("{}\n\n{}").format(_("✔ Booked."), told(desk, after))
    await edit_pressed(desk, text, keep_buttons(desk, after))
    await tell_booked(desk, after)
    await ask_next(desk, after)


async def _is_given_up(desk: Desk) -> bool:
    """Whether nobody can keep the held time any more: it is free again, and the resident reads so
    and what can be had instead."""
    held = await on_file(desk)
    if held is None or held.resident_chat_id != desk.chat_id or held.state is not State.HELD:
        return False
    if has_expired(held, now=desk.now):
        return False
    service, way = desk.roster.service(held.slot.service), held.slot.way
    if service is None or way not in service.ways:
        await release_held(desk)
        await show_moved_on(desk)
        return True
    known = await diaries(desk, service, moving=held)
    if any(each.officer == held.slot.officer and fits(held.slot, each) for each in known):
        return False
    await release_held(desk)
    await offer_instead(desk, calendar_for(desk, service, way), held.slot.starts)
    return True


def _confirmed(desk: Desk, held: Appointment) -> Appointment:
    """Booked; whoever shared the own number before is called there. Raises `AppointmentRefused`."""
    after = booking.confirm(held, actor(desk), now=desk.now)
    person = desk.visitor.person
    is_known = after.slot.way is Way.PHONE and person is not None and person.phone
    return replace(after, phone=str(person.phone)) if person is not None and is_known else after


async def release(desk: Desk) -> None:
    """Not this time: the slot is free for others at once, and the choice begins again."""
    found = await pressed(desk)
    if found is None:
        return
    if found.state is not State.HELD:
        await refuse(desk, found)
        return
    await release_held(desk)
    await show_services(desk)


async def cancel(desk: Desk) -> None:
    """Called off by either side; the other one is told."""
    after = await settle(desk, lambda each: _cancelled(desk, each))
    if after is None:
        return
    clear_reminders(desk, after)
    stop_asking(desk, after)
    _ = desk.words
    line = Markup("{}\n{}").format(_("✖ Cancelled."), heading(desk, after.slot, desk.words))
    if desk.officer is not None:
        line = Markup("\n").join([line, *guest_lines(after, desk.words)])
    stale = await out_of_calendar(desk, after, desk.chat_id, desk.words)
    await edit_pressed(desk, line, keyboard(stale, in_row=1) if stale else None)
    if after.slot.officer != desk.visitor.officer:
        await tell_cancelled(desk, after)
    if after.ended_by is not Side.RESIDENT:
        await tell_called_off(desk, after)


def _cancelled(desk: Desk, before: Appointment) -> Appointment:
    """Raises `AppointmentRefused`."""
    reason = "" if desk.officer is None else desk.argument(2)
    reason = reason if reason in CANCEL_REASONS else ""
    return booking.cancel(before, actor(desk), now=desk.now, reason=reason)
