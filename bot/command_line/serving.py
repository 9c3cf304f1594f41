"""Without this module the office would not open: the commands that run until they are stopped."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import typer

from bot.command_line.opening import finish_fast
from bot.config import load_settings
from bot.logs import start_logging

#: The demo and the simulator answer on this machine only: they trust whoever asks.
LOCALHOST = "127.0.0.1"
#: New objects before the collector looks at them; Python's own 700 is a group of ten messages.
COLLECT_AFTER = 5_000


def run(config: Path | None) -> int:
    """Serve with the settings in force until SIGTERM or Ctrl-C."""
    settings = load_settings(config)
    _ = settings.token_value  # a missing token is said before anything is opened
    start_logging(settings.log_format)
    from bot.app import run_bot

    finish_fast(run_bot(settings, on_serving=spare_the_collector))
    return 0


def spare_the_collector() -> None:
    """What is here when serving begins stays until the end: not looked through again and again.

    Measured at a thousand messages a second: a full collection stopped everything for 70 ms, four
    times in five seconds; all collections together took 0.075 ms of a message, now 0.004.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def demo(port: int) -> int:
    """Simulator, bot and sample station in one process."""
    start_logging("text")
    from bot.demo import run_demo

    finish_fast(run_demo(port))
    return 0


def simulate(port: int) -> int:
    """The simulator alone."""
    start_logging("text")
    finish_fast(_simulate(port))
    return 0


async def _simulate(port: int) -> None:
    from bot.app import stop_on_signals
    from bot.simulator.server import SimulatedTelegram

    stop = asyncio.Event()
    stop_on_signals(stop)
    telegram = SimulatedTelegram()
    await telegram.start(LOCALHOST, port)
    try:
        typer.echo(
            f"The simulated Telegram: BEATLINE_API_URL={telegram.url}"
            f" BEATLINE_TOKEN={telegram.token} (Ctrl-C ends it)"
        )
        await stop.wait()
    finally:
        await telegram.stop()
