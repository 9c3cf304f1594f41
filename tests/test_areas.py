"""Areas: choosing one from the list, by its name or by a place, with a way back from every step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.front_door import Person, Town, town
from tests.stations import (
    FAR,
    INSIDE,
    NEAR,
    at_work,
    drawn_areas,
    many_areas,
    officer,
    on_file,
    registered,
)


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station with five areas, two of them drawn on the map; nobody of it is there."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, drawn_areas(tmp_path), here.clock)
        yield here


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station with five areas, two of them drawn on the map, and a running bot."""
    async with at_work(sqlite_url, drawn_areas(tmp_path)) as here:
        yield here


@pytest.fixture
async def city(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station with more areas than a page shows, ten of them inside Riverside."""
    async with at_work(sqlite_url, many_areas(tmp_path)) as here:
        yield here


def labels(message: dict[str, Any]) -> list[str]:
    """What stands on the buttons, row by row."""
    return [button["text"] for row in message["buttons"] for button in row]


async def asked(here: Town, person: Person) -> dict[str, Any]:
    """The question where, in a new chat."""
    await person.says("/start")
    return await person.sees(lambda message: "choose:market" in str(message["buttons"]))


async def shows(person: Person, question: dict[str, Any], label: str) -> dict[str, Any]:
    """Wait until the list that was asked with shows a button."""
    return await person.sees(
        lambda message: message["message_id"] == question["message_id"] and label in labels(message)
    )


async def place_of(person: Person, where: tuple[float, float]) -> int:
    """Share a location."""
    return await person.sends(location={"latitude": where[0], "longitude": where[1]})


async def test_few_areas_are_one_list_with_every_other_way(station: Town) -> None:
    """All five at once, the search, the location button, and every language in its own name."""
    ana = station.person(101, "Ana")
    question = await asked(station, ana)
    assert labels(question) == [
        "Riverside", "Hillside", "Market", "Harbour", "Station", "🔍 Search by name",
        "🌐 中文 · English · العربية",
    ]  # fmt: skip
    keyboard = next(message["reply_keyboard"] for message in await ana.got())
    assert keyboard["keyboard"][0][0]["request_location"] is True


async def test_many_areas_are_a_tree_with_pages_and_a_way_up(city: Town) -> None:
    """A level at a time, eight to a page; an area inside another inherits its officer."""
    ana = city.person(101, "Ana")
    question = await asked(city, ana)
    assert "Riverside …" in labels(question)
    await ana.presses(question, "page:riverside")
    first = await shows(ana, question, "Court-8")
    assert labels(first)[0] == "✔ Riverside"
    assert "Court-9" not in labels(first)
    await ana.presses(first, "page:riverside:1")
    second = await shows(ana, question, "Court-10")
    await ana.presses(second, "page::0")
    await ana.presses(await shows(ana, question, "Market"), "page:riverside")
    again = await shows(ana, question, "Court-8")
    await ana.presses(again, "page:riverside:1")
    await ana.presses(await shows(ana, question, "Court-10"), "choose:court-10")
    told = await ana.sees("Court-10")
    assert "Your officer: Li" in told["text"]
    await ana.says("The lift is stuck")
    await officer(city, "li").sees("The lift is stuck")


async def test_a_forged_page_or_area_shows_the_list_and_changes_nothing(station: Town) -> None:
    """Whatever a client sends, the list stays within its bounds."""
    ana = station.person(101, "Ana")
    question = await asked(station, ana)
    for data in ("page:nowhere:99999", "page::-1", "page", "page::٣", "page::" + "9" * 40,
                 "choose", "choose:nowhere", "keep", "keep:1:1"):  # fmt: skip
        await ana.forges(question["message_id"], f"registration:{data}")
    await ana.says("/me")
    await ana.sees("You have not chosen an area yet")
    assert labels(await shows(ana, question, "Market"))[0] == "Riverside"
    assert not [message for message in await ana.got() if "went wrong" in message["text"]]


async def search_prompt(here: Town, person: Person) -> int:
    """The question whose reply is a search."""
    question = await asked(here, person)
    await person.presses(question, "registration:search")
    return int((await person.sees("Reply to this message"))["message_id"])


@pytest.mark.parametrize("typed", ["hillside", "HILL", " Hillside ", "山坡社区", "山坡"])
async def test_an_area_is_found_by_its_name_in_any_language(station: Town, typed: str) -> None:
    """However it is typed; the reply is a search and not a message."""
    ana, wang = station.person(101, "Ana"), officer(station, "wang")
    prompt = await search_prompt(station, ana)
    await ana.says(typed, reply_to_message_id=prompt)
    found = await ana.sees("Which one is it?")
    assert labels(found) == ["Hillside", "🔍 Search by name", "☰ All areas"]
    await ana.presses(found, "choose:hillside")
    await ana.sees("Your officer: Wang")
    await ana.says("Good morning")
    await wang.sees("Good morning")
    assert [message["text"] for message in await wang.copies()] == ["Good morning"]


async def test_only_a_reply_to_the_search_question_is_a_search(station: Town) -> None:
    """Words beside it, and a picture that replies to it, are kept; so is a reply to it when the
    area is known by then."""
    ana, chen = station.person(101, "Ana"), officer(station, "chen")
    prompt = await search_prompt(station, ana)
    await ana.says("market")
    await ana.sends(photo=True, reply_to_message_id=prompt)
    await ana.says("market", reply_to_message_id=prompt)
    await ana.presses(await ana.sees("Which one is it?"), "choose:market")
    await ana.sees("Your officer: Chen")
    await ana.says("hill", reply_to_message_id=prompt)
    await chen.sees("hill")
    kinds = [(message["kind"], message["text"]) for message in await chen.copies()]
    assert kinds == [("text", "market"), ("photo", ""), ("text", "hill")]


async def test_a_search_survives_a_restart(house: Town) -> None:
    """The question stays a question; after an hour its reply is a message again."""
    ana = house.person(101, "Ana")
    async with house.bot():
        prompt = await search_prompt(house, ana)
    async with house.bot():
        await ana.says("harbour", reply_to_message_id=prompt)
        await ana.sees("Which one is it?")
        await house.control("clock", shift_seconds=3601)
        await ana.says("harbour", reply_to_message_id=prompt)
        await ana.sees("Your message is kept")


async def test_a_message_that_was_taken_for_a_search_is_not_lost(station: Town) -> None:
    """Telegram makes the next words a reply by itself: one press makes them a message again."""
    ana, chen = station.person(101, "Ana"), officer(station, "chen")
    prompt = await search_prompt(station, ana)
    await ana.says("the lamp in our yard is broken", reply_to_message_id=prompt)
    nothing = await ana.sees("No area has such a name")
    await ana.presses(nothing, "registration:keep")
    await ana.presses(await ana.sees("Your message is kept"), "choose:market")
    await chen.sees("the lamp in our yard is broken")
    await ana.forges(nothing["message_id"], nothing["buttons"][1][0]["callback_data"])
    await ana.says("thank you")
    await chen.sees("thank you")
    assert len(await chen.copies()) == 2


async def test_the_way_from_a_search_leads_back_to_the_whole_list(station: Town) -> None:
    """Nothing found: the whole list is one press away."""
    ana = station.person(101, "Ana")
    prompt = await search_prompt(station, ana)
    await ana.says("atlantis", reply_to_message_id=prompt)
    nothing = await ana.sees("No area has such a name")
    await ana.presses(nothing, "page::0")
    await ana.presses(await shows(ana, nothing, "Market"), "choose:market")
    await ana.sees("Your officer: Chen")


async def test_a_shared_location_inside_an_area_chooses_it(station: Town) -> None:
    """One tap; the place itself stays here, and the resident is told so."""
    ana, li = station.person(101, "Ana"), officer(station, "li")
    await asked(station, ana)
    await place_of(ana, INSIDE)
    told = await ana.sees("Your officer: Li")
    assert "The officer does not get it" in told["text"]
    assert [len(row) for row in told["reply_keyboard"]["keyboard"]] == [1, 2]
    await ana.says("Hello")
    await li.sees("Hello")
    assert [message["kind"] for message in await li.copies()] == ["text"]


async def test_near_a_boundary_the_resident_says_which_side(station: Town) -> None:
    """Nearer than 50 metres a phone cannot know: both sides are offered, and the whole list."""
    ana, wang = station.person(101, "Ana"), officer(station, "wang")
    await place_of(ana, NEAR)
    which = await ana.sees("near a boundary")
    assert labels(which) == ["Riverside", "Hillside", "☰ All areas"]
    await ana.presses(which, "choose:hillside")
    await ana.sees("Your officer: Wang")
    await ana.says("Hello")
    await wang.sees("Hello")


async def test_outside_every_area_the_list_is_shown(station: Town) -> None:
    """A place that no area is known for leads to the list."""
    ana = station.person(101, "Ana")
    await place_of(ana, FAR)
    await ana.presses(await ana.sees("This place is in no area of this station"), "choose:market")
    await ana.sees("Your officer: Chen")


async def test_a_venue_is_a_message_and_no_choice(station: Town) -> None:
    """A shop that somebody writes about is not where they are: it is kept like any message."""
    ana, chen = station.person(101, "Ana"), officer(station, "chen")
    await ana.sends(
        venue={
            "location": {"latitude": INSIDE[0], "longitude": INSIDE[1]},
            "title": "Tea house",
            "address": "Long Street",
        }
    )
    await ana.presses(await ana.sees("Your message is kept"), "choose:market")
    await chen.sees(lambda message: message["kind"] == "venue")


async def test_a_location_after_registration_is_a_message(station: Town) -> None:
    """Who has an officer and shares a place means the officer to see it."""
    ana, chen = await registered(station, 101, "Ana", "market"), officer(station, "chen")
    await place_of(ana, INSIDE)
    await chen.sees(lambda message: message["kind"] == "location")
