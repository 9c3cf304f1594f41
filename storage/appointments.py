"""Without this drawer two people would stand at the same hour before the same officer.

One row for each appointment, and one for each five minutes of an officer that it takes: their
primary key decides who was first, whatever was looked up before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.appointments.booking import AHEAD, Appointment, Guest, Side, State
from bot.domain.appointments.guests import GUEST_KEPT
from bot.domain.appointments.refusals import CodeTaken, SlotTaken
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from storage.database import Row, Unit

_FIELDS = (
    "officer", "service", "way", "starts_at", "minutes", "travel_minutes", "state",
    "resident_chat_id", "made_at", "held_until", "guest_name", "guest_phone", "code", "booked_by",
    "case_number", "place", "latitude", "longitude", "phone", "late_minutes", "ended_by", "reason",
    "situation", "ticked", "answers", "version",
)  # fmt: skip
_COLUMNS = ", ".join(("id", *_FIELDS))
_VALUES = ", ".join(f":{name}" for name in _FIELDS)
_SETTINGS = ", ".join(f"{name} = :{name}" for name in _FIELDS)
_AHEAD = ", ".join(f"'{state}'" for state in sorted(AHEAD))

#: Timer set by whatever changes an absence, hours or the roster: the appointments of the officer
#: who is its key are looked at again; of everybody under `EVERY_OFFICER`.
DISPLACE = "appointments.displace"
EVERY_OFFICER = "*"

#: An officer and a number of five minutes.
_Cell = tuple[str, int]


class AppointmentsDrawer:
    """Tables ``appointment`` and ``slot_cell`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def book(self, appointment: Appointment) -> Appointment:
        """Put a new one on file, with its number. Raises `SlotTaken` if any of its five minutes is
        somebody else's, `CodeTaken` if its code is; nothing of it is kept then."""
        row = await self._unit.fetch_one(
            f"INSERT INTO appointment ({', '.join(_FIELDS)}) VALUES ({_VALUES})"  # noqa: S608 - our own constants
            " ON CONFLICT (code) DO NOTHING RETURNING id",
            **_written(appointment),
        )
        if row is None:
            raise CodeTaken("" if appointment.guest is None else appointment.guest.code)
        number, slot = row["id"], appointment.slot
        if not await self._take(_cells(slot), number):
            self._give_back(number)
            self._unit.write("DELETE FROM appointment WHERE id = :id", id=number)
            raise SlotTaken(slot.starts, slot.officer)
        return replace(appointment, id=number)

    async def book_for_guest(self, appointment: Appointment, codes: Iterable[str]) -> Appointment:
        """Put one with a guest on file under the first of the ``codes`` that is nobody's yet.
        Raises `CodeTaken` when none is, and `SlotTaken`; nothing of it is kept then."""
        if appointment.guest is None:
            raise ValueError("only somebody without Telegram needs a code")
        for code in codes:
            try:
                return await self.book(
                    replace(appointment, guest=replace(appointment.guest, code=code))
                )
            except CodeTaken:
                continue
        raise CodeTaken("")

    async def _take(self, cells: Iterable[_Cell], number: int) -> bool:
        """Whether all the five minutes were free, and are the appointment's now."""
        wanted = [
            {"officer": officer, "cell": cell, "number": number} for officer, cell in sorted(cells)
        ]
        taken = await self._unit.fetch_each(
            "INSERT INTO slot_cell (officer, cell, appointment_id)"
            " VALUES (:officer, :cell, :number) ON CONFLICT (officer, cell) DO NOTHING"
            " RETURNING cell",
            wanted,
        )
        return len(taken) == len(wanted)

    def _give_back(self, number: int) -> None:
        self._unit.write("DELETE FROM slot_cell WHERE appointment_id = :number", number=number)

    def _give_back_some(self, cells: Iterable[_Cell], number: int) -> None:
        self._unit.write_many(
            "DELETE FROM slot_cell WHERE officer = :officer AND cell = :cell"
            " AND appointment_id = :number",
            [{"officer": officer, "cell": cell, "number": number} for officer, cell in cells],
        )

    async def change(self, before: Appointment, after: Appointment) -> Appointment | None:
        """Compare and set everything but the slot: what is on file now, None when somebody changed
        it first. What is over gives its officer's time back."""
        now = await self._put(before, replace(after, slot=before.slot, version=before.version + 1))
        if now is not None and now.id is not None and now.state not in AHEAD:
            self._give_back(now.id)
        return now

    async def move(self, before: Appointment, after: Appointment) -> Appointment | None:
        """Compare and set everything, the slot as well: the old five minutes are free, the new ones
        taken. None when somebody changed it first. Raises `SlotTaken`; nothing has changed then."""
        now = await self._put(before, replace(after, version=before.version + 1))
        if now is None or now.id is None:
            return None
        old, new = _cells(before.slot), _cells(now.slot)
        if not await self._take(new - old, now.id):
            self._give_back_some(new - old, now.id)
            await self._put(now, before)
            raise SlotTaken(now.slot.starts, now.slot.officer)
        self._give_back_some(old - new, now.id)
        return now

    async def _put(self, before: Appointment, after: Appointment) -> Appointment | None:
        row = await self._unit.fetch_one(
            f"UPDATE appointment SET {_SETTINGS}"  # noqa: S608 - our own constants
            " WHERE id = :id AND version = :known RETURNING id",
            id=before.id,
            known=before.version,
            **_written(after),
        )
        return None if row is None else replace(after, id=row["id"])

    async def find(self, number: int) -> Appointment | None:
        """The appointment with this number."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM appointment WHERE id = :id",  # noqa: S608 - our own constants
            id=number,
        )
        return None if row is None else _appointment(row)

    async def find_by_code(self, code: str) -> Appointment | None:
        """The booking that somebody without Telegram was given this code for."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM appointment WHERE code = :code",  # noqa: S608 - our own constants
            code=code,
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

    def forget_guests(self, now: datetime) -> None:
        """Of an appointment that began `GUEST_KEPT` ago, no name, number or place of somebody who
        was booked for; the version rises, so that nobody puts them back."""
        self._unit.write(
            "UPDATE appointment SET guest_name = NULL, guest_phone = NULL, code = NULL,"
            " booked_by = NULL, place = '', phone = '', latitude = NULL, longitude = NULL,"
            " answers = '[]', version = version + 1"
            " WHERE code IS NOT NULL AND starts_at <= :before",
            before=now - GUEST_KEPT,
        )

    async def officers_ahead(self, now: datetime) -> list[str]:
        """Who has an appointment ahead, on the roster or not, in order of their codes."""
        rows = await self._unit.fetch(
            "SELECT DISTINCT officer FROM appointment"  # noqa: S608 - our own constants
            f" WHERE starts_at > :now AND state IN ({_AHEAD}) ORDER BY officer",
            now=now,
        )
        return [row["officer"] for row in rows]


def _cells(slot: Slot) -> set[_Cell]:
    return {(slot.officer, cell) for cell in slot.cells}


def _written(appointment: Appointment) -> dict[str, Any]:
    """What stands in the row's columns."""
    slot, guest = appointment.slot, appointment.guest
    latitude, longitude = appointment.location or (None, None)
    return {
        "officer": slot.officer,
        "service": slot.service,
        "way": slot.way.value,
        "starts_at": slot.starts,
        "minutes": slot.minutes,
        "travel_minutes": slot.travel_minutes,
        "state": appointment.state.value,
        "resident_chat_id": appointment.resident_chat_id,
        "made_at": appointment.made_at,
        "held_until": appointment.held_until,
        "guest_name": None if guest is None else guest.name,
        "guest_phone": None if guest is None else guest.phone,
        "code": None if guest is None else guest.code,
        "booked_by": None if guest is None else guest.booked_by,
        "case_number": appointment.case_number,
        "place": appointment.place,
        "latitude": latitude,
        "longitude": longitude,
        "phone": appointment.phone,
        "late_minutes": appointment.late_minutes,
        "ended_by": None if appointment.ended_by is None else appointment.ended_by.value,
        "reason": appointment.reason,
        "situation": appointment.situation,
        "ticked": json.dumps(sorted(appointment.ticked)),
        "answers": json.dumps(appointment.answers, ensure_ascii=False),
        "version": appointment.version,
    }


def _appointment(row: Row) -> Appointment:
    return Appointment(
        id=row["id"],
        slot=_slot(row),
        state=State(row["state"]),
        resident_chat_id=row["resident_chat_id"],
        made_at=row["made_at"],
        held_until=row["held_until"],
        guest=_guest(row),
        case_number=row["case_number"],
        place=row["place"],
        location=None if row["latitude"] is None else (row["latitude"], row["longitude"]),
        phone=row["phone"],
        late_minutes=row["late_minutes"],
        ended_by=None if row["ended_by"] is None else Side(row["ended_by"]),
        reason=row["reason"],
        situation=row["situation"],
        ticked=frozenset(json.loads(row["ticked"])),
        answers=tuple(json.loads(row["answers"])),
        version=row["version"],
    )


def _slot(row: Row) -> Slot:
    return Slot(
        officer=row["officer"],
        service=row["service"],
        way=Way(row["way"]),
        starts=row["starts_at"],
        minutes=row["minutes"],
        travel_minutes=row["travel_minutes"],
    )


def _guest(row: Row) -> Guest | None:
    if row["code"] is None:
        return None
    return Guest(row["guest_name"], row["guest_phone"], row["code"], row["booked_by"] or "")
