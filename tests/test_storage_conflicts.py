"""Conflicts on PostgreSQL: who comes second does it again; nobody decides on what has passed."""

from __future__ import annotations

import asyncio

import asyncpg

from storage.database import (
    ConflictError,
    Database,
    Unit,
)
from tests.engines import NOTE, noted


async def note(unit: Unit, method: str = "a") -> None:
    """One row more."""
    unit.write(NOTE, method=method, result="1")


async def test_what_a_unit_read_is_still_so_when_it_writes(
    postgres_database: Database, other_process: Database
) -> None:
    """Another one changed it meanwhile: the unit is done again on what is so now."""
    seen = []

    async def work(unit: Unit) -> None:
        row = await unit.fetch_one("SELECT result FROM known_answer WHERE method = 'a'")
        assert row is not None
        seen.append(row["result"])
        if len(seen) == 1:
            await other_process.run(change)
        unit.write("UPDATE known_answer SET result = result || :more", more="!")

    async def change(unit: Unit) -> None:
        unit.write("UPDATE known_answer SET result = '2'")

    await postgres_database.run(note)
    await postgres_database.run(work)
    assert seen == ["1", "2"]
    async with postgres_database.reading() as unit:
        assert [row["result"] for row in await unit.fetch("SELECT result FROM known_answer")] == [
            "2!"
        ]


async def test_two_who_write_the_same_new_row_do_not_both_fail(
    postgres_database: Database, other_process: Database
) -> None:
    """The second one decided without seeing the first: done again, it sees it."""
    tries = 0

    async def work(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        found = await unit.fetch("SELECT method FROM known_answer WHERE method = 'a'")
        if tries == 1:
            await other_process.run(note)
        if not found:
            await note(unit)

    await postgres_database.run(work)
    assert tries == 2
    assert await noted(postgres_database) == ["a"]


async def test_two_who_wait_for_each_other_are_parted(
    postgres_database: Database, other_process: Database
) -> None:
    """The server ends one of two transactions in a deadlock: it is a conflict, and done again."""
    first_has_begun, second_has_begun = asyncio.Event(), asyncio.Event()
    conflicts = 0

    async def count_up(
        database: Database, first: str, second: str, mine: asyncio.Event, other: asyncio.Event
    ) -> None:
        nonlocal conflicts
        sql = "UPDATE known_answer SET result = :result WHERE method = :method RETURNING method"
        try:
            async with database.unit() as unit:
                await unit.fetch(sql, method=first, result=first)
                mine.set()
                await other.wait()
                await unit.fetch(sql, method=second, result=first)
        except ConflictError:
            conflicts += 1

    async with postgres_database.unit() as unit:
        unit.write_many(NOTE, [{"method": each, "result": ""} for each in ("a", "b")])
    async with asyncio.TaskGroup() as group:
        group.create_task(count_up(postgres_database, "a", "b", first_has_begun, second_has_begun))
        group.create_task(count_up(other_process, "b", "a", second_has_begun, first_has_begun))
    assert conflicts == 1


async def test_rows_that_somebody_holds_are_passed_over(
    postgres_database: Database, other_process: Database
) -> None:
    """Nobody waits for what another one is at; it is there again when that one has ended."""
    async with postgres_database.unit() as unit:
        unit.write_many(NOTE, [{"method": each, "result": "1"} for each in ("a", "b")])
    sql = "SELECT method FROM known_answer ORDER BY method LIMIT 1"
    async with postgres_database.unit() as first, other_process.unit() as second:
        assert [row["method"] for row in await first.skip_locked(sql)] == ["a"]
        assert [row["method"] for row in await second.skip_locked(sql)] == ["b"]
    async with postgres_database.unit() as unit:
        assert [row["method"] for row in await unit.skip_locked(sql)] == ["a"]


async def test_a_cancellation_that_meets_the_commit_comes_too_late(
    postgres_url: str, postgres_database: Database
) -> None:
    """The unit is kept, and the cancellation goes on."""
    other = await asyncpg.connect(postgres_url)
    try:
        await other.execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END';"
            "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON known_answer"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();"
            "SELECT pg_advisory_lock(1)"
        )
        async with asyncio.TaskGroup() as group:
            task = group.create_task(postgres_database.run(note))
            while not await other.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'"
            ):
                pass
            task.cancel()
            await other.execute("SELECT pg_advisory_unlock(1)")
        assert task.cancelled()
    finally:
        await other.close()
    assert await noted(postgres_database) == ["a"]


async def test_a_schema_that_changes_under_way_is_a_conflict(
    postgres_url: str, postgres_database: Database
) -> None:
    """A statement prepared before is prepared again; the unit is done again."""

    async def work(unit: Unit) -> list[str]:
        rows = await unit.fetch("SELECT * FROM known_answer")
        return list(rows[0].keys()) if rows else []

    await postgres_database.run(note)
    assert await postgres_database.run(work) == ["method", "result"]
    other = await asyncpg.connect(postgres_url)
    try:
        await other.execute("ALTER TABLE known_answer ADD COLUMN more text")
    finally:
        await other.close()
    assert await postgres_database.run(work) == ["method", "result", "more"]
