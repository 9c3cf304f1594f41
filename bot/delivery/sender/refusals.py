"""Without this module a refused token would use up every promise, one after the other.

401 and 404 are about us and not about a message: all sending stops, nothing is counted, and we ask
who we are until Telegram knows us again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from bot.delivery.outcomes import Kind, Outcome
from bot.delivery.telegram import ApiRefusedError, TelegramClient, TelegramError
from storage.outbox import Promise

_log = logging.getLogger("beatline.sender")

#: While the token is refused we ask getMe this often, longer each time.
PROBE_PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
#: What Telegram says of a token it does not know, and of a method it does not know.
NOT_FOUND = 404


class Refusals:
    """Whether we are refused as a whole. ``on_over`` is called when we are known again."""

    def __init__(self, client: TelegramClient, *, on_over: Callable[[], None]) -> None:
        self._client = client
        self._on_over = on_over
        self._suspects: set[int] = set()
        #: Why nothing is sent at all, None while all is well.
        self.reason: str | None = None

    def judged(
        self, promise: Promise, outcome: Outcome, *, nursery: asyncio.TaskGroup | None
    ) -> Outcome:
        """A call was refused with 401 or 404. When a 404 comes again after Telegram said that it
        knows us, it is the call that is unknown: then this message can never be sent."""
        is_not_found = outcome.reason.startswith(str(NOT_FOUND))
        if is_not_found and promise.id in self._suspects:
            self._suspects.discard(promise.id)
            return replace(outcome, kind=Kind.MESSAGE_NEVER)
        if is_not_found:
            self._suspects.add(promise.id)
        if self.reason is None and nursery is not None:
            _log.error(
                "nothing_goes", extra={"reason": outcome.reason, "hint": "is the token right?"}
            )
            self.reason = outcome.reason
            nursery.create_task(self._ask())
        return outcome

    async def _ask(self) -> None:
        """Ask until Telegram knows us again."""
        attempt = 0
        while True:
            await asyncio.sleep(PROBE_PAUSES_SECONDS[min(attempt, len(PROBE_PAUSES_SECONDS) - 1)])
            attempt += 1
            try:
                await self._client.call("getMe", {})
            except ApiRefusedError:
                self._suspects.clear()  # it was the token, not the call
            except TelegramError:
                continue
            else:
                break
        _log.info("sending_again")
        self.reason = None
        self._on_over()
