"""Races: two hundred people want the same morning, and nobody stands before a taken hour."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from storage.engines import open_database
from tests.bookings import SERVICES, Message, data_of
from tests.front_door import Person, Town, town
from tests.stations import USUAL_HOURS, five_areas, officer, on_duty, on_file
from tests.test_rooms import at

RESIDENTS, SLOTS = 200, 10
#: The one morning that can be booked: ten times of twenty minutes before one officer.
MORNING = "2026 Dec 08 09:00-12:20"
LOST = ("This time is not free. These are the nearest.", "No time is free in the coming weeks.")


@pytest.fixture
async def morning(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A Monday at eight; only the next morning can be booked, in Market only with Officer Chen."""
    roster = five_areas(tmp_path)
    text = roster.read_text(encoding="utf-8") + SERVICES
    roster.write_text(text.replace(USUAL_HOURS, MORNING), encoding="utf-8")
    async with town(database_url) as here:
        await on_file(database_url, roster, here.clock)
        await at(here, "2026-12-07 08:00")
        await on_duty(here)
        async with here.bot():
            yield here


async def all_see(crowd: Iterable[Person], *parts: str) -> list[Message]:
    """What each has on the screen, one after the other: a message with one of these parts."""
    return [
        await person.sees(lambda each: any(part in (each["text"] or "") for part in parts))
        for person in crowd
    ]


async def all_press(crowd: Iterable[Person], shown: Iterable[Message], data_part: str) -> None:
    """Everybody presses at once."""
    await asyncio.gather(
        *(person.presses(each, data_part) for person, each in zip(crowd, shown, strict=True))
    )


async def all_choose(crowd: list[Person]) -> list[Message]:
    """Everybody has the ten times on the screen."""
    await asyncio.gather(*(person.says("/start a-market") for person in crowd))
    await all_see(crowd, "Market")
    await asyncio.gather(*(person.says("/book") for person in crowd))
    await all_press(crowd, await all_see(crowd, "What would you like"), "service:residence")
    await all_press(crowd, await all_see(crowd, "On which day"), ":day:")
    return await all_see(crowd, "at what time")


async def booked(here: Town) -> list[tuple[int, int]]:
    """Who is booked for when, in minutes."""
    database = open_database(here.database_url)
    try:
        async with database.reading() as unit:
            rows = await unit.fetch(
                "SELECT resident_chat_id, starts_at FROM appointment WHERE state = 'booked'"
            )
    finally:
        await database.close()
    return [(row["resident_chat_id"], int(row["starts_at"].timestamp()) // 60) for row in rows]


async def test_two_hundred_race_for_ten_times(
    morning: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """Ten are booked, each for another time; a hundred and ninety read what else is free or that
    nothing is; nobody's press fails, and the officer reads of the ten."""
    crowd = [morning.person(1000 + number, f"R{number}") for number in range(RESIDENTS)]
    shown = await all_choose(crowd)
    times = data_of(shown[0], ":time:")
    assert len(times) == SLOTS
    with caplog.at_level(logging.WARNING, "beatline"):
        await asyncio.gather(
            *(
                person.forges(each["message_id"], times[place % SLOTS])
                for place, (person, each) in enumerate(zip(crowd, shown, strict=True))
            )
        )
        seen = await all_see(crowd, "Shall it be booked", *LOST)
        first = [place for place, each in enumerate(seen) if data_of(each, ":confirm:")]
        winners = [crowd[place] for place in first]
        await all_press(winners, [seen[place] for place in first], ":confirm:")
        await all_see(winners, "✔ Booked.")
    told = Counter(part for each in seen for part in LOST if part in each["text"])
    assert (len(winners), told.total()) == (SLOTS, RESIDENTS - SLOTS)
    on_file = await booked(morning)
    assert {chat_id for chat_id, _ in on_file} == {each.chat_id for each in winners}
    assert {str(minutes) for _, minutes in on_file} == {each.split(":")[-1] for each in times}
    await officer(morning, "chen").sees("New appointment with", count=SLOTS)
    assert {call["status"] for call in await morning.calls()} == {200}
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def all_try(crowd: list[Person], shown: list[Message], wanted: list[str]) -> list[Message]:
    """Everybody presses what each wants, at once; the messages when nobody can have it any more."""
    await asyncio.gather(
        *(
            person.forges(each["message_id"], data)
            for person, each, data in zip(crowd, shown, wanted, strict=True)
        )
    )
    return [await sees_without(person, data) for person, data in zip(crowd, wanted, strict=True)]


async def sees_without(person: Person, data: str) -> Message:
    """What has buttons, and none for this time any more."""
    return await person.sees(
        lambda each: bool(each["buttons"]) and data not in data_of(each, ":time:")
    )


async def test_who_lost_takes_what_is_offered_until_nothing_is_free(morning: Town) -> None:
    """Thirty want the first time, and whoever loses takes the nearest that is offered: all ten
    times find somebody, and the others read that nothing is free."""
    crowd = [morning.person(1000 + number, f"R{number}") for number in range(3 * SLOTS)]
    waiting, shown = crowd, await all_choose(crowd)
    while waiting:
        wanted = [data_of(each, ":time:")[0] for each in shown]
        seen = await all_try(waiting, shown, wanted)
        left = [place for place, each in enumerate(seen) if data_of(each, ":time:")]
        waiting, shown = [waiting[place] for place in left], [seen[place] for place in left]
    last = [(await person.got())[-1] for person in crowd]
    assert len([each for each in last if data_of(each, ":confirm:")]) == SLOTS
    assert len([each for each in last if LOST[1] in each["text"]]) == 2 * SLOTS
