"""What people wrote is forgotten when it is no longer needed, by the clock and in small steps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.clock import Clock
from storage.database import Database
from storage.engines import open_database
from storage.inbox import HANDLED_KEPT, PURGED_AT_ONCE, Arrival, InboxDrawer
from storage.outbox import OutboxDrawer
from storage.outbox.drawer import FINISHED_KEPT
from tests.sending import edit, message
from tests.stations import at_work, five_areas, officer, registered

LATER = timedelta(hours=49)


async def is_remembered(url: str, words: str) -> bool:
    """Whether inbox or outbox still hold these words."""
    database = open_database(url)
    try:
        async with database.reading() as unit:
            came = await unit.fetch("SELECT payload FROM inbox")
            promised = await unit.fetch("SELECT params, otherwise FROM outbox")
    finally:
        await database.close()
    held = [row["payload"] for row in came]
    held += [f"{row['params']}{row['otherwise']}".encode() for row in promised]
    return any(words.encode() in each for each in held)


async def test_two_days_later_the_queues_hold_nothing_of_what_was_said(
    database_url: str, tmp_path: Path
) -> None:
    """Handled updates and kept promises are personal data; the case itself stays."""
    async with at_work(database_url, five_areas(tmp_path)) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        await ana.says("Hello there")
        copy = await li.sees("Hello there")
        await ana.sees("Sent to the officer's phone")
        assert await is_remembered(database_url, "Hello there")

        async def is_forgotten() -> bool:
            return not await is_remembered(database_url, "Hello there")

        await here.control("clock", shift_seconds=LATER.total_seconds())
        await here.until(is_forgotten, "the queues are empty")
        await li.says("Good day", reply_to_message_id=copy["message_id"])
        await ana.sees("Good day")


async def test_much_is_forgotten_in_steps(database: Database, clock: Clock) -> None:
    """Others want to write in between."""
    letters = 2 * PURGED_AT_ONCE + 1
    async with database.unit() as unit:
        inbox = InboxDrawer(unit)
        arrivals = [Arrival(number, "1", b"{}") for number in range(1, letters + 1)]
        kept = await inbox.keep(arrivals, clock.now())
        await inbox.take([letter.sequence for letter in kept], clock.now())
    later = clock.now() + HANDLED_KEPT + timedelta(seconds=1)
    more = []
    for _ in range(3):
        async with database.unit() as unit:
            more.append(await InboxDrawer(unit).purge(later))
    assert more == [True, True, False]
    async with database.reading() as unit:
        assert await InboxDrawer(unit).counts() == {}


async def test_what_is_said_once_ever_leaves_its_key_and_what_is_needed_stays(
    database: Database, clock: Clock
) -> None:
    """A promise with a key is never made twice, even when its words are forgotten; a message that a
    waiting edit refers to is still known."""

    async def promised(*makers: Any) -> None:
        async with database.unit() as unit:
            for number, make in makers:
                OutboxDrawer(unit).promise(make(number), clock.now())

    first, needed = message(1, "private words", dedup_key="once"), message(1, "card")
    await promised((1, first), (2, needed), (3, edit(1, "later", of=2)))
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        outbox.sent(first(1), 11, clock.now())
        outbox.sent(needed(2), 12, clock.now())
    async with database.unit() as unit:
        assert not await OutboxDrawer(unit).purge(clock.now() + FINISHED_KEPT + LATER)
    await promised((4, message(1, "again", dedup_key="once")))
    async with database.reading() as unit:
        rows = await unit.fetch("SELECT id, state, params FROM outbox ORDER BY id")
        [claim] = await OutboxDrawer(unit).next_of([1], clock.now())
    assert [(row["id"], row["state"]) for row in rows] == [
        (1, "sent"), (2, "sent"), (3, "waiting"),
    ]  # fmt: skip
    assert rows[0]["params"] == "{}"
    assert claim.needs_message_id == 12
