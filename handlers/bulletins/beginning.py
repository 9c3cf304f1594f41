"""The first question: what is going to be published?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from telegram import Chat, InlineKeyboardMarkup, Message, MessageEntity

from bot.context import Desk
from bot.domain.bulletins import PICTURES_LIMIT, Kind, Severity, Version, audience_of_room
from handlers.bulletins.alerting import offer_form, offer_templates
from handlers.bulletins.drafts import button, send_draft
from handlers.bulletins.writing import QUESTION_KEPT, ask_first_text, is_too_long

#: What waits for *to whom?* is in the dialogue of this kind; see `handlers.cases.questions`.
TO_WHOM = "cases.to_whom"
#: What was written before, until its kind is chosen.
MADE_OF = "bulletins.made_of"


async def ask_kind(desk: Desk) -> None:
    """``/bulletin``: what is it going to be?"""
    _ = desk.words
    rows = [
        [button(_.plain("📋 This week"), "kind", Kind.INCIDENT.value)],
        [button(_.plain("✅ Solved this week"), "kind", Kind.SOLVED.value)],
        [button(_.plain("💡 Prevention tips"), "kind", Kind.TIPS.value)],
        [button(_.plain("🚨 Alert, at once"), "kind", Kind.ALERT.value)],
    ]
    await desk.bot.send_message(
        desk.chat_id, _("What do you want to publish?"), reply_markup=InlineKeyboardMarkup(rows)
    )


async def choose_kind(desk: Desk) -> None:
    """A kind was chosen: a draft is on file, and its text is asked for."""
    officer, chosen = desk.officer, desk.argument(0)
    if officer is None or chosen not in set(Kind):
        await desk.answer_press()
        return
    await desk.answer_press()
    room = officer.room or _room_of(desk, officer.areas)
    number = await desk.transaction.bulletins.open(
        kind=Kind(chosen),
        author=officer.code,
        author_chat_id=desk.chat_id,
        room=room,
        severity=Severity.NOTICE,
        now=desk.now,
    )
    audience = audience_of_room(room, desk.roster)
    if audience.areas:
        desk.transaction.bulletins.set_audience(number, audience)
    await _go_on(desk, number, Kind(chosen))


async def _go_on(desk: Desk, number: int, kind: Kind) -> None:
    """What was written before is the text; else a template or the form helps, or it is asked."""
    dialogue = desk.visitor.dialogue
    if dialogue is not None and dialogue.kind == MADE_OF:
        bulletins = desk.transaction.bulletins
        bulletins.set_version(number, Version(desk.own_language, dialogue.data["text"]))
        bulletins.set_pictures(number, dialogue.data["pictures"])
        desk.transaction.dialogues.end(dialogue.id)
        await send_draft(desk, number)
    elif kind is Kind.ALERT:
        await offer_templates(desk, number)
    elif kind is Kind.INCIDENT:
        await offer_form(desk, number)
    else:
        await ask_first_text(desk, number)


# --- made of what was written before


async def begin_from_message(desk: Desk) -> None:
    """*Make a notice of it*: what waits for *to whom?* becomes the text and the pictures."""
    dialogue = desk.visitor.dialogue
    shown = (desk.argument(0), desk.argument(1))
    if (
        dialogue is None
        or dialogue.kind != TO_WHOM
        or shown != (str(dialogue.id), str(dialogue.version))
    ):
        await desk.answer_press(
            desk.words.plain("This has moved on. Please use the newest message.")
        )
        return
    contents = [each["content"] for each in dialogue.data["waiting"]]
    text = "\n\n".join(filter(None, map(_html, contents)))
    if not text or is_too_long(text):
        _ = desk.words
        await desk.answer_press(_.plain("Only a text that is not too long can be a notice."))
        return
    pictures = [each["file_id"] for each in contents if each["kind"] == "photo"]
    desk.transaction.dialogues.end(dialogue.id)
    await desk.answer_press()
    await desk.transaction.dialogues.start(
        chat_id=desk.chat_id, user_id=desk.chat_id, kind=MADE_OF, step="kind",
        data={"text": text, "pictures": pictures[:PICTURES_LIMIT]},
        expires_at=desk.now + QUESTION_KEPT,
    )  # fmt: skip
    await ask_kind(desk)


def _html(content: Mapping[str, Any]) -> str:
    """The words of a kept message with its bold and links."""
    text = content.get("text") or content.get("caption") or ""
    entities = content.get("entities") or content.get("caption_entities") or ()
    message = Message(
        message_id=1,
        date=datetime.fromtimestamp(0, UTC),
        chat=Chat(id=1, type=Chat.PRIVATE),
        text=text,
        entities=[MessageEntity.de_json(dict(each), None) for each in entities],
    )
    return message.text_html or ""


def _room_of(desk: Desk, areas: tuple[str, ...]) -> str:
    rooms = (desk.roster.room_of(code) for code in areas)
    return next((room.code for room in rooms if room is not None), "")
