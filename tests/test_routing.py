"""Who gets a resident's message: the first of the ladder who can, and never two people."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.roster import Area, Officer, Role, Room, Roster, Station
from bot.domain.routing import NobodyReachable, OfficerState, Reason, Recipient, route

NOBODY: frozenset[str] = frozenset()


def station(*duty_desk: str) -> Station:
    return Station(
        name={"en": "Riverside"},
        hotline="+86 10 5555 0110",
        timezone="Asia/Shanghai",
        languages=("en",),
        duty_desk=duty_desk,
        emergency=(),
    )


def room(code: str) -> Room:
    return Room(code, {"en": code}, {"en": code}, None, "+86 10 5555 0111", "24/7")


def area(code: str, *, parent: str = "", room: str = "") -> Area:
    return Area(code, {"en": code}, room=room, parent=parent)


def officer(
    code: str,
    *areas: str,
    deputy_for: Iterable[str] = (),
    role: Role = Role.OFFICER,
    room: str = "",
) -> Officer:
    return Officer(code, {"en": code}, role, areas=areas, deputy_for=tuple(deputy_for), room=room)


#: A tower in a compound in a district. Li has the compound, Wang the district; the tower has
#: nobody of its own. Chen and Sun deputise, Ma is the room's auxiliary, Zhao sits at the desk.
TREE = Roster(
    station("zhao", "qian"),
    (room("east"), room("west")),
    (
        area("district", room="east"),
        area("compound", parent="district"),
        area("tower", parent="compound"),
        area("harbour", room="west"),
    ),
    (
        officer("wang", "district"),
        officer("li", "compound"),
        officer("ma", role=Role.AUXILIARY, room="east"),
        officer("sun", deputy_for=["compound", "tower"]),
        officer("chen", deputy_for=["compound"]),
        officer("zhao", role=Role.AUXILIARY),
        officer("qian"),
        officer("wu", role=Role.INTERPRETER, room="east"),
    ),
)  # fmt: skip
CODES = [each.code for each in TREE.officers]


def linked(*codes: str, **changes: bool) -> dict[str, OfficerState]:
    """These officers are on Telegram, in the chats 1, 2, 3 …"""
    return {code: OfficerState(chat_id=CODES.index(code) + 1, **changes) for code in codes}


def ladder(
    area_code: str | None, roster: Roster = TREE, *, owner: str | None = None
) -> list[tuple[str, Reason]]:
    """Everybody in the order in which they are asked, each after the one before was tried."""
    states = {each.code: OfficerState(chat_id=1) for each in roster.officers}
    found: list[tuple[str, Reason]] = []
    while True:
        tried = frozenset(code for code, _ in found)
        next_one = route(roster, area_code, owner_code=owner, officers=states, tried=tried)
        if isinstance(next_one, NobodyReachable):
            return found
        found.append((next_one.code, next_one.reason))


def test_the_ladder_of_an_area_is_climbed_in_order() -> None:
    """Responsible officer, deputies in the order of the file, the room's auxiliaries, whoever is
    responsible around, at last the duty desk; an interpreter is none of them."""
    assert ladder("compound") == [
        ("li", Reason.RESPONSIBLE),
        ("sun", Reason.DEPUTY),
        ("chen", Reason.DEPUTY),
        ("ma", Reason.AUXILIARY),
        ("wang", Reason.AROUND),
        ("zhao", Reason.DUTY_DESK),
        ("qian", Reason.DUTY_DESK),
    ]


def test_an_area_where_nobody_is_named_has_the_officer_of_the_area_around_it() -> None:
    """Officers are inherited: Li of the compound is the tower's own officer, before its deputy and
    before the room's auxiliary."""
    assert ladder("tower") == ladder("compound")


def test_whoever_owns_the_open_case_comes_first() -> None:
    """First asked stays responsible, wherever the resident has moved since."""
    assert ladder("compound", owner="qian")[0] == ("qian", Reason.OWNER)
    assert ("qian", Reason.DUTY_DESK) not in ladder("compound", owner="qian")


def test_the_highest_area_ends_at_the_duty_desk() -> None:
    """Above the district there is only the desk, and it always is there."""
    assert [code for code, _ in ladder("district")] == ["wang", "ma", "zhao", "qian"]


@pytest.mark.parametrize("nowhere", [None, "", "no-such-area"])
def test_a_message_from_nowhere_goes_to_the_duty_desk(nowhere: str | None) -> None:
    """A resident who chose no area, or one that is gone, is heard all the same."""
    assert ladder(nowhere) == [("zhao", Reason.DUTY_DESK), ("qian", Reason.DUTY_DESK)]


def test_an_area_that_nobody_has_anywhere_is_the_duty_desks() -> None:
    """A roster in force before it was checked so strictly still leads somewhere."""
    assert ladder("harbour") == [("zhao", Reason.DUTY_DESK), ("qian", Reason.DUTY_DESK)]


def test_the_room_of_a_step_brings_its_auxiliaries_once() -> None:
    """A tower with a room of its own asks there first, then in the room of the compound."""
    roster = Roster(
        station("zhao"),
        (room("east"), room("west")),
        (area("compound", room="east"), area("tower", parent="compound", room="west")),
        (
            officer("li", "compound"),
            officer("ma", role=Role.AUXILIARY, room="east"),
            officer("bai", role=Role.AUXILIARY, room="west"),
            officer("zhao"),
        ),
    )
    assert [code for code, _ in ladder("tower", roster)] == ["li", "bai", "ma", "zhao"]
    assert [code for code, _ in ladder("compound", roster)] == ["li", "ma", "zhao"]


@pytest.mark.parametrize(
    "state",
    [
        OfficerState(chat_id=None),
        OfficerState(chat_id=2, is_reachable=False),
        OfficerState(chat_id=2, is_absent=True),
        None,
    ],
    ids=["without a chat", "unreachable", "absent", "never joined"],
)
def test_whoever_cannot_answer_is_passed_over(state: OfficerState | None) -> None:
    """Not linked, blocked, away: the next one is asked, and the answer says who stood before."""
    officers = linked("sun") | ({} if state is None else {"li": state})
    found = route(TREE, "compound", owner_code=None, officers=officers, tried=NOBODY)
    assert found == Recipient("sun", CODES.index("sun") + 1, Reason.DEPUTY, ("li",))


def test_when_nobody_can_be_reached_everybody_was_thought_of() -> None:
    """Then the case is held; the answer names each who was passed over, once."""
    found = route(TREE, "compound", owner_code="li", officers={}, tried=NOBODY)
    assert found == NobodyReachable(("li", "sun", "chen", "ma", "wang", "zhao", "qian"))


AREA_CODES = ["a", "b", "c", "d"]
ROOM_CODES = ["", "r", "s"]
PEOPLE = ["li", "wang", "chen", "sun", "zhao"]


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Any small station, however odd: parents may even go round in a circle."""
    some_areas = st.lists(st.sampled_from(AREA_CODES), unique=True, max_size=2)
    return Roster(
        station(*draw(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=2))),
        (room("r"), room("s")),
        tuple(
            area(code, parent=draw(st.sampled_from(["", *AREA_CODES])),
                 room=draw(st.sampled_from(ROOM_CODES)))
            for code in AREA_CODES
        ),
        tuple(
            officer(code, *draw(some_areas), deputy_for=draw(some_areas),
                    role=draw(st.sampled_from([Role.OFFICER, Role.AUXILIARY])),
                    room=draw(st.sampled_from(ROOM_CODES)))
            for code in PEOPLE
        ),
    )  # fmt: skip


STATES = st.dictionaries(
    st.sampled_from(PEOPLE),
    st.builds(OfficerState, st.sampled_from([None, 7]), st.booleans(), st.booleans()),
)
TRIED = st.frozensets(st.sampled_from(PEOPLE))
OWNERS = st.sampled_from([None, *PEOPLE])


def can_answer(code: str, states: dict[str, OfficerState], tried: frozenset[str]) -> bool:
    state = states.get(code)
    return (
        state is not None
        and state.chat_id is not None
        and state.is_reachable
        and not state.is_absent
        and code not in tried
    )


@given(rosters(), st.sampled_from([None, *AREA_CODES]), OWNERS, STATES, TRIED)
def test_the_first_who_can_answer_is_found_and_nobody_else(
    roster: Roster,
    area_code: str | None,
    owner: str | None,
    states: dict[str, OfficerState],
    tried: frozenset[str],
) -> None:
    """In every station: whoever is found can answer, everybody before could not, and nobody is
    found only when nobody of the whole ladder can."""
    order = [code for code, _ in ladder(area_code, roster, owner=owner)]
    able = [code for code in order if can_answer(code, states, tried)]
    found = route(roster, area_code, owner_code=owner, officers=states, tried=tried)
    if isinstance(found, NobodyReachable):
        assert able == []
        assert list(found.passed_over) == order
    else:
        assert (found.code, found.chat_id) == (able[0], 7)
        assert list(found.passed_over) == order[: order.index(found.code)]


@given(rosters(), st.sampled_from(AREA_CODES), OWNERS)
def test_the_reason_is_true(roster: Roster, area_code: str, owner: str | None) -> None:
    """Why somebody is asked stands on the roster; nobody is asked without a reason."""
    around = list(roster.path_up(area_code))
    usual = {each.code for each in roster.usual_officers(area_code)}
    for code, reason in ladder(area_code, roster, owner=owner):
        person = roster.officer(code)
        assert person is not None
        assert {
            Reason.OWNER: code == owner,
            Reason.RESPONSIBLE: code in usual,
            Reason.DEPUTY: any(each.code in person.deputy_for for each in around),
            Reason.AUXILIARY: person.role is Role.AUXILIARY
            and person.room
            in {found.code for each in around if (found := roster.room_of(each.code))},
            Reason.AROUND: any(each.code in person.areas for each in around[1:]),
            Reason.DUTY_DESK: code in roster.station.duty_desk,
        }[reason]
