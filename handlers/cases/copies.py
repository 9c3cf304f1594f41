"""Copies of messages: what one person wrote, as it appears in another's chat, and what to do when
Telegram refuses to carry it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from markupsafe import Markup
from telegram import ReplyParameters

from bot.context import Desk
from bot.delivery.content import can_be_copied, sent_again
from bot.delivery.outbox import promise_of, terms
from bot.domain.cases import Case, CopyKind, Message
from bot.texts import Words
from storage.outbox import FollowUp, Form

#: A live place changes every few seconds; the officer's chat gets at most one copy in this time.
LIVE_PLACE_EVERY = timedelta(seconds=30)


async def pass_on(
    desk: Desk,
    case: Case,
    *,
    message_id: int,
    content: Mapping[str, Any],
    is_first: bool,
) -> None:
    """Promise the owner's copy of a resident's message, as a reply to the card."""
    if case.owner_chat_id is None or case.card is None:
        return  # held: everything since the last answer goes to whoever becomes the owner
    words = await desk.words_of(case.owner_chat_id)
    kind = content["kind"]
    if not can_be_copied(kind) and case.owner_chat_id is not None:
        await _say_it_cannot_be_copied(desk, case, kind, words)
        return
    base = {"chat_id": case.owner_chat_id, "protect_content": True}
    copied = await desk.bot.copy_message(
        chat_id=case.owner_chat_id,
        from_chat_id=case.resident_chat_id,
        message_id=message_id,
        protect_content=True,
        reply_parameters=ReplyParameters(-case.card, allow_sending_without_reply=True),
        api_kwargs=terms(
            otherwise=other_forms(
                base, case.resident_chat_id, message_id, content, plain_word(kind, words)
            ),
            on_sent=follow_up("cases.sent", case, message_id) if is_first else None,
            on_never=follow_up("cases.undelivered", case, message_id),
        ),
    )
    desk.transaction.copies.note(
        promise=promise_of(copied.message_id),
        case_number=case.number,
        chat_id=case.owner_chat_id,
        kind=CopyKind.COPY,
        origin=(case.resident_chat_id, message_id),
    )


def follow_up(kind: str, case: Case, message_id: int) -> FollowUp:
    key = f"{case.number}:{message_id}"
    return FollowUp(kind=kind, key=key, chat_key=str(case.resident_chat_id))


def other_forms(
    base: Mapping[str, Any],
    from_chat_id: int,
    message_id: int,
    content: Mapping[str, Any],
    last_resort: str,
) -> list[Form]:
    """What is tried when Telegram refuses the copy as a reply: without the reply, then sent anew
    from what is on file, then one plain word about what it was."""
    copy = Form("copyMessage", {**base, "from_chat_id": from_chat_id, "message_id": message_id})
    anew = sent_again(content, base)
    word = Form("sendMessage", {**base, "text": last_resort})
    return [copy, *([anew] if anew else []), word]


def plain_word(kind: str, words: Words) -> str:
    """What is said instead of a message that nothing can carry."""
    _ = words
    return _.plain("A message that Telegram does not pass on: {kind}").format(
        kind=kind.replace("_", " ")
    )


async def _say_it_cannot_be_copied(desk: Desk, case: Case, kind: str, words: Words) -> None:
    """A plain word to both: the officer what it was, the writer that it cannot be passed on."""
    if case.owner_chat_id is None or case.card is None:
        return
    told = await desk.bot.send_message(
        case.owner_chat_id,
        Markup("{}").format(plain_word(kind, words)),
        reply_parameters=ReplyParameters(-case.card, allow_sending_without_reply=True),
        protect_content=True,
    )
    desk.transaction.copies.note(
        promise=promise_of(told.message_id),
        case_number=case.number,
        chat_id=case.owner_chat_id,
        kind=CopyKind.COPY,
        origin=(case.resident_chat_id, desk.message.message_id),
    )
    _ = desk.words
    await desk.bot.send_message(
        case.resident_chat_id,
        _("Telegram does not pass on messages of this kind. Please write it as text or send a"
          " picture."),
    )  # fmt: skip


async def send_edited(
    desk: Desk,
    *,
    to_chat_id: int,
    content: Mapping[str, Any],
    answers: int,
    words: Words,
    on_never: FollowUp,
    is_protected: bool,
) -> int:
    """A new copy of a changed message that answers the old one and says *edited*; its promise.

    The word stands in the message itself where it has words; a place or a sticker has none, so its
    copy is followed by the word.
    """
    _ = words
    sign = _.plain("✎ edited")
    reply = {"message_id": answers, "allow_sending_without_reply": True}
    base = {"chat_id": to_chat_id, "protect_content": is_protected}
    marked = _marked(content, sign)
    again = sent_again(marked, base) if marked else None
    is_live = bool(content.get("location", {}).get("live_period"))
    if again is None:
        again = Form(
            "copyMessage",
            {**base, "from_chat_id": desk.chat_id, "message_id": desk.message.message_id},
        )
    promise = await desk.promise(
        Form(again.method, {**again.params, "reply_parameters": reply}),
        otherwise=other_forms(
            base, desk.chat_id, desk.message.message_id, content, plain_word(content["kind"], words)
        ),
        on_never=on_never,
        not_before=desk.now + LIVE_PLACE_EVERY if is_live else None,
        replace_key=f"live:{to_chat_id}:{desk.message.message_id}" if is_live else None,
    )
    if marked is None and not is_live:
        await desk.bot.send_message(
            to_chat_id,
            Markup("{}").format(sign),
            reply_parameters=ReplyParameters(-promise, allow_sending_without_reply=True),
            disable_notification=True,
        )
    return promise


def _marked(content: Mapping[str, Any], sign: str) -> dict[str, Any] | None:
    """``content`` with the sign before its words; None when it has none or they would not fit."""
    prefix = f"{sign}\n"
    for field, entities, limit in (
        ("text", "entities", 4096),
        ("caption", "caption_entities", 1024),
    ):
        text = content.get(field)
        if text is None:
            continue
        if _utf16_length(prefix + text) > limit:
            return None
        shift = _utf16_length(prefix)
        moved = [
            {**entity, "offset": entity["offset"] + shift} for entity in content.get(entities, [])
        ]
        return {**content, field: prefix + text, entities: moved}
    return None


def _utf16_length(text: str) -> int:
    """Telegram counts in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


async def pass_on_held(desk: Desk, case: Case, messages: list[Message]) -> None:
    """Copy what was written before, each message once, in order, in its newest version."""
    newest = {message.message_id: message for message in messages}
    for place_in_line, message in enumerate(newest.values()):
        await pass_on(
            desk,
            case,
            message_id=message.message_id,
            content=message.content,
            is_first=place_in_line == 0,
        )
