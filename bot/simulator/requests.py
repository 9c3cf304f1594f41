"""Without this module a misspelt control request would do something else in silence."""

from __future__ import annotations

import re
from typing import Any

from bot.simulator.errors import ControlError
from bot.simulator.telegram import Telegram
from bot.simulator.world import Chat, Message, Person

Request = dict[str, Any]


#: What a field must be when it is given, for those that would break something deeper otherwise.
_TYPES: dict[str, type] = {
    **dict.fromkeys(("extra", "forward_origin"), dict),
    **dict.fromkeys(("entities", "caption_entities", "members", "methods", "chats", "next"), list),
    **dict.fromkeys(("first_name", "last_name", "username", "language_code", "mime_type"), str),
    **dict.fromkeys(("file_name", "emoji", "title", "method", "content", "bot"), str),
    **dict.fromkeys(
        ("is_forum", "blocked", "deactivated", "forge", "enforce_limits", "upgrade"), bool
    ),
    "thread_id": int,
    "seed": int,
}
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_TYPE_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}


def check_types(request: Request) -> None:
    """Refuse fields of the wrong type."""
    for name, value in request.items():
        wanted = _TYPES.get(name)
        if wanted is not None and value is not None and not isinstance(value, wanted):
            raise ControlError(f"{name} must be {_TYPE_NAMES.get(wanted, 'a whole number')}")


def check_fields(request: Request, known: frozenset[str]) -> None:
    """Refuse fields that mean nothing here."""
    if unknown := request.keys() - known:
        raise ControlError(
            f"no field {', '.join(sorted(unknown))} here; there are {', '.join(sorted(known))}"
        )


def integer(request: Request, name: str, default: int | None = None) -> int:
    """A whole number, also as text (from a query string)."""
    value = request.get(name, default)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ControlError(f"{name} must be a whole number")
    return value


def person_of(telegram: Telegram, request: Request) -> Person:
    """Who acts: ``user_id``; somebody unknown is made on the fly, names given here are taken."""
    user_id = integer(request, "user_id")
    if user_id <= 0:
        raise ControlError("user_id must be above 0")
    people = telegram.world.people
    person = people.get(user_id)
    if person is None:
        person = people[user_id] = Person(user_id, f"Person {user_id}")
    for name in ("first_name", "last_name", "username", "language_code"):
        if (value := request.get(name)) is not None:
            setattr(person, name, str(value))
    return person


def chat_for(telegram: Telegram, request: Request, person: Person) -> Chat:
    """Where it happens: ``chat_id``, by default the person's private chat."""
    chat_id = integer(request, "chat_id", person.id)
    if chat_id == person.id:
        is_new = person.id not in telegram.world.chats
        chat = telegram.world.chat_of(person)
        if is_new:
            telegram.tell_chat(chat)
        return chat
    chat = known_chat(telegram, chat_id)
    if chat.is_private:
        raise ControlError(f"chat {chat_id} is the private chat of somebody else")
    chat.members.setdefault(person.id, "member")
    return chat


def known_chat(telegram: Telegram, chat_id: int) -> Chat:
    """A chat that exists."""
    chat = telegram.world.chats.get(chat_id)
    if chat is None:
        raise ControlError(f"there is no chat {chat_id}")
    return chat


def message_in(chat: Chat, request: Request, name: str = "message_id") -> Message:
    """A message that exists in the chat."""
    message_id = integer(request, name)
    message = chat.messages.get(message_id)
    if message is None:
        raise ControlError(f"there is no message {message_id} in chat {chat.id}")
    return message


def check_awake(person: Person, chat: Chat) -> None:
    """Somebody who blocked the bot or is gone writes and presses nothing in the private chat."""
    if person.is_deactivated:
        raise ControlError(f"user {person.id} is deactivated")
    if chat.is_private and person.has_blocked:
        raise ControlError(f"user {person.id} has blocked the bot: unblock first")
