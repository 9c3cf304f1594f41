"""Without this module there would be rooms and nobody to open the house.

The composition root: builds everything, starts it in the right order, and stops it so that what
is under way is finished and recorded.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.clock import Clock
from bot.config import Settings
from bot.delivery.inbox import Poller
from bot.delivery.telegram import (
    ApiRefusedError,
    ConnectionFailedError,
    OutcomeUnknownError,
    TelegramClient,
)
from storage.database import ConflictError, Database, StorageDownError, Unit
from storage.engines import bring_up_to_date, open_database
from storage.inbox import Letter
from storage.known_answers import KnownAnswersDrawer

if TYPE_CHECKING:
    from bot.delivery.dispatcher import Dispatcher
    from bot.delivery.sender import Sender
    from bot.office import Office

_log = logging.getLogger("beatline.app")

#: While another process has our place, or no roster is on file, we look again this often.
LOOK_AGAIN_SECONDS = 0.5
#: Pauses between questions who we are, while Telegram does not say.
IDENTITY_PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0)
#: How long a stop waits for the handling in hand.
STOP_SECONDS = 10.0


class _Mail:
    """Takes letters before there is a dispatcher: they are on file, and it reads the file first."""

    def __init__(self) -> None:
        self.dispatcher: Dispatcher | None = None

    def offer(self, letters: list[Letter]) -> None:
        if self.dispatcher is not None:
            self.dispatcher.offer(letters)


async def run_bot(
    settings: Settings, *, clock: Clock | None = None, stop: asyncio.Event | None = None
) -> None:
    """Serve until SIGTERM, SIGINT or ``stop``. Raises StorageError when storage cannot be opened.

    Updates are fetched and stored from the first moment; they are handled as soon as it is known
    who we are (from the file, at every start but the first) and a roster is on file.
    """
    stop = stop or asyncio.Event()
    stop_on_signals(stop)
    await bring_up_to_date(settings.database)
    database = open_database(settings.database)
    client = TelegramClient(settings.token_value, settings.api_url)
    try:
        async with _sole_place(database, stop) as is_ours:
            if is_ours:
                await _serve(settings, database, client, clock or Clock(), stop)
    finally:
        await client.close()
        await database.close()


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set ``stop`` on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)


@asynccontextmanager
async def _sole_place(database: Database, stop: asyncio.Event) -> AsyncIterator[bool]:
    """One process polls; another one waits until the first has ended, however it ended."""
    is_said = False
    while not stop.is_set():
        async with database.sole_holder("poller") as is_ours:
            if is_ours:
                yield True
                return
        if not is_said:
            _log.warning("another_process_is_polling")
            is_said = True
        await _until(stop, LOOK_AGAIN_SECONDS)
    yield False


async def _until(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def _serve(
    settings: Settings,
    database: Database,
    client: TelegramClient,
    clock: Clock,
    stop: asyncio.Event,
) -> None:
    mail = _Mail()
    poller = Poller(client=client, database=database, clock=clock, receiver=mail)
    async with asyncio.TaskGroup() as nursery:
        polling = nursery.create_task(poller.run())
        try:
            if await _is_ready(database, client, stop):
                # The first update is already being fetched: now what takes time to import.
                await _handle_and_send(settings, database, client, clock, stop, mail)
        finally:
            polling.cancel()
    _log.info("stopped")


async def _is_ready(database: Database, client: TelegramClient, stop: asyncio.Event) -> bool:
    await _learn_identity(database, client, stop)
    is_said = False
    while not stop.is_set():
        async with database.reading() as unit:
            if await unit.fetch("SELECT version FROM roster LIMIT 1"):
                return True
        if not is_said:
            _log.warning("no_roster", extra={"hint": "beatline roster import FILE"})
            is_said = True
        await _until(stop, LOOK_AGAIN_SECONDS)
    return False


async def _learn_identity(database: Database, client: TelegramClient, stop: asyncio.Event) -> None:
    """Who we are: from the file, or from Telegram as often as it takes."""
    attempt = 0
    while not stop.is_set():
        async with database.reading() as unit:
            if await KnownAnswersDrawer(unit).get("getMe") is not None:
                return
        try:
            me = await client.call("getMe", {})
        except (ApiRefusedError, ConnectionFailedError, OutcomeUnknownError) as error:
            pause = IDENTITY_PAUSES_SECONDS[min(attempt, len(IDENTITY_PAUSES_SECONDS) - 1)]
            attempt += 1
            _log.warning(
                "identity_unknown",
                extra={"cause": _cause(error), "attempt": attempt, "retry_in_seconds": pause},
            )
            await _until(stop, pause)
        else:
            async with database.unit() as unit:
                KnownAnswersDrawer(unit).keep("getMe", me)


def _cause(error: Exception) -> str:
    if isinstance(error, ApiRefusedError):
        hint = " (is the token right?)" if error.code in (401, 404) else ""
        return f"Telegram answered {error.code}{hint}"
    return type(error).__name__


async def _handle_and_send(
    settings: Settings,
    database: Database,
    client: TelegramClient,
    clock: Clock,
    stop: asyncio.Event,
    mail: _Mail,
) -> None:
    from bot.delivery.timers import Ticker

    office, dispatcher, sender = await _build(settings, database, client, clock)
    await office.start()
    ticker = Ticker(
        on_tick=dispatcher.look_at_timers, on_cleaning=lambda: _clean(nursery, database, clock)
    )
    async with asyncio.TaskGroup() as nursery:
        sending = nursery.create_task(sender.run())
        handling = nursery.create_task(dispatcher.run())
        mail.dispatcher = dispatcher
        ticker.start()
        _clean(nursery, database, clock)
        _log.info("serving", extra={"engine": database.engine})
        await stop.wait()
        _log.info("stopping")
        ticker.stop()
        mail.dispatcher = None
        dispatcher.stop()
        await asyncio.wait([handling], timeout=STOP_SECONDS)
        handling.cancel()
        await sender.stop()
        sending.cancel()


async def _build(
    settings: Settings, database: Database, client: TelegramClient, clock: Clock
) -> tuple[Office, Dispatcher, Sender]:
    from bot.delivery.dispatcher import Dispatcher
    from bot.delivery.outbox import promising_bot
    from bot.delivery.pace import Pace
    from bot.delivery.sender import Sender
    from bot.office import Office
    from handlers.features import FEATURES
    from handlers.letters import refuse, tell_dead_letter
    from storage.outbox import PromiseNumbers
    from storage.roster import ROSTER_CHANGED

    async def work(unit: Unit) -> dict[str, Any] | None:
        unit.write(
            "INSERT INTO timer (kind, key, due_at, chat_key) VALUES (:kind, 'roster',"
            " :now, 'roster') ON CONFLICT (kind, key) DO NOTHING",
            kind=ROSTER_CHANGED,
            now=clock.now(),
        )
        return await KnownAnswersDrawer(unit).get("getMe")

    me = await database.run(work)
    numbers = PromiseNumbers(database)
    office = Office(
        features=FEATURES,
        refuse=refuse,
        bury=tell_dead_letter,
        bot=promising_bot(me or {}),
        clock=clock,
        numbers=numbers,
    )
    sender = Sender(
        database,
        client,
        clock,
        pace=Pace(
            chat_per_second=settings.chat_per_second, bulk_per_second=settings.bulk_per_second
        ),
        on_follow_up=lambda: dispatcher.look_at_timers(),
    )
    dispatcher = Dispatcher(
        database=database, clock=clock, numbers=numbers, handling=office, outcomes=sender
    )
    return office, dispatcher, sender


def _clean(nursery: asyncio.TaskGroup, database: Database, clock: Clock) -> None:
    """Forget what is kept for a limited time."""
    nursery.create_task(_cleaned(database, clock))


async def _cleaned(database: Database, clock: Clock) -> None:
    from storage.transaction import Transaction

    async def work(unit: Unit) -> None:
        transaction = Transaction(unit)
        now = clock.now()
        transaction.inbox.purge(now)
        transaction.outbox.purge(now)
        transaction.blobs.purge(now)
        transaction.dialogues.end_expired(now)

    try:
        await database.run(work)
    except (StorageDownError, ConflictError) as failure:
        _log.warning("cleaning_postponed", extra={"cause": str(failure)})
