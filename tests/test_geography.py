"""In which area a shared place lies, how near its boundary is, and what Chinese maps do to it."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain import gcj02
from bot.domain.geography import EARTH_METRES, NEAR_METRES, Place, areas_near
from bot.domain.roster import Area, Polygon, Position, Roster, Station

#: One step of the maps below in degrees: a kilometre and more, so that the middle of a field is
#: not near any line.
STEP = 0.01
WEST, SOUTH = 100.0, 30.0

STATION = Station({"en": "Riverside"}, "+86 10 5555 0110", "Asia/Shanghai", ("en",), (), ())

Rectangle = tuple[int, int, int, int]


def ring(left: float, bottom: float, right: float, top: float) -> tuple[Position, ...]:
    """A rectangle in steps."""
    corners = ((left, bottom), (right, bottom), (right, top), (left, top), (left, bottom))
    return tuple((WEST + x * STEP, SOUTH + y * STEP) for x, y in corners)


def area(code: str, *polygons: Polygon, parent: str = "") -> Area:
    return Area(code, {"en": code}, parent=parent, boundary=polygons)


def a_map(*areas: Area) -> Roster:
    return Roster(STATION, (), areas, ())


def at(x: float, y: float) -> Place:
    """A place in steps from the south-western corner."""
    return Place(latitude=SOUTH + y * STEP, longitude=WEST + x * STEP)


def found(place: Place, roster: Roster) -> list[str]:
    return [each.code for each in areas_near(place, roster)]


def metres(x: float) -> float:
    """Metres from west to east in steps, at the middle of the maps."""
    return x / (math.radians(STEP) * EARTH_METRES * math.cos(math.radians(SOUTH + 0.5 * STEP)))


#: A district with a compound in it, a lake in the compound, and a harbour beside the district.
TOWN = a_map(
    area("district", (ring(0, 0, 4, 4),)),
    area("compound", (ring(1, 1, 3, 3), ring(1.5, 1.5, 2.5, 2.5)), parent="district"),
    area("tower", parent="compound"),
    area("harbour", (ring(4, 0, 6, 4),), (ring(8, 0, 9, 1),)),
)


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        (at(0.5, 0.5), ["district"]),
        (at(1.25, 2), ["compound"]),
        (at(2, 2), ["district"]),
        (at(5, 2), ["harbour"]),
        (at(8.5, 0.5), ["harbour"]),
        (at(7, 0.5), []),
        (at(-1, 2), []),
    ],
    ids=["district", "compound", "lake", "harbour", "island", "strait", "outside"],
)
def test_a_place_lies_in_the_innermost_area(place: Place, codes: list[str]) -> None:
    """The compound and not the district around it; a hole is outside; an area may have islands."""
    assert found(place, TOWN) == codes


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        (at(4 - metres(20), 2), {"district", "harbour"}),
        (at(4 + metres(20), 2), {"harbour", "district"}),
        (at(1 + metres(20), 2), {"compound", "district"}),
        (at(1 - metres(20), 2), {"district", "compound"}),
        (at(1.5 + metres(20), 2), {"district", "compound"}),
        (at(-metres(20), 2), {"district"}),
    ],
    ids=["west of the line", "east", "in the compound", "before it", "in the lake", "outside"],
)
def test_near_a_boundary_both_sides_are_asked(place: Place, codes: set[str]) -> None:
    """20 m from a line a phone may be on either side: between neighbours, and between an area and
    the one around it."""
    assert set(found(place, TOWN)) == codes


def test_the_side_one_is_on_comes_first() -> None:
    """The likelier answer is the first button."""
    assert found(at(4 - metres(20), 2), TOWN)[0] == "district"
    assert found(at(4 + metres(20), 2), TOWN)[0] == "harbour"
    assert found(at(1 + metres(20), 2), TOWN)[0] == "compound"


@given(st.floats(0.5, 200), st.sampled_from([1, -1]))
def test_near_is_fifty_metres(distance: float, side: int) -> None:
    """Up to 50 m the other side is offered, beyond it is not, on both sides."""
    assume(abs(distance - NEAR_METRES) > 0.5)
    place = at(4 + side * metres(distance), 0.5)
    here, there = ("harbour", "district") if side > 0 else ("district", "harbour")
    assert found(place, TOWN) == ([here, there] if distance < NEAR_METRES else [here])


def test_the_end_of_a_line_is_as_near_as_its_middle() -> None:
    """Past a corner the distance counts to the corner, not to the line drawn further."""
    corner = a_map(area("field", (ring(0, 0, 1, 1),)))
    assert found(at(1 + metres(30), 1 + metres(30)), corner) == ["field"]
    assert found(at(1 + metres(60), 1 + metres(20)), corner) == []
    assert found(at(0.5, 1 + metres(60)), corner) == []


def test_a_line_of_no_length_is_a_point() -> None:
    """A position written twice in a boundary is no fault."""
    twice = ring(0, 0, 1, 1)
    doubled = a_map(area("field", ((twice[0], *twice),)))
    assert found(at(0.5, 0.5), doubled) == ["field"]
    assert found(at(-metres(10), 0), doubled) == ["field"]


def test_an_area_without_a_boundary_is_on_no_map() -> None:
    """It is chosen from the list or by search."""
    assert found(at(0, 0), a_map(area("everywhere"))) == []


rectangles = st.builds(
    lambda x, y, width, height: (x, y, x + width, y + height),
    st.integers(0, 6), st.integers(0, 6), st.integers(1, 4), st.integers(1, 4),
)  # fmt: skip
fields = st.tuples(st.integers(-1, 10), st.integers(-1, 10))


def is_in(field: tuple[int, int], rectangle: Rectangle) -> bool:
    left, bottom, right, top = rectangle
    return left <= field[0] < right and bottom <= field[1] < top


@given(rectangles, st.lists(rectangles, max_size=2), st.lists(rectangles, max_size=2), fields)
def test_inside_is_what_one_sees_on_squared_paper(
    outline: Rectangle, holes: list[Rectangle], islands: list[Rectangle], field: tuple[int, int]
) -> None:
    """The middle of a field is inside if the outline or an island covers it and no hole does."""
    drawn = area(
        "drawn",
        (ring(*outline), *(ring(*hole) for hole in holes)),
        *((ring(*island),) for island in islands),
    )
    expected = (is_in(field, outline) and not any(is_in(field, hole) for hole in holes)) or any(
        is_in(field, island) for island in islands
    )
    place = at(field[0] + 0.5, field[1] + 0.5)
    assert found(place, a_map(drawn)) == (["drawn"] if expected else [])


@given(st.lists(rectangles, min_size=1, max_size=4), fields)
def test_of_areas_in_each_other_only_the_innermost_is_found(
    outlines: list[Rectangle], field: tuple[int, int]
) -> None:
    """However boundaries are drawn: an area is never offered beside one that lies in it."""
    areas = [
        area(f"a{number}", (ring(*outline),), parent=f"a{number - 1}" if number else "")
        for number, outline in enumerate(outlines)
    ]
    covering = [number for number, outline in enumerate(outlines) if is_in(field, outline)]
    place = at(field[0] + 0.5, field[1] + 0.5)
    assert found(place, a_map(*areas)) == [f"a{number}" for number in covering[-1:]]


# --- what Chinese maps do

#: Known pairs (latitude, longitude), WGS 84 and GCJ-02: Shanghai, Shenzhen, Beijing. Source: the
#: tests of googollee/eviltransform, against which other implementations are measured too.
KNOWN = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two near places."""
    across = (one[1] - other[1]) * math.cos(math.radians(one[0]))
    return math.radians(math.hypot(one[0] - other[0], across)) * EARTH_METRES


@pytest.mark.parametrize(("real", "shifted"), KNOWN)
def test_a_place_from_a_chinese_map_is_where_it_is(
    real: tuple[float, float], shifted: tuple[float, float]
) -> None:
    """Three places that are hundreds of metres off on such a map, to a few centimetres."""
    assert apart(real, shifted) > 300
    assert apart(gcj02.to_wgs84(*shifted), real) < 0.05


@given(st.floats(3, 53), st.floats(74, 135))
def test_going_there_and_back_ends_where_it_began(latitude: float, longitude: float) -> None:
    """To a millimetre, everywhere in China."""
    there = gcj02.from_wgs84(latitude, longitude)
    assert apart(there, (latitude, longitude)) > 1
    assert apart(gcj02.to_wgs84(*there), (latitude, longitude)) < 0.001


@given(st.floats(-90, 90), st.floats(-180, 60))
def test_outside_china_maps_are_right(latitude: float, longitude: float) -> None:
    """Nothing is shifted in Berlin."""
    assert gcj02.to_wgs84(latitude, longitude) == (latitude, longitude)
