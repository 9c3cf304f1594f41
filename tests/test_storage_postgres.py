"""PostgreSQL in trouble: a clear sentence, nothing twice, and it goes on when the trouble ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from storage.database import (
    ConflictError,
    ConstraintError,
    Database,
    StatementError,
    StorageDownError,
    StorageError,
    Unit,
)
from storage.engines import open_database
from storage.postgres import PostgresDatabase
from storage.postgres.statements import statement
from tests.cuts import Cut, Wire, wire_to
from tests.engines import NOTE, PostgresServer, noted


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """A fresh database on PostgreSQL, opened."""
    opened = open_database(postgres_url)
    yield opened
    await opened.close()


@pytest.fixture
async def wire(postgres_url: str) -> AsyncIterator[tuple[Wire, Database]]:
    """The same behind a wire that can be cut."""
    async with wire_to(postgres_url) as (wire, url):
        database = open_database(url)
        yield wire, database
        await database.close()


async def note(unit: Unit, method: str = "a") -> None:
    """One row more."""
    unit.write(NOTE, method=method, result="1")


async def test_names_become_numbers_and_nothing_else_does() -> None:
    """Casts, texts, quoted names and comments keep their colons; a name that comes again keeps
    its number."""
    translated = statement(
        "SELECT ':no'::text, 'it''s :no', \"a:b\", CAST(:x AS int), :y::text -- :no\n"
        "/* :no */ FROM t WHERE a = :x AND b > :y_2 AND c = E':no'"
    )
    assert translated.text == (
        "SELECT ':no'::text, 'it''s :no', \"a:b\", CAST($1 AS int), $2::text -- :no\n"
        "/* :no */ FROM t WHERE a = $1 AND b > $3 AND c = E':no'"
    )
    assert translated.names == ("x", "y", "y_2")


async def test_a_server_that_stops_and_comes_back_is_used_again(
    postgres: PostgresServer, database: Database
) -> None:
    """Meanwhile every unit is told where nothing can be stored; no restart is needed."""
    await database.run(note)
    postgres.stop()
    try:
        with pytest.raises(StorageDownError):
            await database.run(lambda unit: note(unit, "b"))
        with pytest.raises(StorageDownError, match="cannot be reached"):
            await noted(database)
    finally:
        postgres.start()
    await database.run(lambda unit: note(unit, "c"))
    assert await noted(database) == ["a", "c"]


async def test_a_unit_whose_connection_is_cut_leaves_nothing(
    wire: tuple[Wire, Database],
) -> None:
    """It is told so, and the next one gets another connection."""
    line, database = wire

    async def work(unit: Unit) -> None:
        await unit.fetch(NOTE + " RETURNING method", method="a", result="1")
        line.cut_all()
        await unit.fetch("SELECT method FROM known_answer")

    with pytest.raises(StorageDownError):
        await database.run(work)
    await database.run(lambda unit: note(unit, "b"))
    assert await noted(database) == ["b"]


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.AFTER])
async def test_a_commit_whose_answer_is_cut_off_is_asked_for(
    wire: tuple[Wire, Database], cut: Cut
) -> None:
    """Kept, the unit ends as if nothing had been; not kept, it is told so: never done twice,
    never forgotten."""
    line, database = wire
    line.next_commit = cut
    if cut is Cut.BEFORE:
        with pytest.raises(StorageDownError):
            await database.run(note)
        assert await noted(database) == []
    else:
        await database.run(note)
        assert await noted(database) == ["a"]


async def test_a_commit_is_asked_for_until_the_server_answers(
    wire: tuple[Wire, Database],
) -> None:
    """However long that takes: a guess would do it twice or lose it."""
    line, database = wire
    line.next_commit = Cut.AFTER
    async with asyncio.TaskGroup() as group:
        line.stays_down = True
        task = group.create_task(database.run(note))
        await line.refused_twice.wait()
        assert not task.done()
        line.is_down = False
    assert await noted(database) == ["a"]


async def test_a_reading_whose_end_is_cut_off_is_no_loss(wire: tuple[Wire, Database]) -> None:
    """Nothing was written: there is nothing to ask for."""
    line, database = wire

    async def work(unit: Unit) -> None:
        await unit.fetch("SELECT method FROM known_answer")
        line.next_commit = Cut.BEFORE

    with pytest.raises(StorageDownError):
        await database.run(work)
    assert await noted(database) == []


async def test_what_a_unit_read_is_still_so_when_it_writes(database: Database) -> None:
    """Another one changed it meanwhile: the unit is done again on what is so now."""
    seen = []

    async def work(unit: Unit) -> None:
        row = await unit.fetch_one("SELECT result FROM known_answer WHERE method = 'a'")
        assert row is not None
        seen.append(row["result"])
        if len(seen) == 1:
            await database.run(change)
        unit.write("UPDATE known_answer SET result = result || :more", more="!")

    async def change(unit: Unit) -> None:
        unit.write("UPDATE known_answer SET result = '2'")

    await database.run(note)
    await database.run(work)
    assert seen == ["1", "2"]
    async with database.reading() as unit:
        assert [row["result"] for row in await unit.fetch("SELECT result FROM known_answer")] == [
            "2!"
        ]


async def test_two_who_write_the_same_new_row_do_not_both_fail(database: Database) -> None:
    """The second one decided without seeing the first: done again, it sees it."""
    tries = 0

    async def work(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        found = await unit.fetch("SELECT method FROM known_answer WHERE method = 'a'")
        if tries == 1:
            await database.run(note)
        if not found:
            await note(unit)

    await database.run(work)
    assert tries == 2
    assert await noted(database) == ["a"]


async def test_two_who_wait_for_each_other_are_parted(database: Database) -> None:
    """The server ends one of two transactions in a deadlock: it is a conflict, and done again."""
    first_has_begun, second_has_begun = asyncio.Event(), asyncio.Event()
    conflicts = 0

    async def count_up(first: str, second: str, mine: asyncio.Event, other: asyncio.Event) -> None:
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

    async with database.unit() as unit:
        unit.write_many(NOTE, [{"method": each, "result": ""} for each in ("a", "b")])
    async with asyncio.TaskGroup() as group:
        group.create_task(count_up("a", "b", first_has_begun, second_has_begun))
        group.create_task(count_up("b", "a", second_has_begun, first_has_begun))
    assert conflicts == 1


async def test_rows_that_somebody_holds_are_passed_over(database: Database) -> None:
    """Nobody waits for what another one is at; it is there again when that one has ended."""
    async with database.unit() as unit:
        unit.write_many(NOTE, [{"method": each, "result": "1"} for each in ("a", "b")])
    sql = "SELECT method FROM known_answer ORDER BY method LIMIT 1"
    async with database.unit() as first, database.unit() as second:
        assert [row["method"] for row in await first.skip_locked(sql)] == ["a"]
        assert [row["method"] for row in await second.skip_locked(sql)] == ["b"]
    async with database.unit() as unit:
        assert [row["method"] for row in await unit.skip_locked(sql)] == ["a"]


async def test_rows_locked_by_another_program_are_down_until_they_are_let_go(
    postgres_url: str, database: Database
) -> None:
    """After some seconds of waiting it is said that somebody is in the way."""
    other = await asyncpg.connect(postgres_url)
    try:
        await other.execute("BEGIN; LOCK TABLE known_answer")
        with pytest.raises(StorageDownError, match="locked by another program"):
            await database.run(note)
        await other.execute("ROLLBACK")
    finally:
        await other.close()
    await database.run(note)
    assert await noted(database) == ["a"]


async def test_a_cancellation_that_meets_the_commit_comes_too_late(
    postgres_url: str, database: Database
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
            task = group.create_task(database.run(note))
            while not await other.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'"
            ):
                pass
            task.cancel()
            await other.execute("SELECT pg_advisory_unlock(1)")
        assert task.cancelled()
    finally:
        await other.close()
    assert await noted(database) == ["a"]


async def test_a_schema_that_changes_under_way_is_a_conflict(
    postgres_url: str, database: Database
) -> None:
    """A statement prepared before is prepared again; the unit is done again."""

    async def work(unit: Unit) -> list[str]:
        rows = await unit.fetch("SELECT * FROM known_answer")
        return list(rows[0].keys()) if rows else []

    await database.run(note)
    assert await database.run(work) == ["method", "result"]
    other = await asyncpg.connect(postgres_url)
    try:
        await other.execute("ALTER TABLE known_answer ADD COLUMN more text")
    finally:
        await other.close()
    assert await database.run(work) == ["method", "result", "more"]


@pytest.mark.parametrize(
    ("sqlstate", "says"),
    [
        ("53100", "the disk is full"),
        ("53300", "has no connection left"),
        ("42501", "does not allow it"),
        ("25006", "is it a standby"),
        ("57014", "told to stop what we asked"),
        ("XX001", "restore a backup"),
        ("58030", "trouble with its disk"),
    ],
)
async def test_trouble_of_the_server_is_down_and_named(
    database: Database, sqlstate: str, says: str
) -> None:
    """What an administrator can mend is said in a sentence, and tried again."""

    async def work(unit: Unit) -> None:
        await unit.fetch(f"DO $do$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $do$")

    with pytest.raises(StorageDownError, match=says):
        await database.run(work)


async def test_a_value_that_the_server_refuses_is_not_repeated(database: Database) -> None:
    """Neither its words nor its details are: they quote what somebody typed."""

    async def work(unit: Unit) -> None:
        await unit.fetch("SELECT CAST(CAST(:value AS text) AS int)", value="typed by somebody")

    with pytest.raises(StatementError) as refused:
        await database.run(work)
    assert "typed" not in str(refused.value)


async def test_a_constraint_of_the_row_is_named(postgres_url: str, database: Database) -> None:
    """By its name alone."""
    other = await asyncpg.connect(postgres_url)
    try:
        await other.execute("ALTER TABLE known_answer ADD CONSTRAINT short CHECK (result <> '1')")
    finally:
        await other.close()
    with pytest.raises(ConstraintError, match=r"^known_answer: short$"):
        await database.run(note)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://postgres@127.0.0.1:1/x", "PostgreSQL at 127.0.0.1 cannot be reached"),
        ("postgresql://postgres@127.0.0.1/x?sslmode=perhaps", "says something"),
    ],
)
async def test_an_address_that_leads_nowhere_is_named_without_its_password(
    address: str, says: str
) -> None:
    """The host is enough to find the mistake."""
    database = PostgresDatabase(address.replace("postgres@", "postgres:hidden@"))
    with pytest.raises(StorageError, match=says) as refused:
        await noted(database)
    assert "hidden" not in str(refused.value)
    await database.close()


async def test_a_database_that_is_not_there_is_named(postgres: PostgresServer) -> None:
    """It is for an administrator to make it."""
    database = PostgresDatabase(postgres.url_of("nowhere"))
    with pytest.raises(StorageDownError, match="has no such database"):
        await noted(database)
    await database.close()


async def test_closing_does_not_wait_for_ever_for_a_unit(database: Database) -> None:
    """A unit that hangs is cut off."""

    async def hang(unit: Unit) -> None:
        await unit.fetch("SELECT method FROM known_answer")
        is_hanging.set()
        await database_is_closed.wait()
        await unit.fetch("SELECT method FROM known_answer")

    is_hanging, database_is_closed = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(told_down(database, hang))
        await is_hanging.wait()
        await database.close()
        database_is_closed.set()
    assert task.result()


async def told_down(database: Database, work: Callable[[Unit], Awaitable[None]]) -> bool:
    """Whether a unit was told that storage is down."""
    with pytest.raises(StorageDownError):
        await database.run(work)
    return True
