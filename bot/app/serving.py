"""Without this module updates would be stored, and nobody would handle them or send anything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.app.cleaning import Cleaning
from bot.app.page_commands import PageCommands
from bot.app.patience import kept_going, patiently
from bot.app.translating import Translating
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.outbox import promising_bot
from bot.delivery.pace import Pace
from bot.delivery.sender import Sender
from bot.delivery.timers import Ticker
from bot.delivery.translator import Translator
from bot.office import Office
from handlers.features import FEATURES
from handlers.letters import refuse, tell_dead_letter
from storage.database import Unit
from storage.outbox import PromiseNumbers
from storage.roster import ROSTER_CHANGED
from storage.timers import TimersDrawer

if TYPE_CHECKING:
    from bot.app import House

_log = logging.getLogger("beatline.app")

#: How long a stop waits for the handling in hand, and for commands under way.
STOP_SECONDS = 10.0


async def handle_and_send(house: House, me: Mapping[str, Any]) -> None:
    """Handle what came and what is due, send what is promised, until it is time to stop."""
    await patiently(lambda: _note_start(house), house.stop)
    office, dispatcher, sender = _built(house, me)
    await office.start()
    async with asyncio.TaskGroup() as nursery:
        cleaning = Cleaning(house.database, house.clock, nursery)
        translating = Translating(
            house.database, house.clock, nursery, translator=_translator(house),
            on_answer=dispatcher.look_at_timers,
        )  # fmt: skip

        page_commands = PageCommands(
            house.database, house.clock, house.settings,
            stop=house.stop, on_failure=dispatcher.look_at_timers,
        )  # fmt: skip

        def tick() -> None:
            dispatcher.look_at_file()
            cleaning.look()
            translating.look()
            page_commands.look()

        ticker = Ticker(on_tick=tick)
        sending = nursery.create_task(kept_going("sender", sender.run))
        handling = nursery.create_task(kept_going("dispatcher", dispatcher.run))
        paging = nursery.create_task(kept_going("page_commands", page_commands.run))
        house.mail.dispatcher = dispatcher
        ticker.start()
        house.on_serving()
        _log.info("serving", extra={"engine": house.database.engine})
        await house.stop.wait()
        _log.info("stopping")
        ticker.stop()
        house.mail.dispatcher = None
        dispatcher.stop()
        page_commands.look()
        await asyncio.wait([handling, paging], timeout=STOP_SECONDS)
        handling.cancel()
        paging.cancel()
        await sender.stop()
        sending.cancel()
        cleaning.stop()
        await translating.stop()


async def _note_start(house: House) -> None:
    """Whatever depends on roster and program is looked at once at every start; what was set aside
    is tried once more, for the program may be a mended one."""

    async def work(unit: Unit) -> None:
        unit.write(
            "INSERT INTO timer (kind, key, due_at, chat_key) VALUES (:kind, 'roster',"
            " :now, 'roster') ON CONFLICT (kind, key) DO NOTHING",
            kind=ROSTER_CHANGED,
            now=house.clock.now(),
        )
        TimersDrawer(unit).bring_back()

    await house.database.run(work)


def _translator(house: House) -> Translator | None:
    settings = house.settings
    if settings.translator_url is None:
        return None
    key = settings.translator_key
    return Translator(settings.translator_url, key.get_secret_value() if key else None)


def _built(house: House, me: Mapping[str, Any]) -> tuple[Office, Dispatcher, Sender]:
    settings, database, clock = house.settings, house.database, house.clock
    numbers = PromiseNumbers(database)
    office = Office(
        features=FEATURES,
        refuse=refuse,
        bury=tell_dead_letter,
        bot=promising_bot(me),
        clock=clock,
        numbers=numbers,
        bulk_per_second=settings.bulk_per_second,
        call_out_step=timedelta(seconds=settings.call_out_step_seconds),
        has_translator=settings.translator_url is not None,
        has_page_command=settings.page_command is not None,
    )
    sender = Sender(
        database,
        house.client,
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
