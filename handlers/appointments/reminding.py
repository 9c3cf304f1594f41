"""A day and an hour before, to both, each in the own language; none twice, none for nothing."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from bot.context import Desk
from bot.delivery.outbox import terms
from bot.domain.appointments.booking import Appointment, Side, State
from bot.domain.appointments.reminders import Reminder, ReminderKind, is_still_due, reminders
from handlers.appointments.discreet import send_to_staff
from handlers.appointments.wording import for_officer, guest_lines, heading, keep_buttons, told
from storage.outbox import FollowUp
from storage.timers import Timer

#: The timer of a reminder.
REMIND = "appointments.remind"
#: What could not reach the resident.
UNHEARD = "appointments.unheard"


async def set_reminders(desk: Desk, appointment: Appointment) -> None:
    """Whatever is still to come for a booked appointment."""
    states = await desk.transaction.officers.states()
    officer = states.get(appointment.slot.officer)
    for each in reminders(appointment, now=desk.now, zone=desk.zone):
        chat_id = appointment.resident_chat_id
        if each.side is Side.OFFICER:
            chat_id = None if officer is None else officer.chat_id
        if chat_id is not None:
            desk.transaction.timers.set(
                REMIND,
                _key(appointment, each),
                due_at=each.due_at,
                chat_key=str(chat_id),
                payload={
                    "id": appointment.id,
                    "kind": each.kind.value,
                    "side": each.side.value,
                    "starts": each.starts.isoformat(),
                },
            )


def _key(appointment: Appointment, reminder: Reminder) -> str:
    return f"{appointment.id}:{reminder.key}"


def clear_reminders(desk: Desk, appointment: Appointment) -> None:
    """Nobody is reminded of what was cancelled."""
    starts = appointment.slot.starts
    for kind in ReminderKind:
        for side in Side:
            reminder = Reminder(kind, side, starts, starts)
            desk.transaction.timers.clear(REMIND, _key(appointment, reminder))


async def remind(desk: Desk, timer: Timer) -> None:
    """The time has come, if it is still true."""
    appointment = await desk.transaction.appointments.find(timer.payload["id"])
    reminder = Reminder(
        ReminderKind(timer.payload["kind"]),
        Side(timer.payload["side"]),
        timer.due_at,
        datetime.fromisoformat(timer.payload["starts"]),
    )
    if appointment is None or not is_still_due(reminder, appointment, now=desk.now):
        return
    if reminder.side is Side.OFFICER:
        await _remind_officer(desk, appointment)
    elif desk.visitor.is_unreachable:
        await tell_not_reminded(desk, appointment)
    else:
        _ = desk.words
        await desk.bot.send_message(
            desk.chat_id,
            Markup("{}\n\n{}").format(_("⏰ Your appointment is near."), told(desk, appointment)),
            reply_markup=keep_buttons(desk, appointment),
            api_kwargs=terms(on_never=FollowUp(UNHEARD, str(appointment.id), str(desk.chat_id))),
        )


async def _remind_officer(desk: Desk, appointment: Appointment) -> None:
    """In the chat that is the officer's now: another one may have been when it was booked."""
    state = (await desk.transaction.officers.states()).get(appointment.slot.officer)
    if state is None or state.chat_id is None:
        return
    words = await desk.words_of(state.chat_id)
    _ = words
    line = _("⏰ Appointment with {name}.").format(name=await name_of_resident(desk, appointment))
    text = Markup("{}\n{}").format(line, for_officer(desk, appointment, words))
    await send_to_staff(desk, state.chat_id, text)


async def name_of_resident(desk: Desk, appointment: Appointment) -> str:
    """Who is expected, with or without Telegram."""
    chat_id = appointment.resident_chat_id
    if chat_id is None and appointment.guest is not None:
        return appointment.guest.name
    person = None if chat_id is None else await desk.transaction.people.find(chat_id)
    return "–" if person is None else person.name


async def tell_not_reminded(desk: Desk, appointment: Appointment) -> None:
    """Whoever has blocked the bot may not come: the officer knows."""
    state = (await desk.transaction.officers.states()).get(appointment.slot.officer)
    if state is None or state.chat_id is None:
        return
    words = await desk.words_of(state.chat_id)
    _ = words
    line = _("{name} cannot be reminded: messages do not get through.").format(
        name=await name_of_resident(desk, appointment)
    )
    lines = [line, heading(desk, appointment.slot, words), *guest_lines(appointment, words)]
    await send_to_staff(desk, state.chat_id, Markup("\n").join(lines))


async def tell_unheard(desk: Desk, timer: Timer) -> None:
    """`UNHEARD`: an account that is gone is noticed only when the word is refused."""
    booked = await desk.transaction.appointments.find(int(timer.key))
    if booked is not None and booked.state is State.BOOKED:
        await tell_not_reminded(desk, booked)
