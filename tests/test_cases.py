"""Cases: what residents and officers may rely on, through the front door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.front_door import Person, Town, town
from tests.stations import OFFICERS, RESPONSIBLE, five_areas


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Town]:
    """A station with five areas, six linked officers and a running bot."""
    async with town(f"sqlite:///{tmp_path}/beatline.db") as here:
        await here.imports(five_areas(tmp_path))
        async with here.bot():
            for code in OFFICERS:
                await officer(here, code).says("/start")
                await officer(here, code).sees("come here as cards")
            yield here


async def registered(here: Town, chat_id: int, name: str, area: str = "riverside") -> Person:
    """A resident who came through the link of ``area``."""
    person = here.person(chat_id, name)
    await person.says(f"/start a-{area}")
    await person.sees("Your officer")
    return person


def officer(here: Town, code: str) -> Person:
    """An officer of the roster with a phone."""
    return here.person(OFFICERS[code], code)


async def test_a_message_reaches_the_responsible_officer_and_the_answer_comes_back(
    station: Town,
) -> None:
    """A resident writes once; the responsible officer reads it under a card, replies, and the
    resident reads the answer."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Somebody broke the lamp")
    copy = await li.sees("Somebody broke the lamp")
    card = next(message for message in await li.got() if "C-1001" in (message["text"] or ""))
    assert copy["reply_to"] == card["message_id"]
    assert copy["protect_content"]
    await li.says("I come at five", reply_to_message_id=copy["message_id"])
    await ana.sees("I come at five")


async def test_the_receipt_tells_kept_sent_seen_answered_in_one_message(station: Town) -> None:
    """The writer knows, in one message edited in place, and the emergency number stands alone."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    receipt = await ana.sees("Sent to the officer's phone")
    assert "\n110\n" in receipt["text"]
    assert "C-1001" in receipt["text"]
    card = await li.sees("C-1001")
    await li.presses(card, "seen")
    await ana.sees("Seen by the officer")
    copy = await li.sees("Hello")
    await li.says("Good day", reply_to_message_id=copy["message_id"])
    answered = await ana.sees("Answered.")
    assert answered["message_id"] == receipt["message_id"]


async def test_what_was_written_before_registration_is_delivered_after_it_in_order(
    station: Town,
) -> None:
    """Nothing is swallowed by the choice of an area."""
    ana, chen = station.person(101, "Ana"), officer(station, "chen")
    for text in ("first", "second", "third"):
        await ana.says(text)
    question = await ana.sees("Your message is kept")
    await ana.presses(question, "choose:market")
    await chen.sees("third")
    copied = [message["text"] for message in await chen.copies()]
    assert copied == ["first", "second", "third"]


async def test_two_first_messages_at_once_make_one_case(station: Town) -> None:
    """Two quick messages never open two cases."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("one")
    await ana.says("two")
    await li.sees("two")
    cards = [message for message in await li.got() if "C-10" in (message["text"] or "")]
    assert len(cards) == 1


@pytest.mark.parametrize("area", sorted(RESPONSIBLE))
async def test_every_area_has_its_officer(station: Town, area: str) -> None:
    """The link decides the area, the roster decides the officer."""
    ana = await registered(station, 101, "Ana", area)
    await ana.says(f"from {area}")
    await officer(station, RESPONSIBLE[area]).sees(f"from {area}")


async def test_closing_ends_the_case_and_the_next_message_opens_a_new_one(station: Town) -> None:
    """*Close* on the card is the officer's; the resident is told and can simply write again."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    card = await li.sees("C-1001")
    await li.presses(card, "close")
    await ana.sees("has closed your request")
    await ana.says("One more thing")
    await li.sees("C-1002")


async def test_an_edited_message_comes_as_a_new_copy_that_says_so(station: Town) -> None:
    """The officer sees both versions; the second answers the first."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message = await ana.says("at 5")
    copy = await li.sees("at 5")
    await ana.edits(message, text="at 6")
    edited = await li.sees("edited")
    assert "at 6" in edited["text"]
    assert edited["reply_to"] == copy["message_id"]


async def test_a_message_that_replies_to_nothing_goes_nowhere_until_the_officer_chooses(
    station: Town,
) -> None:
    """*To whom?*, and ten seconds to take it back."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    await li.sees("Hello")
    await li.says("I come at five")
    question = await li.sees("To whom?")
    await li.presses(question, "pick")
    going = await li.sees("Goes to Ana")
    await li.presses(going, "undo")
    again = await li.sees("Taken back")
    await li.presses(again, "pick")
    await li.sees("Goes to Ana")
    await station.control("clock", shift_seconds=11)
    await ana.sees("I come at five")
    assert [message["text"] for message in await ana.got()].count("I come at five") == 1


async def test_an_officer_who_blocked_the_bot_is_passed_over(station: Town) -> None:
    """The next responsible person gets the card and everything since the last answer."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await ana.says("first")
    await li.sees("first")
    await li.blocks()
    await ana.says("second")
    await wang.sees("second")
    assert [message["text"] for message in await wang.copies()] == ["first", "second"]


async def test_a_resident_who_blocked_the_bot_is_reported_with_the_phone(station: Town) -> None:
    """What cannot be delivered is said, with the phone number the resident shared."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.sends(
        contact={"phone_number": "+8610555501", "first_name": "Ana", "user_id": ana.chat_id}
    )
    copy = await li.sees(lambda message: bool(message.get("reply_to")))
    await ana.blocks()
    await li.says("Hello?", reply_to_message_id=copy["message_id"])
    told = await li.sees("cannot be reached")
    assert "+8610555501" in told["text"]


async def test_a_press_by_somebody_else_changes_nothing(station: Town) -> None:
    """A forged client can send any data: rights are checked on every press."""
    ana, li, chen = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "chen"),
    )  # fmt: skip
    await ana.says("Hello")
    card = await li.sees("C-1001")
    await chen.says("/help")
    greeting = await chen.sees("Reply to one of them")
    await chen.forges(greeting["message_id"], "cases:close:1001")
    await ana.forges((await ana.got())[0]["message_id"], "cases:close:1001")
    await ana.says("still open?")
    await li.sees("still open?")
    assert not [message for message in await ana.got() if "closed" in (message["text"] or "")]
    assert card["message_id"]
