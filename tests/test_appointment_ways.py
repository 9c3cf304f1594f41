"""At the room, by phone, at home: what each way asks, and who reads the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bookings import Message, data_of, days, says_pressed, station_with, times
from tests.front_door import Person, Town
from tests.stations import officer, registered
from tests.test_checklists import PERMIT
from tests.test_rooms import offers

HOLD_SECONDS = 10 * 60 + 1


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station that gives advice at the room, by phone and at home."""
    async with station_with(sqlite_url, tmp_path) as here:
        yield here


async def held(person: Person, way: str) -> Message:
    """Somebody who has pressed a time."""
    await person.presses(await times(person, "advice", way), ":time:")
    return await person.sees("Kept for you")


async def asked_where(person: Person) -> Message:
    """Somebody who is asked for the address of a visit."""
    await held(person, "v")
    return await person.sees("Where shall the officer come")


async def test_a_service_with_several_ways_takes_five_taps(station: Town) -> None:
    """Service, way, day, time, confirm; the officer reads that it is at the room."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    shown = await held(ana, "r")
    await ana.presses(shown, ":confirm:")
    assert "12 Binjiang Road" in (await ana.sees("✔ Booked."))["text"]
    await li.sees("New appointment with Ana")


async def test_a_way_is_called_the_same_wherever_it_is_chosen_and_told(station: Town) -> None:
    """One picture and one wording: in a booking, in a request for another time, to the officer who
    goes there, and 🏢 is the room wherever it is named."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    named = ["🏢 At the community police office", "📞 By phone", "🏠 Home visit"]
    for command in ("/book", "/request"):
        asked = await ana.says(command)
        shown = await ana.sees(
            lambda each, since=asked: each["message_id"] > since and bool(data_of(each, ":advice"))
        )
        await ana.presses(shown, ":advice")
        ways = await ana.sees(
            lambda each, since=asked: (
                each["message_id"] > since and "How would you like it?" in each["text"]
            )
        )
        assert [row[0]["text"] for row in ways["buttons"][:3]] == named
    prompt = await asked_where(ana)
    await ana.says("Hill Lane 7", reply_to_message_id=prompt["message_id"])
    await ana.presses(await ana.sees(lambda each: bool(data_of(each, ":confirm:"))), ":confirm:")
    assert "🏠 Home visit" in (await ana.sees("✔ Booked."))["text"]
    assert "🏠 Home visit" in (await li.sees("New appointment with Ana"))["text"]
    await li.says("/here")
    where = await li.sees("Where are you now?")
    assert where["buttons"][0][0]["text"] == "🏢 East Police Room"


async def test_a_visit_needs_time_for_the_way(station: Town) -> None:
    """The first visit of a day is half an hour after the opening, the first time at the room is
    not."""
    ana = await registered(station, 101, "Ana")
    first = data_of(await times(ana, "advice", "r"), ":time:")[0]
    visit = data_of(await times(ana, "advice", "v"), ":time:")[0]
    assert int(visit.split(":")[-1]) - int(first.split(":")[-1]) == 30


async def test_the_address_of_a_visit_is_a_reply(station: Town) -> None:
    """The time is kept meanwhile and longer afterwards; booked, the officer reads the address."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    prompt = await asked_where(ana)
    await station.control("clock", shift_seconds=9 * 60)
    await ana.says("Hill Lane 7 <b>", reply_to_message_id=prompt["message_id"])
    shown = await ana.sees("Shall it be booked")
    await station.control("clock", shift_seconds=4 * 60)
    await ana.presses(shown, ":confirm:")
    assert "Hill Lane 7 <b>" in (await ana.sees("✔ Booked."))["text"]
    assert "Hill Lane 7 <b>" in (await li.sees("New appointment with Ana"))["text"]


async def test_a_shared_place_is_where_the_visit_goes(station: Town) -> None:
    """The officer gets it as a place to tap, and no request beside the appointment."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asked_where(ana)
    await ana.sends(location={"latitude": 30.25, "longitude": 100.5})
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    await ana.sees("✔ Booked.")
    shared = await li.sees(lambda each: each["kind"] == "location")
    assert shared["content"]["location"]["latitude"] == 30.25
    assert not await li.copies()


async def test_what_is_no_reply_goes_to_the_officer(station: Town) -> None:
    """While the address is asked for, everything else is a message; the question stays open."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    prompt = await asked_where(ana)
    await ana.says("Somebody shouts in the yard")
    await li.sees("Somebody shouts in the yard")
    await ana.says("Hill Lane 7", reply_to_message_id=prompt["message_id"])
    await ana.sees("Shall it be booked")


async def test_an_address_too_long_to_read_is_asked_for_again(station: Town) -> None:
    """The question stays open for a shorter one."""
    ana = await registered(station, 101, "Ana")
    prompt = await asked_where(ana)
    await ana.says("x" * 301, reply_to_message_id=prompt["message_id"])
    await ana.sees("at most 300 characters")
    await ana.says("Hill Lane 7", reply_to_message_id=prompt["message_id"])
    await ana.sees("Shall it be booked")


async def test_a_reply_after_the_time_was_given_back_is_a_message(station: Town) -> None:
    """Nothing is swallowed by a question that is over, and the message says that it is."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    prompt = await asked_where(ana)
    await station.control("clock", shift_seconds=HOLD_SECONDS)
    await ana.sees("is free again")
    await ana.says("Hill Lane 7", reply_to_message_id=prompt["message_id"])
    await li.sees("Hill Lane 7")


async def test_a_visit_without_an_address_is_not_booked(station: Town) -> None:
    """A forged press does not book it either."""
    ana = await registered(station, 101, "Ana")
    await asked_where(ana)
    shown = await ana.sees("the address is still missing")
    await ana.forges(shown["message_id"], "appointments:confirm:1")
    await says_pressed(station, "This has moved on.")
    assert not [each for each in await ana.got() if "✔ Booked." in each["text"]]


async def booked_by_phone(person: Person) -> Message:
    """Somebody who is asked for a number after booking a call."""
    await person.presses(await held(person, "p"), ":confirm:")
    await person.sees("✔ Booked.")
    return await person.sees("Where may the officer call you")


async def test_the_number_for_a_call_comes_by_the_button(station: Town) -> None:
    """The own contact is the answer; the officer reads the number with the appointment."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await booked_by_phone(ana)
    contact = {"phone_number": "+8610000000101", "first_name": "Ana", "user_id": 101}
    await ana.sends(contact=contact)
    await ana.sees("The officer will call you at")
    assert "+8610000000101" in (await li.sees("Ana can be called"))["text"]
    assert not await li.copies()


async def test_the_number_for_a_call_may_be_typed(station: Town) -> None:
    """As a reply; words are asked for once more, and no number at all is no harm."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    prompt = await booked_by_phone(ana)
    await ana.says("after six", reply_to_message_id=prompt["message_id"])
    await ana.sees("This is not a phone number")
    await ana.says("010 5555 0000", reply_to_message_id=prompt["message_id"])
    await li.sees("010 5555 0000")


async def test_somebody_elses_contact_is_a_message(station: Town) -> None:
    """It goes to the officer like everything that is no answer."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await booked_by_phone(ana)
    await ana.sends(contact={"phone_number": "+8610000000999", "first_name": "Bo"})
    await li.sees(lambda each: each["kind"] == "contact")
    assert not [each for each in await ana.got() if "will call you" in each["text"]]


async def test_who_shared_a_number_before_is_called_there(station: Town) -> None:
    """Nobody is asked twice."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    contact = {"phone_number": "+8610000000101", "first_name": "Ana", "user_id": 101}
    await ana.sends(contact=contact)
    await li.sees(lambda each: each["kind"] == "contact")
    await ana.presses(await held(ana, "p"), ":confirm:")
    assert "+8610000000101" in (await ana.sees("✔ Booked."))["text"]
    assert "+8610000000101" in (await li.sees("New appointment with Ana"))["text"]
    assert not [each for each in await ana.got() if "Where may the officer" in each["text"]]


@pytest.mark.parametrize("way", ["v", "p"])
async def test_nobody_is_told_to_bring_things_to_the_own_door(
    sqlite_url: str, tmp_path: Path, way: str
) -> None:
    """At home and by phone, papers are needed at hand; only at the room are they brought."""
    services = PERMIT.replace('ways = ["room"]', 'ways = ["room", "phone", "visit"]')
    async with station_with(sqlite_url, tmp_path, services) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        await ana.presses(await times(ana, "permit", way), ":time:")
        held = await ana.sees("Kept for you")
        assert "Please have at hand:\n• Passport" in held["text"]
        await li.says("/book")
        asked = await li.sees("For whom?")
        await li.says("Wang Fang 138 0000 0000", reply_to_message_id=asked["message_id"])
        for data in (":permit", ":phone", ":for_day:", ":for_time:"):
            await li.presses(await li.sees(offers(data)), data)
        booked = await li.sees("✔ Booked for")
    assert "Student – then please also have at hand:\n• Letter of the school" in booked["text"]
    assert "bring" not in held["text"] + booked["text"]


async def test_the_way_back_leads_to_the_ways(station: Town) -> None:
    """From the days to the ways, from there to the services."""
    ana = await registered(station, 101, "Ana")
    await ana.presses(await days(ana, "advice", "p"), "appointments:service:advice")
    await ana.presses(await ana.sees("How would you like it"), ":services")
    await ana.sees("What would you like")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "I need an appointment!"), ("zh", "我要预约"), ("ar", "أريد موعداً")],
)
async def test_plain_words_are_as_good_as_the_command(
    station: Town, language: str, words: str
) -> None:
    """Whoever types what is wanted gets it, in the own language, and the officer is not asked."""
    ana, li = await registered(station, 101, "Ana", language=language), officer(station, "li")
    await ana.says(words)
    shown = await ana.sees(lambda each: bool(data_of(each, "appointments:service:")))
    await ana.presses(shown, ":service:residence")
    await ana.sees(lambda each: bool(data_of(each, ":day:")))
    assert not await li.copies()
