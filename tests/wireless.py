"""The office without a wire: updates go in as rows, promises come out as rows.

The clock stands until it is moved, and the process may end at any moment: what is not on file is
lost then, as it would be.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot.clock import Clock
from bot.delivery.dispatcher import Item
from bot.delivery.outbox import promising_bot
from bot.domain.roster import Roster
from bot.office import Office
from bot.roster.importing import import_roster
from handlers.features import FEATURES
from handlers.letters import refuse, tell_dead_letter
from storage.database import Database, Row, Unit
from storage.engines import open_database
from storage.inbox import Arrival, InboxDrawer, Letter
from storage.outbox import PromiseNumbers
from storage.roster import ROSTER_CHANGED
from storage.timers import TimersDrawer

_ME = {"id": 123456, "is_bot": True, "first_name": "Beatline", "username": "beatline_bot"}
#: More than this due at one moment is a timer that sets itself again and again.
MOST_DUE = 2_000


class StandingClock(Clock):
    """Moves only when it is moved."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._now = now

    def now(self) -> datetime:
        return self._now

    def shift(self, by: timedelta) -> None:
        self._now += by


class Killed(Exception):  # noqa: N818 - it is what happens to a process, no error of ours
    """The process ends in the middle of a transaction."""


@dataclass(frozen=True, slots=True)
class Said:
    """One promise. ``message_id``: of the message it makes or changes; ``at``: by the standing
    clock; ``run``: how many times everything due had been handled before."""

    number: int
    chat_id: int
    message_id: int
    method: str
    text: str
    buttons: tuple[str, ...]
    at: datetime
    run: int


@dataclass
class Wireless:
    """One office on one database. ``watch`` is awaited after every single thing handled."""

    url: str
    clock: StandingClock
    watch: Callable[[], Awaitable[None]] | None = None
    said: list[Said] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)
    database: Database = field(init=False)
    _updates: Any = field(default_factory=lambda: count(1))

    async def begins(self, roster: Roster) -> None:
        """The first process, with this roster on file."""
        self.database = open_database(self.url)
        await self.imports(roster)
        await self.closes()
        await self.opens()

    async def opens(self) -> None:
        """A process begins: what is on file and due is handled."""
        self.database = open_database(self.url)
        self._numbers = PromiseNumbers(self.database)
        self.office = Office(
            features=FEATURES,
            refuse=refuse,
            bury=tell_dead_letter,
            bot=promising_bot(_ME),
            clock=self.clock,
            numbers=self._numbers,
        )
        await self.office.start()
        await self.database.run(self._note_start)
        await self.goes_on()

    async def _note_start(self, unit: Unit) -> None:
        now = self.clock.now()
        TimersDrawer(unit).set(ROSTER_CHANGED, "roster", due_at=now, chat_key="roster")

    async def closes(self) -> None:
        """The process ends."""
        await self.database.close()

    async def imports(self, roster: Roster) -> None:
        """`beatline roster import`."""
        await import_roster(self.database, roster, self.clock)

    # --- what comes

    def says(self, chat_id: int, text: str, name: str = "") -> dict[str, Any]:
        """An update: a text."""
        number = next(self._updates)
        message = {**_place(chat_id, number), "from": _person(chat_id, name), "text": text}
        return {"update_id": number, "message": message}

    def presses(self, chat_id: int, data: str, message_id: int, name: str = "") -> dict[str, Any]:
        """An update: a pressed button."""
        number = next(self._updates)
        query = {
            "id": str(number),
            "from": _person(chat_id, name),
            "chat_instance": "1",
            "message": _place(chat_id, message_id),
            "data": data,
        }
        return {"update_id": number, "callback_query": query}

    async def comes(self, *updates: dict[str, Any], dies: bool = False) -> None:
        """Updates are filed and handled as one group. ``dies``: the process ends just before the
        commit, and another one begins."""
        letters = await self.database.run(lambda unit: self._keep(unit, updates))
        try:
            await self._handle(list(letters), dies=dies)
        except Killed:
            await self.closes()
            await self.opens()
        await self.goes_on()

    async def _keep(self, unit: Unit, updates: tuple[dict[str, Any], ...]) -> list[Letter]:
        return await InboxDrawer(unit).keep(
            [
                Arrival(each["update_id"], str(_chat_of(each)), json.dumps(each).encode())
                for each in updates
            ],
            self.clock.now(),
        )

    # --- what is handled

    async def goes_on(self) -> None:
        """Everything waiting and everything due now; then the next time may come."""
        async with self.database.reading() as unit:
            waiting = await InboxDrawer(unit).waiting(limit=MOST_DUE, per_chat=MOST_DUE)
        for letter in waiting:
            await self._handle([letter])
        for _ in range(MOST_DUE):
            async with self.database.reading() as unit:
                due = await TimersDrawer(unit).due(self.clock.now(), limit=50)
            if not due:
                self.moments.append(self.clock.now())
                return
            for timer in due:
                await self._handle([timer])
        raise AssertionError("something is due for ever")

    async def _handle(self, items: list[Item], *, dies: bool = False) -> None:
        await self._numbers.ensure()

        async def work(unit: Unit) -> Any:
            letters = [each.sequence for each in items if isinstance(each, Letter)]
            await InboxDrawer(unit).take(letters, self.clock.now())
            handled = await self.office.handle(unit, items)
            if dies:
                raise Killed
            return handled

        handled = await self.database.run(work)
        self.answers += [str(form.params.get("text") or "") for form in handled.direct]
        await self.database.run(self._send)
        if self.watch is not None:
            await self.watch()

    async def _send(self, unit: Unit) -> None:
        """Every promise is kept at once; a message's id is the number of its promise."""
        rows = await unit.fetch(
            "SELECT id, chat_id, method, params FROM outbox WHERE state = 'waiting' ORDER BY id"
        )
        unit.write(
            "UPDATE outbox SET state = 'sent', message_id = id, finished_at = :now"
            " WHERE state = 'waiting'",
            now=self.clock.now(),
        )
        self.said += [self._said(row) for row in rows]

    def _said(self, row: Row) -> Said:
        params = json.loads(row["params"])
        markup = params.get("reply_markup") or {}
        changed = params.get("message_id") if row["method"].startswith("edit") else None
        return Said(
            row["id"], row["chat_id"], abs(changed or row["id"]), row["method"],
            str(params.get("text") or ""),
            tuple(
                button["callback_data"]
                for line in markup.get("inline_keyboard", ())
                for button in line
                if "callback_data" in button
            ),
            self.clock.now(), self.run,
        )  # fmt: skip

    # --- what time brings

    async def next_due(self) -> datetime | None:
        """When something is due next."""
        async with self.database.reading() as unit:
            row = await unit.fetch_one("SELECT due_at FROM timer ORDER BY due_at LIMIT 1")
        return None if row is None else row["due_at"]

    async def until(self, moment: datetime) -> None:
        """Time passes: whatever is due on the way is handled when it is."""
        while (due := await self.next_due()) is not None and due <= moment:
            self.clock.shift(max(due - self.clock.now(), timedelta()))
            await self.goes_on()
        self.clock.shift(moment - self.clock.now())
        await self.goes_on()

    async def stands_still(self, by: timedelta) -> None:
        """Nothing runs for so long; then everything that was due is handled at once."""
        await self.closes()
        self.clock.shift(by)
        await self.opens()

    # --- what one sees

    @property
    def run(self) -> int:
        """How many times everything due has been handled; each time has one moment."""
        return len(self.moments)

    async def rows(self, sql: str, **parameters: Any) -> list[Row]:
        """Rows on file."""
        async with self.database.reading() as unit:
            return await unit.fetch(sql, **parameters)

    def shown(self, chat_id: int, data: str) -> Said | None:
        """The newest in this chat with such a button."""
        return next(
            (
                each
                for each in reversed(self.said)
                if each.chat_id == chat_id and any(data in one for one in each.buttons)
            ),
            None,
        )


def _place(chat_id: int, message_id: int) -> dict[str, Any]:
    return {"message_id": message_id, "date": 0, "chat": {"id": chat_id, "type": "private"}}


def _person(chat_id: int, name: str) -> dict[str, Any]:
    return {
        "id": chat_id,
        "is_bot": False,
        "first_name": name or f"P{chat_id}",
        "language_code": "en",
    }


def _chat_of(update: dict[str, Any]) -> int:
    content = update.get("message") or update["callback_query"]["message"]
    return int(content["chat"]["id"])
