"""Without this module an album could not be answered to a card: sendMediaGroup."""

from __future__ import annotations

from typing import Any

from bot.simulator import views
from bot.simulator.errors import bad_request
from bot.simulator.limits import ALBUM_ITEMS, words
from bot.simulator.methods.media import read_input_media
from bot.simulator.methods.method import Method
from bot.simulator.parameters import Call
from bot.simulator.sending import SEND, put, read_target
from bot.simulator.telegram import Telegram

#: Kinds that go together; a file or a song only with its like.
_TOGETHER = (words("photo video"), words("document"), words("audio"))


def send_media_group(telegram: Telegram, call: Call) -> list[dict[str, Any]]:
    """Two to ten files that belong together."""
    given = call.array("media") or []
    if len(given) not in ALBUM_ITEMS:
        few = len(given) < ALBUM_ITEMS.start
        raise bad_request(f"too {'few' if few else 'many'} messages to send as an album")
    if not all(isinstance(item, dict) for item in given):
        raise bad_request("can't parse InputMedia: expected an Object")
    items = [read_input_media(telegram, call, item) for item in given]
    kinds = {kind for kind, _ in items}
    if not any(kinds <= together for together in _TOGETHER):
        raise bad_request("can't use the media of the specified type in the album")
    target = read_target(telegram, call, count=len(items))
    album = telegram.world.next_album()
    return [
        views.message(put(telegram, target, kind, content, album=album)) for kind, content in items
    ]


METHODS = (Method("sendMediaGroup", send_media_group, (SEND - {"reply_markup"}) | {"media"}),)
