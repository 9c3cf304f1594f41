"""Without this module there would be rooms and nobody to open the house.

The composition root: builds everything, starts it in the right order, and stops it so that what
is under way is finished and recorded.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.app.identity import identity
from bot.app.patience import kept_going, patiently, pause
from bot.clock import Clock
from bot.config import Settings
from bot.delivery.inbox import Poller
from bot.delivery.telegram import TelegramClient
from storage.database import Database
from storage.engines import bring_up_to_date, open_database
from storage.inbox import Letter

if TYPE_CHECKING:
    from bot.delivery.dispatcher import Dispatcher

__all__ = ["run_bot", "stop_on_signals"]

_log = logging.getLogger("beatline.app")

#: While another process has our place, or no roster is on file, we look again this often.
LOOK_AGAIN_SECONDS = 0.5
#: How long a stop waits for the handling in hand.
STOP_SECONDS = 10.0


@dataclass(slots=True)
class House:
    """What everything is built from. ``stop`` is set when it is to end."""

    settings: Settings
    database: Database
    client: TelegramClient
    clock: Clock
    stop: asyncio.Event
    on_serving: Callable[[], None]
    mail: _Mail = field(default_factory=lambda: _Mail())


class _Mail:
    """Takes letters before there is a dispatcher: they are on file, and it reads the file first."""

    def __init__(self) -> None:
        self.dispatcher: Dispatcher | None = None

    def offer(self, letters: list[Letter]) -> None:
        if self.dispatcher is not None:
            self.dispatcher.offer(letters)


async def run_bot(
    settings: Settings,
    *,
    clock: Clock | None = None,
    stop: asyncio.Event | None = None,
    on_serving: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM, SIGINT or ``stop``. Raises StorageError when storage cannot be opened.
    ``on_serving`` is called when everything is built.

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
                house = House(settings, database, client, clock or Clock(), stop, on_serving)
                await _serve(house)
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
        await pause(LOOK_AGAIN_SECONDS, stop)
    yield False


async def _serve(house: House) -> None:
    poller = Poller(
        client=house.client, database=house.database, clock=house.clock, receiver=house.mail
    )
    async with asyncio.TaskGroup() as nursery:
        polling = nursery.create_task(kept_going("poller", poller.run))
        nursery.create_task(_end_polling(house.stop, polling))
        me = await identity(house.database, house.client, house.settings.bot_id, house.stop)
        if me is not None and await _has_roster(house):
            # The first update is already being fetched: now what takes time to import.
            from bot.app.serving import handle_and_send

            await handle_and_send(house, me)
    _log.info("stopped")


async def _end_polling(stop: asyncio.Event, polling: asyncio.Task[None]) -> None:
    """A stop begins with taking nothing new."""
    await stop.wait()
    polling.cancel()


async def _has_roster(house: House) -> bool:
    """Wait until a roster is on file; False when it is time to stop."""

    async def look() -> bool:
        async with house.database.reading() as unit:
            return bool(await unit.fetch("SELECT version FROM roster LIMIT 1"))

    is_said = False
    while not house.stop.is_set():
        if await patiently(look, house.stop):
            return True
        if not is_said:
            _log.warning("no_roster", extra={"hint": "beatline roster import FILE"})
            is_said = True
        await pause(LOOK_AGAIN_SECONDS, house.stop)
    return False
