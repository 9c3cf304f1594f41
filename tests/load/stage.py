"""The stage of a campaign: a simulated Telegram, a roster of many officers, and the bot, each in a
process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp

from tests.load.figures import Sent

TOKEN = "123456:load-campaign"
PEOPLE = 50
FIRST_RESIDENT, FIRST_OFFICER = 10_001, 900_001
#: A campaign that makes no progress for this long is over, with what it has.
STALLED_SECONDS = 45.0
LOOK_EVERY_SECONDS = 0.1
#: People who write at the same moment: requests under way to the simulator.
WRITERS = 32


def free_port() -> int:
    """A port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def roster_text() -> str:
    """A station with as many areas and officers as there are people."""
    parts = [
        '[station]\nname = { en = "Load" }\nhotline = "+86 10 5555 0110"\n'
        'timezone = "Asia/Shanghai"\nlanguages = ["en"]\ncoordinates = "wgs84"\n'
        'duty_desk = ["o0"]\n\n[[emergency]]\nkind = "police"\nnumber = "110"\nby = "call"\n\n'
        '[[room]]\ncode = "room"\nname = { en = "Room" }\naddress = { en = "Road 1" }\n'
        'location = [30.0, 100.0]\nphone = "+86 10 5555 0111"\nhours = "Mo-Su 00:00-24:00"\n'
    ]
    for place in range(PEOPLE):
        parts.append(
            f'\n[[area]]\ncode = "a{place}"\nname = {{ en = "Area {place}" }}\nroom = "room"\n'
            f'\n[[officer]]\ncode = "o{place}"\nname = {{ en = "Officer {place}" }}\n'
            f'role = "officer"\nbadge = "{place:06}"\nphone = "+86 100 0000 0001"\n'
            f"telegram_id = {FIRST_OFFICER + place}\n"
            f'languages = {{ en = "native" }}\nareas = ["a{place}"]\n'
        )
    return "".join(parts)


@dataclass
class Stage:
    """Everything a campaign needs. Times are monotonic seconds, the same in all processes."""

    url: str
    folder: Path
    database: str
    session: aiohttp.ClientSession
    settings: dict[str, str] = field(default_factory=dict)
    bot: asyncio.subprocess.Process | None = None
    cpu_of_ended: float = 0.0

    # --- the bot

    def environment(self) -> dict[str, str]:
        """The bot's settings."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith("BEATLINE")}
        return plain | {
            "BEATLINE_TOKEN": TOKEN,
            "BEATLINE_API_URL": self.url,
            "BEATLINE_DATABASE": self.database,
            "BEATLINE_CHAT_PER_SECOND": "0",
            "BEATLINE_LOG_FORMAT": "json",
            "PYTHONPATH": os.pathsep.join(sys.path),
            **self.settings,
        }

    async def start_bot(self, *program: str) -> None:
        """Start the bot (or another ``program``) on one core, the simulator has the other."""
        log = (self.folder / "bot.log").open("ab")
        self.bot = await asyncio.create_subprocess_exec(
            sys.executable, *(program or ("-m", "bot", "run")), env=self.environment(),
            stdout=log, stderr=log, cwd=self.folder,
        )  # fmt: skip
        log.close()
        if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(self.bot.pid, {1})

    async def end_bot(self, *, by_kill: bool = False) -> None:
        """End it: SIGTERM, or kill -9."""
        if self.bot is None:
            return
        self.cpu_of_ended += self.cpu_seconds()
        with suppress(ProcessLookupError):
            self.bot.kill() if by_kill else self.bot.terminate()
        await self.bot.wait()
        self.bot = None

    def cpu_seconds(self) -> float:
        """User and system time of the running bot."""
        if self.bot is None:
            return 0.0
        with suppress(OSError):
            fields = Path(f"/proc/{self.bot.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def rss_mib(self) -> float:
        """Resident memory of the running bot."""
        if self.bot is None:
            return 0.0
        with suppress(OSError):
            for line in Path(f"/proc/{self.bot.pid}/status").read_text().splitlines():
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
        return 0.0

    # --- the world

    async def control(self, verb: str, **body: Any) -> Any:
        """One call of the control API."""
        async with self.session.post(f"{self.url}/sim/{verb}", json=body) as response:
            answer = await response.json()
            if response.status != 200:
                raise RuntimeError(f"/sim/{verb}: {answer}")
            return answer

    async def get(self, verb: str, **query: Any) -> Any:
        """One question to the control API."""
        async with self.session.get(f"{self.url}/sim/{verb}", params=query) as response:
            answer = await response.json()
            if response.status != 200:
                raise RuntimeError(f"/sim/{verb}: {answer}")
            return answer

    async def texts(self, chat_id: int) -> list[str]:
        """What the bot brought into a chat, in order."""
        found = await self.get("chat", chat_id=chat_id, limit=20_000)
        return [each["text"] or "" for each in found["messages"] if each["from_bot"]]

    async def officers_texts(self) -> dict[int, list[str]]:
        """The same for all officers."""
        chats = range(FIRST_OFFICER, FIRST_OFFICER + PEOPLE)
        return {chat_id: await self.texts(chat_id) for chat_id in chats}

    async def register(self) -> None:
        """All officers have opened the bot, all residents come through their links."""
        for place in range(PEOPLE):
            await self.says(FIRST_OFFICER + place, "/start")
            await self.says(FIRST_RESIDENT + place, f"/start a-a{place}")
        for place in range(PEOPLE):
            await self.until_some(FIRST_RESIDENT + place)

    async def until_some(self, chat_id: int) -> None:
        """Wait until the bot wrote to this chat."""
        deadline = monotonic() + STALLED_SECONDS
        while not await self.texts(chat_id):
            if monotonic() > deadline:
                raise RuntimeError(f"no answer in {chat_id}: see {self.folder / 'bot.log'}")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def says(self, chat_id: int, text: str, **more: Any) -> int:
        """Somebody writes; the message's id."""
        answer = await self.control(
            "say", chat_id=chat_id, user_id=chat_id, text=text, first_name=f"P{chat_id}", **more
        )
        return int(answer["message_id"])

    async def residents_write(
        self, count: int, *, tag: str, per_second: float | None = None
    ) -> list[Sent]:
        """``count`` messages, residents taking turns; at once, or at an even rate."""
        queue: asyncio.Queue[Sent | None] = asyncio.Queue()
        sent: list[Sent] = []
        lines = [asyncio.Lock() for _ in range(PEOPLE)]

        async def writer() -> None:
            while (each := await queue.get()) is not None:
                # A person writes one message after the other.
                async with lines[each.line]:
                    each.at = monotonic()
                    await self.says(FIRST_RESIDENT + each.line, each.text)

        async with asyncio.TaskGroup() as group:
            for _ in range(WRITERS):
                group.create_task(writer())
            started = monotonic()
            for number in range(count):
                line, place = number % PEOPLE, number // PEOPLE
                each = Sent(f"{tag}:{line}:{place}", FIRST_OFFICER + line, line, place, 0.0)
                sent.append(each)
                if per_second is not None:
                    await asyncio.sleep(max(0.0, started + number / per_second - monotonic()))
                queue.put_nowait(each)
            for _ in range(WRITERS):
                queue.put_nowait(None)
        return sent

    async def until_arrived(self, wanted: Sequence[Sent]) -> float:
        """Wait until everything is where it belongs, or nothing moves any more; when it was."""
        missing = {each.text for each in wanted}
        seen, moved_at = 0, monotonic()
        while missing:
            found = await self.get("calls", limit=1)
            arrived = sum(found["totals"].get(name, 0) for name in ("copyMessage", "sendMessage"))
            if arrived != seen:
                seen, moved_at = arrived, monotonic()
            elif monotonic() - moved_at > LOOK_EVERY_SECONDS:
                for texts in (await self.officers_texts()).values():
                    missing.difference_update(texts)
                if monotonic() - moved_at > STALLED_SECONDS:
                    break
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        return moved_at


@asynccontextmanager
async def stage(*, database: str | None = None, **settings: str) -> AsyncIterator[Stage]:
    """A simulator and an imported roster; the campaign starts the bot."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="beatline-load-") as name:
        folder = Path(name)
        (folder / "roster.toml").write_text(roster_text(), encoding="utf-8")
        telegram = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.load.telegram", str(port), TOKEN
        )
        try:
            async with aiohttp.ClientSession() as session:
                here = Stage(
                    f"http://127.0.0.1:{port}", folder,
                    database or f"sqlite:///{folder}/load.db", session, settings,
                )  # fmt: skip
                await _until_answering(here)
                await _import_roster(here)
                try:
                    yield here
                finally:
                    await here.end_bot()
        finally:
            telegram.terminate()
            await telegram.wait()


async def _until_answering(here: Stage) -> None:
    deadline = monotonic() + STALLED_SECONDS
    while monotonic() < deadline:
        with suppress(aiohttp.ClientError):
            await here.get("clock")
            return
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    raise RuntimeError("the simulator does not answer")


async def _import_roster(here: Stage) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "roster", "import", str(here.folder / "roster.toml"),
        env=here.environment(), stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await process.wait() != 0:
        raise RuntimeError("the roster was not imported")
