"""How a resident finds the own area: by link, in the list, by any of its names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.registration import (
    AREAS_PER_PAGE,
    FOUND_LIMIT,
    StartRefused,
    UnknownArea,
    area_of_start,
    folded,
    invitation_of_start,
    page_of_areas,
    search_areas,
)
from bot.domain.roster import Area, Roster, Station

STATION = Station({"en": "Riverside"}, "+86 10 5555 0110", "Asia/Shanghai", ("zh",), (), ())


def area(code: str, *, parent: str = "", **names: str) -> Area:
    return Area(code, names or {"zh": code}, parent=parent)


def town(*areas: Area) -> Roster:
    return Roster(STATION, (), areas, ())


TOWN = town(
    area("riverside", zh="滨江社区", en="Riverside", ar="حي الضفة"),
    area("hillside", zh="云山社区", en="Hillside", ar="حي المدينة الأولى"),
    area("tower-3", parent="hillside", zh="云山3号楼", en="Hillside Tower 3"),
    area("cafe", zh="咖啡街", en="Café Street", ko="커피 거리", ru="Кофейная улица"),
)


def found(text: str, roster: Roster = TOWN) -> list[str]:
    return [each.code for each in search_areas(text, roster)]


# --- links


def test_an_area_link_leads_to_its_area() -> None:
    """``?start=a-<code>``, however many dashes the code has."""
    assert area_of_start("a-riverside", TOWN).code == "riverside"
    assert area_of_start("a-tower-3", TOWN).code == "tower-3"


@pytest.mark.parametrize(
    "parameter", ["a-", "a-nowhere", "a", "b-riverside", "riverside", "", "A-cafe"]
)
def test_any_other_parameter_is_refused(parameter: str) -> None:
    """An old poster or a mistyped link leads to no wrong area; that it was ours once is known."""
    with pytest.raises(StartRefused) as refused:
        area_of_start(parameter, TOWN)
    assert isinstance(refused.value, UnknownArea) is parameter.startswith("a-")


def test_an_invitation_link_carries_its_secret() -> None:
    """All of what follows ``i-``, dashes and underscores too."""
    assert invitation_of_start("i-ab_c-d") == "ab_c-d"
    with pytest.raises(StartRefused):
        invitation_of_start("a-riverside")


# --- search


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("riverside", ["riverside"]),
        ("  RIVER side ", ["riverside"]),
        ("滨江社区", ["riverside"]),
        ("滨江", ["riverside"]),
        ("حى الضفه", ["riverside"]),
        ("حَيّ الضِّفة", ["riverside"]),
        ("المدينة الاولى", ["hillside"]),
        ("cafe street", ["cafe"]),
        ("ＣＡＦÉ", ["cafe"]),
        ("커피", ["cafe"]),
        ("КОФЕЙНАЯ", ["cafe"]),
        ("tower ٣", ["tower-3"]),
        ("云山３号楼", ["tower-3"]),
        ("滨江社区5号楼201室", ["riverside"]),
        ("hillside", ["hillside", "tower-3"]),
        ("社区", ["riverside", "hillside"]),
        ("nowhere", []),
        ("", []),
        ("!?…", []),
    ],
)
def test_an_area_is_found_by_what_people_type(typed: str, codes: list[str]) -> None:
    """In any language, with any case, width, accents, digits or blanks, by a part of the name or
    with more around it; the very name comes first."""
    assert [code for code in found(typed) if code in codes] == codes
    assert (found(typed) == []) is (codes == [])


def test_a_street_address_does_not_bring_areas_it_only_sounds_like() -> None:
    """A short code inside another word is no name that somebody typed."""
    roster = town(area("st", zh="车站"), area("market", zh="集市", en="Market"))
    assert found("Market Street 5", roster) == ["market"]
    assert found("st", roster) == ["st"]


def test_a_search_shows_no_more_than_one_reads() -> None:
    """The best come first, the rest is cut off."""
    roster = town(
        *(area(f"b{number}", zh=f"滨江{number}组") for number in range(12)), area("x", zh="滨江")
    )
    assert len(found("滨江", roster)) == FOUND_LIMIT
    assert found("滨江", roster)[0] == "x"


NAMES = st.text(min_size=1, max_size=12)


@given(st.lists(NAMES, min_size=1, max_size=6), st.data())
def test_the_very_name_always_finds_its_area(names: list[str], data: st.DataObject) -> None:
    """Whatever an area is called, in capitals or not: typing its name brings it, unless the name
    has no letter or digit."""
    roster = town(*(area(f"n{number}", zh=name) for number, name in enumerate(names)))
    number = data.draw(st.integers(0, len(names) - 1))
    first = found(names[number], roster)[:1]
    if folded(names[number]):
        assert folded(names[int(first[0][1:])]) == folded(names[number])
    else:
        assert first == []


@given(st.text(max_size=30), st.lists(NAMES, max_size=6))
def test_what_is_found_has_to_do_with_what_was_typed(typed: str, names: list[str]) -> None:
    """No area comes up for nothing, and none twice."""
    roster = town(*(area(f"n{number}", zh=name) for number, name in enumerate(names)))
    codes = found(typed, roster)
    assert len(set(codes)) == len(codes)
    for code in codes:
        name, wanted = folded(names[int(code[1:])]), folded(typed)
        assert wanted in name or name in wanted or code.startswith(wanted)


# --- the list


def listed(roster: Roster, around: str = "", number: int = 0) -> list[tuple[str, int, bool]]:
    page = page_of_areas(roster, around, number)
    return [(each.area.code, each.depth, each.opens) for each in page.areas]


def test_few_areas_are_shown_as_a_whole_tree() -> None:
    """A tower stands under its hillside, one step in; nothing has to be opened."""
    assert listed(TOWN) == [
        ("riverside", 0, False), ("hillside", 0, False), ("tower-3", 1, False), ("cafe", 0, False),
    ]  # fmt: skip


MANY = town(
    *(area(f"district-{number}") for number in range(10)),
    *(area(f"house-{number}", parent="district-3") for number in range(10)),
    area("flat", parent="house-1"),
    area("lost", parent="gone"),
)


def test_many_areas_are_shown_a_level_at_a_time() -> None:
    """Choosing a district with houses in it opens them; an area whose outer one is gone is shown
    at the top."""
    assert listed(MANY)[3] == ("district-3", 0, True)
    assert [code for code, _, _ in listed(MANY, number=1)] == ["district-8", "district-9", "lost"]
    assert listed(MANY, "district-3")[1] == ("house-1", 0, True)
    assert listed(MANY, "house-1") == [("flat", 0, False)]


@pytest.mark.parametrize(("wanted", "shown"), [(-1, 0), (0, 0), (1, 1), (99, 1)])
def test_a_page_that_is_not_there_is_the_nearest_that_is(wanted: int, shown: int) -> None:
    """Buttons of an old list go on working when the roster has shrunk."""
    page = page_of_areas(MANY, "district-3", wanted)
    assert (page.around, page.number, page.last) == (MANY.area("district-3"), shown, 1)
    assert len(page.areas) == (AREAS_PER_PAGE, 2)[shown]


def test_an_area_that_is_gone_opens_the_top() -> None:
    """A button of last year's list is no dead end."""
    page = page_of_areas(MANY, "gone", 0)
    assert page.around is None
    assert page.areas[0].area.code == "district-0"
