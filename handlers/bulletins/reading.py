"""Without this module nobody could say that a notice was read, ask about it, or find it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telegram import InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.texts import Words
from handlers.bulletins.drafts import bulletin_of_press, button, may_steer
from handlers.bulletins.progress import send_report
from handlers.bulletins.promising import promise_pictures
from handlers.bulletins.wording import buttons, heading, text_for
from storage.bulletins import BulletinOnFile
from storage.outbox import Lane

#: Notices on a page of the archive: what a phone shows without scrolling.
PAGE = 8
#: Above every number.
_NEWEST = 2**62


async def read(desk: Desk) -> None:
    """*I have read this*: counted once."""
    found = await bulletin_of_press(desk)
    _ = desk.words
    if found is None:
        await desk.answer_press(_.plain("This has moved on. Please use the newest message."))
        return
    number = found.bulletin.number
    is_first = await desk.transaction.deliveries.read(number, desk.chat_id, desk.now)
    await desk.answer_press(_.plain("Thank you.") if is_first else _.plain("Noted already."))


def is_reply(desk: Desk) -> bool:
    """A new message that replies to something of ours."""
    return isinstance(desk.raw_message.get("reply_to_message"), Mapping)


async def note_question(desk: Desk) -> None:
    """A reply to a bulletin is a question about it: the officer reads which one."""
    replied = desk.raw_message["reply_to_message"]
    number = await desk.transaction.deliveries.at(desk.chat_id, replied["message_id"])
    if number is None:
        number = _numbered(replied)
    if number is not None:
        desk.about = number
        await desk.transaction.deliveries.answered(number, desk.chat_id, desk.now)


def _numbered(message: Mapping[str, Any]) -> int | None:
    """Which notice a message of ours shows, by its button *I have read this*: what came out of the
    archive is no delivery. Telegram itself repeats the message; nobody can forge it."""
    data = button_data("bulletins", "read", "")
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    numbers = [
        str(each.get("callback_data", "")).removeprefix(data)
        for row in rows
        for each in row
        if str(each.get("callback_data", "")).startswith(data)
    ]
    return next((int(each) for each in numbers if each.isascii() and each.isdigit()), None)


# --- the archive


async def show_archive(desk: Desk) -> None:
    """``/bulletins``: what went out, newest first."""
    text, markup = await _page(desk, _NEWEST)
    await desk.bot.send_message(desk.chat_id, text, reply_markup=markup)


async def turn_page(desk: Desk) -> None:
    """Older ones, in the same message."""
    before = desk.argument(0)
    await desk.answer_press()
    if before.isascii() and before.isdigit():
        text, markup = await _page(desk, min(int(before), _NEWEST))
        await desk.bot.edit_message_text(
            text,
            chat_id=desk.chat_id,
            message_id=desk.message.message_id,
            reply_markup=markup,
        )


async def _page(desk: Desk, before: int) -> tuple[str, InlineKeyboardMarkup]:
    _ = desk.words
    found = await desk.transaction.bulletins.published(before=before, limit=PAGE + 1)
    rows = [[button(_line(each, desk.words), "open", each.bulletin.number)] for each in found]
    rows = rows[:PAGE]
    if len(found) > PAGE:
        rows.append([button(_.plain("▼ Older"), "older", found[PAGE - 1].bulletin.number)])
    text = _("Notices so far") if rows else _("There is no notice yet.")
    return text, InlineKeyboardMarkup(rows)


def _line(found: BulletinOnFile, words: Words) -> str:
    """Number, heading and day, as a button's text."""
    parts = [str(found.bulletin.number), str(heading(found.bulletin, words))]
    if found.bulletin.issue is None and found.started_at is not None:
        parts.append(words.day_and_time(found.started_at))
    return " · ".join(parts)


async def open_one(desk: Desk) -> None:
    """One of the archive, in the reader's language."""
    found = await bulletin_of_press(desk)
    if found is None or not found.is_published:
        text = desk.words.plain("This has moved on. Please use the newest message.")
        await desk.answer_press(text)
        return
    await desk.answer_press()
    await promise_pictures(desk, found.bulletin, desk.chat_id, lane=Lane.DIALOGUE)
    await desk.bot.send_message(
        desk.chat_id,
        text_for(found.bulletin, desk.words, roster=desk.roster, is_corrected=found.revision > 1),
        reply_markup=buttons(found.bulletin, desk.words),
    )
    if may_steer(desk, found):
        await send_report(desk, found)
