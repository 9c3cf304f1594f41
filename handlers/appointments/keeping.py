"""Confirming, cancelling and giving back: what becomes of an appointment, told to both sides."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from bot.context import Desk
from bot.domain.appointments import booking
from bot.domain.appointments.booking import Actor, Appointment, Side, State, has_expired
from bot.domain.appointments.refusals import AlreadyBooked, AlreadyStarted, AppointmentRefused
from handlers.appointments.booking import EXPIRE, show_services
from handlers.appointments.reminding import clear_reminders, set_reminders
from handlers.appointments.wording import button, heading, keep_buttons, keyboard, told
from storage.timers import Timer


async def _pressed(desk: Desk) -> Appointment | None:
    arguments = desk.press.arguments if desk.press else ()
    text = arguments[0] if arguments else ""
    is_number = text.isascii() and text.isdigit() and len(text) < 19  # what both engines can hold
    return await desk.transaction.appointments.find(int(text)) if is_number else None


def _actor(desk: Desk) -> Actor:
    return Actor(chat_id=desk.chat_id, officer=desk.visitor.officer)


async def _settle(desk: Desk, change: Callable[[Appointment], Appointment]) -> Appointment | None:
    """What the pressed appointment has become; None after the refusal was said."""
    before = await _pressed(desk)
    _ = desk.words
    if before is None:
        await desk.answer_press(_.plain("This has moved on."), is_alert=True)
        return None
    try:
        after = change(before)
    except AppointmentRefused as refusal:
        await desk.answer_press(_why(desk, refusal), is_alert=True)
        return None
    is_first = await desk.transaction.appointments.change(before, after)
    await desk.answer_press(None if is_first else _.plain("This has moved on."))
    return after if is_first else None


def _why(desk: Desk, refusal: AppointmentRefused) -> str:
    _ = desk.words
    if isinstance(refusal, AlreadyBooked):
        return _.plain("It is booked already.")
    if isinstance(refusal, AlreadyStarted):
        return _.plain("It has begun: it cannot be cancelled any more.")
    return _.plain("This has moved on.")


async def confirm(desk: Desk) -> None:
    """Booked: date, time, place and everything to bring, said once."""
    after = await _settle(desk, lambda each: booking.confirm(each, _actor(desk), now=desk.now))
    if after is None:
        return
    desk.transaction.timers.clear(EXPIRE, str(after.id))
    await set_reminders(desk, after)
    _ = desk.words
    await _edit(desk, Markup("{}\n\n{}").format(_("✔ Booked."), told(desk, after)), after)
    await _tell_officer(desk, after, is_booked=True)


async def _edit(desk: Desk, text: Markup, after: Appointment | None = None) -> None:
    await desk.bot.edit_message_text(
        text,
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=None if after is None else keep_buttons(desk, after),
    )


async def release(desk: Desk) -> None:
    """Not this time: the slot is free for others at once, and the choice begins again."""
    before = await _pressed(desk)
    if before is not None and before.state is State.HELD:
        after = await _settle(desk, lambda each: booking.cancel(each, _actor(desk), now=desk.now))
        if after is None:
            return
        desk.transaction.timers.clear(EXPIRE, str(after.id))
    await show_services(desk)


async def cancel(desk: Desk) -> None:
    """Called off by either side; the other one is told."""
    after = await _settle(desk, lambda each: booking.cancel(each, _actor(desk), now=desk.now))
    if after is None:
        return
    clear_reminders(desk, after)
    _ = desk.words
    line = Markup("{}\n{}").format(_("✖ Cancelled."), heading(desk, after.slot, desk.words))
    await _edit(desk, line)
    if after.ended_by is Side.RESIDENT:
        await _tell_officer(desk, after, is_booked=False)
    else:
        await _tell_resident(desk, after)


async def _tell_officer(desk: Desk, after: Appointment, *, is_booked: bool) -> None:
    """A booking is no emergency: it comes without a sound."""
    state = (await desk.transaction.officers.states()).get(after.slot.officer)
    if state is None or state.chat_id is None or not state.is_reachable:
        return
    words = await desk.words_of(state.chat_id)
    _ = words
    person = desk.visitor.person
    line = (
        _("📅 New appointment with {name}.")
        if is_booked
        else _("📅 {name} cancelled the appointment.")
    ).format(name="" if person is None else person.name)
    await desk.bot.send_message(
        state.chat_id,
        Markup("{}\n{}").format(line, heading(desk, after.slot, words)),
        disable_notification=True,
    )


async def _tell_resident(desk: Desk, after: Appointment) -> None:
    if after.resident_chat_id is None:
        return
    words = await desk.words_of(after.resident_chat_id)
    _ = words
    sorry = _("We are sorry: your appointment was cancelled. Please choose another time.")
    await desk.bot.send_message(
        after.resident_chat_id,
        Markup("{}\n\n{}").format(sorry, heading(desk, after.slot, words)),
        reply_markup=keyboard([button(words.plain("🕘 Another time"), "services")], in_row=1),
    )


async def expire(desk: Desk, timer: Timer) -> None:
    """Nobody confirmed in time: the slot is given back, and the message says so."""
    before = await desk.transaction.appointments.find(timer.payload["id"])
    if before is None or before.state is not State.HELD or not has_expired(before, now=desk.now):
        return
    if not await desk.transaction.appointments.change(before, booking.expire(before)):
        return
    _ = desk.words
    await desk.bot.edit_message_text(
        _("The time was not confirmed and is free again."),
        chat_id=desk.chat_id,
        message_id=timer.payload["message_id"],
        reply_markup=keyboard([button(_.plain("🕘 Another time"), "services")], in_row=1),
    )
