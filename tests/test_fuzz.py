"""Nonsense from Telegram's side: whatever an update turns out to be, nobody else notices."""

from __future__ import annotations

import random
from pathlib import Path

from tests.front_door import town
from tests.load.figures import Figures
from tests.load.fuzz import CHECK_EVERY, play
from tests.stations import five_areas, on_file


async def test_no_mutated_update_stops_the_bot(sqlite_url: str, tmp_path: Path) -> None:
    """Each is handled or put aside as a dead letter; whoever writes properly in between is heard.
    `python -m tests.load fuzz` plays a hundred times as many."""
    figures = Figures("fuzz", sent=CHECK_EVERY)
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await play(here, figures, chance=random.Random(5))
    assert figures.broken == []
    assert figures.delivered == figures.sent
    assert figures.more["dead letters"] > 0
