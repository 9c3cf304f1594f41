"""A correction finds a changed town: who came, who left, who came back since the first text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from handlers.bulletins.delivering import NEWS_FOR
from tests.front_door import Person, Town, town
from tests.publishing import button, corrected, published, sent, texts_of
from tests.stations import five_areas, officer, on_duty, on_file, registered

#: Deliveries a second: a restart comes between the first and the last.
SLOW = 4.0
RIGHT = "Two scooters, not three"


@pytest.fixture
async def slow(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station on either engine, its bot not running yet, whose notices go out four a second."""
    async with town(database_url, bulk_per_second=SLOW) as here:
        await on_file(database_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        yield here


async def turns(person: Person, *, is_on: bool) -> None:
    """All notices off, or on again."""
    await person.says("/alerts")
    words = "Turn notices on" if is_on else "No notices at all"
    await person.presses(await person.sees(lambda each: words in str(each["buttons"])), "turn")
    await person.sees("Press what you want to change." if is_on else "not even in danger")


async def notices(person: Person) -> list[dict[str, Any]]:
    """What stands in this chat of the notice, with what stood there before."""
    return [each for each in await person.got() if "bulletins:read" in str(each["buttons"])]


async def has_only_the_right_text(person: Person) -> None:
    """One message, which never said anything else."""
    (notice,) = await notices(person)
    assert RIGHT in notice["text"], person.name
    assert not notice["edits"]


async def was_changed(person: Person, before: dict[str, Any]) -> None:
    """The message of before is the only one, and has the right text now."""
    (notice,) = await notices(person)
    assert notice["message_id"] == before["message_id"]
    assert RIGHT in notice["text"], person.name


def said(*words: str) -> Callable[[dict[str, Any]], bool]:
    """A message with all of these words."""
    return lambda each: all(part in each["text"] for part in words)


async def test_whoever_came_between_gets_only_the_corrected_text_once(slow: Town) -> None:
    """New residents, also with lower numbers than all before, and who turned notices on; who turned
    them off, moved away or blocked the bot gets no other copy, but the change of the one there
    is. The process ends in the middle of it."""
    li = officer(slow, "li")
    async with slow.bot():
        ana, bob = await registered(slow, 201, "Ana"), await registered(slow, 202, "Bob")
        cleo, dan = await registered(slow, 203, "Cleo"), await registered(slow, 204, "Dan")
        eve = await registered(slow, 205, "Eve")
        await turns(eve, is_on=False)
        await published(slow)
        before = [await each.sees("bicycles") for each in (ana, bob, cleo, dan)]
        await turns(bob, is_on=False)
        await cleo.blocks()
        await registered(slow, 204, "Dan", area="hillside")
        new = [await registered(slow, number, "Fay") for number in (101, 102, 301, 302)]
        await turns(eve, is_on=True)
        await corrected(slow, RIGHT)
        await ana.sees(RIGHT)
    assert not await texts_of(new[-1], RIGHT), "it ended in the middle"
    async with slow.bot():
        await li.sees(said("Everybody has it.", "Delivered: 9 of 9"))
    for person, notice in zip((ana, bob, dan), (before[0], before[1], before[3]), strict=True):
        await was_changed(person, notice)
    assert [each["message_id"] for each in await notices(cleo)] == [before[2]["message_id"]]
    for person in (*new, eve):
        await has_only_the_right_text(person)


async def test_whoever_left_and_came_back_has_it_once(slow: Town) -> None:
    """Passed over when the turn came, back before the correction: the corrected text alone. Who
    blocked the bot and is back sees the own copy change."""
    li = officer(slow, "li")
    async with slow.bot():
        ana, bob = await registered(slow, 201, "Ana"), await registered(slow, 202, "Bob")
        cleo, dan = await registered(slow, 203, "Cleo"), await registered(slow, 204, "Dan")
        await sent(slow)
        await ana.sees("bicycles")
        await li.presses(await li.sees(button("bulletins:pause:1")), "pause")
        await turns(dan, is_on=False)
        await li.presses(await li.sees(button("bulletins:resume:1")), "resume")
        await li.sees(said("Everybody has it.", "Delivered: 3 of 4", "Did not want it any more: 1"))
        before = [await each.sees("bicycles") for each in (ana, bob, cleo)]
        await turns(dan, is_on=True)
        await bob.blocks()
        await bob.blocks(False)
        await corrected(slow, RIGHT)
        await li.sees(said("Everybody has it.", "Delivered: 4 of 4"))
        for person, notice in zip((ana, bob, cleo), before, strict=True):
            await was_changed(person, notice)
        await has_only_the_right_text(dan)


async def test_a_notice_of_last_week_is_no_news(station: Town) -> None:
    """Corrected after a week it changes where it stands; whoever came since finds it in the
    archive."""
    ana = await registered(station, 101, "Ana")
    await published(station)
    before = await ana.sees("bicycles")
    await station.control("clock", shift_seconds=NEWS_FOR.total_seconds())
    fay = await registered(station, 102, "Fay")
    await corrected(station, RIGHT)
    await officer(station, "li").sees(said("Everybody has it.", "Delivered: 1 of 1"))
    await ana.sees(RIGHT)
    await was_changed(ana, before)
    assert not await notices(fay)
    await fay.says("/bulletins")
    await fay.presses(await fay.sees(button("bulletins:open:1")), "open:1")
    await fay.sees(RIGHT)
