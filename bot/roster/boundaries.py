"""Without this module an area would have a name and no ground.

A boundary is GeoJSON (RFC 7946): a file beside the roster, or the same as a table inside it.
Positions in it are [longitude, latitude].
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from bot.domain.gcj02 import to_wgs84
from bot.domain.roster import Polygon, Position
from bot.roster.table import Cell, Unfit
from bot.roster.values import is_number

#: A boundary of a whole country drawn by the metre is smaller.
LARGEST_FILE_BYTES = 20 * 1024 * 1024


def boundary(cell: Cell) -> tuple[Polygon, ...]:
    """All polygons of an area, in WGS 84. Every different fault of its rings is noted."""
    if isinstance(cell.value, Mapping):
        return _polygons(cell, cell.value, named="")
    return _polygons(cell, _file(cell), named=f"{cell.value}: ")


def _polygons(cell: Cell, document: Any, *, named: str) -> tuple[Polygon, ...]:
    faults: dict[str, None] = {}
    polygons = []
    try:
        for rings in _coordinates(document):
            polygons.append(tuple(_rings(rings, faults, is_gcj02=cell.page.is_gcj02)))
    except Unfit as unfit:
        faults[unfit.says] = None
    if not faults:
        return tuple(polygons)
    *others, last = (f"{named}{says}" for says in faults)
    for says in others:
        cell.fault(says)
    raise Unfit(last)


def _rings(
    rings: Any, faults: dict[str, None], *, is_gcj02: bool
) -> Iterator[tuple[Position, ...]]:
    for each in _list(rings, "a polygon needs a list of rings."):
        try:
            ring = _ring(each)
        except Unfit as unfit:
            faults[unfit.says] = None
        else:
            yield _converted(ring) if is_gcj02 else ring


def _file(cell: Cell) -> Any:
    name = cell.value
    if not isinstance(name, str) or not name:
        raise Unfit('must be the name of a GeoJSON file, such as "riverside.geojson".')
    if PurePath(name).is_absolute() or ".." in PurePath(name).parts:
        raise Unfit("must be a file beside the roster: move it there.")
    path = cell.page.path.parent / name
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise Unfit(f"{name} is larger than 20 MiB: simplify the line.")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise Unfit(f"{name} cannot be read: put it beside the roster.") from error
    except (ValueError, RecursionError) as error:
        raise Unfit(f"{name} is not JSON: export it again as GeoJSON.") from error


def _coordinates(document: Any) -> Iterator[Any]:
    """The coordinates of every polygon in a GeoJSON object."""
    kind = document.get("type") if isinstance(document, Mapping) else None
    if kind == "Polygon":
        yield document.get("coordinates")
    elif kind == "MultiPolygon":
        yield from _list(document.get("coordinates"), "a MultiPolygon needs a list of polygons.")
    elif kind == "Feature":
        yield from _coordinates(document.get("geometry"))
    elif kind == "FeatureCollection":
        for each in _list(document.get("features"), "a FeatureCollection needs features."):
            yield from _coordinates(each)
    else:
        found = f"{kind!r}" if isinstance(kind, str) else "something else"
        raise Unfit(f"must be a Polygon or MultiPolygon of GeoJSON, and is {found}.")


def _list(value: Any, says: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise Unfit(says)
    return value


def _ring(positions: Any) -> tuple[Position, ...]:
    if not isinstance(positions, list) or len(positions) < 4:
        raise Unfit("a ring needs four positions or more, the last like the first.")
    ring = tuple(_position(each) for each in positions)
    if ring[0] != ring[-1]:
        raise Unfit("a ring is not closed: repeat its first position as the last.")
    if len(set(ring)) < 3:
        raise Unfit("a ring encloses nothing: it needs three different positions.")
    return ring


def _position(value: Any) -> Position:
    if not isinstance(value, list) or len(value) < 2 or not all(map(is_number, value)):
        raise Unfit("a position must be [longitude, latitude] in degrees.")
    longitude, latitude = float(value[0]), float(value[1])
    if abs(latitude) > 90 and abs(longitude) <= 90:
        raise Unfit("positions look swapped: GeoJSON writes longitude first.")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Unfit("a position is no place on earth: use degrees, not metres.")
    return longitude, latitude


def _converted(ring: tuple[Position, ...]) -> tuple[Position, ...]:
    places = (to_wgs84(latitude, longitude) for longitude, latitude in ring)
    return tuple((longitude, latitude) for latitude, longitude in places)
