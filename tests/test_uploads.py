"""Uploads: a file goes over the line once, whoever gets it and however often."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import Clock
from storage.blobs import UNUSED_KEPT, BlobsDrawer
from storage.database import Database
from storage.outbox import Form, Lane, Promise
from tests.sending import Desk, desk, message

CROWD = tuple(range(101, 121))
POSTER = b"\x89PNG the poster"


@pytest.fixture
async def here(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    """A sender at work; twenty people have opened the bot."""
    async with desk(database, clock) as opened:
        opened.knows(*CROWD)
        yield opened


async def kept(here: Desk, content: bytes = POSTER) -> str:
    """A file is stored; its name."""
    async with here.database.unit() as unit:
        return BlobsDrawer(unit).keep(content, "poster.png", here.clock.now())


def document(chat_id: int, name: str, **terms: Any) -> Callable[[int], Promise]:
    """A promise to send the file."""
    form = Form("sendDocument", {"chat_id": chat_id, "document": {"blob": name}})
    return lambda n: replace(message(chat_id, "", lane=Lane.BROADCAST, **terms)(n), form=form)


def uploads(here: Desk) -> int:
    """How often the file went over the line."""
    return sum("upload of" in str(call.params) for call in here.calls())


def files(here: Desk, chat_id: int) -> list[str]:
    """The files in a chat, by Telegram's name."""
    chat = here.telegram.telegram.world.chats[chat_id]
    return [
        each.content["document"]["file_id"]
        for each in chat.messages.values()
        if "document" in each.content
    ]


async def test_a_file_for_many_is_uploaded_once(here: Desk) -> None:
    """The first call brings it, all others name it: they wait for that moment."""
    name = await kept(here)
    here.faults(latency_ms=20)
    await here.promises(*(document(chat_id, name) for chat_id in CROWD))
    await here.until_over()
    assert uploads(here) == 1
    assert len({file_id for chat_id in CROWD for file_id in files(here, chat_id)}) == 1


async def test_a_file_is_named_after_a_restart_and_for_what_was_promised_before(
    here: Desk,
) -> None:
    """Telegram's name for it is on file with the first outcome."""
    name = await kept(here)
    later = here.clock.now() + timedelta(hours=1)
    await here.promises(document(CROWD[0], name), document(CROWD[1], name, not_before=later))
    await here.until(lambda: _is(bool(files(here, CROWD[0]))))
    await here.closes()
    here.opens()
    here.clock.shift(timedelta(hours=1))
    await here.until_over()
    assert uploads(here) == 1
    assert files(here, CROWD[0]) == files(here, CROWD[1])


async def _is(fact: bool) -> bool:
    return fact


async def test_when_the_first_upload_fails_the_next_one_brings_it(here: Desk) -> None:
    """Nobody waits for an upload that did not succeed."""
    name = await kept(here)
    here.faults(next=[{"method": "sendDocument", "error_code": 502}])
    await here.promises(*(document(chat_id, name) for chat_id in CROWD[:3]))
    await here.until_over()
    assert uploads(here) == 2
    assert all(len(files(here, chat_id)) == 1 for chat_id in CROWD[:3])


async def test_a_name_that_telegram_knows_no_more_is_forgotten(here: Desk) -> None:
    """Another token, another bot: the file is uploaded again instead of being given up."""
    name = await kept(here)
    async with here.database.unit() as unit:
        BlobsDrawer(unit).note_file_id(name, "the other bot's name")
    [number] = await here.promises(document(CROWD[0], name))
    await here.until_over()
    assert (await here.rows())[number]["state"] == "sent"
    assert uploads(here) == 1
    async with here.database.reading() as unit:
        blob = await BlobsDrawer(unit).find(name)
    assert blob is not None
    assert [blob.file_id] == files(here, CROWD[0])


async def test_an_album_brings_its_files_and_names_them_afterwards(here: Desk) -> None:
    """Each item by its own name, in its own place."""
    names = [await kept(here, POSTER + bytes([n])) for n in range(3)]
    media = [{"type": "document", "media": {"blob": name}} for name in names]

    def album(chat_id: int) -> Callable[[int], Promise]:
        form = Form("sendMediaGroup", {"chat_id": chat_id, "media": media})
        return lambda n: replace(message(chat_id, "")(n), form=form)

    await here.promises(album(CROWD[0]))
    await here.until_over()
    await here.promises(album(CROWD[1]))
    await here.until_over()
    assert uploads(here) == 1
    assert files(here, CROWD[0]) == files(here, CROWD[1])
    assert len(set(files(here, CROWD[0]))) == 3


async def test_a_file_that_nothing_waiting_names_is_forgotten(
    database: Database, clock: Clock
) -> None:
    """Files are personal data too; one that a further form still needs stays."""
    async with desk(database, clock) as here:
        await here.dies()
        waiting, other, unused = [await kept(here, bytes([n])) for n in range(3)]
        last_form = Form("sendDocument", {"chat_id": 1, "document": {"blob": other}})
        await here.promises(
            document(1, waiting), message(1, "words", otherwise=[last_form]), wake=False
        )
        async with here.database.unit() as unit:
            BlobsDrawer(unit).purge(clock.now() + UNUSED_KEPT + timedelta(seconds=1))
        async with here.database.reading() as unit:
            found = {name: await BlobsDrawer(unit).find(name) for name in (waiting, other, unused)}
        assert found[waiting]
        assert found[other]
        assert found[unused] is None
        here.opens()
