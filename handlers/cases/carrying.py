"""Without this module the two directions would carry messages in two ways, and fail in four.

A message that somebody wrote, on its way into another chat: first as Telegram copies it, then as it
can be sent again, with a word of ours where one is due (*edited*, *delayed*).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup
from telegram import ReplyParameters

from bot.context import Desk
from bot.delivery.content import sent_again
from bot.delivery.outbox import promise_of, terms
from bot.domain.cases import CopyKind
from bot.texts import Words
from storage.outbox import FollowUp, Form

#: What Telegram takes in a text and in a caption, in UTF-16 units.
TEXT_LENGTH, CAPTION_LENGTH = 4096, 1024
#: A live place changes every few seconds; a chat gets at most one copy of it in this time.
LIVE_PLACE_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Written:
    """A message as somebody wrote it; ``late`` is when (aware), if it comes after a delay."""

    message_id: int
    content: Mapping[str, Any]
    late: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """One message on its way. ``answers``: the message it replies to over there (negative: a
    promise). ``sign``: a word of ours that goes with it, in the reader's language. The rest as in
    `bot.delivery.outbox.terms`."""

    case_number: int
    kind: CopyKind
    from_chat_id: int
    to_chat_id: int
    written: Written
    answers: int | None
    is_protected: bool = False
    is_silent: bool = False
    sign: str | None = None
    on_sent: FollowUp | None = None
    on_never: FollowUp | None = None
    not_before: datetime | None = None
    replace_key: str | None = None


def written_at(desk: Desk) -> Written:
    """What whoever came wrote."""
    late = None
    if desk.letter is not None and desk.letter.is_delayed:
        late = datetime.fromtimestamp(int(desk.raw_message["date"]), UTC)
    return Written(desk.message.message_id, desk.content, late)


def signs(desk: Desk, written: Written, words: Words) -> str | None:
    """The words of ours that go with a message: what it is about, and that it comes late."""
    about = written.content.get("bulletin")
    named = None if about is None else words.plain("📢 About notice {number}").format(number=about)
    return " · ".join(filter(None, (named, late_sign(desk, written, words)))) or None


def late_sign(desk: Desk, written: Written, words: Words) -> str | None:
    """The word for a message that comes late: when it was written."""
    if written.late is None:
        return None
    days = {each.astimezone(desk.zone).date() for each in (written.late, desk.now)}
    time = words.clock_time(written.late) if len(days) == 1 else words.day_and_time(written.late)
    return words.plain("⏳ delayed, written {time}").format(time=time)


async def carry(desk: Desk, carriage: Carriage) -> int:
    """Promise the message in the other chat and remember what it stands for. Returns the promise.

    The sign stands in the message itself where that has words and room; else it follows.
    """
    form, *otherwise = _forms(carriage)
    promise = await desk.promise(
        form,
        otherwise=otherwise,
        on_sent=carriage.on_sent,
        on_never=carriage.on_never,
        not_before=carriage.not_before,
        replace_key=carriage.replace_key,
    )
    _note(desk, carriage, promise, carriage.kind)
    if carriage.sign is not None and _signed(carriage) is None:
        await _send_sign(desk, carriage, promise)
    return promise


def _note(desk: Desk, carriage: Carriage, promise: int, kind: CopyKind) -> None:
    desk.transaction.copies.note(
        promise=promise,
        case_number=carriage.case_number,
        chat_id=carriage.to_chat_id,
        kind=kind,
        origin=(carriage.from_chat_id, carriage.written.message_id),
    )


async def _send_sign(desk: Desk, carriage: Carriage, promise: int) -> None:
    sent = await desk.bot.send_message(
        carriage.to_chat_id,
        Markup("{}").format(carriage.sign),
        reply_parameters=ReplyParameters(-promise, allow_sending_without_reply=True),
        disable_notification=True,
        protect_content=carriage.is_protected,
        api_kwargs=terms(not_before=carriage.not_before),
    )
    _note(desk, carriage, promise_of(sent.message_id), CopyKind.NOTICE)


def _forms(carriage: Carriage) -> list[Form]:
    """What is tried, in this order: as a reply, without the reply, the other way to send it."""
    base: dict[str, Any] = {"chat_id": carriage.to_chat_id}
    if carriage.is_protected:
        base["protect_content"] = True
    if carriage.is_silent:
        base["disable_notification"] = True
    written = carriage.written
    copy = Form(
        "copyMessage",
        {**base, "from_chat_id": carriage.from_chat_id, "message_id": written.message_id},
    )
    anew = sent_again(_signed(carriage) or written.content, base)
    ways = [copy, anew] if _signed(carriage) is None else [anew, copy]
    best, *others = [way for way in ways if way is not None]
    if carriage.answers is None:
        return [best, *others]
    reply = {"message_id": carriage.answers, "allow_sending_without_reply": True}
    return [Form(best.method, {**best.params, "reply_parameters": reply}), best, *others]


def _signed(carriage: Carriage) -> Mapping[str, Any] | None:
    """The content with the sign before its words; None without sign, words or room for it."""
    content = carriage.written.content
    if carriage.sign is None:
        return None
    prefix = f"{carriage.sign}\n"
    for field, entities, limit in (
        ("text", "entities", TEXT_LENGTH),
        ("caption", "caption_entities", CAPTION_LENGTH),
    ):
        text = content.get(field)
        if text is not None and _utf16_length(prefix + text) <= limit:
            moved = _moved(content.get(entities, ()), by=_utf16_length(prefix))
            return {**content, field: prefix + text, entities: moved}
    return None


def _moved(entities: Any, *, by: int) -> list[dict[str, Any]]:
    return [{**entity, "offset": entity["offset"] + by} for entity in entities]


def _utf16_length(text: str) -> int:
    """Telegram counts in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def is_live(written: Written) -> bool:
    """Whether this is a place that goes on changing."""
    return bool(written.content.get("location", {}).get("live_period"))


async def carry_edit(desk: Desk, carriage: Carriage) -> bool:
    """A changed message as a new copy; False when a copy that is waiting will show the change."""
    if not is_live(carriage.written):
        await carry(desk, carriage)
        return True
    key = f"live:{carriage.to_chat_id}:{carriage.from_chat_id}:{carriage.written.message_id}"
    if await desk.transaction.outbox.has_waiting(key):
        return False
    due = desk.now + LIVE_PLACE_EVERY
    await carry(desk, replace(carriage, sign=None, not_before=due, replace_key=key))
    return True
