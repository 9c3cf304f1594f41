"""Without this drawer one press that comes twice would bring two files, and nobody would be told
that a calendar still shows what was called off."""

from __future__ import annotations

from storage.database import Unit


class CalendarFilesDrawer:
    """Table ``calendar_file`` inside one transaction: the newest file of an appointment that went
    to a chat."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def take(
        self, appointment_id: int, chat_id: int, *, sequence: int, asked_in: int
    ) -> bool:
        """Whether the file with this ``sequence`` is to be sent to the chat; False when it was
        asked for with the same button (of the message ``asked_in``) before. Another message's
        button brings it again: the first may have been deleted."""
        row = await self._unit.fetch_one(
            "INSERT INTO calendar_file (appointment_id, chat_id, sequence, asked_in)"
            " VALUES (:appointment_id, :chat_id, :sequence, :asked_in)"
            " ON CONFLICT (appointment_id, chat_id) DO UPDATE"
            " SET sequence = excluded.sequence, asked_in = excluded.asked_in"
            " WHERE calendar_file.sequence <> excluded.sequence"
            " OR calendar_file.asked_in <> excluded.asked_in"
            " RETURNING chat_id",
            appointment_id=appointment_id,
            chat_id=chat_id,
            sequence=sequence,
            asked_in=asked_in,
        )
        return row is not None

    async def has(self, appointment_id: int, chat_id: int) -> bool:
        """Whether the chat was ever sent a file of the appointment."""
        row = await self._unit.fetch_one(
            "SELECT chat_id FROM calendar_file"
            " WHERE appointment_id = :appointment_id AND chat_id = :chat_id",
            appointment_id=appointment_id,
            chat_id=chat_id,
        )
        return row is not None
