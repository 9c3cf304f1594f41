"""The office on its file, without a wire: updates in as raw rows, promises out as rows.

Nothing is sent and nobody waits: a year of virtual time passes from one due timer to the next.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from bot.clock import Clock
from bot.delivery.inbox import arrival_of
from bot.delivery.outbox import promising_bot
from bot.delivery.outcomes import Kind, Outcome
from bot.delivery.sender.records import Finished, record
from bot.office import Office
from handlers.features import FEATURES
from handlers.letters import refuse, tell_dead_letter
from storage.database import Database, Row, Unit
from storage.inbox import InboxDrawer, Letter
from storage.outbox import OutboxDrawer, Promise, PromiseNumbers
from storage.roster import ROSTER_CHANGED
from storage.timers import Timer, TimersDrawer

ME = {"id": 1, "is_bot": True, "first_name": "Beatline", "username": "beatline_bot"}
#: More rounds of what is due at one moment are a timer that sets itself for ever.
MOST_ROUNDS = 50
AT_ONCE = 1000


class Died(Exception):  # noqa: N818 - what a test does, and no fault
    """The process ends before the transaction is committed."""


@dataclass(frozen=True, slots=True)
class Said:
    """A promise as it stands on file; ``buttons``: what they carry, in order."""

    number: int
    chat_id: int
    method: str
    text: str
    buttons: tuple[str, ...]
    promised_at: datetime
    params: Mapping[str, Any]


class Indoors:
    """An office, its clock and its file. ``blocked``: chats that take nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.blocked: set[int] = set()
        self._updates = count(1)

    async def begins(self) -> None:
        """The process starts, for the first time or after an end of any kind."""
        self._numbers = PromiseNumbers(self.database)
        self._office = Office(
            features=FEATURES, refuse=refuse, bury=tell_dead_letter, bot=promising_bot(ME),
            clock=self.clock, numbers=self._numbers,
        )  # fmt: skip
        await self._office.start()
        now = self.clock.now()

        async def note(unit: Unit) -> None:
            TimersDrawer(unit).set(ROSTER_CHANGED, "roster", due_at=now, chat_key="roster")

        await self.database.run(note)
        await self.does_what_is_due()

    # --- what comes in

    async def comes(self, update: Mapping[str, Any], *, dies: bool = False) -> None:
        """An update is filed and handled, with all that follows at once. ``dies``: the process ends
        just before the commit, and the next one handles it."""
        arrival = arrival_of({"update_id": next(self._updates), **update})
        now = self.clock.now()
        (letter,) = await self.database.run(lambda unit: InboxDrawer(unit).keep([arrival], now))
        if dies:
            await self._dies_at(letter)
        await self._handles(letter)
        await self.does_what_is_due()

    async def _dies_at(self, letter: Letter) -> None:
        try:
            await self._handles(letter, at_last=_ends)
        except Died:
            await self.begins()

    async def says(self, user: Mapping[str, Any], text: str, **more: Any) -> None:
        """A private message."""
        await self.comes({"message": {**self._message(user), "text": text, **more}})

    async def presses(
        self, user: Mapping[str, Any], message_id: int, data: str, *, dies: bool = False
    ) -> None:
        """A press on a button of the bot's message."""
        shown = {**self._message(user), "from": ME, "message_id": message_id, "text": "…"}
        press = {
            "id": str(next(self._updates)),
            "from": user,
            "chat_instance": "1",
            "message": shown,
            "data": data,
        }
        await self.comes({"callback_query": press}, dies=dies)

    def _message(self, user: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "message_id": next(self._updates) + 1_000_000,
            "date": int(self.clock.now().timestamp()),
            "chat": {"id": user["id"], "type": "private", "first_name": user["first_name"]},
            "from": user,
        }

    # --- handling

    async def _handles(
        self, item: Letter | Timer, at_last: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        await self._numbers.ensure()

        async def work(unit: Unit) -> None:
            if isinstance(item, Letter):
                await InboxDrawer(unit).take([item.sequence], self.clock.now())
            await self._office.handle(unit, [item])
            if at_last is not None:
                await at_last()

        await self.database.run(work)

    async def does_what_is_due(self) -> None:
        """Everything due now is handled and everything promised is sent, until all is quiet."""
        for _round in range(MOST_ROUNDS):
            due = await self.due()
            for timer in due:
                await self._handles(timer)
            if not await self._sends() and not due:
                return
        raise AssertionError("what is due never ends")

    async def due(self) -> list[Timer]:
        """What is due now."""
        async with self.database.reading() as unit:
            return await TimersDrawer(unit).due(self.clock.now(), limit=AT_ONCE)

    async def next_due(self) -> datetime | None:
        """When something is due next."""
        async with self.database.reading() as unit:
            row = await unit.fetch_one("SELECT due_at FROM timer ORDER BY due_at LIMIT 1")
        return None if row is None else row["due_at"]

    async def until(self, moment: datetime) -> None:
        """Time passes while the office is open."""
        while (due_at := await self.next_due()) is not None and due_at <= moment:
            self.stands_at(max(due_at, self.clock.now()))
            await self.does_what_is_due()
        self.stands_at(moment)

    def stands_at(self, moment: datetime) -> None:
        """The hands move, and nobody looks."""
        self.clock.shift(moment - self.clock.now())

    # --- what goes out

    async def _sends(self) -> bool:
        """Everything that waits is sent; whether there was anything."""
        return await self.database.run(self._send_all)

    async def _send_all(self, unit: Unit) -> bool:
        outbox, now, is_any = OutboxDrawer(unit), self.clock.now(), False
        while chats := await outbox.waiting_chats(now, limit=AT_ONCE):
            claims = await outbox.next_of(list(chats), now)
            if not claims:
                break
            for claim in claims:
                await record(unit, Finished(claim.promise, self._outcome(claim.promise)), now)
                is_any = True
        return is_any

    def _outcome(self, promise: Promise) -> Outcome:
        if promise.chat_id in self.blocked:
            return Outcome(Kind.CHAT_NEVER, "bot was blocked by the user")
        return Outcome(Kind.SENT, message_id=promise.id)

    async def said(self, *, to: int | None = None, since: int = 0) -> list[Said]:
        """The promises with a higher number, to one chat or to all, in order."""
        rows = await self.rows(
            "SELECT id, chat_id, method, params, promised_at FROM outbox"
            " WHERE id > :since AND (chat_id = :chat_id OR :is_any = 1) ORDER BY id",
            since=since,
            chat_id=to or 0,
            is_any=int(to is None),
        )
        return [_said(row) for row in rows]

    async def rows(self, sql: str, **values: Any) -> list[Row]:
        """What is on file."""
        async with self.database.reading() as unit:
            return list(await unit.fetch(sql, **values))


async def _ends() -> None:
    raise Died


def _said(row: Row) -> Said:
    params = json.loads(row["params"])
    markup = params.get("reply_markup") or {}
    if isinstance(markup, str):
        markup = json.loads(markup)
    return Said(
        number=row["id"],
        chat_id=row["chat_id"],
        method=row["method"],
        text=str(params.get("text") or ""),
        buttons=tuple(
            button["callback_data"]
            for line in markup.get("inline_keyboard", ())
            for button in line
            if "callback_data" in button
        ),
        promised_at=row["promised_at"],
        params=params,
    )


def user(chat_id: int, name: str, language: str = "en") -> dict[str, Any]:
    """Somebody as Telegram names whoever writes."""
    return {"id": chat_id, "is_bot": False, "first_name": name, "language_code": language}
