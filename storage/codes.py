"""Without this drawer whoever guesses codes could begin anew after every restart."""

from __future__ import annotations

from datetime import datetime

from bot.domain.appointments.codes import ATTEMPT_COUNTS_FOR
from storage.database import Unit


class CodesDrawer:
    """Table ``wrong_code`` inside one transaction: which chat named a code that opened nothing, and
    when. Not which code: a slip of the one who has it would stand beside the right one."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def note_wrong(self, chat_id: int, now: datetime) -> None:
        """This chat has named a wrong code."""
        self._unit.write(
            "INSERT INTO wrong_code (chat_id, named_at) VALUES (:chat_id, :now)",
            chat_id=chat_id,
            now=now,
        )

    async def wrong_of(self, chat_id: int, now: datetime) -> int:
        """How many wrong codes of this chat count now."""
        rows = await self._unit.fetch(
            "SELECT count(*) AS wrong FROM wrong_code"
            " WHERE chat_id = :chat_id AND named_at > :since",
            chat_id=chat_id,
            since=now - ATTEMPT_COUNTS_FOR,
        )
        return int(rows[0]["wrong"])

    def purge(self, now: datetime) -> None:
        """Forget what does not count any more."""
        self._unit.write(
            "DELETE FROM wrong_code WHERE named_at <= :before", before=now - ATTEMPT_COUNTS_FOR
        )
