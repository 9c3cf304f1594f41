"""Without this module nobody would write, press or block: what people do, one function each.

Each takes a request of the control API, changes the world as Telegram would, queues the update
and returns what came of it.
"""

from __future__ import annotations

import re
from typing import Any

from bot.simulator import views
from bot.simulator.entities import Entity, checked, found, utf16_length
from bot.simulator.errors import BotApiError, ControlError
from bot.simulator.kinds import CAPTIONED, KINDS, content_of, kind_of
from bot.simulator.limits import CAPTION_LENGTH, START_PARAMETER_LENGTH, TEXT_LENGTH, words
from bot.simulator.requests import (
    Request,
    chat_for,
    check_awake,
    check_fields,
    message_in,
    person_of,
)
from bot.simulator.telegram import Telegram
from bot.simulator.world import Chat, Message, Person

_PERSON = words("user_id first_name last_name username language_code")
_START_PARAMETER = re.compile(rf"[A-Za-z0-9_-]{{0,{START_PARAMETER_LENGTH}}}")
_SAY = (
    _PERSON
    | KINDS
    | words(
        "chat_id caption entities caption_entities reply_to_message_id media_group_id thread_id"
        " content file_name mime_type forward_origin extra"
    )
)


def say(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Somebody sends a message of any kind."""
    check_fields(request, _SAY)
    kind = kind_of(request)
    person = person_of(telegram, request)
    chat = chat_for(telegram, request, person)
    check_awake(person, chat)
    if chat.migrated_to is not None:
        raise ControlError(f"chat {chat.id} has become {chat.migrated_to}")
    content = _content(telegram, chat, person, kind, request)
    message = _new_message(telegram, chat, person, kind, content, request)
    return {"message_id": message.id, "update_id": _queue(telegram, "message", message)}


def start(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Somebody opens the bot's link and taps Start; Telegram's rules for the parameter hold."""
    check_fields(request, _PERSON | {"parameter"})
    parameter = request.get("parameter") or ""
    if not isinstance(parameter, str) or _START_PARAMETER.fullmatch(parameter) is None:
        raise ControlError("a start parameter has 1 to 64 of A-Z a-z 0-9 _ -")
    rest = {name: value for name, value in request.items() if name != "parameter"}
    return say(telegram, {**rest, "text": f"/start {parameter}".strip()})


def _content(
    telegram: Telegram, chat: Chat, person: Person, kind: str, request: Request
) -> dict[str, Any]:
    extra = request.get("extra") or {}
    if kind == "text":
        entities = _entities(request["text"], request.get("entities"), TEXT_LENGTH)
        content: dict[str, Any] = {"text": request["text"]}
        return {**content, "entities": entities, **extra} if entities else {**content, **extra}
    content = content_of(telegram.world, chat, person, kind, request)
    if (caption := request.get("caption")) is not None:
        if kind not in CAPTIONED:
            raise ControlError(f"{kind} has no caption")
        entities = _entities(caption, request.get("caption_entities"), CAPTION_LENGTH)
        content["caption"] = caption
        if entities:
            content["caption_entities"] = entities
    return {**content, **extra}


def _entities(text: Any, given: Any, most: int) -> list[Entity]:
    if not isinstance(text, str) or not text:
        raise ControlError("a text must be a string that is not empty")
    if utf16_length(text) > most:
        raise ControlError(f"a text longer than {most} is split by people's apps before it is sent")
    if given is None:
        return found(text)
    try:
        return checked(text, given)
    except BotApiError as error:
        raise ControlError(error.description) from None


def _new_message(
    telegram: Telegram,
    chat: Chat,
    person: Person,
    kind: str,
    content: dict[str, Any],
    request: Request,
) -> Message:
    world = telegram.world
    reply_to = None
    if request.get("reply_to_message_id") is not None:
        reply_to = message_in(chat, request, "reply_to_message_id")
    thread_id = request.get("thread_id")
    if thread_id is not None and thread_id not in chat.topics:
        raise ControlError(f"there is no topic {thread_id} in chat {chat.id}")
    album = request.get("media_group_id")
    is_first = chat.is_private and not person.has_started
    person.has_started = person.has_started or chat.is_private
    message = world.add(
        Message(
            id=world.next_id(chat),
            chat=chat,
            date=world.now(),
            sender=person,
            kind=kind,
            content=content,
            reply_to=reply_to,
            thread_id=thread_id,
            media_group_id=None if album is None else str(album),
            origin=request.get("forward_origin"),
        )
    )
    if is_first:
        telegram.tell_chat(chat)
    telegram.tell("message", message)
    return message


def _queue(telegram: Telegram, kind: str, message: Message) -> int | None:
    """Queue the update about a message, unless the bot may not see it."""
    chat = message.chat
    if not chat.is_private and not _is_seen(telegram, message):
        return None
    return telegram.updates.add(kind, views.message(message), f"chat:{chat.id}")


def _is_seen(telegram: Telegram, message: Message) -> bool:
    """Privacy mode: in a group the bot sees commands, replies to it and mentions, as an
    administrator everything, and nothing after it left."""
    if message.chat.bot_status != "member":
        return message.chat.bot_status == "administrator"
    is_reply = message.reply_to is not None and message.reply_to.is_from_bot
    is_command = any(entity["type"] == "bot_command" for entity in message.entities)
    mention = f"@{telegram.world.bot.username}".lower()
    return is_reply or is_command or message.kind != "text" or mention in message.text.lower()


def edit(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Somebody changes words or place of a message of their own."""
    check_fields(
        request,
        _PERSON | words("chat_id message_id text entities caption caption_entities location"),
    )
    person = person_of(telegram, request)
    chat = chat_for(telegram, request, person)
    check_awake(person, chat)
    message = message_in(chat, request)
    if message.sender is not person:
        raise ControlError(f"message {message.id} was not written by user {person.id}")
    message.revise(_edited(message, request), markup=message.markup, edited_at=telegram.world.now())
    telegram.tell("edit", message)
    return {"message_id": message.id, "update_id": _queue(telegram, "edited_message", message)}


def _edited(message: Message, request: Request) -> dict[str, Any]:
    names = [name for name in ("text", "caption", "location") if name in request]
    if len(names) != 1:
        raise ControlError("an edit has one of text, caption, location")
    name = names[0]
    if name == "location":
        if message.kind != "location" or not isinstance(request["location"], dict):
            raise ControlError(f"message {message.id} is no location or the new one no object")
        return {"location": {**message.content["location"], **request["location"]}}
    if (name == "text") != (message.kind == "text") or (
        name == "caption" and message.kind not in CAPTIONED
    ):
        raise ControlError(f"message {message.id} is a {message.kind} and has no {name}")
    field = "entities" if name == "text" else "caption_entities"
    most = TEXT_LENGTH if name == "text" else CAPTION_LENGTH
    entities = _entities(request[name], request.get(field), most)
    content = {key: value for key, value in message.content.items() if key != field}
    content[name] = request[name]
    if entities:
        content[field] = entities
    return content


def location(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Somebody sends where they are."""
    place = words("latitude longitude horizontal_accuracy live_period heading")
    given = {name: value for name, value in request.items() if name in place}
    if not {"latitude", "longitude"} <= given.keys():
        raise ControlError("a location has latitude and longitude")
    rest = {name: value for name, value in request.items() if name not in place}
    return say(telegram, {**rest, "location": given})


def delete(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Somebody deletes a message; Telegram tells the bot nothing."""
    check_fields(request, words("chat_id user_id message_id"))
    person = person_of(telegram, request)
    message = message_in(chat_for(telegram, request, person), request)
    telegram.world.remove(message)
    if telegram.events.has_listeners:
        telegram.events.publish("delete", {"chat_id": message.chat.id, "message_id": message.id})
    return {"message_id": message.id}


def react(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Somebody puts a reaction on a message, or takes it away (``emoji`` null)."""
    check_fields(request, words("chat_id user_id message_id emoji"))
    person = person_of(telegram, request)
    chat = chat_for(telegram, request, person)
    check_awake(person, chat)
    message = message_in(chat, request)
    old = message.reactions.pop(person.id, [])
    emoji = request.get("emoji")
    new = [{"type": "emoji", "emoji": emoji}] if emoji else []
    if new:
        message.reactions[person.id] = new
    telegram.tell("reaction", message)
    update = {
        "chat": views.chat(chat),
        "message_id": message.id,
        "user": views.user(person),
        "date": telegram.world.now(),
        "old_reaction": old,
        "new_reaction": new,
    }
    return {"update_id": telegram.updates.add("message_reaction", update, f"chat:{chat.id}")}


def block(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Somebody blocks or unblocks the bot, or the account is deleted."""
    check_fields(request, words("user_id blocked deactivated"))
    person = person_of(telegram, request)
    chat = chat_for(telegram, {}, person)
    if "deactivated" in request:
        person.is_deactivated = bool(request["deactivated"])
    update_id = None
    if "blocked" in request and bool(request["blocked"]) != person.has_blocked:
        person.has_blocked = bool(request["blocked"])
        update_id = member_changed(
            telegram,
            chat,
            person,
            was="member" if person.has_blocked else "kicked",
            now="kicked" if person.has_blocked else "member",
        )
    telegram.tell_chat(chat)
    return {"update_id": update_id}


def member_changed(
    telegram: Telegram, chat: Chat, person: Person, *, was: str, now: str
) -> int | None:
    """Queue my_chat_member: what the bot is in this chat has changed."""
    bot = telegram.world.bot
    update = {
        "chat": views.chat(chat),
        "from": views.user(person),
        "date": telegram.world.now(),
        "old_chat_member": views.member(bot, was),
        "new_chat_member": views.member(bot, now),
    }
    return telegram.updates.add("my_chat_member", update, f"chat:{chat.id}")


def person(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Somebody exists (or gets another name) without having written yet."""
    check_fields(request, _PERSON)
    somebody = person_of(telegram, request)
    telegram.tell_chat(telegram.world.chat_of(somebody))
    return {"user": views.user(somebody), "chat_id": somebody.id}
