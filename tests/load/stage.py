"""The stage of a campaign: a simulated Telegram, a database with a roster, and the bot, each in a
process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp

from tests.load.databases import new_database
from tests.load.processes import OTHER_CORE, Bot, cpu_seconds_of, pin
from tests.load.station import FIRST_OFFICER, roster_text

TOKEN = "123456:load-campaign"
FIRST_RESIDENT = 10_001
#: Residents of every campaign, and officers unless it says otherwise.
PEOPLE = 50
#: A campaign that makes no progress for this long is over, with what it has.
STALLED_SECONDS = 45.0
LOOK_EVERY_SECONDS = 0.1
#: What one Bot API call takes in every campaign unless it says otherwise.
CALL_MILLISECONDS = 30
#: Nothing is on its way any more when the bot has called nothing for so long: a mark waits 1 s.
QUIET_SECONDS = 1.6

_ROOMS = Path(__file__).resolve().parents[2]


@dataclass
class Stage:
    """What a campaign acts through. ``officers``: how many there are for `PEOPLE` residents."""

    url: str
    folder: Path
    database: str
    officers: int
    bot: Bot
    session: aiohttp.ClientSession
    telegram_pid: int

    def officer_of(self, line: int) -> int:
        """The chat of the officer who answers for the resident number ``line``."""
        return FIRST_OFFICER + line % self.officers

    # --- the simulated Telegram

    async def control(self, verb: str, **body: Any) -> Any:
        """One call of the control API."""
        async with self.session.post(f"{self.url}/sim/{verb}", json=body) as response:
            return await _checked(verb, response)

    async def get(self, verb: str, **query: Any) -> Any:
        """One question to the control API."""
        async with self.session.get(f"{self.url}/sim/{verb}", params=query) as response:
            return await _checked(verb, response)

    async def says(self, chat_id: int, text: str, **more: Any) -> int:
        """Somebody writes; the message's id."""
        answer = await self.control("say", user_id=chat_id, text=text, **more)
        return int(answer["message_id"])

    async def calls_made(self) -> int:
        """Calls the bot has made so far, long polls apart."""
        totals = (await self.get("calls", limit=0))["totals"]
        return sum(count for name, count in totals.items() if name != "getUpdates")

    async def cut_calls(self) -> int:
        """Calls that had their effect and no answer, among the recent ones."""
        calls = (await self.get("calls"))["calls"]
        return sum(call["status"] == -1 and call["method"] != "getUpdates" for call in calls)

    @property
    def telegram_cpu_seconds(self) -> float:
        """What the simulator has used so far."""
        return cpu_seconds_of(self.telegram_pid)

    # --- waiting

    async def until_quiet(self) -> None:
        """Wait until the bot calls nothing any more."""
        made, since = await self.calls_made(), monotonic()
        while monotonic() - since < QUIET_SECONDS:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            now_made = await self.calls_made()
            if now_made != made:
                made, since = now_made, monotonic()

    async def until_all_spoken_to(self) -> None:
        """Wait until the bot wrote to every resident."""
        for place in range(PEOPLE):
            await self.until_spoken_to(FIRST_RESIDENT + place)

    async def until_spoken_to(self, chat_id: int) -> None:
        """Wait until the bot wrote there."""
        deadline = monotonic() + STALLED_SECONDS
        while True:
            found = await self.get("chat", chat_id=chat_id)
            if any(message["from_bot"] for message in found["messages"]):
                return
            if monotonic() > deadline:
                raise RuntimeError(f"no answer in {chat_id}: {self.log_tail()}")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def seconds_to_first_poll(self) -> float:
        """From the start of the bot's process to its first getUpdates, which must have had
        something to bring: a poll is noted when it is answered."""
        for call in (await self.get("calls", method="getUpdates"))["calls"]:
            begun_at = float(call["at"] - call["milliseconds"] / 1000)
            if begun_at >= self.bot.started_at:
                return round(begun_at - self.bot.started_at, 2)
        raise RuntimeError("the bot has asked for nothing yet")

    def log_tail(self) -> str:
        """The end of the bot's log."""
        return "\n".join(self.bot.log.read_text().splitlines()[-5:])

    # --- people

    async def officers_start(self) -> None:
        """All officers open the bot."""
        for place in range(self.officers):
            await self.says(FIRST_OFFICER + place, "/start")

    async def residents_start(self) -> None:
        """All residents come through their area's link."""
        for place in range(PEOPLE):
            await self.says(FIRST_RESIDENT + place, f"/start a-a{place % self.officers}")


async def _checked(verb: str, response: aiohttp.ClientResponse) -> Any:
    answer = await response.json()
    if response.status != 200:
        raise RuntimeError(f"/sim/{verb}: {answer}")
    return answer


@asynccontextmanager
async def stage(
    *,
    engine: str = "sqlite",
    officers: int = PEOPLE,
    program: tuple[str, ...] = Bot.program,
    settings: Mapping[str, str] | None = None,
    followers: int = 0,
    languages: Sequence[str] = ("en",),
    roster: str = "",
) -> AsyncIterator[Stage]:
    """A simulator (``followers``: people who have opened the bot), a database with the roster in
    it (``roster``: what it has besides areas and officers), and a bot that the campaign starts."""
    with tempfile.TemporaryDirectory(prefix="beatline-load-") as name:
        folder = Path(name)
        with new_database(engine, folder) as database:
            async with (
                _telegram(folder, followers) as (url, pid),
                aiohttp.ClientSession() as session,
            ):
                bot = Bot(folder, _environment(url, database, settings or {}), program)
                here = Stage(url, folder, database, officers, bot, session, pid)
                await _import_roster(here, roster_text(officers, languages) + roster)
                try:
                    yield here
                finally:
                    await bot.end()


@asynccontextmanager
async def _telegram(folder: Path, followers: int) -> AsyncIterator[tuple[str, int]]:
    with (folder / "telegram.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.load.telegram", TOKEN, str(followers),
            stdout=asyncio.subprocess.PIPE, stderr=log, cwd=_ROOMS,
        )  # fmt: skip
    assert process.stdout is not None
    try:
        pin(process.pid, OTHER_CORE)
        yield (await process.stdout.readline()).decode().strip(), process.pid
    finally:
        process.terminate()
        await process.wait()


def _environment(url: str, database: str, settings: Mapping[str, str]) -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("BEATLINE")}
    return plain | {
        "BEATLINE_TOKEN": TOKEN,
        "BEATLINE_API_URL": url,
        "BEATLINE_DATABASE": database,
        "BEATLINE_CHAT_PER_SECOND": "0",
        "BEATLINE_LOG_FORMAT": "json",
        "PYTHONPATH": str(_ROOMS),
        **settings,
    }


async def _import_roster(here: Stage, text: str) -> None:
    roster = here.folder / "roster.toml"
    roster.write_text(text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "roster", "import", str(roster),
        env=dict(here.bot.environment), stdout=asyncio.subprocess.DEVNULL, cwd=here.folder,
    )  # fmt: skip
    if await process.wait() != 0:
        raise RuntimeError("the roster was not imported")
