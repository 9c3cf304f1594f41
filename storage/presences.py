"""Without this drawer nobody would know who is at the room now: what people said last."""

from __future__ import annotations

from datetime import datetime

from bot.domain.presences import Presence, Whereabouts
from storage.database import Unit


class PresencesDrawer:
    """The rows of table ``presence`` inside one transaction: one for each officer."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def say(self, presence: Presence) -> None:
        """What an officer says now; what was said before is forgotten."""
        self._unit.write(
            "INSERT INTO presence (officer, whereabouts, place, said_at, until)"
            " VALUES (:officer, :whereabouts, :place, :said_at, :until)"
            " ON CONFLICT (officer) DO UPDATE SET whereabouts = excluded.whereabouts,"
            " place = excluded.place, said_at = excluded.said_at, until = excluded.until",
            officer=presence.officer,
            whereabouts=presence.whereabouts.value,
            place=presence.place,
            said_at=presence.said_at,
            until=presence.until,
        )

    async def believed(self, now: datetime) -> list[Presence]:
        """What people said and what still counts."""
        rows = await self._unit.fetch(
            "SELECT officer, whereabouts, place, said_at, until FROM presence WHERE until > :now",
            now=now,
        )
        return [
            Presence(
                officer=row["officer"],
                whereabouts=Whereabouts(row["whereabouts"]),
                place=row["place"],
                said_at=row["said_at"],
                until=row["until"],
            )
            for row in rows
        ]
