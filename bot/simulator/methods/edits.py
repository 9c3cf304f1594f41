"""Without this module a receipt could not change from *kept* to *answered*: editing the bot's own
messages."""

from __future__ import annotations

from typing import Any

from bot.simulator import views
from bot.simulator.errors import bad_request
from bot.simulator.limits import words
from bot.simulator.methods.media import read_input_media
from bot.simulator.methods.method import Method
from bot.simulator.methods.texts import read_location
from bot.simulator.parameters import Call
from bot.simulator.reply_markup import read_inline
from bot.simulator.sending import (
    CAPTION,
    chat_named,
    check_writable,
    read_caption,
    read_text,
    text_content,
)
from bot.simulator.telegram import Telegram
from bot.simulator.world import Message

_WITH_CAPTION = words("photo video animation audio document voice")
_MEDIA = words("photo video animation audio document")
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def edit_message_text(telegram: Telegram, call: Call) -> dict[str, Any]:
    """New words for a text message."""
    text, entities = read_text(call)
    message = _editable(telegram, call)
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _revise(telegram, call, message, text_content(text, entities))


def edit_message_caption(telegram: Telegram, call: Call) -> dict[str, Any]:
    """New words under a picture."""
    caption = read_caption(call)
    message = _editable(telegram, call)
    if message.kind not in _WITH_CAPTION:
        raise bad_request("there is no caption in the message to edit")
    return _revise(
        telegram, call, message, {message.kind: message.content[message.kind], **caption}
    )


def edit_message_reply_markup(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Other buttons, the rest as it is."""
    message = _editable(telegram, call)
    return _revise(telegram, call, message, message.content)


def edit_message_media(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Another picture."""
    given = call.record("media")
    if given is None:
        raise bad_request("input media is not specified")
    kind, content = read_input_media(telegram, call, given)
    message = _editable(telegram, call)
    if message.kind not in _MEDIA and message.kind != "text":
        raise bad_request("message can't be edited")
    message.kind = kind
    return _revise(telegram, call, message, content)


def edit_message_live_location(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Where somebody is now."""
    location = read_location(call)
    message = _editable(telegram, call)
    if "live_period" not in message.content.get("location", ()):
        raise bad_request("message can't be edited")
    period = message.content["location"]["live_period"]
    return _revise(telegram, call, message, {"location": {"live_period": period, **location}})


def _editable(telegram: Telegram, call: Call) -> Message:
    if call.given("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = chat_named(telegram, call)
    check_writable(chat)
    message_id = call.integer("message_id", 0)
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if not message.is_from_bot or message.reply_keyboard is not None or message.origin is not None:
        raise bad_request("message can't be edited")
    telegram.flood.check(chat)
    return message


def _revise(
    telegram: Telegram, call: Call, message: Message, content: dict[str, Any]
) -> dict[str, Any]:
    markup = read_inline(call, message.chat)
    if content == message.content and markup == message.markup:
        raise bad_request(_NOT_MODIFIED)
    message.revise(content, markup=markup, edited_at=telegram.world.now())
    telegram.tell("edit", message)
    return views.message(message)


_WHICH = words("chat_id message_id inline_message_id reply_markup")
METHODS = (
    Method(
        "editMessageText",
        edit_message_text,
        _WHICH | words("text parse_mode entities link_preview_options"),
    ),
    Method("editMessageCaption", edit_message_caption, _WHICH | CAPTION),
    Method("editMessageReplyMarkup", edit_message_reply_markup, _WHICH),
    Method("editMessageMedia", edit_message_media, _WHICH | {"media"}),
    Method(
        "editMessageLiveLocation",
        edit_message_live_location,
        _WHICH
        | words(
            "latitude longitude live_period horizontal_accuracy heading proximity_alert_radius"
        ),
    ),
)
