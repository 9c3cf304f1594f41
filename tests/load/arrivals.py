"""What arrived in the chats of a campaign, read as it grows: the transcripts are the truth, the log
of calls says when."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from time import monotonic

from bot.clock import Clock
from tests.load.databases import promises_left
from tests.load.figures import Figures, Sent
from tests.load.stage import LOOK_EVERY_SECONDS, STALLED_SECONDS, Stage

#: Calls of the log read at once.
PAGE = 5_000


class Arrivals:
    """Texts the bot brought, chat by chat in their order, of every chat that was looked at."""

    def __init__(self, here: Stage) -> None:
        self._here = here
        self.texts: dict[int, list[str]] = defaultdict(list)
        self._last_id: dict[int, int] = {}

    async def look(self, chats: Iterable[int]) -> None:
        """Read what is new in these chats."""
        for chat_id in chats:
            found = await self._here.get(
                "chat", chat_id=chat_id, after=self._last_id.get(chat_id, 0)
            )
            for message in found["messages"]:
                self._last_id[chat_id] = message["message_id"]
                if message["from_bot"]:
                    self.texts[chat_id].append(message["text"] or "")

    async def wait_for(self, wanted: Sequence[Sent]) -> None:
        """Wait until all is where it belongs, or nothing has moved for `STALLED_SECONDS`."""
        missing = {each.text: each.target for each in wanted}
        made, looked_at_call, moved_at = -1, -1, monotonic()
        while missing and monotonic() - moved_at < STALLED_SECONDS:
            self._here.bot.check()
            before, made = made, await self._here.calls_made()
            if made != before:
                moved_at = monotonic()
            # Reading all chats costs the simulator more than a call: not before it can help.
            if made == before or made - looked_at_call >= len(missing):
                looked_at_call = made
                await self._look_for(missing)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _look_for(self, missing: dict[str, int]) -> None:
        chats = set(missing.values())
        await self.look(chats)
        for chat_id in chats:
            for text in self.texts[chat_id]:
                missing.pop(text, None)


async def count_arrivals(here: Stage, figures: Figures, sent: Sequence[Sent]) -> None:
    """Wait for all of it and until nothing more is on its way; count what came, and what is owed
    and was forgotten."""
    arrivals = Arrivals(here)
    await arrivals.wait_for(sent)
    await here.until_quiet()
    await arrivals.look({each.target for each in sent})
    figures.count(sent, arrivals.texts)
    if left := await promises_left(here.database, Clock().now()):
        figures.broken.append(f"{left} promises forgotten")


async def copied_at(here: Stage) -> dict[tuple[int, int], float]:
    """When Telegram first accepted the copy of each message, of the recent ones:
    (chat, message id) of the original → Unix time."""
    found: dict[tuple[int, int], float] = {}
    since = 0
    while True:
        page = await here.get("calls", since=since, method="copyMessage", limit=PAGE)
        for call in page["calls"]:
            if call["status"] in (200, -1):
                origin = (int(call["params"]["from_chat_id"]), int(call["params"]["message_id"]))
                found.setdefault(origin, call["at"])
        if len(page["calls"]) < PAGE:
            return found
        since = page["calls"][-1]["number"]
