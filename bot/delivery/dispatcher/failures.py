"""Without this module one update that cannot be handled would be tried for ever, or lost.

What becomes of an item whose handling failed: it is tried again after a pause; a letter that keeps
failing becomes a dead letter; a timer comes back later, and one that keeps failing is set aside.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.clock import Clock
from bot.delivery.dispatcher.items import (
    Handled,
    Handling,
    Item,
    UnreadableLetterError,
    UnreadableTimerError,
)
from storage.database import ConflictError, Database, StorageDownError, StorageError, Unit
from storage.inbox import InboxDrawer, Letter
from storage.outbox import PromiseNumbers
from storage.timers import Timer, TimersDrawer

_log = logging.getLogger("beatline.dispatcher")

#: A failed letter is tried again after these pauses, then it is a dead letter.
RETRY_PAUSES_SECONDS = (0.2, 1.0, 5.0)
#: A failed timer is tried again after these pauses, then after the last one again and again.
TIMER_PAUSES_SECONDS = (0.2, 1.0, 5.0, 60.0, 600.0, 3600.0)
#: Tried so often, which takes a day, a timer is set aside: what nobody has mended in a day does not
#: mend itself, and an error every hour for ever hides the others.
TIMER_ATTEMPTS = 30

#: Faults of the machine and not of what is handled: nothing is counted, all is done again.
STORAGE_FAULTS = (StorageDownError, ConflictError)


@dataclass(frozen=True, slots=True)
class Again:
    """The item is to be tried again; its chat waits until then."""

    item: Item
    pause_seconds: float


def storage_fault_in(error: BaseException | None) -> StorageError | None:
    """The storage fault behind an error: libraries in between wrap what passes through them."""
    while error is not None:
        if isinstance(error, STORAGE_FAULTS):
            return error
        error = error.__cause__
    return None


class Failures:
    """Notes on file what failed, in transactions of its own."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        numbers: PromiseNumbers,
        handling: Handling,
        retry_pauses: Sequence[float],
    ) -> None:
        self._retry_pauses = retry_pauses
        self._database = database
        self._clock = clock
        self._numbers = numbers
        self._handling = handling

    async def note(self, item: Item, error: Exception) -> Again | Handled | None:
        """What follows from ``error``: another try, or what burying the item left to do (None:
        nothing). Raises StorageError when it cannot be noted; then nothing has changed."""
        cause = named(error)
        if isinstance(item, Timer):
            if item.attempts + 1 >= TIMER_ATTEMPTS or isinstance(error, UnreadableTimerError):
                await self._set_aside(item, cause)
            else:
                await self._postpone(item, cause)
            return None
        if item.attempts >= len(self._retry_pauses) or isinstance(error, UnreadableLetterError):
            return await self._bury(item, cause)
        return await self._count(item, cause)

    async def _count(self, letter: Letter, cause: str) -> Again:
        async def work(unit: Unit) -> None:
            InboxDrawer(unit).failed(letter.sequence, cause)

        await self._database.run(work)
        attempts = letter.attempts + 1
        _log.warning(
            "handling_failed",
            extra={"letter": letter.sequence, "attempt": attempts, "cause": cause},
        )
        again = replace(letter, attempts=attempts, error=cause)
        return Again(again, self._retry_pauses[letter.attempts])

    async def _postpone(self, timer: Timer, cause: str) -> None:
        pause = TIMER_PAUSES_SECONDS[min(timer.attempts, len(TIMER_PAUSES_SECONDS) - 1)]
        due_at = self._clock.now() + timedelta(seconds=pause)

        async def work(unit: Unit) -> None:
            TimersDrawer(unit).postpone(timer, due_at=due_at, error=cause)

        await self._database.run(work)
        _log.error(
            "timer_failed",
            extra={"kind": timer.kind, "attempt": timer.attempts + 1, "cause": cause},
        )

    async def _set_aside(self, timer: Timer, cause: str) -> None:
        async def work(unit: Unit) -> int | None:
            return await TimersDrawer(unit).set_aside(timer, self._clock.now(), error=cause)

        number = await self._database.run(work)
        if number is not None:
            _log.error(
                "timer_set_aside",
                extra={
                    "kind": timer.kind,
                    "timer": number,
                    "attempt": timer.attempts + 1,
                    "cause": cause,
                },
            )

    async def _bury(self, letter: Letter, cause: str) -> Handled | None:
        """Dead, and people told. When even the telling fails the letter is dead all the same."""
        try:
            handled = await self._buried_and_told(letter, cause)
        except Exception as error:  # the wide net: whatever it is, the chat goes on
            if (fault := storage_fault_in(error)) is not None:
                raise fault from error
            handled = None
            await self._database.run(lambda unit: self._buried(unit, letter, cause))
            _log.error(
                "dead_letter_untold", extra={"letter": letter.sequence, "cause": named(error)}
            )
        _log.error("dead_letter", extra={"letter": letter.sequence, "cause": cause})
        return handled

    async def _buried_and_told(self, letter: Letter, cause: str) -> Handled:
        await self._numbers.ensure()

        async def work(unit: Unit) -> Handled:
            await self._buried(unit, letter, cause)
            return await self._handling.bury(unit, letter, cause)

        return await self._database.run(work)

    async def _buried(self, unit: Unit, letter: Letter, cause: str) -> None:
        InboxDrawer(unit).bury(letter.sequence, cause, self._clock.now())


def named(error: BaseException) -> str:
    """What may be written down about a fault: its type and place, never what people wrote."""
    while error.__cause__ is not None and type(error).__name__ == "NetworkError":
        error = error.__cause__  # the library's wrapping of what our own transport raised
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
