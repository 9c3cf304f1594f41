"""A cry for help at any hour and in the middle of anything: the numbers come first, whoever is at
the duty desk reads the words, and what was under way goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.bookings import SERVICES
from tests.front_door import Person, Town, town
from tests.stations import everybody_came, five_areas, officer, on_duty, on_file, registered
from tests.test_displaced import moment, offers
from tests.test_rooms import at

#: A cry in each language, and what the numbers say beside themselves.
CRIES = {
    "en": ("help me please, he has a knife", "Nobody is coming unless you call."),
    "zh": ("救命，他手里有刀", "您不打电话，就不会有人赶来。"),
    "ar": ("النجدة، معه سكين", "لن يأتي أحد إلا إذا اتصلتَ."),
}
DAY, NIGHT, TOMORROW = "2026-12-07 08:00", "2026-12-08 02:00", "2026-12-08 10:00"


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station on a Monday at eight that is quiet when it is closed."""
    roster = five_areas(tmp_path, is_quiet=True)
    roster.write_text(roster.read_text(encoding="utf-8") + SERVICES, encoding="utf-8")
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, roster, here.clock)
        await at(here, DAY)
        await on_duty(here)
        async with here.bot():
            await everybody_came(here)
            yield here


async def cries(person: Person, *, said: str = "", **more: Any) -> None:
    """Somebody cries for help: the very next message has the numbers, each alone on its line, and
    the duty desk reads the words (``said``: others than those of `CRIES`)."""
    before = len(await person.got())
    cry, nobody = CRIES[person.language]
    cry = said or cry
    await person.sends(**({"text": cry} | more))
    await person.sees(nobody)
    numbers = (await person.got())[before]["text"].splitlines()
    assert {"110", "12110"} <= {line.strip("\u2066\u2067\u2068\u2069") for line in numbers}
    await officer(person.town, "zhao").sees(cry)


async def holds(person: Person, way: str = "r") -> dict[str, Any]:
    """A time of tomorrow is kept for somebody; the message that asks."""
    await person.says("/book")
    menu = await person.sees(offers("service"))
    minutes = int(moment(TOMORROW).timestamp()) // 60
    await person.forges(menu["message_id"], f"appointments:time:advice:{way}:{minutes}")
    return await person.sees(offers("release"))


@pytest.mark.parametrize("language", CRIES)
async def test_at_two_in_the_morning(house: Town, language: str) -> None:
    """The room is closed and phones are silent: not for this, the officer gets it as well."""
    ana = await registered(house, 101, "Ana", language=language)
    await at(house, NIGHT)
    await cries(ana)
    await officer(house, "li").sees(CRIES[language][0])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Someone is at my door and won't leave"),
        ("zh", "有人在我门口不走"),
        ("ar", "هناك شخص عند بابي لا يغادر"),
    ],
)
async def test_somebody_stays_at_the_door(house: Town, language: str, words: str) -> None:
    """At night, with no word of help, knife or fear in it: the numbers all the same."""
    ana = await registered(house, 101, "Ana", language=language)
    await at(house, NIGHT)
    await cries(ana, said=words)
    await officer(house, "li").sees(words)


@pytest.mark.parametrize("language", CRIES)
async def test_before_somebody_has_an_area(house: Town, language: str) -> None:
    """At night, by somebody whom nobody knows yet, as the very first message."""
    await at(house, NIGHT)
    await cries(house.person(102, "Eve", language))


@pytest.mark.parametrize("language", CRIES)
@pytest.mark.parametrize("kind", ["photo", "voice", "video", "document"])
async def test_under_a_picture_or_a_voice(house: Town, language: str, kind: str) -> None:
    """A caption counts like any words, and what was sent arrives as well."""
    ana = await registered(house, 101, "Ana", language=language)
    await at(house, "2026-12-07 10:00")
    await cries(ana, text=None, caption=CRIES[language][0], **{kind: True})
    await officer(house, "li").sees(lambda each: each["kind"] == kind)


@pytest.mark.parametrize("language", CRIES)
async def test_while_a_time_is_kept(house: Town, language: str) -> None:
    """The officer gets the words, and the time that was being booked can still be booked."""
    ana = await registered(house, 101, "Ana", language=language)
    shown = await holds(ana)
    await cries(ana)
    await officer(house, "li").sees(CRIES[language][0])
    await ana.presses(shown, ":confirm:")
    await ana.sees(offers("move"))


@pytest.mark.parametrize("language", CRIES)
async def test_as_the_reply_to_a_question(house: Town, language: str) -> None:
    """Asked for an address, somebody cries for help: the question does not swallow it, it is no
    address, and the visit is booked to where the resident lives."""
    ana = await registered(house, 101, "Ana", language=language)
    shown = await holds(ana, "v")
    prompt = await ana.sees(lambda each: each["message_id"] > shown["message_id"])
    await cries(ana, reply_to_message_id=prompt["message_id"])
    await officer(house, "li").sees(CRIES[language][0])
    await ana.says("Hill Lane 7", reply_to_message_id=prompt["message_id"])
    question = await ana.sees(offers("confirm"))
    assert "Hill Lane 7" in question["text"]
    assert CRIES[language][0] not in question["text"]
    await ana.presses(question, ":confirm:")
    await ana.sees(offers("move"))


@pytest.mark.parametrize("language", CRIES)
async def test_during_an_urgent_call_that_nobody_has_taken(house: Town, language: str) -> None:
    """At night: the officer gets the words in spite of the hour."""
    ana = await registered(house, 101, "Ana", language=language)
    await at(house, NIGHT)
    await ana.says("/urgent")
    await ana.presses(await ana.sees(_has("call_outs:page")), "call_outs:page")
    await officer(house, "zhao").sees(_has("call_outs:take"))
    await ana.says(CRIES[language][0])
    await officer(house, "li").sees(CRIES[language][0])


def _has(data: str) -> Any:
    """A message with a button that carries this."""
    return lambda each: data in str(each["buttons"])
