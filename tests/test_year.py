"""A year of virtual time: every reminder and every digest is promised once, whatever the clocks and
the holidays do, and however often the process begins anew."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.clock import Clock
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from storage.database import Database
from tests.bookings import SERVICES
from tests.indoors import Indoors, user
from tests.ledgers import Ledger
from tests.stations import OFFICERS, five_areas

#: Free days of 2026 and the days that are worked instead (State Council, 4 November 2025).
HOLIDAYS = (
    ("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"),
    ("06-19", "06-21"), ("09-25", "09-27"), ("10-01", "10-07"),
)  # fmt: skip
WORKED = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}
RESIDENTS = {101: "Ana", 102: "Bo"}
OPENS, BOOKED_AT, WRITTEN_AT = time(9), time(10), time(22)
SUNDAY = 6


def is_open_in_china(day: date) -> bool:
    """Whether the room opens at nine on that day: Mondays to Saturdays without the holidays."""
    mark = day.strftime("%m-%d")
    is_free = any(first <= mark <= last for first, last in HOLIDAYS)
    return mark in WORKED or (day.weekday() != SUNDAY and not is_free)


def is_open_in_berlin(day: date) -> bool:
    """There it opens every day, so that nothing is missed when the clocks change on a Sunday."""
    return True


@dataclass
class Year:
    """A station through 2026. ``digests``: when each is due, by what was written."""

    here: Indoors
    ledger: Ledger
    zone: ZoneInfo
    chance: random.Random
    digests: set[datetime] = field(default_factory=set)

    def local(self, day: date, at: time) -> datetime:
        """A time of a day in the station's zone, UTC."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    async def goes_on(self, moment: datetime) -> None:
        """From one due timer to the next."""
        while (due_at := await self.here.next_due()) is not None and due_at <= moment:
            self.here.stands_at(max(due_at, self.here.clock.now()))
            await self.here.does_what_is_due()
            await self.ledger.follows()
        self.here.stands_at(moment)

    async def may_stand_still(self, day: date) -> None:
        """On some days no process runs for up to three hours of the morning."""
        if self.chance.random() < 0.3:
            await self.goes_on(self.local(day, time(self.chance.randrange(3, 9))))
            ended = self.here.clock.now()
            self.here.stands_at(ended + timedelta(minutes=self.chance.randrange(180)))
            self.ledger.shut.append((ended, self.here.clock.now()))
            await self.here.begins()
            await self.ledger.follows()

    async def books(self, chat_id: int, day: date) -> bool:
        """Somebody wants ten o'clock of that day, whether or not it can be had."""
        ana, minutes = user(chat_id, RESIDENTS[chat_id]), self.local(day, BOOKED_AT)
        data = f"appointments:time:residence:r:{int(minutes.timestamp()) // 60}"
        await self.here.presses(ana, 1, data)
        found = await self.here.rows("SELECT id FROM appointment WHERE state = 'held'")
        for row in found:
            await self.here.presses(ana, 1, f"appointments:confirm:{row['id']}")
        await self.ledger.follows()
        return bool(found)

    async def writes(self, chat_id: int, opens: datetime) -> None:
        """Somebody writes at night: it waits for the opening."""
        await self.here.says(user(chat_id, RESIDENTS[chat_id]), "the lamp is dark")
        self.digests.add(opens)


def days_of_year() -> Iterator[date]:
    """From 2 January, when the station begins, to the last but two."""
    return (date(2026, 1, 2) + timedelta(days=number) for number in range(361))


async def begun(database: Database, folder: Path, zone: str, hours: str) -> Year:
    """The station on New Year's Day, with two residents of Riverside."""
    roster = five_areas(folder, is_quiet=True)
    text = roster.read_text(encoding="utf-8") + SERVICES
    usual = "Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00"
    text = text.replace(usual, hours).replace("Asia/Shanghai", zone)
    roster.write_text(text, encoding="utf-8")
    starts = datetime(2026, 1, 1, 8, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    here = Indoors(database, Clock(shift=starts - Clock().now()))
    await import_roster(database, check_roster(roster), here.clock)
    await here.begins()
    names = {**RESIDENTS, **{number: code for code, number in OFFICERS.items()}}
    for number, name in names.items():
        link = "/start a-riverside" if number in RESIDENTS else "/start"
        await here.says(user(number, name), link)
    return Year(here, Ledger(here, ZoneInfo(zone), names, {}), ZoneInfo(zone), random.Random(2026))


@pytest.mark.parametrize(
    ("zone", "hours", "is_open"),
    [
        ("Asia/Shanghai", "Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00", is_open_in_china),
        ("Europe/Berlin", "Mo-Su 09:00-18:00", is_open_in_berlin),
    ],
)
async def test_a_year_forgets_nobody_and_tells_nobody_twice(
    sqlite_database: Database,
    tmp_path: Path,
    zone: str,
    hours: str,
    is_open: Callable[[date], bool],
) -> None:
    """Somebody comes every other day and somebody writes every third night; the process ends on
    every third day: what can be booked are the days that are worked, each side is reminded a day
    and an hour before, and whatever was written at night comes at the next opening, in one go."""
    year = await begun(sqlite_database, tmp_path, zone, hours)
    for number, day in enumerate(days_of_year()):
        await year.may_stand_still(day)
        await year.goes_on(year.local(day, time(20)))
        if number % 2 == 0:
            wanted = day + timedelta(days=2)
            assert await year.books(101 + number % 4 // 2, wanted) == is_open(wanted), wanted
        await year.goes_on(year.local(day, WRITTEN_AT))
        if number % 3 == 0:
            opening = next(d for d in following(day) if is_open(d))
            await year.writes(101 + number % 2, year.local(opening, OPENS))
    await year.goes_on(year.local(date(2026, 12, 31), time(23)))
    await year.ledger.counts_reminders()
    await each_digest_came_once(year)


def following(day: date) -> Iterator[date]:
    """The days after a day: no closed time is longer than two weeks."""
    return (day + timedelta(days=number) for number in range(1, 15))


async def each_digest_came_once(year: Year) -> None:
    """At the opening, or when a process runs again."""
    said = await year.here.said(to=OFFICERS["li"])
    came = Counter(
        each.promised_at.replace(second=0, microsecond=0)
        for each in said
        if "waited for you." in each.text
    )
    due = {
        next((until for since, until in year.ledger.shut if since <= each < until), each)
        for each in year.digests
    }
    assert came == Counter(each.replace(second=0, microsecond=0) for each in due)
