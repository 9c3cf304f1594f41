"""Without this module a crash would lose everything that was fetched and not yet handled.

The poller stores raw updates and commits before it tells Telegram that they arrived: the next
``getUpdates`` names the offset after the last id of the batch that is on file.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from bot.clock import Clock
from bot.delivery.telegram import ApiRefusedError, NoAnswerError, TelegramClient, TelegramError
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
#: Told to wait longer we ask all the same: people write meanwhile.
LONGEST_PAUSE_SECONDS = 60
#: What every answer of getUpdates begins with that brings updates.
_ANSWER_START = b'{"ok":true,"result":['

#: What an administrator can do about a refusal.
_HINTS = {
    401: "is the token right?",
    403: "is the token right?",
    404: "is the token right, and the address of the Bot API?",
    409: "another program fetches this bot's updates, or a webhook is set: end it",
}
_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*(\d{1,18})\b')


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
            if isinstance(message, Mapping) and (chat := _id_in(message.get("chat"))) is not None:
                thread = message.get("message_thread_id")
                is_topic = message.get("is_topic_message") is True and _is_number(thread)
                return f"{chat}:{thread}" if is_topic else str(chat)
            if (sender := _id_in(content.get("from"))) is not None:
                return str(sender)
    return "nobody"


def _id_in(holder: Any) -> int | None:
    found = holder.get("id") if isinstance(holder, Mapping) else None
    return found if _is_number(found) else None


def _is_number(value: Any) -> bool:
    """A whole number that fits a column."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def arrival_of(update: Any) -> Arrival:
    """A raw update as it is filed. Whatever it is, it has a place: nothing is refused here."""
    if not isinstance(update, Mapping):
        return Arrival(update_id=None, chat_key="nobody", payload=_dumped(update))
    update_id = update.get("update_id")
    return Arrival(
        update_id=update_id if _is_number(update_id) else None,
        chat_key=chat_key_of(update),
        payload=_dumped(update),
    )


def _dumped(update: Any) -> bytes:
    try:
        return orjson.dumps(update)
    except (orjson.JSONEncodeError, TypeError):  # a lone surrogate, a number beyond 64 bits
        return json.dumps(update).encode("ascii")


class NoProgressError(Exception):
    """Telegram sends what cannot be acknowledged: asked again, it would come again."""


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
        self._limit, self._spoiled = BATCH_LIMIT, b""
        self._failures = 0

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                await self._once()
            except ApiRefusedError as refusal:
                await self._rest(_refusal_pause(refusal), str(refusal), hint=_hint(refusal))
            except (StorageError, TelegramError, NoProgressError) as failure:
                # Nothing is acknowledged that is not stored: the same offset is asked again.
                await self._rest(None, f"{type(failure).__name__} {failure}".strip())
            else:
                if self._failures:
                    _log.info("polling_recovered", extra={"failures": self._failures})
                self._failures = 0

    async def _once(self) -> None:
        parameters: dict[str, Any] = {
            "timeout": POLL_SECONDS if self._failures == 0 else 0,
            "limit": self._limit,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            parameters["offset"] = self._offset
        try:
            updates = await self._client.call(
                "getUpdates", parameters, timeout_seconds=POLL_SECONDS + POLL_GRACE_SECONDS
            )
        except NoAnswerError as answer:
            await self._past_what_is_no_json(answer)
            return
        if not isinstance(updates, list):
            raise NoProgressError("an answer without a list of updates")
        if updates:
            await self._file_and_go_on(updates)
        if len(updates) < self._limit:  # there is nothing spoiled behind these
            self._limit, self._spoiled = BATCH_LIMIT, b""

    async def _file_and_go_on(self, updates: list[Any]) -> None:
        offset = _next_offset(updates)
        if offset is None:
            raise NoProgressError("updates without a number")
        await self._file([arrival_of(update) for update in updates])
        self._offset = offset

    async def _past_what_is_no_json(self, answer: NoAnswerError) -> None:
        """An update that is no JSON spoils the whole answer. What comes before it is asked for in
        smaller and smaller batches; alone, and come twice the same, it is filed as the bytes it is
        and passed. Its number is in it, or is the one we asked for: none before has a lower one."""
        if not answer.content.startswith(_ANSWER_START):
            raise answer  # somebody else's page, not Telegram's answer
        if self._limit > 1:
            self._limit //= 2
            return
        number, is_new = self._number_in(answer.content), self._spoiled != answer.content
        self._spoiled = answer.content
        if is_new or number is None:
            raise answer
        await self._file([Arrival(update_id=number, chat_key="nobody", payload=answer.content)])
        self._offset, self._limit, self._spoiled = number + 1, BATCH_LIMIT, b""

    def _number_in(self, content: bytes) -> int | None:
        found = _UPDATE_ID.search(content)
        numbers = [] if found is None else [int(found[1])]
        if self._offset is not None:
            numbers.append(self._offset)
        return max(numbers, default=None)

    async def _file(self, arrivals: list[Arrival]) -> None:
        """Commit, then hand on. Raises StorageError: then nothing is on file."""
        now = self._clock.now()
        letters = await self._database.run(lambda unit: InboxDrawer(unit).keep(arrivals, now))
        self._receiver.offer(letters)

    async def _rest(self, seconds: float | None, cause: str, *, hint: str | None = None) -> None:
        if seconds is None:
            seconds = RETRY_PAUSES_SECONDS[min(self._failures, len(RETRY_PAUSES_SECONDS) - 1)]
        self._failures += 1
        facts = {"cause": cause, "failures": self._failures, "retry_in_seconds": seconds}
        _log.warning("polling_failed", extra=facts | ({"hint": hint} if hint else {}))
        await asyncio.sleep(seconds)


def _refusal_pause(refusal: ApiRefusedError) -> float | None:
    """401, 404: the token; 409: another poller; 429: as told; 5xx: our own short pauses."""
    if refusal.retry_after:
        return float(min(refusal.retry_after, LONGEST_PAUSE_SECONDS))
    return REFUSED_PAUSE_SECONDS if refusal.code in _HINTS else None


def _hint(refusal: ApiRefusedError) -> str | None:
    return _HINTS.get(refusal.code)


def _next_offset(updates: list[Any]) -> int | None:
    """After the last id of this batch: Telegram's ids may start again lower, so never a maximum.
    None when there is none to acknowledge; below 1 an offset would mean something else."""
    ids = [
        update["update_id"]
        for update in updates
        if isinstance(update, Mapping) and _is_number(update.get("update_id"))
    ]
    return ids[-1] + 1 if ids and ids[-1] > 0 else None
