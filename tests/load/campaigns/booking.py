"""Appointments as people book them: how long each tap and the whole way takes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from tests.load.campaigns.relaying import opened
from tests.load.figures import Figures
from tests.load.stage import FIRST_RESIDENT, PEOPLE, STALLED_SECONDS, Stage, stage

SERVICE = """
[[service]]
code = "advice"
name = { en = "Advice on burglary" }
minutes = 30
ways = ["room", "phone"]
"""
#: What the data of the buttons on the way contain, in the order in which they are pressed.
TAPS = (":service:", ":way:", ":day:", ":time:", ":confirm:")
BOOKED = "✔ Booked."
#: What issue 4 asks of a step and of a booking.
STEP_MILLISECONDS, BOOKING_SECONDS = 100.0, 2.0
#: An answer is looked for so often: the record of the call says when it was, not the look.
LOOK_EVERY_SECONDS = 0.01


@dataclass(slots=True)
class Visitor:
    """One resident on the way to an appointment. ``steps``: milliseconds from each act until the
    bot begins the call that shows what came of it; ``seconds``: the whole way, the calls in it."""

    here: Stage
    chat_id: int
    steps: list[float] = field(default_factory=list)
    seconds: float = 0.0

    async def books(self) -> None:
        """From `/book` to the appointment."""
        started = time()
        shown = await self._answer_to(self.here.says(self.chat_id, "/book"))
        for tap in TAPS:
            shown = await self._answer_to(self._presses(await self._message(shown), tap))
        message = await self._message(shown)
        if BOOKED not in message["text"]:
            raise RuntimeError(f"not booked: {message}")
        self.seconds = shown["at"] - started

    async def _message(self, call: dict[str, Any]) -> dict[str, Any]:
        """The message that a call has written, as it stands in the chat."""
        messages = (await self.here.get("chat", chat_id=self.chat_id))["messages"]
        return dict(next(each for each in messages if each["message_id"] == call["message_id"]))

    async def _presses(self, message: dict[str, Any], tap: str) -> None:
        buttons = [each["callback_data"] for row in message["buttons"] for each in row]
        await self.here.control(
            "press",
            user_id=self.chat_id,
            message_id=message["message_id"],
            data=next(each for each in buttons if tap in each),
        )

    async def _answer_to(self, act: Coroutine[Any, Any, Any]) -> dict[str, Any]:
        """The call that shows what came of it."""
        before = (await self.here.get("calls", limit=0))["last"]
        began, looked_since = time(), monotonic()
        await act
        while monotonic() - looked_since < STALLED_SECONDS:
            found = await self.here.get("calls", since=before, chat_id=self.chat_id)
            for call in found["calls"]:
                if call["method"] in ("sendMessage", "editMessageText"):
                    self.steps.append((call["at"] - call["milliseconds"] / 1000 - began) * 1000)
                    return dict(call)
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        raise RuntimeError(f"no answer in {self.chat_id}: {self.here.log_tail()}")


async def booking(*, engine: str = "sqlite") -> list[Figures]:
    """Residents book one after the other, each in five taps; latencies are those of the steps."""
    figures = Figures("booking")
    visitors = []
    async with stage(engine=engine, roster=SERVICE) as here:
        await opened(here, figures)
        for place in range(PEOPLE):
            visitor = Visitor(here, FIRST_RESIDENT + place)
            await visitor.books()
            visitors.append(visitor)
        figures.rss_mib = round(here.bot.rss_mib, 1)
    longest = max(each.seconds for each in visitors)
    figures.sent = figures.delivered = len(visitors)
    figures.note_latencies(step for each in visitors for step in each.steps)
    figures.more["taps"] = len(TAPS)
    figures.more["longest booking, seconds"] = round(longest, 2)
    figures.must_not_exceed("milliseconds of a step", figures.max, STEP_MILLISECONDS)
    figures.must_not_exceed("seconds of a booking", longest, BOOKING_SECONDS)
    return [figures]
