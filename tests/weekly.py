"""A station that publishes every week, and the notices of its weeks, for tests."""

from __future__ import annotations

from pathlib import Path

from bot.clock import Clock
from bot.domain.bulletins import Kind, Severity, State, Version
from storage.database import Database, Unit
from storage.transaction import Transaction
from tests.stations import five_areas

SCHEDULE = '\n[[schedule]]\nkind = "incident"\nroom = "east"\nat = "{at}"\n'


def scheduled(folder: Path, *, at: str = "Fri 18:00", zone: str = "Asia/Shanghai") -> Path:
    """Five areas whose room publishes every week."""
    path = five_areas(folder)
    text = path.read_text(encoding="utf-8").replace("Asia/Shanghai", zone)
    path.write_text(text + SCHEDULE.format(at=at), encoding="utf-8")
    return path


async def approved_notice(database: Database, clock: Clock) -> int:
    """A notice of the room is written and approved; its number."""

    async def write(unit: Unit) -> int:
        bulletins = Transaction(unit).bulletins
        number = await bulletins.open(
            kind=Kind.INCIDENT, author="li", author_chat_id=900001, room="east",
            severity=Severity.NOTICE, now=clock.now(),
        )  # fmt: skip
        bulletins.set_version(number, Version("zh", "本周"))
        bulletins.approve(number, "sun")
        await bulletins.step(number, State.APPROVED, from_state=State.DRAFT)
        return number

    return await database.run(write)
