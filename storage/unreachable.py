"""Without this drawer messages would go on being promised to people who cannot get them."""

from __future__ import annotations

from datetime import datetime

from storage.database import Unit


class UnreachableDrawer:
    """Chats that take no messages from us, inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def mark(self, chat_id: int, reason: str, now: datetime) -> bool:
        """Note it; False when it was noted before."""
        row = await self._unit.fetch_one(
            "INSERT INTO unreachable (chat_id, since, reason) VALUES (:chat_id, :now, :reason)"
            " ON CONFLICT (chat_id) DO NOTHING RETURNING chat_id",
            chat_id=chat_id,
            now=now,
            reason=reason,
        )
        return row is not None

    def clear(self, chat_id: int) -> None:
        """The person wrote, pressed or unblocked: reachable again."""
        self._unit.write("DELETE FROM unreachable WHERE chat_id = :chat_id", chat_id=chat_id)

    async def is_reachable(self, chat_id: int) -> bool:
        """Whether nothing speaks against sending there."""
        row = await self._unit.fetch_one(
            "SELECT chat_id FROM unreachable WHERE chat_id = :chat_id", chat_id=chat_id
        )
        return row is None
