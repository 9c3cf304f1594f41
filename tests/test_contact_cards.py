"""Contact cards: who my officer is and how to reach the room, and what an officer sees of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.front_door import Town
from tests.stations import at_work, five_areas, officer, registered


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station with a running bot."""
    async with at_work(sqlite_url, five_areas(tmp_path)) as here:
        yield here


async def test_the_card_says_who_and_where_and_how_to_call(station: Town) -> None:
    """Name, badge, room, the number alone on its line, and a place to tap."""
    ana = await registered(station, 101, "Ana")
    await ana.says("/me")
    card = await ana.sees("May your officer call you")
    assert "Your officer: Li, badge 0900001" in card["text"]
    assert "East Police Room" in card["text"]
    assert "12 Binjiang Road" in card["text"]
    assert "+86 10 5555 0111" in card["text"].splitlines()
    venue = await ana.sees(lambda message: message["kind"] == "venue")
    assert venue["content"]["venue"]["title"] == "East Police Room"
    assert venue["content"]["venue"]["location"]["latitude"] == pytest.approx(30.0001)


async def test_the_card_never_shows_an_account_or_an_officers_own_number(station: Town) -> None:
    """The number is the room's; an officer's phone and Telegram account stay with the station."""
    ana = await registered(station, 101, "Ana")
    await ana.says("/me")
    card = await ana.sees("May your officer call you")
    assert "900001" not in card["text"].replace("0900001", "")
    assert "t.me" not in card["text"]


async def test_without_an_area_the_card_leads_to_the_choice(station: Town) -> None:
    """Nobody chosen yet: one button, and the question where."""
    ana = station.person(101, "Ana")
    await ana.says("/me")
    await ana.presses(await ana.sees("You have not chosen an area yet"), "registration:move")
    await ana.presses(await ana.sees("In which area"), "choose:market")
    await ana.sees("Your officer: Chen")


async def test_the_card_says_where_the_open_request_is(station: Town) -> None:
    """With the officer's name, from the first message until it is closed."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    await li.sees("Hello")
    await ana.says("/me")
    await ana.sees("Your open request C-1001 is with Li.")
    await li.presses(await li.sees("C-1001"), "close")
    await ana.sees("has closed your request")
    await ana.says("/me")
    card = await ana.sees("May your officer call you", count=2)
    assert "open request" not in card["text"]


async def test_a_shared_number_stands_on_the_card_alone_on_its_line(station: Town) -> None:
    """Who shared the own contact sees which number the officer may call; somebody else's contact
    is a message and not one's own number."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.sends(contact={"phone_number": "+861055550155", "first_name": "Bo", "user_id": 77})
    await li.sees(lambda message: message["kind"] == "contact")
    await ana.says("/me")
    await ana.sees("May your officer call you")
    await ana.sends(contact={"phone_number": "+861055550101", "first_name": "Ana", "user_id": 101})
    await li.sees(lambda message: message["kind"] == "contact", count=2)
    await ana.says("/me")
    card = await ana.sees("Your officer may call you at:")
    assert "+861055550101" in card["text"].splitlines()


async def test_while_the_officer_is_away_the_card_says_who_answers(station: Town) -> None:
    """The deputy, and that it is a deputy."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await li.says("/away")
    await li.sees("You are away")
    await ana.says("/me")
    await ana.sees("Answering for your officer now: Wang")
    await li.says("/back")
    await li.sees("You are back")
    await ana.says("/me")
    await ana.sees("Your officer: Li", count=2)


async def test_an_officers_own_card_shows_areas_open_requests_and_absence(station: Town) -> None:
    """What residents see of them, how much is open, and whether they are away."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    await li.sees("Hello")
    await li.says("/away")
    await li.sees("You are away: what residents write")
    await li.says("/me")
    card = (await li.sees("Responsible for"))["text"]
    assert "Li, badge 0900001" in card
    assert "Responsible for: Riverside, Harbour" in card
    assert "1 open request" in card
    assert "You are away. /back" in card
