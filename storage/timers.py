"""Without this drawer everything that is due later would be forgotten by a restart.

What is due: one row for each (kind, key). A row is deleted in the transaction that acts on it. What
failed too often lies aside, where nobody comes past it.
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
    """Something due: ``due_at`` aware UTC; ``chat_key`` names the queue it must wait in.
    ``is_readable`` false: nobody knows its payload, for what is on file is no JSON object."""

    kind: str
    key: str
    due_at: datetime
    chat_key: str
    payload: Mapping[str, Any]
    attempts: int = 0
    is_readable: bool = True


def _timer(row: Row) -> Timer:
    payload = _payload(row["payload"])
    return Timer(
        kind=row["kind"],
        key=row["key"],
        due_at=row["due_at"],
        chat_key=row["chat_key"],
        payload=payload or {},
        attempts=row["attempts"],
        is_readable=payload is not None,
    )


def _payload(text: str) -> Mapping[str, Any] | None:
    """None for what is no JSON object: one such row must not keep the others from being read."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


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
        """What is due under this name, whenever that is; None as well for what nobody can read."""
        row = await self._unit.fetch_one(
            "SELECT kind, key, due_at, chat_key, payload, attempts FROM timer"
            " WHERE kind = :kind AND key = :key",
            kind=kind,
            key=key,
        )
        found = None if row is None else _timer(row)
        return found if found is not None and found.is_readable else None

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

    async def set_aside(self, timer: Timer, now: datetime, *, error: str) -> int | None:
        """It failed too often: off the file of what is due, as it stands there; its number aside,
        None when it was moved or cleared meanwhile."""
        row = await self._unit.fetch_one(
            "DELETE FROM timer WHERE kind = :kind AND key = :key AND due_at = :due_at"
            " RETURNING payload",
            kind=timer.kind,
            key=timer.key,
            due_at=timer.due_at,
        )
        if row is None:
            return None
        (aside,) = await self._unit.fetch(
            "INSERT INTO timer_aside"
            " (kind, key, due_at, chat_key, payload, attempts, error, set_aside_at)"
            " VALUES (:kind, :key, :due_at, :chat_key, :payload, :attempts, :error, :now)"
            " RETURNING id",
            kind=timer.kind,
            key=timer.key,
            due_at=timer.due_at,
            chat_key=timer.chat_key,
            payload=row["payload"],
            attempts=timer.attempts + 1,
            error=error,
            now=now,
        )
        return int(aside["id"])

    async def count_aside(self) -> int:
        """How many lie aside."""
        (row,) = await self._unit.fetch("SELECT count(*) AS number FROM timer_aside")
        return int(row["number"])

    def bring_back(self) -> None:
        """What lies aside is due again, with its attempts counted, unless it was set anew."""
        columns = "kind, key, due_at, chat_key, payload, attempts, error"
        self._unit.write(
            f"INSERT INTO timer ({columns}) SELECT {columns} FROM timer_aside"  # noqa: S608 - our own constant
            " WHERE TRUE ORDER BY id ON CONFLICT (kind, key) DO NOTHING"
        )
        self._unit.write("DELETE FROM timer_aside")
