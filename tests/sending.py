"""A sender at work for tests: a real client and a simulated Telegram at the other end of the wire,
promises written as handlers write them, and a watch that only tests move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.clock import Clock
from bot.delivery.pace import Pace
from bot.delivery.sender import Sender
from bot.delivery.telegram import TelegramClient
from bot.simulator import SimulatedTelegram
from bot.simulator.control import control
from storage.database import Database, Row
from storage.outbox import FollowUp, Form, Lane, OutboxDrawer, Promise

TOKEN = "123456:a-sender-at-work"
#: Nothing here takes longer; what does is broken.
PATIENCE_SECONDS = 60.0


class Watch:
    """Monotonic seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Desk:
    """Where promises are written down, and the sender that keeps them."""

    database: Database
    telegram: SimulatedTelegram
    client: TelegramClient
    clock: Clock
    watch: Watch = field(default_factory=Watch)
    settings: dict[str, float] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))
    follow_ups: int = 0
    sender: Sender = field(init=False)
    running: asyncio.Task[None] = field(init=False)

    def opens(self) -> None:
        """The sender begins."""
        pace = {"chat_per_second": 0.0, "bulk_per_second": 1e6, **self.settings}
        self.sender = Sender(
            self.database,
            self.client,
            self.clock,
            pace=Pace(monotonic=self.watch, **pace),
            on_follow_up=self._follow_up,
        )
        self.watch.seconds += 10  # the bucket of broadcasts starts empty
        self.running = asyncio.get_running_loop().create_task(self.sender.run())

    def _follow_up(self) -> None:
        self.follow_ups += 1

    async def dies(self) -> None:
        """The process ends in the middle of whatever it does."""
        self.running.cancel()
        await asyncio.wait([self.running])
        assert self.running.cancelled(), self.running.exception()

    async def closes(self) -> None:
        """SIGTERM: what is under way is finished and recorded."""
        await self.sender.stop()
        await self.dies()

    def knows(self, *chat_ids: int) -> None:
        """These people have opened the chat with the bot."""
        for chat_id in chat_ids:
            self.does("say", user_id=chat_id, text="hello")

    def does(self, what: str, **request: Any) -> Any:
        """Something people do, as through the control API."""
        return control(self.telegram.telegram, "POST", what, request)

    def faults(self, **faults: Any) -> None:
        """What goes wrong from now on."""
        self.does("faults", **faults)

    async def says(
        self, chat_id: int, text: str, *, lane: Lane = Lane.DIALOGUE, **terms: Any
    ) -> int:
        """Promise one message; its number."""
        [number] = await self.promises(message(chat_id, text, lane=lane, **terms))
        return number

    async def promises(self, *forms: Callable[[int], Promise], wake: bool = True) -> list[int]:
        """Write promises in one transaction, and tell the sender."""
        made = [form(next(self.numbers)) for form in forms]
        async with self.database.unit() as unit:
            for promise in made:
                OutboxDrawer(unit).promise(promise, self.clock.now())
        if wake:
            lanes = {each.chat_id: min(p.lane for p in made if p.chat_id == each.chat_id)
                     for each in made}  # fmt: skip
            self.sender.wake(lanes)
        return [promise.id for promise in made]

    async def later(self, seconds: float) -> None:
        """The watch moves; whoever waited for that goes on."""
        self.watch.seconds += seconds
        self.sender.wake({})

    async def until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        """Wait for it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_so():
                assert not self.running.done(), self.running
                await asyncio.sleep(0)

    async def until_states(self, states: dict[int, str]) -> None:
        """Wait until these promises are in these states."""

        async def are_so() -> bool:
            rows = await self.rows()
            return all(rows[number]["state"] == state for number, state in states.items())

        await self.until(are_so)

    async def until_under_way(self, chat_id: int) -> None:
        """Wait until a call to this chat is under way."""

        async def is_under_way() -> bool:
            return self.sender.is_in_flight(chat_id)

        await self.until(is_under_way)

    async def until_over(self) -> None:
        """Wait until nothing is owed any more, moving the watch as far as it takes."""

        async def is_over() -> bool:
            await self.later(0.5)
            async with self.database.reading() as unit:
                counts = await OutboxDrawer(unit).counts()
            return not counts.keys() & {"waiting", "sending"}

        await self.until(is_over)

    async def rows(self) -> dict[int, Row]:
        """All promises on file."""
        async with self.database.reading() as unit:
            rows = await unit.fetch("SELECT * FROM outbox ORDER BY id")
        return {row["id"]: row for row in rows}

    async def timers(self) -> list[tuple[str, str]]:
        """What is due."""
        async with self.database.reading() as unit:
            rows = await unit.fetch("SELECT kind, key FROM timer ORDER BY kind, key")
        return [(row["kind"], row["key"]) for row in rows]

    def texts(self, chat_id: int) -> list[str]:
        """What the bot brought into a chat, in order."""
        chat = self.telegram.telegram.world.chats[chat_id]
        return [each.text for each in chat.messages.values() if each.is_from_bot]

    def message_ids(self, chat_id: int) -> dict[str, int]:
        """The id of each of the bot's messages in a chat, by its text."""
        chat = self.telegram.telegram.world.chats[chat_id]
        return {each.text: each.id for each in chat.messages.values() if each.is_from_bot}

    def calls(self, method: str | None = None) -> list[Any]:
        """The calls that Telegram got, oldest first."""
        records = self.telegram.telegram.calls.records
        return [each for each in records if method in (None, each.method)]


def message(
    chat_id: int,
    text: str,
    *,
    lane: Lane = Lane.DIALOGUE,
    answers: int | None = None,
    otherwise: Sequence[Form] = (),
    params: dict[str, Any] | None = None,
    **terms: Any,
) -> Callable[[int], Promise]:
    """A message as a promise; ``answers`` is the number of the promise it replies to."""
    reply = {"message_id": -answers, "allow_sending_without_reply": True} if answers else None
    form = Form(
        "sendMessage",
        {"chat_id": chat_id, "text": text, **(params or {})}
        | ({"reply_parameters": reply} if reply else {}),
    )
    return lambda number: Promise(
        number, chat_id, lane, form, otherwise=otherwise, needs=answers, **terms
    )


def edit(
    chat_id: int, text: str, *, of: int, lane: Lane = Lane.DIALOGUE, **terms: Any
) -> Callable[[int], Promise]:
    """An edit of a promised message; it waits in that one's lane."""
    form = Form("editMessageText", {"chat_id": chat_id, "message_id": -of, "text": text})
    return lambda number: Promise(number, chat_id, lane, form, needs=of, **terms)


def follow_up(kind: str, key: str) -> FollowUp:
    """A timer that is set when a promise ends."""
    return FollowUp(kind, key, "1")


@asynccontextmanager
async def desk(database: Database, clock: Clock, **settings: float) -> AsyncIterator[Desk]:
    """A sender at work until the block ends."""
    client = None
    async with SimulatedTelegram(clock=clock, token=TOKEN) as telegram:
        client = TelegramClient(TOKEN, telegram.url)
        here = Desk(database, telegram, client, clock, settings=settings)
        here.opens()
        try:
            yield here
        finally:
            await here.dies()
            await client.close()
