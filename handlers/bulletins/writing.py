"""Writing a bulletin on a phone: kind, text in each language, pictures, and whom it is for."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from markupsafe import Markup
from telegram import ForceReply, InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import PICTURES_LIMIT, Severity, State, Version
from bot.texts import Words, language_name
from handlers.bulletins.drafts import (
    button,
    draft_of_press,
    send_draft,
    show_draft,
)
from storage.bulletins import BulletinOnFile

#: Telegram takes 4096 UTF-16 units; heading, number and a word about a missing language need the
#: rest.
TEXT_LENGTH = 3500
#: How long a question waits for its answer.
QUESTION_KEPT = timedelta(hours=12)

TEXT, PICTURES = "bulletins.text", "bulletins.pictures"
#: What the buttons under *Pictures* say when there are some already.
MORE_PICTURES, NO_PICTURES = "more", "none"
_TAG = re.compile(r"<[^>]+>")


async def ask_first_text(desk: Desk, number: int) -> None:
    """The text in the station's own language comes first."""
    await _ask_text(desk, number, desk.own_language)


# --- the text


async def ask_text(desk: Desk) -> None:
    """*Text*, or a language: its text is asked for."""
    found = await draft_of_press(desk, State.DRAFT)
    language = desk.argument(1)
    if found is None:
        return
    await desk.answer_press()
    if language in desk.roster.station.languages:
        await _ask_text(desk, found.bulletin.number, language)


async def _ask_text(desk: Desk, number: int, language: str) -> None:
    data = {"number": number, "language": language}
    await ask(desk, ask_text_in(language, desk.words), kind=TEXT, data=data)


def ask_text_in(language: str, words: Words) -> Markup:
    """The question for a text."""
    _ = words
    return _("Reply to this message with the text in this language: {language}").format(
        language=language_name(language)
    )


async def ask(desk: Desk, text: str, *, kind: str, data: Mapping[str, Any]) -> None:
    """Ask; only a reply to this message answers."""
    prompt = await desk.bot.send_message(desk.chat_id, text, reply_markup=ForceReply())
    await desk.await_reply(kind, prompt.message_id, data=data, kept=QUESTION_KEPT)


async def take_text(desk: Desk) -> None:
    """The text in one language came, with its bold and links."""
    found, data = await asked_about(desk, TEXT)
    text = None if found is None else await text_of_answer(desk)
    if found is not None and text is not None:
        if data["language"] == desk.own_language:
            desk.transaction.bulletins.drop_machine_made(found.bulletin.number)
        version = Version(data["language"], text)
        desk.transaction.bulletins.set_version(found.bulletin.number, version)
        await go_on_with_draft(desk, found)


async def text_of_answer(desk: Desk) -> str | None:
    """The text that came as HTML; None when it is too long, and that is said."""
    text = desk.message.text_html or ""
    return None if await is_refused_as_too_long(desk, text) else text


async def is_refused_as_too_long(desk: Desk, text: str) -> bool:
    """Whether a text (HTML) is too long; then that is said."""
    if not is_too_long(text):
        return False
    _, length = desk.words, _length(text)
    await desk.bot.send_message(
        desk.chat_id,
        _("This text has {length} characters; {limit} fit. Please send a shorter one as a"
          " reply to the question.").format(length=length, limit=TEXT_LENGTH),
    )  # fmt: skip
    return True


async def asked_about(desk: Desk, kind: str) -> tuple[BulletinOnFile | None, Mapping[str, Any]]:
    """The draft that the open question of this kind is about, if its author may still change it."""
    dialogue = desk.visitor.dialogue
    if dialogue is None or dialogue.kind != kind:
        return None, {}
    found = await desk.transaction.bulletins.find(dialogue.data["number"])
    if found is None or found.bulletin.author != desk.visitor.officer:
        return None, {}
    if found.bulletin.state is not State.DRAFT:
        _ = desk.words
        await desk.bot.send_message(
            desk.chat_id, _("This notice is no draft any more. Press “Change it” first.")
        )
        return None, {}
    return found, dialogue.data


async def go_on_with_draft(desk: Desk, found: BulletinOnFile) -> None:
    """The question is answered: the draft below it."""
    if desk.visitor.dialogue is not None:
        desk.transaction.dialogues.end(desk.visitor.dialogue.id)
    await send_draft(desk, found.bulletin.number)


def is_too_long(text: str) -> bool:
    """Whether a text (HTML) does not fit into one message with what stands around it."""
    return _length(text) > TEXT_LENGTH


def _length(text: str) -> int:
    """As Telegram counts: UTF-16 units after its entities are parsed."""
    return len(html.unescape(_TAG.sub("", text)).encode("utf-16-le")) // 2


async def show_languages(desk: Desk) -> None:
    """Every offered language, with a tick where there is a text."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    await desk.answer_press()
    number, _ = found.bulletin.number, desk.words
    rows = [
        [
            button(
                f"{'✔ ' if each in found.bulletin.versions else ''}{language_name(each)}",
                "text",
                number,
                each,
            )
        ]
        for each in desk.roster.station.languages
    ]
    if desk.has_translator and desk.own_language in found.bulletin.versions:
        rows.append([button(_.plain("🤖 Propose the missing ones"), "translate", number)])
    rows.append([button(_.plain("◀ Back"), "draft", number)])
    await desk.bot.edit_message_reply_markup(
        desk.chat_id, desk.message.message_id, reply_markup=InlineKeyboardMarkup(rows)
    )


async def back_to_draft(desk: Desk) -> None:
    """The way back from every list."""
    found = await draft_of_press(desk, State.DRAFT, State.SUBMITTED, State.APPROVED)
    if found is not None:
        await desk.answer_press()
        await show_draft(desk, found.bulletin.number)


# --- pictures


async def ask_pictures(desk: Desk) -> None:
    """*Pictures*: asked for at once while there are none; else more of them, or none any more."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    await desk.answer_press()
    _, number, wish = desk.words, found.bulletin.number, desk.argument(1)
    if wish == NO_PICTURES:
        desk.transaction.bulletins.set_pictures(number, ())
        await show_draft(desk, number)
    elif found.bulletin.pictures and wish != MORE_PICTURES:
        await _offer_more_or_none(desk, number)
    else:
        text = _("Reply to this message with up to {limit} pictures.").format(limit=PICTURES_LIMIT)
        await ask(desk, text, kind=PICTURES, data={"number": number})


async def _offer_more_or_none(desk: Desk, number: int) -> None:
    _ = desk.words
    rows = [
        [button(_.plain("➕ More pictures"), "pictures", number, MORE_PICTURES)],
        [button(_.plain("✖ No pictures"), "pictures", number, NO_PICTURES)],
        [button(_.plain("◀ Back"), "draft", number)],
    ]
    await desk.bot.edit_message_reply_markup(
        desk.chat_id, desk.message.message_id, reply_markup=InlineKeyboardMarkup(rows)
    )


def brings_picture(desk: Desk) -> bool:
    """A picture that replies to the question for pictures."""
    dialogue = desk.visitor.dialogue
    message = desk.raw_message
    replied = message.get("reply_to_message")
    return (
        dialogue is not None
        and dialogue.kind == PICTURES
        and "photo" in message
        and isinstance(replied, Mapping)
        and replied.get("message_id") == dialogue.message_id
    )


async def take_picture(desk: Desk) -> None:
    """One more picture; an album comes one by one, and one message counts them all."""
    found, data = await asked_about(desk, PICTURES)
    if found is None:
        return
    _, number, pictures = desk.words, found.bulletin.number, found.bulletin.pictures
    is_too_many = len(pictures) >= PICTURES_LIMIT
    if not is_too_many:
        pictures = (*pictures, desk.message.photo[-1].file_id)
        desk.transaction.bulletins.set_pictures(number, pictures)
    lines = [_("Pictures: {count}").format(count=len(pictures))]
    if is_too_many:
        lines.append(_("At most {limit} pictures.").format(limit=PICTURES_LIMIT))
    await _count(desk, data, Markup("\n").join(lines))


async def _count(desk: Desk, data: Mapping[str, Any], text: str) -> None:
    """Say how many there are, in the message that has counted this question's pictures so far."""
    dialogue, _ = desk.visitor.dialogue, desk.words
    back = InlineKeyboardMarkup([[button(_.plain("◀ Back"), "draft", data["number"])]])
    counter = data.get("counter")
    if counter is not None:
        await desk.bot.edit_message_text(
            text, chat_id=desk.chat_id, message_id=counter, reply_markup=back
        )
    elif dialogue is not None:
        sent = await desk.bot.send_message(desk.chat_id, text, reply_markup=back)
        counted = {**data, "counter": sent.message_id}
        desk.transaction.dialogues.set_data(dialogue.id, counted)


async def turn_severity(desk: Desk) -> None:
    """Notice, warning, danger, and notice again."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    await desk.answer_press()
    order = list(Severity)
    severity = order[(order.index(found.bulletin.severity) + 1) % len(order)]
    desk.transaction.bulletins.set_severity(
        found.bulletin.number, severity, found.bulletin.expires_at
    )
    await show_draft(desk, found.bulletin.number)


async def discard(desk: Desk) -> None:
    """Throw a draft away: it stays on file and goes nowhere."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    _ = desk.words
    await desk.answer_press(_.plain("Thrown away."))
    await desk.transaction.bulletins.step(
        found.bulletin.number, State.STOPPED, from_state=State.DRAFT
    )
    await desk.bot.edit_message_text(
        _("Thrown away."), chat_id=desk.chat_id, message_id=desk.message.message_id
    )
