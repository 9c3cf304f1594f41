"""Languages: everything in the reader's own, from the first word, and changed in two taps."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.texts import catalog, language_name, negotiate
from handlers.menus import EMERGENCY, WHEN_AND_WHERE, WRITE
from tests.front_door import Person, Town
from tests.stations import at_work, five_areas, officer, registered

#: Words of the first contact, by language.
FIRST_WORDS = {"zh": "社区民警", "en": "community officer", "ar": "شرطي المجتمع"}


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station that speaks Chinese, English and Arabic."""
    async with at_work(sqlite_url, five_areas(tmp_path)) as here:
        yield here


@pytest.mark.parametrize(
    ("phone", "spoken"),
    [("zh-hans", "zh"), ("zh-hant", "zh"), ("zh-TW", "zh"), ("en-GB", "en"), ("AR", "ar"),
     ("ko", "en"), ("", "en")],
)  # fmt: skip
async def test_the_phone_decides_the_first_language(station: Town, phone: str, spoken: str) -> None:
    """The nearest language on offer; Traditional Chinese readers get Chinese on purpose; who
    speaks none of ours gets English."""
    ana = station.person(101, "Ana", phone)
    await ana.says("/start")
    await ana.sees(FIRST_WORDS[spoken])


def test_without_english_on_offer_the_stations_own_language_is_spoken() -> None:
    """Somebody whose language is not offered gets the station's own when there is no English."""
    assert negotiate("ko", ["zh", "ar"]) == "zh"
    assert negotiate(None, ["ar"]) == "ar"
    assert negotiate("zh-TW", ["en", "zh-Hans"]) == "zh-Hans"
    assert negotiate("zh-TW", ["zh", "zh-TW"]) == "zh-TW"


def test_every_language_is_called_by_its_own_name() -> None:
    """Who looks for a language reads its name in it."""
    names = [language_name(each) for each in ("zh", "en", "ar", "ko", "ru", "pt-BR")]
    assert names == ["中文", "English", "العربية", "한국어", "Русский", "Português (Brasil)"]


async def menu_of(person: Person) -> list[str]:
    """The fixed buttons under the writing field now."""
    for chat in await person.town.get("chats"):
        if chat["chat_id"] == person.chat_id:
            keyboard = chat["reply_keyboard"]["keyboard"]
            return [button["text"] for row in keyboard for button in row]
    return []


async def commands_of(person: Person, language: str) -> list[str]:
    """What the command list of a phone in this language says."""
    seen = await person.town.get(
        "commands", chat_id=person.chat_id, user_id=person.chat_id, language_code=language
    )
    return [each["description"] for each in seen]


async def test_a_resident_changes_the_language_and_everything_follows(station: Town) -> None:
    """Two taps: the first words again, the fixed buttons, the commands, the receipt, the answer
    to plain words; the officer goes on reading the own language."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("/language")
    offer = await ana.sees("Which language?")
    assert [row[0]["text"] for row in offer["buttons"]] == ["中文", "English", "العربية"]
    await ana.presses(offer, "set:ar")
    await ana.sees("العربية")
    again = await ana.sees(FIRST_WORDS["ar"])
    assert "تيليجرام" in again["text"]
    said = catalog("ar").gettext
    assert await menu_of(ana) == [said(each) for each in (WRITE, WHEN_AND_WHERE, EMERGENCY)]
    await station.until(lambda: _speaks(ana, said("Language")), "commands in Arabic")
    await ana.says(said(EMERGENCY))
    await ana.sees("لن يأتي أحد إلا إذا اتصلتَ")
    await ana.says("مرحبا")
    await ana.sees("أُرسلت إلى هاتف الشرطي")
    await li.sees("Reply to a message below")


async def _speaks(person: Person, word: str) -> bool:
    return word in await commands_of(person, "en")


async def test_before_an_area_the_question_is_asked_again_in_the_new_language(
    station: Town,
) -> None:
    """Who could not read the question finds the languages under it; what was written is kept."""
    ana, chen = station.person(101, "Ana", "ko"), officer(station, "chen")
    await ana.says("도와주세요")
    await ana.presses(await ana.sees("Your message is kept"), "languages:ask")
    await ana.presses(await ana.sees("Which language?"), "set:zh")
    question = await ana.sees("您在哪个社区居住或工作")
    assert question["buttons"][2][0]["text"] == "集市社区"
    assert (await menu_of(ana))[0] == catalog("zh").gettext("📍 Share my location")
    await ana.presses(question, "choose:market")
    await chen.sees("도와주세요")


async def test_choosing_the_present_language_is_the_way_back(station: Town) -> None:
    """Nothing is said again that was said before."""
    ana = await registered(station, 101, "Ana")
    await ana.says("/language")
    await ana.presses(await ana.sees("Which language?"), "set:en")
    await ana.sees("From now on I write in English")
    await ana.says("/me")
    await ana.sees("May your officer call you")
    assert sum("People answer" in message["text"] for message in await ana.got()) == 1


async def test_a_language_that_is_not_on_offer_cannot_be_forged(station: Town) -> None:
    """A press that names another language changes nothing."""
    ana = await registered(station, 101, "Ana")
    message = (await ana.got())[0]["message_id"]
    for data in ("languages:set:xx", "languages:set", "languages:set:../../etc"):
        await ana.forges(message, data)
    await ana.says("/me")
    await ana.sees("May your officer call you")


async def test_an_officer_changes_the_language_too(station: Town) -> None:
    """Cards, help and the command list of that phone follow."""
    li = officer(station, "li")
    await li.sees("come here as cards")
    await li.says("/language")
    await li.presses(await li.sees("Which language?"), "set:zh")
    await li.sees("从现在起")
    word = catalog("zh").gettext("I am back")
    await station.until(lambda: _speaks(li, word), "the officer's commands in Chinese")
    ana = await registered(station, 101, "Ana")
    await ana.says("Hello")
    card = await li.sees("C-1001")
    assert "English" in card["text"]
    assert "要答复" in card["text"]


async def test_times_and_numbers_keep_their_order_in_arabic(station: Town) -> None:
    """Hours say from and to; every number that is filled into a line is isolated, and numbers to
    call stand alone."""
    ana = await registered(station, 101, "Ana", language="ar")
    await ana.says("/hours")
    hours = (await ana.sees("09:00"))["text"]
    assert "من \u206809:00\u2069 إلى \u206812:00\u2069، من \u206813:30\u2069" in hours
    assert "\u2066+86 10 5555 0111\u2069" in hours.splitlines()
    await ana.says("مرحبا")
    receipt = (await ana.sees("C-1001"))["text"]
    assert "\u2068C-1001\u2069" in receipt
    for message in await ana.got():
        for line in (message["text"] or "").splitlines():
            assert is_in_order(line), line


def is_in_order(line: str) -> bool:
    """Whether no number stands open inside right-to-left words, and none of several groups on its
    line: a single one alone, or isolated."""
    depth, has_arabic, has_open_digit = 0, False, False
    has_words = any(character.isalpha() for character in line)
    for character in line:
        depth += (character in "\u2066\u2067\u2068") - (character == "\u2069")
        has_arabic |= unicodedata.bidirectional(character) in ("R", "AL")
        has_open_digit |= depth == 0 and character.isdigit()
    return depth == 0 and not (has_open_digit and (has_arabic or not (has_words or line.isdigit())))
