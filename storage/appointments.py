"""Without this drawer two people would stand at the same hour before the same officer.

One row for each appointment, and one for each five minutes of an officer that it takes: their
primary key decides who was first, whatever was looked up before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.appointments.booking import AHEAD, Appointment, Side, State
from bot.domain.appointments.refusals import SlotTaken
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from storage.database import Row, Unit

_COLUMNS = (
    "id, officer, service, way, starts_at, minutes, travel_minutes, state, resident_chat_id,"
    " made_at, held_until, ended_by"
)
_AHEAD = ", ".join(f"'{state}'" for state in sorted(AHEAD))


class AppointmentsDrawer:
    """Tables ``appointment`` and ``slot_cell`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def book(self, appointment: Appointment) -> Appointment:
        """Put a new one on file, with its number. Raises `SlotTaken` if any of its five minutes is
        somebody else's; nothing of it is kept then."""
        slot = appointment.slot
        rows = await self._unit.fetch(
            "INSERT INTO appointment (officer, service, way, starts_at, minutes, travel_minutes,"
            " state, resident_chat_id, made_at, held_until) VALUES (:officer, :service, :way,"
            " :starts_at, :minutes, :travel_minutes, :state, :chat_id, :made_at, :held_until)"
            " RETURNING id",
            officer=slot.officer,
            service=slot.service,
            way=slot.way.value,
            starts_at=slot.starts,
            minutes=slot.minutes,
            travel_minutes=slot.travel_minutes,
            state=appointment.state.value,
            chat_id=appointment.resident_chat_id,
            made_at=appointment.made_at,
            held_until=appointment.held_until,
        )
        number = rows[0]["id"]
        if not await self._take(slot, number):
            self._give_back(number)
            self._unit.write("DELETE FROM appointment WHERE id = :id", id=number)
            raise SlotTaken(slot.starts, slot.officer)
        return replace(appointment, id=number)

    async def _take(self, slot: Slot, number: int) -> bool:
        """Whether all the slot's five minutes were free, and are the appointment's now."""
        taken = await self._unit.fetch_each(
            "INSERT INTO slot_cell (officer, cell, appointment_id)"
            " VALUES (:officer, :cell, :number) ON CONFLICT (officer, cell) DO NOTHING"
            " RETURNING cell",
            [{"officer": slot.officer, "cell": cell, "number": number} for cell in slot.cells],
        )
        return len(taken) == len(slot.cells)

    def _give_back(self, number: int) -> None:
        self._unit.write("DELETE FROM slot_cell WHERE appointment_id = :number", number=number)

    async def change(self, before: Appointment, after: Appointment) -> bool:
        """Compare and set: False when somebody changed it first. What is over gives its officer's
        time back."""
        row = await self._unit.fetch_one(
            "UPDATE appointment SET state = :after, made_at = :made_at, held_until = :held_until,"
            " ended_by = :ended_by WHERE id = :id AND state = :before RETURNING id",
            id=before.id,
            before=before.state.value,
            after=after.state.value,
            made_at=after.made_at,
            held_until=after.held_until,
            ended_by=None if after.ended_by is None else after.ended_by.value,
        )
        if row is not None and after.state not in AHEAD:
            self._give_back(row["id"])
        return row is not None

    async def find(self, number: int) -> Appointment | None:
        """The appointment with this number."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM appointment WHERE id = :id",  # noqa: S608 - our own constant
            id=number,
        )
        return None if row is None else _appointment(row)

    async def of_resident(self, chat_id: int, *, since: datetime) -> list[Appointment]:
        """What a resident has ahead, in order of time."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM appointment WHERE resident_chat_id = :chat_id"  # noqa: S608 - our own constants
            f" AND starts_at > :since AND state IN ({_AHEAD}) ORDER BY starts_at, id",
            chat_id=chat_id,
            since=since,
        )
        return [_appointment(row) for row in rows]

    async def of_officer(
        self, officer: str, *, since: datetime, until: datetime
    ) -> list[Appointment]:
        """What takes an officer's time, by its start, in order of time."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM appointment WHERE officer = :officer"  # noqa: S608 - our own constants
            " AND starts_at >= :since AND starts_at < :until"
            f" AND state IN ({_AHEAD}) ORDER BY starts_at, id",
            officer=officer,
            since=since,
            until=until,
        )
        return [_appointment(row) for row in rows]


def _appointment(row: Row) -> Appointment:
    slot = Slot(
        officer=row["officer"],
        service=row["service"],
        way=Way(row["way"]),
        starts=row["starts_at"],
        minutes=row["minutes"],
        travel_minutes=row["travel_minutes"],
    )
    return Appointment(
        id=row["id"],
        slot=slot,
        state=State(row["state"]),
        resident_chat_id=row["resident_chat_id"],
        made_at=row["made_at"],
        held_until=row["held_until"],
        ended_by=None if row["ended_by"] is None else Side(row["ended_by"]),
    )
