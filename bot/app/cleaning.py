"""Without this module what people wrote would stay in the queues for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.app.patience import kept_going
from bot.clock import Clock
from storage.database import ConflictError, Database, StorageDownError, Unit
from storage.transaction import Transaction

_log = logging.getLogger("beatline.app")

#: How often what is kept for a limited time is looked through.
CLEANING_EVERY = timedelta(minutes=30)
#: After storage was down we try again after this.
TRY_AGAIN_AFTER = timedelta(minutes=1)


class Cleaning:
    """Forgets what is kept for a limited time, in small steps between which others may write."""

    def __init__(self, database: Database, clock: Clock, nursery: asyncio.TaskGroup) -> None:
        self._database = database
        self._clock = clock
        self._nursery = nursery
        self._due_at = clock.now()
        self._running: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Begin when it is time and nothing is under way."""
        if self._clock.now() >= self._due_at and (self._running is None or self._running.done()):
            self._due_at = self._clock.now() + CLEANING_EVERY
            self._running = self._nursery.create_task(kept_going("cleaning", self._clean))

    def stop(self) -> None:
        """What is left is for the next time."""
        if self._running is not None:
            self._running.cancel()

    async def _clean(self) -> None:
        try:
            for purge in (_purge_inbox, _purge_outbox, _purge_others):
                while await self._step(purge):
                    pass
        except (StorageDownError, ConflictError) as failure:
            _log.warning("cleaning_postponed", extra={"cause": str(failure)})
            self._due_at = self._clock.now() + TRY_AGAIN_AFTER

    async def _step(self, purge: Callable[[Transaction, datetime], Awaitable[bool]]) -> bool:
        async def work(unit: Unit) -> bool:
            return await purge(Transaction(unit), self._clock.now())

        return await self._database.run(work)


async def _purge_inbox(transaction: Transaction, now: datetime) -> bool:
    return await transaction.inbox.purge(now)


async def _purge_outbox(transaction: Transaction, now: datetime) -> bool:
    return await transaction.outbox.purge(now)


async def _purge_others(transaction: Transaction, now: datetime) -> bool:
    transaction.blobs.purge(now)
    transaction.payloads.purge(now)
    transaction.dialogues.end_expired(now)
    transaction.codes.purge(now)
    transaction.appointments.forget_guests(now)
    transaction.runs.purge(now)
    return False
