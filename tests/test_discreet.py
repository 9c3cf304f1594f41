"""What people of the station read of an appointment cannot be forwarded out of their chats."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bookings import station_with
from tests.front_door import Person, Town
from tests.stations import officer, registered
from tests.test_agenda import booked, entry
from tests.test_appointment_ways import asked_where
from tests.test_booking_for_others import becomes, books, names
from tests.test_displaced import has_guest
from tests.test_rooms import at


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station on Monday, 14 December, at eight in the morning."""
    async with station_with(sqlite_url, tmp_path) as here:
        await at(here, "2026-12-14 08:00")
        yield here


async def told_of(staff: Person, *marks: str) -> list[str]:
    """What this person has read with one of these marks in it, once none of it can be forwarded."""
    found = [
        each for each in await staff.got() if any(mark in (each["text"] or "") for mark in marks)
    ]
    loose = [each["text"] for each in found if not each["protect_content"]]
    assert loose == []
    return [each["text"] for each in found]


async def test_a_residents_appointment_stays_in_the_officers_chat(station: Town) -> None:
    """Booked, in the agenda, answered with the request, reminded of and cancelled: each message
    with Ana's name is one that Telegram does not let the officer forward, copy or save."""
    ana, li = await booked(station), officer(station, "li")
    await li.sees("New appointment with Ana")
    await ana.says("hello")
    await li.sees("hello")
    shown = await entry(li, "week")
    await li.presses(shown, ":request:")
    await li.sees("The request of Ana.")
    await at(station, "2026-12-15 08:01")
    await li.sees("Appointment with Ana.")
    reminder = await ana.sees("Your appointment is near.")
    await ana.presses(reminder, ":cancel:")
    await li.sees("Ana cancelled the appointment.")
    assert len(await told_of(li, "Ana")) >= 5


async def test_where_a_visit_goes_stays_in_the_officers_chat(station: Town) -> None:
    """The shared place as well, which is a message without words."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asked_where(ana)
    await ana.sends(location={"latitude": 30.25, "longitude": 100.5})
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    shared = await li.sees(lambda each: each["kind"] == "location")
    assert shared["protect_content"]
    assert await told_of(li, "30.25")


async def test_who_has_no_telegram_stays_in_the_chats_of_the_station(station: Town) -> None:
    """Name and number of somebody who was booked for, from the first choice to what is read out."""
    li = officer(station, "li")
    await books(li)
    assert await told_of(li, "Wang Fang")
    shown = await names(li, "Okoye 010 5555")
    await li.presses(shown, ":stop")
    await becomes(li, shown, "Not booked.")
    assert shown["protect_content"]


async def test_whom_to_telephone_stays_in_the_chats_of_the_station(station: Town) -> None:
    """An absence displaces Ines, who has no Telegram: neither the officer's summary nor the desk's
    list of numbers can be forwarded."""
    li, zhao = officer(station, "li"), officer(station, "zhao")
    await has_guest(station, "2026-12-14 10:00")
    await li.says("/away")
    panel = await li.sees(lambda message: "absences:booked:" in str(message["buttons"]))
    await li.presses(panel, ":deputy")
    await li.sees("cannot be kept. The resident is told now.")
    await zhao.sees("These people have no Telegram.")
    assert await told_of(li, "Ines")
    assert await told_of(zhao, "Ines")
