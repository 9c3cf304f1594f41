"""The simulator in a process of its own: ``python -m tests.load.telegram PORT TOKEN``."""

from __future__ import annotations

import asyncio
import sys

import uvloop

from bot.simulator.server import SimulatedTelegram


async def serve(port: int, token: str) -> None:
    """Serve until the process ends."""
    async with SimulatedTelegram(token=token) as telegram:
        await telegram.stop()
        await telegram.start("127.0.0.1", port)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2]))
