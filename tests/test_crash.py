"""Ends of the process: what a kill, and what a stop, leaves behind while five hundred people write.

The bot runs as it does at a station, in a process of its own.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.front_door import Person, Town, town
from tests.stations import OFFICERS, RESPONSIBLE, five_areas, officer, on_duty, on_file, registered

AREAS = sorted(RESPONSIBLE)
RESIDENTS = 20
MESSAGES = 25
ENDS = 20
#: A call takes this long, so that some are under way at every end.
CALL_MILLISECONDS = 20
#: The bot lives for a random time between these: the shortest end falls into its start-up.
SHORTEST_SECONDS, LONGEST_SECONDS = 0.05, 1.2
#: Each life ends well within this.
STOP_SECONDS = 10.0


@dataclass
class Life:
    """The bot's process, one after the other. The log of all is in ``log``."""

    here: Town
    log: Path
    statuses: list[int] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None

    async def begins(self) -> None:
        """`beatline run`."""
        with self.log.open("ab") as log:
            self.process = await self.here.command("run", output=log)

    async def lasts(self, seconds: float) -> None:
        """For some time; by itself it never ends."""
        assert self.process is not None
        try:
            async with asyncio.timeout(seconds):
                status = await self.process.wait()
        except TimeoutError:
            return
        raise AssertionError(
            f"the bot ended by itself with {status}: {self.log.read_text()[-2000:]}"
        )

    async def ends(self, end: Callable[[asyncio.subprocess.Process], None]) -> None:
        """Killed or told to stop."""
        assert self.process is not None
        end(self.process)
        async with asyncio.timeout(STOP_SECONDS):
            self.statuses.append(await self.process.wait())
        self.process = None


@asynccontextmanager
async def crowd(folder: Path, sqlite_url: str) -> AsyncIterator[tuple[Town, list[Person]]]:
    """Twenty residents of five areas whose cases are open, and their officers."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(folder), here.clock)
        await on_duty(here)
        async with here.bot():
            people = [
                await registered(here, 101 + number, f"R{number}", AREAS[number % len(AREAS)])
                for number in range(RESIDENTS)
            ]
        await here.control("faults", latency_ms=CALL_MILLISECONDS)
        yield here, people


async def everybody_writes(people: list[Person], lives: asyncio.Task[None]) -> None:
    """Five hundred messages, spread over all lives of the bot."""
    for number in range(MESSAGES):
        for person in people:
            await person.says(f"{person.name}:{number}")
        if not lives.done():
            await asyncio.wait([lives], timeout=ENDS * LONGEST_SECONDS / 2 / MESSAGES)


async def many_lives(
    life: Life, end: Callable[[asyncio.subprocess.Process], None], chance: random.Random
) -> None:
    """Twenty ends at random moments, and a life that goes on."""
    for _ in range(ENDS):
        await life.begins()
        await life.lasts(chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
        await life.ends(end)
    await life.begins()


async def everything_arrived(here: Town, people: list[Person]) -> Counter[str]:
    """Each message in the right officer's chat and in no other, in order per resident; how often
    each came."""
    wanted = {f"{person.name}:{number}" for person in people for number in range(MESSAGES)}

    async def is_there() -> bool:
        found = {text for code in OFFICERS for text in await texts(here, code)}
        return wanted <= found

    await here.until(is_there, "all messages arrive")
    counted: Counter[str] = Counter()
    for code in OFFICERS:
        came = [text for text in await texts(here, code) if text in wanted]
        counted.update(came)
        for place, person in enumerate(people):
            own = [text for text in dict.fromkeys(came) if text.startswith(f"{person.name}:")]
            is_right = RESPONSIBLE[AREAS[place % len(AREAS)]] == code
            expected = [f"{person.name}:{number}" for number in range(MESSAGES)]
            assert own == (expected if is_right else [])
    return counted


async def texts(here: Town, code: str) -> list[str]:
    """What the bot brought to an officer."""
    return [message["text"] or "" for message in await officer(here, code).got()]


async def lived_through(
    folder: Path, sqlite_url: str, end: Callable[[asyncio.subprocess.Process], None], *, seed: int
) -> tuple[Counter[str], list[int]]:
    """How often each message came, and with what statuses the bot ended."""
    async with crowd(folder, sqlite_url) as (here, people):
        life = Life(here, folder / "bot.log")
        try:
            async with asyncio.TaskGroup() as group:
                lives = group.create_task(many_lives(life, end, random.Random(seed)))
                group.create_task(everybody_writes(people, lives))
            counted = await everything_arrived(here, people)
        finally:
            if life.process is not None:
                await life.ends(asyncio.subprocess.Process.terminate)
        return counted, life.statuses


async def test_nothing_is_lost_by_twenty_kills_while_five_hundred_messages_come_in(
    tmp_path: Path, sqlite_url: str
) -> None:
    """`kill -9` at random moments, start-up included: all arrive, in order per resident, in the
    right chat. Twice comes at most what was under way: at each kill one call for each chat."""
    counted, statuses = await lived_through(
        tmp_path, sqlite_url, asyncio.subprocess.Process.kill, seed=1
    )
    assert statuses == [-9] * ENDS + [0]
    duplicates = counted.total() - RESIDENTS * MESSAGES
    assert duplicates <= ENDS * len(set(RESPONSIBLE.values()))


async def test_nothing_comes_twice_by_twenty_stops_while_five_hundred_messages_come_in(
    tmp_path: Path, sqlite_url: str
) -> None:
    """SIGTERM at random moments: what is under way is finished and recorded, then the process ends
    with status 0; after the next start nothing is repeated."""
    counted, statuses = await lived_through(
        tmp_path, sqlite_url, asyncio.subprocess.Process.terminate, seed=2
    )
    assert set(statuses) <= {0, -15}  # -15: the interpreter had not come as far as our handler
    assert counted.total() == RESIDENTS * MESSAGES
