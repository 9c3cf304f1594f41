"""Rules of what a resident adds to an appointment: place, number, situation, ticks, answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.appointments import preparing
from bot.domain.appointments.booking import HOLD, HOLD_FOR_PLACE, Actor, State, confirm, hold
from bot.domain.appointments.preparing import NO_SITUATION
from bot.domain.appointments.refusals import (
    AlreadyOver,
    HoldExpired,
    NoNumber,
    NoSuchChoice,
    NotYours,
    PlaceMissing,
    TooLong,
)
from bot.domain.appointments.service import Item, Service, Situation, Way
from bot.domain.appointments.slots import Slot

NOW = datetime(2026, 12, 7, 1, tzinfo=UTC)
ANA, BO = Actor(chat_id=101), Actor(chat_id=102)
PASSPORT, PHOTO, LETTER = (
    Item({"en": "passport"}),
    Item({"en": "photo"}, False),
    Item({"en": "letter"}),
)
SERVICE = Service(
    "permit",
    {"en": "Permit"},
    20,
    (Way.VISIT,),
    bring=(PASSPORT, PHOTO),
    situations=(Situation("student", {"en": "Student"}, (LETTER,)),),
    questions=({"en": "How many are you?"}, {"en": "Since when?"}),
)
VISIT = hold(
    Slot("li", "permit", Way.VISIT, NOW + timedelta(hours=5), 20, 15), resident_chat_id=101, now=NOW
)


def test_a_visit_is_booked_when_its_place_is_known() -> None:
    """The slot waits ten minutes for the address, and five more from then on."""
    assert VISIT.held_until == NOW + HOLD_FOR_PLACE
    with pytest.raises(PlaceMissing):
        confirm(VISIT, ANA, now=NOW)
    later = NOW + timedelta(minutes=9)
    given = preparing.give_place(VISIT, ANA, place="  12  Binjiang\nRoad ", now=later)
    assert (given.place, given.held_until) == ("12 Binjiang Road", later + HOLD)
    booked = confirm(given, ANA, now=later + timedelta(minutes=4))
    moved = preparing.give_place(booked, ANA, place="", location=(30.0, 100.0), now=later)
    assert (moved.place, moved.location, moved.held_until) == ("", (30.0, 100.0), None)
    confirm(replace(given, place="", location=(30.0, 100.0)), ANA, now=later)


def test_a_place_that_comes_too_late_or_from_a_stranger_is_refused() -> None:
    """So is one that nobody could read in an agenda."""
    with pytest.raises(HoldExpired):
        preparing.give_place(VISIT, ANA, place="x", now=NOW + HOLD_FOR_PLACE)
    with pytest.raises(NotYours):
        preparing.give_place(VISIT, BO, place="x", now=NOW)
    over = replace(VISIT, state=State.CANCELLED)
    with pytest.raises(AlreadyOver):
        preparing.give_place(over, ANA, place="x", now=NOW)
    with pytest.raises(TooLong) as refusal:
        preparing.give_place(VISIT, ANA, place="x" * 301, now=NOW)
    assert refusal.value.limit == preparing.LONGEST_TEXT


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("+86 100 0000 0001", "+86 100 0000 0001"),
        ("(010) 5555-0111", "(010) 5555-0111"),
        ("٠١٠ ٥٥٥٥ ٠١١١", "010 5555 0111"),
        (" 110\n", "110"),
        ("call me after 6", None),
        ("12", None),
        ("¹²³", None),
        ("1234567890123456", None),
        ("", None),
    ],
)
def test_a_number_is_a_number_in_any_script(typed: str, phone: str | None) -> None:
    """Words are no number, and neither is a card's."""
    assert preparing.phone_in(typed) == phone


def test_a_number_to_call_is_kept() -> None:
    """What is none is refused."""
    assert preparing.give_phone(VISIT, ANA, typed="+86 1000").phone == "+86 1000"
    with pytest.raises(NoNumber):
        preparing.give_phone(VISIT, ANA, typed="tomorrow")


def test_a_situation_brings_its_things_and_drops_another_ones_ticks() -> None:
    """What everybody brings stays ticked; a situation that the service has not is refused."""
    assert preparing.asks_situation(VISIT, SERVICE)
    student = preparing.choose_situation(VISIT, ANA, SERVICE, "student")
    ticked = preparing.tick(preparing.tick(student, ANA, SERVICE, 0), ANA, SERVICE, 2)
    assert ticked.ticked == {0, 2}
    assert preparing.tick(ticked, ANA, SERVICE, 2).ticked == {0}
    none = preparing.choose_situation(ticked, ANA, SERVICE, NO_SITUATION)
    assert (none.situation, none.ticked) == (NO_SITUATION, {0})
    assert not preparing.asks_situation(none, SERVICE)
    with pytest.raises(NoSuchChoice):
        preparing.choose_situation(VISIT, ANA, SERVICE, "other")
    for place in (-1, 2):
        with pytest.raises(NoSuchChoice):
            preparing.tick(none, ANA, SERVICE, place)


def test_answers_stand_by_their_questions() -> None:
    """The next one without an answer is asked; a question that the service has not is refused."""
    second = preparing.answer(VISIT, ANA, SERVICE, number=1, text="May")
    assert second.answers == ("", "May")
    assert preparing.next_question(second, SERVICE) == 0
    both = preparing.answer(second, ANA, SERVICE, number=0, text="two")
    assert preparing.next_question(both, SERVICE) is None
    assert preparing.answers_of(replace(both, answers=("a", "b", "c")), SERVICE) == ("a", "b")
    for number in (-1, 2):
        with pytest.raises(NoSuchChoice):
            preparing.answer(VISIT, ANA, SERVICE, number=number, text="x")


def test_an_officer_sees_what_is_complete() -> None:
    """Situation known, everything needed ticked, every question answered; helpful things are not
    needed."""
    ready = replace(VISIT, situation="student", ticked=frozenset({0, 2}), answers=("two", "May"))
    assert preparing.is_complete(ready, SERVICE)
    for less in (
        replace(ready, situation=""),
        replace(ready, ticked=frozenset({0, 1})),
        replace(ready, answers=("two",)),
    ):
        assert not preparing.is_complete(less, SERVICE)
