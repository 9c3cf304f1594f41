"""The drawer of promises and their numbers, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import Clock
from storage.database import Database
from storage.engines import open_database
from storage.outbox import FollowUp, Form, Lane, OutboxDrawer, Promise, PromiseNumbers
from storage.outbox.drawer import FINISHED_KEPT, PURGED_AT_ONCE
from storage.outbox.numbers import NUMBERS_BLOCK, NUMBERS_RESERVE

ANA, LI = 101, 900001


def said(number: int, chat_id: int = ANA, text: str = "hello", **terms: object) -> Promise:
    """A message that is owed."""
    form = Form("sendMessage", {"chat_id": chat_id, "text": text})
    return replace(Promise(number, chat_id, Lane.DIALOGUE, form), **terms)


async def test_a_promise_comes_back_as_it_was_made(database: Database, clock: Clock) -> None:
    """Forms, times, references and what follows."""
    now = clock.now()
    made = said(
        5, text="灯坏了 <b>\\u0000</b>", lane=Lane.NOTIFICATION, needs=4, not_before=now,
        otherwise=(Form("sendPhoto", {"photo": "blob:x"}),), dedup_key="d", replace_key=None,
        on_sent=FollowUp("k", "1", "101"), on_never=FollowUp("k", "2", "101"),
    )  # fmt: skip
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        outbox.promise(made, now)
        [claim] = await outbox.next_of([ANA, LI], now)
        assert claim.promise == made
        assert (claim.needs_state, claim.needs_message_id) == (None, None)
        assert await outbox.lane_of(5) is Lane.NOTIFICATION
        assert await outbox.lane_of(6) is None


async def test_what_is_said_once_ever_is_not_promised_again(
    database: Database, clock: Clock
) -> None:
    """Not even when the first one was sent and forgotten long ago."""
    now = clock.now()
    later = now + FINISHED_KEPT + timedelta(seconds=1)
    first = said(1, dedup_key="welcome")
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        outbox.promise(first, now)
        outbox.promise(said(2, dedup_key="welcome"), now)
        assert await outbox.counts() == {"waiting": 1}
        outbox.sent(first, 77, now)
        assert not await outbox.purge(later)
        outbox.promise(said(3, dedup_key="welcome"), later)
        assert await outbox.counts() == {"sent": 1}
        [row] = await unit.fetch("SELECT params FROM outbox")
    assert row["params"] == "{}"  # what was said is forgotten, that it was said is not


async def test_a_newer_promise_takes_the_place_of_the_one_that_waits(
    database: Database, clock: Clock
) -> None:
    """Its number and its place in line; one that was sent is not replaced."""
    now = clock.now()
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        outbox.promise(said(1, text="old", replace_key="edit"), now)
        outbox.promise(said(2), now)
        outbox.promise(said(3, text="new", replace_key="edit"), now)
        assert await outbox.has_waiting("edit")
        [claim] = await outbox.next_of([ANA], now)
        assert (claim.promise.id, claim.promise.form.params["text"]) == (1, "new")
        outbox.claim(1)
        outbox.sent(claim.promise, 77, now)
        assert not await outbox.has_waiting("edit")
        outbox.promise(said(4, text="newest", replace_key="edit"), now)
        assert await outbox.counts() == {"sent": 1, "waiting": 2}


async def test_what_is_held_back_can_be_taken_back(database: Database, clock: Clock) -> None:
    """Until its time comes; what was sent cannot."""
    now = clock.now()
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        outbox.promise(said(1, not_before=now + timedelta(seconds=10)), now)
        outbox.promise(said(2), now)
        assert await outbox.is_held_back(1, now=now)
        assert not await outbox.is_held_back(1, now=now + timedelta(seconds=10))
        assert not await outbox.is_held_back(2, now=now)
        outbox.claim(2)
        assert await outbox.cancel([1, 2, 3], now=now) == [1]
        assert await outbox.has_failed(1)
        assert not await outbox.has_failed(2)
        assert not await outbox.has_failed(3)


async def test_what_ended_is_forgotten_after_48_hours_in_portions(
    database: Database, clock: Clock
) -> None:
    """Unless something that waits still refers to it."""
    now = clock.now()
    later = now + FINISHED_KEPT + timedelta(seconds=1)
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        for number in range(1, PURGED_AT_ONCE + 3):
            outbox.promise(said(number), now)
            outbox.sent(said(number), number, now)
        outbox.promise(said(9_999, needs=1), now)
        assert not await outbox.purge(now + FINISHED_KEPT)
        assert await outbox.purge(later)
        assert not await outbox.purge(later)
        assert await outbox.counts() == {"sent": 1, "waiting": 1}
        [claim] = await outbox.next_of([ANA], later)
    assert (claim.needs_state, claim.needs_message_id) == ("sent", 1)


async def test_numbers_of_promises_are_never_given_twice(
    database: Database, database_url: str
) -> None:
    """Not by two processes, not after a restart; they rise, and running out is a fault."""
    other = open_database(database_url)
    given: list[int] = []
    for opened in (database, other, database):
        numbers = PromiseNumbers(opened)
        with pytest.raises(LookupError):
            numbers.take()
        await numbers.ensure()
        await numbers.ensure()
        given += [numbers.take() for _ in range(3)]
    await other.close()
    assert given == [first + place for first in (1, NUMBERS_BLOCK + 1, 2 * NUMBERS_BLOCK + 1)
                     for place in range(3)]  # fmt: skip
    for _ in range(NUMBERS_BLOCK - NUMBERS_RESERVE):
        numbers.take()
    await numbers.ensure()
    assert numbers.take() == 3 * NUMBERS_BLOCK + 1
