"""Where bulletins could break: forged presses, minds changed on the way, hours, lost roles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.bulletins import next_weekly
from tests.front_door import Person, Town, town
from tests.publishing import (
    approved,
    are_answered,
    button,
    crowd,
    in_force,
    published,
    sent,
    texts_of,
    told,
    written,
)
from tests.stations import (
    at_work,
    five_areas,
    officer,
    on_duty,
    on_file,
    registered,
    trusting,
    two_rooms,
)
from tests.test_bulletin_weeks import SHANGHAI, comes, is_scheduled, scheduled

PEOPLE = 6


@pytest.fixture
async def slow(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station whose notices go out four a second."""
    async with at_work(sqlite_url, five_areas(tmp_path), bulk_per_second=4.0) as here:
        yield here


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station with a weekly issue; its bot does not run yet."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, scheduled(tmp_path), here.clock)
        await on_duty(here)
        yield here


async def somebody_has_it(people: list[Person]) -> bool:
    return any([await texts_of(each, "bicycles") for each in people])


async def paused(here: Town) -> list[Person]:
    """A notice that somebody has, held."""
    people = await crowd(here, PEOPLE)
    await sent(here)
    await here.until(lambda: somebody_has_it(people), "the first delivery")
    li = officer(here, "li")
    await li.presses(await li.sees(button("bulletins:pause:1")), "pause")
    await li.sees("Paused.")
    return people


# --- presses


async def test_nobody_else_steers_what_goes_out(slow: Town) -> None:
    """Neither a resident nor another officer holds, ends, changes or takes back somebody's notice;
    every button says so."""
    people = await crowd(slow, PEOPLE)
    await sent(slow)
    li = officer(slow, "li")
    steering = await li.sees(button("bulletins:pause:1"))
    answered = len(await slow.calls("answerCallbackQuery"))
    actions = ("pause", "resume", "stop", "recalled", "correct", "hand_in", "solved", "report")
    for forger in (people[0], officer(slow, "wang"), officer(slow, "zhao")):
        for action in actions:
            await forger.forges(steering["message_id"], f"bulletins:{action}:1")
    await slow.until(lambda: are_answered(slow, answered + 3 * len(actions)), "all are answered")
    await li.sees("Everybody has it.")
    assert [len(await texts_of(each, "bicycles")) for each in people] == [1] * PEOPLE


async def test_a_second_stop_is_none(slow: Town) -> None:
    """Author and supervisor press at once, and again: it is stopped once, and stays so."""
    people = await paused(slow)
    li, sun = officer(slow, "li"), officer(slow, "sun")
    await sun.says("/bulletins")
    await sun.presses(await sun.sees(button("bulletins:open:1")), "open:1")
    his, hers = await sun.sees(button("bulletins:stop:1")), await li.sees(button("stop:1"))
    await sun.presses(his, "bulletins:stop:1")
    await li.presses(hers, "bulletins:stop:1")
    await slow.until(lambda: told(slow, "This has moved on."), "the second is none")
    await li.sees("Stopped.")
    await li.forges(hers["message_id"], "bulletins:resume:1")
    await li.presses(await li.sees(button("bulletins:report:1")), "report")
    await li.sees("Stopped.")
    assert sum([len(await texts_of(each, "bicycles")) for each in people]) < PEOPLE


# --- minds and places changed on the way


async def test_who_wants_it_no_more_gets_it_no_more(slow: Town) -> None:
    """Written down as a recipient, then off: what counts is the wish at sending."""
    people = await paused(slow)
    missing = [each for each in people if not await texts_of(each, "bicycles")]
    off, on = missing[-1], missing[0]
    await off.says("/alerts")
    await off.presses(await off.sees("Press what you want to change."), "subscriptions:turn")
    await off.sees("not even in danger")
    li = officer(slow, "li")
    await li.presses(await li.sees(button("bulletins:resume:1")), "resume")
    await li.sees("Everybody has it.")
    await on.sees("bicycles")
    await li.sees("Did not want it any more: 1")
    assert await texts_of(off, "bicycles") == []


async def test_who_moved_away_meanwhile_does_not_get_it(slow: Town) -> None:
    """A notice for Riverside is not for somebody who lives on the hillside by now."""
    people = await crowd(slow, PEOPLE)
    li, sun = officer(slow, "li"), officer(slow, "sun")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:audience:1")), "audience")
    await li.presses(await li.sees(button("audience:1:area:riverside")), "area:riverside")
    await li.presses(await li.sees(button("✔ Riverside")), "draft")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send:1")), "send")
    await slow.until(lambda: somebody_has_it(people), "the first delivery")
    await li.presses(await li.sees(button("bulletins:pause:1")), "pause")
    await li.sees("Paused.")
    moved = [each for each in people if not await texts_of(each, "bicycles")][-1]
    await moved.says("/start a-hillside")
    await moved.sees("Hillside")
    await moved.forges(1, "registration:move:hillside")
    await moved.says("/me")
    await moved.sees("Wang")
    await li.presses(await li.sees(button("bulletins:resume:1")), "resume")
    await li.sees("Did not want it any more: 1")
    assert await texts_of(moved, "bicycles") == []


# --- hours


async def test_at_night_a_notice_is_silent_and_danger_rings(station: Town) -> None:
    """At 23:00 at the station, for somebody who never chose anything."""
    ana = await registered(station, 101, "Ana")
    night = next_weekly("Fri 23:00", SHANGHAI, after=station.clock.now())
    seconds = (night - station.clock.now()).total_seconds()
    await station.control("clock", shift_seconds=seconds)
    await published(station, "alert", "A storm comes")
    li, sun = officer(station, "li"), officer(station, "sun")
    number = await written(li, "alert", "Gas! Leave your homes")
    for severity in ("warning", "danger"):
        await li.presses(await li.sees(button(f"severity:{number}")), "severity")
        await li.sees(button(f"Severity: {severity}"))
    await approved(li, sun, number)
    await li.presses(await li.sees(button(f"send:{number}")), "send")
    assert (await ana.sees("A storm comes"))["silent"]
    assert not (await ana.sees("Gas!"))["silent"]


async def test_a_fourth_notice_that_is_over_by_friday_is_not_sent_any_more(house: Town) -> None:
    """It waits for the weekly issue, unless it has expired by then."""
    async with house.bot():
        ana, li, sun = await registered(house, 101, "Ana"), officer(house, "li"), None
        await is_scheduled(house)
        await comes(house)
        sun = officer(house, "sun")
        await sun.sees("Nothing went out.")
        for place in range(1, 4):
            await published(house, "alert", f"Alert no. {place}")
        number = await written(li, "alert", "Alert no. 4")
        await li.presses(await li.sees(button(f"expiry:{number}")), "expiry")
        await li.sees("Good until")
        await approved(li, sun, number)
        await li.presses(await li.sees(button(f"send:{number}")), "send")
        await li.sees(lambda each: f"report:{number}" in str(each["buttons"]))
        await approved(li, sun, await written(li))
        await comes(house)
        await ana.sees("bicycles")
        await li.sees(lambda each: "bulletins:report:5" in str(each["buttons"]))
        assert len(await texts_of(ana, "Alert no.")) == 3


# --- lost roles, empty issues


async def test_what_was_approved_goes_out_though_its_author_has_left(
    house: Town, tmp_path: Path
) -> None:
    """Two people have read it: the station publishes it at its hour, and whoever left hears
    nothing more and can do nothing more with it."""
    async with house.bot():
        ana = await registered(house, 101, "Ana")
        li, sun = officer(house, "li"), officer(house, "sun")
        await approved(li, sun, await written(li))
        ready = await li.sees(button("bulletins:send:1"))
        roster = scheduled(tmp_path)
        text = roster.read_text(encoding="utf-8")
        roster.write_text(text.replace('code = "li"', 'code = "lu"'), encoding="utf-8")
        await in_force(house, roster)
        for action in ("send", "change"):
            await li.forges(ready["message_id"], f"bulletins:{action}:1")
        await house.until(lambda: told(house, "not for you"), "the former author is refused")
        got = len(await li.got())
        await comes(house)
        await ana.sees("bicycles")
        assert not any("Going out" in each["text"] for each in (await li.got())[got:])


async def test_an_issue_for_nobody_says_that_it_reached_nobody(house: Town) -> None:
    """Approved for people who are not there: the figures at the hour are honest."""
    async with house.bot():
        ana = await registered(house, 101, "Ana")
        li, sun = officer(house, "li"), officer(house, "sun")
        await written(li)
        await li.presses(await li.sees(button("bulletins:audience:1")), "audience")
        await li.presses(await li.sees(button("audience:1:area:market")), "area:market")
        await li.presses(await li.sees(button("✔ Market")), "draft")
        await approved(li, sun)
        await comes(house)
        await li.sees("Nobody was there to get it.")
        assert await texts_of(ana, "bicycles") == []


async def test_a_long_text_with_a_picture_is_two_messages(station: Town) -> None:
    """A caption holds 1024 characters: the picture goes alone, the text follows whole."""
    ana = await registered(station, 101, "Ana")
    li, sun = officer(station, "li"), officer(station, "sun")
    text = "<b>&" * 800
    await written(li, "tips", text)
    await li.presses(await li.sees(button("bulletins:pictures")), "pictures")
    prompt = await li.sees("up to 10 pictures")
    await li.sends(photo=True, reply_to_message_id=prompt["message_id"])
    await li.presses(await li.sees("Pictures: 1"), "draft")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send:1")), "send")
    assert text in (await ana.sees("<b>&"))["text"]
    (picture,) = [each for each in await ana.got() if each["kind"] == "photo"]
    assert not picture["text"]


async def test_a_template_filled_too_full_is_asked_for_again(station: Town) -> None:
    """What stands in the holes counts too: Telegram would refuse the whole in every chat."""
    li = officer(station, "li")
    await li.says("/bulletin")
    await li.presses(await li.sees(button("kind:alert")), "kind:alert")
    await li.presses(await li.sees(button("template:1:burglary")), "template:1:burglary")
    prompt = await li.sees("one line for each")
    await li.says(f"{'x' * 3600}\nlast night", reply_to_message_id=prompt["message_id"])
    await li.sees("3500 fit.")
    await li.says("Riverside\nlast night", reply_to_message_id=prompt["message_id"])
    await li.sees(button("bulletins:submit:1"))


async def test_a_roster_that_wants_a_second_person_by_now_holds_back_what_none_has_read(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Handed in while the room was trusted; by its hour it is not, and it does not go out."""
    async with town(sqlite_url) as here:
        roster = scheduled(tmp_path)
        strict = roster.read_text(encoding="utf-8")
        roster.write_text(trusting(roster), encoding="utf-8")
        await on_file(sqlite_url, roster, here.clock)
        await on_duty(here)
        async with here.bot():
            ana = await registered(here, 101, "Ana")
            await is_scheduled(here)
            li = officer(here, "li")
            await written(li)
            await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
            ready = await li.sees("Your notice 1 is ready.")
            roster.write_text(strict, encoding="utf-8")
            await in_force(here, roster)
            await li.presses(ready, "bulletins:send:1")
            await here.until(lambda: told(here, "A second person must"), "not now either")
            await comes(here)
            await officer(here, "sun").sees("Nothing went out.")
            assert await texts_of(ana, "bicycles") == []


async def test_a_notice_is_for_the_authors_own_room_until_somebody_says_otherwise(
    sqlite_url: str, tmp_path: Path
) -> None:
    """What concerns one room's people does not reach the other's for want of a tick."""
    async with town(sqlite_url) as here:
        roster = five_areas(tmp_path)
        roster.write_text(two_rooms(roster), encoding="utf-8")
        await on_file(sqlite_url, roster, here.clock)
        await on_duty(here)
        async with here.bot():
            ana = await registered(here, 101, "Ana")
            bob = here.person(102, "Bob")
            await bob.says("/start a-hillside")
            await bob.sees("Hillside")
            await published(here, "tips")
            await ana.sees("bicycles")
            assert await texts_of(bob, "bicycles") == []


async def test_a_trusted_room_needs_a_second_person_for_other_rooms_people(
    sqlite_url: str, tmp_path: Path
) -> None:
    """The roster lifts it for a room's own people; for everybody somebody reads it first."""
    async with town(sqlite_url) as here:
        roster = five_areas(tmp_path)
        roster.write_text(two_rooms(roster), encoding="utf-8")
        roster.write_text(trusting(roster), encoding="utf-8")
        await on_file(sqlite_url, roster, here.clock)
        await on_duty(here)
        async with here.bot():
            li, sun = officer(here, "li"), officer(here, "sun")
            await written(li, "tips")
            await li.presses(await li.sees(button("bulletins:audience:1")), "audience:1")
            await li.presses(await li.sees(button("area:hillside")), "area:hillside")
            await li.presses(await li.sees(button("✔ Hillside")), "draft:1")
            await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
            await sun.sees(button("bulletins:approve:1"))
            await written(li, "tips")
            await li.presses(await li.sees(button("bulletins:submit:2")), "submit")
            await li.sees("Your notice 2 is ready.")
