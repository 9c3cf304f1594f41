"""One place and its ends: one process polls, a stop is soon over, and somebody else takes over."""

from __future__ import annotations

import asyncio
import logging
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest

from tests.front_door import Town, town
from tests.stations import at_work, five_areas, officer, on_duty, on_file, registered

#: A stop waits this long for calls under way, and then a little for everything else.
STOP_SECONDS, A_LITTLE = 10.0, 3.0


@pytest.fixture
async def quiet(tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    """A station with its roster; the bot does not run yet."""
    async with town(database_url) as here:
        await on_file(database_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        yield here


async def says(log: Path, event: str, here: Town) -> None:
    """Wait for a line in a process's log."""

    async def is_said() -> bool:
        return event in log.read_text(encoding="utf-8")

    await here.until(is_said, f"{log.name} says {event}")


async def test_a_second_process_waits_until_the_first_has_ended_however_it_ended(
    quiet: Town, tmp_path: Path
) -> None:
    """Two never poll at once; after a kill the second one goes on, with what the first left."""
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    with logs[0].open("wb") as output:
        first = await quiet.command("run", output=output)
    await says(logs[0], "serving", quiet)
    with logs[1].open("wb") as output:
        second = await quiet.command("run", output=output)
    try:
        await says(logs[1], "another_process_is_polling", quiet)
        ana = await registered(quiet, 101, "Ana")
        assert not [each for each in await quiet.calls("getUpdates") if each["status"] == 409]
        first.kill()
        await first.wait()
        await ana.says("Is anybody there?")
        await officer(quiet, "li").sees("Is anybody there?")
        await says(logs[1], "serving", quiet)
    finally:
        second.send_signal(signal.SIGTERM)
        assert await second.wait() == 0


async def test_a_stop_without_work_is_over_at_once(quiet: Town) -> None:
    """The open poll is not waited for."""
    async with quiet.bot():
        await registered(quiet, 101, "Ana")
        began = monotonic()
    assert monotonic() - began < A_LITTLE


async def test_a_stop_before_there_is_a_roster_or_an_identity_is_over_at_once(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the start still waits for."""
    caplog.set_level(logging.INFO, logger="beatline")
    async with town(sqlite_url) as here:
        for get_me in (500, None):
            await here.control("faults", get_me=get_me)
            async with here.bot():

                async def is_waiting() -> bool:
                    said = {record.getMessage() for record in caplog.records}
                    return bool(said & {"identity_unknown", "no_roster"})

                await here.until(is_waiting, "the start waits")
                began = monotonic()
            assert monotonic() - began < A_LITTLE
            caplog.clear()


async def test_a_stop_while_telegram_does_not_answer_is_over_soon_and_loses_nothing(
    sqlite_url: str, tmp_path: Path
) -> None:
    """A call under way is waited for, but not for ever; at the next start it is made again."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        async with here.bot():
            ana = await registered(here, 101, "Ana")
            await here.control("faults", latency_ms=60_000)
            await ana.says("Hello")

            async def is_stored() -> bool:
                return int((await here.get("state"))["waiting_updates"]) == 0

            await here.until(is_stored, "the message is stored")
            began = monotonic()
        assert monotonic() - began < STOP_SECONDS + A_LITTLE
        await here.control("faults", latency_ms=0)
        async with here.bot():
            await officer(here, "li").sees("Hello")


async def test_nothing_is_acknowledged_that_is_not_stored(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another program locks the file: Telegram keeps what people write, nothing is counted, and
    all of it is handled, once and in order, when the lock is gone."""
    async with at_work(sqlite_url, five_areas(tmp_path)) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        await ana.says("before")
        await li.sees("before")
        lock = sqlite3.connect(
            sqlite_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
        )
        try:
            # In a thread: the bot in this loop may have to finish its own write first.
            await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")
            for number in range(3):
                await ana.says(f"meanwhile {number}")

            async def is_said() -> bool:
                said = [record.getMessage() for record in caplog.records]
                return "polling_failed" in said or "storage_down" in said

            await here.until(is_said, "the log says that storage is down")
            assert int((await here.get("state"))["waiting_updates"]) > 0
        finally:
            lock.close()
        await li.sees("meanwhile 2")
        texts = [each["text"] for each in await li.copies()]
        assert texts == ["before", "meanwhile 0", "meanwhile 1", "meanwhile 2"]


async def test_ids_that_begin_again_lower_are_no_old_acquaintances(quiet: Town) -> None:
    """After a quiet week Telegram may number its updates from anywhere."""
    async with quiet.bot():
        ana, li = await registered(quiet, 101, "Ana"), officer(quiet, "li")
        await ana.says("before")
        await li.sees("before")
        await quiet.control("raw", next_update_id=1_000)
        for number in range(3):
            await ana.says(f"after {number}")
        await li.sees("after 2")
        texts = [each["text"] for each in await li.copies()]
        assert texts == ["before", "after 0", "after 1", "after 2"]
