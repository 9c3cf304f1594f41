"""Without these facts nobody would know who is responsible for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from bot.domain.appointments.service import Service

#: A point as [longitude, latitude] in WGS 84, as in GeoJSON.
Position = tuple[float, float]
#: Rings of one polygon: the outer one first, then its holes.
Polygon = Sequence[Sequence[Position]]


@dataclass(frozen=True, slots=True)
class Box:
    """The degrees between which a boundary lies, WGS 84."""

    west: float
    south: float
    east: float
    north: float


class Role(StrEnum):
    """What somebody is here; a resident is everybody who is not on the roster."""

    RESIDENT = "resident"
    OFFICER = "officer"
    AUXILIARY = "auxiliary"
    INTERPRETER = "interpreter"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class EmergencyNumber:
    """A number people call or text. ``kind``: police, fire, ambulance, traffic, other."""

    kind: str
    number: str
    by: str
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Station:
    """The police station. The first of ``languages`` is its own."""

    name: Mapping[str, str]
    hotline: str
    timezone: str
    languages: tuple[str, ...]
    duty_desk: tuple[str, ...]
    emergency: tuple[EmergencyNumber, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """A police room. ``location`` is (latitude, longitude) in WGS 84; ``hours`` OSM syntax;
    ``second_person``: whether its weekly notices need one's yes; ``quiet_when_closed``: outside its
    hours its officers' phones stay silent, and the duty desk sees what comes."""

    code: str
    name: Mapping[str, str]
    address: Mapping[str, str]
    location: tuple[float, float] | None
    phone: str
    hours: str
    second_person: bool = True
    quiet_when_closed: bool = True


@dataclass(frozen=True, slots=True)
class Area:
    """A piece of the territory, in a tree; ``room`` empty: inherited; ``channel``: Telegram's id of
    a channel or group that shows the area's bulletins."""

    code: str
    name: Mapping[str, str]
    room: str = ""
    parent: str = ""
    boundary: tuple[Polygon, ...] = ()
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody of the roster."""

    code: str
    name: Mapping[str, str]
    role: Role
    badge: str = ""
    phone: str = ""
    telegram_id: int | None = None
    languages: Mapping[str, str] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    deputy_for: tuple[str, ...] = ()
    room: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A weekly issue: its kind of bulletin, ``at`` as in "Fri 18:00" at the station; ``room``
    empty: the whole station's."""

    kind: str
    at: str
    room: str = ""


@dataclass(frozen=True, slots=True)
class OnCall:
    """One line of the on-call roster: an officer for an ISO week (year, week) or for a date."""

    officer: str
    week: tuple[int, int] | None = None
    day: date | None = None


@dataclass(frozen=True)
class Roster:
    """Who is responsible for which area, who deputises, and where."""

    station: Station
    rooms: tuple[Room, ...]
    areas: tuple[Area, ...]
    officers: tuple[Officer, ...]
    schedules: tuple[Schedule, ...] = ()
    services: tuple[Service, ...] = ()
    on_call: tuple[OnCall, ...] = ()

    @cached_property
    def _areas(self) -> Mapping[str, Area]:
        return {area.code: area for area in self.areas}

    @cached_property
    def _officers(self) -> Mapping[str, Officer]:
        return {officer.code: officer for officer in self.officers}

    @cached_property
    def drawn_areas(self) -> Sequence[tuple[Area, Box]]:
        """The areas with a boundary, and where to look for each: a town may have thousands."""
        return [(area, _box(area.boundary)) for area in self.areas if area.boundary]

    def room(self, code: str) -> Room | None:
        """The room with this code."""
        return next((room for room in self.rooms if room.code == code), None)

    def schedule(self, kind: str, room: str) -> Schedule | None:
        """When this room's bulletins of a kind go out."""
        wanted = (kind, room)
        return next((each for each in self.schedules if (each.kind, each.room) == wanted), None)

    def schedule_for(self, kind: str, room: str) -> Schedule | None:
        """With which issue a notice of this room goes out: the room's, else the station's."""
        return self.schedule(kind, room) or self.schedule(kind, "")

    def service(self, code: str | None) -> Service | None:
        """The service with this code."""
        return next((each for each in self.services if each.code == code), None)

    def area(self, code: str | None) -> Area | None:
        """The area with this code."""
        return self._areas.get(code or "")

    def officer(self, code: str | None) -> Officer | None:
        """The person with this code."""
        return self._officers.get(code or "")

    def path_up(self, code: str) -> Iterator[Area]:
        """The area and those around it, innermost first."""
        seen: set[str] = set()
        area = self.area(code)
        while area is not None and area.code not in seen:
            seen.add(area.code)
            yield area
            area = self.area(area.parent)

    def room_of(self, code: str) -> Room | None:
        """The area's room, inherited up the tree."""
        wanted = next((area.room for area in self.path_up(code) if area.room), "")
        return next((room for room in self.rooms if room.code == wanted), None)

    def responsible_for(self, code: str) -> tuple[Officer, ...]:
        """Who is responsible for this very area, in the order of the file."""
        return tuple(officer for officer in self.officers if code in officer.areas)

    def usual_officers(self, code: str) -> tuple[Officer, ...]:
        """Who is responsible for the area, inherited up the tree where nobody is named."""
        found = (self.responsible_for(area.code) for area in self.path_up(code))
        return next((officers for officers in found if officers), ())

    def deputies_of(self, code: str) -> tuple[Officer, ...]:
        """The deputies of this very area, in the order of the file."""
        return tuple(officer for officer in self.officers if code in officer.deputy_for)

    def auxiliaries_of(self, room: str) -> tuple[Officer, ...]:
        """The room's auxiliaries, in the order of the file."""
        return tuple(
            officer
            for officer in self.officers
            if officer.role is Role.AUXILIARY and officer.room == room
        )


def _box(polygons: Sequence[Polygon]) -> Box:
    outlines = [position for polygon in polygons for position in polygon[0]]
    longitudes, latitudes = zip(*outlines, strict=True)
    return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))
