"""Without this drawer everything that is due later would be forgotten by a restart.

What is due: one row for each (kind, key). A row is deleted in the transaction that acts on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Row, Unit


@dataclass(frozen=True, slots=True)
class Timer:
    """Something due: ``due_at`` aware UTC; ``chat_key`` names the queue it must wait in."""

    kind: str
    key: str
    due_at: datetime
    chat_key: str
    payload: Mapping[str, Any]
    attempts: int = 0


def _timer(row: Row) -> Timer:
    return Timer(
        kind=row["kind"],
        key=row["key"],
        due_at=row["due_at"],
        chat_key=row["chat_key"],
        payload=json.loads(row["payload"]),
        attempts=row["attempts"],
    )


class TimersDrawer:
    """The rows of table ``timer`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        #: The earliest moment that was set through this drawer.
        self.earliest: datetime | None = None

    def set(
        self,
        kind: str,
        key: str,
        *,
        due_at: datetime,
        chat_key: str,
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        """Make (kind, key) due at ``due_at``; set again, it moves and takes the new payload."""
        self.earliest = due_at if self.earliest is None else min(due_at, self.earliest)
        self._unit.write(
            "INSERT INTO timer (kind, key, due_at, chat_key, payload)"
            " VALUES (:kind, :key, :due_at, :chat_key, :payload)"
            " ON CONFLICT (kind, key) DO UPDATE SET due_at = excluded.due_at,"
            " chat_key = excluded.chat_key, payload = excluded.payload, attempts = 0, error = NULL",
            kind=kind,
            key=key,
            due_at=due_at,
            chat_key=chat_key,
            payload=json.dumps(payload or {}),
        )

    async def find(self, kind: str, key: str) -> Timer | None:
        """What is due under this name, whenever that is."""
        row = await self._unit.fetch_one(
            "SELECT kind, key, due_at, chat_key, payload, attempts FROM timer"
            " WHERE kind = :kind AND key = :key",
            kind=kind,
            key=key,
        )
        return None if row is None else _timer(row)

    def clear(self, kind: str, key: str) -> None:
        """It is no longer due."""
        self._unit.write("DELETE FROM timer WHERE kind = :kind AND key = :key", kind=kind, key=key)

    async def take(self, timer: Timer) -> bool:
        """Take a due timer off the file, in the transaction that acts on it. False when it was
        moved, cleared or acted on meanwhile: then nothing is to be done."""
        row = await self._unit.fetch_one(
            "DELETE FROM timer WHERE kind = :kind AND key = :key AND due_at = :due_at"
            " RETURNING kind",
            kind=timer.kind,
            key=timer.key,
            due_at=timer.due_at,
        )
        if row is None:  # moved, perhaps to a moment that has come as well
            self.earliest = timer.due_at
        return row is not None

    async def due(self, now: datetime, *, limit: int) -> list[Timer]:
        """What is due at ``now``, oldest first."""
        rows = await self._unit.fetch(
            "SELECT kind, key, due_at, chat_key, payload, attempts FROM timer"
            " WHERE due_at <= :now ORDER BY due_at, kind, key LIMIT :limit",
            now=now,
            limit=limit,
        )
        return [_timer(row) for row in rows]

    def postpone(self, timer: Timer, *, due_at: datetime, error: str) -> None:
        """It failed: try again at ``due_at``."""
        self._unit.write(
            "UPDATE timer SET due_at = :later, attempts = attempts + 1, error = :error"
            " WHERE kind = :kind AND key = :key AND due_at = :due_at",
            kind=timer.kind,
            key=timer.key,
            due_at=timer.due_at,
            later=due_at,
            error=error,
        )
