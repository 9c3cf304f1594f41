"""Pictures of documents stay away from where something is booked, unless the service takes them;
evidence reaches the officer as ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.appointments.service import Service, Way
from bot.domain.photos import is_refused
from tests.front_door import Person, Town, town
from tests.stations import five_areas, officer, on_duty, on_file, registered
from tests.test_displaced import moment, offers
from tests.test_private_numbers_typed import has
from tests.test_rooms import at

Message = dict[str, Any]

#: What the refusal says, in each language.
SAID = {
    "en": "Nobody has received this one.",
    "zh": "这一份没有发给任何人",
    "ar": "لم تصل هذه إلى أحد.",
}
SENDS_PHOTOS = "You can send photos beforehand: reply to this message."
SERVICES = """
[[service]]
code = "permit"
name = { zh = "许可", en = "Permit" }
minutes = 20
ways = ["room", "visit"]
bring = [{ zh = "护照", en = "Passport" }]
questions = [{ zh = "几个人？", en = "How many are you?" }]

[[service]]
code = "damage"
name = { zh = "损坏", en = "Damage" }
minutes = 20
ways = ["room"]
takes_photos = true
questions = [{ zh = "什么坏了？", en = "What is broken?" }]
"""
MORNING, TOMORROW = "2026-12-07 10:00", "2026-12-08 10:00"


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station on a Monday morning, with a service that takes pictures and one that does not."""
    roster = five_areas(tmp_path)
    roster.write_text(roster.read_text(encoding="utf-8") + SERVICES, encoding="utf-8")
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, roster, here.clock)
        await at(here, MORNING)
        await on_duty(here)
        async with here.bot():
            yield here


async def held(person: Person, service: str = "permit", way: str = "r") -> Message:
    """A time of tomorrow is kept; the message that asks whether it shall be booked."""
    await person.says("/book")
    menu = await person.sees(offers("service"))
    minutes = int(moment(TOMORROW).timestamp()) // 60
    await person.forges(menu["message_id"], f"appointments:time:{service}:{way}:{minutes}")
    return await person.sees(offers("release"))


async def asked(person: Person, question: str, service: str = "permit") -> Message:
    """Booked, and the service's question is asked."""
    await person.presses(await held(person, service), ":confirm:")
    return await person.sees(question)


async def refused(person: Person, count: int = 1) -> Message:
    return await person.sees(lambda each: SAID[person.language] in each["text"], count=count)


async def pictures(person: Person) -> list[Message]:
    return [each for each in await person.got() if each["kind"] in ("photo", "document")]


async def got_a_picture(person: Person, count: int = 1) -> Message:
    return await person.sees(lambda each: each["kind"] == "photo", count=count)


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_a_picture_as_an_answer_goes_to_nobody(house: Town, language: str, kind: str) -> None:
    """Its sender reads why, under the picture; the question stays open for words."""
    ana = await registered(house, 101, "Ana", language=language)
    question = await asked(ana, "几个人？" if language == "zh" else "How many are you?")
    sent = await ana.sends(**{kind: True}, reply_to_message_id=question["message_id"])
    assert (await refused(ana))["reply_to"] == sent
    await ana.says("2", reply_to_message_id=question["message_id"])
    await ana.says("thank you")
    await officer(house, "li").sees("thank you")
    assert await pictures(officer(house, "li")) == []


async def test_a_picture_in_the_middle_of_a_booking_goes_to_nobody(house: Town) -> None:
    """While a time is kept, while an address or a question is asked, under a booked appointment,
    and while a time outside the slots is typed; not a reply to anything or one to the message."""
    ana = await registered(house, 101, "Ana")
    shown = await held(ana)
    await ana.sends(photo=True)
    await refused(ana)
    await ana.presses(shown, ":confirm:")
    await ana.sees("How many are you?")
    await ana.sends(photo=True)
    await refused(ana, 2)
    await ana.says("/book")
    booked = await ana.sees(lambda each: offers("move")(each) and each != shown)
    assert SENDS_PHOTOS not in booked["text"]
    await ana.sends(photo=True, reply_to_message_id=booked["message_id"])
    await refused(ana, 3)
    bo = await registered(house, 102, "Bo")
    await held(bo, way="v")
    await bo.sends(photo=True)
    await refused(bo)
    eve = await registered(house, 103, "Eve")
    await eve.says("/request")
    menu = await eve.sees(has("service_requests:service"))
    await eve.forges(menu["message_id"], "service_requests:type:permit:r:261208")
    await eve.sees("reply to this message with the time")
    await eve.sends(document=True)
    await refused(eve)
    assert await pictures(officer(house, "li")) == []


async def test_a_service_that_takes_pictures_gets_them(house: Town) -> None:
    """While its time is kept, as an answer to its question, and under its appointment, which says
    so."""
    ana = await registered(house, 101, "Ana")
    await held(ana, "damage")
    await ana.sends(photo=True)
    await got_a_picture(officer(house, "li"))
    question = await asked(ana, "What is broken?", "damage")
    await ana.sends(photo=True, reply_to_message_id=question["message_id"])
    await got_a_picture(officer(house, "li"), 2)
    await ana.says("/book")
    booked = await ana.sees(offers("move"), count=2)
    assert SENDS_PHOTOS in booked["text"]
    await ana.sends(photo=True, reply_to_message_id=booked["message_id"])
    await got_a_picture(officer(house, "li"), 3)
    assert not [each for each in await ana.got() if SAID["en"] in each["text"]]


@pytest.mark.parametrize("language", SAID)
async def test_what_shows_something_else_reaches_the_officer_by_a_tap(
    house: Town, language: str
) -> None:
    """An album of three is refused with one word, and goes on whole, once, however often the
    button is pressed."""
    ana = await registered(house, 101, "Ana", language=language)
    await asked(ana, "几个人？" if language == "zh" else "How many are you?")
    for _number in range(3):
        await ana.sends(photo=True, media_group_id="dent")
    no = await refused(ana)
    await ana.presses(no, "photos:send_on")
    await ana.presses(no, "photos:send_on")
    li = officer(house, "li")
    await got_a_picture(li, 3)
    await ana.says("see the dent?")
    await li.sees("see the dent?")
    assert len(await pictures(li)) == 3
    assert len([each for each in await ana.chat() if SAID[language] in each["text"]]) == 0


async def test_in_an_open_request_too_and_late_with_the_hour(house: Town) -> None:
    """Sent on an hour later, it says when it was written."""
    ana = await registered(house, 101, "Ana")
    li = officer(house, "li")
    await ana.says("my door is broken")
    await li.sees("my door is broken")
    await asked(ana, "How many are you?")
    await ana.sends(photo=True, caption="the door")
    no = await refused(ana)
    await at(house, "2026-12-07 11:00")
    await ana.presses(no, "photos:send_on")
    copy = await got_a_picture(li)
    assert "the door" in copy["text"]
    assert "10:00" in copy["text"]


async def test_in_other_words_it_stays_refused(house: Town) -> None:
    """A change of the words under it sends it to nobody; after a day the button is gone."""
    ana = await registered(house, 101, "Ana")
    await asked(ana, "How many are you?")
    sent = await ana.sends(photo=True, caption="my passport")
    no = await refused(ana)
    await ana.edits(sent, caption="my passport, page two")
    await ana.says("hello")
    await officer(house, "li").sees("hello")
    assert await pictures(officer(house, "li")) == []
    await at(house, "2026-12-08 10:01")
    await ana.sees(lambda each: each["message_id"] == no["message_id"] and not each["buttons"])
    await ana.presses(no, "photos:send_on")
    await ana.says("goodbye")
    await officer(house, "li").sees("goodbye")
    assert await pictures(officer(house, "li")) == []


async def test_evidence_reaches_the_officer_as_ever(house: Town) -> None:
    """In a request without a booking, in reply to what the officer wrote, with a cry for help, and
    from somebody who has asked for help at once: nothing is held back, and no word is said."""
    ana = await registered(house, 101, "Ana")
    li = officer(house, "li")
    await ana.sends(photo=True, caption="he broke my door")
    copy = await got_a_picture(li)
    await asked(ana, "How many are you?")
    await li.says("What does it look like?", reply_to_message_id=copy["message_id"])
    answer = await ana.sees("What does it look like?")
    await ana.sends(photo=True, reply_to_message_id=answer["message_id"])
    await got_a_picture(li, 2)
    await ana.sends(photo=True, caption="help me please, he has a knife")
    await got_a_picture(li, 3)
    await ana.says("/urgent")
    await ana.presses(await ana.sees(has("call_outs:page")), "call_outs:page")
    await ana.sends(photo=True)
    await got_a_picture(li, 4)
    assert not [each for each in await ana.got() if SAID["en"] in each["text"]]


async def test_nobody_sends_on_what_another_one_sent(house: Town) -> None:
    """A forged press names nothing of somebody else, nor a number that no file can hold."""
    ana, bo = await registered(house, 101, "Ana"), await registered(house, 102, "Bo")
    await asked(ana, "How many are you?")
    sent = await ana.sends(photo=True)
    no = await refused(ana)
    for data in (str(sent), f"101:{sent}", "9" * 40, ""):
        await bo.forges(no["message_id"], f"photos:send_on:{data}")
    await bo.says("hello")
    await officer(house, "li").sees("hello")
    assert await pictures(officer(house, "li")) == []


@pytest.mark.parametrize(
    ("kind", "takes_photos", "is_one"),
    [
        ("photo", False, True),
        ("document", False, True),
        ("live_photo", None, True),
        ("photo", True, False),
        ("voice", False, False),
        ("text", None, False),
    ],
)
def test_what_is_taken_for_a_document(kind: str, takes_photos: bool | None, is_one: bool) -> None:
    """Pictures and files, unless the service takes them; what is on no roster takes none."""
    service = (
        None
        if takes_photos is None
        else Service("permit", {"en": "Permit"}, 20, (Way.ROOM,), takes_photos=takes_photos)
    )
    assert is_refused(kind, service) is is_one
