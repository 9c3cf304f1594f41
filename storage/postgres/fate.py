"""Without this module a connection cut during a COMMIT would do the unit twice, or not at all.

The server remembers what became of a transaction; it is asked as soon as it can be reached.
"""

from __future__ import annotations

import asyncio
import logging

from storage.database import StorageDownError, to_the_end
from storage.postgres.connection import connect, host_of
from storage.postgres.faults import translated

_log = logging.getLogger("beatline.storage")

#: The server is asked again after this pause, until it answers: every other answer is a guess.
ASK_AGAIN_SECONDS = 0.5


async def was_kept(url: str, mark: str) -> bool:
    """Whether the transaction with this number was committed; waits until the server can say."""
    where = f"PostgreSQL at {host_of(url)}"
    _log.error("storage_down", extra={"cause": f"{where} was cut off during a commit."})
    while True:
        try:
            status = await _status(url, mark, where)
        except StorageDownError:
            status = "in progress"
        if status != "in progress":
            _log.info("commit_known", extra={"status": status})
            return status == "committed"
        await asyncio.sleep(ASK_AGAIN_SECONDS)


async def _status(url: str, mark: str, where: str) -> str | None:
    connection = await connect(url)
    try:
        with translated(where):
            status: str | None = await connection.fetchval(
                "SELECT pg_xact_status(CAST(CAST($1 AS text) AS xid8))", mark
            )
    finally:
        await to_the_end(connection.close())
    return status
