"""Officers: coming in by invitation, once; being away; and what they see."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from tests.front_door import Person, Town, town
from tests.stations import OFFICERS, five_areas, officer, on_file, registered

SEVEN_DAYS_SECONDS = 7 * 24 * 3600


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station where everybody is linked but Chen, who joins by invitation."""
    async with town(sqlite_url) as here:
        linked = frozenset(OFFICERS) - {"chen"}
        await on_file(sqlite_url, five_areas(tmp_path, linked=linked), here.clock)
        for code in linked:
            await officer(here, code).says("/start")
        yield here


@pytest.fixture
async def station(house: Town) -> AsyncIterator[Town]:
    """The same with a running bot."""
    async with house.bot():
        yield house


async def invitation(here: Town, code: str) -> str:
    """`beatline invite CODE`: what follows ?start= in the link."""
    said = await here.output("invite", code)
    found = re.search(r"\?start=(i-[A-Za-z0-9_-]+)", said)
    assert found, said
    return found[1]


async def joins(person: Person, code: str) -> None:
    """Open a fresh invitation of this officer and be let in."""
    await person.says(f"/start {await invitation(person.town, code)}")
    await person.sees("Welcome")


async def test_an_invitation_lets_one_person_in_once(station: Town) -> None:
    """The first who opens it is the officer; a second person is refused, the first may open it
    again and is simply welcome."""
    chen, thief = station.person(OFFICERS["chen"], "Chen"), station.person(666, "Thief")
    link = await invitation(station, "chen")
    await chen.says(f"/start {link}")
    await chen.sees("Welcome, Chen.")
    await thief.says(f"/start {link}")
    await thief.sees("This invitation is not valid")
    await chen.says(f"/start {link}")
    await chen.sees("Welcome, Chen.", count=2)
    ana = await registered(station, 101, "Ana", "market")
    await ana.says("For Chen only")
    await chen.sees("For Chen only")
    assert not [message for message in await thief.got() if "For Chen" in message["text"]]


async def test_an_invitation_is_worth_nothing_after_seven_days(station: Town) -> None:
    """By the clock, not by a run of a cleaning job."""
    chen = station.person(OFFICERS["chen"], "Chen")
    link = await invitation(station, "chen")
    await station.control("clock", shift_seconds=SEVEN_DAYS_SECONDS + 60)
    await chen.says(f"/start {link}")
    await chen.sees("This invitation is not valid")
    await chen.says("/away")
    await chen.sees("staff of the station only")


async def test_only_the_hash_of_an_invitation_is_on_file(station: Town, sqlite_url: str) -> None:
    """Who reads the database cannot join with what is in it."""
    secret = (await invitation(station, "chen")).removeprefix("i-")
    async with aiosqlite.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        dump = "\n".join([line async for line in connection.iterdump()])
    assert "chen" in dump
    assert secret not in dump


@pytest.mark.parametrize("parameter", ["i-", "i-x", "i-" + "A" * 62, "i-' OR 1=1 --"])
async def test_a_guessed_invitation_opens_nothing(station: Town, parameter: str) -> None:
    """A word, and the person stays a resident."""
    thief = station.person(666, "Thief")
    await thief.says(f"/start {parameter}")
    await thief.sees("This invitation is not valid")
    await thief.says("/back")
    await thief.sees("staff of the station only")


async def test_what_was_written_before_joining_waits_for_the_first_who_joins(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Nobody is linked at all; then somebody opens an invitation."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path, linked=frozenset()), here.clock)
        async with here.bot():
            ana = await registered(here, 101, "Ana", "market")
            await ana.says("Is anybody there?")
            await ana.sees("waits for the first")
            chen = here.person(OFFICERS["chen"], "Chen")
            await joins(chen, "chen")
            await chen.sees("Is anybody there?")
            await ana.sees("Officer Chen")


async def test_a_colleagues_invitation_cuts_nobody_off_and_stays_good(station: Town) -> None:
    """Opened by mistake by somebody who is here already, it waits for the right person."""
    wang, chen = officer(station, "wang"), station.person(OFFICERS["chen"], "Chen")
    link = await invitation(station, "chen")
    await wang.says(f"/start {link}")
    await wang.sees("This invitation is for somebody else. You are here as Wang.")
    ana = await registered(station, 101, "Ana", "hillside")
    await ana.says("For Wang")
    await wang.sees("For Wang")
    await chen.says(f"/start {link}")
    await chen.sees("Welcome, Chen.")


async def test_a_new_phone_takes_over_and_the_old_one_is_told(station: Town) -> None:
    """The same officer from another account: what comes next comes there, the old chat hears it,
    with the number to call if somebody else did it, and is a resident's chat again."""
    old, new = officer(station, "li"), station.person(901, "Li's new phone")
    ana = await registered(station, 101, "Ana")
    await ana.says("first")
    await old.sees("first")
    await joins(new, "li")
    await new.sees("first")
    told = await old.sees("You have joined from another account")
    assert "+86 10 5555 0110" in told["text"].splitlines()
    await ana.says("second")
    await new.sees("second")
    assert [message["text"] for message in await new.copies()] == ["first", "second"]
    await old.says("/away")
    await old.sees("staff of the station only")
    assert not [message for message in await old.copies() if message["text"] == "second"]


async def test_away_and_back(station: Town) -> None:
    """While away the deputy gets what residents write; afterwards the officer does again."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await li.says("/away")
    await li.sees("You are away")
    await ana.says("first")
    await wang.sees("first")
    await wang.presses(await wang.sees("C-1001"), "close")
    await ana.sees("has closed your request")
    await li.says("/back")
    await li.sees("You are back")
    await ana.says("second")
    await li.sees("second")


async def test_what_an_officer_sees_at_the_start(station: Town) -> None:
    """How to answer, no fixed buttons, and the staff's help."""
    li = officer(station, "li")
    start = await li.sees("come here as cards")
    assert "Only what you reply to is sent" in start["text"]
    chats: list[dict[str, Any]] = await station.get("chats")
    (own,) = (chat for chat in chats if chat["chat_id"] == li.chat_id)
    assert own["reply_keyboard"] is None
    await li.says("/help")
    await li.sees("/back – I answer again")


async def test_joining_on_a_new_phone_is_no_word_about_an_absence(station: Town) -> None:
    """Who is away stays away, reads so, and only /back ends it."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await li.says("/away")
    await li.sees("You are away")
    new = station.person(901, "Li's new phone")
    await joins(new, "li")
    await new.sees("You are away. /back when you are here again.")
    await ana.says("while away")
    await wang.sees("while away")
    await new.says("/back")
    await new.sees("You are back")


async def test_whoever_returns_to_the_roster_while_away_is_away(
    station: Town, tmp_path: Path
) -> None:
    """Taken off the roster by mistake and put back: the absence is on file and holds."""
    admin = officer(station, "admin")
    await admin.says("/away")
    await admin.sees("You are away")
    roster = five_areas(tmp_path)
    text = roster.read_text(encoding="utf-8")
    roster.write_text(text.partition('\n[[officer]]\ncode = "admin"')[0], encoding="utf-8")
    await station.imports(roster)
    roster.write_text(text, encoding="utf-8")
    await station.imports(roster)

    async def says_so() -> bool:
        await admin.says("/me")
        return any("You are away. /back" in each["text"] for each in await admin.got())

    await station.until(says_so, "the administrator is away")
