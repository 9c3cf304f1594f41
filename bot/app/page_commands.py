"""Without this module an urgent call would reach nobody whose phone does not show Telegram.

The administrator's own command (SMS, voice) is run for every page, after its commit and outside of
every transaction: whatever it does, the steps of the call go on.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from functools import partial
from zoneinfo import ZoneInfo

from bot.app.patience import STORAGE_PAUSE_SECONDS, pause
from bot.clock import Clock
from bot.config import PREFIX, Settings
from bot.context import PAGE_COMMAND_FAILED
from bot.delivery.program import Ending, run_program
from bot.domain.call_outs.paging import is_waited_for
from bot.texts import Words
from storage.database import ConflictError, Database, StorageDownError, Unit
from storage.page_commands import CommandState, PageCommand
from storage.transaction import Transaction

_log = logging.getLogger("beatline.app")

#: So many commands run side by side: a step asks a few people, and a small machine must not choke
#: on programs that hang.
AT_ONCE = 8
#: What separates the digits of a number for readers, and is not dialled.
_SEPARATORS = str.maketrans("", "", " -.()")


class PageCommands:
    """Runs what is due; ``on_failure`` is called when it is on file that one has failed."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        stop: asyncio.Event,
        on_failure: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._command = settings.page_command
        self._limit_seconds = settings.page_command_seconds
        self._stop = stop
        self._on_failure = on_failure
        self._woken = asyncio.Event()
        #: By what asked each person: a call-out goes on while a command runs.
        self._running: set[int] = set()

    def look(self) -> None:
        """Something may be due, or it is time to stop."""
        self._woken.set()

    async def run(self) -> None:
        """Until it is time to stop and what is under way has ended; whoever cannot wait so long
        cancels this, and what is cut off is run again after the next start."""
        self._running.clear()
        async with asyncio.TaskGroup() as commands:
            while self._command is not None and not self._stop.is_set():
                self._woken.clear()
                await self._begin_due(commands)
                await self._woken.wait()

    async def _begin_due(self, commands: asyncio.TaskGroup) -> None:
        try:
            due = await self._due()
            for page, facts in due.items():
                if facts is None:
                    await self._database.run(partial(_drop, page=page))
                    self.look()  # others may have their turn now
                else:
                    self._running.add(page.promise)
                    commands.create_task(self._run(page, facts))
        except (StorageDownError, ConflictError) as failure:
            _log.warning("page_commands_postponed", extra={"cause": str(failure)})

    async def _due(self) -> dict[PageCommand, Mapping[str, str] | None]:
        """What the command is told for each page that has its turn; None where it is not run."""
        async with self._database.reading() as unit:
            transaction = Transaction(unit)
            due = await transaction.page_commands.due(limit=AT_ONCE)
            new = [each for each in due if each.promise not in self._running]
            free = AT_ONCE - len(self._running)
            return {each: await self._facts(transaction, each) for each in new[:free]}

    async def _facts(self, transaction: Transaction, page: PageCommand) -> Mapping[str, str] | None:
        if not is_waited_for(page.state, asked_at=page.asked_at, now=self._clock.now()):
            return None
        found = await transaction.roster.current()
        officer = found[1].officer(page.officer) if found else None
        if found is None or officer is None or not officer.phone:
            _log.warning("page_command_without_number", extra={"call_out": page.call_out})
            return None
        station = found[1].station
        person = await transaction.people.find(page.chat_id)
        language = person.language if person else station.languages[0]
        _ = words = Words(language, ZoneInfo(station.timezone))
        text = _.plain(
            "An urgent call since {time}, and nobody is on the way yet. Please open Telegram."
        ).format(time=words.clock_time(page.asked_at))
        return {
            "PAGE_PHONE": officer.phone.translate(_SEPARATORS),
            "PAGE_TEXT": text,
            "PAGE_LANGUAGE": language,
            "PAGE_OFFICER": page.officer,
            "PAGE_CALL_OUT": str(page.call_out),
            "PAGE_ID": f"{page.call_out}-{page.promise}",
        }

    async def _run(self, page: PageCommand, facts: Mapping[str, str]) -> None:
        ending = await run_program(
            self._command or (),
            environment={**_environment(), **facts},
            limit_seconds=self._limit_seconds,
        )
        said = {"call_out": page.call_out, "how": ending.how.value, "status": ending.status}
        if ending.has_worked:
            _log.info("page_command_run", extra=said)
        else:
            _log.warning("page_command_failed", extra=said)
        await self._file(page, ending)
        self._running.discard(page.promise)
        if not ending.has_worked:
            self._on_failure()
        self.look()

    async def _file(self, page: PageCommand, ending: Ending) -> None:
        """Put on file how it ended, however long that takes: what is not on file when the bot stops
        is run again."""
        while True:
            try:
                await self._database.run(lambda unit: self._note(unit, page, ending))
            except (StorageDownError, ConflictError) as failure:
                _log.error("page_command_not_on_file", extra={"cause": str(failure)})
            else:
                return
            if self._stop.is_set():
                return
            await pause(STORAGE_PAUSE_SECONDS, self._stop)

    async def _note(self, unit: Unit, page: PageCommand, ending: Ending) -> None:
        transaction = Transaction(unit)
        state = CommandState.DONE if ending.has_worked else CommandState.FAILED
        transaction.page_commands.ended(page, state, status=ending.status)
        if not ending.has_worked:
            transaction.timers.set(
                PAGE_COMMAND_FAILED, ending.how.value, due_at=self._clock.now(),
                chat_key=PAGE_COMMAND_FAILED,
                payload={"status": ending.status, "limit_seconds": self._limit_seconds},
            )  # fmt: skip


async def _drop(unit: Unit, page: PageCommand) -> None:
    Transaction(unit).page_commands.ended(page, CommandState.NOT_RUN)


def _environment() -> dict[str, str]:
    """Ours, without our settings: token and database are no business of another program."""
    return {
        name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)
    }
