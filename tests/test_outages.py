"""Outages of storage under a running bot: nothing is lost, said twice or acknowledged unstored, and
it goes on by itself when the cause is gone."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from storage.engines import sqlite_path
from tests.cuts import Cut, wire_to
from tests.engines import PostgresServer
from tests.front_door import Person, Town
from tests.stations import at_work, five_areas, officer, registered


@asynccontextmanager
async def station_on(url: str, folder: Path) -> AsyncIterator[Town]:
    """A station whose rows are at ``url``, with six officers who have met the bot, and the bot."""
    async with at_work(url, five_areas(folder)) as here:
        yield here


async def down_is_said(here: Town, log: pytest.LogCaptureFixture, cause: str) -> None:
    """Wait until a line of the log has this as the cause why storage is down."""

    async def is_said() -> bool:
        return any(cause in str(vars(record).get("cause", "")) for record in log.records)

    await here.until(is_said, f"the log says that storage is down: {cause}")


async def texts_of(person: Person) -> list[str]:
    """What an officer got from residents, in order."""
    return [message["text"] for message in await person.copies() if "note " in message["text"]]


async def test_a_server_that_stops_and_comes_back_costs_nothing(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """PostgreSQL is restarted in the middle: what is written meanwhile waits at Telegram."""
    caplog.set_level(logging.INFO, logger="beatline")
    async with station_on(postgres_url, tmp_path) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        await ana.says("note 0")
        await li.sees("note 0")
        await asyncio.to_thread(postgres.stop)
        try:
            for number in range(1, 6):
                await ana.says(f"note {number}")
            await down_is_said(here, caplog, "PostgreSQL at")
        finally:
            await asyncio.to_thread(postgres.start)
        await ana.says("note 6")
        await li.sees("note 6")
        assert await texts_of(li) == [f"note {number}" for number in range(7)]


async def test_connections_cut_at_any_moment_cost_nothing(
    postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """All of them, again and again, while residents write: each message is there once, in order."""
    caplog.set_level(logging.INFO, logger="beatline")
    async with wire_to(postgres_url) as (wire, url), station_on(url, tmp_path) as here:
        li = officer(here, "li")
        people = [await registered(here, 101 + each, f"Person {each}") for each in range(4)]
        for number in range(10):
            for person in people:
                await person.says(f"note {number} of {person.name}")
            wire.cut_all()
        for person in people:
            await li.sees(f"note 9 of {person.name}")
        for person in people:
            found = [text for text in await texts_of(li) if text.endswith(person.name)]
            assert found == [f"note {number} of {person.name}" for number in range(10)]


async def test_a_commit_cut_off_at_the_end_is_not_done_twice(
    postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The server keeps it and the answer is lost: the message comes once; the log says where."""
    caplog.set_level(logging.INFO, logger="beatline")
    async with wire_to(postgres_url) as (wire, url), station_on(url, tmp_path) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        for number in range(6):
            wire.next_commit = Cut.AFTER  # whoever commits next is kept, and does not hear of it
            await ana.says(f"note {number}")
            await li.sees(f"note {number}")
        assert await texts_of(li) == [f"note {number}" for number in range(6)]
        await down_is_said(here, caplog, "PostgreSQL at 127.0.0.1")


async def test_a_file_locked_by_another_program_costs_nothing(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody's long transaction: it is said who is in the way; afterwards all goes on."""
    caplog.set_level(logging.INFO, logger="beatline")
    async with station_on(sqlite_url, tmp_path) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        file = sqlite3.connect(
            sqlite_path(sqlite_url), isolation_level=None, check_same_thread=False
        )
        with closing(file) as other:
            # In a thread: the bot, which runs in this loop, may have to finish its own write first.
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            await ana.says("note 0")
            await down_is_said(here, caplog, "locked by another program")
        await ana.says("note 1")
        await li.sees("note 1")
        assert await texts_of(li) == ["note 0", "note 1"]


async def test_a_file_that_is_taken_away_and_put_back_costs_nothing(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is written into the void: what comes meanwhile is not acknowledged."""
    caplog.set_level(logging.INFO, logger="beatline")
    path = sqlite_path(sqlite_url)
    aside = path.with_name("aside")
    aside.mkdir()
    async with station_on(sqlite_url, tmp_path) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        await ana.says("note 0")
        await li.sees("note 0")
        names = [path.name, f"{path.name}-wal", f"{path.name}-shm"]
        for name in names:
            shutil.move(path.with_name(name), aside / name)
        await ana.says("note 1")
        await down_is_said(here, caplog, "restore it")
        assert not path.exists()
        for name in names:
            shutil.move(aside / name, path.with_name(name))
        await ana.says("note 2")
        await li.sees("note 2")
        assert await texts_of(li) == ["note 0", "note 1", "note 2"]
