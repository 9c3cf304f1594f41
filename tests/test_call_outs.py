"""Urgent calls: the numbers first, then one after the other is asked, and exactly one comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from tests.front_door import Person, Town, town
from tests.stations import (
    OFFICERS,
    at_work,
    comes_late,
    everybody_came,
    five_areas,
    officer,
    on_duty,
    on_file,
    registered,
)
from tests.test_rooms import at

#: A Monday without a holiday near: the duty begins at 08:00, the room is open from 09:00 to 18:00.
MONDAY, NIGHT = "2026-12-07", "2026-12-08 02:13"


def offers(data: str) -> Callable[[dict[str, Any]], bool]:
    """A message with a button that says this."""
    return lambda each: data in str(each["buttons"])


async def hears(here: Town, *codes: str) -> None:
    """These say that they hear the phone."""
    for code in codes:
        staff = officer(here, code)
        before = len(await here.calls("answerCallbackQuery"))
        await staff.forges((await staff.got())[-1]["message_id"], "call_outs:heard")
        await answered(here, before)


async def answered(here: Town, before: int) -> str:
    """What the press that came after ``before`` others was answered with."""

    async def done() -> bool:
        return len(await here.calls("answerCallbackQuery")) > before

    await here.until(done, "a press is answered")
    answers = await here.calls("answerCallbackQuery")
    return str(answers[-1]["params"].get("text"))


async def presses(staff: Person, message: dict[str, Any], data: str) -> str:
    """Press a button of the message; what was answered."""
    before = len(await staff.town.calls("answerCallbackQuery"))
    await staff.presses(message, data)
    return await answered(staff.town, before)


async def calls_out(ana: Person) -> dict[str, Any]:
    """Both taps; the message that says how it stands. An older message may offer the same."""
    asked_at = await ana.says("/urgent")

    def new(data: str) -> Callable[[dict[str, Any]], bool]:
        return lambda each: each["message_id"] > asked_at and offers(data)(each)

    await ana.presses(await ana.sees(new("call_outs:page")), "call_outs:page")
    return await ana.sees(new("call_outs:withdraw"))


async def later(here: Town, seconds: float) -> None:
    await here.control("clock", shift_seconds=seconds)


async def rows(here: Town, sql: str) -> list[tuple[Any, ...]]:
    async with aiosqlite.connect(here.database_url.removeprefix("sqlite:///")) as file:
        return [tuple(row) for row in await file.execute_fetchall(sql)]


@pytest.fixture
async def day(station: Town) -> Town:
    """Monday, one in the afternoon: the room of Riverside is open, everybody has said to hear."""
    await everybody_came(station)
    await at(station, f"{MONDAY} 09:30")
    await hears(station, "li", "wang", "zhao", "sun")
    await at(station, f"{MONDAY} 14:00")
    return station


@pytest.fixture
async def night(station: Town) -> Town:
    """The night after a Monday on which the duty desk and the supervisor said to hear."""
    await everybody_came(station)
    await at(station, f"{MONDAY} 08:30")
    await hears(station, "zhao", "sun")
    await at(station, NIGHT)
    return station


async def test_the_first_tap_shows_the_numbers_and_the_second_asks(day: Town) -> None:
    """Each number alone on its line, and that nobody comes by itself; the second tap asks the
    responsible officer loudly, and says that nobody is on the way."""
    ana, li = await registered(day, 101, "Ana"), officer(day, "li")
    await ana.says("/urgent")
    numbers = await ana.sees(offers("call_outs:page"))
    assert "Nobody is coming unless you call." in numbers["text"]
    assert {"110", "12110"} <= set(numbers["text"].splitlines())
    await ana.presses(numbers, "call_outs:page")
    told = await ana.sees("Nobody is on the way yet.")
    assert "Asked so far: your officer." in told["text"]
    assert "110" in told["text"].splitlines()
    page = await li.sees("Urgent call")
    assert "Ana · Riverside" in page["text"]
    assert not page["silent"]
    assert not await asked(officer(day, "wang"))


async def asked(staff: Person) -> list[dict[str, Any]]:
    return [each for each in await staff.got() if "Urgent call" in each["text"]]


@pytest.mark.parametrize(("language", "words"), [("en", "urgent"), ("zh", "急事"), ("ar", "عاجل")])
async def test_plain_words_are_as_good_as_the_command(day: Town, language: str, words: str) -> None:
    """In the reader's language."""
    eve = await registered(day, 102, "Eve", language=language)
    await eve.says(words)
    await eve.presses(await eve.sees(offers("call_outs:page")), "call_outs:page")
    await officer(day, "li").sees(lambda each: "Eve" in each["text"] and offers("take")(each))


async def test_step_by_step_until_somebody_takes_it(day: Town) -> None:
    """Officer, deputy, duty desk, 90 seconds each; the resident reads in one message who was asked,
    and hears by whom it was taken and when; the others read it, too."""
    ana = await registered(day, 101, "Ana")
    li, wang, zhao = (officer(day, code) for code in ("li", "wang", "zhao"))
    told = await calls_out(ana)
    await li.sees("Who takes it?")
    await later(day, 91)
    await wang.sees("Who takes it?")
    await ana.sees("Asked so far: your officer, the deputy.")
    await later(day, 90)
    page = await zhao.sees("Who takes it?")
    step = await ana.sees("Asked so far: your officer, the deputy, the duty desk.")
    assert step["message_id"] == told["message_id"]
    await presses(zhao, page, "call_outs:take")
    taken = await ana.sees(lambda each: "Taken by" in each["text"] and offers("withdraw")(each))
    assert "Taken by the duty desk (Zhao), 14:03." in taken["text"]
    assert taken["message_id"] > told["message_id"]
    for staff in (li, wang):
        other = await staff.sees("Taken by the duty desk (Zhao), 14:03.")
        assert not offers("call_outs")(other)
    await zhao.sees(offers("call_outs:settled"))
    await later(day, 300)
    await ana.says("still here")
    await zhao.sees("still here")
    assert not await asked(officer(day, "sun"))


async def test_words_go_both_ways_with_whoever_takes_it(day: Town) -> None:
    """What the resident writes meanwhile is below the page of everybody who is asked, also of those
    who are asked later; the taker has the request, and the answer arrives."""
    ana = await registered(day, 101, "Ana")
    li, wang = officer(day, "li"), officer(day, "wang")
    await calls_out(ana)
    await ana.says("he stands at the door")
    await ana.sends(location={"latitude": 30.001, "longitude": 100.001})
    await li.sees(lambda each: each["kind"] == "location")
    await later(day, 91)
    page = await wang.sees("Who takes it?")
    shown = await wang.sees("he stands at the door")
    assert shown["reply_to"] == page["message_id"]
    await wang.sees(lambda each: each["kind"] == "location")
    await presses(wang, page, "call_outs:take")
    await li.sees("Wang is responsible now.")
    card = await wang.sees("C-1001")
    await wang.says("I am on my way", reply_to_message_id=card["message_id"])
    await ana.sees("I am on my way")
    await ana.says("third floor")
    await wang.sees("third floor")


async def test_all_that_is_written_stands_below_the_one_page(night: Town) -> None:
    """Every message of the resident replies to the message that asked, however many there are."""
    ana, zhao = await registered(night, 101, "Ana"), officer(night, "zhao")
    await calls_out(ana)
    page = await zhao.sees("Who takes it?")
    for text in ("he stands at the door", "he wears a red coat"):
        await ana.says(text)
        assert (await zhao.sees(text))["reply_to"] == page["message_id"]
    assert len(await zhao.copies()) == 2


async def test_what_is_written_at_the_end_is_not_for_all(day: Town) -> None:
    """Settled meanwhile: the taker has the words, whoever was asked in vain does not."""
    ana = await registered(day, 101, "Ana")
    li, wang = officer(day, "li"), officer(day, "wang")
    await calls_out(ana)
    await later(day, 91)
    page = await wang.sees("Who takes it?")
    await presses(wang, page, "call_outs:take")
    await presses(wang, await wang.sees(offers("call_outs:settled")), "call_outs:settled")
    await ana.says("my key is with you")
    await wang.sees("my key is with you")
    await comes_late(day, "cases.show_urgent", "1", chat_id=ana.chat_id)
    assert not [each for each in await li.copies() if "my key" in each["text"]]


async def test_before_anything_was_written_the_taker_can_write_first(night: Town) -> None:
    """The call alone opens a request with the taker, at night and in a quiet room as well."""
    ana, zhao = await registered(night, 101, "Ana"), officer(night, "zhao")
    await calls_out(ana)
    await presses(zhao, await zhao.sees("Who takes it?"), "call_outs:take")
    card = await zhao.sees("C-1001")
    await zhao.says("Where are you?", reply_to_message_id=card["message_id"])
    await ana.sees("Where are you?")
    await ana.says("at the gate")
    await zhao.sees("at the gate")


async def test_at_night_with_nobody_answering(night: Town) -> None:
    """It starts at the duty desk, no community officer is woken; within five minutes the resident
    reads numbers and hot line again, and the supervisor is alarmed and may still take it."""
    ana = await registered(night, 101, "Ana")
    zhao, sun = officer(night, "zhao"), officer(night, "sun")
    told = await calls_out(ana)
    assert "Asked so far: the duty desk." in told["text"]
    await zhao.sees("Who takes it?")
    await later(night, 91)
    await sun.sees("Who takes it?")
    await later(night, 91)
    end = await ana.sees("Nobody has answered. Nobody is on the way.", count=2)
    assert {"110", "+86 10 5555 0110"} <= set(end["text"].splitlines())
    alarm = await sun.sees("Everybody was asked, and nobody has answered.")
    await presses(sun, alarm, "call_outs:take")
    await ana.sees("Taken by Officer Sun, 02:16.")
    assert not await asked(officer(night, "li"))
    assert not await asked(officer(night, "wang"))


async def test_two_who_press_at_once_are_one_taker(night: Town) -> None:
    """Both have the button; one has it, the other reads who and when."""
    ana = await registered(night, 101, "Ana")
    zhao, sun = officer(night, "zhao"), officer(night, "sun")
    await calls_out(ana)
    first = await zhao.sees("Who takes it?")
    await later(night, 91)
    second = await sun.sees("Who takes it?")
    before = len(await night.calls("answerCallbackQuery"))
    await asyncio.gather(
        zhao.presses(first, "call_outs:take"), sun.presses(second, "call_outs:take")
    )

    async def both() -> bool:
        return len(await night.calls("answerCallbackQuery")) == before + 2

    await night.until(both, "both are answered")
    answers = [each["params"]["text"] for each in await night.calls("answerCallbackQuery")]
    won = [text.startswith("It is yours.") for text in answers[before:]]
    assert sorted(won) == [False, True]
    assert [text for text in answers[before:] if text.startswith("Taken by")] != []
    assert len(await rows(night, "SELECT taker FROM call_out WHERE state = 'taken'")) == 1


async def test_two_quick_second_taps_are_one_call(night: Town) -> None:
    """And a press on an old button is a first tap: the numbers, and nobody is asked."""
    ana, zhao = await registered(night, 101, "Ana"), officer(night, "zhao")
    await ana.says("/urgent")
    numbers = await ana.sees(offers("call_outs:page"))
    data = numbers["buttons"][0][0]["callback_data"]
    await ana.forges(numbers["message_id"], data)
    await ana.forges(numbers["message_id"], data)
    told = await ana.sees(offers("call_outs:withdraw"))
    await zhao.sees("Who takes it?")
    await presses(ana, told, "call_outs:withdraw")
    await zhao.sees("The resident needs nobody any more.")
    assert len(await asked(zhao)) == 1
    assert await rows(night, "SELECT count(*) FROM call_out") == [(1,)]
    await ana.forges(numbers["message_id"], data)
    await ana.sees("Nobody is coming unless you call.", count=2)
    asked_at = await ana.says("/urgent")
    fresh = await ana.sees(
        lambda each: each["message_id"] > asked_at and offers("call_outs:page")(each)
    )
    await later(night, 601)
    await ana.presses(fresh, "call_outs:page")
    await ana.sees("Nobody is coming unless you call.", count=4)
    assert await rows(night, "SELECT count(*) FROM call_out") == [(1,)]


async def test_a_press_of_somebody_who_was_not_asked_is_refused(night: Town) -> None:
    """A forged press takes nothing, gives nothing back and settles nothing; nor does a resident
    withdraw what is another's."""
    ana, bob = await registered(night, 101, "Ana"), await registered(night, 102, "Bob")
    chen, zhao = officer(night, "chen"), officer(night, "zhao")
    await calls_out(ana)
    page = await zhao.sees("Who takes it?")
    message_id = (await chen.got())[-1]["message_id"]
    for action in ("take", "give_back", "settled"):
        before = len(await night.calls("answerCallbackQuery"))
        await chen.forges(message_id, f"call_outs:{action}:1")
        assert "not yours" in await answered(night, before)
    before = len(await night.calls("answerCallbackQuery"))
    await bob.forges((await bob.got())[-1]["message_id"], "call_outs:withdraw:1")
    assert "over already" in await answered(night, before)
    await presses(zhao, page, "call_outs:take")
    before = len(await night.calls("answerCallbackQuery"))
    await chen.forges(message_id, "call_outs:settled:1")
    assert "not yours" in await answered(night, before)
    assert await rows(night, "SELECT state, taker FROM call_out") == [("taken", "zhao")]


async def test_a_restart_in_the_middle_goes_on_where_it_was(
    sqlite_url: str, tmp_path: Path
) -> None:
    """The bot ends after the first step and comes back when the second was due long ago: nobody is
    asked twice, and the next one is asked now."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        async with here.bot():
            await everybody_came(here)
            await at(here, f"{MONDAY} 08:30")
            await hears(here, "zhao", "sun")
            await at(here, NIGHT)
            ana = await registered(here, 101, "Ana")
            await calls_out(ana)
            await officer(here, "zhao").sees("Who takes it?")
        await later(here, 120)
        async with here.bot():
            page = await officer(here, "sun").sees("Who takes it?")
            await ana.sees("Asked so far: the duty desk, the supervisor.")
            await presses(officer(here, "sun"), page, "call_outs:take")
            await ana.sees("Taken by Officer Sun, 02:15.")
        assert len(await asked(officer(here, "zhao"))) == 1


async def test_the_taker_who_cannot_go_gives_it_back(day: Town) -> None:
    """Everybody who was asked is asked again, the next step at once; the resident reads that nobody
    is on the way; the next one takes it."""
    ana = await registered(day, 101, "Ana")
    li, wang, zhao = (officer(day, code) for code in ("li", "wang", "zhao"))
    await calls_out(ana)
    await later(day, 91)
    await presses(wang, await wang.sees("Who takes it?"), "call_outs:take")
    await ana.sees("Taken by Officer Wang")
    await later(day, 900)
    await presses(wang, await wang.sees(offers("call_outs:give_back")), "call_outs:give_back")
    again = await li.sees("Officer Wang cannot go after all.")
    assert not again["silent"]
    assert offers("call_outs:take")(again)
    await zhao.sees("Who takes it?")
    told = await ana.sees("Officer Wang cannot go after all.")
    assert "Nobody is on the way yet." in told["text"]
    await presses(li, again, "call_outs:take")
    await ana.sees("Taken by Officer Li, 14:16.")


async def test_it_is_settled_by_the_taker(day: Town) -> None:
    """The resident reads it, the pages lose their buttons, and a new call can follow."""
    ana, li = await registered(day, 101, "Ana"), officer(day, "li")
    await calls_out(ana)
    page = await li.sees("Who takes it?")
    await presses(li, page, "call_outs:take")
    mine = await li.sees(offers("call_outs:settled"))
    await presses(li, mine, "call_outs:settled")
    settled = await ana.sees("Settled, says Officer Li.", count=2)
    assert "/urgent" in settled["text"]
    await li.sees("Settled, says Officer Li.")
    before = len(await day.calls("answerCallbackQuery"))
    await li.forges(mine["message_id"], "call_outs:take:1")
    assert await answered(day, before) != ""
    await calls_out(ana)
    await li.sees("Who takes it?")


async def test_the_resident_withdraws_it(day: Town) -> None:
    """Everybody who was asked reads it, also the taker; nobody can take it any more."""
    ana, li = await registered(day, 101, "Ana"), officer(day, "li")
    told = await calls_out(ana)
    page = await li.sees("Who takes it?")
    assert await presses(ana, told, "call_outs:withdraw") == "All who were asked know it."
    await li.sees("The resident needs nobody any more.")
    before = len(await day.calls("answerCallbackQuery"))
    await li.forges(page["message_id"], "call_outs:take:1")
    assert "over already" in await answered(day, before)
    await ana.sees("You need nobody any more.")
    await later(day, 200)
    await li.says("/me")
    await li.sees("badge")
    assert not await asked(officer(day, "wang"))


async def test_when_the_taker_is_lost_others_are_asked_again(day: Town) -> None:
    """The taker blocks the bot: nobody waits for somebody who knows nothing more of it; the
    resident reads that nobody is on the way, and the next one may take it."""
    ana, li, wang = (
        await registered(day, 101, "Ana"), officer(day, "li"), officer(day, "wang"),
    )  # fmt: skip
    await calls_out(ana)
    await presses(li, await li.sees("Who takes it?"), "call_outs:take")
    await ana.sees("Taken by Officer Li")
    await li.blocks()
    await ana.says("where are you?")
    told = await ana.sees("Officer Li cannot go after all.")
    assert "Nobody is on the way yet." in told["text"]
    page = await wang.sees("Who takes it?")
    await presses(wang, page, "call_outs:take")
    await ana.sees("Taken by Officer Wang")
    await wang.sees("where are you?")


async def test_who_has_left_the_station_sees_nothing_more_of_it(day: Town, tmp_path: Path) -> None:
    """The officer who was asked, or has taken it, is not on the roster any more: others are asked,
    and neither words nor buttons reach that phone."""
    ana, li, wang = (
        await registered(day, 101, "Ana"), officer(day, "li"), officer(day, "wang"),
    )  # fmt: skip
    await calls_out(ana)
    await presses(li, await li.sees("Who takes it?"), "call_outs:take")
    await ana.sees("Taken by Officer Li")
    roster = five_areas(tmp_path)
    text = roster.read_text(encoding="utf-8").replace('code = "li"', 'code = "guo"')
    roster.write_text(text.replace(str(OFFICERS["li"]), "900008"), encoding="utf-8")
    await day.imports(roster)
    await ana.says("where are you?")
    page = await wang.sees("Who takes it?")
    await wang.sees("where are you?")
    left = await li.sees("This call is not yours (any more).")
    assert not left["buttons"]
    await presses(wang, page, "call_outs:take")
    await ana.sees("Taken by Officer Wang")
    assert not [each for each in await li.copies() if "where are you" in each["text"]]


async def test_an_officer_who_cannot_be_reached_costs_no_time(day: Town) -> None:
    """What cannot reach the officer is known at once, and so is asked the next one."""
    ana, wang = await registered(day, 101, "Ana"), officer(day, "wang")
    await day.control("block", user_id=officer(day, "li").chat_id, deactivated=True)
    await calls_out(ana)
    await wang.sees("Who takes it?")


async def test_a_resident_who_blocks_the_bot_is_still_helped(day: Town) -> None:
    """It goes on; the taker reads that words do not arrive, and the number to call."""
    ana, li = await registered(day, 101, "Ana"), officer(day, "li")
    await ana.sends(contact={"phone_number": "+861005550199", "user_id": 101})
    await calls_out(ana)
    page = await li.sees("Who takes it?")
    await ana.blocks()
    await later(day, 91)
    await officer(day, "wang").sees("cannot be reached here any more")
    await presses(li, page, "call_outs:take")
    mine = await li.sees(offers("call_outs:settled"))
    assert "cannot be reached here any more" in mine["text"]
    assert "+861005550199" in mine["text"]


async def test_before_an_area_is_chosen_the_duty_desk_is_asked(day: Town) -> None:
    """Also in the opening hours; what is written goes to whoever takes it."""
    eve, zhao = day.person(103, "Eve"), officer(day, "zhao")
    await eve.says("/urgent")
    await eve.presses(await eve.sees(offers("call_outs:page")), "call_outs:page")
    page = await zhao.sees("Who takes it?")
    assert "no area chosen" in page["text"]
    await eve.says("my child is gone")
    await zhao.sees("my child is gone")
    await presses(zhao, page, "call_outs:take")
    await eve.sees("Taken by the duty desk (Zhao)")
    await eve.says("she wears red")
    await zhao.sees("she wears red")


async def test_what_was_written_at_the_moment_of_taking_goes_to_the_taker(
    sqlite_url: str, tmp_path: Path
) -> None:
    """No area is chosen and nothing was written so far; the first message and the taker's press
    come together, while the bot stands still. The request holds the message, and goes on."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        async with here.bot():
            await everybody_came(here)
            await at(here, f"{MONDAY} 08:30")
            await hears(here, "zhao", "sun")
            await at(here, NIGHT)
            eve, zhao = here.person(103, "Eve"), officer(here, "zhao")
            await calls_out(eve)
            page = await zhao.sees("Who takes it?")
        await zhao.presses(page, "call_outs:take")
        await eve.says("my child is gone")
        async with here.bot():
            await eve.sees("Taken by the duty desk (Zhao)")
            shown = await zhao.sees("my child is gone")
            await zhao.says("Where are you?", reply_to_message_id=shown["message_id"])
            await eve.sees("Where are you?")
            assert await rows(here, "SELECT last_words, owner FROM cases") == [
                ("my child is gone", "zhao")
            ]


async def test_outside_the_hours_the_notice_offers_it(sqlite_url: str, tmp_path: Path) -> None:
    """Emergency numbers, urgent, another time, in this order."""
    async with at_work(sqlite_url, five_areas(tmp_path, is_quiet=True)) as here:
        await everybody_came(here)
        ana = await registered(here, 101, "Ana")
        await at(here, NIGHT)
        await ana.says("my bicycle is gone")
        notice = await ana.sees("Kept, not read yet.")
        data = [button["callback_data"] for row in notice["buttons"] for button in row]
        assert data == ["emergencies:show", "call_outs:urgent", "rooms:show"]
        await ana.presses(notice, "call_outs:urgent")
        await ana.presses(await ana.sees(offers("call_outs:page")), "call_outs:page")
        page = await officer(here, "zhao").sees("Who takes it?")
        await officer(here, "zhao").sees("my bicycle is gone")
        await presses(officer(here, "zhao"), page, "call_outs:take")
        await ana.says("now he is here")
        await officer(here, "zhao").sees("now he is here")


async def test_over_midnight_it_goes_on(station: Town) -> None:
    """The day changes between two steps, and between asking and taking."""
    await everybody_came(station)
    await at(station, f"{MONDAY} 23:40")
    await hears(station, "zhao", "sun")
    await at(station, f"{MONDAY} 23:59")
    ana, sun = await registered(station, 101, "Ana"), officer(station, "sun")
    await calls_out(ana)
    await later(station, 91)
    page = await sun.sees("Who takes it?")
    await presses(sun, page, "call_outs:take")
    await ana.sees("Taken by Officer Sun, 00:0")


async def test_what_nobody_ends_is_over_after_half_a_day(night: Town) -> None:
    """The resident may call for somebody again."""
    ana, zhao = await registered(night, 101, "Ana"), officer(night, "zhao")
    await calls_out(ana)
    await presses(zhao, await zhao.sees("Who takes it?"), "call_outs:take")
    await ana.says("/urgent")
    await ana.sees(lambda each: "Taken by" in each["text"] and offers("withdraw")(each), count=1)
    await later(night, 12 * 3600 + 5)
    await zhao.sees("Settled, says the duty desk (Zhao).")
