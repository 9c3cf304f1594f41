"""Places: what only one process may do, one process does, on both engines."""

from __future__ import annotations

import asyncio

import pytest

from storage.database import (
    Database,
)
from storage.engines import open_database


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
