"""Without this module a group with topics could not be tried: forum topics."""

from __future__ import annotations

from typing import Any

from bot.simulator.entities import utf16_length
from bot.simulator.errors import bad_request
from bot.simulator.limits import TOPIC_COLOURS, TOPIC_NAME_LENGTH, words
from bot.simulator.methods.method import Method
from bot.simulator.parameters import Call
from bot.simulator.sending import Target, chat_named, check_writable, put
from bot.simulator.telegram import Telegram
from bot.simulator.world import Chat, Topic

#: The colour of a topic for which none was chosen.
_BLUE = 7322096


def create_forum_topic(telegram: Telegram, call: Call) -> dict[str, Any]:
    """A new topic; its id is the id of the message that announces it."""
    chat = _forum(telegram, call)
    name = _name(call)
    colour = call.integer("icon_color", _BLUE)
    if colour not in TOPIC_COLOURS:
        raise bad_request("invalid forum topic icon color specified")
    telegram.flood.check(chat)
    content = {"forum_topic_created": {"name": name, "icon_color": colour}}
    message = put(telegram, Target(chat), "forum_topic_created", content)
    message.thread_id = message.id
    chat.topics[message.id] = Topic(message.id, name)
    telegram.tell_chat(chat)
    return {"message_thread_id": message.id, "name": name, "icon_color": colour}


def edit_forum_topic(telegram: Telegram, call: Call) -> bool:
    """Another name."""
    chat, topic = _topic(telegram, call)
    name = _name(call)
    if name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    _announce(telegram, chat, topic, "forum_topic_edited", {"name": name})
    return True


def close_forum_topic(telegram: Telegram, call: Call) -> bool:
    """Nobody but administrators writes there any more."""
    chat, topic = _topic(telegram, call)
    if topic.is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.is_closed = True
    _announce(telegram, chat, topic, "forum_topic_closed", {})
    return True


def reopen_forum_topic(telegram: Telegram, call: Call) -> bool:
    """Everybody writes there again."""
    chat, topic = _topic(telegram, call)
    if not topic.is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.is_closed = False
    _announce(telegram, chat, topic, "forum_topic_reopened", {})
    return True


def delete_forum_topic(telegram: Telegram, call: Call) -> bool:
    """The topic and everything in it."""
    chat, topic = _topic(telegram, call)
    drop_topic(telegram, chat, topic)
    return True


def drop_topic(telegram: Telegram, chat: Chat, topic: Topic) -> None:
    """Take a topic with its messages out of a forum."""
    del chat.topics[topic.id]
    for message in [one for one in chat.messages.values() if one.thread_id == topic.id]:
        telegram.world.remove(message)
    telegram.tell_chat(chat)


def _announce(
    telegram: Telegram, chat: Chat, topic: Topic, kind: str, what: dict[str, Any]
) -> None:
    put(telegram, Target(chat, thread_id=topic.id), kind, {kind: what})
    telegram.tell_chat(chat)


def _forum(telegram: Telegram, call: Call) -> Chat:
    chat = chat_named(telegram, call)
    check_writable(chat)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage topics in the chat")
    return chat


def _topic(telegram: Telegram, call: Call) -> tuple[Chat, Topic]:
    chat = _forum(telegram, call)
    topic = chat.topics.get(call.integer("message_thread_id"))
    if topic is None:
        raise bad_request("message thread not found")
    telegram.flood.check(chat)
    return chat, topic


def _name(call: Call) -> str:
    name = call.text("name").strip()
    if not name:
        raise bad_request("TOPIC_TITLE_EMPTY")
    if utf16_length(name) not in TOPIC_NAME_LENGTH:
        raise bad_request("topic name must be at most 128 characters long")
    return name


METHODS = (
    Method(
        "createForumTopic",
        create_forum_topic,
        words("chat_id name icon_color icon_custom_emoji_id"),
    ),
    Method(
        "editForumTopic",
        edit_forum_topic,
        words("chat_id message_thread_id name icon_custom_emoji_id"),
    ),
    Method("closeForumTopic", close_forum_topic, words("chat_id message_thread_id")),
    Method("reopenForumTopic", reopen_forum_topic, words("chat_id message_thread_id")),
    Method("deleteForumTopic", delete_forum_topic, words("chat_id message_thread_id")),
)
