"""Without this drawer nobody would know in which chat an officer is."""

from __future__ import annotations

from datetime import datetime

from bot.domain.routing import OfficerState
from storage.database import Unit


class OfficersDrawer:
    """The rows of table ``officer_link`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def states(self) -> dict[str, OfficerState]:
        """Everybody who is linked, by code."""
        rows = await self._unit.fetch(
            "SELECT l.code, l.chat_id, l.away_since, l.seen_at, u.since FROM officer_link l"
            " LEFT JOIN unreachable u ON u.chat_id = l.chat_id"
        )
        return {
            row["code"]: OfficerState(
                chat_id=row["chat_id"],
                is_reachable=row["since"] is None,
                is_absent=row["away_since"] is not None,
                seen_at=row["seen_at"],
            )
            for row in rows
        }

    def link(self, code: str, chat_id: int, now: datetime) -> None:
        """This chat is this officer's; a chat belongs to one code. What showed a service request in
        another chat shows nothing in this one."""
        self._unit.write(
            "UPDATE service_request SET officer_message = NULL WHERE officer = :code"
            " AND state = 'open' AND NOT EXISTS (SELECT 1 FROM officer_link l"
            " WHERE l.code = :code AND l.chat_id = :chat_id)",
            code=code,
            chat_id=chat_id,
        )
        self._unit.write(
            "DELETE FROM officer_link WHERE chat_id = :chat_id AND code <> :code",
            chat_id=chat_id,
            code=code,
        )
        self._unit.write(
            "INSERT INTO officer_link (code, chat_id, linked_at) VALUES (:code, :chat_id, :now)"
            " ON CONFLICT (code) DO UPDATE SET chat_id = excluded.chat_id,"
            " linked_at = excluded.linked_at",
            code=code,
            chat_id=chat_id,
            now=now,
        )

    def unlink(self, code: str) -> None:
        """Not on the roster any more."""
        self._unit.write("DELETE FROM officer_link WHERE code = :code", code=code)

    def set_away(self, code: str, now: datetime) -> None:
        """Away from now on."""
        self._unit.write(
            "UPDATE officer_link SET away_since = :now WHERE code = :code AND away_since IS NULL",
            code=code,
            now=now,
        )

    def set_back(self, code: str) -> None:
        """Here again."""
        self._unit.write("UPDATE officer_link SET away_since = NULL WHERE code = :code", code=code)

    def seen(self, code: str, at: datetime | None) -> None:
        """When this person last wrote or pressed here; None: has gone."""
        self._unit.write(
            "UPDATE officer_link SET seen_at = :at WHERE code = :code", code=code, at=at
        )

    async def seen_at(self, code: str) -> datetime | None:
        """When this person last wrote or pressed here, to the minute."""
        row = await self._unit.fetch_one(
            "SELECT seen_at FROM officer_link WHERE code = :code", code=code
        )
        return None if row is None else row["seen_at"]
