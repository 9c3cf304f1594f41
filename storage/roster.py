"""Without this drawer the roster would be a file on somebody's desk."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from bot.domain.appointments.service import Item, Service, Situation, Way
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
from storage.database import Unit

#: Timer set by an import: a running bot reads the roster again.
ROSTER_CHANGED = "roster.changed"


class RosterDrawer:
    """Every imported version as one document; the newest is in force."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def current(self) -> tuple[int, Roster] | None:
        """The roster in force with its version."""
        row = await self._unit.fetch_one(
            "SELECT version, document FROM roster ORDER BY version DESC LIMIT 1"
        )
        return None if row is None else (row["version"], _from_json(json.loads(row["document"])))

    async def version(self) -> int | None:
        """The version in force."""
        row = await self._unit.fetch_one("SELECT max(version) AS version FROM roster")
        return None if row is None else row["version"]

    async def import_(self, roster: Roster, now: datetime) -> bool:
        """A new version, if the meaning changed."""
        document = json.dumps(_to_json(roster), ensure_ascii=False, sort_keys=True)
        row = await self._unit.fetch_one(
            "SELECT document FROM roster ORDER BY version DESC LIMIT 1"
        )
        if row is not None and row["document"] == document:
            return False
        self._unit.write(
            "INSERT INTO roster (document, imported_at) VALUES (:document, :now)",
            document=document,
            now=now,
        )
        return True


def _to_json(roster: Roster) -> dict[str, Any]:
    return {
        "station": asdict(roster.station),
        "rooms": [asdict(each) for each in roster.rooms],
        "areas": [asdict(each) for each in roster.areas],
        "officers": [asdict(each) for each in roster.officers],
        "schedules": [asdict(each) for each in roster.schedules],
        "services": [asdict(each) for each in roster.services],
        "on_call": [
            {**asdict(each), "day": each.day and each.day.isoformat()} for each in roster.on_call
        ],
    }


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


def _from_json(document: dict[str, Any]) -> Roster:
    station = {key: _tuples(value) for key, value in document["station"].items()}
    station["emergency"] = tuple(
        EmergencyNumber(**each) for each in document["station"]["emergency"]
    )
    return Roster(
        station=Station(**station),
        rooms=tuple(Room(**_row(each)) for each in document["rooms"]),
        areas=tuple(Area(**_row(each)) for each in document["areas"]),
        officers=tuple(
            Officer(**{**_row(each), "role": Role(each["role"])}) for each in document["officers"]
        ),
        # Rosters from before there were weekly issues are still in force.
        schedules=tuple(Schedule(**each) for each in document.get("schedules", [])),
        services=tuple(_service(each) for each in document.get("services", [])),
        on_call=tuple(_on_call(each) for each in document.get("on_call", [])),
    )


def _on_call(each: dict[str, Any]) -> OnCall:
    day = each["day"]
    return OnCall(
        each["officer"],
        week=_tuples(each["week"]),
        day=None if day is None else date.fromisoformat(day),
    )


def _service(each: dict[str, Any]) -> Service:
    situations = tuple(
        Situation(inner["code"], inner["name"], _items(inner["bring"]))
        for inner in each["situations"]
    )
    return Service(
        **{
            **_row(each),
            "ways": tuple(Way(way) for way in each["ways"]),
            "bring": _items(each["bring"]),
            "situations": situations,
        }
    )


def _items(items: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(**each) for each in items)


def _row(each: dict[str, Any]) -> dict[str, Any]:
    return {key: _tuples(value) for key, value in each.items()}
