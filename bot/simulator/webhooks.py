"""Without this module a bot behind a webhook could not be tried.

Delivery as Telegram's: in order per chat, presses in a queue of their own, retried at once, then
after 2, 4, 8 … seconds, `Retry-After` honoured.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.clock import Clock
from bot.simulator.faults import Faults
from bot.simulator.limits import (
    WEBHOOK_ANSWER_SECONDS,
    WEBHOOK_RETRY_AFTER_SECONDS,
    WEBHOOK_RETRY_SECONDS,
)
from bot.simulator.updates import UpdateQueue, Waiting


@dataclass(frozen=True, slots=True)
class Target:
    """Where updates are delivered."""

    url: str
    secret: str
    connections: int


class Webhook:
    """The bot's webhook; without a target it does nothing."""

    def __init__(self, updates: UpdateQueue, faults: Faults, clock: Clock) -> None:
        self._updates = updates
        self._faults = faults
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._lanes: dict[str, deque[Waiting]] = {}
        self.target: Target | None = None
        self.last_error: tuple[int, str] | None = None

    def set(self, target: Target) -> None:
        """Deliver there from now on, beginning with what waits."""
        self.remove()
        self.target = target
        self.last_error = None
        self._updates.has_webhook = True
        # The simulator is no part of the bot's nursery: it owns this one task and ends it itself.
        self._task = asyncio.get_running_loop().create_task(self._deliver(target))

    def remove(self) -> None:
        """Deliver no more; what was not taken waits."""
        self.target = None
        self._updates.has_webhook = False
        self._updates.on_added = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def stop(self) -> None:
        """End delivery and wait for its end."""
        task = self._task
        self.remove()
        if task is not None:
            await asyncio.wait([task])

    def info(self) -> dict[str, Any]:
        """What getWebhookInfo answers."""
        shown: dict[str, Any] = {
            "url": self.target.url if self.target else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
        }
        if self.target is not None:
            shown["max_connections"] = self.target.connections
            shown["allowed_updates"] = sorted(self._updates.allowed)
        if self.last_error is not None:
            shown["last_error_date"], shown["last_error_message"] = self.last_error
        return shown

    async def _deliver(self, target: Target) -> None:
        self._lanes = {}
        timeout = aiohttp.ClientTimeout(total=WEBHOOK_ANSWER_SECONDS)
        connector = aiohttp.TCPConnector(limit=target.connections)
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
            asyncio.TaskGroup() as group,
        ):

            def hand(update: Waiting) -> None:
                if (lane := self._lanes.get(update.lane)) is not None:
                    lane.append(update)
                    return
                self._lanes[update.lane] = deque((update,))
                group.create_task(self._drain(update.lane, target, session))

            for update in self._updates.waiting():
                hand(update)
            self._updates.on_added = hand
            await asyncio.Event().wait()  # until cancelled

    async def _drain(self, name: str, target: Target, session: aiohttp.ClientSession) -> None:
        lane = self._lanes[name]
        while lane:
            await self._insist(lane[0], target, session)
            self._updates.confirm(lane.popleft())
        del self._lanes[name]

    async def _insist(
        self, update: Waiting, target: Target, session: aiohttp.ClientSession
    ) -> None:
        """Post one update until it is taken or too old."""
        pause = 0.0
        while self._clock.now().timestamp() < update.expires_at:
            asked = await self._post(update, target, session)
            if asked is None:
                return
            await asyncio.sleep(max(pause, asked))
            pause = min(max(2.0, pause * 2), WEBHOOK_RETRY_SECONDS)

    async def _post(
        self, update: Waiting, target: Target, session: aiohttp.ClientSession
    ) -> float | None:
        """None when it was taken, else the seconds the server asked to wait."""
        if self._faults.is_out:
            return 0.0
        headers = {"Content-Type": "application/json"}
        if target.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = target.secret
        try:
            async with session.post(target.url, data=update.body, headers=headers) as response:
                if 200 <= response.status < 300:
                    return None
                self._failed(f"Wrong response from the webhook: {response.status}")
                after = response.headers.get("Retry-After", "")
                return min(float(after), WEBHOOK_RETRY_AFTER_SECONDS) if after.isdigit() else 0.0
        except (aiohttp.ClientError, TimeoutError):
            self._failed("Connection refused")
            return 0.0

    def _failed(self, what: str) -> None:
        self.last_error = (int(self._clock.now().timestamp()), what)
