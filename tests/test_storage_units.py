"""Units of work: all or nothing, in order, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from bot.clock import Clock
from storage.database import (
    CONFLICT_RETRIES,
    ConflictError,
    ConstraintError,
    Database,
    StatementError,
    StorageDownError,
    Unit,
    to_the_end,
)
from storage.engines import open_database
from tests.engines import NOTE, noted

#: Counts for a good part of a second on either engine.
SLOW = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700000)"
    " SELECT count(*) AS counted FROM n"
)


async def test_what_a_unit_writes_is_kept_when_it_ends(database: Database) -> None:
    """Queued writes run in their order; a read sees what was written before it."""
    async with database.unit() as unit:
        unit.write(NOTE, method="a", result="1")
        unit.write("UPDATE known_answer SET result = :result WHERE method = 'a'", result="2")
        unit.write_many(NOTE, [{"method": each, "result": "3"} for each in ("b", "c")])
        row = await unit.fetch_one("SELECT result FROM known_answer WHERE method = 'a'")
        assert row is not None
        assert row["result"] == "2"
        unit.write("DELETE FROM known_answer WHERE method = :method", method="c")
    assert await noted(database) == ["a", "b"]


async def test_one_statement_for_many_brings_all_rows_in_order(database: Database) -> None:
    """Whoever asks about many asks once."""
    async with database.unit() as unit:
        unit.write_many(NOTE, [{"method": each, "result": "1"} for each in ("a", "b", "c")])
        rows = await unit.fetch_each(
            "DELETE FROM known_answer WHERE method = :method RETURNING method",
            [{"method": each} for each in ("c", "x", "a")],
        )
        assert [row["method"] for row in rows] == ["c", "a"]
        assert await unit.fetch_each(NOTE, []) == []
        assert await unit.fetch_one("SELECT method FROM known_answer WHERE method = 'x'") is None
    assert await noted(database) == ["b"]


async def test_a_unit_that_fails_leaves_nothing(database: Database) -> None:
    """Neither what ran nor what was queued."""

    async def work(unit: Unit) -> None:
        unit.write(NOTE, method="ran", result="1")
        await unit.fetch("SELECT method FROM known_answer")
        unit.write(NOTE, method="queued", result="1")
        raise LookupError

    with pytest.raises(LookupError):
        await database.run(work)
    assert await noted(database) == []


async def test_a_unit_that_does_nothing_costs_nothing(database: Database) -> None:
    """Nothing is begun before the first statement, so nothing can fail."""
    async with database.unit():
        pass
    with pytest.raises(LookupError):
        async with database.unit():
            raise LookupError
    assert await noted(database) == []


async def test_a_cancelled_unit_leaves_nothing_and_the_next_one_goes_on(
    database: Database,
) -> None:
    """Cancelled while it waits for something else."""
    has_written = asyncio.Event()

    async def work() -> None:
        async with database.unit() as unit:
            unit.write(NOTE, method="a", result="1")
            await unit.fetch("SELECT method FROM known_answer")
            has_written.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(work())
        await has_written.wait()
        task.cancel()
    assert task.cancelled()
    async with database.unit() as unit:
        unit.write(NOTE, method="b", result="1")
    assert await noted(database) == ["b"]


async def test_a_unit_cancelled_in_the_middle_of_a_statement_leaves_nothing(
    database: Database,
) -> None:
    """The statement under way is waited for or stopped; its unit is undone."""

    async def work() -> None:
        async with database.unit() as unit:
            unit.write(NOTE, method="a", result="1")
            await unit.fetch("SELECT method FROM known_answer")
            is_asking.set()
            await unit.fetch(SLOW)

    is_asking = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work())
        await is_asking.wait()
        await asyncio.sleep(0)  # now it waits for the engine
        task.cancel()
    assert task.cancelled()
    async with database.unit() as unit:
        unit.write(NOTE, method="b", result="1")
    assert await noted(database) == ["b"]


async def test_a_refused_row_undoes_the_unit(database: Database) -> None:
    """The error comes with the next read or at the end, and names the constraint, not the row."""

    async def work(unit: Unit) -> None:
        unit.write(NOTE, method="a", result="1")
        unit.write(NOTE, method="a", result="secret")
        await unit.fetch("SELECT method FROM known_answer")

    with pytest.raises(ConstraintError) as refused:
        await database.run(work)
    assert "known_answer" in str(refused.value)
    assert "secret" not in str(refused.value)
    with pytest.raises(ConstraintError):
        async with database.unit() as unit:
            unit.write(NOTE, method="a", result=None)
    assert await noted(database) == []


async def test_an_error_that_is_passed_over_undoes_the_unit_all_the_same(
    database: Database,
) -> None:
    """All or nothing, also for whoever goes on after an error."""

    async def work(unit: Unit) -> None:
        unit.write_many(NOTE, [{"method": each, "result": "1"} for each in ("a", "a", "b")])
        with pytest.raises(ConstraintError):
            await unit.fetch("SELECT method FROM known_answer")
        with pytest.raises(StatementError):
            await unit.fetch("SELECT method FROM known_answer")

    with pytest.raises(StatementError):
        await database.run(work)
    assert await noted(database) == []


async def test_a_row_cannot_refer_to_nothing(database: Database, clock: Clock) -> None:
    """Foreign keys are on, on both engines."""
    with pytest.raises(ConstraintError):
        async with database.unit() as unit:
            unit.write(
                "INSERT INTO case_tried (case_number, officer, tried_at) VALUES (1, 'li', :now)",
                now=clock.now(),
            )


async def test_a_statement_that_the_engine_does_not_understand_is_our_fault(
    database: Database,
) -> None:
    """It is no failure of storage: nothing is tried again because of it."""
    for sql in ("SELECT nothing FROM known_answer", "SELECT FROM WHERE", "SELECT x FROM nowhere"):
        with pytest.raises(StatementError):
            async with database.unit() as unit:
                await unit.fetch(sql)
    with pytest.raises(StatementError):
        async with database.unit() as unit:
            unit.write(NOTE, method="a")
    assert await noted(database) == []


async def test_a_reading_sees_one_moment_and_waits_for_nobody(database: Database) -> None:
    """What a writer keeps meanwhile is seen by the next reading."""
    async with database.reading() as reading:
        assert await reading.fetch("SELECT method FROM known_answer") == []
        async with database.unit() as unit:
            unit.write(NOTE, method="a", result="1")
        assert await reading.fetch("SELECT method FROM known_answer") == []
    assert await noted(database) == ["a"]


async def test_a_reading_cannot_write(database: Database) -> None:
    """Whoever only looks changes nothing, even by mistake."""
    with pytest.raises(StorageDownError):
        async with database.reading() as unit:
            unit.write(NOTE, method="a", result="1")
    assert await noted(database) == []


async def test_a_unit_is_done_again_when_another_one_was_first(database: Database) -> None:
    """At most so many times; then the conflict is reported."""
    tries = 0

    async def work(unit: Unit) -> int:
        nonlocal tries
        tries += 1
        unit.write(NOTE, method=str(tries), result="1")
        if tries < 3:
            raise ConflictError("first")
        return tries

    assert await database.run(work) == 3
    assert await noted(database) == ["3"]

    async def never(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        raise ConflictError("first")

    tries = 0
    with pytest.raises(ConflictError):
        await database.run(never)
    assert tries == CONFLICT_RETRIES + 1


async def test_work_that_breaks_a_constraint_by_itself_is_refused(database: Database) -> None:
    """It is not tried for ever."""

    async def work(unit: Unit) -> None:
        unit.write_many(NOTE, [{"method": "a", "result": "1"}] * 2)

    with pytest.raises(ConstraintError):
        await database.run(work)
    assert await noted(database) == []


async def test_rows_that_are_taken_stay_ours_until_the_unit_ends(database: Database) -> None:
    """`skip_locked` is a SELECT like any other for whoever is alone."""
    async with database.unit() as unit:
        unit.write_many(NOTE, [{"method": each, "result": "1"} for each in ("a", "b")])
    async with database.unit() as unit:
        rows = await unit.skip_locked(
            "SELECT method FROM known_answer ORDER BY method LIMIT :limit", limit=1
        )
    assert [row["method"] for row in rows] == ["a"]


async def test_a_closed_database_says_so(database: Database) -> None:
    """Closing twice does no harm, before and after the first use."""
    await noted(database)
    await database.close()
    await database.close()
    for opened in (database.unit, database.reading):
        with pytest.raises(StorageDownError):
            async with opened() as unit:
                await unit.fetch("SELECT method FROM known_answer")


async def test_many_units_at_once_lose_nothing(database: Database, database_url: str) -> None:
    """Forty counters at the same row, in two processes: each counts."""

    async def count(unit: Unit) -> None:
        row = await unit.fetch_one("SELECT next FROM counter WHERE name = 'x'")
        assert row is not None
        unit.write("UPDATE counter SET next = :next WHERE name = 'x'", next=row["next"] + 1)

    async with database.unit() as unit:
        unit.write("INSERT INTO counter (name, next) VALUES ('x', 0)")
    other = open_database(database_url)
    async with asyncio.TaskGroup() as group:
        for counting in (database, other) * 20:
            group.create_task(again_until_kept(partial(counting.run, count)))
    await other.close()
    async with database.reading() as unit:
        row = await unit.fetch_one("SELECT next FROM counter WHERE name = 'x'")
    assert row is not None
    assert row["next"] == 40


async def again_until_kept(work: Callable[[], Awaitable[None]]) -> None:
    """Like a loop of the bot: what met too many others is done again."""
    while True:
        try:
            await work()
        except ConflictError:
            continue
        return


async def test_a_stop_is_heard_although_what_had_to_be_finished_fails() -> None:
    """A commit whose connection is cut while we are told to stop: the stop is not forgotten."""
    has_begun, is_cut = asyncio.Event(), asyncio.Event()

    async def commit() -> None:
        has_begun.set()
        await is_cut.wait()
        raise StorageDownError("The server is gone.")

    async with asyncio.TaskGroup() as group:
        committing = group.create_task(to_the_end(commit()))
        await has_begun.wait()
        committing.cancel()
        await asyncio.sleep(0)
        assert not committing.done()
        is_cut.set()
    assert committing.cancelled()
