"""The week: everything approved goes out at its hour as one issue, once, whatever happens."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiosqlite
import pytest

from bot.clock import Clock
from bot.delivery.outbox import promising_bot
from bot.domain.bulletins import next_weekly, weekly_hour_of
from bot.office import Office
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from handlers.features import FEATURES
from handlers.letters import refuse, tell_dead_letter
from storage.database import Database, Unit
from storage.outbox import PromiseNumbers
from storage.timers import Timer
from storage.transaction import Transaction
from tests.front_door import Person, Town, town
from tests.publishing import approved, button, told, written
from tests.stations import officer, on_duty, on_file, registered, trusting
from tests.weekly import approved_notice, scheduled

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
ME = {"id": 1, "is_bot": True, "first_name": "Beatline", "username": "beatline_bot"}


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station with a weekly issue; its bot does not run yet."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, scheduled(tmp_path), here.clock)
        await on_duty(here)
        yield here


async def comes(here: Town, *, before: timedelta = timedelta()) -> None:
    """It is the next Friday, 18:00, or so long before."""
    await asyncio.sleep(0)
    hour = next_weekly("Fri 18:00", SHANGHAI, after=here.clock.now())
    seconds = (hour - before - here.clock.now()).total_seconds() + 1
    await here.control("clock", shift_seconds=seconds)


async def is_scheduled(here: Town) -> None:
    """The bot has looked at the roster's hours: the next issue is on file."""

    async def is_on_file() -> bool:
        async with aiosqlite.connect(here.database_url.removeprefix("sqlite:///")) as file:
            return bool(
                await file.execute_fetchall("SELECT 1 FROM timer WHERE kind = 'bulletins.week'")
            )

    await here.until(is_on_file, "the next issue is on file")


async def ready(here: Town) -> tuple[Person, Person, Person]:
    ana = await registered(here, 101, "Ana")
    li, sun = officer(here, "li"), officer(here, "sun")
    await approved(li, sun, await written(li))
    return ana, li, sun


# --- the rule


@pytest.mark.parametrize(
    ("at", "zone", "after", "moment"),
    [
        ("Fri 18:00", SHANGHAI, "2026-11-20T09:59", "2026-11-20T10:00"),
        ("Fri 18:00", SHANGHAI, "2026-11-20T10:00", "2026-11-27T10:00"),
        ("Sun 02:30", BERLIN, "2026-03-28T12:00", "2026-03-29T01:30"),
        ("Sun 02:30", BERLIN, "2026-10-24T12:00", "2026-10-25T00:30"),
        ("Sun 02:30", BERLIN, "2026-10-25T00:30", "2026-11-01T01:30"),
    ],
)
def test_the_hour_is_the_stations_whatever_its_clocks_do(
    at: str, zone: ZoneInfo, after: str, moment: str
) -> None:
    """A skipped time comes as much later as the clock jumps; of a repeated one the first counts."""
    found = next_weekly(at, zone, after=datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["Friday 18:00", "fri 18:00", "Fri 24:00", "Fri 6:00", "18:00"])
def test_only_a_day_and_a_time_are_an_hour(text: str) -> None:
    """What could be misread is refused."""
    with pytest.raises(ValueError, match=text):
        weekly_hour_of(text)


# --- a year


class Station:
    """An office with its clock, its file, and no Telegram: timers are handled when they are due."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.numbers = PromiseNumbers(database)
        self.office = Office(
            features=FEATURES, refuse=refuse, bury=tell_dead_letter, bot=promising_bot(ME),
            clock=clock, numbers=self.numbers,
        )  # fmt: skip

    async def handles(self, timer: Timer) -> None:
        await self.office.start()
        await self.numbers.ensure()
        await self.database.run(lambda unit: self.office.handle(unit, [timer]))

    async def due(self, kind: str) -> list[Timer]:
        async with self.database.reading() as unit:
            found = await Transaction(unit).timers.due(self.clock.now(), limit=1000)
        return [each for each in found if each.kind == kind]

    async def restarts(self) -> None:
        """What every start does: the hours of the roster are looked at."""

        async def start(unit: Unit) -> None:
            Transaction(unit).timers.set(
                "bulletins.schedules", "roster", due_at=self.clock.now(), chat_key="x"
            )

        await self.database.run(start)
        for timer in await self.due("bulletins.schedules"):
            await self.handles(timer)

    async def approves(self) -> int:
        """A notice of the room is written and approved."""
        return await approved_notice(self.database, self.clock)

    async def issues(self) -> list[str]:
        async with self.database.reading() as unit:
            rows = await unit.fetch("SELECT issue FROM bulletin WHERE issue IS NOT NULL")
        return [row["issue"] for row in rows]


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("Asia/Shanghai", "Fri 18:00"),
        ("Europe/Berlin", "Sun 02:30"),
        ("Europe/Berlin", "Fri 18:00"),
    ],
)
async def test_a_year_has_its_issues_each_once(
    database: Database, tmp_path: Path, zone: str, at: str
) -> None:
    """Restarts at random, timers handled again, up to twelve hours late: 52 weeks, 52 issues."""
    clock = Clock(shift=datetime(2026, 1, 5, tzinfo=UTC) - Clock().now())
    await import_roster(database, check_roster(scheduled(tmp_path, at=at, zone=zone)), clock)
    station, chance = Station(database, clock), random.Random(52)
    await station.restarts()
    numbers = []
    for _week in range(52):
        numbers.append(await station.approves())
        hour = next_weekly(at, ZoneInfo(zone), after=clock.now())
        late = timedelta(hours=chance.uniform(0, 11.9))
        clock.shift(hour + late - clock.now())
        if chance.random() < 0.5:
            station = Station(database, clock)
            await station.restarts()
        (timer,) = await station.due("bulletins.week")
        await station.handles(timer)
        await station.handles(timer)
        assert await station.due("bulletins.week") == []
    issues = await station.issues()
    assert len(issues) == len(set(issues)) == 52
    assert issues[0] == "2026-02"


async def test_two_processes_send_one_issue(
    postgres_database: Database, other_process: Database, tmp_path: Path
) -> None:
    """Both find the hour come at the same moment; one of them does the work."""
    clock = Clock()
    await import_roster(postgres_database, check_roster(scheduled(tmp_path)), clock)
    one, other = Station(postgres_database, clock), Station(other_process, clock)
    await one.restarts()
    await one.approves()
    clock.shift(next_weekly("Fri 18:00", SHANGHAI, after=clock.now()) - clock.now())
    (timer,) = await one.due("bulletins.week")
    await asyncio.gather(one.handles(timer), other.handles(timer))
    assert len(await one.issues()) == 1
    async with postgres_database.reading() as unit:
        rows = await unit.fetch("SELECT period FROM run WHERE job = 'bulletins:incident:east'")
    assert len(rows) == 1


# --- through the front door


async def test_what_is_approved_goes_out_at_its_hour_by_itself(house: Town) -> None:
    """The author is told when; residents read which issue it is."""
    async with house.bot():
        ana, li, _sun = await ready(house)
        assert "as issue 20" in (await li.sees("It goes out Fri"))["text"]
        await comes(house)
        notice = await ana.sees("bicycles")
        assert "This week in your area, 20" in notice["text"]
        assert ", issue " in notice["text"]
        await li.sees("Everybody has it.")


async def test_an_hour_missed_is_made_good_within_twelve(house: Town) -> None:
    """The machine was down at six: the issue goes out when it is back."""
    async with house.bot():
        ana, _li, _sun = await ready(house)
    await comes(house, before=-timedelta(hours=11))
    async with house.bot():
        await ana.sees("bicycles")


@pytest.mark.parametrize(
    ("press", "goes_out"), [("bulletins:late", True), ("bulletins:skip", False)]
)
async def test_later_than_that_the_supervisor_decides(
    house: Town, press: str, goes_out: bool
) -> None:
    """A word and two buttons; whichever is pressed, the other says that it has moved on."""
    async with house.bot():
        ana, _li, sun = await ready(house)
    await comes(house, before=-timedelta(hours=13))
    async with house.bot():
        question = await sun.sees("more than twelve hours late")
        await sun.presses(question, press)
        await sun.sees("It goes out now." if goes_out else "Not this week.")
        await sun.presses(question, "bulletins:late")
        await house.until(lambda: told(house, "This has moved on."), "the second press is none")
        if goes_out:
            await ana.sees("bicycles")
        got = [each for each in await ana.got() if "bicycles" in each["text"]]
        assert len(got) == goes_out


async def test_nothing_approved_is_said_before_and_after_and_nothing_goes_out(
    house: Town,
) -> None:
    """The authors hear it a day and two hours before, the supervisor at the hour."""
    async with house.bot():
        ana = await registered(house, 101, "Ana")
        await is_scheduled(house)
        li, sun = officer(house, "li"), officer(house, "sun")
        await comes(house, before=timedelta(days=1))
        await li.sees("Nothing is approved yet for This week in your area, East Police Room")
        await comes(house, before=timedelta(hours=2))
        await li.sees("Nothing is approved yet", count=2)
        await comes(house)
        await sun.sees("Nothing went out.")
        assert len(await ana.got()) == 1


async def test_a_room_may_publish_its_weekly_notices_without_a_second_person(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Where the roster says so; an alert still needs one."""
    async with town(sqlite_url) as here:
        roster = scheduled(tmp_path)
        roster.write_text(trusting(roster), encoding="utf-8")
        await on_file(sqlite_url, roster, here.clock)
        await on_duty(here)
        async with here.bot():
            ana, li = await registered(here, 101, "Ana"), officer(here, "li")
            sun = officer(here, "sun")
            await written(li)
            await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
            await li.sees("Your notice 1 is ready.")
            await li.presses(await li.sees(button("bulletins:send:1")), "send")
            await ana.sees("bicycles")
            await written(li, "alert", "Fire")
            await li.presses(await li.sees(button("bulletins:submit:2")), "submit")
            await sun.sees(button("bulletins:approve:2"))
