"""Without these rules a shared place would not know its area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.roster import Area, Box, Polygon, Position, Roster

#: Nearer than this to a boundary the resident confirms which side it is (contract: 50 m).
NEAR_METRES = 50.0
#: Mean radius of the earth.
EARTH_METRES = 6_371_008.8
#: One degree along a meridian.
DEGREE_METRES = math.radians(1) * EARTH_METRES


@dataclass(frozen=True, slots=True)
class Place:
    """A point in WGS 84, degrees."""

    latitude: float
    longitude: float


def areas_near(place: Place, roster: Roster) -> list[Area]:
    """The innermost areas around the place; near a boundary also what lies on its other side.

    Two or more are a question to the resident. An area without a boundary is on no map.
    """
    drawn = [area for area, box in roster.drawn_areas if _may_be_near(place, box)]
    around = [area.code for area in drawn if _is_inside(place, area)]
    beside = [area.code for area in drawn if _is_near(place, area)]
    sides = [_innermost(around, roster), *(_across(code, around, roster) for code in beside)]
    found = dict.fromkeys(code for side in sides for code in side)
    return [area for code in found if (area := roster.area(code)) is not None]


def _may_be_near(place: Place, box: Box) -> bool:
    north = NEAR_METRES / DEGREE_METRES
    east = north / math.cos(math.radians(place.latitude))
    return (
        box.south - north <= place.latitude <= box.north + north
        and box.west - east <= place.longitude <= box.east + east
    )


def _innermost(codes: Sequence[str], roster: Roster) -> list[str]:
    outer = {up.code for code in codes for up in list(roster.path_up(code))[1:]}
    return [code for code in codes if code not in outer]


def _across(code: str, around: Sequence[str], roster: Roster) -> list[str]:
    """Where one is after a step over the boundary of ``code``: in it, or out of it and of
    everything inside it."""
    if code not in around:
        return _innermost([*around, code], roster)
    left = [each for each in around if code not in {up.code for up in roster.path_up(each)}]
    return _innermost(left, roster)


def _is_inside(place: Place, area: Area) -> bool:
    return any(_in_polygon(place, each) for each in area.boundary)


def _is_near(place: Place, area: Area) -> bool:
    return any(_metres_to(place, each) <= NEAR_METRES for each in area.boundary)


def _in_polygon(place: Place, polygon: Polygon) -> bool:
    outer, *holes = polygon
    return _in_ring(place, outer) and not any(_in_ring(place, hole) for hole in holes)


def _in_ring(place: Place, ring: Sequence[Position]) -> bool:
    x, y = place.longitude, place.latitude
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _metres_to(place: Place, polygon: Polygon) -> float:
    return min(
        (_metres_to_edge(place, first, second) for ring in polygon
         for first, second in pairwise(ring)),
        default=math.inf,
    )  # fmt: skip


def _metres_to_edge(place: Place, first: Position, second: Position) -> float:
    across = DEGREE_METRES * math.cos(math.radians(place.latitude))
    x1, y1 = (first[0] - place.longitude) * across, (first[1] - place.latitude) * DEGREE_METRES
    x2, y2 = (second[0] - place.longitude) * across, (second[1] - place.latitude) * DEGREE_METRES
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2
    share = 0.0 if length == 0 else max(0.0, min(1.0, -(x1 * (x2 - x1) + y1 * (y2 - y1)) / length))
    return math.hypot(x1 + share * (x2 - x1), y1 + share * (y2 - y1))
