"""Searching an area by name: only a reply to the question is a search."""

from __future__ import annotations

from datetime import timedelta

from telegram import ForceReply, InlineKeyboardButton

from bot.context import Desk, button_data
from bot.delivery.content import content_of
from bot.domain.registration import search_areas
from handlers.areas import ask_area, choices, search_button, stay_button
from handlers.registration.choosing import close_list
from handlers.registration.settling import SEARCH, deliver, is_unplaced, keep

#: How long the search question waits for its answer.
SEARCH_KEPT = timedelta(hours=1)

_ASKED, _NOT_FOUND = "asked", "not found"


async def ask_search(desk: Desk) -> None:
    """Only a reply to this question is a search; everything else is kept for the officer."""
    await desk.answer_press()
    _ = desk.words
    prompt = await desk.bot.send_message(
        desk.chat_id,
        _("Reply to this message with the name of your community, compound or street."),
        reply_markup=ForceReply(),
    )
    await desk.await_reply(SEARCH, prompt.message_id, data={}, kept=SEARCH_KEPT, step=_ASKED)


async def search(desk: Desk) -> None:
    """The areas whose name fits, in any offered language."""
    found = search_areas(desk.message.text or "", desk.roster)
    if not found:
        await _say_not_found(desk)
        return
    _ = desk.words
    back = [stay_button(desk)] if desk.area is not None else []
    await desk.bot.send_message(
        desk.chat_id,
        _("Which one is it?"),
        reply_markup=choices(desk, found, search_button(desk), *back),
    )


async def _say_not_found(desk: Desk) -> None:
    """No such name: the ways on, one of them for a message that was written in the wrong place."""
    dialogue = desk.visitor.dialogue
    if dialogue is None:
        raise LookupError("a search without its question")
    written = {"message_id": desk.message.message_id, "content": content_of(desk.raw_message)}
    moved = await desk.transaction.dialogues.advance(dialogue, step=_NOT_FOUND, data=written)
    if moved is None:
        raise LookupError("a dialogue moved inside its own transaction")
    _ = desk.words
    keep = InlineKeyboardButton(
        _.plain("✉ Send it to the officer"),
        callback_data=button_data("registration", "keep", moved.id, moved.version),
    )
    await desk.bot.send_message(
        desk.chat_id,
        _("No area has such a name. Choose one, or search again."),
        reply_markup=choices(desk, (), search_button(desk), keep),
    )


async def keep_searched(desk: Desk) -> None:
    """What was taken for a search was a message: it goes the way of every message."""
    dialogue = desk.visitor.dialogue
    shown = (desk.argument(0), desk.argument(1))
    if (
        dialogue is None
        or dialogue.step != _NOT_FOUND
        or (str(dialogue.id), str(dialogue.version)) != shown
    ):
        _ = desk.words
        await desk.answer_press(_.plain("This has moved on. Please use the newest message."))
        return
    await desk.answer_press()
    await close_list(desk)
    desk.transaction.dialogues.end(dialogue.id)
    await keep(desk, dialogue.data["message_id"], dialogue.data["content"])
    if is_unplaced(desk):
        await ask_area(desk, is_message_kept=True)
    else:
        deliver(desk)
