"""Without this module a wrong face would stay in a thousand chats, two days after a recall too."""

from __future__ import annotations

import struct
import zlib
from datetime import timedelta

from bot.context import Desk
from storage.bulletins import BulletinOnFile, Delivery
from storage.outbox import Form, Lane

#: Telegram deletes a bot's messages in private chats for 48 hours; an hour for what is on its way.
DELETED_WITHIN = timedelta(hours=47)
#: The edge of the grey square that takes a picture's place, in pixels: Telegram takes far smaller
#: ones, but phones show them as a smear.
BLANK_PIXELS = 64
_GREY = 0x99


def may_be_deleted(desk: Desk, delivery: Delivery) -> bool:
    """Whether Telegram still deletes what was delivered then."""
    since = delivery.delivered_at
    return since is None or desk.now - since < DELETED_WITHIN


async def take_pictures_away(
    desk: Desk, found: BulletinOnFile, delivery: Delivery, *, lane: Lane
) -> None:
    """Delete the pictures of a recalled bulletin; later, put a grey square in the place of each."""
    first, chat_id = delivery.first_picture, delivery.recipient.chat_id
    if first is None:
        return
    ids = list(range(first, first + len(found.bulletin.pictures)))
    if may_be_deleted(desk, delivery):
        params = {"chat_id": chat_id, "message_ids": ids}
        await desk.promise(Form("deleteMessages", params), lane=lane)
        return
    blank = desk.transaction.blobs.keep(_blank_picture(), "blank.png", desk.now)
    caption = desk.words_in(delivery.recipient.language).plain("Taken back.")
    media = {"type": "photo", "media": {"blob": blank}, "caption": caption}
    for message_id in ids:
        place = {"chat_id": chat_id, "message_id": message_id}
        await desk.promise(Form("editMessageMedia", {**place, "media": media}), lane=lane)


def _blank_picture() -> bytes:
    """A grey square as PNG (ISO/IEC 15948): the smallest file that every phone shows."""
    row = b"\0" + bytes([_GREY]) * BLANK_PIXELS
    header = struct.pack(">IIBBBBB", BLANK_PIXELS, BLANK_PIXELS, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(row * BLANK_PIXELS)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
