"""Moving an appointment, and presses on messages that show what is true no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bookings import Message, book, data_of, days, says_pressed, station_with, times
from tests.front_door import Person, Town
from tests.stations import officer, registered

HOLD_SECONDS = 5 * 60 + 1


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station where residence can be registered by appointment."""
    async with station_with(sqlite_url, tmp_path) as here:
        yield here


async def new_times(person: Person, booked: Message) -> Message:
    """The times of the last day to which it can be moved."""
    await person.presses(booked, ":move:")
    shown = await person.sees("On which day")
    await person.forges(shown["message_id"], shown["buttons"][-2][-1]["callback_data"])
    return await person.sees("at what time")


async def test_what_is_moved_is_told_once_and_leaves_its_old_time(station: Town) -> None:
    """Days, times, moved in the same message; the officer reads both times, and the old time can be
    had by somebody else."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    first = await times(ana)
    old = data_of(first, ":time:")[0]
    await ana.forges(first["message_id"], old)
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    booked = await ana.sees("✔ Booked.")
    shown = await new_times(ana, booked)
    await ana.presses(shown, ":moveto:")
    moved = await ana.sees("✔ Moved.")
    assert moved["message_id"] == booked["message_id"]
    told = await li.sees("Ana moved the appointment")
    assert "Before: " in told["text"]
    assert await is_free_with_li(station, old)


async def test_a_lost_race_leaves_the_old_appointment(station: Town) -> None:
    """Somebody was first at the new time: the mover is offered others, and is booked as before."""
    ana = await registered(station, 101, "Ana")
    shown = await new_times(ana, await book(ana))
    wanted = data_of(shown, ":moveto:")[0].split(":")[-1]
    for number, name in ((102, "Bo"), (103, "Cy")):  # the officer's and the deputy's
        other = await registered(station, number, name)
        seen = await times(other)
        await other.presses(seen, f":{wanted}")
        await other.sees("Shall it be booked")
    await ana.presses(shown, f":{wanted}")
    await ana.sees("These are the nearest")
    await ana.says("/book")
    await ana.sees("With Li")


async def test_reminders_follow_a_moved_appointment(station: Town) -> None:
    """Nobody is reminded of the old time; of the new one each side is, a day and an hour before."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    shown = await new_times(ana, await book(ana))
    last = data_of(shown, ":moveto:")[-1]
    await ana.forges(shown["message_id"], last)
    await ana.sees("✔ Moved.")
    starts = datetime.fromtimestamp(int(last.split(":")[-1]) * 60, UTC)
    for count, before in enumerate((timedelta(hours=23), timedelta(minutes=59)), start=1):
        await station.moves_to(starts - before)
        await ana.sees("Your appointment is near", count=count)
        await li.sees("⏰ Appointment with Ana", count=count)
    assert len([each for each in await li.got() if "⏰" in each["text"]]) == 2


async def test_another_time_frees_the_first(station: Town) -> None:
    """Whoever chooses again keeps one time only, and the same time twice is one hand on it."""
    ana = await registered(station, 101, "Ana")
    shown = await times(ana)
    one, two = data_of(shown, ":time:")[:2]
    second = next(
        button["text"]
        for row in shown["buttons"]
        for button in row
        if button["callback_data"] == two
    )
    for data in (one, one, two):
        await ana.forges(shown["message_id"], data)
    held = await ana.sees(lambda each: second in each["text"] and bool(data_of(each, ":confirm:")))
    assert data_of(held, ":confirm:") == ["appointments:confirm:2"]
    await ana.presses(held, ":confirm:")
    assert second in (await ana.sees("✔ Booked."))["text"]
    assert await is_free_with_li(station, one)


async def is_free_with_li(station: Town, data: str) -> bool:
    """Whether somebody else who presses this time gets it with Officer Li; the deputy has it in any
    case."""
    bo = await registered(station, 102, "Bo")
    await bo.forges((await times(bo))["message_id"], data)
    return "With Li." in (await bo.sees("Shall it be booked"))["text"]


async def test_the_first_of_two_messages_says_that_its_time_is_free(station: Town) -> None:
    """A time chosen in a newer message frees the one in the older, which says so."""
    ana = await registered(station, 101, "Ana")
    older = await times(ana)
    await ana.presses(older, ":time:")
    await ana.sees("Shall it be booked")
    newer = await times(ana)
    await ana.presses(newer, data_of(newer, ":time:")[1])
    freed = await ana.sees("is free again")
    assert freed["message_id"] == older["message_id"]


async def test_a_day_pressed_twice_shows_the_same(station: Town) -> None:
    """Nothing is said twice and nothing is lost."""
    ana = await registered(station, 101, "Ana")
    shown = await days(ana)
    day = data_of(shown, ":day:")[-1]
    await ana.forges(shown["message_id"], day)
    await ana.forges(shown["message_id"], day)
    seen = await ana.sees("at what time")
    await ana.presses(seen, ":time:")
    await ana.sees("Shall it be booked")


async def test_an_old_calendar_says_that_its_time_has_passed(station: Town) -> None:
    """A day and a time of last week: the word why, and what can be had now."""
    ana = await registered(station, 101, "Ana")
    shown = await days(ana)
    day = data_of(shown, ":day:")[0]
    await ana.forges(shown["message_id"], day)
    seen = await ana.sees("at what time")
    time = data_of(seen, ":time:")[0]
    await station.control("clock", shift_seconds=8 * 24 * 3600)
    await ana.forges(seen["message_id"], day)
    await says_pressed(station, "This day has passed.")
    await ana.sees("On which day")
    await ana.forges(seen["message_id"], time)
    await says_pressed(station, "This time has passed.")
    await ana.sees("These are the nearest")


@pytest.mark.parametrize(
    "data",
    [
        "appointments:time:residence:r:1",
        "appointments:time:residence:r:99999999999",
        "appointments:time:residence:v:29000000",
        "appointments:time:unknown:r:29000000",
        "appointments:time",
        "appointments:day:residence:r:20261399",
        "appointments:service:unknown",
        "appointments:way:residence:x",
        "appointments:confirm:999",
        "appointments:cancel:1e3",
        "appointments:move:9223372036854775808",
        "appointments:moveto:1:1:1",
        "appointments:moveday:²",
        "appointments:keep",
        "appointments:release:-1",
    ],
)
async def test_a_forged_press_gets_a_word_and_nothing_else(station: Town, data: str) -> None:
    """Slots that never were, appointments that are nobody's: refused, and booking goes on."""
    ana = await registered(station, 101, "Ana")
    shown = await days(ana)
    await ana.forges(shown["message_id"], data)
    await says_pressed(station, "This ")
    await ana.presses(await times(ana), ":time:")
    await ana.sees("Shall it be booked")


async def test_an_old_message_does_not_cancel_what_was_moved(station: Town) -> None:
    """The reminder shows the old time: its button says that this has moved on and shows the new
    one."""
    ana = await registered(station, 101, "Ana")
    booked = await book(ana)
    old = data_of(booked, ":cancel:")[0]
    await ana.presses(
        await new_times(ana, booked), data_of(await ana.sees("at what time"), "moveto")[-1]
    )
    moved = await ana.sees("✔ Moved.")
    await ana.forges(moved["message_id"], old)
    await says_pressed(station, "This has moved on.")
    await ana.sees(lambda each: "With " in each["text"] and "✔ Moved." not in each["text"])
    assert not [each for each in await ana.got() if "✖ Cancelled." in each["text"]]


async def test_what_is_cancelled_is_not_moved(station: Town) -> None:
    """An old button says so, and the message shows how it stands."""
    ana = await registered(station, 101, "Ana")
    booked = await book(ana)
    move = data_of(booked, ":move:")[0]
    await ana.presses(booked, ":cancel:")
    over = await ana.sees("✖ Cancelled.")
    await ana.forges(over["message_id"], move)
    await says_pressed(station, "This has moved on.")


async def test_what_stays_is_shown_again(station: Town) -> None:
    """*Back* under the days of a move leaves everything as it was."""
    ana = await registered(station, 101, "Ana")
    await ana.presses(await book(ana), ":move:")
    await ana.presses(await ana.sees("On which day"), ":keep:")
    await ana.sees(
        lambda each: "Residence registration" in each["text"] and "With " in each["text"]
    )


async def test_nobody_moves_to_where_the_own_other_appointment_is(station: Town) -> None:
    """The deputy has time then, but Ana cannot be at two places: it is not offered, and pressed in
    an old message it gets a word, the days again, and both appointments stay as they are."""
    ana = await registered(station, 101, "Ana")
    shown = await times(ana)
    one, two = data_of(shown, ":time:")[:2]
    await ana.forges(shown["message_id"], one)
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    await ana.sees("✔ Booked.")
    await ana.forges((await times(ana))["message_id"], two)
    await ana.presses(await ana.sees("Shall it be booked"), ":confirm:")
    shown = await new_times(ana, await ana.sees("✔ Booked.", count=2))
    move = f"appointments:moveto:2:{two.split(':')[-1]}:{one.split(':')[-1]}"
    assert move not in data_of(shown, ":moveto:")
    await ana.forges(shown["message_id"], move)
    await says_pressed(station, "You have another appointment at that time.")
    await ana.sees("On which day")
    assert not [each for each in await ana.got() if "✔ Moved." in each["text"]]
