"""Appointments: booked in four taps, by one person only, told to both, and given back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.absences import Absence, AbsenceReason
from storage.database import Unit
from storage.engines import open_database
from storage.transaction import Transaction
from tests.bookings import says_pressed, times
from tests.front_door import Town
from tests.stations import at_work, five_areas, officer, registered

SERVICE = """
[[service]]
code = "residence"
name = { zh = "居住登记", en = "Residence registration" }
minutes = 20
ways = ["room"]
bring = [{ zh = "护照", en = "Passport" }]
"""
HOLD_SECONDS = 5 * 60 + 1


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station where residence can be registered by appointment."""
    roster = five_areas(tmp_path)
    roster.write_text(roster.read_text(encoding="utf-8") + SERVICE, encoding="utf-8")
    async with at_work(sqlite_url, roster) as here:
        yield here


async def test_four_taps_book_and_both_are_told_everything(station: Town) -> None:
    """Service, day, time, confirm: the resident reads place and papers, the officer who comes."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.presses(await times(ana), ":time:")
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    told = (await ana.sees("✔ Booked."))["text"]
    assert "Residence registration" in told
    assert "12 Binjiang Road" in told
    assert "• Passport" in told
    await li.sees("New appointment with Ana")


async def test_of_two_who_see_the_same_time_one_gets_it(station: Town) -> None:
    """Whoever is second is told so and offered the nearest times."""
    ana, bo = await registered(station, 101, "Ana"), await registered(station, 102, "Bo")
    first, second = await times(ana), await times(bo)
    await ana.presses(first, ":time:")
    await ana.sees("Shall it be booked")
    await bo.presses(second, ":time:")
    await bo.sees("Shall it be booked")  # the deputy receives people at that time as well
    cy = await registered(station, 103, "Cy")
    await cy.says("/book")
    shown = await cy.sees("What would you like")
    await cy.forges(shown["message_id"], first["buttons"][0][0]["callback_data"])
    await cy.sees("These are the nearest")


async def test_what_is_not_confirmed_is_given_back(station: Town) -> None:
    """A held time is free again after five minutes, and the message says so."""
    ana = await registered(station, 101, "Ana")
    await ana.presses(await times(ana), ":time:")
    await ana.sees("Shall it be booked")
    await station.control("clock", shift_seconds=HOLD_SECONDS)
    await ana.sees("was not confirmed")


async def test_who_cancels_tells_the_other_and_nobody_else_can(station: Town) -> None:
    """The resident may call it off; a stranger's forged press changes nothing."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.presses(await times(ana), ":time:")
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    booked = await ana.sees("✔ Booked.")
    bo = await registered(station, 102, "Bo")
    await bo.forges((await bo.got())[-1]["message_id"], "appointments:cancel:1")
    await says_pressed(station, "This has moved on.")
    await ana.presses(booked, ":cancel:")
    await ana.sees("✖ Cancelled.")
    await li.sees("Ana cancelled the appointment")
    assert len([each for each in await li.got() if "cancelled" in each["text"]]) == 1


async def will_be_away(here: Town, code: str) -> None:
    """An absence that begins tomorrow and covers everything that could be booked after."""
    now = here.clock.now()
    absence = Absence(
        None,
        code,
        now + timedelta(days=1),
        now + timedelta(days=60),
        AbsenceReason.LEAVE,
        code,
        now,
    )

    async def work(unit: Unit) -> None:
        await Transaction(unit).absences.declare(absence)

    database = open_database(here.database_url)
    try:
        await database.run(work)
    finally:
        await database.close()


async def test_nobody_is_booked_in_an_absence_that_is_still_to_come(station: Town) -> None:
    """Who will be on leave is not offered for that time: the deputy is, though the officer is here
    today."""
    await will_be_away(station, "li")
    ana, wang = await registered(station, 101, "Ana"), officer(station, "wang")
    await ana.presses(await times(ana), ":time:")
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    assert "With Wang" in (await ana.sees("✔ Booked."))["text"]
    await wang.sees("New appointment with Ana")


async def test_no_time_is_offered_at_which_the_resident_is_expected_already(
    station: Town,
) -> None:
    """The deputy has time then, but Ana cannot be at two places: others see that time, Ana does
    not. Pressed in an old message it gets a clear word."""
    ana, bo = await registered(station, 101, "Ana"), await registered(station, 102, "Bo")
    shown = await times(ana)
    one, two = (button["callback_data"] for button in shown["buttons"][0][:2])
    await ana.forges(shown["message_id"], one)
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    await ana.sees("✔ Booked.")
    again = await times(ana)
    assert again["buttons"][0][0]["callback_data"] == two
    assert (await times(bo))["buttons"][0][0]["callback_data"] == one
    await ana.forges(again["message_id"], one)
    await says_pressed(station, "You have another appointment at that time.")
    await ana.sees(lambda each: each["message_id"] == again["message_id"] and "day" in each["text"])
