"""Without this module an outage of Telegram would count against every message that met it.

Whether others get through decides whether a server error is about one message or about all.
"""

from __future__ import annotations

from bot.delivery.outcomes import Outcome, pause_before
from bot.delivery.pace import Pace
from storage.outbox import Promise

#: While nothing gets through we try again at least this often: people wait, Telegram comes back.
OUTAGE_PAUSE_SECONDS = 3.0


class Health:
    """Who got through when, and who did not. Only chats in trouble are in memory."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        #: The last two different chats that a call got through to, newest first: (chat, when).
        self._through: list[tuple[int, float]] = []
        #: Chats in trouble: since when (of the last try), and the tries that nobody counted.
        self._troubled: dict[int, tuple[float, int]] = {}

    def got_through(self, chat_id: int) -> None:
        """Telegram took a call, or refused it for what it is."""
        others = [each for each in self._through if each[0] != chat_id][:1]
        self._through = [(chat_id, self._pace.now()), *others]
        self._troubled.pop(chat_id, None)

    def failed(self, promise: Promise, outcome: Outcome, *, called_at: float) -> bool:
        """A call that got no answer or a server error: note it, and how long its chat must wait.
        Whether the try counts: a server error does when others got through meanwhile."""
        chat_id = promise.chat_id
        since, tries = self._troubled.get(chat_id, (called_at, 0))
        is_counted = outcome.is_counted and any(
            chat != chat_id and at >= since for chat, at in self._through
        )
        self._troubled[chat_id] = (self._pace.now(), tries + (not is_counted))
        if is_counted:
            pause = pause_before(promise.attempts)
        else:
            pause = min(pause_before(tries), OUTAGE_PAUSE_SECONDS)
        self._pace.lost(chat_id, pause)
        return is_counted
