"""Without this module two processes could both believe that they are the one that polls."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.database import to_the_end
from storage.postgres.connection import connect
from storage.postgres.faults import translated


def lock_key(name: str) -> int:
    """The advisory lock of this name: 64 bits, signed, the same in every process."""
    digest = hashlib.sha256(f"beatline:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@asynccontextmanager
async def holding(url: str, name: str, *, where: str) -> AsyncIterator[bool]:
    """See `storage.database.Database.sole_holder`. The lock lives in a connection of its own: the
    server drops it with the connection, however that ends."""
    connection = await connect(url)
    try:
        with translated(where):
            is_ours = await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock_key(name))
        yield bool(is_ours)
    finally:
        await to_the_end(connection.close())
