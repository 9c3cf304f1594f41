"""The outbox: handlers write ordinary bot code, and every call becomes a promise in their
transaction."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from markupsafe import Markup
from telegram import InputMediaDocument, ReplyParameters
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.clock import Clock
from bot.delivery.outbox import Promising, promise_of, promising, promising_bot, terms
from storage.blobs import BlobsDrawer
from storage.database import Database, Row
from storage.outbox import Form, Lane, OutboxDrawer, PromiseNumbers

ANA = 101
ME = {"id": 123456, "is_bot": True, "first_name": "Beatline", "username": "beatline_bot"}


@dataclass
class Counter:
    """Where a handler stands: a bot, and the promises of one transaction after the other."""

    database: Database
    bot: ExtBot[None]
    numbers: PromiseNumbers

    @asynccontextmanager
    async def handling(self) -> AsyncIterator[Promising]:
        """One transaction."""
        await self.numbers.ensure()
        async with self.database.unit() as unit:
            promises = Promising(
                outbox=OutboxDrawer(unit),
                blobs=BlobsDrawer(unit),
                numbers=self.numbers,
                now=Clock().now(),
            )
            with promising(promises):
                yield promises

    async def rows(self) -> list[Row]:
        """What was promised, in order."""
        async with self.database.reading() as unit:
            return await unit.fetch("SELECT * FROM outbox ORDER BY id")

    async def params(self) -> list[dict[str, Any]]:
        """The parameters of each."""
        return [json.loads(row["params"]) for row in await self.rows()]


@pytest.fixture
async def counter(database: Database) -> AsyncIterator[Counter]:
    """A handler's place."""
    bot = promising_bot(ME)
    await bot.initialize()
    yield Counter(database, bot, PromiseNumbers(database))
    await bot.shutdown()


async def test_a_call_is_a_promise_and_later_calls_may_refer_to_it(counter: Counter) -> None:
    """The message has no number at Telegram yet: it has ours, and an edit keeps it."""
    async with counter.handling() as promises:
        sent = await counter.bot.send_message(ANA, Markup("<b>{}</b>").format("a < b"))
        edited = await counter.bot.edit_message_text("new", ANA, sent.message_id)
        await counter.bot.send_message(
            ANA, "reply", reply_parameters=ReplyParameters(sent.message_id)
        )
        assert promises.chats == {ANA: Lane.DIALOGUE}
    assert edited.message_id == sent.message_id
    number = promise_of(sent.message_id)
    first, edit, reply = await counter.rows()
    assert (first["id"], first["method"], first["needs"]) == (number, "sendMessage", None)
    assert (edit["method"], edit["needs"], reply["needs"]) == ("editMessageText", number, number)
    assert (await counter.params())[0]["text"] == "<b>a &lt; b</b>"


async def test_an_undone_handling_has_promised_nothing(counter: Counter) -> None:
    """The words leave with the facts they announce, or not at all."""

    async def handle() -> None:
        async with counter.handling():
            await counter.bot.send_message(ANA, "never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await handle()
    assert await counter.rows() == []


async def test_an_edit_waits_in_the_lane_of_what_it_changes(counter: Counter) -> None:
    """Also of what was promised in an earlier transaction; the sender looks there first."""
    async with counter.handling() as promises:
        alarm = await counter.bot.send_message(ANA, "alarm", api_kwargs=terms(lane=Lane.URGENT))
        news = await counter.bot.send_message(ANA, "news", api_kwargs=terms(lane=Lane.BROADCAST))
        await counter.bot.edit_message_text("alarm!", ANA, alarm.message_id)
        assert promises.chats == {ANA: Lane.URGENT}
    async with counter.handling() as promises:
        await counter.bot.edit_message_text("news!", ANA, news.message_id)
        assert promises.chats == {ANA: Lane.BROADCAST}
    assert [Lane(row["lane"]) for row in await counter.rows()] == [
        Lane.URGENT, Lane.BROADCAST, Lane.URGENT, Lane.BROADCAST,
    ]  # fmt: skip


async def test_the_newer_of_two_waiting_edits_takes_the_place_of_the_older(
    counter: Counter,
) -> None:
    """One call, with the last words."""
    async with counter.handling():
        sent = await counter.bot.send_message(ANA, "one")
        await counter.bot.edit_message_text("two", ANA, sent.message_id)
        await counter.bot.edit_message_text("three", ANA, sent.message_id)
    assert [each["text"] for each in await counter.params()] == ["one", "three"]


async def test_a_handler_can_promise_and_not_ask(counter: Counter) -> None:
    """Telegram may be away, and a transaction must not wait for it; who we are is known."""
    assert (await counter.bot.get_me()).username == "beatline_bot"
    async with counter.handling():
        with pytest.raises(TelegramError):
            await counter.bot.get_chat(ANA)
    with pytest.raises(TelegramError):  # outside of a handling there is no transaction
        await counter.bot.send_message(ANA, "to nobody's account")


async def test_what_expires_is_not_promised(counter: Counter) -> None:
    """An answer to a press is made right after the commit, or never."""
    async with counter.handling() as promises:
        assert await counter.bot.answer_callback_query("7", text="seen")
        assert await counter.bot.send_chat_action(ANA, "typing")
        assert [form.method for form in promises.direct] == [
            "answerCallbackQuery", "sendChatAction",
        ]  # fmt: skip
    assert await counter.rows() == []


async def test_a_file_is_stored_once_and_named_by_its_content(counter: Counter) -> None:
    """The same file in a message and in an album is one file."""
    async with counter.handling():
        await counter.bot.send_document(ANA, b"a poster", filename="poster.pdf")
        album = await counter.bot.send_media_group(
            ANA, [InputMediaDocument(b"a poster"), InputMediaDocument(b"a map")]
        )
    first, second = await counter.params()
    names = [each["media"]["blob"] for each in second["media"]]
    assert first["document"] == {"blob": names[0]}
    assert names[0] != names[1]
    async with counter.database.reading() as unit:
        blob = await BlobsDrawer(unit).find(names[0])
    assert blob is not None
    assert blob.content == b"a poster"
    assert len({each.message_id for each in album}) == 2


async def test_an_item_of_an_album_is_never_taken_for_another_message(counter: Counter) -> None:
    """Their numbers are far from all promises; a reply to one of them is refused, not guessed."""
    async with counter.handling():
        album = await counter.bot.copy_messages(ANA, 102, [1, 2])
        with pytest.raises(TelegramError):
            await counter.bot.send_message(
                ANA, "reply", reply_parameters=ReplyParameters(album[1].message_id)
            )
    with pytest.raises(ValueError, match="stands for no promise"):
        promise_of(5)


async def test_whatever_answers_with_true_does_so_here(counter: Counter) -> None:
    """A mark, a deletion, a list of commands: kept like every other promise."""
    async with counter.handling() as promises:
        assert await counter.bot.set_message_reaction(ANA, 5, reaction="✍")
        assert await counter.bot.delete_message(ANA, 5)
        assert await counter.bot.set_my_commands([("help", "Help")])
        copied = await counter.bot.copy_message(ANA, 102, 7)
        assert promise_of(copied.message_id) in promises.lanes
    rows = await counter.rows()
    assert [row["chat_id"] for row in rows] == [ANA, ANA, 0, ANA]
    assert [row["state"] for row in rows] == ["waiting"] * 4


async def test_a_promise_with_a_form_of_its_own_is_no_different(counter: Counter) -> None:
    """What the library does not know yet is promised by name."""
    async with counter.handling() as promises:
        await promises.promise(Form("sendNewThing", {"chat_id": ANA}), lane=Lane.NOTIFICATION)
    [row] = await counter.rows()
    assert (row["method"], row["lane"]) == ("sendNewThing", Lane.NOTIFICATION)
