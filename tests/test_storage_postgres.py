"""PostgreSQL in trouble: a clear sentence, nothing twice, and it goes on when the trouble ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from storage.database import (
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
    postgres: PostgresServer, postgres_database: Database
) -> None:
    """Meanwhile every unit is told where nothing can be stored; no restart is needed."""
    await postgres_database.run(note)
    postgres.stop()
    try:
        with pytest.raises(StorageDownError):
            await postgres_database.run(lambda unit: note(unit, "b"))
        with pytest.raises(StorageDownError, match="cannot be reached"):
            await noted(postgres_database)
    finally:
        postgres.start()
    await postgres_database.run(lambda unit: note(unit, "c"))
    assert await noted(postgres_database) == ["a", "c"]


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


async def test_rows_locked_by_another_program_are_down_until_they_are_let_go(
    postgres_url: str, postgres_database: Database
) -> None:
    """After some seconds of waiting it is said that somebody is in the way."""
    other = await asyncpg.connect(postgres_url)
    try:
        await other.execute("BEGIN; LOCK TABLE known_answer")
        with pytest.raises(StorageDownError, match="locked by another program"):
            await postgres_database.run(note)
        await other.execute("ROLLBACK")
    finally:
        await other.close()
    await postgres_database.run(note)
    assert await noted(postgres_database) == ["a"]


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
    postgres_database: Database, sqlstate: str, says: str
) -> None:
    """What an administrator can mend is said in a sentence, and tried again."""

    async def work(unit: Unit) -> None:
        await unit.fetch(f"DO $do$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $do$")

    with pytest.raises(StorageDownError, match=says):
        await postgres_database.run(work)


async def test_a_value_that_the_server_refuses_is_not_repeated(postgres_database: Database) -> None:
    """Neither its words nor its details are: they quote what somebody typed."""

    async def work(unit: Unit) -> None:
        await unit.fetch("SELECT CAST(CAST(:value AS text) AS int)", value="typed by somebody")

    with pytest.raises(StatementError) as refused:
        await postgres_database.run(work)
    assert "typed" not in str(refused.value)


async def test_a_constraint_of_the_row_is_named(
    postgres_url: str, postgres_database: Database
) -> None:
    """By its name alone."""
    other = await asyncpg.connect(postgres_url)
    try:
        await other.execute("ALTER TABLE known_answer ADD CONSTRAINT short CHECK (result <> '1')")
    finally:
        await other.close()
    with pytest.raises(ConstraintError, match=r"^known_answer: short$"):
        await postgres_database.run(note)


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


async def test_closing_does_not_wait_for_ever_for_a_unit(postgres_database: Database) -> None:
    """A unit that hangs is cut off."""

    async def hang(unit: Unit) -> None:
        await unit.fetch("SELECT method FROM known_answer")
        is_hanging.set()
        await database_is_closed.wait()
        await unit.fetch("SELECT method FROM known_answer")

    is_hanging, database_is_closed = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(told_down(postgres_database, hang))
        await is_hanging.wait()
        await postgres_database.close()
        database_is_closed.set()
    assert task.result()


async def told_down(database: Database, work: Callable[[Unit], Awaitable[None]]) -> bool:
    """Whether a unit was told that storage is down."""
    with pytest.raises(StorageDownError):
        await database.run(work)
    return True
