"""Without this module nobody could try Beatline without an account, a server and an evening.

Simulator, bot and sample station in one process, with one clock: `beatline demo`.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from bot.app import run_bot, stop_on_signals
from bot.clock import Clock
from bot.config import Settings
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from bot.roster.sample import sample_roster_path
from bot.simulator.server import SimulatedTelegram
from storage.engines import bring_up_to_date, open_database

#: The demo's bot; the simulated Telegram knows no other.
DEMO_TOKEN = "1000000001:beatline-demo"  # noqa: S105 - it opens nothing
LOCALHOST = "127.0.0.1"


async def run_demo(port: int) -> None:
    """Serve the page with the phones on ``port`` until SIGTERM or Ctrl-C. What people wrote in the
    demo is gone with it."""
    clock = Clock()
    stop = asyncio.Event()
    stop_on_signals(stop)
    with tempfile.TemporaryDirectory(prefix="beatline-demo-") as folder:
        settings = Settings(
            token=DEMO_TOKEN,
            database=f"sqlite:///{Path(folder) / 'demo.db'}",
            api_url=f"http://{LOCALHOST}:{port}",
        )
        await _import_sample(settings, clock)
        telegram = SimulatedTelegram(clock=clock, token=DEMO_TOKEN)
        await telegram.start(LOCALHOST, port)
        try:
            print(f"Two phones and a police station: {telegram.url}/  (Ctrl-C ends it)")  # noqa: T201 - the answer to the command
            await run_bot(settings, clock=clock, stop=stop)
        finally:
            await telegram.stop()


async def _import_sample(settings: Settings, clock: Clock) -> None:
    await bring_up_to_date(settings.database)
    database = open_database(settings.database)
    try:
        await import_roster(database, check_roster(sample_roster_path()), clock)
    finally:
        await database.close()
