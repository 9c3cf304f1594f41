"""A year of weeks with two processes on one database: whatever ends when, each week has its issue
once, and everybody is told once."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.clock import Clock
from bot.domain.bulletins import REMINDERS_BEFORE, issue_of, next_weekly
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from storage.database import Database
from storage.engines import open_database
from storage.outbox import PAYLOAD
from tests.cuts import Wire, wire_to
from tests.indoors import Indoors, user
from tests.stations import OFFICERS
from tests.weekly import approved_notice, scheduled

WEEKS = 52
RESIDENTS = {101: "Ana", 102: "Bo", 103: "Cleo"}
SUPERVISORS = (OFFICERS["sun"],)
AUTHORS = tuple(OFFICERS[code] for code in ("li", "wang", "chen"))
#: A process that dies does so before so many pieces have passed between it and the server: more
#: than a week's work takes.
MOST_CHUNKS = 400
#: So many of the year's deaths at least must have met a process at work, or nothing was tried.
LEAST_ENDS = 20


class Process:
    """An office at the end of a wire of its own, which can end at any moment."""

    def __init__(self, wire: Wire, url: str, clock: Clock) -> None:
        self._wire, self._url, self._clock = wire, url, clock

    async def begins(self) -> None:
        """A new process: it does what is due, like every one that starts."""
        self._wire.begins_anew()
        self._database = open_database(self._url)
        self.here = Indoors(self._database, self._clock)
        await self.here.begins()

    async def works(self, *, chunks: int | None = None) -> bool:
        """Do what is due. ``chunks``: after so many pieces to or from the server it is no more:
        nothing is undone by it or asked for; whether that came about."""
        self._wire.chunks_left = chunks
        async with asyncio.TaskGroup() as group:
            working = group.create_task(self._works())
            ending = group.create_task(self._wire.has_ended.wait())
            await asyncio.wait([working, ending], return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            ending.cancel()
        self._wire.chunks_left = None
        if self._wire.has_ended.is_set():
            await self._database.close()
        return self._wire.has_ended.is_set()

    async def _works(self) -> None:
        try:
            await self.here.does_what_is_due()
        except Exception:  # whatever a cut wire led to
            if not self._wire.has_ended.is_set():
                raise

    async def ends(self) -> None:
        """It is stopped."""
        await self._database.close()


class TwoOffices:
    """Two processes that live through the same moments; ``ended``: how often one died at work."""

    def __init__(self, processes: list[Process], clock: Clock) -> None:
        self._processes, self._clock = processes, clock
        self._chance = random.Random(52)
        self.ended = 0

    async def come_to(self, moment: datetime) -> None:
        """Both find at the same moment what is due; half the time one of them dies of it, and a
        new one begins when the other has nothing more to do."""
        self._clock.shift(moment - self._clock.now())
        dying = self._chance.choice([0, 1, None, None])
        chunks = self._chance.randrange(MOST_CHUNKS)
        ended = await asyncio.gather(*(
            each.works(chunks=chunks if place == dying else None)
            for place, each in enumerate(self._processes)
        ))  # fmt: skip
        for each, has_ended in zip(self._processes, ended, strict=True):
            self.ended += has_ended
            if has_ended:
                await each.begins()
        assert await self._processes[0].here.due() == []


@dataclass
class Year:
    """What is written and approved in it, and what everybody must be told: (chat, issue)."""

    file: Database
    clock: Clock
    zone: ZoneInfo
    expected: Counter[tuple[int, str]] = field(default_factory=Counter)
    published: list[str] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    async def week(self, both: TwoOffices, hour: datetime) -> None:
        """From its first reminder to its issue. In most weeks the notice is approved before all
        of it, in some after a reminder or two, in some never."""
        issue = str(issue_of(hour, self.zone))
        moments = [hour - before for before in REMINDERS_BEFORE]
        moments.append(hour + timedelta(hours=self.chance.uniform(0, 11.9)))
        approved_before = self.chance.choice([0, 0, 0, 1, 2, 3])
        for place, moment in enumerate(moments):
            if place == approved_before:
                await self._approves(issue)
            told = [AUTHORS, AUTHORS, SUPERVISORS][place] if place < approved_before else ()
            self.expected.update((chat_id, issue) for chat_id in told)
            await both.come_to(moment)

    async def _approves(self, issue: str) -> None:
        await approved_notice(self.file, self.clock)
        self.published.append(issue)
        self.expected.update((chat_id, issue) for chat_id in RESIDENTS)


async def told_in(here: Indoors) -> Counter[tuple[int, str]]:
    """Which chat was told of which issue, how often: the notice, a reminder, that there is none."""
    rows = await here.rows("SELECT number, issue FROM bulletin")
    issues = {str(row["number"]): row["issue"] for row in rows}
    told: Counter[tuple[int, str]] = Counter()
    for each in await here.said():
        named = re.search(r"\d{4}-\d{2}", each.text)
        if PAYLOAD in each.params:
            told[each.chat_id, issues[each.params[PAYLOAD].split(":")[1]]] += 1
        elif named and ("/bulletin" in each.text or each.chat_id in SUPERVISORS):
            told[each.chat_id, named[0]] += 1
    return told


@pytest.mark.parametrize(
    ("zone", "at"), [("Asia/Shanghai", "Fri 18:00"), ("Europe/Berlin", "Sun 02:30")]
)
async def test_two_offices_publish_each_week_of_a_year_once(
    postgres_database: Database, postgres_url: str, tmp_path: Path, zone: str, at: str
) -> None:
    """Both run every timer at the same moment, up to twelve hours late, and every other time one of
    them may die of it: every resident has each week's notice once; where nothing is approved each
    author is reminded once a day and once two hours before, and the supervisor hears it once."""
    clock = Clock(shift=datetime(2026, 1, 5, tzinfo=UTC) - Clock().now())
    roster = check_roster(scheduled(tmp_path, at=at, zone=zone))
    await import_roster(postgres_database, roster, clock)
    year = Year(postgres_database, clock, ZoneInfo(zone))
    async with wire_to(postgres_url) as (one, first), wire_to(postgres_url) as (other, second):
        processes = [Process(one, first, clock), Process(other, second, clock)]
        for each in processes:
            await each.begins()
        here = processes[0].here
        for number, name in RESIDENTS.items():
            await here.says(user(number, name), "/start a-riverside")
        both = TwoOffices(processes, clock)
        for _week in range(WEEKS):
            await year.week(both, next_weekly(at, year.zone, after=clock.now()))
        here = processes[0].here
        rows = await here.rows("SELECT issue FROM bulletin WHERE issue IS NOT NULL ORDER BY number")
        runs = await here.rows("SELECT period FROM run WHERE job = 'bulletins:incident:east'")
        told = await told_in(here)
        for each in processes:
            await each.ends()
    assert [row["issue"] for row in rows] == year.published
    assert len(runs) == WEEKS
    assert told == year.expected
    assert both.ended >= LEAST_ENDS
