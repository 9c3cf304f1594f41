"""Without this drawer what was written at night would ring, or be forgotten in the morning.

Messages that wait for the owner's shift: each row goes in the transaction that passes it on.
"""

from __future__ import annotations

from datetime import datetime

from storage.database import Unit


class WaitingDrawer:
    """Table ``waiting`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def note(self, case_number: int, message_id: int, now: datetime) -> None:
        """This message of the case's resident, in whatever version, waits for the owner."""
        self._unit.write(
            "INSERT INTO waiting (case_number, message_id, since) VALUES (:number, :message_id,"
            " :now) ON CONFLICT (case_number, message_id) DO NOTHING",
            number=case_number,
            message_id=message_id,
            now=now,
        )

    async def of_case(self, case_number: int) -> list[int]:
        """The ids of the messages that wait, in the order in which they began to."""
        rows = await self._unit.fetch(
            "SELECT message_id FROM waiting WHERE case_number = :number ORDER BY since, message_id",
            number=case_number,
        )
        return [row["message_id"] for row in rows]

    async def cases_of(self, owner: str) -> list[tuple[int, datetime]]:
        """An owner's cases in which something waits, with when the first of it came, oldest
        first."""
        rows = await self._unit.fetch(
            "SELECT w.case_number, w.since FROM waiting w JOIN cases c ON c.number = w.case_number"
            " WHERE c.owner = :owner AND c.state <> 'closed' ORDER BY w.since, w.case_number",
            owner=owner,
        )
        first: dict[int, datetime] = {}
        for row in rows:
            first.setdefault(row["case_number"], row["since"])
        return list(first.items())

    def forget(self, case_number: int) -> None:
        """Nothing of this case waits any more: it was passed on."""
        self._unit.write("DELETE FROM waiting WHERE case_number = :number", number=case_number)
