"""Without this drawer a start would depend on Telegram answering at that moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from storage.database import Unit


class KnownAnswersDrawer:
    """What Telegram said of ourselves and what we told it, by method, inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, method: str) -> dict[str, Any] | None:
        """The kept answer of this method."""
        row = await self._unit.fetch_one(
            "SELECT result FROM known_answer WHERE method = :method", method=method
        )
        return None if row is None else dict(json.loads(row["result"]))

    def keep(self, method: str, result: Mapping[str, Any]) -> None:
        """Keep an answer in place of the one before."""
        self._unit.write(
            "INSERT INTO known_answer (method, result) VALUES (:method, :result)"
            " ON CONFLICT (method) DO UPDATE SET result = excluded.result",
            method=method,
            result=json.dumps(result),
        )
