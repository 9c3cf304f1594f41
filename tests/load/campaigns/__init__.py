"""The campaigns by name. Each plays on stages of its own and returns its figures."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from tests.load.campaigns.baseline import baseline
from tests.load.campaigns.booking import booking
from tests.load.campaigns.breaking import crash, faults
from tests.load.campaigns.broadcasting import broadcast, broadcast_long
from tests.load.campaigns.lasting import growth, idle, soak
from tests.load.campaigns.pacing import pace
from tests.load.campaigns.relaying import answers, paced, relay
from tests.load.figures import Figures

Campaign = Callable[..., Coroutine[Any, Any, list[Figures]]]

#: Each takes ``engine``, "sqlite" or "postgres".
CAMPAIGNS: dict[str, Campaign] = {
    "relay": relay,
    "paced": paced,
    "answers": answers,
    "faults": faults,
    "crash": crash,
    "pace": pace,
    "growth": growth,
    "soak": soak,
    "idle": idle,
    "booking": booking,
    "broadcast": broadcast,
    "broadcast_long": broadcast_long,
    "baseline": baseline,
}
#: What `all` plays, by engine: within twenty minutes on two cores. A broadcast is played by itself.
ALL: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(name for name in CAMPAIGNS if not name.startswith("broadcast")),
    "postgres": ("relay", "faults", "crash"),
}


async def short(*, engine: str = "sqlite") -> list[Figures]:
    """The promises alone, in little: for the gates. Times are not looked at."""
    played = [
        *await relay(engine=engine, count=1_000),
        *await faults(engine=engine, count=200, outage_seconds=2.0),
        *await crash(engine=engine, count=600, kills=3),
    ]
    for figures in played:
        figures.missed.clear()
    return played
