"""A forged button may carry anything, and its press is handled: no number too long, no odd sign."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.clock import Clock
from bot.context import Button, whom
from bot.domain.roster import Role
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from handlers.features import FEATURES
from storage.database import Database
from tests.bookings import SERVICES
from tests.indoors import Indoors, user
from tests.stations import OFFICERS, five_areas

#: One of each role that some button serves.
PRESSING = {
    Role.RESIDENT: user(101, "Ana"), Role.OFFICER: user(OFFICERS["li"], "Li"),
    Role.SUPERVISOR: user(OFFICERS["sun"], "Sun"), Role.AUXILIARY: user(OFFICERS["zhao"], "Zhao"),
}  # fmt: skip
#: A number that neither engine holds, and a sign that is a digit and no number.
ODD = ("9" * 20, "²")
#: What stands before it, so that it comes to each place that a button has.
BEFORE = ("", "1:", "1:1:", "advice:r:", "riverside:")


def forged() -> Iterator[tuple[Role, str]]:
    """Each button with all of that behind it, and whom it serves."""
    for _feature, route in whom(FEATURES):
        if isinstance(route, Button):
            role = next(each for each in PRESSING if each in route.serves)
            for before in BEFORE:
                yield from ((role, f"{route.feature}:{route.name}:{before}{odd}") for odd in ODD)


async def test_every_forged_press_is_handled(database: Database, tmp_path: Path) -> None:
    """None fails, on either engine: a press that fails would be tried again while its chat waits,
    and then be shown to the administrators."""
    roster = five_areas(tmp_path)
    roster.write_text(roster.read_text(encoding="utf-8") + SERVICES, encoding="utf-8")
    here = Indoors(database, Clock())
    await import_roster(database, check_roster(roster), here.clock)
    await here.begins()
    for who in PRESSING.values():
        await here.says(who, "/start")
    await here.says(PRESSING[Role.RESIDENT], "/start a-riverside")
    pressed = 0
    for role, data in forged():
        await here.presses(PRESSING[role], 1, data)
        pressed += 1
    assert pressed > len(BEFORE) * len(ODD) * 100
