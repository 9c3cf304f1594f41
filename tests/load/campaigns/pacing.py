"""Messages faster than Telegram takes them: our own pace keeps the 429s away."""

from __future__ import annotations

from tests.load.arrivals import count_arrivals
from tests.load.campaigns.relaying import opened
from tests.load.crowd import residents_write
from tests.load.figures import Figures
from tests.load.stage import stage

OFFICERS = 10
#: Messages in one burst, and in all.
BURST, COUNT = 100, 600
#: Calls that may be refused with a 429.
REFUSED_SHARE = 0.01


async def pace(*, engine: str = "sqlite") -> list[Figures]:
    """Bursts of messages to ten officers; the simulator enforces the published limits."""
    figures = Figures("pace")
    settings = {"BEATLINE_CHAT_PER_SECOND": "1"}
    async with stage(engine=engine, officers=OFFICERS, settings=settings) as here:
        await opened(here, figures)
        await here.control("faults", enforce_limits=True)
        before = await here.calls_made()
        sent = []
        for first in range(0, COUNT, BURST):
            sent += await residents_write(here, BURST, tag="burst", first=first)
        await count_arrivals(here, figures, sent)
        calls = (await here.get("calls", since=before))["calls"]
        refused = sum(call["status"] == 429 for call in calls)
        figures.more["calls"] = f"{len(calls)}, {refused} of them refused with a 429"
        figures.must_not_exceed("share of 429s", refused / len(calls), REFUSED_SHARE)
    figures.must_be_whole()
    return [figures]
