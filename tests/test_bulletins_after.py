"""After a notice went out: corrected, taken back, settled; held and continued; whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from tests.front_door import Person, Town, town
from tests.publishing import (
    TEXT,
    approved,
    are_answered,
    button,
    corrected,
    corrects,
    crowd,
    in_force,
    newest,
    published,
    sees_new,
    sent,
    texts_of,
    told,
    written,
)
from tests.stations import five_areas, officer, on_duty, on_file, registered

#: Deliveries a second in `slow`: the second one comes after the first has been seen.
SLOW = 4.0
PEOPLE = 6


@pytest.fixture
async def slow(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station, its bot not running yet, whose notices go out four a second."""
    async with town(sqlite_url, bulk_per_second=SLOW) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        yield here


async def somebody_has_it(people: list[Person]) -> bool:
    return any([await texts_of(each, "bicycles") for each in people])


async def begun(here: Town) -> tuple[list[Person], int]:
    """A notice is on its way: somebody has it, most have not."""
    people = await crowd(here, PEOPLE)
    number = await sent(here)
    await here.until(lambda: somebody_has_it(people), "the first delivery")
    return people, number


async def holders(people: list[Person], words: str = "bicycles") -> list[int]:
    """How often each has it."""
    return [len(await texts_of(each, words)) for each in people]


# --- correct


async def test_a_wrong_text_changes_where_it_stands(station: Town) -> None:
    """In the same message, after a second person's yes; nobody gets a second one."""
    ana = await registered(station, 101, "Ana")
    await published(station)
    before = await ana.sees("bicycles")
    await corrected(station, "Two scooters, not three")
    after = await ana.sees("Two scooters")
    assert after["message_id"] == before["message_id"]
    assert "Corrected." in after["text"]
    assert await texts_of(ana, "bicycles") == []
    await officer(station, "li").sees("Everybody has it.")
    await ana.says("/bulletins")
    await ana.presses(await ana.sees(button("bulletins:open:1")), "open:1")
    await ana.sees("Two scooters", count=2)


async def test_a_correction_needs_a_second_person_too(station: Town) -> None:
    """The corrector's own yes, and a yes to other words than stand there now, change nothing."""
    ana = await registered(station, 101, "Ana")
    steering = await published(station)
    li, sun = officer(station, "li"), officer(station, "sun")
    for count, text in enumerate(("One", "Two"), start=1):
        await li.forges(steering["message_id"], "bulletins:retext:1:zh")
        prompt = await li.sees("language: 中文", count=count + 1)
        await li.says(text, reply_to_message_id=prompt["message_id"])
        await li.presses(await li.sees(button("hand_in"), count=1), "hand_in")
        await sun.sees(button("bulletins:accept:1"), count=count)
    old, new = [each for each in await sun.got() if "bulletins:accept:1" in str(each["buttons"])]
    answered = len(await station.calls("answerCallbackQuery"))
    await sun.presses(old, "accept")
    await li.forges(steering["message_id"], new["buttons"][0][0]["callback_data"])
    await station.until(lambda: are_answered(station, answered + 2), "both are answered")
    assert await told(station, "not the author")
    assert await texts_of(ana, "bicycles")
    await sun.presses(new, "accept")
    await ana.sees("Two")


async def test_whoever_corrects_hears_what_became_of_it(station: Town) -> None:
    """Sent back, the old text stays and the corrector reads so; approved, the corrector reads that
    every chat gets it. The second person reads which notice is corrected."""
    ana = await registered(station, 101, "Ana")
    await published(station)
    li, sun = officer(station, "li"), officer(station, "sun")
    await corrects(li, "A worse text")
    asked = await sun.sees(button("bulletins:refuse:1"))
    await sun.sees("corrects notice 1, which people have.")
    await sun.presses(asked, "refuse")
    await li.sees("sends your correction of notice 1 back. The old text stays.")
    await sun.forges(asked["message_id"], asked["buttons"][0][0]["callback_data"])
    await station.until(lambda: told(station, "This has moved on."), "it is decided")
    assert await texts_of(ana, "worse") == []
    await corrects(li, "A better text")
    again = await sees_new(sun, "bulletins:accept:1", asked["message_id"])
    await sun.presses(again, "accept")
    await li.sees("has approved your correction of notice 1.")
    await ana.sees("A better text")


async def test_a_notice_changed_while_it_goes_out_is_right_for_everybody(slow: Town) -> None:
    """Who has the old text sees it change; the others get only the new one, once."""
    async with slow.bot():
        people, _number = await begun(slow)
        await corrected(slow, "Two scooters")
        for person in people:
            await person.sees("Two scooters")
        await officer(slow, "li").sees("Everybody has it.")
        assert await holders(people) == [0] * PEOPLE
        assert await holders(people, "Two scooters") == [1] * PEOPLE


async def test_who_cannot_be_reached_any_more_does_not_keep_a_correction_open(
    station: Town,
) -> None:
    """Whoever blocked the bot keeps the old text, and the author sees an end."""
    ana, bob = await registered(station, 101, "Ana"), await registered(station, 102, "Bob")
    await published(station)
    await bob.blocks()
    await corrected(station, "Two scooters")
    await ana.sees("Two scooters")
    await officer(station, "li").sees("Everybody has it.")


# --- take back


async def taken_back(here: Town) -> None:
    li = officer(here, "li")
    await li.presses(await li.sees(button("bulletins:recall:1")), "recall")
    await li.presses(await li.sees(button("bulletins:recalled:1")), "recalled")
    await li.sees(lambda each: "Recalled." in each["text"] and "Read:" in each["text"])


async def test_a_notice_is_taken_out_of_every_chat(station: Town) -> None:
    """Asked once more, then the message is gone; the archive forgets it."""
    ana = await registered(station, 101, "Ana")
    await published(station)
    await ana.sees("bicycles")
    await taken_back(station)
    await station.until(lambda: is_gone(ana), "the notice is gone")
    await ana.says("/bulletins")
    await ana.sees("There is no notice yet.")


async def is_gone(person: Person) -> bool:
    return not await texts_of(person, "bicycles")


async def test_what_cannot_be_deleted_any_more_says_that_it_was_taken_back(station: Town) -> None:
    """After two days Telegram deletes nothing: the text is replaced."""
    ana = await registered(station, 101, "Ana")
    await published(station)
    notice = await ana.sees("bicycles")
    await station.control("clock", shift_seconds=3 * 86_400)
    await taken_back(station)
    replaced = await ana.sees("This notice was taken back.")
    assert replaced["message_id"] == notice["message_id"]
    assert not replaced["buttons"]


async def test_pictures_are_taken_back_too(station: Town) -> None:
    """A wrong face must not stay in a thousand chats."""
    ana = await registered(station, 101, "Ana")
    await with_pictures(station)
    await ana.sees("bicycles")
    assert len([each for each in await ana.got() if each["kind"] == "photo"]) == 2
    await taken_back(station)
    await station.until(lambda: is_gone(ana), "the notice is gone")
    await station.until(lambda: has_no_picture(ana), "the pictures are gone")


async def test_pictures_that_cannot_be_deleted_any_more_are_replaced(station: Town) -> None:
    """After two days a grey square stands in the place of each, whatever was forgotten since."""
    ana = await registered(station, 101, "Ana")
    await with_pictures(station)
    before = [each for each in await ana.got() if each["kind"] == "photo"]
    await station.control("clock", shift_seconds=3 * 86_400)
    await station.until(lambda: is_forgotten(station), "promises of three days ago are forgotten")
    await taken_back(station)
    await ana.sees("This notice was taken back.")
    await station.until(lambda: are_replaced(ana, before), "other pictures stand there")


async def is_forgotten(here: Town) -> bool:
    async with aiosqlite.connect(here.database_url.removeprefix("sqlite:///")) as file:
        rows = await file.execute_fetchall(
            "SELECT 1 FROM outbox WHERE method = 'sendMediaGroup' OR method = 'sendPhoto'"
        )
    return not rows


async def are_replaced(person: Person, before: list[dict[str, Any]]) -> bool:
    now = {each["message_id"]: each for each in await person.got()}
    return all(
        now[each["message_id"]]["file"] != each["file"]
        and now[each["message_id"]]["text"] == "Taken back."
        for each in before
    )


async def with_pictures(here: Town) -> None:
    """A notice with two pictures went out to everybody."""
    li, sun = officer(here, "li"), officer(here, "sun")
    await written(li)
    await li.presses(await li.sees(button("bulletins:pictures")), "pictures")
    prompt = await li.sees("up to 10 pictures")
    for count in (1, 2):
        await li.sends(photo=True, reply_to_message_id=prompt["message_id"])
        await li.sees(f"Pictures: {count}")
    await li.presses(await li.sees("Pictures: 2"), "draft")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send")), "send")
    await li.sees("Everybody has it.")


async def has_no_picture(person: Person) -> bool:
    return not [each for each in await person.got() if each["kind"] == "photo"]


# --- settled


async def test_settled_reaches_exactly_those_who_had_the_first(station: Town) -> None:
    """Somebody who came later gets no end of a story without its beginning."""
    ana = await registered(station, 101, "Ana")
    await published(station, "alert")
    bob = await registered(station, 102, "Bob")
    li, sun = officer(station, "li"), officer(station, "sun")
    since = await newest(li)
    await li.presses(await li.sees(button("bulletins:solved:1")), "solved")
    prompt = await sees_new(li, "中文", since)
    await li.says("The bicycles are back", reply_to_message_id=prompt["message_id"])
    draft = await li.sees(button("bulletins:submit:2"))
    assert "For: whoever has notice 1" in draft["text"]
    assert "bulletins:audience" not in str(draft["buttons"])
    await approved(li, sun, 2)
    await li.presses(await li.sees(button("bulletins:send:2")), "send")
    settled = await ana.sees("The bicycles are back")
    assert "Settled: notice 1" in settled["text"]
    await li.sees(lambda each: "bulletins:report:2" in str(each["buttons"]))
    assert await texts_of(bob, "bicycles") == []


async def test_settled_does_not_reach_whoever_wants_no_notices_any_more(station: Town) -> None:
    """Off is off, also for the end of a story whose beginning came."""
    ana = await registered(station, 101, "Ana")
    bob = await registered(station, 102, "Bob")
    await published(station, "alert")
    await bob.sees("bicycles")
    await bob.says("/alerts")
    await bob.presses(await bob.sees(button("subscriptions:turn")), "subscriptions:turn")
    await bob.sees("No safety notice comes here")
    li, sun = officer(station, "li"), officer(station, "sun")
    since = await newest(li)
    await li.presses(await li.sees(button("bulletins:solved:1")), "solved")
    prompt = await sees_new(li, "中文", since)
    await li.says("The scooters are back", reply_to_message_id=prompt["message_id"])
    await approved(li, sun, 2)
    await li.presses(await li.sees(button("bulletins:send:2")), "send")
    await ana.sees("The scooters are back")
    await li.sees(lambda each: "bulletins:report:2" in str(each["buttons"]))
    assert await texts_of(bob, "scooters") == []


# --- hold, stop, continue


async def test_a_pause_holds_and_a_press_continues(slow: Town) -> None:
    """Nobody gets anything during a pause, and everybody has it once in the end."""
    async with slow.bot():
        people, _number = await begun(slow)
        li = officer(slow, "li")
        await li.presses(await li.sees(button("bulletins:pause:1")), "pause")
        await li.sees("Paused.")
        had = sum(await holders(people))
        assert had < PEOPLE
        await li.says("/bulletins")
        await li.sees("Notices so far")
        assert sum(await holders(people)) <= had + 1, "what was under way arrives"
        await li.presses(await li.sees(button("bulletins:resume:1")), "resume")
        await li.sees("Everybody has it.")
        assert await holders(people) == [1] * PEOPLE


async def test_a_stop_ends_it_where_it_is(slow: Town) -> None:
    """Whoever has it keeps it, nobody else gets it, and the figures add up."""
    async with slow.bot():
        people, _number = await begun(slow)
        li = officer(slow, "li")
        await li.presses(await li.sees(button("bulletins:stop:1")), "stop")
        await li.sees(lambda each: "Stopped." in each["text"] and "Read:" in each["text"])
        await li.presses(await li.sees(button("bulletins:report:1")), "report")
        had = sum(await holders(people))
        assert had < PEOPLE
        await li.sees(f"Delivered: {had} of {PEOPLE}")


async def test_a_restart_in_the_middle_continues_where_it_was(slow: Town) -> None:
    """Everybody has it exactly once, whoever was served before."""
    async with slow.bot():
        people, _number = await begun(slow)
    had = sum(await holders(people))
    assert 0 < had < PEOPLE
    async with slow.bot():
        await officer(slow, "li").sees("Everybody has it.")
    assert await holders(people) == [1] * PEOPLE


async def test_an_author_who_has_left_steers_nothing_and_a_supervisor_does(
    slow: Town, tmp_path: Path
) -> None:
    """The former author's button is refused; through the archive a supervisor can stop it."""
    async with slow.bot():
        people, _number = await begun(slow)
        li, sun = officer(slow, "li"), officer(slow, "sun")
        await li.presses(await li.sees(button("bulletins:pause:1")), "pause")
        steering = await li.sees(button("bulletins:resume:1"))
        roster = five_areas(tmp_path)
        text = roster.read_text(encoding="utf-8")
        roster.write_text(text.replace('code = "li"', 'code = "lu"'), encoding="utf-8")
        await asyncio.gather(in_force(slow, roster), sun.says("/bulletins"))
        await li.presses(steering, "resume")
        await slow.until(lambda: told(slow, "not for you"), "the press is refused")
        await sun.presses(await sun.sees(button("bulletins:open:1")), "open:1")
        await sun.presses(await sun.sees(button("bulletins:stop:1")), "stop")
        await sun.sees("Stopped.")
        assert sum(await holders(people, TEXT[:10])) < PEOPLE
