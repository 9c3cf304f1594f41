"""The bot with the simulator's clock: `beatline run` for campaigns that move the hands.
``python -m tests.load.following``"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import aiohttp

from bot.app import run_bot, stop_on_signals
from bot.clock import Clock
from bot.command_line.opening import finish_fast
from bot.command_line.serving import spare_the_collector
from bot.config import load_settings
from bot.logs import start_logging

#: How soon a moved hand is noticed.
LOOK_EVERY_SECONDS = 0.2


async def serve() -> None:
    """Serve with the settings in force until SIGTERM."""
    settings = load_settings(None)
    start_logging(settings.log_format)
    clock, stop = Clock(), asyncio.Event()
    stop_on_signals(stop)
    async with asyncio.TaskGroup() as group:
        following = group.create_task(follow(clock, f"{settings.api_url}/sim/clock"))
        await run_bot(settings, clock=clock, stop=stop, on_serving=spare_the_collector)
        following.cancel()


async def follow(clock: Clock, url: str) -> None:
    """Keep ``clock`` as far ahead as the simulator's, until cancelled."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(url) as response:
                ahead = timedelta(seconds=(await response.json())["shift_seconds"])
            if ahead != clock.shift_by:
                clock.shift(ahead - clock.shift_by)
            await asyncio.sleep(LOOK_EVERY_SECONDS)


if __name__ == "__main__":
    finish_fast(serve())
