"""Without this module the office would not open: the commands that run until they are stopped."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.command_line.opening import finish_fast
from bot.config import load_settings
from bot.logs import start_logging

#: The demo and the simulator answer on this machine only: they trust whoever asks.
LOCALHOST = "127.0.0.1"


def run(config: Path | None) -> int:
    """Serve with the settings in force until SIGTERM or Ctrl-C."""
    settings = load_settings(config)
    _ = settings.token_value  # a missing token is said before anything is opened
    start_logging(settings.log_format)
    from bot.app import run_bot

    finish_fast(run_bot(settings))
    return 0


def demo(port: int) -> int:
    """Simulator, bot and sample station in one process."""
    start_logging("text")
    from bot.app import run_demo

    finish_fast(run_demo(port))
    return 0


def simulate(port: int) -> int:
    """The simulator alone."""
    start_logging("text")
    from bot.simulator import simulate as serve

    typer.echo(f"The simulated Telegram answers on http://{LOCALHOST}:{port} until Ctrl-C.")
    finish_fast(serve(LOCALHOST, port))
    return 0
