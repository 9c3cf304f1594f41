"""The same issue in the quarter's channel: once, corrected and taken back like everybody's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.roster.checking import check_roster
from bot.roster.exporting import roster_text
from bot.roster.faults import RosterError
from tests.front_door import Town, town
from tests.publishing import approved, button, corrected, published, written
from tests.stations import five_areas, officer, on_duty, on_file, registered

RIVERSIDE, HILLSIDE = -1001001, -1001002


def with_channels(folder: Path) -> Path:
    """Riverside has a group, hillside another one, the harbour shares Riverside's."""
    path = five_areas(folder)
    text = path.read_text(encoding="utf-8")
    for code, channel in (("riverside", RIVERSIDE), ("hillside", HILLSIDE), ("harbour", RIVERSIDE)):
        text = text.replace(
            f'[[area]]\ncode = "{code}"\n', f'[[area]]\ncode = "{code}"\nchannel = {channel}\n'
        )
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
async def here(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station whose areas have channels."""
    async with town(sqlite_url) as place:
        await on_file(sqlite_url, with_channels(tmp_path), place.clock)
        await on_duty(place)
        for channel in (RIVERSIDE, HILLSIDE):
            await place.control("group", chat_id=channel, title="Quarter", bot="administrator")
        async with place.bot():
            yield place


async def posts(place: Town, channel: int) -> list[dict[str, Any]]:
    return [each for each in await place.transcript(channel) if each["from_bot"]]


async def test_a_channel_gets_the_issue_once(here: Town) -> None:
    """Two areas that share a group are one post; nobody can press there, and questions go to the
    bot; the author sees how many channels it is for."""
    ana = await registered(here, 101, "Ana")
    li = officer(here, "li")
    await written(li)
    await li.presses(await li.sees(button("bulletins:audience:1")), "audience")
    await li.presses(await li.sees("1 person\nChannels and groups: 2"), "draft")
    await approved(li, officer(here, "sun"))
    await li.presses(await li.sees(button("bulletins:send:1")), "send")
    await ana.sees("bicycles")
    await li.sees("Everybody has it.")
    for channel in (RIVERSIDE, HILLSIDE):
        (post,) = await posts(here, channel)
        assert "bicycles" in post["text"]
        assert "@" in post["text"]
        assert not post["buttons"]


async def test_only_the_channels_of_its_areas_get_it(here: Town) -> None:
    """A notice for Riverside does not stand in the hillside's group; one for businesses in none."""
    await registered(here, 101, "Ana")
    li, sun = officer(here, "li"), officer(here, "sun")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:audience:1")), "audience")
    await li.presses(await li.sees(button("audience:1:area:riverside")), "area:riverside")
    await li.presses(await li.sees("Channels and groups: 1"), "1:business")
    await li.presses(await li.sees("0 people\nMessages to each"), "1:business")
    await li.presses(await li.sees("Channels and groups: 1"), "draft")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send:1")), "send")
    await li.sees("Everybody has it.")
    assert len(await posts(here, RIVERSIDE)) == 1
    assert await posts(here, HILLSIDE) == []


async def test_a_correction_and_a_recall_reach_the_channel(here: Town) -> None:
    """The post itself changes, and is gone in the end; a follow-up stands where the first did."""
    await published(here)
    (before,) = await posts(here, RIVERSIDE)
    await corrected(here, "Two scooters")
    await here.until(lambda: stands(here, "Two scooters"), "the post is corrected")
    (after,) = await posts(here, RIVERSIDE)
    assert after["message_id"] == before["message_id"]
    li, sun = officer(here, "li"), officer(here, "sun")
    await li.presses(await li.sees(button("bulletins:solved:1")), "solved")
    prompt = await li.sees("language: 中文", count=3)
    await li.says("All is well", reply_to_message_id=prompt["message_id"])
    await approved(li, sun, 2)
    await li.presses(await li.sees(button("bulletins:send:2")), "send")
    await here.until(lambda: stands(here, "All is well"), "the follow-up is posted")
    await li.presses(await li.sees(button("bulletins:recall:1")), "recall")
    await li.presses(await li.sees(button("bulletins:recalled:1")), "recalled")
    await here.until(lambda: are_posted(here, 1), "the post is gone")


async def stands(place: Town, words: str) -> bool:
    return any(words in each["text"] for each in await posts(place, RIVERSIDE))


async def are_posted(place: Town, count: int) -> bool:
    return len(await posts(place, RIVERSIDE)) == count


async def test_a_channel_that_takes_nothing_is_said_and_holds_nobody_up(here: Town) -> None:
    """Whoever put the bot out finds no posts; the author knows, the people have theirs, and when
    the bot is back the next issue is posted."""
    ana = await registered(here, 101, "Ana")
    await here.control("group", chat_id=RIVERSIDE, bot="kicked")
    await published(here)
    li = officer(here, "li")
    told = await li.sees("did not take notice 1.")
    assert "Riverside, Harbour" in told["text"]
    await ana.sees("bicycles")
    await li.sees("Cannot be reached: 1")
    await here.control("group", chat_id=RIVERSIDE, bot="administrator")
    await published(here, "tips", "Lock your door")
    await here.until(lambda: stands(here, "Lock your door"), "it is posted again")


def test_channels_stand_in_the_roster(tmp_path: Path) -> None:
    """Read, written out, and read again they are the same; a person's number is none."""
    roster = check_roster(with_channels(tmp_path))
    written_out = tmp_path / "out.toml"
    written_out.write_text(roster_text(roster), encoding="utf-8")
    again = check_roster(written_out)
    assert [each.channel for each in again.areas] == [RIVERSIDE, HILLSIDE, None, RIVERSIDE, None]
    text = written_out.read_text(encoding="utf-8")
    written_out.write_text(text.replace(f"channel = {HILLSIDE}", "channel = 5"), encoding="utf-8")
    with pytest.raises(RosterError) as failure:
        check_roster(written_out)
    assert "a minus and digits" in str(failure.value)
