"""Away: somebody else answers at once, it is on file why and who ordered it, and it ends."""

from __future__ import annotations

from typing import Any

import aiosqlite

from tests.front_door import Person, Town
from tests.stations import officer, registered
from tests.test_rooms import at


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
