"""On call: who may be woken by an urgent call stands in the roster, or was said by that officer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.domain.roster import OnCall
from bot.roster.checking import check_roster
from bot.roster.exporting import roster_text
from bot.roster.faults import RosterError
from storage.database import Database
from storage.transaction import Transaction
from tests.front_door import Person, Town
from tests.stations import (
    at_work,
    everybody_came,
    five_areas,
    officer,
    registered,
    two_rooms,
)
from tests.test_call_outs import (
    MONDAY,
    NIGHT,
    asked,
    calls_out,
    hears,
    later,
    offers,
    presses,
    rows,
)
from tests.test_rooms import at

LINES = """
[[on_call]]
officer = "wang"
week = "2026-W50"

[[on_call]]
officer = "chen"
date = 2026-12-09
"""


def with_lines(folder: Path, lines: str = LINES) -> Path:
    """`five_areas` with somebody on call."""
    path = five_areas(folder)
    path.write_text(path.read_text(encoding="utf-8") + lines, encoding="utf-8")
    return path


def test_a_week_and_a_date_are_read_and_written(tmp_path: Path) -> None:
    """An export says the same."""
    roster = check_roster(with_lines(tmp_path))
    assert roster.on_call == (
        OnCall("wang", week=(2026, 50)), OnCall("chen", day=date(2026, 12, 9)),
    )  # fmt: skip
    path = tmp_path / "export.toml"
    path.write_text(roster_text(roster), encoding="utf-8")
    assert 'week = "2026-W50"' in roster_text(roster)
    assert "date = 2026-12-09" in roster_text(roster)
    assert check_roster(path) == roster


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ('"wang"', '"wong"', "officer", '"wang"'),
        ('week = "2026-W50"', "", "week", "either a week or a date"),
        ('week = "2026-W50"', 'week = "2026-W50"\ndate = 2026-12-09', "week", "either a week"),
        ('"2026-W50"', '"2026-50"', "week", "ISO 8601"),
        ('"2026-W50"', '"2026-W54"', "week", "ISO 8601"),
        ('"2026-W50"', "50", "week", "ISO 8601"),
        ("date = 2026-12-09", 'date = "2026-12-09"', "date", "without quotes"),
        ("date = 2026-12-09", "date = 2026-12-09T08:00:00", "date", "without quotes"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, old: str, new: str, key: str, says: str) -> None:
    """Where it stands and what to do; an unreadable week is one fault, not two."""
    with pytest.raises(RosterError) as error:
        check_roster(with_lines(tmp_path, LINES.replace(old, new, 1)))
    faults = [each for each in error.value.faults if each.key == key]
    assert len(faults) == 1
    assert "[[on_call]] no." in faults[0].table
    assert says in faults[0].says


async def test_who_is_on_call_is_on_file(database: Database, tmp_path: Path) -> None:
    """Weeks and dates come back from both engines as they were."""
    roster = check_roster(with_lines(tmp_path))
    async with database.unit() as unit:
        await Transaction(unit).roster.import_(roster, datetime(2026, 12, 7, tzinfo=UTC))
    async with database.reading() as unit:
        found = await Transaction(unit).roster.current()
    assert found is not None
    assert found[1].on_call == roster.on_call


async def test_outside_the_shifts_the_officer_on_call_follows_the_duty_desk(
    sqlite_url: str, tmp_path: Path
) -> None:
    """By week; the responsible officer sleeps."""
    async with at_work(sqlite_url, with_lines(tmp_path)) as here:
        await everybody_came(here)
        await at(here, f"{MONDAY} 08:30")
        await hears(here, "wang", "zhao", "sun")
        await at(here, NIGHT)
        ana, wang = await registered(here, 101, "Ana"), officer(here, "wang")
        await calls_out(ana)
        await officer(here, "zhao").sees("Who takes it?")
        await later(here, 91)
        await wang.sees("Who takes it?")
        await ana.sees("Asked so far: the duty desk, the officer on call.")
        await wang.says("/on_call")
        await wang.sees("You are on call today.")
        assert not await asked(officer(here, "li"))


async def opts_in(staff: Person) -> None:
    """By the command and its button."""
    await staff.says("/on_call")
    panel = await staff.sees("Outside the opening hours you are not asked in urgent calls.")
    await presses(staff, panel, "call_outs:opt:on")
    await staff.sees("reach you in urgent calls at any hour")


async def test_a_community_officer_may_choose_to_be_asked_at_any_hour(station: Town) -> None:
    """For the own areas; and takes it back as easily."""
    await everybody_came(station)
    await at(station, f"{MONDAY} 08:30")
    await hears(station, "li", "zhao", "sun")
    li = officer(station, "li")
    await opts_in(li)
    await at(station, NIGHT)
    ana = await registered(station, 101, "Ana")
    told = await calls_out(ana)
    await later(station, 91)
    await li.sees("Who takes it?")
    await presses(ana, told, "call_outs:withdraw")
    panel = await li.sees(offers("call_outs:opt:off"))
    await presses(li, panel, "call_outs:opt:off")
    await li.sees("Outside the opening hours you are not asked in urgent calls.")
    await calls_out(ana)
    await later(station, 91)
    await officer(station, "sun").sees("Who takes it?")
    assert len(await asked(li)) == 1


# "I can hear this"


async def test_a_shift_begins_with_a_question_that_makes_a_sound(station: Town) -> None:
    """Officers of the room at its opening, duty desk and supervisors in the morning, each once; not
    after a break at noon, not whoever has said it already, not whoever is away."""
    await everybody_came(station)
    wang = officer(station, "wang")
    await wang.says("/away")
    await wang.sees(offers("absences"))
    await at(station, f"{MONDAY} 07:30")
    await hears(station, "sun")
    await at(station, f"{MONDAY} 08:01")
    question = await officer(station, "zhao").sees("Your shift begins.")
    assert not question["silent"]
    li = officer(station, "li")
    assert not await questions(li)
    await at(station, f"{MONDAY} 09:01")
    question = await li.sees("Your shift begins.")
    assert "Noted." in await presses(li, question, "call_outs:heard")
    await officer(station, "chen").sees("Your shift begins.")
    await at(station, f"{MONDAY} 13:31")
    await at(station, "2026-12-08 08:01")
    await officer(station, "zhao").sees("Your shift begins.", count=2)
    for code, times in (("li", 1), ("wang", 0), ("admin", 0), ("zhao", 2), ("sun", 1)):
        assert len(await questions(officer(station, code))) == times, code
    await at(station, "2026-12-08 09:01")
    await li.sees("Your shift begins.", count=2)


async def test_whoever_answers_for_two_rooms_is_asked_once(sqlite_url: str, tmp_path: Path) -> None:
    """One opens at half past eight, the other at nine: the tap below the first question counts
    for both, also when it comes later."""
    roster = five_areas(tmp_path)
    text = two_rooms(roster).replace("Mo-Su 00:00-24:00", "Mo-Fr 08:30-18:00")
    roster.write_text(text, encoding="utf-8")
    async with at_work(sqlite_url, roster) as here:
        await everybody_came(here)
        li = officer(here, "li")

        async def is_set() -> bool:
            return bool(await rows(here, "SELECT key FROM timer WHERE key = 'room:west'"))

        await here.until(is_set, "the next shift of the second room is known")
        await at(here, f"{MONDAY} 08:31")
        question = await li.sees("Your shift begins.")
        await at(here, f"{MONDAY} 09:01")
        await officer(here, "chen").sees("Your shift begins.")
        assert "Noted." in await presses(li, question, "call_outs:heard")
        assert len(await questions(li)) == 1
        await calls_out(await registered(here, 101, "Ana"))
        await li.sees("Who takes it?")


async def questions(staff: Person) -> list[str]:
    return [each["text"] for each in await staff.got() if "Your shift begins." in each["text"]]


async def test_whoever_has_not_said_to_hear_is_skipped_and_the_supervisor_warned(
    station: Town,
) -> None:
    """The next one is asked at once; the supervisor reads who was left out."""
    await everybody_came(station)
    await at(station, f"{MONDAY} 09:30")
    await hears(station, "wang", "sun")
    await at(station, f"{MONDAY} 14:00")
    ana = await registered(station, 101, "Ana")
    told = await calls_out(ana)
    assert "Asked so far: the deputy." in told["text"]
    await officer(station, "wang").sees("Who takes it?")
    warning = await officer(station, "sun").sees("have not said today that they hear the phone")
    assert "Officer Li" in warning["text"]
    assert "the duty desk (Zhao)" in warning["text"]
    assert not warning["silent"]
    assert not await asked(officer(station, "li"))


async def test_a_name_is_shown_as_it_is_written(sqlite_url: str, tmp_path: Path) -> None:
    """To the supervisor who is warned as well: signs of a name are no markup."""
    roster = five_areas(tmp_path)
    text = roster.read_text(encoding="utf-8").replace('en = "Zhao"', 'en = "O\'Zhao & Co"')
    roster.write_text(text, encoding="utf-8")
    async with at_work(sqlite_url, roster) as here:
        await everybody_came(here)
        await at(here, NIGHT)
        await calls_out(await registered(here, 101, "Ana"))
        await officer(here, "sun").sees("the duty desk (O'Zhao & Co)")


async def test_where_nobody_has_said_to_hear_all_are_asked_all_the_same(station: Town) -> None:
    """Silence would be worse: each page says so, and the supervisor is warned."""
    await everybody_came(station)
    await at(station, NIGHT)
    ana = await registered(station, 101, "Ana")
    await calls_out(ana)
    page = await officer(station, "zhao").sees("Who takes it?")
    assert "You have not said that you hear this phone." in page["text"]
    await officer(station, "sun").sees("have not said today that they hear the phone")


async def test_whoever_was_here_a_moment_ago_is_asked_without_a_tap(station: Town) -> None:
    """Half an hour after anything done in the bot."""
    await everybody_came(station)
    await at(station, NIGHT)
    zhao = officer(station, "zhao")
    await zhao.says("/me")
    await zhao.sees("badge")
    await later(station, 20 * 60)
    await calls_out(await registered(station, 101, "Ana"))
    page = await zhao.sees("Who takes it?")
    assert "You have not said" not in page["text"]


async def test_it_can_be_said_where_one_says_to_be(station: Town) -> None:
    """`/here` has the button, too; whoever says to be at work is asked outside the hours."""
    await everybody_came(station)
    await at(station, f"{MONDAY} 18:30")
    await hears(station, "zhao", "sun")
    li = officer(station, "li")
    await li.says("/here")
    panel = await li.sees(offers("presences:where"))
    assert "Noted." in await presses(li, panel, "call_outs:heard")
    await li.presses(panel, "presences:where:r")
    until = await li.sees("until when?")
    await li.presses(until, "presences:say")
    await li.sees("Residents see")
    await later(station, 40 * 60)
    ana = await registered(station, 101, "Ana")
    await calls_out(ana)
    await later(station, 91)
    await li.sees("Who takes it?")
