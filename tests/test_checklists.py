"""What to bring, said once, ticked under the appointment, and seen by the officer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.bookings import Message, data_of, says_pressed, station_with, times
from tests.front_door import Person, Town
from tests.stations import officer, registered

PERMIT = """
[[service]]
code = "permit"
name = { zh = "居留登记", en = "Permit" }
minutes = 20
ways = ["room"]
bring = [{ zh = "护照", en = "Passport" }]
bring_if_you_can = [{ zh = "照片", en = "Photo" }]
questions = [{ zh = "几个人", en = "How many are you?" }, { zh = "何时", en = "Since when?" }]

[[service.situations]]
code = "student"
name = { zh = "学生", en = "Student" }
bring = [{ zh = "学校证明", en = "Letter of the school" }]
"""
HOUR_BEFORE_SECONDS = 59 * 60


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station with a service that has everything: things, situations, questions."""
    async with station_with(sqlite_url, tmp_path, PERMIT) as here:
        yield here


async def booked(person: Person) -> tuple[Message, int]:
    """A booked permit, and when it starts."""
    shown = await times(person, "permit")
    data = data_of(shown, ":time:")[0]
    await person.forges(shown["message_id"], data)
    await person.presses(await person.sees("Shall it be booked"), ":confirm:")
    return await person.sees("✔ Booked."), int(data.split(":")[-1]) * 60


async def an_hour_before(here: Town, starts: int) -> None:
    """The time of the last reminder."""
    await here.moves_to(datetime.fromtimestamp(starts - HOUR_BEFORE_SECONDS, UTC))


async def test_a_situation_says_everything_that_is_to_be_brought(station: Town) -> None:
    """Asked once, on the booked message; what it adds is said there, and can be ticked."""
    ana = await registered(station, 101, "Ana")
    message, _ = await booked(ana)
    assert "Photo (if you have it)" in message["text"]
    assert "Letter of the school" not in message["text"]
    assert "Does one of these fit you?" in message["text"]
    await ana.presses(message, ":situation:")
    shown = await ana.sees("Letter of the school")
    assert shown["message_id"] == message["message_id"]
    assert len(data_of(shown, ":tick:")) == 3
    await ana.presses(shown, ":tick:")
    ticked = await ana.sees("☑ Passport")
    await ana.presses(ticked, ":tick:")
    await ana.sees("• Passport")


async def test_the_officer_sees_what_is_ready_and_the_answers(station: Town) -> None:
    """An hour before: the situation, everything ready, what was asked and answered."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message, starts = await booked(ana)
    first = await ana.sees("How many are you?")
    await ana.says("two", reply_to_message_id=first["message_id"])
    second = await ana.sees("Since when?")
    await ana.says("May & June", reply_to_message_id=second["message_id"])
    await ana.sees("Thank you. The officer will read it.")
    await ana.presses(message, ":situation:")
    shown = await ana.sees("Letter of the school")
    for data in data_of(shown, ":tick:"):
        await ana.forges(shown["message_id"], data)
    await ana.sees("☑ Letter of the school")
    await an_hour_before(station, starts)
    told = (await li.sees("⏰"))["text"]
    for part in ("Student", "☑ Everything is ready.", "two", "May & June"):
        assert part in told


async def test_the_officer_sees_what_is_missing(station: Town) -> None:
    """Once somebody began to tick, what is not ticked is not ready."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message, starts = await booked(ana)
    await ana.presses(message, ":situation:")
    shown = await ana.sees("Letter of the school")
    await ana.presses(shown, ":tick:")
    await ana.sees("☑ Passport")
    await an_hour_before(station, starts)
    assert "Not ready yet: Letter of the school" in (await li.sees("⏰"))["text"]


async def test_without_the_answers_not_everything_is_ready(station: Town) -> None:
    """All things ticked and no question answered: the officer is not told more than is true."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message, starts = await booked(ana)
    await ana.presses(message, ":situation:")
    shown = await ana.sees("Letter of the school")
    for data in data_of(shown, ":tick:"):
        await ana.forges(shown["message_id"], data)
    await ana.sees("☑ Letter of the school")
    await an_hour_before(station, starts)
    assert "Everything is ready" not in (await li.sees("⏰"))["text"]


async def test_questions_are_answered_later_by_their_button(station: Town) -> None:
    """Whoever wrote something else meanwhile is asked again when wanted; that message went to the
    officer."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message, _ = await booked(ana)
    await ana.sees("How many are you?")
    await ana.says("Is the room warm?")
    await li.sees("Is the room warm?")
    await ana.presses(message, ":situation:")
    await ana.presses(await ana.sees("Letter of the school"), ":question:")
    again = await ana.sees("How many are you?", count=2)
    await ana.says("two", reply_to_message_id=again["message_id"])
    await ana.sees("Since when?")


async def test_a_reply_to_a_question_of_what_was_cancelled_is_a_message(station: Town) -> None:
    """Nothing is swallowed by a question that is over."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message, _ = await booked(ana)
    prompt = await ana.sees("How many are you?")
    await ana.presses(message, ":cancel:")
    await ana.sees("✖ Cancelled.")
    await ana.says("two", reply_to_message_id=prompt["message_id"])
    await li.sees("two")


@pytest.mark.parametrize("choice", ["tick:1:{}:9", "tick:1:{}:x", "situation:1:{}:7", "tick:1:{}"])
async def test_a_forged_choice_changes_nothing(station: Town, choice: str) -> None:
    """What the service has not is refused with a word."""
    ana = await registered(station, 101, "Ana")
    message, starts = await booked(ana)
    await ana.forges(message["message_id"], "appointments:" + choice.format(starts // 60))
    await says_pressed(station, "This has moved on.")
    await ana.presses(message, ":situation:")
    await ana.sees("Letter of the school")
