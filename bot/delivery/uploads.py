"""Without this module a file would be uploaded again and again, or sent as a blob's hash."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from storage.blobs import BlobsDrawer
from storage.bulletins import PayloadsDrawer
from storage.database import Database
from storage.outbox import PAYLOAD, Form

Files = dict[str, tuple[str, bytes]]
#: Pairs of a blob's hash and what Telegram calls the file (None: it knows that name no more).
FileIds = Sequence[tuple[str, str | None]]

#: Uploaded files whose ids are remembered; the others are read from the file.
IDS_REMEMBERED = 256
#: Shared parameters that are remembered: a few bulletins in a few languages.
PAYLOADS_REMEMBERED = 64


class FileMissingError(Exception):
    """A promise names a file, or shared parameters, that are not on file (any more)."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A form as Telegram takes it. ``known``: the files that are named by their ids."""

    params: dict[str, Any]
    files: Files | None = None
    references: Sequence[str] = ()
    known: Sequence[str] = ()


@dataclass(slots=True)
class _Turn:
    """Who uploads a file now, and how many calls have it or wait for it: between two of them the
    lock is open, and a third one that found none would upload beside the second."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class Uploads:
    """Puts files into calls: each is uploaded by one call, and named by its id from then on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._uploading: dict[str, _Turn] = {}
        self._ids: OrderedDict[str, str] = OrderedDict()
        self._payloads: OrderedDict[str, Mapping[str, Any]] = OrderedDict()

    @asynccontextmanager
    async def prepared(self, form: Form) -> AsyncIterator[Upload]:
        """The form with its files. While one call uploads a file, others with the same file wait
        here and then name it. Raises FileMissingError, StorageError."""
        params = await self._with_payload(form.params)
        references = list(dict.fromkeys(_blobs_in(params)))
        if not references:
            yield Upload(params)
            return
        known = await self._known(references)
        async with AsyncExitStack() as turns:
            # In one order, or two albums would wait for each other.
            for name in sorted(set(references) - known.keys()):
                await turns.enter_async_context(self._turn(name))
            known |= {name: self._ids[name] for name in references if name in self._ids}
            files = await self._contents([name for name in references if name not in known])
            params = _with_files(params, known)
            yield Upload(params, files or None, references, list(known))

    async def _with_payload(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters with those that they share with others by a name."""
        own = dict(params)
        name = own.pop(PAYLOAD, None)
        if name is None:
            return own
        if name not in self._payloads:
            async with self._database.reading() as unit:
                found = await PayloadsDrawer(unit).find(name)
            if found is None:
                raise FileMissingError(f"no such payload: {name}")
            self._payloads[name] = found
            if len(self._payloads) > PAYLOADS_REMEMBERED:
                self._payloads.popitem(last=False)
        return {**self._payloads[name], **own}

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        turn = self._uploading.setdefault(name, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.wanted -= 1
            if turn.wanted == 0:
                del self._uploading[name]

    async def _known(self, names: list[str]) -> dict[str, str]:
        """The ids of those that Telegram has, from memory or from the file."""
        asked = [name for name in names if name not in self._ids]
        if asked:
            async with self._database.reading() as unit:
                self._remember(await BlobsDrawer(unit).file_ids(asked))
        return {name: self._ids[name] for name in names if name in self._ids}

    async def _contents(self, names: list[str]) -> Files:
        files: Files = {}
        if names:
            async with self._database.reading() as unit:
                for name in names:
                    blob = await BlobsDrawer(unit).find(name)
                    if blob is None:
                        raise FileMissingError(f"no such file: {name}")
                    files[name] = (blob.filename, blob.content)
        return files

    def learn(self, upload: Upload, result: Any) -> FileIds:
        """The ids of what was uploaded, found in Telegram's answer."""
        if upload.files is None:
            return ()
        found = dict(_file_ids(upload.references, upload.files, result))
        self._remember(found)
        return tuple(found.items())

    def unlearn(self, upload: Upload) -> FileIds:
        """Telegram knows no file by one of the ids: all are uploaded again."""
        for name in upload.known:
            self._ids.pop(name, None)
        return tuple((name, None) for name in upload.known)

    def _remember(self, ids: Mapping[str, str]) -> None:
        self._ids.update(ids)
        while len(self._ids) > IDS_REMEMBERED:
            self._ids.popitem(last=False)


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


def _file_ids(references: Sequence[str], files: Files, result: Any) -> Iterator[tuple[str, str]]:
    messages = result if isinstance(result, list) else [result]
    found = [file_id for message in messages if (file_id := _file_id_of(message)) is not None]
    if len(found) == len(references):
        yield from (pair for pair in zip(references, found, strict=True) if pair[0] in files)


def _file_id_of(message: Any) -> str | None:
    if not isinstance(message, dict):
        return None
    # An animation carries a document too, with the same id.
    for kind in (
        "document", "photo", "video", "audio", "voice", "animation", "sticker", "video_note",
    ):  # fmt: skip
        held = message.get(kind)
        if isinstance(held, list) and held:
            held = held[-1]
        if isinstance(held, dict) and isinstance(held.get("file_id"), str):
            return str(held["file_id"])
    return None
