"""Without this module nobody could say what belongs into a roster.

Every table of the file: its keys, how their values are read, and what the house makes of a row. A
new table is declared here and named in `TABLES`; nothing else has to know it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.bulletins import Kind
from bot.domain.roster import Area, EmergencyNumber, Officer, Role, Room, Roster, Schedule, Station
from bot.roster.boundaries import boundary
from bot.roster.table import Entry, Key, Table
from bot.roster.values import (
    any_text,
    choice,
    code,
    code_or_none,
    codes,
    emergency_number,
    languages,
    location,
    names,
    notes,
    opening_hours,
    phone,
    skills,
    telegram_id,
    time_zone,
    weekly_hour,
    yes_or_no,
)

STATION = Table(
    "station",
    {
        "languages": Key(languages),
        "name": Key(names),
        "hotline": Key(phone),
        "timezone": Key(time_zone),
        "coordinates": Key(choice("wgs84", "gcj02")),
        "duty_desk": Key(codes),
    },
    is_list=False,
)

EMERGENCY = Table(
    "emergency",
    {
        "kind": Key(choice("police", "fire", "ambulance", "traffic", "other")),
        "number": Key(emergency_number),
        "by": Key(choice("call", "sms")),
        "note": Key(notes, default={}),
    },
    named_by="number",
)

ROOM = Table(
    "room",
    {
        "code": Key(code),
        "name": Key(names),
        "address": Key(names),
        "location": Key(location, default=None),
        "phone": Key(phone),
        "hours": Key(opening_hours),
        "second_person": Key(yes_or_no, default=True),
        "quiet_when_closed": Key(yes_or_no, default=False),
    },
)

AREA = Table(
    "area",
    {
        "code": Key(code),
        "name": Key(names),
        "room": Key(code_or_none, default=""),
        "parent": Key(code_or_none, default=""),
        "boundary": Key(boundary, default=()),
    },
)

OFFICER = Table(
    "officer",
    {
        "code": Key(code),
        "name": Key(names),
        "role": Key(choice(*(role for role in Role if role is not Role.RESIDENT))),
        "badge": Key(any_text),
        "phone": Key(phone, default=""),
        "telegram_id": Key(telegram_id, default=None),
        "languages": Key(skills),
        "areas": Key(codes, default=()),
        "deputy_for": Key(codes, default=()),
        "room": Key(code_or_none, default=""),
    },
)

SCHEDULE = Table(
    "schedule",
    {
        "kind": Key(choice(*(kind for kind in Kind if kind is not Kind.ALERT))),
        "at": Key(weekly_hour),
        "room": Key(code_or_none, default=""),
    },
    named_by="kind",
    is_optional=True,
)

#: Every table of a roster, in the order in which it is read and written. The station comes first:
#: its languages and coordinates tell how the others are read.
TABLES = (STATION, EMERGENCY, ROOM, AREA, OFFICER, SCHEDULE)


def roster_of(found: Mapping[str, Sequence[Entry]]) -> Roster:
    """What the house works with, from entries without a fault."""
    (station,) = (dict(entry.values) for entry in found["station"])
    station.pop("coordinates")
    return Roster(
        station=Station(
            **station,
            emergency=tuple(EmergencyNumber(**entry.values) for entry in found["emergency"]),
        ),
        rooms=tuple(Room(**entry.values) for entry in found["room"]),
        areas=tuple(Area(**entry.values) for entry in found["area"]),
        officers=tuple(_officer(entry.values) for entry in found["officer"]),
        schedules=tuple(Schedule(**entry.values) for entry in found["schedule"]),
    )


def _officer(values: Mapping[str, Any]) -> Officer:
    return Officer(**{**values, "role": Role(values["role"])})
