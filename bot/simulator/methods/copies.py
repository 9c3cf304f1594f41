"""Without this module a resident's message could not reach the officer as it is: copying and
forwarding."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from bot.simulator import views
from bot.simulator.errors import bad_request
from bot.simulator.limits import MANY_MESSAGES, words
from bot.simulator.methods.method import Method
from bot.simulator.parameters import Call
from bot.simulator.sending import CAPTION, SEND, Target, chat_named, put, read_caption, read_target
from bot.simulator.telegram import Telegram
from bot.simulator.world import Chat, Message, World

#: What Telegram copies; everything else is a service, paid or special message.
COPYABLE = words(
    "text photo video animation audio document voice video_note sticker contact location venue poll"
    " dice story game checklist"
)
_WITH_CAPTION = words("photo video animation audio document voice")
_CAPTION_FIELDS = ("caption", "caption_entities", "show_caption_above_media")


def copy_message(telegram: Telegram, call: Call) -> dict[str, int]:
    """One message again, without its author."""
    source = _source(telegram, call, "copy")
    target = read_target(telegram, call)
    _check_copyable(source)
    content = _recaptioned(call, source) if call.given("caption") else source.content
    return {"message_id": put(telegram, target, source.kind, content).id}


def copy_messages(telegram: Telegram, call: Call) -> list[dict[str, int]]:
    """Many messages again, albums kept; those that cannot be copied are passed over."""
    sources, target = _many(telegram, call)
    sources = [source for source in sources if is_copyable(source)]
    if not sources:
        raise bad_request("there are no messages to copy")
    remove_caption = call.flag("remove_caption")
    contents = [_bare(source) if remove_caption else source.content for source in sources]
    albums = _new_albums(telegram.world, sources)
    return [
        {"message_id": put(telegram, target, source.kind, content, album=album).id}
        for source, content, album in zip(sources, contents, albums, strict=True)
    ]


def forward_message(telegram: Telegram, call: Call) -> dict[str, Any]:
    """One message again, with its author."""
    source = _source(telegram, call, "forward")
    target = read_target(telegram, call)
    _check_forwardable(source)
    return views.message(_forward(telegram, target, source, None))


def forward_messages(telegram: Telegram, call: Call) -> list[dict[str, int]]:
    """Many messages again, with their authors."""
    sources, target = _many(telegram, call)
    sources = [source for source in sources if is_copyable(source) and not source.is_protected]
    if not sources:
        raise bad_request("there are no messages to forward")
    albums = _new_albums(telegram.world, sources)
    return [
        {"message_id": _forward(telegram, target, source, album).id}
        for source, album in zip(sources, albums, strict=True)
    ]


def is_copyable(message: Message) -> bool:
    """Whether Telegram would copy it."""
    if message.kind == "poll":
        poll = message.content["poll"]
        return poll["type"] != "quiz" or "correct_option_ids" in poll
    return message.kind in COPYABLE


def _check_copyable(message: Message) -> None:
    if not is_copyable(message):
        raise bad_request("message can't be copied")


def _check_forwardable(message: Message) -> None:
    if message.kind not in COPYABLE or message.is_protected:
        raise bad_request("message can't be forwarded")


def _source(telegram: Telegram, call: Call, doing: str) -> Message:
    chat = chat_named(telegram, call, "from_chat_id")
    message = chat.messages.get(call.integer("message_id"))
    if message is None:
        raise bad_request(f"message to {doing} not found")
    return message


def _many(telegram: Telegram, call: Call) -> tuple[list[Message], Target]:
    chat = chat_named(telegram, call, "from_chat_id")
    ids = call.array("message_ids") or []
    if not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) not in MANY_MESSAGES:
        raise bad_request("too many message identifiers specified")
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in ids):
        raise bad_request("message_ids must be of type Array of Integer")
    if any(later <= earlier for earlier, later in pairwise(ids)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    return _existing(chat, ids), read_target(telegram, call, count=len(ids))


def _existing(chat: Chat, ids: list[int]) -> list[Message]:
    return [message for one in ids if (message := chat.messages.get(one)) is not None]


def _new_albums(world: World, sources: list[Message]) -> list[str | None]:
    """A new album id for each old one, so that albums stay together and apart."""
    renamed: dict[str, str] = {}
    albums: list[str | None] = []
    for source in sources:
        old = source.media_group_id
        if old is not None and old not in renamed:
            renamed[old] = world.next_album()
        albums.append(renamed[old] if old is not None else None)
    return albums


def _recaptioned(call: Call, source: Message) -> dict[str, Any]:
    if source.kind not in _WITH_CAPTION:
        return source.content
    return {**_bare(source), **read_caption(call)}


def _bare(source: Message) -> dict[str, Any]:
    if source.kind not in _WITH_CAPTION:
        return source.content
    return {name: value for name, value in source.content.items() if name not in _CAPTION_FIELDS}


def _forward(telegram: Telegram, target: Target, source: Message, album: str | None) -> Message:
    origin = source.origin or {
        "type": "user",
        "date": source.date,
        "sender_user": views.user(source.sender),
    }
    return put(telegram, target, source.kind, source.content, album=album, origin=origin)


_FORWARD = words(
    "chat_id message_thread_id from_chat_id disable_notification protect_content message_effect_id"
    " video_start_timestamp"
)
METHODS = (
    Method(
        "copyMessage",
        copy_message,
        SEND | CAPTION | words("from_chat_id message_id video_start_timestamp"),
    ),
    Method(
        "copyMessages",
        copy_messages,
        words(
            "chat_id message_thread_id from_chat_id message_ids disable_notification"
            " protect_content remove_caption"
        ),
    ),
    Method("forwardMessage", forward_message, _FORWARD | {"message_id"}),
    Method("forwardMessages", forward_messages, _FORWARD | {"message_ids"}),
)
