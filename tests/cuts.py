"""A wire to PostgreSQL that can be cut: before a commit arrives, after it was kept, or for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from urllib.parse import parse_qs, urlsplit

_COMMIT = b"COMMIT\x00"
_LOOK = b"SELECT 1\x00"
_SOCKET = ".s.PGSQL.5432"
_CHUNK = 65_536


class Cut(Enum):
    """What happens to the next commit."""

    NONE = auto()
    BEFORE = auto()  # the server never hears of it
    AFTER = auto()  # the server keeps it, and nobody hears of that


class Wire:
    """Passes everything on between clients and the server's socket until told otherwise.

    ``is_down``: new connections are refused; ``stays_down``: they are after the next cut.
    ``is_silent``: nothing comes through, and nobody is told. ``chunks_left``: so many pieces pass,
    in either direction, then the process at the near end is no more (``has_ended``).
    """

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._writers: set[asyncio.StreamWriter] = set()
        self._refusals = 0
        self.next_commit = Cut.NONE
        self.is_down = self.stays_down = self.is_silent = False
        self.chunks_left: int | None = None
        self.has_ended = asyncio.Event()
        self.refused_twice = asyncio.Event()
        self.connected = asyncio.Event()
        self.looked_after = asyncio.Event()

    async def serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end."""
        self.connected.set()
        if self.is_down:
            self._refuse(back)
            return
        server, forth = await asyncio.open_unix_connection(self._socket)
        self._writers |= {back, forth}
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pass_on(client, forth, back))
            group.create_task(self._pass_on(server, back, forth))

    def _refuse(self, back: asyncio.StreamWriter) -> None:
        back.close()
        self._refusals += 1
        if self._refusals == 2:
            self.refused_twice.set()

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
    ) -> None:
        with suppress(OSError):
            while (data := await source.read(_CHUNK)) and self._may_pass(data):
                if not self.is_silent:
                    target.write(data)
                    await target.drain()
        target.close()
        other.close()

    def _may_pass(self, data: bytes) -> bool:
        """False where the wire is cut. The answer to a commit says COMMIT, too."""
        if self._ends():
            return False
        if _LOOK in data and not self.is_silent:
            self.looked_after.set()
        if _COMMIT not in data or self.next_commit is Cut.NONE:
            return True
        if data.endswith(_COMMIT) != (self.next_commit is Cut.BEFORE):
            return True
        self.next_commit = Cut.NONE
        self.is_down = self.stays_down
        return False

    def _ends(self) -> bool:
        if self.chunks_left is None:
            return False
        self.chunks_left -= 1
        if self.chunks_left < 0:
            self.is_down = True
            self.has_ended.set()
            self.cut_all()
        return self.chunks_left < 0

    def begins_anew(self) -> None:
        """Another process at the near end."""
        self.is_down, self.chunks_left = False, None
        self.has_ended.clear()

    def cut_all(self) -> None:
        """Cut every connection there is."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the server at ``url`` and the address at its near end."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query)["host"][0]
    wire = Wire(f"{folder}/{_SOCKET}")
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield wire, f"postgresql://postgres@127.0.0.1:{port}{parts.path}?sslmode=disable"
    finally:
        server.close()
        wire.cut_all()
        await server.wait_closed()
