"""Without this module a text for 100,000 people would be stored 100,000 times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from storage.database import Unit

#: How long shared parameters are kept: longer than any outage that promises wait out.
KEPT = timedelta(days=90)


class PayloadsDrawer:
    """Parameters that many promises share, by name, inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def keep(self, name: str, params: Mapping[str, Any], now: datetime) -> None:
        """Store shared parameters once; a name means the same for ever."""
        self._unit.write(
            "INSERT INTO payload (name, params, stored_at) VALUES (:name, :params, :now)"
            " ON CONFLICT (name) DO NOTHING",
            name=name,
            params=orjson.dumps(params).decode(),
            now=now,
        )

    def purge(self, now: datetime) -> None:
        """Forget what no promise can still name: a bulletin that goes on keeps its texts anew."""
        self._unit.write("DELETE FROM payload WHERE stored_at < :before", before=now - KEPT)

    async def find(self, name: str) -> dict[str, Any] | None:
        """The parameters of this name."""
        row = await self._unit.fetch_one("SELECT params FROM payload WHERE name = :name", name=name)
        return None if row is None else dict(orjson.loads(row["params"]))
