"""Messages on bad days: Telegram refuses, breaks or is away, and the bot is killed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from tests.load.arrivals import count_arrivals
from tests.load.campaigns.relaying import opened
from tests.load.crowd import residents_write
from tests.load.databases import calls_under_way
from tests.load.figures import Figures, Sent
from tests.load.stage import PEOPLE, Stage, stage

#: What goes wrong, one campaign each; the long outage is one of its own.
FAULTS: dict[str, dict[str, Any]] = {
    "faults, 5 % 429": {"p429": 0.05},
    "faults, 5 % 502": {"p5xx": 0.05},
    "faults, 2 % cut": {"cut": 0.02},
}
#: How long a process may live before it is killed: from the middle of its start to busy work.
LIFE_SECONDS = (0.1, 2.0)


async def faults(
    *, engine: str = "sqlite", count: int = 2_000, outage_seconds: float = 30.0
) -> list[Figures]:
    """Each fault on ``count`` messages. Only a cut after acceptance may bring something twice."""
    played = [await _fault(engine, name, wrong, count) for name, wrong in FAULTS.items()]
    played.append(await _outage(engine, count, outage_seconds))
    return played


async def _fault(engine: str, name: str, wrong: dict[str, Any], count: int) -> Figures:
    figures = Figures(name)
    async with stage(engine=engine) as here:
        await opened(here, figures)
        await here.control("faults", **wrong)
        sent = await residents_write(here, count, tag="fault")
        await count_arrivals(here, figures, sent)
        figures.more["calls that failed"] = sum((await _failures(here)).values())
        cut = await here.cut_calls()
    figures.must_be_whole(allowed_duplicates=cut)
    return figures


async def _failures(here: Stage) -> dict[str, int]:
    return dict((await here.get("calls", limit=0))["failures"])


async def _outage(engine: str, count: int, seconds: float) -> Figures:
    """Telegram is away in the middle of it; people go on writing."""
    figures = Figures(f"faults, {seconds:g} s outage")
    async with stage(engine=engine) as here:
        await opened(here, figures)
        half = count // 2
        sent = await residents_write(here, half, tag="outage")
        await here.control("faults", outage_seconds=seconds)
        sent += await residents_write(here, half, tag="outage", first=half)
        await asyncio.sleep(seconds)
        await count_arrivals(here, figures, sent)
    # What was under way when it began had its effect and no answer: one call for each chat.
    figures.must_be_whole(allowed_duplicates=PEOPLE)
    return figures


async def crash(*, engine: str = "sqlite", count: int = 10_000, kills: int = 50) -> list[Figures]:
    """kill -9 at random moments while people write, start-up included."""
    figures = Figures(f"crash, {kills} kills")
    async with stage(engine=engine) as here:
        await opened(here, figures)
        uncertain: list[int] = []

        async def look() -> None:
            uncertain.append(await calls_under_way(here.database))

        sent = await written_under_fire(here, count, kills, after_a_kill=look)
        await count_arrivals(here, figures, sent)
    figures.more["calls under way at the kills"] = sum(uncertain)
    figures.must_be_whole(allowed_duplicates=sum(uncertain))
    return [figures]


async def written_under_fire(
    here: Stage,
    count: int,
    kills: int,
    *,
    after_a_kill: Callable[[], Awaitable[None]],
    seed: int = 1,
) -> list[Sent]:
    """People write evenly for as long as the bot is killed and started again."""
    chance = random.Random(seed)
    seconds = kills * sum(LIFE_SECONDS) / 2
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(
            residents_write(here, count, tag="crash", per_second=count / seconds)
        )
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(*LIFE_SECONDS))
            await here.bot.end(by_kill=True)
            await after_a_kill()
            await here.bot.start()
    return writing.result()
