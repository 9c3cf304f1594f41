"""Without this module the page would have to ask all the time what is new.

`EventHub` tells listeners what happens in the world. With no listener it costs one comparison:
build the payload only when `has_listeners`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from bot.simulator import wire
from bot.simulator.limits import EVENTS_WAITING

#: An idle stream says something this often, so that a dead connection is noticed.
HEARTBEAT_SECONDS = 15.0


class EventHub:
    """Server-sent events for any number of listeners."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[bytes | None]] = set()
        self._number = 0

    @property
    def has_listeners(self) -> bool:
        """Whether anybody would hear an event."""
        return bool(self._listeners)

    def publish(self, kind: str, payload: dict[str, Any]) -> None:
        """Tell everybody; a listener that is too slow is sent away."""
        self._number += 1
        line = b"id: %d\nevent: %s\ndata: %s\n\n" % (
            self._number,
            kind.encode(),
            wire.dumps(payload),  # what people typed may hold lone surrogates
        )
        for queue in tuple(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(line)

    async def listen(self) -> AsyncGenerator[bytes, None]:
        """The stream of one listener, from now on, until `close` or it is too slow."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(EVENTS_WAITING)
        self._listeners.add(queue)
        try:
            yield b"retry: 1000\n\n"
            while (line := await _next(queue)) is not None:
                yield line
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        """End all streams."""
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)
        self._listeners.clear()


async def _next(queue: asyncio.Queue[bytes | None]) -> bytes | None:
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            return await queue.get()
    except TimeoutError:
        return b": still here\n\n"
