"""What time does to the bot: years of rows, a month of messages, a minute of nothing."""

from __future__ import annotations

import asyncio
from time import monotonic

from storage.engines import sqlite_path
from tests.load.arrivals import Arrivals
from tests.load.campaigns.relaying import copy_in, opened, relay_on
from tests.load.crowd import officers_answer, residents_write
from tests.load.databases import rows_by_table
from tests.load.figures import Figures, Sent
from tests.load.stage import FIRST_RESIDENT, PEOPLE, Stage, stage
from tests.load.station import FIRST_OFFICER
from tests.load.years import lay_down

SIZES = (1_000, 1_000_000)
#: How much more the larger station may cost: CPU of a message, start-up, memory.
COST_GROWS, START_GROWS, RSS_GROWS = 1.1, 1.2, 1.1
#: A start is measured as the best of these: the machine does other things as well.
STARTS = 3

IDLE_SECONDS = 60.0
START_SECONDS, IDLE_MIB, IDLE_CPU_SHARE = 1.0, 90.0, 0.005

SOAK_COUNT, SOAK_DAYS, ROUND = 200_000, 30, 1_000
#: Memory is flat when it ends at most so much above where it was after the first 5 %.
FLAT = 1.05
#: What is kept as evidence grows with every message; nothing else may.
EVIDENCE = frozenset({"message", "copy"})
#: Handled updates and kept promises stay 48 hours: then a table is as full as it gets.
FULL_AFTER_DAYS, FULL_AND_MORE = 4, 1.2


async def growth(*, engine: str = "sqlite", count: int = 5_000) -> list[Figures]:
    """The same work for a young station and for one with a million residents and closed cases."""
    if engine != "sqlite":
        raise ValueError("growth lays its rows straight into a SQLite file")
    small, large = [await _grown(size, count) for size in SIZES]
    for name, limit in (
        ("cpu_ms_per_message", COST_GROWS),
        ("start_seconds", START_GROWS),
        ("rss_mib", RSS_GROWS),
    ):
        ratio = round(getattr(large, name) / getattr(small, name), 2)
        large.more[f"{name}, times that of {SIZES[0]:,}"] = ratio
        large.must_not_exceed(f"{name} ratio", ratio, limit)
    return [small, large]


async def _grown(size: int, count: int) -> Figures:
    figures = Figures(f"growth, {size:,}")
    async with stage() as here:
        path = sqlite_path(here.database)
        await asyncio.to_thread(
            lay_down, path, size, officers=here.officers, first_officer=FIRST_OFFICER
        )
        await opened(here, figures)
        await relay_on(here, figures, count)
        starts = [await restarted(here) for _ in range(STARTS)]
        figures.start_seconds = min(starts)
    figures.must_be_whole()
    return figures


async def restarted(here: Stage) -> float:
    """End the bot and start it again; the seconds until it asks Telegram for updates."""
    await here.bot.end()
    await here.says(FIRST_RESIDENT, "is somebody there?")
    await here.bot.start()
    await here.until_quiet()
    return await here.seconds_to_first_poll()


async def idle(*, engine: str = "sqlite", seconds: float = IDLE_SECONDS) -> list[Figures]:
    """Start with warm files, then nothing."""
    figures = Figures("idle")
    async with stage(engine=engine) as here:
        await opened(here, figures)
        figures.start_seconds = min([await restarted(here) for _ in range(STARTS)])
        cpu, since = here.bot.cpu_seconds, monotonic()
        await asyncio.sleep(seconds)
        share = (here.bot.cpu_seconds - cpu) / (monotonic() - since)
        figures.rss_mib = round(here.bot.rss_mib, 1)
    figures.more["share of a core"] = f"{share:.2%}"
    figures.must_not_exceed("seconds to the first getUpdates", figures.start_seconds, START_SECONDS)
    figures.must_not_exceed("MiB", figures.rss_mib, IDLE_MIB)
    figures.must_not_exceed("share of a core", share, IDLE_CPU_SHARE)
    return [figures]


async def soak(
    *, engine: str = "sqlite", count: int = SOAK_COUNT, days: int = SOAK_DAYS
) -> list[Figures]:
    """A month in minutes: rounds of messages and answers, the clock moved after each."""
    figures = Figures(f"soak, {count:,} in {days} days")
    async with stage(engine=engine, program=("-m", "tests.load.following")) as here:
        await opened(here, figures)
        await here.control("faults", latency_ms=0)
        rounds = count // ROUND
        soaking = _Soaking(here, Arrivals(here), await _copies(here))
        cpu = here.bot.cpu_seconds
        for number in range(rounds):
            await soaking.round(number)
            await here.control("clock", shift_seconds=days * 86_400 / rounds)
            if number == rounds // 20:
                early_mib = here.bot.rss_mib
            if number == rounds * FULL_AFTER_DAYS // days:
                full = await rows_by_table(here.database)
        figures.cpu_ms_per_message = round((here.bot.cpu_seconds - cpu) / count * 1000, 3)
        figures.rss_mib = round(here.bot.rss_mib, 1)
        figures.more["MiB after the first 5 %"] = round(early_mib, 1)
        figures.must_not_exceed("growth of memory", here.bot.rss_mib / early_mib, FLAT)
        _compare_tables(figures, full, await rows_by_table(here.database))
        figures.count(soaking.sent, soaking.arrivals.texts)
    figures.must_be_whole()
    return [figures]


class _Soaking:
    def __init__(self, here: Stage, arrivals: Arrivals, copies: dict[int, int]) -> None:
        self._here = here
        self._copies = copies
        self.arrivals = arrivals
        self.sent: list[Sent] = []

    async def round(self, number: int) -> None:
        """Officers answer everybody, then residents write."""
        answered = await officers_answer(
            self._here, PEOPLE, tag="answer", first=number * PEOPLE, to=self._copies
        )
        await self.arrivals.wait_for(answered)
        written = ROUND - PEOPLE
        asked = await residents_write(self._here, written, tag="soak", first=number * written)
        await self.arrivals.wait_for(asked)
        self.sent += [*answered, *asked]


async def _copies(here: Stage) -> dict[int, int]:
    return {line: await copy_in(here, here.officer_of(line)) for line in range(PEOPLE)}


def _compare_tables(figures: Figures, full: dict[str, int], at_the_end: dict[str, int]) -> None:
    figures.more["rows at the end"] = {name: n for name, n in at_the_end.items() if n}
    for name, rows in at_the_end.items():
        if name not in EVIDENCE:
            most = max(full.get(name, 0) * FULL_AND_MORE, full.get(name, 0) + PEOPLE)
            figures.must_not_exceed(f"rows in {name}", rows, most)
