"""The simulator in a process of its own: ``python -m tests.load.telegram TOKEN`` prints its address
and serves until it is ended."""

from __future__ import annotations

import asyncio
import sys

import uvloop

from bot.simulator.server import SimulatedTelegram


async def serve(token: str) -> None:
    """Serve on a free port until the process ends."""
    telegram = SimulatedTelegram(token=token)
    await telegram.start("127.0.0.1", 0)
    sys.stdout.write(f"{telegram.url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
