"""Without this module nobody would see which commands the bot offers in which language: commands,
name, descriptions, menu button."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.simulator.entities import utf16_length
from bot.simulator.errors import bad_request
from bot.simulator.limits import (
    BOT_DESCRIPTION_LENGTH,
    BOT_NAME_LENGTH,
    BOT_SHORT_DESCRIPTION_LENGTH,
    COMMAND_DESCRIPTION_LENGTH,
    COMMANDS,
    words,
)
from bot.simulator.methods.method import Method
from bot.simulator.parameters import Call
from bot.simulator.sending import chat_named
from bot.simulator.telegram import Profile, Telegram

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}|")
_BROAD = words("default all_private_chats all_group_chats all_chat_administrators")
_NARROW = words("chat chat_administrators chat_member")


def set_my_commands(telegram: Telegram, call: Call) -> bool:
    """What the menu offers, for a scope and a language."""
    key = _key(telegram, call)
    given = call.array("commands")
    if given is None:
        raise bad_request("commands are not specified")
    if len(given) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    telegram.profile.commands[key] = [_command(one) for one in given]
    _tell(telegram)
    return True


def _command(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise bad_request("expected an Array of BotCommand")
    name = str(given.get("command", "")).removeprefix("/")
    description = str(given.get("description", ""))
    if _COMMAND.fullmatch(name) is None:
        raise bad_request("BOT_COMMAND_INVALID")
    if utf16_length(description) not in COMMAND_DESCRIPTION_LENGTH:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def get_my_commands(telegram: Telegram, call: Call) -> list[dict[str, str]]:
    """What was set for exactly this scope and language."""
    return telegram.profile.commands.get(_key(telegram, call), [])


def delete_my_commands(telegram: Telegram, call: Call) -> bool:
    """Set nothing for this scope and language."""
    telegram.profile.commands.pop(_key(telegram, call), None)
    _tell(telegram)
    return True


def _tell(telegram: Telegram) -> None:
    if telegram.events.has_listeners:
        telegram.events.publish("commands", {"commands": shown(telegram.profile)})


def shown(profile: Profile) -> list[dict[str, Any]]:
    """All commands, each list with its scope and language."""
    return [
        {"scope": scope, "language_code": language, "commands": commands}
        for (scope, language), commands in profile.commands.items()
    ]


def commands_for(
    telegram: Telegram, *, chat_id: int, user_id: int, language: str
) -> list[dict[str, str]]:
    """What this person sees in this chat: the narrowest scope first, the language before none."""
    chat = telegram.world.chats.get(chat_id)
    is_private = chat is None or chat.is_private
    scopes = [f"chat:{chat_id}"]
    if is_private:
        scopes.append("all_private_chats")
    else:
        scopes.insert(0, f"chat_member:{chat_id}:{user_id}")
        scopes.append("all_group_chats")
    for scope in (*scopes, "default"):
        for code in (language, ""):
            if commands := telegram.profile.commands.get((scope, code)):
                return commands
    return []


def _key(telegram: Telegram, call: Call) -> tuple[str, str]:
    scope = call.record("scope") or {"type": "default"}
    kind = str(scope.get("type"))
    if kind in _BROAD:
        return kind, _language(call)
    if kind not in _NARROW:
        raise bad_request("unsupported type specified in the scope")
    chat = chat_named(telegram, Call(call.method, scope))
    if kind == "chat_member":
        return f"{kind}:{chat.id}:{scope.get('user_id')}", _language(call)
    return f"{kind}:{chat.id}", _language(call)


def _language(call: Call) -> str:
    code = call.text("language_code")
    if _LANGUAGE.fullmatch(code) is None:
        raise bad_request("invalid language code specified")
    return code


def _setter(field: str, parameter: str, most: int) -> Callable[[Telegram, Call], bool]:
    def set_words(telegram: Telegram, call: Call) -> bool:
        text = call.text(parameter)
        if utf16_length(text) > most:
            raise bad_request(f"bot {parameter.replace('_', ' ')} is too long")
        getattr(telegram.profile, field)[_language(call)] = text
        return True

    return set_words


def _getter(field: str, parameter: str) -> Callable[[Telegram, Call], dict[str, str]]:
    def get_words(telegram: Telegram, call: Call) -> dict[str, str]:
        texts: dict[str, str] = getattr(telegram.profile, field)
        return {parameter: texts.get(_language(call)) or texts.get("", "")}

    return get_words


def set_chat_menu_button(telegram: Telegram, call: Call) -> bool:
    """The button beside the writing field."""
    chat_id = chat_named(telegram, call).id if call.given("chat_id") else 0
    button = call.record("menu_button") or {"type": "default"}
    if button.get("type") not in ("commands", "web_app", "default"):
        raise bad_request("unsupported menu button type")
    telegram.profile.menu_buttons[chat_id] = button
    return True


def get_chat_menu_button(telegram: Telegram, call: Call) -> dict[str, Any]:
    """What was set, for the chat or for all."""
    chat_id = call.integer("chat_id", 0)
    buttons = telegram.profile.menu_buttons
    return buttons.get(chat_id) or buttons.get(0) or {"type": "commands"}


def _pair(noun: str, field: str, parameter: str, most: int) -> tuple[Method, Method]:
    language = words("language_code")
    return (
        Method(f"setMy{noun}", _setter(field, parameter, most), language | {parameter}),
        Method(f"getMy{noun}", _getter(field, parameter), language),
    )


_SCOPED = words("scope language_code")
METHODS = (
    Method("setMyCommands", set_my_commands, _SCOPED | {"commands"}),
    Method("getMyCommands", get_my_commands, _SCOPED),
    Method("deleteMyCommands", delete_my_commands, _SCOPED),
    *_pair("Name", "names", "name", BOT_NAME_LENGTH),
    *_pair("Description", "descriptions", "description", BOT_DESCRIPTION_LENGTH),
    *_pair(
        "ShortDescription",
        "short_descriptions",
        "short_description",
        BOT_SHORT_DESCRIPTION_LENGTH,
    ),
    Method("setChatMenuButton", set_chat_menu_button, words("chat_id menu_button")),
    Method("getChatMenuButton", get_chat_menu_button, words("chat_id")),
)
