"""Rooms: when open, who is there now, and what changed today, as everybody reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiosqlite
import pytest

from tests.front_door import Person, Town, town
from tests.stations import (
    USUAL_HOURS,
    at_work,
    everybody_came,
    five_areas,
    officer,
    registered,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def offers(data: str) -> Callable[[dict[str, Any]], bool]:
    """A message with a button that says this."""
    return lambda each: data in str(each["buttons"])


async def at(here: Town, local: str) -> None:
    """Move the clock to this local time, which lies ahead."""
    wanted = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    await here.moves_to(wanted)


async def next_monday(here: Town, time: str) -> str:
    """Move to a Monday of a week without a holiday, once everybody was heard; its date."""
    await everybody_came(here)
    await at(here, f"2026-12-07 {time}")
    return "2026-12-07"


async def tap_where(staff: Person, place: str) -> dict[str, Any]:
    """The first tap: the place; what is asked then."""
    await staff.says("/here")
    await staff.presses(await staff.sees(offers("presences:where")), f"presences:where:{place}")
    return await staff.sees("until when?")


async def test_two_taps_light_the_lamp_and_time_puts_it_out(station: Town) -> None:
    """Officer Li says to be at the room; residents read the name and until when, in their own
    language, and nothing after that time."""
    li = officer(station, "li")
    ana = await registered(station, 101, "Ana", language="ar")
    await next_monday(station, "10:00")
    question = await tap_where(li, "r:east")
    assert "until 12:00" in str(question["buttons"]), "the room closes at noon"
    await li.presses(question, "presences:say")
    await li.sees("Residents see: 🏢 East Police Room, until")
    await ana.says("/hours")
    told = await ana.sees("💡")
    assert "Li" in told["text"]
    assert "🟢" in told["text"]
    await at(station, "2026-12-07 14:30")
    await ana.says("/me")
    card = await ana.sees(lambda each: "🟢" in each["text"] and "💡" not in each["text"])
    assert "+86 10 5555 0111" in card["text"]


async def test_on_the_way_names_an_area_and_absence_puts_the_lamp_out(station: Town) -> None:
    """Residents of the area read it in their card, never a position; who is away is not there,
    whatever was said before."""
    li, ana = officer(station, "li"), await registered(station, 101, "Ana")
    question = await tap_where(li, "b:riverside")
    await li.presses(question, "presences:say")
    await li.sees("Residents see: 🚶 Riverside")
    await ana.says("/me")
    await ana.sees("🚶 Li is on the way in Riverside until")
    bob = await registered(station, 102, "Bob", "hillside")
    await bob.says("/me")
    card = await bob.sees("East Police Room")
    assert "🚶" not in card["text"]
    await li.says("/away")
    await li.sees("You are away")
    await ana.says("/me")
    await ana.sees("Nobody has said that they are here", count=2)


async def test_what_closes_this_afternoon_is_read_at_once_and_can_be_undone(station: Town) -> None:
    """One tap by whoever works in the room; the change stands on file; as usual again by one."""
    li, ana = officer(station, "li"), await registered(station, 101, "Ana")
    await next_monday(station, "10:00")
    await li.says("/here")
    await li.presses(await li.sees(offers("rooms:change")), "rooms:change:east")
    panel = await li.sees(offers("rooms:say:east:today"))
    await li.presses(panel, "rooms:say:east:today")
    await li.sees("🔴 Closed now. Opens Tue, Dec 8 09:00.")
    await ana.says("/hours")
    told = await ana.sees("🔴 Closed now. Opens Tue, Dec 8 09:00.")
    assert "Mon: 09:00–10:0" in told["text"]
    async with aiosqlite.connect(station.database_url.removeprefix("sqlite:///")) as file:
        rows = await file.execute_fetchall("SELECT room, is_open, declared_by FROM hours_change")
    assert [tuple(row) for row in rows] == [("east", 0, "li")]
    await li.presses(panel, "rooms:say:east:usual")
    await li.sees("🟢 Open now until 12:00.")


async def test_who_does_not_work_there_changes_nothing(station: Town) -> None:
    """Forged buttons of another place, an old day's button and a time that is none are refused."""
    admin, li = officer(station, "admin"), officer(station, "li")
    await next_monday(station, "10:00")
    await admin.says("/here")
    panel = await admin.sees(offers("presences:where"))
    for data in ("rooms:say:east:today:2026-12-07", "presences:say:r:east:29876543"):
        await admin.forges(panel["message_id"], data)
    await li.says("/here")
    own = await li.sees(offers("presences:where"))
    await li.forges(own["message_id"], "rooms:say:east:today:2026-12-06")
    for minutes in ("1", "x", "99999999999999999999"):
        await li.forges(own["message_id"], f"presences:say:r:east:{minutes}")

    async def all_answered() -> bool:
        return len(await station.calls("answerCallbackQuery")) >= 6

    await station.until(all_answered, "six presses are answered")
    async with aiosqlite.connect(station.database_url.removeprefix("sqlite:///")) as file:
        for table in ("hours_change", "presence"):
            assert not list(await file.execute_fetchall(f"SELECT * FROM {table}"))  # noqa: S608


async def test_a_loaded_calendar_closes_a_room_and_an_unknown_year_is_said_to_be_so(
    sqlite_url: str, tmp_path: Path
) -> None:
    """`beatline calendar import`: a holiday of another country, by its name; what nobody announced
    is said; loading the same file again changes nothing."""
    table = tmp_path / "berlin.toml"
    table.write_text(
        'years = [2026]\n[[day]]\ndate = 2026-12-08\nkind = "holiday"\n'
        'name = { en = "Founders\' Day" }\n',
        encoding="utf-8",
    )
    roster = five_areas(tmp_path)
    text = roster.read_text(encoding="utf-8").replace("Asia/Shanghai", "Europe/Berlin")
    roster.write_text(text, encoding="utf-8")
    async with at_work(sqlite_url, roster) as here:
        ana = await registered(here, 101, "Ana")
        await next_monday(here, "18:00")
        await ana.says("/hours")
        await ana.sees("The holidays of 2026 are not announced yet")
        for _ in range(2):
            said = await here.output("calendar", "import", str(table))
            assert "2026" in said
        await ana.says("/hours")
        told = await ana.sees("Tue: closed (Founders' Day)")
        assert "not announced" not in told["text"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("years = [26]", "years"),
        ("years = []", "no day and no year"),
        ("[[day]]\ndate = 2026-12-08\nkind = 'holyday'", "holiday"),
        ("[[day]]\nkind = 'holiday'", "date"),
        ("[[day]]\ndate = '8.12.'\nkind = 'holiday'", "date"),
        ("[[days]]\ndate = 2026-12-08\nkind = 'holiday'", "day"),
        ("years = ", "TOML"),
    ],
)
async def test_a_calendar_with_a_fault_loads_nothing(
    sqlite_url: str, tmp_path: Path, text: str, says: str
) -> None:
    """Each fault is one sentence with the file, and nothing is changed."""
    table = tmp_path / "wrong.toml"
    table.write_text(text, encoding="utf-8")
    async with town(sqlite_url) as here:
        with (tmp_path / "said").open("wb") as said:
            process = await here.command("calendar", "import", str(table), output=said)
            assert await process.wait() == 1
    told = (tmp_path / "said").read_text(encoding="utf-8")
    assert "wrong.toml" in told
    assert says in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ("24/7", ["🟢 Open now, day and night.", *[f"{day}: 00:00–24:00" for day in DAYS]]),
        (
            "Mo-Fr 20:00-04:00; Sa-Su 00:00-24:00",
            ["🔴 Closed now. Opens 20:00.", "Tue: 20:00–04:00", "Fri: 20:00–24:00",
             "Sat: 00:00–24:00", "Sun: 00:00–24:00"],
        ),
        (
            "Mo-Fr 09:00-24:00",
            ["🟢 Open now until Tue, Dec 8 00:00.", "Mon: 09:00–24:00", "Sat: closed",
             "Sun: closed"],
        ),
    ],
)  # fmt: skip
async def test_a_room_that_is_open_at_night_is_not_called_closed(
    sqlite_url: str, tmp_path: Path, hours: str, told: list[str]
) -> None:
    """Every day of a room that never closes is told, and a weekend from midnight to midnight."""
    roster = five_areas(tmp_path)
    roster.write_text(roster.read_text(encoding="utf-8").replace(USUAL_HOURS, hours), "utf-8")
    async with at_work(sqlite_url, roster) as here:
        ana = await registered(here, 101, "Ana")
        await next_monday(here, "10:00")
        await ana.says("/hours")
        lines = (await ana.sees("Mon:"))["text"].splitlines()
        assert [each for each in told if each not in lines] == []
        assert [each for each in lines if "closed" in each and each not in told] == []
        li = officer(here, "li")
        await li.says("/here")
        await li.presses(await li.sees(offers("presences:where")), "presences:where:r:east")
        question = await li.sees("until when?")
        assert "Dec 2" not in str(question["buttons"]), "a fortnight is nobody's shift"


@pytest.mark.parametrize("code", ["zhao", "sun"])
async def test_desk_and_supervisor_can_close_any_room(station: Town, code: str) -> None:
    """When the officer of a room cannot say that it is closed, `/here` of those two offers it."""
    staff, ana = officer(station, code), await registered(station, 101, "Ana")
    await next_monday(station, "10:00")
    await staff.says("/here")
    await staff.presses(await staff.sees(offers("rooms:change:east")), "rooms:change:east")
    await staff.presses(await staff.sees(offers("rooms:say:east:today")), "rooms:say:east:today")
    await staff.sees("🔴 Closed now. Opens Tue, Dec 8 09:00.")
    await ana.says("/hours")
    await ana.sees("🔴 Closed now. Opens Tue, Dec 8 09:00.")
