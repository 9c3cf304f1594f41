"""The simulator in a process of its own: ``python -m tests.load.telegram TOKEN [COUNT]`` prints its
address and serves until it is ended. COUNT people have opened the bot already."""

from __future__ import annotations

import asyncio
import sys

import uvloop

from bot.simulator.server import SimulatedTelegram
from bot.simulator.world import Person
from tests.load.station import FIRST_FOLLOWER


async def serve(token: str, followers: int) -> None:
    """Serve on a free port until the process ends."""
    telegram = SimulatedTelegram(token=token)
    world = telegram.telegram.world
    for chat_id in range(FIRST_FOLLOWER, FIRST_FOLLOWER + followers):
        person = Person(id=chat_id, first_name="Follower", has_started=True)
        world.people[chat_id] = person
        world.chat_of(person)
    await telegram.start("127.0.0.1", 0)
    sys.stdout.write(f"{telegram.url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0))
