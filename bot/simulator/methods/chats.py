"""Without this module the bot could not ask where it is: chats and
members, leaving, logging out."""

from __future__ import annotations

from typing import Any

from bot.simulator import views
from bot.simulator.errors import bad_request, forbidden
from bot.simulator.limits import words
from bot.simulator.methods.method import Method
from bot.simulator.parameters import Call
from bot.simulator.sending import chat_named
from bot.simulator.telegram import Telegram
from bot.simulator.world import Chat


def get_chat(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Everything about a chat."""
    return views.full_chat(_present(telegram, call), telegram.world)


def get_chat_member(telegram: Telegram, call: Call) -> dict[str, Any]:
    """What somebody is in a chat."""
    chat = _present(telegram, call)
    user_id = call.integer("user_id")
    world = telegram.world
    if user_id == world.bot.id:
        status = "member" if chat.is_private else chat.bot_status
        return views.member(world.bot, status)
    person = world.people.get(user_id)
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if chat.is_private:
        return views.member(person, "member" if chat.id == user_id else "left")
    return views.member(person, chat.members.get(user_id, "left"))


def get_chat_administrators(telegram: Telegram, call: Call) -> list[dict[str, Any]]:
    """Who administers a group."""
    chat = _present(telegram, call)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    people = telegram.world.people
    found = [
        views.member(people[user_id], status)
        for user_id, status in chat.members.items()
        if status in ("administrator", "creator")
    ]
    if chat.bot_status == "administrator":
        found.append(views.member(telegram.world.bot, "administrator"))
    return found


def get_chat_member_count(telegram: Telegram, call: Call) -> int:
    """How many are in a chat, the bot included."""
    chat = _present(telegram, call)
    return 2 if chat.is_private else len(chat.members) + 1


def leave_chat(telegram: Telegram, call: Call) -> bool:
    """Leave a group."""
    chat = _present(telegram, call)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    telegram.tell_chat(chat)
    return True


def log_out(_telegram: Telegram, _call: Call) -> bool:
    """Leave this Bot API server for another; here nothing follows."""
    return True


def _present(telegram: Telegram, call: Call) -> Chat:
    chat = chat_named(telegram, call)
    if chat.bot_status in ("kicked", "left"):
        kind = "supergroup" if chat.type == "supergroup" else "group"
        gone = "was kicked from" if chat.bot_status == "kicked" else "is not a member of"
        raise forbidden(f"bot {gone} the {kind} chat")
    return chat


METHODS = (
    Method("getChat", get_chat, words("chat_id")),
    Method("getChatMember", get_chat_member, words("chat_id user_id")),
    Method("getChatAdministrators", get_chat_administrators, words("chat_id return_bots")),
    Method("getChatMemberCount", get_chat_member_count, words("chat_id")),
    Method("leaveChat", leave_chat, words("chat_id")),
    Method("logOut", log_out),
    Method("close", log_out),
)
