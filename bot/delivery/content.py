"""Without this module a message that cannot be copied would be lost with no word about it.

What a message holds, taken from the raw update (so that kinds newer than our library are known by
name), and the ways to send it again, best first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage.outbox import Form

#: Fields of a message that say who, when and how; every other field may be its content.
_ENVELOPE = frozenset({
    "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat",
    "sender_boost_count", "sender_business_bot", "sender_tag", "business_connection_id",
    "date", "guest_query_id", "chat", "forward_origin", "is_topic_message",
    "is_automatic_forward", "reply_to_message", "external_reply", "quote",
    "reply_to_story", "reply_to_checklist_task_id", "reply_to_poll_option_id", "via_bot",
    "edit_date", "has_protected_content", "is_from_offline", "is_paid_post",
    "media_group_id", "author_signature", "paid_star_count", "entities",
    "link_preview_options", "suggested_post_info", "effect_id", "caption",
    "caption_entities", "show_caption_above_media", "has_media_spoiler", "reply_markup",
    "forward_from", "forward_date", "forward_from_chat", "forward_from_message_id",
    "forward_signature", "forward_sender_name", "guest_bot_caller_user",
    "guest_bot_caller_chat",
})  # fmt: skip
#: Kinds that Telegram cannot copy (Bot API, copyMessage: "Service messages, paid media messages,
#: giveaway messages, giveaway winners messages, and invoice messages can't be copied").
_NEVER_COPIED = frozenset({"paid_media", "giveaway", "giveaway_winners", "invoice"})
#: Kinds of content that Telegram can copy; anything else is a service message or newer than this.
_CONTENT_KINDS = (
    "text", "animation", "audio", "photo", "sticker", "story", "video", "video_note", "voice",
    "checklist", "contact", "dice", "game", "poll", "venue", "location", "document",
    "paid_media", "giveaway", "giveaway_winners", "invoice", "rich_message", "live_photo",
)  # fmt: skip
#: Kinds with a file, and the method and parameter that send it again by its ``file_id``.
_FILE_METHODS = {
    "photo": "sendPhoto", "video": "sendVideo", "animation": "sendAnimation",
    "audio": "sendAudio", "document": "sendDocument", "voice": "sendVoice",
    "video_note": "sendVideoNote", "sticker": "sendSticker",
}  # fmt: skip
#: Files that take no caption at Telegram.
_WITHOUT_CAPTION = frozenset({"video_note", "sticker"})
#: A sign for each kind, for a line that has no room for words.
SIGNS = {
    "photo": "🖼", "video": "🎬", "animation": "🎞", "audio": "🎵", "document": "📄", "voice": "🎤",
    "video_note": "⏺", "sticker": "🙂", "location": "📍", "venue": "📍", "contact": "👤",
    "poll": "📊", "dice": "🎲", "story": "📖", "checklist": "☑", "game": "🎮",
}  # fmt: skip


def content_kind(message: Mapping[str, Any]) -> str:
    """The kind of a raw message: Telegram's own name of the field that holds its content."""
    for kind in _CONTENT_KINDS:
        # A venue carries a location and an animation a document: the list has the special first.
        if kind in message:
            return kind
    return next((field for field in message if field not in _ENVELOPE), "empty")


def can_be_copied(kind: str) -> bool:
    """Whether trying to copy this kind makes sense; service messages and paid ones never can."""
    return kind in _CONTENT_KINDS and kind not in _NEVER_COPIED


def content_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a raw message: its kind, its words, and what sends it again."""
    kind = content_kind(message)
    content: dict[str, Any] = {"kind": kind}
    for field in ("text", "entities", "caption", "caption_entities", "media_group_id"):
        if field in message:
            content[field] = message[field]
    if kind in _FILE_METHODS:
        held = message[kind]
        largest = held[-1] if isinstance(held, list) and held else held
        if isinstance(largest, Mapping):
            content["file_id"] = largest.get("file_id")
    elif kind in ("location", "venue", "contact", "dice", "poll"):
        content[kind] = message[kind]
    return content


def words_in(content: Mapping[str, Any]) -> str:
    """The words of a message for a list: its text or caption with the sign of its kind."""
    text = content.get("text") or content.get("caption") or ""
    return " ".join(part for part in (SIGNS.get(content["kind"], ""), text) if part)


def sent_again(content: Mapping[str, Any], base: Mapping[str, Any]) -> Form | None:
    """The call that sends ``content`` anew; ``base`` is chat_id and whatever goes with every form.
    None for what only a copy can carry (a poll, a dice, a story)."""
    kind = content["kind"]
    if kind == "text":
        words = {"text": content["text"], "entities": content.get("entities", [])}
        return Form("sendMessage", {**base, **words})
    if kind in _FILE_METHODS and content.get("file_id"):
        caption = {} if kind in _WITHOUT_CAPTION else _caption(content)
        return Form(_FILE_METHODS[kind], {**base, kind: content["file_id"], **caption})
    return _place_or_person(content, base)


def _caption(content: Mapping[str, Any]) -> dict[str, Any]:
    return {field: content[field] for field in ("caption", "caption_entities") if field in content}


def _place_or_person(content: Mapping[str, Any], base: Mapping[str, Any]) -> Form | None:
    kind = content["kind"]
    if kind == "location":
        place = content["location"]
        where = {"latitude": place["latitude"], "longitude": place["longitude"]}
        return Form("sendLocation", {**base, **where})
    if kind == "venue":
        venue = content["venue"]
        where = {name: venue["location"][name] for name in ("latitude", "longitude")}
        where |= {"title": venue["title"], "address": venue["address"]}
        return Form("sendVenue", {**base, **where})
    if kind == "contact":
        contact = content["contact"]
        fields = ("phone_number", "first_name", "last_name", "vcard")
        return Form(
            "sendContact", {**base, **{name: contact[name] for name in fields if name in contact}}
        )
    return None
