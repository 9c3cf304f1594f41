"""Registration: a resident comes in by any door, and nothing written meanwhile is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.front_door import Town, town
from tests.stations import INSIDE, drawn_areas, five_areas, officer, on_duty, on_file, registered

UNPLACED_SECONDS = 5 * 60 + 1


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station whose bot does not run yet."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, drawn_areas(tmp_path), here.clock)
        await on_duty(here)
        yield here


@pytest.fixture
async def station(house: Town) -> AsyncIterator[Town]:
    """A station with a running bot; everybody of the roster is linked."""
    async with house.bot():
        yield house


async def test_a_link_registers_in_one_step_and_the_next_message_goes_to_the_officer(
    station: Town,
) -> None:
    """The poster on the door: one tap, the phone's language, and one just writes."""
    ana, li = station.person(101, "Ana", "ar"), officer(station, "li")
    await ana.says("/start a-riverside")
    told = await ana.sees("الشرطي المسؤول")
    assert "Li" in told["text"] or "li警官" in told["text"]
    assert "110" in told["text"].splitlines()
    await ana.says("مرحبا")
    await li.sees("مرحبا")
    assert len([message for message in await ana.got() if "تيليجرام" in message["text"]]) == 1


async def test_a_link_to_an_area_that_is_not_there_says_so_and_shows_the_way_on(
    station: Town,
) -> None:
    """An old poster: a clear word, the list of areas, and what is written is kept."""
    ana, chen = station.person(101, "Ana"), officer(station, "chen")
    await ana.says("/start a-atlantis")
    await ana.sees("does not lead to an area")
    question = await ana.sees("In which area")
    await ana.says("Is anybody there?")
    await ana.presses(question, "choose:market")
    await chen.sees("Is anybody there?")


async def test_an_area_link_does_not_make_an_officer_a_resident(station: Town) -> None:
    """Somebody of the roster who tries the poster is told whom it is for, and stays what they
    are."""
    li, wang = officer(station, "li"), officer(station, "wang")
    await li.says("/start a-hillside")
    await li.sees("This link is for residents")
    await li.says("Hello?")
    await li.sees("goes to nobody")
    assert not [message for message in await wang.got() if "Hello?" in message["text"]]


async def test_what_was_written_before_is_delivered_in_order_whatever_it_is(
    station: Town,
) -> None:
    """Text, picture, voice, album, place, contact, sticker: all kept, all in order."""
    ana, li = station.person(101, "Ana"), officer(station, "li")
    await ana.says("/start")
    question = await ana.sees("In which area")
    await ana.says("one")
    await ana.sends(photo=True, caption="two")
    await ana.sends(voice=True)
    for _ in range(2):
        await ana.sends(photo=True, media_group_id="holiday")
    await ana.sends(venue=True)
    await ana.sends(contact={"phone_number": "+861055550199", "first_name": "Bo"})
    await ana.sends(sticker=True)
    await ana.says("last")
    await ana.presses(question, "choose:riverside")
    await li.sees("last")
    kinds = [message["kind"] for message in await li.copies()]
    assert kinds == [
        "text", "photo", "voice", "photo", "photo", "venue", "contact", "sticker", "text",
    ]  # fmt: skip


async def test_without_a_choice_the_duty_desk_gets_it_after_five_minutes(station: Town) -> None:
    """Choosing is never a gate; who was asked first stays responsible after a later choice."""
    ana, zhao, chen = station.person(101, "Ana"), officer(station, "zhao"), officer(station, "chen")
    await ana.says("Somebody is at my door")
    question = await ana.sees("Your message is kept")
    await station.control("clock", shift_seconds=UNPLACED_SECONDS)
    await zhao.sees("Somebody is at my door")
    await ana.sees("Duty desk: Zhao")
    await ana.presses(question, "choose:market")
    await ana.sees("Your open request C-1001 stays with Zhao")
    await ana.says("He is gone")
    await zhao.sees("He is gone")
    card = await zhao.sees(lambda each: "cases:close:1001" in str(each["buttons"]))
    await zhao.presses(card, "close")
    await ana.sees("has closed your request")
    await ana.says("A new matter")
    await chen.sees("A new matter")


async def test_start_asks_each_time_and_introduces_once(station: Town) -> None:
    """Who answers, what it is not for and where the data goes is said at the first contact only."""
    ana = station.person(101, "Ana")
    await ana.says("/start")
    await ana.sees("In which area")
    await ana.says("/start")
    await ana.sees("In which area", count=2)
    texts = [message["text"] for message in await ana.got()]
    assert sum("People answer" in text for text in texts) == 1
    assert sum("not end-to-end encrypted" in text for text in texts) == 1
    (first,) = (text for text in texts if "People answer" in text)
    assert "Riverside Police Station" in first
    assert "not for emergencies" in first
    assert "110" in first.splitlines()


async def test_start_in_a_group_says_nothing(station: Town) -> None:
    """The desk is in private chats: a group learns nothing and registers nobody."""
    ana = await registered(station, 101, "Ana")
    await station.control("group", chat_id=-5, title="Neighbours", members=[101], user_id=101)
    await station.control("say", chat_id=-5, user_id=101, text="/start a-market")
    await ana.says("/me")
    card = await ana.sees("May your officer call you")
    assert "Riverside" in card["text"]
    assert [message for message in await station.transcript(-5) if message["from_bot"]] == []


async def test_a_restart_in_the_middle_changes_nothing(house: Town) -> None:
    """The question stays good, what is kept stays kept, and five minutes are five minutes."""
    ana, eve = house.person(101, "Ana"), house.person(102, "Eve")
    async with house.bot():
        await ana.says("before")
        question = await ana.sees("Your message is kept")
        await eve.says("undecided")
        await eve.sees("Your message is kept")
    await ana.says("while nobody was there")
    await house.control("clock", shift_seconds=UNPLACED_SECONDS - 60)
    async with house.bot():
        await ana.presses(question, "choose:market")
        await officer(house, "chen").sees("while nobody was there")
        copied = [message["text"] for message in await officer(house, "chen").copies()]
        assert copied == ["before", "while nobody was there"]
        await house.control("clock", shift_seconds=61)
        await officer(house, "zhao").sees("undecided")


async def test_with_nobody_linked_the_resident_is_told_and_the_first_who_joins_gets_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    """The hot line at once; the message waits for whoever a new roster brings."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path, linked=frozenset()), here.clock)
        async with here.bot():
            ana, wang = here.person(101, "Ana"), officer(here, "wang")
            await ana.says("/start a-riverside")
            told = await ana.sees("Nobody at the station can be reached")
            assert "+86 10 5555 0110" in told["text"].splitlines()
            await ana.says("I wait")
            held = await ana.sees("waits for the first")
            assert "+86 10 5555 0110" in held["text"].splitlines()
            await wang.says("/start")  # a resident like everybody, until the roster knows the phone
            await wang.sees("In which area")
            await here.imports(five_areas(tmp_path, linked=frozenset({"wang"})))
            await wang.sees("I wait")
            await ana.sees("stands in for your officer")


async def test_moving_leaves_the_open_request_where_it_is(station: Town) -> None:
    """From the contact card to another area and back again: the open request stays with its
    officer, the next one goes to the new one."""
    ana, li, chen = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "chen"),
    )  # fmt: skip
    await ana.says("the old matter")
    await li.sees("the old matter")
    await ana.says("/me")
    await ana.presses(await ana.sees("with Li"), "move")
    await ana.presses(await ana.sees("To which area"), "stay")
    await ana.says("/me")
    await ana.presses(await ana.sees("with Li", count=2), "move")
    await ana.presses(await ana.sees("To which area", count=2), "choose:market")
    await ana.sees("stays with Li")
    await ana.says("still the old matter")
    await li.sees("still the old matter")
    await li.presses(await li.sees("C-1001"), "close")
    await ana.sees("has closed your request")
    await ana.says("the new matter")
    await chen.sees("the new matter")


async def test_an_area_that_left_the_roster_is_asked_for_anew(house: Town, tmp_path: Path) -> None:
    """A resident of an area that is no more is asked again, and what is written is kept."""
    async with house.bot():
        ana = await registered(house, 101, "Ana", "harbour")
    roster = five_areas(tmp_path)
    text = roster.read_text(encoding="utf-8")
    roster.write_text(text.replace('"harbour"', '"dock"'), encoding="utf-8")
    await house.imports(roster)
    async with house.bot():
        await ana.says("Where do I belong?")
        await ana.presses(await ana.sees("Your message is kept"), "choose:market")
        await officer(house, "chen").sees("Where do I belong?")


async def test_a_place_that_follows_words_goes_with_them(station: Town) -> None:
    """After "an accident" a shared location says where: it chooses the area and is delivered."""
    ana, li = station.person(101, "Ana"), officer(station, "li")
    await ana.says("An accident")
    await ana.sees("Your message is kept")
    await ana.sends(location={"latitude": INSIDE[0], "longitude": INSIDE[1]})
    await li.sees(lambda message: message["kind"] == "location")
    assert [message["kind"] for message in await li.copies()] == ["text", "location"]
