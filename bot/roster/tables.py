"""Without this module nobody could say what belongs into a roster.

Every table of the file: its keys, how their values are read, and what the house makes of a row. A
new table is declared here and named in `TABLES`; nothing else has to know it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.appointments.service import Item, Service, Situation, Way
from bot.domain.bulletins import Kind
from bot.domain.roster import (
    Area,
    EmergencyNumber,
    Officer,
    OnCall,
    Role,
    Room,
    Roster,
    Schedule,
    Station,
)
from bot.roster.boundaries import boundary
from bot.roster.dates import day, week
from bot.roster.table import Entry, Key, Table
from bot.roster.values import (
    any_text,
    channel_id,
    choice,
    chosen_of,
    code,
    code_or_none,
    codes,
    count,
    emergency_number,
    languages,
    location,
    many_names,
    names,
    notes,
    opening_hours,
    phone,
    situations,
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
        "quiet_when_closed": Key(yes_or_no, default=True),
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
        "channel": Key(channel_id, default=None),
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

SERVICE = Table(
    "service",
    {
        "code": Key(code),
        "name": Key(names),
        "minutes": Key(count(range(5, 8 * 60 + 1))),
        "ways": Key(chosen_of(*Way)),
        "lead_minutes": Key(count(range(30 * 24 * 60 + 1)), default=60),
        "days_ahead": Key(count(range(1, 91)), default=30),
        "travel_minutes": Key(count(range(4 * 60 + 1)), default=0),
        "daily_limit": Key(count(range(1000)), default=0),
        "bring": Key(many_names, default=()),
        "bring_if_you_can": Key(many_names, default=()),
        "situations": Key(situations, default=()),
        "questions": Key(many_names, default=()),
        "not_issued": Key(notes, default={}),
        "takes_photos": Key(yes_or_no, default=False),
    },
    is_optional=True,
)

ON_CALL = Table(
    "on_call",
    {
        "officer": Key(code),
        "week": Key(week, default=()),
        "date": Key(day, default=()),
    },
    named_by="officer",
    is_optional=True,
)

#: Every table of a roster, in the order in which it is read and written. The station comes first:
#: its languages and coordinates tell how the others are read.
TABLES = (STATION, EMERGENCY, ROOM, AREA, OFFICER, SCHEDULE, SERVICE, ON_CALL)


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
        services=tuple(_service(entry.values) for entry in found["service"]),
        on_call=tuple(_on_call(entry.values) for entry in found["on_call"]),
    )


def _officer(values: Mapping[str, Any]) -> Officer:
    return Officer(**{**values, "role": Role(values["role"])})


def _on_call(values: Mapping[str, Any]) -> OnCall:
    return OnCall(values["officer"], week=values["week"] or None, day=values["date"] or None)


def on_call_values(row: OnCall) -> dict[str, Any]:
    """The opposite: what stands in the file."""
    found: dict[str, Any] = {"officer": row.officer, "week": (), "date": row.day or ()}
    if row.week is not None:
        found["week"] = "{:04}-W{:02}".format(*row.week)
    return found


def _service(values: Mapping[str, Any]) -> Service:
    """What must be brought comes first, then what helps."""
    found = dict(values)
    helpful = tuple(Item(text, is_needed=False) for text in found.pop("bring_if_you_can"))
    return Service(
        **{
            **found,
            "ways": tuple(Way(way) for way in found["ways"]),
            "bring": (*(Item(text) for text in found["bring"]), *helpful),
            "situations": tuple(
                Situation(code, name, tuple(Item(text) for text in bring))
                for code, name, bring in found["situations"]
            ),
        }
    )


def service_values(service: Service) -> dict[str, Any]:
    """The opposite: what stands in the file."""
    found = {key: getattr(service, key, ()) for key in SERVICE.keys}
    return {
        **found,
        "ways": [way.value for way in service.ways],
        "bring": tuple(each.text for each in service.bring if each.is_needed),
        "bring_if_you_can": tuple(each.text for each in service.bring if not each.is_needed),
        "situations": tuple(
            {"code": each.code, "name": each.name, "bring": [item.text for item in each.bring]}
            for each in service.situations
        ),
    }
