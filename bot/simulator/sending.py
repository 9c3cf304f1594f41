"""Without this module every send method would check chat, topic, reply and keyboard its own way.

`read_target` reads where and how a message goes; `put` puts it there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bot.simulator.entities import (
    Entity,
    Formatted,
    given_entities,
    trimmed,
    utf16_length,
    with_found,
)
from bot.simulator.errors import bad_request, forbidden
from bot.simulator.html_text import parse_html
from bot.simulator.limits import CAPTION_LENGTH, TEXT_LENGTH, words
from bot.simulator.markdown_text import parse_markdown, parse_markdown_v2
from bot.simulator.parameters import Call
from bot.simulator.reply_markup import read_markup
from bot.simulator.telegram import Telegram
from bot.simulator.world import Chat, Message

#: What every method that sends takes.
SEND = words(
    "chat_id message_thread_id disable_notification protect_content allow_paid_broadcast"
    " message_effect_id reply_parameters reply_markup"
)
#: What every method that sends something with a caption takes besides.
CAPTION = words("caption parse_mode caption_entities show_caption_above_media")

_REPLY_FIELDS = words(
    "message_id chat_id allow_sending_without_reply quote quote_parse_mode quote_entities"
    " quote_position"
)
#: Telegram turns these into spaces.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")


@dataclass(slots=True)
class Target:
    """Where a message goes, checked."""

    chat: Chat
    thread_id: int | None = None
    reply_to: Message | None = None
    reply_fields: dict[str, Any] = field(default_factory=dict)
    inline: dict[str, Any] | None = None
    reply_keyboard: dict[str, Any] | None = None
    is_silent: bool = False
    is_protected: bool = False


def chat_named(telegram: Telegram, call: Call, name: str = "chat_id") -> Chat:
    """The chat of a call, which the bot must know."""
    value = call.values.get(name)
    if value is None or value == "":
        raise bad_request(f"{name} is empty")
    chats = telegram.world.chats
    if isinstance(value, str) and value.startswith("@"):
        wanted = value[1:].lower()
        for chat in chats.values():
            if not chat.is_private and chat.username.lower() == wanted:
                return chat
        raise bad_request("chat not found")
    number = call.integer(name)
    found = chats.get(number)
    if found is not None:
        return found
    if number in telegram.world.people:
        raise forbidden("bot can't initiate conversation with a user")
    if number == telegram.world.bot.id:
        raise forbidden("bot can't send messages to the bot")
    raise bad_request("chat not found")


def check_writable(chat: Chat) -> None:
    """Raise what Telegram answers when the bot may not write there."""
    person = chat.person
    if person is not None:
        if person.is_deactivated:
            raise forbidden("user is deactivated")
        if person.has_blocked:
            raise forbidden("bot was blocked by the user")
        if not person.has_started:
            raise forbidden("bot can't initiate conversation with a user")
        return
    if chat.migrated_to is not None:
        raise bad_request(
            "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
        )
    if chat.bot_status in ("kicked", "left"):
        kind = "supergroup" if chat.type == "supergroup" else "group"
        gone = "was kicked from" if chat.bot_status == "kicked" else "is not a member of"
        raise forbidden(f"bot {gone} the {kind} chat")


def read_target(telegram: Telegram, call: Call, *, count: int = 1) -> Target:
    """Where the message of this call goes; ``count`` messages are charged to flood control."""
    chat = chat_named(telegram, call)
    check_writable(chat)
    values = call.values
    target = Target(chat)
    if "reply_markup" in values:
        markup = read_markup(call, chat)
        target.inline, target.reply_keyboard = markup.inline, markup.reply
    if "message_thread_id" in values:
        target.thread_id = _thread(call, chat)
    if "reply_parameters" in values:
        _read_reply(call, target)
    target.is_silent = call.flag("disable_notification")
    target.is_protected = call.flag("protect_content")
    telegram.flood.check(chat, count)
    return target


def _thread(call: Call, chat: Chat) -> int | None:
    number = call.integer("message_thread_id", 0)
    if number == 0:
        return None
    topic = chat.topics.get(number)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.is_closed and chat.bot_status != "administrator":
        raise bad_request("TOPIC_CLOSED")
    return number


def _read_reply(call: Call, target: Target) -> None:
    given = call.record("reply_parameters")
    if given is None:
        return
    if unknown := given.keys() - _REPLY_FIELDS:
        raise bad_request(f"reply_parameters has no field {', '.join(sorted(unknown))}")
    if given.get("chat_id") not in (None, target.chat.id):
        raise bad_request("the simulator has no replies to other chats")
    message_id = given.get("message_id")
    if isinstance(message_id, bool) or not isinstance(message_id, int):
        raise bad_request("can't parse reply parameters: message_id must be of type Integer")
    message = target.chat.messages.get(message_id)
    if message is None:
        if not given.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        return
    target.reply_to = message
    if (quote := given.get("quote")) is not None:
        target.reply_fields = {"quote": _quote(message, quote)}


def _quote(message: Message, quote: Any) -> dict[str, Any]:
    if not isinstance(quote, str) or not quote:
        raise bad_request("can't parse reply parameters: quote must be a String that is not empty")
    position = message.text.find(quote)
    if position < 0:
        raise bad_request("QUOTE_TEXT_INVALID")
    place = utf16_length(message.text[:position])
    return {"text": quote, "position": place, "is_manual": True}


def put(
    telegram: Telegram,
    target: Target,
    kind: str,
    content: dict[str, Any],
    *,
    album: str | None = None,
    origin: dict[str, Any] | None = None,
) -> Message:
    """The bot's message, in its chat and told to whoever listens."""
    world = telegram.world
    chat = target.chat
    message = Message(
        id=world.next_id(chat),
        chat=chat,
        date=world.now(),
        sender=world.bot,
        kind=kind,
        content=content,
        reply_to=target.reply_to,
        reply_fields=target.reply_fields,
        thread_id=target.thread_id,
        markup=target.inline,
        reply_keyboard=target.reply_keyboard,
        is_silent=target.is_silent,
        is_protected=target.is_protected,
        media_group_id=album,
        origin=origin,
    )
    if target.reply_keyboard is not None:
        is_removal = "remove_keyboard" in target.reply_keyboard
        chat.keyboard = None if is_removal else target.reply_keyboard
    world.add(message)
    telegram.tell("message", message)
    return message


def read_text(call: Call) -> Formatted:
    """The text parameter with its entities, checked for length."""
    text, entities = formatted(call, "text", "entities")
    if not text:
        if call.text("text"):
            raise bad_request("text must be non-empty")
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_LENGTH:
        raise bad_request("message is too long")
    return text, entities


def read_caption(call: Call) -> dict[str, Any]:
    """The caption fields of a message's content; none without a caption."""
    text, entities = formatted(call, "caption", "caption_entities")
    if utf16_length(text) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    content: dict[str, Any] = {}
    if text:
        content["caption"] = text
    if entities:
        content["caption_entities"] = entities
    if call.flag("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return content


def formatted(call: Call, name: str, entities_name: str) -> Formatted:
    """A text parameter as plain text and entities, whichever way they were given."""
    text = _CONTROL.sub(" ", call.text(name).replace("\r", ""))
    mode = call.text("parse_mode").lower()
    entities: list[Entity]
    if mode == "html":
        text, entities = parse_html(text)
    elif mode == "markdownv2":
        text, entities = parse_markdown_v2(text)
    elif mode == "markdown":
        text, entities = parse_markdown(text)
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        entities = given_entities(call, entities_name, text)
    text, entities = trimmed(text, entities)
    return text, with_found(text, entities)


def text_content(text: str, entities: list[Entity]) -> dict[str, Any]:
    """The content of a text message."""
    return {"text": text, "entities": entities} if entities else {"text": text}
