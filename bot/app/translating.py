"""Without this module what an author wants translated would wait on file for ever.

The translator is asked outside of every transaction; its answer comes back as a timer, which is
handled like anything else that is due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from bot.app.patience import kept_going
from bot.clock import Clock
from bot.context import TRANSLATED
from bot.delivery.translator import Translator, TranslatorAwayError, TranslatorError
from storage.bulletins import Wanted
from storage.database import ConflictError, Database, StorageDownError, Unit
from storage.transaction import Transaction

_log = logging.getLogger("beatline.app")

#: An author who waits with a phone in the hand hears within a minute that it does not work.
TRIES = 3
TRY_AGAIN_AFTER = timedelta(seconds=15)


class Translating:
    """Asks for one text after the other; ``on_answer`` is called when one is on file."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        nursery: asyncio.TaskGroup,
        *,
        translator: Translator | None,
        on_answer: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._nursery = nursery
        self._translator = translator
        self._on_answer = on_answer
        self._running: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Begin when a translator is set and nothing is under way."""
        if self._translator is not None and (self._running is None or self._running.done()):
            work = partial(self._work, self._translator)
            self._running = self._nursery.create_task(kept_going("translating", work))

    async def stop(self) -> None:
        """What has no answer yet is asked for again after the next start."""
        if self._running is not None:
            self._running.cancel()
        if self._translator is not None:
            await self._translator.close()

    async def _work(self, translator: Translator) -> None:
        try:
            while (wanted := await self._next()) is not None:
                await self._ask(translator, wanted)
        except (StorageDownError, ConflictError) as failure:
            _log.warning("translating_postponed", extra={"cause": str(failure)})

    async def _next(self) -> Wanted | None:
        async with self._database.reading() as unit:
            return await Transaction(unit).translations.next(self._clock.now())

    async def _ask(self, translator: Translator, wanted: Wanted) -> None:
        try:
            text = await translator.translated(
                wanted.text, source=wanted.source, target=wanted.language
            )
        except TranslatorError as error:
            _log.warning("not_translated", extra={"cause": f"{type(error).__name__} {error}"})
            if isinstance(error, TranslatorAwayError) and wanted.attempts + 1 < TRIES:
                await self._later(wanted)
            else:
                await self._answer(wanted, {})
        else:
            await self._answer(wanted, {"made_of": wanted.text, "text": text})

    async def _later(self, wanted: Wanted) -> None:
        async def work(unit: Unit) -> None:
            not_before = self._clock.now() + TRY_AGAIN_AFTER
            Transaction(unit).translations.later(wanted, not_before)

        await self._database.run(work)

    async def _answer(self, wanted: Wanted, payload: Mapping[str, Any]) -> None:
        async def work(unit: Unit) -> None:
            transaction = Transaction(unit)
            if await transaction.translations.take(wanted):
                number = wanted.bulletin
                transaction.timers.set(
                    TRANSLATED, f"{number}:{wanted.language}", due_at=self._clock.now(),
                    chat_key=f"bulletin-{number}", payload=payload,
                )  # fmt: skip

        await self._database.run(work)
        self._on_answer()
