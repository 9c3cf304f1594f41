"""What nobody should send, and what people do at the worst moment: times that are not offered, a
night without a midnight, a reminder that cannot arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bookings import Message, book, data_of, days, says_pressed, station_with, times
from tests.front_door import Person
from tests.stations import USUAL_HOURS, officer, registered

MINUTES_OF_A_DAY = 24 * 60


def minutes_in(data: str) -> int:
    """The time in a button's data, in minutes since 1970."""
    return int(data.rpartition(":")[2])


def time_of(data: str) -> datetime:
    """The time in a button's data."""
    return datetime.fromtimestamp(minutes_in(data) * 60, UTC)


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("between two slots", 7),
        ("in the night", -4 * 60),
        ("in the break at noon", 3 * 60 + 20),
        ("beyond what is offered", 40 * MINUTES_OF_A_DAY),
        ("long ago", -400 * MINUTES_OF_A_DAY),
    ],
)
async def test_a_time_that_was_never_offered_is_nobodys(
    sqlite_url: str, tmp_path: Path, name: str, minutes: int
) -> None:
    """A forged slot is refused, whether it is booked or moved to; the nearest times are offered,
    and nothing has changed."""
    hours = {USUAL_HOURS: "Mo-Su 09:00-12:00,13:30-18:00"}
    async with station_with(sqlite_url, tmp_path, **hours) as here:
        ana = await registered(here, 101, "Ana")
        shown = await times(ana)
        forged = minutes_in(data_of(shown, ":time:")[0]) + minutes
        await ana.forges(shown["message_id"], f"appointments:time:residence:r:{forged}")
        await says_pressed(here, "This time ")
        await ana.sees("These are the nearest")
        booked = await book(ana)
        own = data_of(booked, ":move:")[0].split(":", 2)[2]
        await ana.forges(booked["message_id"], f"appointments:moveto:{own}:{forged}")
        nearest = await ana.sees(
            lambda each: each["message_id"] == booked["message_id"] and "nearest" in each["text"]
        )
        await ana.presses(nearest, ":keep:")
        kept = await ana.sees(
            lambda each: (
                each["message_id"] == booked["message_id"] and bool(data_of(each, ":cancel:"))
            )
        )
        assert own in data_of(kept, ":move:")[0]


async def test_what_has_begun_is_neither_moved_nor_cancelled(
    sqlite_url: str, tmp_path: Path
) -> None:
    """The old buttons of this morning's appointment say that it has begun."""
    async with station_with(sqlite_url, tmp_path) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        booked = await book(ana)
        starts = time_of(data_of(booked, ":cancel:")[0])
        await here.moves_to(starts + timedelta(minutes=1))
        for count, action in enumerate((":move:", ":cancel:"), start=1):
            await ana.forges(booked["message_id"], data_of(booked, action)[0])
            await says_pressed(here, "It has begun", count=count)
        assert not [each for each in await li.got() if "cancelled" in each["text"]]


async def test_a_night_has_no_gap_at_midnight(sqlite_url: str, tmp_path: Path) -> None:
    """A room that is open over midnight: a visit that begins before and ends after it can be had
    once, and what begins after it stands under the next day."""
    async with station_with(sqlite_url, tmp_path, **{USUAL_HOURS: "Mo-Su 22:15-02:15"}) as here:
        ana, bob = await registered(here, 101, "Ana"), await registered(here, 102, "Bob")
        over_midnight = await held_at(ana, "23:45")
        await ana.presses(over_midnight, ":confirm:")
        assert "23:45" in (await ana.sees("✔ Booked."))["text"]
        await officer(here, "li").sees("23:45")
        await bob.presses(await held_at(bob, "00:15"), ":confirm:")
        assert "00:15" in (await bob.sees("✔ Booked."))["text"]
        await officer(here, "li").sees("00:15")
        assert "With Wang" in (await held_at(await registered(here, 103, "Cem"), "23:45"))["text"]


async def held_at(person: Person, clock_time: str) -> Message:
    """Advice at the room, held at this local time of the fourth day that is offered."""
    shown = await days(person, "advice", "r")
    day = data_of(shown, ":day:")[3]
    await person.forges(shown["message_id"], day)
    seen = await person.sees("at what time")
    data = next(
        button["callback_data"]
        for row in seen["buttons"]
        for button in row
        if button["text"] == clock_time
    )
    await person.forges(seen["message_id"], data)
    return await person.sees("Shall it be booked")


async def test_whoever_blocks_the_bot_before_the_reminder_is_named_to_the_officer(
    sqlite_url: str, tmp_path: Path
) -> None:
    """No reminder, no error; the officer knows that nobody may come, and is reminded as always."""
    async with station_with(sqlite_url, tmp_path) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        starts = time_of(data_of(await book(ana), ":cancel:")[0])
        await ana.blocks()
        for count, before in enumerate((timedelta(hours=23), timedelta(minutes=59)), start=1):
            await here.moves_to(starts - before)
            await li.sees("Ana cannot be reminded: messages do not get through.", count=count)
            await li.sees("⏰ Appointment with Ana.", count=count)
        assert not [each for each in await ana.got() if "⏰" in each["text"]]


async def test_what_somebody_else_holds_is_not_confirmed_by_a_forged_press(
    sqlite_url: str, tmp_path: Path
) -> None:
    """The number of another's appointment gets a word; it stays whose it is."""
    async with station_with(sqlite_url, tmp_path) as here:
        ana, bob = await registered(here, 101, "Ana"), await registered(here, 102, "Bob")
        await ana.presses(await times(ana), ":time:")
        held = await ana.sees("Shall it be booked")
        shown = await times(bob)
        for action in ("confirm", "release", "cancel"):
            await bob.forges(shown["message_id"], f"appointments:{action}:1")
        await says_pressed(here, "This has moved on.", count=3)
        await ana.presses(held, ":confirm:")
        await ana.sees("✔ Booked.")
        assert not [each for each in await bob.got() if "✔ Booked." in each["text"]]
