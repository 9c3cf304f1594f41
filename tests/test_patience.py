"""Patience: the bot outlives faults that nobody foresaw, and asks again what was not answered."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.app.identity import identity
from bot.app.patience import kept_going, patiently
from bot.clock import Clock
from bot.delivery.telegram import TelegramClient
from bot.delivery.timers import Ticker
from bot.simulator import SimulatedTelegram
from storage.database import Database, StorageDownError
from storage.known_answers import KnownAnswersDrawer
from tests.sending import TOKEN, desk

BOT_ID = int(TOKEN.partition(":")[0])


async def test_a_loop_that_fails_is_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it was: said in the log with its place, and everything needed is on file."""
    tries: list[int] = []

    async def run() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError("what a resident wrote")

    await kept_going("poller", run)
    assert len(tries) == 2
    [line] = [record for record in caplog.records if record.getMessage() == "begun_again"]
    assert (vars(line)["loop"], line.levelno) == ("poller", logging.ERROR)


async def test_a_sender_begun_again_goes_on_with_what_is_on_file(
    database: Database, clock: Clock
) -> None:
    """The same one, after a fault in its middle."""
    async with desk(database, clock) as here:
        here.knows(101)
        here.faults(latency_ms=50)
        first = await here.says(101, "first")
        await here.until_states({first: "sending"})
        await here.dies()
        here.running = asyncio.get_running_loop().create_task(here.sender.run())
        second = await here.says(101, "second")
        await here.until_states({first: "sent", second: "sent"})


async def test_storage_is_asked_until_it_answers_or_it_is_time_to_stop() -> None:
    """A start does not fail because another program has the file for a moment."""
    tries: list[int] = []

    async def ask() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise StorageDownError("locked")
        return "an answer"

    stop = asyncio.Event()
    assert await patiently(ask, stop) == "an answer"
    stop.set()
    assert await patiently(ask, stop) is None
    assert len(tries) == 2


async def test_another_token_is_asked_who_it_is(database: Database, clock: Clock) -> None:
    """What is on file about another bot is not believed."""
    async with database.unit() as unit:
        KnownAnswersDrawer(unit).keep("getMe", {"id": 999, "username": "the_old_one"})
    async with SimulatedTelegram(clock=clock, token=TOKEN) as telegram:
        client = TelegramClient(TOKEN, telegram.url)
        try:
            me = await identity(database, client, BOT_ID, asyncio.Event())
        finally:
            await client.close()
    assert me is not None
    assert me["id"] == BOT_ID
    async with database.reading() as unit:
        assert await KnownAnswersDrawer(unit).get("getMe") == me


async def test_the_ticker_ticks_in_the_running_loop_until_it_is_stopped() -> None:
    """APScheduler is a clock only: it calls, and remembers nothing."""
    ticked = asyncio.Event()
    ticker = Ticker(on_tick=ticked.set)
    ticker.start()
    async with asyncio.timeout(5):
        await ticked.wait()
    ticker.stop()
