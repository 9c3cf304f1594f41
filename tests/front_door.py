"""The front door for tests: a simulated Telegram, the bot as it runs, and people with names.

Only the wire and the clock are faked. Everybody acts through the simulator's control API and sees
what the transcript of the own chat shows.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import aiohttp

from bot.app import run_bot
from bot.clock import Clock
from bot.config import Settings
from bot.simulator.server import SimulatedTelegram

TOKEN = "123456:front-door-token"
#: Nothing here takes longer than this; a promise that does is broken.
PATIENCE_SECONDS = 20.0
#: How often a condition is looked at when the simulator reports nothing.
LOOK_EVERY_SECONDS = 0.1


@dataclass
class Person:
    """Somebody with a phone."""

    town: Town
    chat_id: int
    name: str
    language: str = "en"

    async def says(self, text: str, **more: Any) -> int:
        """Send a message; its id."""
        return await self.sends(text=text, **more)

    async def sends(self, **content: Any) -> int:
        """Send any kind of message (see the control API); its id."""
        answer = await self.town.control(
            "say",
            chat_id=self.chat_id,
            user_id=self.chat_id,
            first_name=self.name,
            language_code=self.language,
            **content,
        )
        return int(answer["message_id"])

    async def edits(self, message_id: int, **content: Any) -> None:
        """Change an own message."""
        await self.town.control(
            "edit", chat_id=self.chat_id, user_id=self.chat_id, message_id=message_id, **content
        )

    async def presses(self, message: dict[str, Any], data_part: str) -> None:
        """Press the button of ``message`` whose data contains ``data_part``."""
        data = next(
            button["callback_data"]
            for row in message["buttons"]
            for button in row
            if data_part in button.get("callback_data", "")
        )
        await self.forges(message["message_id"], data)

    async def forges(self, message_id: int, data: str) -> None:
        """Press a button with this data, whether or not it was ever shown."""
        await self.town.control(
            "press",
            user_id=self.chat_id,
            chat_id=self.chat_id,
            message_id=message_id,
            data=data,
            forge=True,
        )

    async def blocks(self, blocked: bool = True) -> None:
        """Block or unblock the bot."""
        await self.town.control("block", user_id=self.chat_id, blocked=blocked)

    async def chat(self) -> list[dict[str, Any]]:
        """Everything in the chat, oldest first."""
        return await self.town.transcript(self.chat_id)

    async def got(self) -> list[dict[str, Any]]:
        """What the bot sent here, oldest first."""
        return [message for message in await self.chat() if message["from_bot"]]

    async def sees(
        self, what: str | Callable[[dict[str, Any]], bool], *, count: int = 1
    ) -> dict[str, Any]:
        """Wait until ``count`` messages of the bot fit (a part of the text, a test); the last."""
        fits = what if callable(what) else lambda message: what in (message.get("text") or "")
        found: list[dict[str, Any]] = []

        async def enough() -> bool:
            nonlocal found
            found = [message for message in await self.got() if fits(message)]
            return len(found) >= count

        await self.town.until(enough, f"{self.name} sees {what!r} {count}×")
        return found[-1]

    async def copies(self) -> list[dict[str, Any]]:
        """What the bot sent here as a reply: copies in an officer's chat."""
        return [message for message in await self.got() if message.get("reply_to")]


@dataclass
class Town:
    """The simulated Telegram, the database, and the bot when it runs."""

    telegram: SimulatedTelegram
    session: aiohttp.ClientSession
    database_url: str
    clock: Clock
    settings: dict[str, Any] = field(default_factory=dict)
    _happened: asyncio.Event = field(default_factory=asyncio.Event)
    _chats: set[int] = field(default_factory=set)

    async def control(self, verb: str, **body: Any) -> dict[str, Any]:
        """One call of the control API."""
        async with self.session.post(f"{self.telegram.url}/sim/{verb}", json=body) as response:
            answer = await response.json()
            assert response.status == 200, (verb, answer)
            return dict(answer)

    async def moves_to(self, moment: datetime) -> None:
        """The clock stands at this moment, which lies ahead."""
        await self.control("clock", shift_seconds=(moment - self.clock.now()).total_seconds())

    async def get(self, verb: str, **query: Any) -> Any:
        """One question to the control API."""
        async with self.session.get(f"{self.telegram.url}/sim/{verb}", params=query) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def transcript(self, chat_id: int) -> list[dict[str, Any]]:
        """A chat as people see it."""
        if chat_id not in self._chats:
            self._chats = {chat["chat_id"] for chat in await self.get("chats")}
        if chat_id not in self._chats:
            return []
        found = await self.get("chat", chat_id=chat_id)
        return list(found["messages"])

    async def calls(self, method: str | None = None) -> list[dict[str, Any]]:
        """The Bot API calls so far."""
        query = {} if method is None else {"method": method}
        return list((await self.get("calls", **query))["calls"])

    async def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait, with patience, for something that must become true."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await condition():
                    await self._something_happens()
        except TimeoutError:
            raise AssertionError(f"never: {what}") from None

    async def _something_happens(self) -> None:
        """The simulator's next event, or a look now and then: some facts make no event."""
        self._happened.clear()
        try:
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await self._happened.wait()
        except TimeoutError:
            return

    async def listen(self) -> None:
        """Follow the simulator's events; runs for as long as the town stands."""
        async with self.session.get(
            f"{self.telegram.url}/sim/events", timeout=aiohttp.ClientTimeout(total=None)
        ) as stream:
            async for _line in stream.content:
                self._happened.set()

    def person(self, chat_id: int, name: str, language: str = "en") -> Person:
        """Somebody with a phone."""
        return Person(self, chat_id, name, language)

    def environment(self) -> dict[str, str]:
        """The settings of this town for a bot in a process of its own."""
        return {
            **{key: value for key, value in os.environ.items() if "BEATLINE" not in key},
            "BEATLINE_TOKEN": TOKEN,
            "BEATLINE_API_URL": self.telegram.url,
            "BEATLINE_DATABASE": self.database_url,
            "BEATLINE_CHAT_PER_SECOND": "0",
            "PYTHONPATH": os.pathsep.join(sys.path),
            **{f"BEATLINE_{key.upper()}": str(value) for key, value in self.settings.items()},
        }

    async def imports(self, roster: Path) -> None:
        """`beatline roster import`."""
        process = await self.command("roster", "import", str(roster))
        assert await process.wait() == 0

    async def command(
        self, *arguments: str, output: IO[bytes] | None = None
    ) -> asyncio.subprocess.Process:
        """Run `beatline …` in a process of its own; ``output``: where its log goes."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            env=self.environment(),
            stdout=output,
            stderr=output,
        )

    async def output(self, *arguments: str) -> str:
        """What `beatline …` prints when it succeeds."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments,
            env=self.environment(), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        printed, _ = await process.communicate()
        assert process.returncode == 0
        return printed.decode()

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """The bot, running in this process until the block ends."""
        settings = Settings(
            token=TOKEN,
            api_url=self.telegram.url,
            database=self.database_url,
            **{"chat_per_second": 0, **self.settings},
        )
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(run_bot(settings, clock=self.clock, stop=stop))
            try:
                yield
            finally:
                stop.set()
                await asyncio.wait([running])


@asynccontextmanager
async def town(database_url: str, **settings: Any) -> AsyncIterator[Town]:
    """A simulated Telegram with an empty database beside it."""
    clock = Clock()
    telegram = SimulatedTelegram(clock=clock, token=TOKEN)
    await telegram.start("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            here = Town(telegram, session, database_url, clock, settings)
            listening = group.create_task(here.listen())
            try:
                yield here
            finally:
                listening.cancel()
    finally:
        await telegram.stop()
