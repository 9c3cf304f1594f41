"""A promise that replaces an older one: there are never two of it, whatever became of the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from bot.clock import Clock
from storage.database import Database
from storage.outbox import Form, Lane, OutboxDrawer, Promise

CHAT = 7


def mark(number: int, message_id: int, *, replace_key: str = "mark:7") -> Promise:
    """The mark on a message; a chat has one at a time."""
    params = {"chat_id": CHAT, "message_id": message_id}
    return Promise(
        number, CHAT, Lane.NOTIFICATION, Form("setMessageReaction", params),
        otherwise=[Form("sendMessage", {"chat_id": CHAT, "text": "kept"})],
        replace_key=replace_key,
    )  # fmt: skip


def failed_for_now(outbox: OutboxDrawer, promise: Promise, now: datetime) -> None:
    outbox.later(promise, error="502", is_counted=True, now=now)


def refused_in_this_form(outbox: OutboxDrawer, promise: Promise, now: datetime) -> None:
    outbox.next_form(promise, "400", now)


@pytest.mark.parametrize("ends", [failed_for_now, refused_in_this_form])
async def test_what_failed_makes_room_for_what_replaced_it_meanwhile(
    database: Database, clock: Clock, ends: Callable[[OutboxDrawer, Promise, datetime], None]
) -> None:
    """The first mark was under way when the second was promised, and failed: one mark is left,
    the newer one."""
    now = clock.now()
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        outbox.promise(mark(1, 100), now)
        [claim] = await outbox.next_of([CHAT], now)
        outbox.claim(1)
        outbox.promise(mark(2, 101), now)
        ends(outbox, claim.promise, now)
    async with database.reading() as unit:
        [left] = await OutboxDrawer(unit).next_of([CHAT], now)
        assert left.promise.form.params["message_id"] == 101
        assert await OutboxDrawer(unit).counts() == {"cancelled": 1, "waiting": 1}


async def test_what_failed_and_was_not_replaced_is_tried_again(
    database: Database, clock: Clock
) -> None:
    """A newer promise for something else takes nobody's place."""
    now = clock.now()
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        outbox.promise(mark(1, 100), now)
        [claim] = await outbox.next_of([CHAT], now)
        outbox.claim(1)
        outbox.promise(mark(2, 101, replace_key="mark:8"), now)
        outbox.later(claim.promise, error="502", is_counted=True, now=now)
        assert await outbox.counts() == {"waiting": 2}
        [again] = await outbox.next_of([CHAT], now)
    assert again.promise.id == 1
    assert again.promise.attempts == 1


async def test_after_a_crash_only_the_newer_one_is_left(database: Database, clock: Clock) -> None:
    """The process ended while the first was under way: it starts again with the second."""
    now = clock.now()
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        outbox.promise(mark(1, 100), now)
        outbox.claim(1)
        outbox.promise(mark(2, 101), now)
    async with database.unit() as unit:
        outbox = OutboxDrawer(unit)
        assert await outbox.put_back_orphans(now) == 0
        assert await outbox.counts() == {"cancelled": 1, "waiting": 1}
