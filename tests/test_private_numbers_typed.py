"""Somebody types an ID or card number: what was written arrives, and one word says what to do
instead, in three languages and wherever people write."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.bookings import SERVICES
from tests.front_door import Person, Town, town
from tests.stations import five_areas, officer, on_duty, on_file, registered
from tests.test_agenda import entry
from tests.test_displaced import moment, offers
from tests.test_rooms import at

#: What the warning says, in each language.
SAID = {
    "en": "It is not needed here.",
    "zh": "这里不需要这样的号码",
    "ar": "لا حاجة إليه هنا.",
}
ID, CARD = "11010519491231002X", "4111 1111 1111 1111"
MORNING, NEXT_DAY = "2026-12-07 10:00", "2026-12-08 10:00"
#: A service that asks something, beside those of other tests.
ASKING = """
[[service]]
code = "permit"
name = { zh = "许可", en = "Permit" }
minutes = 20
ways = ["room"]
questions = [{ zh = "几个人？", en = "How many are you?" }]
"""


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station on a Monday morning."""
    roster = five_areas(tmp_path)
    roster.write_text(roster.read_text(encoding="utf-8") + SERVICES + ASKING, encoding="utf-8")
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, roster, here.clock)
        await at(here, MORNING)
        await on_duty(here)
        async with here.bot():
            yield here


async def warnings(person: Person) -> list[dict[str, Any]]:
    return [each for each in await person.got() if SAID[person.language] in each["text"]]


@pytest.mark.parametrize("language", SAID)
async def test_the_message_arrives_and_its_writer_is_warned(house: Town, language: str) -> None:
    """Under the message itself, in the writer's language; the officer reads every word."""
    ana = await registered(house, 101, "Ana", language=language)
    said = await ana.says(f"ID {ID}")
    warning = await ana.sees(SAID[language])
    assert warning["reply_to"] == said
    assert ID not in warning["text"]
    await officer(house, "li").sees(f"ID {ID}")


async def test_one_word_a_day_is_enough(house: Town) -> None:
    """A second number on the same day, or a change of the first, brings no second word; one of
    tomorrow does, and somebody else's own."""
    ana = await registered(house, 101, "Ana")
    first = await ana.says(ID)
    await ana.sees(SAID["en"])
    await ana.edits(first, text=f"sorry: {ID}")
    await ana.says(f"and my card {CARD}")
    await officer(house, "li").sees(CARD)
    assert len(await warnings(ana)) == 1
    bo = await registered(house, 102, "Bo", language="zh")
    await bo.says(CARD)
    await bo.sees(SAID["zh"])
    await at(house, NEXT_DAY)
    await ana.says(CARD)
    await ana.sees(SAID["en"], count=2)


async def test_a_number_that_an_edit_brings_is_noticed(house: Town) -> None:
    """So is one under a picture; the officer gets both."""
    ana = await registered(house, 101, "Ana")
    first = await ana.says("my number comes")
    await officer(house, "li").sees("my number comes")
    await ana.edits(first, text=f"it is {ID}")
    await ana.sees(SAID["en"])
    bo = await registered(house, 102, "Bo")
    await bo.sends(photo=True, caption=f"card {CARD}")
    await bo.sees(SAID["en"])
    await officer(house, "li").sees(lambda each: each["kind"] == "photo" and CARD in each["text"])


async def test_before_somebody_has_an_area(house: Town) -> None:
    """The very first message: it is kept, warned of, and delivered once the area is known."""
    eve = house.person(103, "Eve")
    await eve.says(f"ID {ID}")
    await eve.sees(SAID["en"])
    await eve.says("/start a-riverside")
    await officer(house, "li").sees(ID)


async def test_an_answer_to_a_booking_is_kept_and_its_writer_warned(house: Town) -> None:
    """The officer reads the answer with the appointment."""
    ana = await registered(house, 101, "Ana")
    await ana.presses(await held(ana, "permit", "r"), ":confirm:")
    question = await ana.sees("How many are you?")
    await ana.says(f"two, {ID}", reply_to_message_id=question["message_id"])
    await ana.sees(SAID["en"])
    await ana.sees("Thank you. The officer will read it.")
    shown = await entry(officer(house, "li"), "week")
    assert ID in shown["text"]


async def held(person: Person, service: str, way: str) -> dict[str, Any]:
    """A time of tomorrow is kept; the message that asks."""
    await person.says("/book")
    menu = await person.sees(offers("service"))
    minutes = int(moment(NEXT_DAY).timestamp()) // 60
    await person.forges(menu["message_id"], f"appointments:time:{service}:{way}:{minutes}")
    return await person.sees(offers("release"))


def has(data: str) -> Any:
    """A message with a button that carries this."""
    return lambda each: data in str(each["buttons"])


async def test_a_line_to_a_service_request_and_to_an_urgent_call(house: Town) -> None:
    """An address asked for outside the slots, and a line to whoever is asked at once."""
    ana = await registered(house, 101, "Ana")
    await ana.says("/request")
    menu = await ana.sees(has("service_requests:service"))
    minutes = int(moment("2026-12-08 20:00").timestamp()) // 60
    await ana.forges(menu["message_id"], f"service_requests:at:advice:v:{minutes}")
    asked = await ana.sees("Where shall the officer come?")
    await ana.says(f"Hill Lane 7, {ID}", reply_to_message_id=asked["message_id"])
    await ana.sees(SAID["en"])
    await officer(house, "li").sees(f"Hill Lane 7, {ID}")
    bo = await registered(house, 102, "Bo")
    await bo.says("/urgent")
    await bo.presses(await bo.sees(has("call_outs:page")), "call_outs:page")
    await bo.says(f"my card {CARD} was taken")
    await bo.sees(SAID["en"])
    await officer(house, "li").sees(f"my card {CARD} was taken")


async def test_a_cry_for_help_gets_the_numbers_to_call_alone(house: Town) -> None:
    """Nobody in danger is told about papers; the next number of the day is warned of."""
    ana = await registered(house, 101, "Ana")
    await ana.says(f"help me please, he has a knife, my ID {ID}")
    await ana.sees("Nobody is coming unless you call.")
    await officer(house, "li").sees(ID)
    assert await warnings(ana) == []
    await ana.says(f"ID {ID}")
    await ana.sees(SAID["en"])


async def test_the_number_stands_in_no_log(house: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the bot logs of it, at any level."""
    caplog.set_level(logging.DEBUG)
    ana = await registered(house, 101, "Ana")
    await ana.says(f"ID {ID}")
    await ana.sees(SAID["en"])
    ours = [each for each in caplog.records if each.name.startswith("beatline")]
    assert ours
    assert all(ID not in f"{each.getMessage()} {vars(each)}" for each in ours)


async def test_other_numbers_and_people_of_the_station_hear_nothing(house: Town) -> None:
    """A phone number and an order are everyday matters; an officer knows what is needed."""
    ana = await registered(house, 101, "Ana")
    await ana.says("13800138000, order 4297253006556723871")
    await officer(house, "li").sees("4297253006556723871")
    await officer(house, "li").says(ID)
    await officer(house, "li").sees(lambda each: each["buttons"])
    assert await warnings(ana) == []
    assert await warnings(officer(house, "li")) == []
