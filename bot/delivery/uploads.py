"""Without this module a file would be uploaded again and again, or sent as a blob's hash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from storage.blobs import BlobsDrawer
from storage.database import Database
from storage.outbox import Form

Files = dict[str, tuple[str, bytes]]
FileIds = Callable[[Any], tuple[tuple[str, str], ...]]


async def prepared(database: Database, form: Form) -> tuple[dict[str, Any], Files | None, FileIds]:
    """Parameters as Telegram takes them, the files to upload with them, and a function that finds
    in Telegram's answer the ``file_id`` of each uploaded blob: (hash, file_id)."""
    references = list(_blobs_in(form.params))
    if not references:
        return dict(form.params), None, lambda _result: ()
    files: Files = {}
    known: dict[str, str] = {}
    async with database.reading() as unit:
        for name in references:
            blob = await BlobsDrawer(unit).find(name)
            if blob is None:
                raise LookupError(f"a promise names a file that is not stored: {name}")
            if blob.file_id is not None:
                known[name] = blob.file_id
            else:
                files[name] = (blob.filename, blob.content)
    params = _with_files(dict(form.params), known)
    return params, files or None, lambda result: _file_ids(references, files, result)


def _blobs_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"blob"}:
            yield value["blob"]
            return
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _blobs_in(each)


def _with_files(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"blob"}:
            name = value["blob"]
            return known.get(name, f"attach://{name}")
        return {key: _with_files(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_files(each, known) for each in value]
    return value


def _file_ids(references: list[str], files: Files, result: Any) -> tuple[tuple[str, str], ...]:
    messages = result if isinstance(result, list) else [result]
    found = [file_id for message in messages if (file_id := _file_id_of(message)) is not None]
    if len(found) != len(references):
        return ()
    return tuple(pair for pair in zip(references, found, strict=True) if pair[0] in files)


def _file_id_of(message: Any) -> str | None:
    if not isinstance(message, dict):
        return None
    for kind in ("document", "photo", "video", "audio", "voice", "animation", "sticker"):
        held = message.get(kind)
        if isinstance(held, list) and held:
            held = held[-1]
        if isinstance(held, dict) and isinstance(held.get("file_id"), str):
            return str(held["file_id"])
    return None
