"""Timers: what is due is on file, acted on once, and survives its own failures."""

from __future__ import annotations

from datetime import timedelta

from bot.clock import Clock
from storage.database import Database
from storage.timers import Timer, TimersDrawer


async def test_what_is_due_comes_in_its_order_and_what_is_not_waits(
    database: Database, clock: Clock
) -> None:
    """Due first, first."""
    now = clock.now()
    async with database.unit() as unit:
        timers = TimersDrawer(unit)
        timers.set("b", "1", due_at=now - timedelta(seconds=1), chat_key="5")
        timers.set("a", "1", due_at=now - timedelta(seconds=2), chat_key="5", payload={"x": "é"})
        timers.set("c", "1", due_at=now + timedelta(seconds=1), chat_key="5")
    async with database.reading() as unit:
        due = await TimersDrawer(unit).due(now, limit=10)
    assert [(timer.kind, timer.payload) for timer in due] == [("a", {"x": "é"}), ("b", {})]
    assert due[0].due_at == now - timedelta(seconds=2)


async def test_a_timer_that_was_moved_or_cleared_is_not_acted_on(
    database: Database, clock: Clock
) -> None:
    """It compares before it acts."""
    now = clock.now()
    async with database.unit() as unit:
        timers = TimersDrawer(unit)
        for key in ("taken", "moved", "cleared"):
            timers.set("k", key, due_at=now, chat_key="5")
        seen = {timer.key: timer for timer in await timers.due(now, limit=10)}
        timers.set("k", "moved", due_at=now + timedelta(hours=1), chat_key="6")
        timers.clear("k", "cleared")
        assert await timers.take(seen["taken"])
        assert not await timers.take(seen["taken"])
        assert not await timers.take(seen["moved"])
        assert not await timers.take(seen["cleared"])


async def test_a_failed_timer_comes_again_later(database: Database, clock: Clock) -> None:
    """With its attempts counted; what is due stays due."""
    now = clock.now()
    async with database.unit() as unit:
        timers = TimersDrawer(unit)
        timers.set("k", "1", due_at=now, chat_key="5")
        [timer] = await timers.due(now, limit=10)
        timers.postpone(timer, due_at=now + timedelta(seconds=5), error="ValueError")
        assert await timers.due(now, limit=10) == []
        [again] = await timers.due(now + timedelta(seconds=5), limit=10)
    assert again == Timer("k", "1", now + timedelta(seconds=5), "5", {}, attempts=1)
