"""Menus: three fixed buttons, plain words and numbers that do the same, and the commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.texts import catalog
from handlers.menus import EMERGENCY, WHEN_AND_WHERE, WRITE
from tests.front_door import Person, Town, town
from tests.stations import OFFICERS, five_areas, officer, on_duty, on_file, registered
from tests.test_rooms import next_monday

#: What only the answer to each of the three says, by language.
ANSWERS = {
    "en": ("Just write here", "The station's telephone", "Nobody is coming unless you call."),
    "zh": ("直接在这里写就行", "派出所电话", "您不打电话，就不会有人赶来。"),
    "ar": ("اكتب هنا مباشرة", "هاتف المركز", "لن يأتي أحد إلا إذا اتصلتَ."),
}
#: Other ways to ask for each of the three, as people type them.
WAYS = {
    "en": (("1", "My Officer!"), ("2.", "when open?"), ("3", "EMERGENCY NUMBERS")),
    "zh": (("１", "片警"), ("2", "几点开门？"), ("3。", "报警电话")),
    "ar": (("١", "شرطى"), ("٢", "متى تفتحون؟"), ("٣", "أرقام الطوارئ")),
}


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station whose bot does not run yet."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        yield here


@pytest.fixture
async def station(house: Town) -> AsyncIterator[Town]:
    """A station with a running bot."""
    async with house.bot():
        yield house


@pytest.mark.parametrize("language", sorted(ANSWERS))
async def test_three_buttons_and_plain_words_do_the_same(station: Town, language: str) -> None:
    """Pressed, typed, or by number, however it is typed: the same answer, and nothing of it goes to
    the officer."""
    ana = await registered(station, 101, "Ana", language=language)
    said = catalog(language).gettext
    for button, answer, ways in zip(
        (WRITE, WHEN_AND_WHERE, EMERGENCY), ANSWERS[language], WAYS[language], strict=True
    ):
        before = sum(answer in message["text"] for message in await ana.got())
        for count, way in enumerate((said(button), *ways), start=1):
            await ana.says(way)
            await ana.sees(answer, count=before + count)
    assert await officer(station, "li").copies() == []


async def test_emergency_numbers_work_before_and_in_the_middle_of_registration(
    station: Town,
) -> None:
    """Somebody in danger registers nowhere first: each number alone on its line, and nobody comes
    by itself."""
    ana = station.person(101, "Ana")
    await ana.says("3")
    first = await ana.sees("Nobody is coming unless you call.")
    lines = first["text"].splitlines()
    assert lines[0] == "Nobody is coming unless you call."
    assert [line for line in lines if line.isdigit()] == ["110", "12110"]
    assert "Police, by text message:" in lines
    assert "When you cannot speak" in lines
    await ana.says("Hello")
    question = await ana.sees("Your message is kept")
    await ana.presses(question, "registration:search")
    prompt = await ana.sees("Reply to this message")
    await ana.says("/emergency")
    await ana.sees("Nobody is coming unless you call.", count=2)
    await ana.says("help me", reply_to_message_id=prompt["message_id"])
    await ana.sees("Nobody is coming unless you call.", count=3)


async def test_words_of_danger_show_the_numbers_and_reach_the_officer_too(station: Town) -> None:
    """An emergency is never only queued, and never only answered by a machine."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Fire!!!")
    await ana.sees("Nobody is coming unless you call.")
    await li.sees("Fire!!!")
    await ana.sends(photo=True, caption="the kitchen is burning")
    await li.sees("the kitchen is burning")
    await ana.says("please send help now")
    await li.sees("please send help now")
    shown = [message for message in await ana.got() if "unless you call" in message["text"]]
    assert len(shown) == 1, "once, not after every sentence"
    bo = await registered(station, 103, "Bo")
    await bo.sends(photo=True, caption="there is a man with a knife outside")
    await bo.sees("Nobody is coming unless you call.")
    eve, zhao = station.person(102, "Eve", "zh"), officer(station, "zhao")
    await eve.says("救命！")
    await eve.sees("您不打电话，就不会有人赶来。")
    await eve.sees("您的消息已保存")
    await station.control("clock", shift_seconds=301)
    await zhao.sees("救命！")


async def test_an_answer_to_the_officer_is_never_taken_for_a_menu(station: Town) -> None:
    """ "How many are you?" - "3", as a reply: it goes to the officer."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("We wait at the gate")
    copy = await li.sees("wait at the gate")
    await li.says("How many are you?", reply_to_message_id=copy["message_id"])
    asked = await ana.sees("How many are you?")
    await ana.says("3", reply_to_message_id=asked["message_id"])
    await li.sees(lambda message: message["text"] == "3")
    assert not [message for message in await ana.got() if "unless you call" in message["text"]]


async def test_what_an_officer_types_is_no_menu(station: Town) -> None:
    """People of the roster have commands: a bare word of theirs asks to whom, a reply is sent."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("When can I come?")
    copy = await li.sees("When can I come?")
    await li.says("open", reply_to_message_id=copy["message_id"])
    await ana.sees(lambda message: message["text"] == "open")
    await li.says("open")
    await li.sees("To whom?")


async def test_opening_hours_say_when_and_where_in_one_message(station: Town) -> None:
    """A week, each day once, the address, and the room's number alone on its line."""
    ana = await registered(station, 101, "Ana")
    await next_monday(station, "10:00")
    await ana.says("/hours")
    text = (await ana.sees("East Police Room"))["text"]
    assert "12 Binjiang Road" in text
    assert "+86 10 5555 0111" in text.splitlines()
    assert "Mon: 09:00–12:00, 13:30–18:00" in text
    assert "Sat: 09:00–12:00" in text
    assert "Sun: closed" in text
    assert "+86 10 5555 0110" in text.splitlines()


async def test_help_is_short_and_names_the_emergency_number(station: Town) -> None:
    """A resident and an officer each read what they can do."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("how does this work?")
    told = (await ana.sees("3 – emergency numbers"))["text"]
    assert "110" in told.splitlines()
    assert "/claim – I was given a code" in told
    assert "/urgent – it cannot wait" in told
    await li.says("/help")
    text = (await li.sees("A request comes as a card"))["text"]
    assert [each for each in ("/away", "/here", "/team") if each not in text] == []


async def commands(person: Person, language: str = "en") -> dict[str, str]:
    """The commands that this phone shows in this chat."""
    seen: list[dict[str, Any]] = await person.town.get(
        "commands", chat_id=person.chat_id, user_id=person.chat_id, language_code=language
    )
    return {each["command"]: each["description"] for each in seen}


async def shows_commands(person: Person, *names: str) -> None:
    """Wait until this phone lists exactly these."""

    async def listed() -> bool:
        return list(await commands(person)) == list(names)

    await person.town.until(listed, f"{person.name} sees {names}")


RESIDENTS = (
    "me", "book", "claim", "request", "hours", "emergency", "urgent", "bulletins", "alerts",
    "language", "help",
)  # fmt: skip
STAFF = (
    "me", "here", "on_call", "away", "back", "team", "agenda", "book", "bulletin", "bulletins",
    "hours", "emergency", "language", "help",
)  # fmt: skip


async def told(here: Town, times: int) -> bool:
    """Whether Telegram was told commands exactly so often."""
    return len(await here.calls("setMyCommands")) == times


async def test_commands_are_told_by_language_and_role_and_only_once(house: Town) -> None:
    """Residents' in each language, the staff's in their chats; a restart tells nothing again."""
    ana, li = house.person(101, "Ana"), officer(house, "li")
    async with house.bot():
        await house.until(lambda: told(house, 4 + len(OFFICERS)), "each list told once")
        await shows_commands(li, *STAFF)
        await shows_commands(ana, *RESIDENTS)
        for language in ("zh", "en", "ar"):
            expected = catalog(language).gettext("Emergency numbers")
            assert (await commands(ana, language))["emergency"] == expected
    async with house.bot():
        await ana.says("/start")
        await ana.sees("In which area")
        await li.says("/start")
        await li.sees("come here as cards", count=2)
        assert await told(house, 4 + len(OFFICERS))


async def test_commands_follow_the_roster(house: Town, tmp_path: Path) -> None:
    """Who leaves the roster sees a resident's commands; who comes sees the staff's."""
    li, chen = officer(house, "li"), officer(house, "chen")
    await house.imports(five_areas(tmp_path, linked=frozenset(OFFICERS) - {"li"}))
    async with house.bot():
        await shows_commands(li, *STAFF)
        roster = five_areas(tmp_path, linked=frozenset(OFFICERS) - {"chen"})
        text = roster.read_text(encoding="utf-8").replace('code = "chen"', 'code = "qian"')
        roster.write_text(text, encoding="utf-8")
        await house.imports(roster)
        await shows_commands(chen, *RESIDENTS)
        await shows_commands(li, *STAFF)


async def test_a_chat_that_is_gone_keeps_no_commands_from_the_others(house: Town) -> None:
    """An officer's account was deleted: Telegram refuses that chat, and everybody else's lists are
    told all the same."""
    wang = officer(house, "wang")
    await house.control(
        "faults",
        latency_ms=50,
        next=[{
            "method": "setMyCommands", "chat_id": OFFICERS["li"], "error_code": 400,
            "description": "Bad Request: chat not found", "times": 1,
        }],
    )  # fmt: skip
    async with house.bot():
        await house.until(lambda: told(house, 4 + len(OFFICERS)), "everybody's list is tried")
        await shows_commands(wang, *STAFF)
        await shows_commands(house.person(101, "Ana"), *RESIDENTS)
