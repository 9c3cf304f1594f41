"""Away: somebody else answers at once, it is on file why and who ordered it, and it ends."""

from __future__ import annotations

from typing import Any

import aiosqlite
import pytest

from tests.front_door import Person, Town
from tests.stations import everybody_came, officer, registered
from tests.test_rooms import at


@pytest.fixture
async def station(station: Town) -> Town:
    """A station whose people were all heard: the clock may move."""
    await everybody_came(station)
    return station


async def absences(here: Town) -> list[tuple[Any, ...]]:
    async with aiosqlite.connect(here.database_url.removeprefix("sqlite:///")) as file:
        sql = "SELECT officer, reason, ordered_by, set_by, ends IS NULL FROM absence ORDER BY id"
        return [tuple(row) for row in await file.execute_fetchall(sql)]


async def turned(here: Town, *, is_away: bool) -> None:
    """Wait, within the second that a timer may take, until Li's absence has begun or ended."""

    async def so() -> bool:
        async with aiosqlite.connect(here.database_url.removeprefix("sqlite:///")) as file:
            sql = "SELECT away_since IS NOT NULL FROM officer_link WHERE code = 'li'"
            return [bool(row[0]) for row in await file.execute_fetchall(sql)] == [is_away]

    await here.until(so, f"Li is away: {is_away}")


async def panel(staff: Person) -> dict[str, Any]:
    """The message about the absence."""
    return await staff.sees(lambda each: "absences:" in str(each["buttons"]))


async def test_away_for_leave_until_tonight_ends_by_itself(station: Town) -> None:
    """Two taps after /away: why and until when. The deputy has new requests at once; after
    midnight the officer has them again without a word."""
    await at(station, "2026-12-07 10:00")
    ana, bob = (await registered(station, 101, "Ana"), await registered(station, 102, "Bob"))
    li, wang = officer(station, "li"), officer(station, "wang")
    await wang.says("/me")
    await li.says("/away")
    message = await panel(li)
    assert "Riverside: Wang answers." in message["text"]
    await li.presses(message, "absences:reason:1:leave")
    await li.sees("Why: 🌴 Leave")
    await li.presses(await panel(li), "absences:until:1:2026-12-08")
    await li.sees("until Tue, Dec 8 00:00.")
    assert await absences(station) == [("li", "leave", "", "li", 0)]
    await ana.says("while away")
    await wang.sees("while away")
    await at(station, "2026-12-08 10:00")
    await turned(station, is_away=False)
    await bob.says("the day after")
    await li.sees("the day after")


async def test_pulled_away_is_on_file_with_who_ordered_it(station: Town) -> None:
    """The reason counts with the name alone; residents read nothing of it."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await li.says("/away")
    await li.presses(await panel(li), "absences:reason:1:pulled_away")
    question = await li.sees("Who ordered it?")
    assert (await absences(station))[0][1] == "other"
    await li.says("Director Gao", reply_to_message_id=question["message_id"])
    await li.sees("📤 Other duty (Director Gao)")
    assert await absences(station) == [("li", "pulled_away", "Director Gao", "li", 1)]
    await ana.says("hello")
    receipt = await ana.sees("stands in for your officer")
    assert "Gao" not in receipt["text"]


async def test_from_tomorrow_changes_nothing_today(station: Town) -> None:
    """Declared ahead: today the officer answers, tomorrow the deputy, and on the way back by a tap
    it is as if it never was."""
    await at(station, "2026-12-07 10:00")
    ana, bob = (await registered(station, 101, "Ana"), await registered(station, 102, "Bob"))
    li, wang = officer(station, "li"), officer(station, "wang")
    await li.says("/away")
    await li.presses(await panel(li), "absences:start:1:2026-12-07")
    await li.sees("From Tue, Dec 8 00:00")
    await ana.says("today")
    await li.sees("today")
    await at(station, "2026-12-08 10:00")
    await turned(station, is_away=True)
    await bob.says("tomorrow")
    await wang.sees("tomorrow")
    await li.says("/back")
    await li.says("/away 2026-12-20 2026-12-21")
    await li.sees("From Sun, Dec 20 00:00 until Tue, Dec 22 00:00.")


async def test_a_supervisor_sets_somebody_away_and_the_officer_is_told(station: Town) -> None:
    """In two taps, on file with who did it; a colleague who is no supervisor cannot."""
    ana, li, sun, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "sun"),
        officer(station, "wang"),
    )  # fmt: skip
    await wang.says("/team")
    assert not (await wang.sees("● Li"))["buttons"]
    await sun.says("/team")
    team = await sun.sees("Who is away?")
    await wang.forges(team["message_id"], "absences:for:li")
    await sun.presses(team, "absences:for:li")
    await sun.sees("Li is away: what residents write goes to the deputies.")
    told = await li.sees("Sun has set you away")
    assert "/back" in told["text"]
    assert await absences(station) == [("li", "other", "", "sun", 1)]
    await wang.forges(team["message_id"], "absences:back:1")
    await ana.says("while away")
    await wang.sees("while away")
    await sun.presses(await panel(sun), "absences:back:1")
    await sun.sees("Li is back.")


async def test_the_officer_is_told_when_a_supervisor_changes_the_time(station: Town) -> None:
    """Set away by mistake from now on, then only from tomorrow: nobody is left to believe the
    first; and each reads it of the right person."""
    await at(station, "2026-12-07 10:00")
    li, sun = officer(station, "li"), officer(station, "sun")
    await sun.says("/team")
    await sun.presses(await sun.sees("Who is away?"), "absences:for:li")
    shown = await sun.sees("From 10:00, until Li says /back.")
    await li.sees("Sun has set you away")
    await sun.presses(shown, "absences:start")
    await sun.sees("Li will be away: what residents write goes to the deputies then.")
    told = await li.sees("Sun has changed when you are away.")
    assert "From Tue, Dec 8 00:00, until you say /back." in told["text"]


async def test_what_is_only_planned_is_said_to_be_ahead(station: Town) -> None:
    """Nobody reads to be away already who will be tomorrow."""
    await at(station, "2026-12-07 10:00")
    li = officer(station, "li")
    await li.says("/away")
    await li.presses(await panel(li), "absences:start")
    await li.sees("You will be away: what residents write goes to your deputies then.")


async def test_open_requests_are_offered_to_the_deputy_and_move_when_accepted(
    station: Town,
) -> None:
    """Handed over by a tap: the deputy gets an offer, the owner stays until it is accepted, and the
    resident's receipt follows."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await ana.says("my bicycle is gone")
    await li.sees("my bicycle is gone")
    await ana.sees("Sent to the officer's phone")
    await li.says("/away")
    await li.presses(await panel(li), "absences:cases:1:to_deputy")
    offer = await wang.sees("Li is away and hands over C-1001: Ana.")
    assert "Officer Li" in (await ana.sees("Sent to the officer's phone"))["text"]
    await officer(station, "chen").forges(offer["message_id"], "cases:accept:1001")
    await wang.presses(offer, "cases:accept")
    await wang.sees("my bicycle is gone")
    await ana.sees("Officer Wang")
    await li.sees("Wang is responsible now.")


async def test_back_ends_what_lasts_and_old_buttons_say_so(station: Town) -> None:
    """/back works without a button; what is over cannot be changed any more."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await li.says("/away")
    old = await panel(li)
    await li.says("/back")
    await li.sees("You are back")
    for data in ("absences:until:1:2027-01-01", "absences:reason:1:leave", "absences:until:x:y"):
        await li.forges(old["message_id"], data)

    async def refused() -> bool:
        answers = await station.calls("answerCallbackQuery")
        return len([each for each in answers if "moved on" in str(each["params"])]) == 3

    await station.until(refused, "three old buttons are refused")
    await ana.says("hello")
    await li.sees("hello")
    assert (await absences(station))[0][1] == "other"


async def test_last_nights_buttons_become_the_present_ones(station: Town) -> None:
    """*Until tonight*, pressed at three in the morning, is over: the message shows what can be said
    now, and the officer is not left with buttons that all refuse."""
    await at(station, "2026-12-07 23:50")
    li = officer(station, "li")
    await li.says("/away")
    message = await panel(li)
    await at(station, "2026-12-08 03:00")
    await li.presses(message, "absences:until:1:2026-12-08")
    shown = await li.sees(lambda each: "absences:until:1:2026-12-09" in str(each["buttons"]))
    assert "absences:start:" not in str(shown["buttons"])
    await li.presses(shown, "absences:until:1:2026-12-09")
    await li.sees("until Wed, Dec 9 00:00.")


async def test_what_lasts_already_cannot_begin_tomorrow(station: Town) -> None:
    """A forged or old press changes neither when somebody went nor, with no day in it, the end."""
    await at(station, "2026-12-07 10:00")
    li = officer(station, "li")
    await li.says("/away")
    message = await panel(li)
    await at(station, "2026-12-09 10:00")
    for data in ("start:1:2026-12-09", "start:1:2026-12-07", "until:1:0001-01-01", "until:1:x"):
        await li.forges(message["message_id"], f"absences:{data}")
    await li.presses(message, "absences:reason:1:sick")
    shown = await li.sees("Why: 🤒 Ill")
    assert "From Mon, Dec 7 10:00, until you say /back." in shown["text"]


async def test_days_are_typed_one_or_two_and_none_that_there_is_not(station: Town) -> None:
    """A single day is that day; the last day there is breaks nothing."""
    await at(station, "2026-12-07 10:00")
    li = officer(station, "li")
    await li.says("/away 2026-12-20")
    shown = await li.sees("From Sun, Dec 20 00:00 until Mon, Dec 21 00:00.")
    assert "absences:until:1:2026-12-23" in str(shown["buttons"]), "counted from its first day"
    assert "absences:until:1:2026-12-08" not in str(shown["buttons"])
    await li.says("/away 9999-12-31 9999-12-31")
    await li.sees(", until you say /back.")


async def test_open_requests_are_offered_once_for_each_absence(station: Town) -> None:
    """Chosen for a leave that follows another absence, they are offered when it begins; a second
    tap offers nothing again."""
    await at(station, "2026-12-07 10:00")
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await wang.says("/me")
    await ana.says("my bicycle is gone")
    await li.sees("my bicycle is gone")
    await li.says("/away 2026-12-07 2026-12-07")
    await panel(li)
    await li.says("/away 2026-12-08 2026-12-09")
    leave = await li.sees(lambda each: "absences:cases:2:" in str(each["buttons"]))
    await li.presses(leave, "absences:cases:2:to_deputy")
    await li.sees(
        lambda each: (
            each["message_id"] == leave["message_id"]
            and "absences:cases:" not in str(each["buttons"])
        )
    )
    assert not [each for each in await wang.got() if "hands over" in each["text"]]
    await at(station, "2026-12-08 10:00")
    await wang.sees("Li is away and hands over C-1001: Ana.")
    await li.forges(leave["message_id"], "absences:cases:2:to_deputy")
    await li.forges(leave["message_id"], "absences:reason:2:leave")
    await li.sees("Why: 🌴 Leave")
    assert len([each for each in await wang.got() if "hands over" in each["text"]]) == 1


async def test_whoever_is_set_back_by_a_supervisor_is_told(station: Town) -> None:
    """From now on what residents write comes to the phone again: not without a word."""
    li, sun = officer(station, "li"), officer(station, "sun")
    await li.says("/me")
    await sun.says("/team")
    await sun.presses(await sun.sees("Who is away?"), "absences:for:li")
    await sun.presses(await sun.sees("Li is away:"), "absences:back:1")
    await sun.sees("Li is back.")
    await li.sees("Sun has set you back: what residents write comes to you again.")
