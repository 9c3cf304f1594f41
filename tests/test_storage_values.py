"""Values: what goes in comes back as it was, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.clock import Clock
from storage.database import (
    Database,
    StatementError,
    as_moment,
)
from storage.timers import TimersDrawer
from tests.engines import NOTE, noted


async def test_a_value_that_the_engine_does_not_take_is_not_repeated(database: Database) -> None:
    """Lone surrogates, numbers beyond 64 bits, times without a zone: refused, in words without
    the value."""
    for sql, value in (
        (NOTE, "typed \ud800"),
        ("DELETE FROM unreachable WHERE chat_id = :value", 2**70),
        ("DELETE FROM timer WHERE due_at = :value", datetime(2026, 11, 1)),  # noqa: DTZ001 - what is tested
    ):
        with pytest.raises(StatementError) as refused:
            async with database.unit() as unit:
                unit.write(sql, method=value, result="1", value=value)
        assert "typed" not in str(refused.value)
        assert "2026" not in str(refused.value)
        assert str(2**70) not in str(refused.value)
    assert await noted(database) == []


async def test_texts_of_every_script_come_back_as_they_went(database: Database) -> None:
    """Chinese, Arabic, emoji, quotes, what looks like a parameter."""
    texts = ["警务室", "مرحبا‏", "👮🏽‍♀️", "it's ':name' \"::x\"", "a\nb\\c%", ""]
    async with database.unit() as unit:
        unit.write_many(NOTE, [{"method": str(n), "result": t} for n, t in enumerate(texts)])
    async with database.reading() as unit:
        rows = await unit.fetch("SELECT result FROM known_answer ORDER BY method")
    assert [row["result"] for row in rows] == texts


async def test_a_nul_never_damages_what_is_on_file(database: Database) -> None:
    """It is cleaned at the door; what slips through comes back whole from SQLite, and PostgreSQL
    refuses it without repeating it."""
    if database.engine == "sqlite":
        async with database.unit() as unit:
            rows = await unit.fetch(NOTE + " RETURNING result", method="nul", result="a\x00b")
        assert [row["result"] for row in rows] == ["a\x00b"]
        return
    with pytest.raises(StatementError) as refused:
        async with database.unit() as unit:
            unit.write(NOTE, method="nul", result="typed\x00")
    assert "typed" not in str(refused.value)
    assert await noted(database) == []


async def test_bytes_and_truth_come_back_as_they_went(database: Database, clock: Clock) -> None:
    """The raw bytes of an update, whatever is in them."""
    raw = bytes(range(256))
    async with database.unit() as unit:
        unit.write(
            "INSERT INTO inbox (chat_key, payload, state, received_at, is_delayed)"
            " VALUES ('1', :raw, 'waiting', :now, :yes)",
            raw=raw,
            now=clock.now(),
            yes=True,
        )
        row = await unit.fetch_one("SELECT payload, is_delayed FROM inbox WHERE is_delayed = TRUE")
    assert row is not None
    assert row["payload"] == raw
    assert row["is_delayed"]


async def test_times_come_back_aware_in_utc(database: Database) -> None:
    """To the microsecond, whatever zone they came in; their order is the order of time."""
    shanghai = timezone(timedelta(hours=8))
    moments = [
        datetime(2026, 11, 1, 0, 0, 0, 1, UTC),
        datetime(2026, 11, 1, 8, 0, 0, 2, shanghai),
        datetime(2026, 11, 1, 0, 0, 1, 0, UTC),
    ]
    async with database.unit() as unit:
        timers = TimersDrawer(unit)
        for key, moment in enumerate(moments):
            timers.set("k", str(key), due_at=moment, chat_key="1")
    async with database.reading() as unit:
        rows = await unit.fetch("SELECT due_at FROM timer ORDER BY due_at")
        bounds = await unit.fetch_one("SELECT min(due_at) AS low, max(due_at) AS high FROM timer")
        before = await unit.fetch(
            "SELECT key FROM timer WHERE due_at <= :moment", moment=moments[1]
        )
    assert [row["due_at"] for row in rows] == moments
    assert {row["due_at"].utcoffset() for row in rows} == {timedelta(0)}
    assert bounds is not None
    assert as_moment(bounds["low"]) == moments[0]
    assert as_moment(bounds["high"]) == moments[2]
    assert as_moment(None) is None
    assert {row["key"] for row in before} == {"0", "1"}
