"""Without this module nobody could send the bot a giveaway, and it would meet its first one in the
field.

Every kind of message people or Telegram itself can put into a chat, with content that is good
enough to parse when only the kind is named.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from bot.simulator import views
from bot.simulator.errors import ControlError
from bot.simulator.limits import DICE, words
from bot.simulator.methods.media import MIME_TYPES, describe
from bot.simulator.parameters import Upload
from bot.simulator.polls import poll
from bot.simulator.world import Chat, Person, World

#: Kinds that may have a caption.
CAPTIONED = words("photo video animation audio document voice paid_media")
_FILE_NAMES = {
    "photo": "photo.jpg",
    "video": "video.mp4",
    "animation": "animation.mp4",
    "audio": "song.mp3",
    "voice": "voice.ogg",
    "video_note": "round.mp4",
    "sticker": "sticker.webp",
    "document": "document.pdf",
}
#: The size told of a file whose bytes were not given.
_SAID_BYTES = 1024

Maker = Callable[[World, Chat, Person], Any]


def _poll(world: World, _chat: Chat, _person: Person) -> dict[str, Any]:
    return poll(world.next_poll(), "When?", ("Morning", "Evening"))


def _giveaway(world: World, chat: Chat, _person: Person) -> dict[str, Any]:
    return {
        "chats": [views.chat(chat)],
        "winners_selection_date": world.now() + 86400,
        "winner_count": 1,
    }


def _winners(world: World, chat: Chat, person: Person) -> dict[str, Any]:
    return {
        "chat": views.chat(chat),
        "giveaway_message_id": 1,
        "winners_selection_date": world.now(),
        "winner_count": 1,
        "winners": [views.user(person)],
    }


def _always(value: Any) -> Maker:
    """The same content whoever sends it."""
    return lambda _world, _chat, _person: value


_INVOICE = {
    "title": "Invoice",
    "description": "What is to be paid",
    "start_parameter": "pay",
    "currency": "EUR",
    "total_amount": 100,
}
_PAYMENT = {
    "currency": "EUR",
    "total_amount": 100,
    "invoice_payload": "payload",
    "telegram_payment_charge_id": "1",
    "provider_payment_charge_id": "1",
}
_STICKER = {
    "type": "regular",
    "file_id": "SimGiftSticker",
    "file_unique_id": "SimGift",
    "width": 512,
    "height": 512,
    "is_animated": False,
    "is_video": False,
}
_PLACE = {"latitude": 30.0005, "longitude": 100.0005}
_GIFT = {"gift": {"id": "1", "sticker": _STICKER, "star_count": 15}}
_BACKGROUND = {
    "type": {
        "type": "fill",
        "fill": {"type": "solid", "color": 255},
        "dark_theme_dimming": 10,
    }
}

#: Kinds without a file that people send.
SENT: dict[str, Maker] = {
    "contact": _always({"phone_number": "+8610000000009", "first_name": "Contact"}),
    "location": _always(_PLACE),
    "venue": _always({"location": _PLACE, "title": "Market", "address": "1 Binjiang Road"}),
    "poll": _poll,
    "dice": lambda world, _chat, _person: {
        "emoji": "🎲",
        "value": world.chance.randint(1, DICE["🎲"]),
    },
    "story": lambda _world, chat, _person: {"chat": views.chat(chat), "id": 1},
    "game": _always({"title": "Game", "description": "A game", "photo": []}),
    "checklist": _always({"title": "To bring", "tasks": [{"id": 1, "text": "Passport"}]}),
    "paid_media": _always({"star_count": 5, "paid_media": [{"type": "preview"}]}),
    "invoice": _always(_INVOICE),
    "giveaway": _giveaway,
    "giveaway_winners": _winners,
}
#: What Telegram itself puts into a chat: service messages.
SERVICE: dict[str, Maker] = {
    "new_chat_members": lambda _world, _chat, person: [views.user(person)],
    "left_chat_member": lambda _world, _chat, person: views.user(person),
    "new_chat_title": _always("New title"),
    "delete_chat_photo": _always(True),
    "group_chat_created": _always(True),
    "supergroup_chat_created": _always(True),
    "message_auto_delete_timer_changed": _always({"message_auto_delete_time": 86400}),
    "successful_payment": _always(_PAYMENT),
    "refunded_payment": _always({**_PAYMENT, "currency": "XTR", "provider_payment_charge_id": ""}),
    "users_shared": lambda _world, _chat, person: {
        "request_id": 1,
        "users": [{"user_id": person.id}],
    },
    "chat_shared": lambda _world, chat, _person: {"request_id": 1, "chat_id": chat.id},
    "connected_website": _always("example.org"),
    "write_access_allowed": _always({}),
    "proximity_alert_triggered": lambda world, _chat, person: {
        "traveler": views.user(person),
        "watcher": views.user(world.bot),
        "distance": 100,
    },
    "boost_added": _always({"boost_count": 1}),
    "chat_background_set": _always(_BACKGROUND),
    "forum_topic_created": _always({"name": "Topic", "icon_color": 7322096}),
    "forum_topic_edited": _always({"name": "Topic"}),
    "forum_topic_closed": _always({}),
    "forum_topic_reopened": _always({}),
    "general_forum_topic_hidden": _always({}),
    "general_forum_topic_unhidden": _always({}),
    "gift": _always(_GIFT),
    "giveaway_created": _always({}),
    "giveaway_completed": _always({"winner_count": 1}),
    "video_chat_scheduled": lambda world, _chat, _person: {"start_date": world.now() + 3600},
    "video_chat_started": _always({}),
    "video_chat_ended": _always({"duration": 60}),
    "video_chat_participants_invited": lambda _world, _chat, person: {
        "users": [views.user(person)]
    },
    "web_app_data": _always({"data": "{}", "button_text": "Open"}),
}
#: Everything that can be said, text included.
KINDS = frozenset({"text", *MIME_TYPES, *SENT, *SERVICE})


def kind_of(request: dict[str, Any]) -> str:
    """The one kind a request names; ``caption`` and the like belong to it."""
    named = [kind for kind in request if kind in KINDS and request[kind] is not None]
    if len(named) != 1:
        what = "more than one kind: " + ", ".join(sorted(named)) if named else "no kind"
        raise ControlError(f"a message needs text or one kind such as photo; this one has {what}")
    return named[0]


def content_of(
    world: World, chat: Chat, person: Person, kind: str, request: dict[str, Any]
) -> dict[str, Any]:
    """The content of a message of this kind; an object given as its value overrides what is
    made up, ``{}`` or ``true`` leaves it so."""
    given = request[kind]
    if kind in MIME_TYPES:
        content = {kind: _file(world, kind, request)}
        if kind == "animation":
            content["document"] = content[kind]
        return content
    made = (SENT.get(kind) or SERVICE[kind])(world, chat, person)
    if isinstance(made, dict) and isinstance(given, dict):
        made = {**made, **given}
    elif given is not True and given != {}:
        made = given
    content = {kind: made}
    if kind == "venue":
        content["location"] = made["location"]
    return content


def _file(world: World, kind: str, request: dict[str, Any]) -> Any:
    given = request[kind]
    details = given if isinstance(given, dict) else {}
    if isinstance(given, str):
        raise ControlError(f"{kind} is an object or true; its bytes go into content as base64")
    content = _bytes(request.get("content"))
    name = request.get("file_name") or _FILE_NAMES[kind]
    upload = Upload(name, request.get("mime_type") or MIME_TYPES[kind], content)
    size = int(details.get("file_size", 0)) or (0 if content else _SAID_BYTES)
    return describe(world.files, kind, upload, {} if kind == "photo" else details, size=size)


def _bytes(content: Any) -> bytes:
    if content is None:
        return b""
    try:
        return base64.b64decode(str(content).rpartition("base64,")[2], validate=True)
    except ValueError:  # binascii.Error is one, letters beyond ASCII are another
        raise ControlError("content is not base64") from None
