"""Without this module what people type could break storage, and an odd update the whole chat.

The update in a letter: read, cleaned, and whose it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.delivery.dispatcher import UnreadableLetterError


def parsed(payload: bytes) -> Mapping[str, Any]:
    """The update in a stored payload, fit for storage and for sending again: lone surrogates and
    NUL, which people can type, are replaced. Raises `UnreadableLetterError`."""
    try:
        raw = orjson.loads(payload)
        if b"\\u0000" in payload:
            raw = _cleaned(raw)
    except orjson.JSONDecodeError:
        raw = _cleaned(_lenient(payload))
    if not isinstance(raw, Mapping):
        raise UnreadableLetterError("not an object")
    return raw


def _lenient(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError as error:
        raise UnreadableLetterError("not JSON") from error


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return (
            value.replace("\x00", "\ufffd")
            .encode("utf-16", "surrogatepass")
            .decode("utf-16", "replace")
        )
    if isinstance(value, Mapping):
        return {_cleaned(key): _cleaned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return value


def update_from(raw: Mapping[str, Any], bot: ExtBot[None]) -> Update:
    try:
        return Update.de_json(dict(raw), bot)
    except (TelegramError, TypeError, KeyError, ValueError, AttributeError, OverflowError) as error:
        raise UnreadableLetterError(f"{type(error).__name__} while parsing") from error


def kind_of(raw: Mapping[str, Any]) -> str:
    """What kind of update this is, by its key."""
    return next((key for key in raw if key != "update_id"), "nothing")


def private_user(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Who wrote or pressed in a private chat; None for groups, channels and unknown kinds."""
    content = raw.get(kind_of(raw))
    if not isinstance(content, Mapping):
        return None
    user = content.get("from")
    if not isinstance(user, Mapping) or not isinstance(user.get("id"), int) or user.get("is_bot"):
        return None
    place = content.get("message", content) if "data" in content else content
    chat = place.get("chat") if isinstance(place, Mapping) else None
    if isinstance(chat, Mapping) and chat.get("type") != "private":
        return None
    return user
