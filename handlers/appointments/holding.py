"""A time that is kept for a resident until it is confirmed: shown, freed, expired."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.appointments import booking
from bot.domain.appointments.booking import Actor, Appointment, State, has_expired, needs_place
from bot.domain.appointments.service import Way
from handlers.appointments.prompts import stop_asking
from handlers.appointments.wording import button, edit_pressed, keyboard, told
from storage.timers import Timer

#: When a held slot that nobody confirmed is given back.
EXPIRE = "appointments.expire"

#: A service, a way and a time: what a resident pressed.
_Wanted = tuple[str, Way, datetime]


def keep_held(desk: Desk, held: Appointment, *, message_id: int) -> None:
    """It is given back when its time is over; ``message_id``: the message that says so then."""
    if held.held_until is not None:
        desk.transaction.timers.set(
            EXPIRE, str(held.id), due_at=held.held_until, chat_key=str(desk.chat_id),
            payload={"id": held.id, "message_id": message_id},
        )  # fmt: skip


async def show_held(desk: Desk, held: Appointment) -> None:
    """What is kept, and whether it shall be booked."""
    await edit_pressed(desk, *held_words(desk, held))


def held_words(desk: Desk, held: Appointment) -> tuple[Markup, InlineKeyboardMarkup]:
    """The question for a time that is kept, and its buttons."""
    _ = desk.words
    another = button(_.plain("✖ Another time"), "release", held.id)
    if needs_place(held):
        question = _("Kept for you for ten minutes: the address is still missing.")
        buttons = [another]
    else:
        question = _("Kept for you for five minutes. Shall it be booked?")
        buttons = [button(_.plain("✔ Book it"), "confirm", held.id), another]
    return Markup("{}\n\n{}").format(told(desk, held), question), keyboard(buttons, in_row=1)


async def release_held(desk: Desk, *, unless: _Wanted | None = None) -> Appointment | None:
    """Whoever chooses another time keeps no other from everybody else: what this resident holds is
    free again. What is wanted again, and held, is returned instead."""
    own = await desk.transaction.appointments.of_resident(desk.chat_id, since=desk.now)
    for each in own:
        if each.state is not State.HELD:
            continue
        is_wanted = (each.slot.service, each.slot.way, each.slot.starts) == unless
        if is_wanted and not has_expired(each, now=desk.now):
            return each
        await _release(desk, each)
    return None


async def _release(desk: Desk, held: Appointment) -> None:
    over = booking.cancel(held, Actor(chat_id=desk.chat_id), now=desk.now)
    if await desk.transaction.appointments.change(held, over):
        stop_asking(desk, held)
        timer = await desk.transaction.timers.find(EXPIRE, str(held.id))
        desk.transaction.timers.clear(EXPIRE, str(held.id))
        shown = None if timer is None else timer.payload["message_id"]
        if shown is not None and shown != desk.message.message_id:
            await _say_free(desk, shown)


async def _say_free(desk: Desk, message_id: int) -> None:
    _ = desk.words
    await desk.bot.edit_message_text(
        _("The time was not confirmed and is free again."),
        chat_id=desk.chat_id,
        message_id=message_id,
        reply_markup=keyboard([button(_.plain("🕘 Another time"), "services")], in_row=1),
    )


async def expire(desk: Desk, timer: Timer) -> None:
    """Nobody confirmed in time: the slot is given back, and the message says so."""
    before = await desk.transaction.appointments.find(timer.payload["id"])
    if before is None or before.state is not State.HELD or not has_expired(before, now=desk.now):
        return
    if await desk.transaction.appointments.change(before, booking.expire(before)):
        stop_asking(desk, before)
        await _say_free(desk, timer.payload["message_id"])
