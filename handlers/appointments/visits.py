"""Where the officer comes to: an address or a shared place, while the time is kept."""

from __future__ import annotations

from typing import Any

from telegram import ForceReply

from bot.context import Desk
from bot.domain.appointments import preparing
from bot.domain.appointments.booking import Appointment, State
from bot.domain.appointments.refusals import AppointmentRefused
from handlers.appointments.holding import held_words, keep_held
from handlers.appointments.pressed import actor
from handlers.appointments.prompts import (
    PLACE,
    asked_for,
    is_asked,
    keep_answer,
    refuse_answer,
)
from handlers.appointments.wording import heading


async def ask_place(desk: Desk, held: Appointment) -> None:
    """As long as the slot is held."""
    _ = desk.words
    prompt = await desk.bot.send_message(
        desk.chat_id,
        _("Where shall the officer come? Reply to this message with the address, or send your"
          " location here."),
        reply_markup=ForceReply(),
    )  # fmt: skip
    until = (held.held_until or desk.now) - desk.now
    data = {
        "id": held.id, "service": held.slot.service, "shown": desk.message.message_id
    }  # fmt: skip
    await desk.await_reply(PLACE, prompt.message_id, data=data, kept=until)


def sends_place(desk: Desk) -> bool:
    """A shared place while it is asked for."""
    return is_asked(desk, PLACE) and "location" in desk.raw_message


async def take_place(desk: Desk) -> None:
    """The slot is held longer, and can be booked now."""
    dialogue, before = await asked_for(desk)
    place, location = _place_in(desk.raw_message)
    try:
        wanted = preparing.give_place(
            before, actor(desk), place=place, location=location, now=desk.now
        )
    except AppointmentRefused as refusal:
        await refuse_answer(desk, before, refusal)
        return
    after = await keep_answer(desk, before, wanted)
    if after is not None and after.state is State.HELD:
        await _show_to_confirm(desk, after, shown=dialogue.data["shown"])


def _place_in(message: Any) -> tuple[str, tuple[float, float] | None]:
    """An address and a place on the map, as far as the message has them."""
    shared = message.get("location")
    address = message.get("text") or message.get("venue", {}).get("address", "")
    return address, None if shared is None else (shared["latitude"], shared["longitude"])


async def _show_to_confirm(desk: Desk, held: Appointment, *, shown: int) -> None:
    """The question moves down to where the resident writes."""
    await desk.bot.edit_message_text(
        heading(desk, held.slot, desk.words), chat_id=desk.chat_id, message_id=shown
    )
    text, markup = held_words(desk, held)
    sent = await desk.bot.send_message(desk.chat_id, text, reply_markup=markup)
    keep_held(desk, held, message_id=sent.message_id)
