"""The same work by the plain bot of `tests.load.plain_bot`: what a figure of ours is worth."""

from __future__ import annotations

from tests.load.arrivals import Arrivals
from tests.load.campaigns.breaking import written_under_fire
from tests.load.campaigns.relaying import relay_on
from tests.load.figures import Figures
from tests.load.stage import CALL_MILLISECONDS, Stage, stage

PLAIN = ("-m", "tests.load.plain_bot")


async def baseline(*, engine: str = "sqlite", count: int = 5_000, kills: int = 10) -> list[Figures]:
    """`relay`, then `crash` with ``kills``; ``engine`` means nothing to it."""
    del engine
    return [await _relay(count), await _crash(count * 2 // 5, kills)]


async def _begun(here: Stage) -> None:
    await here.officers_start()
    await here.bot.start()
    await here.until_quiet()
    await here.control("faults", latency_ms=CALL_MILLISECONDS)


async def _relay(count: int) -> Figures:
    figures = Figures("baseline, relay")
    async with stage(program=PLAIN) as here:
        await _begun(here)
        figures.start_seconds = await here.seconds_to_first_poll()
        await relay_on(here, figures, count)
    return figures


async def _crash(count: int, kills: int) -> Figures:
    figures = Figures(f"baseline, {kills} kills")
    async with stage(program=PLAIN) as here:
        await _begun(here)
        sent = await written_under_fire(here, count, kills, after_a_kill=_nothing)
        arrivals = Arrivals(here)
        await here.until_quiet()
        await arrivals.look({each.target for each in sent})
        figures.count(sent, arrivals.texts)
    return figures


async def _nothing() -> None:
    """It has no file to look into."""
