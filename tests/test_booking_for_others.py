"""Booking for somebody without Telegram: by telephone, at the door, through a neighbour."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.engines import open_database
from tests.bookings import Message, data_of, says_pressed, station_with
from tests.front_door import Person, Town
from tests.stations import officer, registered
from tests.test_checklists import PERMIT
from tests.test_rooms import at

WHO = "Wang Fang 138 0000 0000"
ASKED = "For whom?"
BOOKED = "✔ Booked for"
NOBODY = (None, None, None)


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station on Monday, 14 December, at eight in the morning."""
    async with station_with(sqlite_url, tmp_path) as here:
        await at(here, "2026-12-14 08:00")
        yield here


async def becomes(person: Person, shown: Message, part: str) -> Message:
    """The same message, when it says this."""
    number = shown["message_id"]
    return await person.sees(lambda each: each["message_id"] == number and part in each["text"])


async def names(person: Person, typed: str = WHO, *, then: str = "What for?") -> Message:
    """The message with the first choice, after ``/book`` and the name."""
    asked = await person.says("/book")
    prompt = await person.sees(lambda each: each["message_id"] > asked and ASKED in each["text"])
    await person.says(typed, reply_to_message_id=prompt["message_id"])
    return await person.sees(
        lambda each: each["message_id"] > prompt["message_id"] and then in each["text"]
    )


async def to_times(person: Person, shown: Message, service: str = "residence") -> Message:
    """The same message with the times of Tuesday."""
    await person.presses(shown, f":{service}")
    await person.presses(await becomes(person, shown, "On which day"), "20261215")
    return await becomes(person, shown, "at what time")


async def books(person: Person, typed: str = WHO) -> Message:
    """The message of a booking on Tuesday at nine at the room, in the own diary."""
    shown = await names(person, typed)
    await person.presses(await to_times(person, shown), ":for_time:")
    return await becomes(person, shown, BOOKED)


def code_in(booked: Message) -> str:
    """The code that the officer reads out."""
    return str(booked["text"].split("The code of the appointment: ")[1][:9])


async def agenda_of(person: Person) -> Message:
    """The week, in one message."""
    await person.says("/agenda")
    await person.presses(await person.sees("No appointments today."), ":agenda:week")
    return await person.sees("Your appointments this week:")


async def test_an_officer_books_with_one_reply_and_three_taps(station: Town) -> None:
    """What is read out says when, with whom, where, what to bring, once, and the code; the own
    agenda has the name, and the appointment the number to call."""
    li = officer(station, "li")
    booked = await books(li)
    for part in ("Wang Fang", "Dec 15 09:00", "With Li.", "East Police Room", "Passport"):
        assert booked["text"].count(part) == 1
    assert len(code_in(booked)) == len("4829-1364")
    week = await agenda_of(li)
    assert "Dec 15 09:00 · Residence registration · Wang Fang" in week["text"]
    await li.presses(week, ":entry:")
    entry = await becomes(li, week, "Wang Fang has no Telegram.")
    assert "\n138 0000 0000" in entry["text"]


async def test_what_depends_on_the_situation_is_read_out_too(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Whoever is on the telephone has nothing to tap: each situation comes with what it needs."""
    async with station_with(sqlite_url, tmp_path, PERMIT) as here:
        li = officer(here, "li")
        shown = await names(li)
        await li.presses(shown, ":permit")
        await li.presses(await becomes(li, shown, "On which day"), ":for_day:")
        await li.presses(await becomes(li, shown, "at what time"), ":for_time:")
        booked = await becomes(li, shown, BOOKED)
    assert "Student – then please also bring:\n• Letter of the school" in booked["text"]
    assert "Tap" not in booked["text"]


async def test_the_name_of_a_guest_is_forgotten_after_a_week(
    station: Town, sqlite_url: str
) -> None:
    """The station keeps no file on third persons: what was written down for a call back goes."""
    await books(officer(station, "li"))
    await at(station, "2026-12-22 09:01")
    database = open_database(sqlite_url)

    async def is_forgotten() -> bool:
        async with database.reading() as unit:
            rows = await unit.fetch("SELECT guest_name, guest_phone, code FROM appointment")
        return [(row["guest_name"], row["guest_phone"], row["code"]) for row in rows] == [NOBODY]

    try:
        await station.until(is_forgotten, "nobody's name is on file")
    finally:
        await database.close()


async def test_each_wrong_line_gets_its_own_word(station: Town) -> None:
    """No number, no name, a name of sixty-five letters; the newest question waits for the reply."""
    li = officer(station, "li")
    await li.says("/book")
    prompt = await li.sees(ASKED)
    for typed, said in (
        ("Wang Fang", "There is no phone number in it."),
        ("138 0000 0000", "The name is missing."),
        ("x" * 65 + " 138 0000 0000", "at most 64 characters"),
    ):
        await li.says(typed, reply_to_message_id=prompt["message_id"])
        prompt = await li.sees(said)
    await li.says(WHO, reply_to_message_id=prompt["message_id"])
    await li.sees("What for?")


async def test_what_is_no_reply_is_no_name(station: Town) -> None:
    """While the question is open, an officer's message to a resident goes where it is meant to."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("hello")
    copy = await li.sees("hello")
    await li.says("/book")
    prompt = await li.sees(ASKED)
    await li.says("call 138 0000 0000", reply_to_message_id=copy["message_id"])
    await ana.sees("call 138 0000 0000")
    await li.says(WHO, reply_to_message_id=prompt["message_id"])
    await li.sees("What for?")


async def test_every_step_has_a_way_back_and_out(station: Town) -> None:
    """From the times to the days, the way, the service, the name; and out, after which an old
    button says that it moved on."""
    li = officer(station, "li")
    shown = await names(li)
    await li.presses(shown, ":advice")
    await li.presses(await becomes(li, shown, "In which way?"), ":phone")
    await li.presses(await becomes(li, shown, "On which day"), "20261215")
    await li.presses(await becomes(li, shown, "at what time"), ":for_days:")
    await li.presses(await becomes(li, shown, "On which day"), ":way")
    await li.presses(await becomes(li, shown, "In which way?"), ":service")
    again = await becomes(li, shown, "What for?")
    await li.presses(again, ":who")
    await becomes(li, shown, "Not booked.")
    prompt = await li.sees(ASKED, count=2)
    await li.says("Li Na 010 5555", reply_to_message_id=prompt["message_id"])
    last = await li.sees("Li Na")
    await li.presses(last, ":stop")
    await becomes(li, last, "Not booked.")
    await li.presses(again, ":residence")
    await says_pressed(station, "This has moved on.")
    await li.says("/agenda")
    week = await li.sees("No appointments today.")
    await li.presses(week, ":agenda:week")
    await li.sees("No appointments this week.")


async def test_the_desk_books_with_five_taps_in_any_diary(station: Town) -> None:
    """Officer, service, way, day, time; the officer is told without a sound, with the number."""
    zhao, wang = officer(station, "zhao"), officer(station, "wang")
    await wang.says("/agenda")
    await wang.sees("No appointments today.")
    shown = await names(zhao, then="With whom?")
    assert len(data_of(shown, ":whose:")) == 3
    taps = (("With whom?", ":wang"), ("What for?", ":advice"), ("In which way?", ":phone"),
            ("On which day", "20261215"), ("at what time", ":for_time:"))  # fmt: skip
    for asked, choice in taps:
        await zhao.presses(await becomes(zhao, shown, asked), choice)
    booked = await becomes(zhao, shown, BOOKED)
    assert "With Wang." in booked["text"]
    told = await wang.sees("New appointment with Wang Fang.")
    assert told["text"].count("138 0000 0000") == 2  # where to call, and how to reach her
    assert told["silent"]


async def asked_where(person: Person, shown: Message) -> Message:
    """The question for the address of a visit on Tuesday."""
    await person.presses(shown, ":advice")
    await person.presses(await becomes(person, shown, "In which way?"), ":visit")
    await person.presses(await becomes(person, shown, "On which day"), "20261215")
    await person.presses(await becomes(person, shown, "at what time"), ":for_time:")
    return await person.sees("Where shall the officer come?")


async def test_a_visit_asks_for_the_address_by_one_more_reply(station: Town) -> None:
    """Nothing is booked before; an address too long is asked for again."""
    li = officer(station, "li")
    shown = await names(li)
    prompt = await asked_where(li, shown)
    await li.says("x" * 301, reply_to_message_id=prompt["message_id"])
    prompt = await li.sees("at most 300 characters")
    await li.says("Hill Lane 7 <b>", reply_to_message_id=prompt["message_id"])
    booked = await li.sees(BOOKED)
    assert "Hill Lane 7 <b>" in booked["text"]
    assert "Hill Lane 7 <b>" in (await _entry(li))["text"]


async def _entry(person: Person) -> Message:
    week = await agenda_of(person)
    await person.presses(week, ":entry:")
    return await person.sees(
        lambda each: each["message_id"] == week["message_id"] and bool(data_of(each, ":why:"))
    )


async def test_two_at_the_same_time_are_one_booking(station: Town) -> None:
    """The desk and the officer choose the same time of one diary: whoever is second gets the
    nearest times, and has booked nothing. The same button twice books once."""
    li, zhao = officer(station, "li"), officer(station, "zhao")
    of_li = await names(li)
    of_li = await to_times(li, of_li)
    of_zhao = await names(zhao, "Okoye 010 5555", then="With whom?")
    await zhao.presses(of_zhao, ":li")
    of_zhao = await to_times(zhao, await becomes(zhao, of_zhao, "What for?"))
    (nine,) = data_of(of_li, ":for_time:")[:1]
    await li.forges(of_li["message_id"], nine)
    await becomes(li, of_li, BOOKED)
    await li.forges(of_li["message_id"], nine)
    await says_pressed(station, "This has moved on.")
    await zhao.presses(of_zhao, ":for_time:")
    nearest = await becomes(zhao, of_zhao, "These are the nearest.")
    await zhao.presses(nearest, ":for_time:")
    second = await becomes(zhao, of_zhao, BOOKED)
    assert "Dec 15 09:20" in second["text"]
    week = await agenda_of(zhao)
    assert [len(data_of(week, ":entry:")), week["text"].count("Dec 15")] == [2, 2]


async def test_a_visits_time_that_somebody_took_meanwhile_is_offered_anew(station: Town) -> None:
    """While the address was written, the desk took the time: the officer reads so, and chooses
    another day or time with one tap; name and number are not asked again."""
    li = officer(station, "li")
    shown = await names(li)
    prompt = await asked_where(li, shown)
    zhao = officer(station, "zhao")
    other = await names(zhao, "Okoye 010 5555", then="With whom?")
    await zhao.presses(other, ":li")
    for_times = await to_times(zhao, await becomes(zhao, other, "What for?"))
    await zhao.presses(for_times, ":for_time:")
    await becomes(zhao, other, BOOKED)
    await li.says("Hill Lane 7", reply_to_message_id=prompt["message_id"])
    sorry = await li.sees("This time is not free (any more).")
    await li.presses(sorry, ":for_days:")
    await becomes(li, sorry, "On which day")


async def test_an_address_for_a_time_that_was_given_up_is_nobodys_name(station: Town) -> None:
    """The officer goes back to the days and answers the old question all the same: a word, and the
    appointment is for whom it was."""
    li = officer(station, "li")
    shown = await names(li)
    prompt = await asked_where(li, shown)
    await li.presses(await becomes(li, shown, "Tue"), ":days")
    await becomes(li, shown, "On which day")
    await li.says("Hill Lane 12345", reply_to_message_id=prompt["message_id"])
    await li.sees("This has moved on.")
    await li.presses(await becomes(li, shown, "On which day"), "20261216")
    await li.presses(await becomes(li, shown, "at what time"), ":for_time:")
    prompt = await li.sees("Where shall the officer come?", count=2)
    await li.says("Hill Lane 7", reply_to_message_id=prompt["message_id"])
    assert "Wang Fang" in (await li.sees(BOOKED))["text"]


@pytest.mark.parametrize("data", ["for_time:1:1:29000000", "whose:1:3:li", "what:x:y", "for_back"])
async def test_a_forged_choice_is_nobodys(station: Town, data: str) -> None:
    """Another person's booking, or none at all, named in a button: it has moved on."""
    li, wang = officer(station, "li"), officer(station, "wang")
    await names(li)
    await wang.says("/agenda")
    shown = await wang.sees("No appointments today.")
    await wang.forges(shown["message_id"], f"appointments:{data}")
    await says_pressed(station, "This has moved on.")


async def test_an_officer_books_in_no_colleagues_diary(station: Town) -> None:
    """A forged choice of another officer, of a service or a time that never was, chooses
    nothing."""
    li = officer(station, "li")
    shown = await names(li)
    first = data_of(shown, ":what:")[0].rsplit(":", 1)[0]
    await li.forges(shown["message_id"], first.replace(":what:", ":whose:") + ":wang")
    for version, service in ((3, "nothing"), (4, "residence")):
        known = first.rsplit(":", 1)[0]
        await li.forges(shown["message_id"], f"{known}:{version}:{service}")
    days = await becomes(li, shown, "On which day")
    known = data_of(days, ":for_day:")[0].rsplit(":", 1)[0].replace(":for_day:", ":for_time:")
    for never in ("29000000", "x", "999999999"):
        await li.forges(shown["message_id"], f"{known}:{never}")
    await li.forges(shown["message_id"], known.replace(":for_time:", ":for_day:") + ":20261215")
    await li.presses(await becomes(li, shown, "at what time"), ":for_time:")
    assert "With Li." in (await becomes(li, shown, BOOKED))["text"]


async def test_whoever_has_no_diary_books_for_nobody(station: Town) -> None:
    """An administrator reads so at once."""
    admin = officer(station, "admin")
    await admin.says("/book")
    await admin.sees("There is nobody you can book for here.")


async def test_an_officer_is_reminded_to_call(station: Town) -> None:
    """An hour before, with the name and the number: no other word reaches the guest."""
    li = officer(station, "li")
    await books(li)
    await at(station, "2026-12-15 08:01")
    told = await li.sees(
        lambda each: "Appointment with Wang Fang." in each["text"] and "call:" in each["text"]
    )
    assert "Wang Fang has no Telegram." in told["text"]
    assert "\n138 0000 0000" in told["text"]


async def test_whoever_cancels_a_guests_appointment_reads_whom_to_call(station: Town) -> None:
    """Nobody is told by itself who has no Telegram."""
    li = officer(station, "li")
    await books(li)
    entry = await _entry(li)
    await li.presses(entry, ":why:")
    await li.presses(await becomes(li, entry, "Cancel it, and why?"), ":elsewhere")
    over = await becomes(li, entry, "✖ Cancelled.")
    assert "\n138 0000 0000" in over["text"]


async def test_no_name_and_no_number_stands_in_a_log(
    station: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is logged about a booking says nothing about the person."""
    with caplog.at_level(logging.DEBUG, logger="beatline"):
        booked = await books(officer(station, "li"))
    ours = [each for each in caplog.records if each.name.startswith("beatline")]
    said = " ".join(f"{each.getMessage()} {each.__dict__}" for each in ours)
    assert ours
    for secret in ("Wang Fang", "138 0000", code_in(booked), code_in(booked).replace("-", "")):
        assert secret not in said
