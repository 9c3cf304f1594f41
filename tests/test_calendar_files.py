"""Calendar files: one button under an appointment, and the phone's own calendar knows of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from tests.bookings import SERVICES, Message, book, data_of, says_pressed, station_with, times
from tests.front_door import Person, Town
from tests.stations import officer, registered
from tests.test_agenda import booked, entry
from tests.test_booking_for_others import agenda_of, books, code_in
from tests.test_rooms import at

SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 12, 15, 9, tzinfo=SHANGHAI)
IN_ARABIC = SERVICES.replace(
    'en = "Residence registration"', 'en = "Residence registration", ar = "تسجيل الإقامة"'
).replace('en = "Passport"', 'en = "Passport", ar = "جواز السفر"')


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station where residence can be registered by appointment."""
    async with station_with(sqlite_url, tmp_path, IN_ARABIC) as here:
        yield here


def is_file(message: Message) -> bool:
    return message["kind"] == "document"


async def takes(person: Person, shown: Message, *, count: int = 1) -> Message:
    """Press the calendar's button; the newest of so many files."""
    await person.presses(shown, "_calendar:")
    return await person.sees(is_file, count=count)


def calendar_in(here: Town, message: Message) -> Calendar:
    files = here.telegram.telegram.world.files
    stored = files.get(message["content"]["document"]["file_id"])
    assert stored is not None
    return Calendar.from_ical(files.content(stored))


def event_in(here: Town, message: Message) -> Event:
    [event] = calendar_in(here, message).walk("VEVENT")
    return event


async def shows(person: Person, part: str) -> Message:
    """The newest message with such a button, in whatever language."""
    return await person.sees(lambda message: bool(data_of(message, part)))


async def book_tuesday(here: Town, person: Person) -> Message:
    """By buttons alone: a resident of any language has the appointment of `TUESDAY`."""
    await here.moves_to(TUESDAY - timedelta(days=1, hours=1))
    await person.says("/book")
    for part in (":service:residence", ":20261215", ":time:", ":confirm:"):
        await person.presses(await shows(person, part), part)
    return await shows(person, ":to_calendar:")


@pytest.mark.parametrize(
    ("language", "summary", "place", "description"),
    [
        (
            "en", "Residence registration", "East Police Room, 12 Binjiang Road",
            ["With Li.", "Please bring:", "• Passport", "To move or cancel it: "],
        ),
        (
            "zh", "居住登记", "城东警务室、滨江路12号",
            ["li警官", "• 护照", "改时间或取消："],
        ),
        (
            "ar", "تسجيل الإقامة", "East Police Room، 12 Binjiang Road",
            ["Li", "• جواز السفر", "\u2066+86 10 5555 0111\u2069"],
        ),
    ],
)  # fmt: skip
async def test_one_tap_brings_a_file_that_the_phone_opens(
    station: Town, language: str, summary: str, place: str, description: list[str]
) -> None:
    """After booking: a document named by its day, of the type calendars open, and in it what the
    message says, in the resident's language."""
    ana = await registered(station, 101, "Ana", language=language)
    message = await takes(ana, await book_tuesday(station, ana))
    document = message["content"]["document"]
    assert document["file_name"] == "appointment-2026-12-15.ics"
    assert document["mime_type"] == "text/calendar"
    assert summary in message["text"]
    event = event_in(station, message)
    assert calendar_in(station, message)["METHOD"] == "PUBLISH"
    assert event.decoded("DTSTART") == TUESDAY
    assert event.decoded("DTEND") == TUESDAY + timedelta(minutes=20)
    assert abs(event.decoded("DTSTAMP") - station.clock.now()) < timedelta(minutes=1)
    assert (event["SUMMARY"], event["LOCATION"]) == (summary, place)
    assert [part for part in description if part not in event["DESCRIPTION"]] == []
    assert [each.decoded("TRIGGER") for each in event.walk("VALARM")] == [
        timedelta(days=-1),
        timedelta(hours=-1),
    ]
    assert "101" not in event["UID"]


async def test_a_second_press_brings_no_second_file(station: Town) -> None:
    """A press that comes twice is answered with a word; the list of appointments brings it again,
    for whoever deleted it."""
    ana = await registered(station, 101, "Ana")
    shown = await book(ana)
    await takes(ana, shown)
    await ana.presses(shown, ":to_calendar:")
    await says_pressed(station, "The file is in this chat already.")
    asked = await ana.says("/book")
    listed = await ana.sees(
        lambda each: each["message_id"] > asked and bool(data_of(each, ":to_calendar:"))
    )
    await takes(ana, listed, count=2)
    assert len([each for each in await ana.got() if is_file(each)]) == 2


async def test_after_a_move_the_same_entry_is_newer(station: Town) -> None:
    """The calendar puts it in the place of the old one: one UID, a higher SEQUENCE."""
    ana = await registered(station, 101, "Ana")
    shown = await book_tuesday(station, ana)
    first = event_in(station, await takes(ana, shown))
    for part in (":move:", ":moveday:", ":moveto:"):
        await ana.presses(await shows(ana, part), part)
    moved = await ana.sees("✔ Moved.")
    second = event_in(station, await takes(ana, moved, count=2))
    assert second["UID"] == first["UID"]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second.decoded("DTSTART") != first.decoded("DTSTART")


async def test_what_is_not_ones_own_or_over_brings_no_file(station: Town) -> None:
    """Somebody else's, a number that nobody has, a time that was moved since, and a cancelled one:
    a word, and no file."""
    ana, bo = await registered(station, 101, "Ana"), await registered(station, 102, "Bo")
    shown = await book_tuesday(station, ana)
    [data] = data_of(shown, ":to_calendar:")
    newest = (await bo.got())[-1]["message_id"]
    for forged in (data, data.replace("to_", "off_"), "appointments:to_calendar:99", "x:y"):
        await bo.forges(newest, forged)
    await ana.forges(shown["message_id"], "appointments:to_calendar:nothing")
    await ana.forges(shown["message_id"], f"{data}1")
    await says_pressed(station, "This has moved on.")
    await ana.forges(shown["message_id"], data.replace("to_", "off_"))
    await says_pressed(station, "It is booked already.")
    await ana.presses(shown, ":cancel:")
    over = await ana.sees("✖ Cancelled.")
    assert data_of(over, "calendar") == []
    await ana.forges(shown["message_id"], data)
    await ana.forges(shown["message_id"], data.replace("to_", "off_"))
    await ana.says("/book")
    await ana.sees("What would you like")
    assert not [each for each in [*await ana.got(), *await bo.got()] if is_file(each)]


async def test_what_has_begun_goes_into_no_calendar(station: Town) -> None:
    """An old message pressed too late is answered."""
    ana = await registered(station, 101, "Ana")
    shown = await book_tuesday(station, ana)
    await station.control("clock", shift_seconds=26 * 3600)
    await ana.presses(shown, ":to_calendar:")
    await says_pressed(station, "It has begun already.")
    assert not [each for each in await ana.got() if is_file(each)]


async def test_the_officers_calendar_says_when_and_where_but_not_who(station: Town) -> None:
    """Calendars are copied to clouds: the name stands in the agenda. From there the duty desk may
    take it as well; another officer may not."""
    await booked(station)
    li = officer(station, "li")
    shown = await entry(li, "week")
    event = event_in(station, await takes(li, shown))
    assert event.decoded("DTSTART") == TUESDAY
    assert event["LOCATION"] == "East Police Room, 12 Binjiang Road"
    assert "/agenda" in event["DESCRIPTION"]
    assert "Ana" not in event.to_ical().decode()
    [data] = data_of(shown, ":to_calendar:")
    for code in ("wang", "zhao"):
        person = officer(station, code)
        await person.says("/agenda")
        await person.forges((await person.sees("ppointments today"))["message_id"], data)
    await officer(station, "zhao").sees(is_file)
    await says_pressed(station, "This has moved on.")
    assert not [each for each in await officer(station, "wang").got() if is_file(each)]


async def test_whoever_was_booked_for_is_named_in_no_calendar(station: Town) -> None:
    """Somebody without Telegram: the officer's entry has the room, but no name, number or code."""
    await at(station, "2026-12-14 08:00")
    li = officer(station, "li")
    code = code_in(await books(li))
    await li.presses(await agenda_of(li), ":entry:")
    event = event_in(station, await takes(li, await shows(li, ":to_calendar:")))
    assert event.decoded("DTSTART") == TUESDAY
    assert event["LOCATION"] == "East Police Room, 12 Binjiang Road"
    assert [each for each in ("Wang", "138", code) if each in event["DESCRIPTION"]] == []
    assert event["SUMMARY"] == "Residence registration"


async def test_a_visit_and_a_call_say_how(station: Town) -> None:
    """The resident's file has the address; the officer's has none, and nobody's a number."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.presses(await times(ana, "advice", "v"), ":time:")
    asked = await ana.sees("Where shall the officer come?")
    await ana.says("Rose Lane 7, door 3", reply_to_message_id=asked["message_id"])
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    own = event_in(station, await takes(ana, await ana.sees("✔ Booked.")))
    assert own["LOCATION"] == "Rose Lane 7, door 3"
    near = own.decoded("DTSTART") - timedelta(days=2)
    await station.moves_to(near)
    await li.says("/agenda")
    await li.presses(await shows(li, ":agenda:week"), ":agenda:week")
    await li.presses(await shows(li, ":entry:"), ":entry:")
    theirs = event_in(station, await takes(li, await shows(li, ":to_calendar:")))
    assert theirs["LOCATION"] == "🏠 Home visit"
    assert "Rose Lane" not in theirs.to_ical().decode()
    bo = await registered(station, 102, "Bo")
    await bo.presses(await times(bo, "advice", "p"), ":time:")
    await bo.presses(await bo.sees("Shall it be booked"), ":confirm:")
    call = event_in(station, await takes(bo, await bo.sees("✔ Booked.")))
    assert call["LOCATION"] == "📞 By phone"


async def test_who_has_it_in_a_calendar_is_helped_to_take_it_out(station: Town) -> None:
    """After the resident cancels: both get the button, once each; the file is a cancelling one of
    the same entry."""
    ana, li = await booked(station), officer(station, "li")
    first = event_in(station, await takes(ana, await ana.sees("✔ Booked.")))
    await takes(li, await entry(li, "week"))
    await ana.presses(await ana.sees("✔ Booked."), ":cancel:")
    over = await ana.sees("✖ Cancelled.")
    await takes(ana, over, count=2)
    told = await li.sees("Ana cancelled the appointment")
    await takes(li, told, count=2)
    await ana.presses(over, ":off_calendar:")
    await says_pressed(station, "The file is in this chat already.")
    for person in (ana, li):
        message = await person.sees(is_file, count=2)
        assert "please delete it yourself" in message["text"]
        event = event_in(station, message)
        assert calendar_in(station, message)["METHOD"] == "CANCEL"
        assert (event["UID"], event["STATUS"]) == (first["UID"], "CANCELLED")
        assert event["SEQUENCE"] > first["SEQUENCE"]


async def test_whoever_took_no_file_is_offered_none_to_take_out(station: Town) -> None:
    """Called off by the officer: the one resident with a calendar gets the button beside another
    time, the other one does not."""
    ana, li = await booked(station), officer(station, "li")
    bo = await registered(station, 102, "Bo")
    await book(bo)
    await takes(ana, await ana.sees("✔ Booked."))
    await li.presses(await entry(li, "week"), ":why:")
    await li.presses(await shows(li, ":cancel:"), ":elsewhere")
    sorry = await ana.sees("your appointment was cancelled")
    assert calendar_in(station, await takes(ana, sorry, count=2))["METHOD"] == "CANCEL"
    over = await li.sees("✖ Cancelled.")
    assert data_of(over, "calendar") == []
    await bo.presses(await bo.sees("✔ Booked."), ":cancel:")
    assert data_of(await bo.sees("✖ Cancelled."), "calendar") == []


def test_nobody_waits_for_the_calendars_library_at_the_start() -> None:
    """It is loaded when the first file is asked for: importing everything that the bot runs does
    not load it."""
    program = (
        "import bot.app, bot.app.serving, handlers.features, sys;"
        "assert 'handlers.appointments.calendar_files' in sys.modules;"
        "print('icalendar' in sys.modules, 'dateutil' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False False\n"
