"""Without this module two processes could both believe that they are the one that polls.

The lock lives in a connection of its own: the server drops it with the connection, however that
ends. When ours is cut while we live, the lock is taken again; somebody else was first: we stop.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from storage.database import StorageDownError, StorageError, to_the_end
from storage.postgres.connection import CONNECT_SECONDS, connect
from storage.postgres.faults import translated

#: A connection that was cut says so at once; one to a machine that vanished is asked this often.
LOOK_SECONDS = 10.0
#: While the server cannot be reached, the lock is tried again after this pause.
TRY_AGAIN_SECONDS = 0.5


@asynccontextmanager
async def holding(
    url: str, name: str, *, where: str, look_seconds: float = LOOK_SECONDS
) -> AsyncIterator[bool]:
    """See `storage.database.Database.sole_holder`."""
    place = _Place(url, name, where=where, look_seconds=look_seconds)
    try:
        if not await place.take():
            yield False
            return
        async with asyncio.timeout(None) as ours:
            watching = asyncio.ensure_future(
                place.watch(lambda: ours.reschedule(asyncio.get_running_loop().time()))
            )
            try:
                yield True
            finally:
                watching.cancel()
                await asyncio.wait([watching])
                if not watching.cancelled():
                    watching.result()
    except TimeoutError:
        if not place.is_lost:
            raise
        raise StorageError(f"Another process took the place of this one at {where}.") from None
    finally:
        await to_the_end(place.leave())


class _Place:
    """The lock of one name, and the connection that has it."""

    def __init__(self, url: str, name: str, *, where: str, look_seconds: float) -> None:
        self._url = url
        self._key = _lock_key(name)
        self._where = where
        self._look_seconds = look_seconds
        self._connection: Any = None
        self._is_cut = asyncio.Event()
        self.is_lost = False

    async def take(self) -> bool:
        """Whether it is ours now."""
        await self.leave()
        self._is_cut = is_cut = asyncio.Event()
        self._connection = await connect(self._url)
        # An event of its own: what the connection before says comes late.
        self._connection.add_termination_listener(lambda _: is_cut.set())
        with translated(self._where):
            is_ours = await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", self._key)
        return bool(is_ours)

    async def leave(self) -> None:
        """Give it back; the server does so by itself when it does not hear us."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(StorageDownError), translated(self._where):
                await connection.close(timeout=CONNECT_SECONDS)

    async def watch(self, on_lost: Callable[[], None]) -> None:
        """Keep it through cuts, until cancelled or until somebody else has it."""
        while not self.is_lost:
            if not await self._is_there():
                self.is_lost = not await self._take_again()
        on_lost()

    async def _is_there(self) -> bool:
        try:
            async with asyncio.timeout(self._look_seconds):
                await self._is_cut.wait()
        except TimeoutError:
            return await self._answers()
        return False

    async def _answers(self) -> bool:
        try:
            with translated(self._where):
                await self._connection.execute("SELECT 1", timeout=self._look_seconds)
        except StorageError:
            self._connection.terminate()
            return False
        return True

    async def _take_again(self) -> bool:
        while True:
            try:
                return await self.take()
            except StorageDownError:
                await asyncio.sleep(TRY_AGAIN_SECONDS)


def _lock_key(name: str) -> int:
    """The advisory lock of this name: 64 bits, signed, the same in every process."""
    digest = hashlib.sha256(f"beatline:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
