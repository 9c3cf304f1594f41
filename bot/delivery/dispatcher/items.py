"""Without this module dispatcher, office and sender would have to import each other.

What the dispatcher hands on, and what it asks of those who handle and send.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from storage.database import Unit
from storage.inbox import Letter
from storage.outbox import Form, Lane
from storage.timers import Timer

Item = Letter | Timer


class UnreadableLetterError(Exception):
    """The update is not one: trying again cannot help."""


class UnreadableTimerError(Exception):
    """What is on file of a timer is damaged: trying again cannot help."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What a group left to do after its commit: the chats that were promised something with the
    first lane of it, the calls that are made at once, and whether a timer is due already."""

    chats_with_promises: Mapping[int, Lane]
    direct: tuple[Form, ...] = ()
    is_timer_due: bool = False


class Handling(Protocol):
    """What the office does with an item, inside a transaction that the dispatcher opened."""

    async def handle(self, unit: Unit, items: list[Item]) -> Handled:
        """Handle items in order. Whatever it raises undoes them all."""
        ...

    async def bury(self, unit: Unit, letter: Letter, error: str) -> Handled:
        """Tell people that this letter could not be handled."""
        ...

    def may_wait_for_outcome(self, item: Item) -> bool:
        """Whether the item may refer to a message whose id is not recorded yet (an answer)."""
        ...


class Outcomes(Protocol):
    """What the sender knows about a chat."""

    def wake(self, chats: Mapping[int, Lane]) -> None:
        """Promises for these chats are on file, none in a lane before the one named."""
        ...

    def has_unrecorded(self, chat_id: int) -> bool:
        """A call to this chat has ended and its outcome is not on file yet."""
        ...

    def is_in_flight(self, chat_id: int) -> bool:
        """A call to this chat is under way, or its outcome is not on file yet."""
        ...

    async def call_now(self, form: Form) -> None:
        """Make a call that is not promised: it expires within seconds, and a failure is nothing."""
        ...

    async def settled(self, chat_id: int, timeout_seconds: float) -> bool:
        """Wait until the call to this chat that is open now is on file."""
        ...


def chat_in(chat_key: str) -> int | None:
    """The chat id in a key (a topic's key has its chat before the colon); None for a queue that is
    no chat."""
    chat = chat_key.partition(":")[0]
    digits = chat.removeprefix("-")
    return int(chat) if digits.isascii() and digits.isdigit() else None
