"""Without this module somebody in danger would wait for an officer instead of calling.

The fixed button and the plain words show the numbers of the roster at once, each alone on its line.
A cry for help does the same and goes on to the officer, and loudly to the duty desk: it is never
only queued, and never lost.
"""

from __future__ import annotations

from datetime import timedelta

from bot.context import (
    EVERYBODY,
    RESIDENTS,
    Button,
    Command,
    Desk,
    Feature,
    Noticed,
    Typed,
    are_typed,
)
from bot.danger_words import lexicons
from bot.delivery.content import content_of
from bot.delivery.outbox import terms
from bot.domain.danger import find_danger
from handlers.introduction import emergency_numbers
from handlers.menus import DANGER_WORDS, EMERGENCY, EMERGENCY_WORDS
from storage.outbox import Lane

#: In a talk about a danger the numbers are shown again when this time has passed since they were
#: shown last, not after every sentence.
SHOWN_AGAIN_AFTER = timedelta(minutes=10)


async def show_numbers(desk: Desk) -> None:
    """Every number of the roster in its order, before anything else that waits for this chat."""
    await desk.bot.send_message(
        desk.chat_id,
        emergency_numbers(desk, desk.words),
        api_kwargs=terms(lane=Lane.URGENT),
    )


async def show_pressed(desk: Desk) -> None:
    """The same by a button under a message."""
    await desk.answer_press()
    await show_numbers(desk)


async def answer_cry(desk: Desk) -> None:
    """The same when nobody asked for them; and the duty desk is alarmed (feature cases), once the
    message has gone where it belongs."""
    desk.is_emergency = desk.is_cry = True
    if await desk.transaction.runs.claim_again(
        "emergencies.show", str(desk.chat_id), desk.now, after=SHOWN_AGAIN_AFTER
    ):
        await show_numbers(desk)
    desk.transaction.timers.set(
        "cases.alarm",
        f"{desk.chat_id}:{desk.message.message_id}",
        due_at=desk.now,
        chat_key=str(desk.chat_id),
        payload={"content": content_of(desk.raw_message)},
    )


_ASKED_FOR = Typed((EMERGENCY, EMERGENCY_WORDS, "3"), show_numbers, RESIDENTS)


def _is_cry(desk: Desk) -> bool:
    """Words of danger in a text or under a picture, typed alone or in a sentence."""
    text = desk.raw_message.get("text") or desk.raw_message.get("caption")
    if not isinstance(text, str) or desk.command is not None or _ASKED_FOR.fits(desk):
        return False
    return are_typed((DANGER_WORDS,), desk) or find_danger(text, lexicons()) is not None


FEATURE = Feature(
    name="emergencies",
    routes=(
        Command("emergency", show_numbers, EVERYBODY),
        Button("emergencies", "show", show_pressed, EVERYBODY),
        _ASKED_FOR,
        Noticed(answer_cry, RESIDENTS, _is_cry),
    ),
)
