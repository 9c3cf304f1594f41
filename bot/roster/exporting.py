"""Without this module the roster in force could not be seen, or taken to another machine.

What is written is what `check_roster` reads: coordinates in WGS 84, boundaries as tables inside the
file, so that it stands alone. Links made by invitation are not in it: they are on file, not on the
roster, and a link from an old copy would bring back an old phone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.domain.roster import Polygon, Roster
from bot.roster.table import Table
from bot.roster.tables import (
    AREA,
    EMERGENCY,
    OFFICER,
    ON_CALL,
    ROOM,
    SCHEDULE,
    SERVICE,
    STATION,
    on_call_values,
    service_values,
)

#: The first line of every file written here: only such a file is overwritten.
FIRST_LINE = "# Written by beatline roster export; beatline roster import takes it.\n"


def roster_text(roster: Roster) -> str:
    """The roster as TOML."""
    station = {**_values(STATION, roster.station), "coordinates": "wgs84"}
    tables = [(STATION, station)]
    for table, rows in (
        (EMERGENCY, roster.station.emergency),
        (ROOM, roster.rooms),
        (AREA, roster.areas),
        (OFFICER, roster.officers),
        (SCHEDULE, roster.schedules),
    ):
        tables += [(table, _values(table, row)) for row in rows]
    tables += [(SERVICE, _told(SERVICE, service_values(row))) for row in roster.services]
    tables += [(ON_CALL, _told(ON_CALL, on_call_values(row))) for row in roster.on_call]
    return FIRST_LINE + "".join(_written(table, values) for table, values in tables)


def _values(table: Table, row: object) -> dict[str, Any]:
    """The values of a row that say something other than leaving the key out."""
    found: dict[str, Any] = {key: getattr(row, key, None) for key in table.keys}
    if "boundary" in found:
        found["boundary"] = _geojson(found["boundary"])
    return _told(table, found)


def _told(table: Table, found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value != table.keys[key].default}


def _geojson(polygons: Sequence[Polygon]) -> object:
    return {"type": "MultiPolygon", "coordinates": polygons} if polygons else ()


def _written(table: Table, values: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "\n".join(["", table.title, *lines, ""])


def _toml(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else repr(value)


def _quoted(text: str) -> str:
    """A basic string: TOML's escapes are JSON's, and DEL needs one too."""
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")
