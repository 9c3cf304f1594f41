"""Without this module the page would have phones and nobody who answers."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from bot.app import run_bot, stop_on_signals
from bot.clock import Clock
from bot.config import Settings
from bot.demo.scene import enter, language_here, scene_of
from bot.domain.roster import Roster
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from bot.roster.sample import sample_roster_path
from bot.simulator import SimulatedTelegram
from storage.engines import bring_up_to_date, open_database

#: The demo's bot; the simulated Telegram knows no other.
DEMO_TOKEN = "1000000001:beatline-demo"  # noqa: S105 - it opens nothing
LOCALHOST = "127.0.0.1"


async def run_demo(port: int) -> None:
    """Serve the page with the phones on ``port`` (0: a free one) until SIGTERM or Ctrl-C. What
    people wrote in the demo is gone with it. Raises OSError when the port is taken."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    clock = Clock()
    roster = check_roster(sample_roster_path())
    telegram = SimulatedTelegram(clock=clock, token=DEMO_TOKEN)
    language = language_here()
    telegram.telegram.scene = scene_of(roster, language=language)
    await telegram.start(LOCALHOST, port)
    try:
        with tempfile.TemporaryDirectory(prefix="beatline-demo-") as folder:
            settings = Settings(
                token=DEMO_TOKEN,
                database=f"sqlite:///{Path(folder) / 'demo.db'}",
                api_url=telegram.url,
            )
            await _import_sample(settings, roster, clock)
            enter(telegram, language=language)
            print(f"A police station and its phones: {telegram.url}/  (Ctrl-C ends it)", flush=True)  # noqa: T201 - the answer to the command
            await run_bot(settings, clock=clock, stop=stop)
    finally:
        await telegram.stop()


async def _import_sample(settings: Settings, roster: Roster, clock: Clock) -> None:
    await bring_up_to_date(settings.database)
    database = open_database(settings.database)
    try:
        await import_roster(database, roster, clock)
    finally:
        await database.close()
