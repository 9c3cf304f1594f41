"""Without this module a crash would lose everything that was fetched and not yet handled.

The poller stores raw updates and commits before it tells Telegram that they arrived: the next
``getUpdates`` names the offset after the last id of the batch that is on file.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from bot.clock import Clock
from bot.delivery.telegram import (
    ApiRefusedError,
    ConnectionFailedError,
    OutcomeUnknownError,
    TelegramClient,
)
from storage.database import Database, StorageError
from storage.inbox import Arrival, InboxDrawer, Letter

_log = logging.getLogger("beatline.inbox")

#: What we ask Telegram for; everything else would only be stored and forgotten.
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
#: Telegram holds a long poll at most this long.
POLL_SECONDS = 50
#: Telegram gives at most this many updates at once.
BATCH_LIMIT = 100
#: How much longer than the long poll we wait for its answer before the connection counts as dead.
POLL_GRACE_SECONDS = 15
#: Pauses after a failed poll: short, since people wait while we do; Telegram keeps updates 24 h.
RETRY_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 3.0)
#: Pause while another process fetches our updates or the token is refused: nothing is urgent then.
REFUSED_PAUSE_SECONDS = 5.0


class Receiver(Protocol):
    """Who takes over what is on file."""

    def offer(self, letters: list[Letter]) -> None:
        """These letters are committed; handle them in their chats' order."""
        ...


def chat_key_of(update: Mapping[str, Any]) -> str:
    """The queue an update waits in: its chat, in a forum its topic, else whoever caused it."""
    for content in update.values():
        if isinstance(content, Mapping):
            message = content.get("message", content)
            chat = message.get("chat") if isinstance(message, Mapping) else None
            if isinstance(chat, Mapping) and "id" in chat:
                thread = (
                    message.get("message_thread_id") if message.get("is_topic_message") else None
                )
                return f"{chat['id']}:{thread}" if thread else str(chat["id"])
            sender = content.get("from")
            if isinstance(sender, Mapping) and "id" in sender:
                return str(sender["id"])
    return "nobody"


def arrival_of(update: Any) -> Arrival:
    """A raw update as it is filed. Whatever it is, it has a place: nothing is refused here."""
    if not isinstance(update, Mapping):
        return Arrival(update_id=None, chat_key="nobody", payload=_dumped(update))
    update_id = update.get("update_id")
    return Arrival(
        update_id=update_id if _is_update_id(update_id) else None,
        chat_key=chat_key_of(update),
        payload=_dumped(update),
    )


def _is_update_id(value: Any) -> bool:
    """A number that fits the column; anything else is filed without one."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _dumped(update: Any) -> bytes:
    try:
        return orjson.dumps(update)
    except (orjson.JSONEncodeError, TypeError):  # a lone surrogate, a number beyond 64 bits
        return json.dumps(update).encode("ascii")


class Poller:
    """Fetches, files, then acknowledges. ``run`` goes on through every fault until cancelled."""

    def __init__(
        self, *, client: TelegramClient, database: Database, clock: Clock, receiver: Receiver
    ) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._receiver = receiver
        self._offset: int | None = None
        self._failures = 0

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                await self._once()
            except ApiRefusedError as refusal:
                await self._rest(_refusal_pause(refusal), f"HTTP {refusal.code}")
            except (ConnectionFailedError, OutcomeUnknownError) as failure:
                await self._rest(self._pause(), type(failure).__name__)
            except StorageError as failure:
                # Nothing is acknowledged that is not stored: the same offset is asked again.
                await self._rest(self._pause(), str(failure))
            else:
                if self._failures:
                    _log.info("polling_recovered", extra={"failures": self._failures})
                self._failures = 0

    async def _once(self) -> None:
        parameters: dict[str, Any] = {
            "timeout": POLL_SECONDS if self._failures == 0 else 0,
            "limit": BATCH_LIMIT,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            parameters["offset"] = self._offset
        updates = await self._client.call(
            "getUpdates", parameters, timeout_seconds=POLL_SECONDS + POLL_GRACE_SECONDS
        )
        if updates:
            await self.file(updates)
            self._offset = _next_offset(updates, self._offset)

    async def file(self, updates: list[Any]) -> None:
        """Commit raw updates, in order, then hand them on. Raises StorageError: then nothing is."""
        arrivals = [arrival_of(update) for update in updates]
        now = self._clock.now()
        letters = await self._database.run(lambda unit: InboxDrawer(unit).keep(arrivals, now))
        self._receiver.offer(letters)

    def _pause(self) -> float:
        return RETRY_PAUSES_SECONDS[min(self._failures, len(RETRY_PAUSES_SECONDS) - 1)]

    async def _rest(self, seconds: float | None, cause: str) -> None:
        pause = self._pause() if seconds is None else seconds
        self._failures += 1
        _log.warning(
            "polling_failed",
            extra={"cause": cause, "failures": self._failures, "retry_in_seconds": pause},
        )
        await asyncio.sleep(pause)


def _refusal_pause(refusal: ApiRefusedError) -> float | None:
    """401, 404: the token; 409: another poller; 429: as told; 5xx: our own short pauses."""
    if refusal.retry_after:
        return float(refusal.retry_after)
    return REFUSED_PAUSE_SECONDS if refusal.code in (401, 403, 404, 409) else None


def _next_offset(updates: list[Any], before: int | None) -> int | None:
    """After the last id of this batch: Telegram's ids may start again lower, so never a maximum."""
    ids = [
        update["update_id"]
        for update in updates
        if isinstance(update, Mapping) and _is_update_id(update.get("update_id"))
    ]
    return ids[-1] + 1 if ids else before
