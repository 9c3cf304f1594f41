"""Places: what only one process may do, one process does, on both engines."""

from __future__ import annotations

import asyncio

import pytest

from storage.database import Database, StorageError
from storage.engines import open_database
from storage.postgres.holding import holding
from tests.cuts import wire_to


async def test_one_holds_the_place_and_the_others_are_told_at_once(database_url: str) -> None:
    """Whoever comes next gets it when the first has left; other places are free."""
    first, second = open_database(database_url), open_database(database_url)
    try:
        async with first.sole_holder("poller") as is_first:
            assert is_first
            async with second.sole_holder("poller") as is_second:
                assert not is_second
            async with second.sole_holder("bulk") as is_other:
                assert is_other
        async with second.sole_holder("poller") as is_second:
            assert is_second
    finally:
        await first.close()
        await second.close()


async def test_the_place_is_free_again_however_it_was_left(database: Database) -> None:
    """By an error of whoever held it, its own kind of error included."""

    async def hold(error: type[BaseException]) -> None:
        async with database.sole_holder("poller") as is_ours:
            assert is_ours
            raise error

    for error in (LookupError, TimeoutError, asyncio.CancelledError):
        with pytest.raises(error):
            await hold(error)
    async with database.sole_holder("poller") as is_ours:
        assert is_ours


async def test_a_place_outlives_a_cut_connection(postgres_url: str) -> None:
    """The lock went with the connection: it is taken again as soon as the server answers."""
    async with wire_to(postgres_url) as (wire, url):
        here, there = open_database(url), open_database(postgres_url)
        async with here.sole_holder("poller") as is_ours:
            assert is_ours
            wire.is_down = True
            wire.cut_all()
            await wire.refused_twice.wait()
            assert not await is_held(there)
            wire.is_down = False
            while not await is_held(there):
                pass
        assert not await is_held(there)
        await there.close()


async def is_held(database: Database) -> bool:
    """Whether somebody is in a place. Trying would take it from whoever just lost it."""
    async with database.reading() as unit:
        return bool(await unit.fetch("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"))


async def test_whoever_lost_the_place_to_another_one_stops(postgres_url: str) -> None:
    """Two that poll would do everything twice: what is inside is cancelled."""
    async with wire_to(postgres_url) as (wire, url):
        here, there = open_database(url), open_database(postgres_url)
        has_place = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(until_lost(here, has_place))
            await has_place.wait()
            wire.is_down = True
            wire.cut_all()
            await wire.refused_twice.wait()
            async with there.sole_holder("poller") as is_ours:
                assert is_ours
                wire.is_down = False
                assert "Another process took the place" in await task


async def until_lost(database: Database, has_place: asyncio.Event) -> str:
    """Stay in the place until it is lost; what is said then."""

    async def stay() -> None:
        async with database.sole_holder("poller") as is_ours:
            assert is_ours
            has_place.set()
            await asyncio.Event().wait()

    with pytest.raises(StorageError) as lost:
        await stay()
    return str(lost.value)


async def test_a_connection_that_went_silent_is_noticed(postgres_url: str) -> None:
    """A machine that vanished cuts nothing: its silence is enough, and a sound one is kept."""
    async with (
        wire_to(postgres_url) as (wire, url),
        holding(url, "poller", where="here", look_seconds=0.1) as is_ours,
    ):
        assert is_ours
        await wire.looked_after.wait()
        wire.looked_after.clear()
        await wire.looked_after.wait()
        wire.is_silent = True
        wire.connected.clear()
        await wire.connected.wait()
        wire.is_silent = False
        wire.looked_after.clear()
        await wire.looked_after.wait()
