"""Without this module a later message could get no silent mark and a press no answer: reactions,
answers to presses, pins, deleting."""

from __future__ import annotations

from typing import Any

from bot.simulator.entities import utf16_length
from bot.simulator.errors import bad_request
from bot.simulator.limits import (
    CALLBACK_ANSWER_LENGTH,
    DELETABLE_SECONDS,
    MANY_MESSAGES,
    PRESS_RETENTION_SECONDS,
    REACTIONS,
    VARIATION_SELECTOR,
    words,
)
from bot.simulator.methods.method import Method
from bot.simulator.parameters import Call
from bot.simulator.sending import chat_named, check_writable
from bot.simulator.telegram import Telegram
from bot.simulator.world import Chat, Message

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def set_message_reaction(telegram: Telegram, call: Call) -> bool:
    """The bot's one reaction to a message, or none."""
    chat = chat_named(telegram, call)
    check_writable(chat)
    reactions = [_reaction(given) for given in call.array("reaction") or ()]
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    call.flag("is_big")
    message = chat.messages.get(call.integer("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    telegram.flood.check(chat)
    bot_id = telegram.world.bot.id
    if reactions:
        message.reactions[bot_id] = reactions
    else:
        message.reactions.pop(bot_id, None)
    telegram.tell("reaction", message)
    return True


def _reaction(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or given.get("type") not in ("emoji", "custom_emoji", "paid"):
        raise bad_request("can't parse reaction type")
    emoji = str(given.get("emoji", ""))
    plain = emoji.replace(VARIATION_SELECTOR, "")
    if given["type"] != "emoji" or plain not in REACTIONS:
        raise bad_request("REACTION_INVALID")
    return {"type": "emoji", "emoji": plain}


def answer_callback_query(telegram: Telegram, call: Call) -> bool:
    """The short words that follow a press; once, within 150 seconds."""
    text = call.text("text")
    if utf16_length(text) > CALLBACK_ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    show_alert = call.flag("show_alert")
    press = telegram.world.presses.get(call.text("callback_query_id"))
    if press is None or press.is_answered:
        raise bad_request(_TOO_OLD)
    if telegram.clock.now().timestamp() - press.at > PRESS_RETENTION_SECONDS:
        raise bad_request(_TOO_OLD)
    press.is_answered = True
    if telegram.events.has_listeners:
        telegram.events.publish(
            "callback_answer",
            {
                "chat_id": press.chat.id,
                "user_id": press.person.id,
                "message_id": press.message_id,
                "text": text,
                "show_alert": show_alert,
            },
        )
    return True


def pin_chat_message(telegram: Telegram, call: Call) -> bool:
    """Put a message at the top of the chat."""
    chat = _writable(telegram, call)
    message = chat.messages.get(call.integer("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    _check_administrator(chat, "not enough rights to manage pinned messages in the chat")
    telegram.flood.check(chat)
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
    telegram.tell("edit", message)
    return True


def unpin_chat_message(telegram: Telegram, call: Call) -> bool:
    """Take it away again; without a message id the newest."""
    chat = _writable(telegram, call)
    _check_administrator(chat, "not enough rights to manage pinned messages in the chat")
    message_id = call.integer("message_id", chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    telegram.tell("edit", chat.messages[message_id])
    return True


def unpin_all_chat_messages(telegram: Telegram, call: Call) -> bool:
    """Take all of them away."""
    chat = _writable(telegram, call)
    _check_administrator(chat, "not enough rights to manage pinned messages in the chat")
    chat.pinned.clear()
    telegram.tell_chat(chat)
    return True


def delete_message(telegram: Telegram, call: Call) -> bool:
    """Delete one message for everybody."""
    chat = _writable(telegram, call)
    message = chat.messages.get(call.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if not _is_deletable(telegram, message):
        raise bad_request("message can't be deleted for everyone")
    _delete(telegram, message)
    return True


def delete_messages(telegram: Telegram, call: Call) -> bool:
    """Delete many; those that are gone or must stay are passed over."""
    chat = _writable(telegram, call)
    ids = call.array("message_ids") or []
    if len(ids) not in MANY_MESSAGES:
        raise bad_request(
            "too many message identifiers specified"
            if ids
            else "message identifiers are not specified"
        )
    if not all(isinstance(one, int) for one in ids):
        raise bad_request("message_ids must be of type Array of Integer")
    for message_id in ids:
        message = chat.messages.get(message_id)
        if message is not None and _is_deletable(telegram, message):
            _delete(telegram, message)
    return True


def _is_deletable(telegram: Telegram, message: Message) -> bool:
    if telegram.world.now() - message.date > DELETABLE_SECONDS:
        return False
    return (
        message.is_from_bot or message.chat.is_private or message.chat.bot_status == "administrator"
    )


def _delete(telegram: Telegram, message: Message) -> None:
    telegram.world.remove(message)
    if telegram.events.has_listeners:
        telegram.events.publish("delete", {"chat_id": message.chat.id, "message_id": message.id})


def _writable(telegram: Telegram, call: Call) -> Chat:
    chat = chat_named(telegram, call)
    check_writable(chat)
    return chat


def _check_administrator(chat: Chat, refusal: str) -> None:
    if not chat.is_private and chat.bot_status != "administrator":
        raise bad_request(refusal)


METHODS = (
    Method("setMessageReaction", set_message_reaction, words("chat_id message_id reaction is_big")),
    Method(
        "answerCallbackQuery",
        answer_callback_query,
        words("callback_query_id text show_alert url cache_time"),
    ),
    Method("pinChatMessage", pin_chat_message, words("chat_id message_id disable_notification")),
    Method("unpinChatMessage", unpin_chat_message, words("chat_id message_id")),
    Method("unpinAllChatMessages", unpin_all_chat_messages, words("chat_id")),
    Method("deleteMessage", delete_message, words("chat_id message_id")),
    Method("deleteMessages", delete_messages, words("chat_id message_ids")),
)
