"""Outside the hours: no phone rings, nothing is lost, and the resident knows how things stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from tests.front_door import Person, Town, town
from tests.publishing import published
from tests.stations import (
    OFFICERS,
    at_work,
    everybody_came,
    five_areas,
    officer,
    on_duty,
    on_file,
    registered,
)
from tests.test_rooms import at

#: A Monday night without a holiday near; the room opens at 09:00.
NIGHT, MORNING = "2026-12-07 22:00", "2026-12-08 09:00"


@pytest.fixture
async def quiet(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station as the roster has it by default: phones stay silent outside the hours."""
    async with at_work(sqlite_url, five_areas(tmp_path, is_quiet=True)) as here:
        await everybody_came(here)
        yield here


@pytest.fixture
async def night(quiet: Town) -> Town:
    """The station at night, everybody gone home; Ana and Bob live in Riverside."""
    for chat_id, name in ((101, "Ana"), (102, "Bob")):
        await registered(quiet, chat_id, name)
    await at(quiet, NIGHT)
    return quiet


def ana_of(here: Town) -> Person:
    return here.person(101, "Ana")


async def rows(here: Town, sql: str) -> list[tuple[Any, ...]]:
    async with aiosqlite.connect(here.database_url.removeprefix("sqlite:///")) as file:
        return [tuple(row) for row in await file.execute_fetchall(sql)]


async def test_at_night_the_desk_reads_which_notice_a_reply_is_about(quiet: Town) -> None:
    """A reply to a notice names it, whoever sees it first."""
    ana, zhao = await registered(quiet, 101, "Ana"), officer(quiet, "zhao")
    await published(quiet)
    notice = await ana.sees("bicycles")
    await at(quiet, NIGHT)
    await ana.says("Where was that?", reply_to_message_id=notice["message_id"])
    assert (await zhao.sees("Where was that?"))["text"] == "📢 About notice 1\nWhere was that?"


async def test_at_night_the_officers_phone_is_silent_and_the_desk_sees_it(night: Town) -> None:
    """The officer gets nothing; the desk the words; the resident is told once: not read yet, when
    the room opens, by when, and the buttons in their order."""
    ana, li, zhao = ana_of(night), officer(night, "li"), officer(night, "zhao")
    before = len(await li.got())
    await ana.says("my bicycle is gone")
    await zhao.sees("my bicycle is gone")
    told = await ana.sees("Kept, not read yet.")
    assert "It opens Tue, Dec 8 09:00. Your officer reads it by Tue, Dec 8 10:00." in told["text"]
    assert "The duty desk sees it now" in told["text"]
    data = [button["callback_data"] for row in told["buttons"] for button in row]
    assert data[0] == "emergencies:show"
    assert data[-1] == "rooms:show"
    await ana.says("it was blue")
    await zhao.sees("it was blue")
    assert len(await li.got()) == before
    notices = [each for each in await ana.got() if "not read yet" in each["text"].lower()]
    assert len(notices) == 2, "the receipt and one notice"
    assert [row[0] for row in await rows(night, "SELECT owner FROM cases")] == ["li"]
    await ana.presses(told, "emergencies:show")
    await ana.sees("Nobody is coming unless you call.")


async def test_at_the_opening_comes_one_digest_oldest_first_and_then_everything(
    night: Town,
) -> None:
    """Two residents, four messages, one of them changed: one digest that rings, in the order in
    which they wrote, and each message once, in its newest version."""
    ana, bob, li = ana_of(night), night.person(102, "Bob"), officer(night, "li")
    zhao = officer(night, "zhao")
    first = await bob.says("from Bob")
    await zhao.sees("from Bob")
    await ana.says("from Ana")
    await zhao.sees("from Ana")
    await bob.says("more from Bob")
    await zhao.sees("more from Bob")
    await bob.edits(first, text="from Bob, changed")
    await zhao.sees("from Bob, changed")
    await at(night, MORNING)
    digest = await li.sees("2 requests waited for you.")
    lines = digest["text"].splitlines()[1:]
    assert ["Bob" in lines[0], "Ana" in lines[1]] == [True, True]
    assert not digest["silent"]
    await li.sees("from Ana")
    await li.sees("more from Bob")
    copies = [each["text"].split("\n")[-1] for each in await li.copies()]
    assert copies == ["from Bob, changed", "more from Bob", "from Ana"]
    await bob.sees("Sent to the officer's phone")
    assert await rows(night, "SELECT * FROM waiting") == []
    await night.control("clock", shift_seconds=5)
    await ana.says("good morning")
    await li.sees("good morning")
    assert len([each for each in await li.got() if "waited for you" in each["text"]]) == 1


async def test_the_desks_first_answer_takes_the_request(night: Town) -> None:
    """Whoever answers has it; in the morning the officer is not asked for what is settled."""
    ana, li, zhao = ana_of(night), officer(night, "li"), officer(night, "zhao")
    await ana.says("the door is broken")
    shown = await zhao.sees("the door is broken")
    await zhao.says("Use the other one", reply_to_message_id=shown["message_id"])
    await ana.sees("Use the other one")
    receipt = await ana.sees("Answered.")
    assert "Duty desk: Zhao" in receipt["text"]
    await at(night, MORNING)
    await ana.says("thank you")
    await zhao.sees("thank you")
    assert not [each for each in await li.got() if "waited" in each["text"]]


async def test_a_live_talk_is_not_broken_off_by_closing_time(quiet: Town) -> None:
    """The officer answered a few minutes ago: what follows goes through at once, with no notice."""
    ana, li = await registered(quiet, 101, "Ana"), officer(quiet, "li")
    await at(quiet, "2026-12-07 17:50")
    await ana.says("are you there?")
    copy = await li.sees("are you there?")
    await li.says("yes", reply_to_message_id=copy["message_id"])
    await ana.sees("Answered.")
    await quiet.control("clock", shift_seconds=15 * 60)
    await ana.says("when do you close?")
    await li.sees("when do you close?")
    assert not [each for each in await ana.got() if "not read yet" in each["text"].lower()
                and "🌙" in each["text"]]  # fmt: skip
    await quiet.control("clock", shift_seconds=60 * 60)
    await ana.says("never mind")
    await officer(quiet, "zhao").sees("never mind")
    await ana.sees("🌙")


async def test_who_says_to_be_there_gets_what_waits_at_once(night: Town) -> None:
    """An officer who comes in at night and says so has everything; one who says to be out has
    nothing of it."""
    ana, li = ana_of(night), officer(night, "li")
    await ana.says("is anybody there?")
    await officer(night, "zhao").sees("is anybody there?")
    await li.says("/here")
    panel = await li.sees(lambda each: "presences:where" in str(each["buttons"]))
    await li.presses(panel, "presences:where:r:east")
    await li.presses(await li.sees("until when?"), "presences:say")
    await li.sees("is anybody there?")
    await li.says("/here")
    panel = await li.sees(lambda each: "presences:where" in str(each["buttons"]))
    await li.presses(panel, "presences:where:a:")
    await li.presses(await li.sees("until when?"), "presences:say:a")
    await li.sees("Residents see: ⏸ Out for now")
    await ana.says("good night")
    await officer(night, "zhao").sees("good night")
    assert "good night" not in [each["text"] for each in await li.copies()]


async def test_an_emergency_waits_for_nothing(night: Town) -> None:
    """A cry at night is on the officer's phone and at the desk, with a sound, at once."""
    ana, li = ana_of(night), officer(night, "li")
    await ana.says("help me, he has a knife")
    copy = await li.sees("he has a knife")
    assert not copy["silent"]
    await officer(night, "zhao").sees("writes of a danger")
    await ana.sees("Nobody is coming unless you call.")


@pytest.mark.parametrize("how", ["not on Telegram", "never here", "blocked"])
async def test_when_nobody_watches_the_officer_gets_it_without_a_sound(
    sqlite_url: str, tmp_path: Path, how: str
) -> None:
    """Better a silent phone than a drawer: nobody else can be reached, so it lies on the officer's
    phone and the resident is told so."""
    linked = frozenset({"li"}) if how == "not on Telegram" else frozenset({"li", "zhao", "sun"})
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path, linked=linked, is_quiet=True), here.clock)
        if how == "never here":  # linked by the roster, and nobody has ever opened the bot
            await officer(here, "li").says("/start")
        else:
            await on_duty(here)
        async with here.bot():
            ana = await registered(here, 101, "Ana")
            await everybody_came(here, *(("li", "zhao", "sun") if how == "blocked" else ("li",)))
            await at(here, NIGHT)
            if how == "blocked":
                for code in ("zhao", "sun"):
                    await here.control("block", user_id=OFFICERS[code], deactivated=True)
            await ana.says("my bicycle is gone")
            copy = await officer(here, "li").sees("my bicycle is gone")
            assert copy["silent"]
            await ana.sees("🌙")
            if how != "blocked":
                await ana.sees("makes no sound now")


async def test_the_room_that_closes_today_keeps_what_waits_for_the_next_opening(
    night: Town,
) -> None:
    """Closed the next day by one tap: the digest comes with the opening after it."""
    ana, sun, li = ana_of(night), officer(night, "sun"), officer(night, "li")
    await ana.says("my bicycle is gone")
    await officer(night, "zhao").sees("my bicycle is gone")
    await sun.says("/here")
    panel = await sun.sees("Where are you now?")
    await sun.forges(panel["message_id"], "rooms:say:east:next:2026-12-07")
    await sun.sees(lambda each: "rooms:say" in str(each["buttons"]))
    await at(night, "2026-12-08 12:00")
    bob = night.person(102, "Bob")
    await bob.says("anybody?")
    await officer(night, "zhao").sees("anybody?")
    assert not [each for each in await li.got() if "waited" in each["text"]]
    await at(night, "2026-12-09 09:00")
    await li.sees("2 requests waited for you.")


async def test_a_restart_at_night_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """Stopped over the opening: the digest comes once, when the bot runs again."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path, is_quiet=True), here.clock)
        await on_duty(here)
        async with here.bot():
            ana = await registered(here, 101, "Ana")
            await everybody_came(here)
            await at(here, NIGHT)
            await ana.says("my bicycle is gone")
            await officer(here, "zhao").sees("my bicycle is gone")
        await at(here, "2026-12-08 11:00")
        li = officer(here, "li")
        for _ in range(2):
            async with here.bot():
                await li.sees("1 request waited for you.")
                await li.sees("my bicycle is gone")
        assert len([each for each in await li.got() if "waited" in each["text"]]) == 1
        assert len(await li.copies()) == 1


async def test_where_the_roster_says_so_a_message_goes_through_at_any_hour(
    station: Town,
) -> None:
    """``quiet_when_closed = false``: officers who want to hear everything do."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await at(station, NIGHT)
    await ana.says("my bicycle is gone")
    await li.sees("my bicycle is gone")
    assert not [each for each in await ana.got() if "Kept, not read yet" in each["text"]]
