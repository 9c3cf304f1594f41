"""Without this module there would be private chats only: groups, their members and topics."""

from __future__ import annotations

from typing import Any

from bot.simulator import views
from bot.simulator.errors import ControlError
from bot.simulator.limits import words
from bot.simulator.methods.topics import drop_topic
from bot.simulator.people import member_changed
from bot.simulator.requests import Request, check_fields, integer, known_chat, person_of
from bot.simulator.telegram import Telegram
from bot.simulator.world import FIRST_GROUP, FIRST_SUPERGROUP, Chat, Message, Person

_STATUSES = words("member administrator left kicked")
_FIELDS = words("chat_id title username type is_forum members bot user_id upgrade delete_topic")


def group(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Make a group, or change one: members, what the bot is in it, topics, an upgrade to a
    supergroup."""
    check_fields(request, _FIELDS)
    if request.get("chat_id") is None or integer(request, "chat_id") not in telegram.world.chats:
        chat = _make(telegram, request)
    else:
        chat = known_chat(telegram, integer(request, "chat_id"))
    if chat.is_private:
        raise ControlError(f"chat {chat.id} is a private chat")
    chat.title = str(request.get("title", chat.title))
    chat.username = str(request.get("username", chat.username))
    chat.is_forum = bool(request.get("is_forum", chat.is_forum))
    _add_members(telegram, chat, request.get("members") or [])
    _set_bot(telegram, chat, request)
    if "delete_topic" in request:
        _delete_topic(telegram, chat, integer(request, "delete_topic"))
    if request.get("upgrade"):
        chat = _upgrade(telegram, chat)
    telegram.tell_chat(chat)
    return views.chat_summary(chat)


def _make(telegram: Telegram, request: Request) -> Chat:
    kind = request.get("type", "supergroup")
    if kind not in ("group", "supergroup"):
        raise ControlError("type is group or supergroup")
    if kind == "group" and request.get("is_forum"):
        raise ControlError("only a supergroup can be a forum")
    chat_id = integer(request, "chat_id", _next_id(telegram, kind))
    if chat_id >= 0:
        raise ControlError("the id of a group is below 0")
    chat = telegram.world.chats[chat_id] = Chat(chat_id, kind, title="Group", bot_status="left")
    request.setdefault("bot", "member")
    return chat


def _next_id(telegram: Telegram, kind: str) -> int:
    telegram.world.last_group += 1
    first = FIRST_GROUP if kind == "group" else FIRST_SUPERGROUP
    return first - telegram.world.last_group


def _add_members(telegram: Telegram, chat: Chat, members: list[Any]) -> None:
    for given in members:
        fields = given if isinstance(given, dict) else {"user_id": given}
        status = fields.get("status", "member")
        if status not in _STATUSES | {"creator"}:
            raise ControlError(f"there is no member status {status}")
        named = {name: value for name, value in fields.items() if name != "status"}
        chat.members[person_of(telegram, named).id] = status


def _set_bot(telegram: Telegram, chat: Chat, request: Request) -> None:
    status = request.get("bot")
    if status is None or status == chat.bot_status:
        return
    if status not in _STATUSES:
        raise ControlError(f"bot is one of {', '.join(sorted(_STATUSES))}")
    was, chat.bot_status = chat.bot_status, status
    member_changed(telegram, chat, _actor(telegram, chat, request), was=was, now=status)


def _actor(telegram: Telegram, chat: Chat, request: Request) -> Person:
    if request.get("user_id") is not None:
        return person_of(telegram, {"user_id": request["user_id"]})
    first = next(iter(chat.members), 1)
    return person_of(telegram, {"user_id": first})


def _delete_topic(telegram: Telegram, chat: Chat, topic_id: int) -> None:
    topic = chat.topics.get(topic_id)
    if topic is None:
        raise ControlError(f"there is no topic {topic_id} in chat {chat.id}")
    drop_topic(telegram, chat, topic)


def _upgrade(telegram: Telegram, old: Chat) -> Chat:
    """A group becomes a supergroup with another id; both tell so."""
    if old.type != "group" or old.migrated_to is not None:
        raise ControlError(f"chat {old.id} is no basic group")
    new_id = _next_id(telegram, "supergroup")
    new = Chat(
        new_id,
        "supergroup",
        title=old.title,
        bot_status=old.bot_status,
        members=dict(old.members),
    )
    telegram.world.chats[new_id] = new
    _announce(telegram, old, "migrate_to_chat_id", new_id)
    old.migrated_to = new_id
    _announce(telegram, new, "migrate_from_chat_id", old.id)
    return new


def _announce(telegram: Telegram, chat: Chat, kind: str, other_id: int) -> None:
    world = telegram.world
    message = world.add(
        Message(
            id=world.next_id(chat),
            chat=chat,
            date=world.now(),
            sender=_actor(telegram, chat, {}),
            kind=kind,
            content={kind: other_id},
        )
    )
    telegram.tell("message", message)
    telegram.updates.add("message", views.message(message), f"chat:{chat.id}")
