"""Without this drawer an update that was fetched and not yet handled would die with the process.

What came: raw updates, in our own order. States: waiting → done | dead (a dead letter: kept with
its error until somebody replays it).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Row, Unit

#: How long handled updates are kept: long enough to look into a fault, no longer (personal data).
HANDLED_KEPT = timedelta(hours=48)
#: Rows forgotten in one transaction: others want to write in between.
PURGED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Arrival:
    """One raw update as it came: its number at Telegram (None when it has none) and its bytes."""

    update_id: int | None
    chat_key: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One update on file. ``received_at`` is aware UTC; ``is_delayed`` after a replay."""

    sequence: int
    update_id: int | None
    chat_key: str
    payload: bytes
    state: str
    attempts: int
    error: str | None
    received_at: datetime
    is_delayed: bool


def _letter(row: Row) -> Letter:
    return Letter(
        sequence=row["sequence"],
        update_id=row["update_id"],
        chat_key=row["chat_key"],
        payload=row["payload"],
        state=row["state"],
        attempts=row["attempts"],
        error=row["error"],
        received_at=row["received_at"],
        is_delayed=bool(row["is_delayed"]),
    )


_COLUMNS = "sequence, update_id, chat_key, payload, state, attempts, error, received_at, is_delayed"


class InboxDrawer:
    """The rows of table ``inbox`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def keep(self, arrivals: Iterable[Arrival], now: datetime) -> list[Letter]:
        """File raw updates in their order; one that is on file already is not filed twice."""
        rows = await self._unit.fetch_each(
            "INSERT INTO inbox (update_id, chat_key, payload, state, received_at)"  # noqa: S608 - our own constant
            " VALUES (:update_id, :chat_key, :payload, 'waiting', :now)"
            f" ON CONFLICT (update_id) DO NOTHING RETURNING {_COLUMNS}",
            [
                {
                    "update_id": arrival.update_id,
                    "chat_key": arrival.chat_key,
                    "payload": arrival.payload,
                    "now": now,
                }
                for arrival in arrivals
            ],
        )
        return [_letter(row) for row in rows]

    async def waiting(self, *, limit: int, per_chat: int) -> list[Letter]:
        """What is not handled yet, in order: of each chat the first ``per_chat``, ``limit`` in all,
        everybody's first before anybody's second.

        Selected by state and never beyond a number: on PostgreSQL numbers do not commit in order.
        """
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM inbox WHERE sequence IN (SELECT sequence FROM"  # noqa: S608 - our own constant
            " (SELECT sequence, row_number() OVER (PARTITION BY chat_key ORDER BY sequence)"
            " AS place FROM inbox WHERE state = 'waiting') AS ranked"
            " WHERE place <= :per_chat ORDER BY place, sequence LIMIT :limit) ORDER BY sequence",
            per_chat=per_chat,
            limit=limit,
        )
        return [_letter(row) for row in rows]

    async def take(self, sequences: Iterable[int], now: datetime) -> set[int]:
        """Mark these updates handled, in the transaction that handles them; those that were still
        waiting. Nobody handles an update twice."""
        rows = await self._unit.fetch_each(
            "UPDATE inbox SET state = 'done', handled_at = :now, error = NULL"
            " WHERE sequence = :sequence AND state = 'waiting' RETURNING sequence",
            [{"sequence": sequence, "now": now} for sequence in sequences],
        )
        return {row["sequence"] for row in rows}

    def failed(self, sequence: int, error: str) -> None:
        """One more attempt failed; the update stays waiting."""
        self._unit.write(
            "UPDATE inbox SET attempts = attempts + 1, error = :error"
            " WHERE sequence = :sequence AND state = 'waiting'",
            sequence=sequence,
            error=error,
        )

    def bury(self, sequence: int, error: str, now: datetime) -> None:
        """Make it a dead letter."""
        self._unit.write(
            "UPDATE inbox SET state = 'dead', attempts = attempts + 1, error = :error,"
            " handled_at = :now WHERE sequence = :sequence AND state = 'waiting'",
            sequence=sequence,
            error=error,
            now=now,
        )

    async def dead_letters(self) -> list[Letter]:
        """All dead letters, oldest first."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM inbox WHERE state = 'dead' ORDER BY sequence"  # noqa: S608 - our own constant
        )
        return [_letter(row) for row in rows]

    async def letter(self, sequence: int) -> Letter | None:
        """One dead letter by its number."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM inbox WHERE state = 'dead' AND sequence = :sequence",  # noqa: S608 - our own constant
            sequence=sequence,
        )
        return None if row is None else _letter(row)

    async def replay(self, sequences: Sequence[int]) -> list[int]:
        """Put dead letters at the tail of the inbox, marked delayed; the numbers that were dead."""
        rows = await self._unit.fetch_each(
            "DELETE FROM inbox WHERE state = 'dead' AND sequence = :sequence"
            " RETURNING sequence, update_id, chat_key, payload, received_at",
            [{"sequence": sequence} for sequence in sequences],
        )
        self._unit.write_many(
            "INSERT INTO inbox (update_id, chat_key, payload, state, received_at, is_delayed)"
            " VALUES (:update_id, :chat_key, :payload, 'waiting', :received_at, TRUE)",
            [
                {
                    "update_id": row["update_id"],
                    "chat_key": row["chat_key"],
                    "payload": row["payload"],
                    "received_at": row["received_at"],
                }
                for row in rows
            ],
        )
        return [row["sequence"] for row in rows]

    async def counts(self) -> dict[str, int]:
        """How many rows are in each state."""
        rows = await self._unit.fetch("SELECT state, count(*) AS n FROM inbox GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    async def purge(self, now: datetime) -> bool:
        """Forget some of what was handled long ago; whether there may be more. A dead letter stays
        and only gives up its update id, since Telegram's ids may start again lower and must not
        meet an old one."""
        before = now - HANDLED_KEPT
        self._unit.write(
            "UPDATE inbox SET update_id = NULL"
            " WHERE state = 'dead' AND handled_at < :before AND update_id IS NOT NULL",
            before=before,
        )
        gone = await self._unit.fetch(
            "DELETE FROM inbox WHERE sequence IN (SELECT sequence FROM inbox WHERE state = 'done'"
            " AND handled_at < :before ORDER BY sequence LIMIT :limit) RETURNING sequence",
            before=before,
            limit=PURGED_AT_ONCE,
        )
        return len(gone) == PURGED_AT_ONCE
