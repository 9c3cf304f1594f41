"""Without this module pictures and voices could not be sent: everything with a file."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from bot.simulator import views
from bot.simulator.errors import BotApiError, bad_request
from bot.simulator.files import FileStore, StoredFile
from bot.simulator.limits import (
    DOWNLOAD_BYTES,
    PHOTO_UPLOAD_BYTES,
    UPLOAD_BYTES,
    words,
)
from bot.simulator.methods.method import Method
from bot.simulator.parameters import Call, Upload
from bot.simulator.sending import CAPTION, SEND, put, read_caption, read_target
from bot.simulator.telegram import Telegram

#: What an upload of this kind is when it does not say so itself.
MIME_TYPES = {
    "photo": "image/jpeg",
    "video": "video/mp4",
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "video_note": "video/mp4",
    "sticker": "image/webp",
    "document": "application/octet-stream",
}
_CAPTIONED = words("photo video animation audio document voice")
#: What the end of a document's name says, whatever this machine knows.
_ENDINGS = mimetypes.MimeTypes(filenames=())
_ENDINGS.add_type("text/calendar", ".ics")
#: A photo comes in several sizes, the largest last.
_PHOTO_SIDES = (90, 320, 1280)
_INPUT_KINDS = words("photo video animation audio document")
_INPUT_FIELDS = CAPTION | words(
    "type media thumbnail cover start_timestamp has_spoiler width height duration performer title"
    " supports_streaming disable_content_type_detection"
)


def send_file(kind: str, telegram: Telegram, call: Call) -> dict[str, Any]:
    """One message with one file."""
    content = {kind: held(telegram, call, kind, call.values.get(kind), kind)}
    if kind in _CAPTIONED:
        content.update(read_caption(call))
    if kind == "animation":
        content["document"] = content[kind]
    return views.message(put(telegram, read_target(telegram, call), kind, content))


def read_input_media(
    telegram: Telegram, call: Call, given: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Kind and content of one InputMedia object."""
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in _INPUT_KINDS:
        raise bad_request("can't parse InputMedia: unsupported type")
    if unknown := given.keys() - _INPUT_FIELDS:
        raise bad_request(f"can't parse InputMedia: unknown field {', '.join(sorted(unknown))}")
    part = Call(call.method, given, call.uploads)
    content = {kind: held(telegram, part, kind, given.get("media"), "media")}
    return kind, {**content, **read_caption(part)}


def held(telegram: Telegram, call: Call, kind: str, value: Any, name: str) -> Any:
    """The Bot API object for a file given as an upload, an attachment or a file_id."""
    files = telegram.world.files
    upload = _upload(call, value, name)
    if upload is not None:
        _check_size(kind, upload)
        if kind == "document":
            # As tdlib does (MessageContent.cpp): the name decides, not what the upload claims.
            upload = replace(upload, mime_type=_ENDINGS.guess_type(upload.file_name)[0] or "")
        return describe(files, kind, upload, _details(call))
    if not isinstance(value, str) or not value:
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # there is no network behind us
    stored = files.get(value)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad_request("type of file mismatch")
    return describe_stored(files, stored, _details(call))


def _upload(call: Call, value: Any, name: str) -> Upload | None:
    if isinstance(value, str) and value.startswith("attach://"):
        upload = call.uploads.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad_request("can't find attached file")
        return upload
    return call.uploads.get(name) if value is None else None


def _check_size(kind: str, upload: Upload) -> None:
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > UPLOAD_BYTES:
        raise BotApiError(413, "Request Entity Too Large")
    if kind == "photo" and len(upload.content) > PHOTO_UPLOAD_BYTES:
        raise bad_request("file is too big")


def _details(call: Call) -> dict[str, Any]:
    details: dict[str, Any] = {
        name: value for name in ("performer", "title") if (value := call.text(name))
    }
    for name in ("duration", "width", "height", "length"):
        if call.given(name):
            details[name] = call.integer(name)
    return details


def describe(
    files: FileStore, kind: str, upload: Upload, details: dict[str, Any], *, size: int = 0
) -> Any:
    """Keep an upload and return its Bot API object."""
    mime_type = upload.mime_type or MIME_TYPES[kind]
    if kind == "photo":
        return _photo(files, upload, size)
    stored = files.add(kind, upload.content, name=upload.file_name, mime_type=mime_type, size=size)
    shown = _shown(stored, details)
    if kind in ("document", "video", "animation", "audio") and upload.file_name:
        shown["file_name"] = upload.file_name
    return shown


def describe_stored(files: FileStore, stored: StoredFile, details: dict[str, Any]) -> Any:
    """The Bot API object of a file that is already there, with the same id."""
    if stored.kind != "photo":
        return _shown(stored, details)
    side = _PHOTO_SIDES[-1]
    return [{**_shown(stored, {}), "width": side, "height": side * 3 // 4}]


def _photo(files: FileStore, upload: Upload, size: int) -> list[dict[str, Any]]:
    sizes = []
    for side in _PHOTO_SIDES:
        stored = files.add(
            "photo",
            upload.content,
            name=upload.file_name or "photo.jpg",
            mime_type=upload.mime_type or MIME_TYPES["photo"],
            size=size,
        )
        sizes.append({**_shown(stored, {}), "width": side, "height": side * 3 // 4})
    return sizes


def _shown(stored: StoredFile, details: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
    }
    if stored.kind in ("document", "video", "animation", "audio", "voice"):
        shown["mime_type"] = stored.mime_type
    return {**shown, **_REQUIRED.get(stored.kind, {}), **details}


#: Fields the Bot API always has, for files nobody looked into.
_REQUIRED: dict[str, dict[str, Any]] = {
    "video": {"width": 1280, "height": 720, "duration": 5},
    "animation": {"width": 320, "height": 240, "duration": 2},
    "audio": {"duration": 180},
    "voice": {"duration": 3},
    "video_note": {"length": 240, "duration": 5},
    "sticker": {
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
    },
}


def get_file(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Where a file can be downloaded, at most 20 MB."""
    stored = telegram.world.files.get(call.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if stored.size > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": stored.path,
    }


def _sender(kind: str) -> Callable[[Telegram, Call], dict[str, Any]]:
    return partial(send_file, kind)


_SIZE = words("duration width height")
METHODS = (
    Method("sendPhoto", _sender("photo"), SEND | CAPTION | words("photo has_spoiler")),
    Method(
        "sendVideo",
        _sender("video"),
        SEND
        | CAPTION
        | _SIZE
        | words("video thumbnail cover start_timestamp has_spoiler supports_streaming"),
    ),
    Method(
        "sendAnimation",
        _sender("animation"),
        SEND | CAPTION | _SIZE | words("animation thumbnail has_spoiler"),
    ),
    Method(
        "sendAudio",
        _sender("audio"),
        SEND | CAPTION | words("audio duration performer title thumbnail"),
    ),
    Method(
        "sendDocument",
        _sender("document"),
        SEND | CAPTION | words("document thumbnail disable_content_type_detection"),
    ),
    Method("sendVoice", _sender("voice"), SEND | CAPTION | words("voice duration")),
    Method(
        "sendVideoNote",
        _sender("video_note"),
        SEND | words("video_note duration length thumbnail"),
    ),
    Method("sendSticker", _sender("sticker"), SEND | words("sticker emoji")),
    Method("getFile", get_file, words("file_id")),
)
