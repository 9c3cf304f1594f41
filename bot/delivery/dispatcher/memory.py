"""Without this module what is on file and what is in memory would drift apart.

Memory holds the first of what waits; the file holds all of it. Each chat's line in memory is the
beginning of its line on file, so nothing overtakes anything.
"""

from __future__ import annotations

from collections import Counter
from time import monotonic

from bot.clock import Clock
from bot.delivery.dispatcher.queues import Queues
from storage.database import Database
from storage.inbox import InboxDrawer, Letter
from storage.timers import TimersDrawer

#: Letters kept in memory; the rest stays on file until these are handled.
MEMORY_LIMIT = 2_000
#: Letters of one chat read at once: somebody who writes thousands keeps nobody else waiting.
CHAT_LIMIT = 200
#: When memory has fewer letters than this, more are read from the file.
REFILL_BELOW = 500
#: While memory and file differ the file is read at most this often, and at least that often: who
#: comes anew must not wait for chats that are slow.
READ_EVERY_SECONDS, READ_ANYWAY_SECONDS = 0.05, 1.0
#: Due timers read at once.
TIMERS_LIMIT = 500


class Memory:
    """Fills queues from the file. At first everything is on file only."""

    def __init__(self, queues: Queues, database: Database, clock: Clock) -> None:
        self._queues = queues
        self._database = database
        self._clock = clock
        #: The file has, or may have, letters that memory does not have.
        self.is_behind = True
        #: A timer is due, or may be.
        self.are_timers_due = True
        #: Another process may have put letters back on file: they are looked for once.
        self.must_look = False
        self._was_skipped = False
        self._read_at = 0.0

    def offer(self, letters: list[Letter]) -> None:
        """Letters that are on file. Beyond `MEMORY_LIMIT` they stay there for now."""
        for letter in letters:
            if self.is_behind or self._queues.letters >= MEMORY_LIMIT:
                self.is_behind = self._was_skipped = True
                break
            self._queues.add(letter)

    async def fill(self, *, is_idle: bool) -> None:
        """Read what memory lacks, if there is room for it; ``is_idle``: nothing in memory can be
        handled now."""
        if self.must_look or (self.is_behind and self._is_short(is_idle=is_idle)):
            await self._read_letters()
        if self.are_timers_due and self._queues.timers < TIMERS_LIMIT // 2:
            await self._read_timers()

    def _is_short(self, *, is_idle: bool) -> bool:
        letters, since = self._queues.letters, monotonic() - self._read_at
        if letters == 0:
            return True
        if since >= READ_ANYWAY_SECONDS and letters < 2 * MEMORY_LIMIT:
            return True
        enough = MEMORY_LIMIT if is_idle else REFILL_BELOW
        return letters < enough and since >= READ_EVERY_SECONDS

    async def _read_letters(self) -> None:
        self._was_skipped = self.must_look = False
        async with self._database.reading() as unit:
            letters = await InboxDrawer(unit).waiting(limit=MEMORY_LIMIT, per_chat=CHAT_LIMIT)
        for letter in letters:
            self._queues.add(letter)
        counts = Counter(letter.chat_key for letter in letters)
        is_all = len(letters) < MEMORY_LIMIT and max(counts.values(), default=0) < CHAT_LIMIT
        # What was offered while we read may be missing in what we read.
        self.is_behind = self._was_skipped or not is_all
        self._read_at = monotonic()

    async def _read_timers(self) -> None:
        self.are_timers_due = False
        async with self._database.reading() as unit:
            due = await TimersDrawer(unit).due(self._clock.now(), limit=TIMERS_LIMIT)
        for timer in due:
            self._queues.add(timer)
        self.are_timers_due |= len(due) == TIMERS_LIMIT
