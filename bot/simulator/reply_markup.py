"""Without this module a keyboard Telegram refuses would look fine here.

`read_markup` takes the reply_markup of a call and tells the inline keyboard from the one under the
writing field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.simulator.entities import utf16_length
from bot.simulator.errors import BotApiError, bad_request
from bot.simulator.limits import (
    BUTTONS,
    BUTTONS_IN_A_ROW,
    CALLBACK_DATA_BYTES,
    COPY_TEXT_LENGTH,
    PLACEHOLDER_LENGTH,
    words,
)
from bot.simulator.parameters import Call
from bot.simulator.world import Chat

_INLINE_ACTIONS = words(
    "callback_data url web_app login_url switch_inline_query switch_inline_query_current_chat "
    "switch_inline_query_chosen_chat copy_text callback_game pay"
)
_INLINE_OTHER = words("text style icon_custom_emoji_id")
_REPLY_ACTIONS = words(
    "request_users request_chat request_contact request_location request_poll "
    "request_managed_bot web_app"
)
_REPLY_FIELDS = words(
    "keyboard is_persistent resize_keyboard one_time_keyboard input_field_placeholder selective"
)
_URL_SCHEMES = words("http https tg ton")


@dataclass(frozen=True, slots=True)
class Markup:
    """What a reply_markup turned out to be; both are None when there was none."""

    inline: dict[str, Any] | None = None
    #: A reply keyboard, its removal, or a forced reply.
    reply: dict[str, Any] | None = None


_NONE = Markup()


def read_markup(call: Call, chat: Chat) -> Markup:
    """The reply_markup of a message to be sent, checked."""
    if not call.given("reply_markup"):
        return _NONE
    given = call.structure("reply_markup")
    if not isinstance(given, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in given:
        return Markup(inline=_inline(given, chat))
    return _below(given, chat)


def _below(given: dict[str, Any], chat: Chat) -> Markup:
    """What concerns the place under the writing field."""
    if "keyboard" in given:
        return Markup(reply=_keyboard(given, chat))
    if "remove_keyboard" in given:
        return Markup(reply={"remove_keyboard": True} if given["remove_keyboard"] else None)
    if "force_reply" in given:
        _check_placeholder(given)
        return Markup(reply=given if given["force_reply"] else None)
    if given:
        raise bad_request("can't parse reply markup: no known keyboard in it")
    return _NONE


def read_inline(call: Call, chat: Chat) -> dict[str, Any] | None:
    """The reply_markup of an edit: an inline keyboard or nothing."""
    markup = read_markup(call, chat)
    if markup.reply is not None:
        raise bad_request("inline keyboard expected")
    return markup.inline


def _inline(given: dict[str, Any], chat: Chat) -> dict[str, Any] | None:
    if given.keys() - {"inline_keyboard"}:
        raise bad_request("can't parse inline keyboard: unknown field in the markup")
    rows = _rows(given["inline_keyboard"], "inline keyboard")
    for row in rows:
        for button in row:
            _check_inline(button, chat)
    # An empty keyboard is none.
    return {"inline_keyboard": rows} if rows else None


def _rows(given: Any, what: str) -> list[list[Any]]:
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise bad_request(f"can't parse {what}: expected an Array of Arrays of buttons")
    rows = [row for row in given if row]
    if sum(map(len, rows)) > BUTTONS or any(len(row) > BUTTONS_IN_A_ROW for row in rows):
        raise bad_request("reply markup is too long")
    return rows


def _check_inline(button: Any, chat: Chat) -> None:
    text = button.get("text") if isinstance(button, dict) else None
    if not isinstance(text, str):
        raise _inline_error('can\'t find field "text"')
    if not text.strip():
        raise _inline_error("button text must be non-empty")
    actions = [name for name in button if name in _INLINE_ACTIONS]
    if button.keys() - _INLINE_ACTIONS - _INLINE_OTHER:
        raise _inline_error("unknown field (refused by the simulator only)")
    if not actions:
        raise _inline_error("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    _check_action(actions[0], button[actions[0]], chat)


def _check_action(name: str, value: Any, chat: Chat) -> None:
    if name == "callback_data":
        is_good = (
            isinstance(value, str)
            and 0 < len(value.encode("utf-8", "surrogatepass")) <= CALLBACK_DATA_BYTES
        )
        if not is_good:
            raise bad_request("BUTTON_DATA_INVALID")
    elif name == "url":
        _check_url(value)
    elif name == "web_app":
        if not chat.is_private:
            raise bad_request("BUTTON_TYPE_INVALID")
        url = value.get("url") if isinstance(value, dict) else None
        if not isinstance(url, str) or not url.startswith("https://"):
            raise bad_request("BUTTON_URL_INVALID")
    elif name == "copy_text":
        _check_copy_text(value)


def _check_copy_text(value: Any) -> None:
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str) or not 0 < utf16_length(text) <= COPY_TEXT_LENGTH:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _check_url(url: Any) -> None:
    if not isinstance(url, str) or not url:
        raise bad_request("BUTTON_URL_INVALID")
    try:
        parts = urlsplit(url if ":" in url else f"http://{url}")
    except ValueError:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong URL") from None
    if parts.scheme not in _URL_SCHEMES:
        raise bad_request(
            f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol"
        )
    host = parts.hostname or ""
    if parts.scheme in ("http", "https") and "." not in host:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _keyboard(given: dict[str, Any], chat: Chat) -> dict[str, Any]:
    if given.keys() - _REPLY_FIELDS:
        raise bad_request("can't parse reply keyboard: unknown field in the markup")
    rows = [
        [{"text": button} if isinstance(button, str) else button for button in row]
        for row in _rows(given["keyboard"], "reply keyboard")
    ]
    for row in rows:
        for button in row:
            _check_reply(button, chat)
    if not rows:
        raise bad_request("reply keyboard must have at least one button")
    _check_placeholder(given)
    return {**given, "keyboard": rows}


def _check_reply(button: Any, chat: Chat) -> None:
    text = button.get("text") if isinstance(button, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise bad_request("can't parse reply keyboard: button text must be non-empty")
    actions = [name for name in button if name in _REPLY_ACTIONS]
    if button.keys() - _REPLY_ACTIONS - _INLINE_OTHER:
        raise bad_request("can't parse reply keyboard button: unknown field")
    if len(actions) > 1 or (actions and not chat.is_private):
        raise bad_request("BUTTON_TYPE_INVALID")


def _check_placeholder(given: dict[str, Any]) -> None:
    placeholder = given.get("input_field_placeholder", "")
    if not isinstance(placeholder, str):
        raise bad_request("can't parse reply markup: input_field_placeholder must be a String")
    if utf16_length(placeholder) > PLACEHOLDER_LENGTH:
        raise bad_request("input field placeholder is too long")


def _inline_error(what: str) -> BotApiError:
    return bad_request(f"can't parse inline keyboard button: {what}")
