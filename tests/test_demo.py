"""`beatline demo` and `beatline simulate`, as processes: what a newcomer starts first."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.demo.scene import RESIDENTS, scene_of
from bot.domain.geography import Place, areas_near
from bot.roster.checking import check_roster
from bot.roster.sample import sample_roster_path

#: A slow machine starts the demo in this time, too.
START_SECONDS = 60.0
#: Longer than this nobody waits after Ctrl-C.
END_SECONDS = 15.0
EMMA, LI = 700001, 900001


@dataclass
class Started:
    """A program that serves, and a wire to it."""

    process: asyncio.subprocess.Process
    url: str
    session: aiohttp.ClientSession

    async def look(self, path: str) -> Any:
        """Something it shows."""
        async with self.session.get(f"{self.url}{path}") as response:
            assert response.status == 200, path
            if response.content_type == "application/json":
                return await response.json()
            return await response.text()

    async def does(self, what: str, **request: Any) -> None:
        """Something people do."""
        async with self.session.post(f"{self.url}/sim/{what}", json=request) as response:
            assert response.status == 200, await response.text()

    async def sees(self, chat_id: int, text: str) -> dict[str, Any]:
        """Wait until a message of the bot with this text is in the chat."""
        async with asyncio.timeout(START_SECONDS), self._events() as happened:
            while True:
                chat = await self.look(f"/sim/chat?chat_id={chat_id}")
                for message in chat["messages"]:
                    if message["from_bot"] and text in message["text"]:
                        return dict(message)
                await happened()

    @asynccontextmanager
    async def _events(self) -> AsyncIterator[Any]:
        timeout = aiohttp.ClientTimeout(total=None)
        async with self.session.get(f"{self.url}/sim/events", timeout=timeout) as stream:
            yield stream.content.readline

    async def ends(self, sign: signal.Signals) -> int:
        """Its exit status after this signal."""
        self.process.send_signal(sign)
        async with asyncio.timeout(END_SECONDS):
            return await self.process.wait()


def beatline(*arguments: str, **environment: str) -> Any:
    """`beatline …` in a process of its own, far from any settings."""
    mine = {key: value for key, value in os.environ.items() if "BEATLINE" not in key}
    return asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env={**mine, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def started(command: str, **environment: str) -> AsyncIterator[Started]:
    """A command that serves on a free port, ended in any case."""
    process = await beatline(command, "--port", "0", **environment)
    try:
        async with asyncio.timeout(START_SECONDS):
            line = (await process.stdout.readline()).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line + (await process.stderr.read()).decode()
        async with aiohttp.ClientSession() as session:
            yield Started(process, found[0], session)
    finally:
        if process.returncode is None:
            process.terminate()  # killed, it would leave its folder behind
            await process.wait()


async def test_a_message_reaches_the_officer_and_the_answer_comes_back(tmp_path: Path) -> None:
    """The whole of it, on a machine without account and network, and nothing is left behind."""
    async with started("demo", TMPDIR=str(tmp_path), LANG="C.UTF-8", LC_ALL="") as demo:
        assert "<title>Beatline</title>" in await demo.look("/")
        scene = await demo.look("/sim/scene")
        assert scene["open"][:2] == [EMMA, LI]
        await demo.does("start", user_id=EMMA, parameter=scene["links"][0]["parameter"])
        await demo.sees(EMMA, "Li Ming")
        await demo.does("say", user_id=EMMA, text="The lamp at gate 2 is broken.")
        copy = await demo.sees(LI, "The lamp at gate 2 is broken.")
        reply = {"reply_to_message_id": copy["message_id"]}
        await demo.does("say", user_id=LI, text="I will look at it today.", **reply)
        await demo.sees(EMMA, "I will look at it today.")
        assert await demo.ends(signal.SIGTERM) == 0
    assert list(tmp_path.iterdir()) == []


async def test_ctrl_c_ends_the_demo_like_sigterm(tmp_path: Path) -> None:
    """Whoever presses Ctrl-C is not shown a fault."""
    async with (
        started("demo", TMPDIR=str(tmp_path)) as demo,
        demo.session.get(f"{demo.url}/sim/events") as stream,
    ):
        await stream.content.readline()  # an open page does not hold it up
        assert await demo.ends(signal.SIGINT) == 0
    assert list(tmp_path.iterdir()) == []


async def test_officers_speak_the_language_of_the_terminal() -> None:
    """A Chinese newcomer can read the officers' side, too, and meets a Chinese resident."""
    async with started("demo", LC_ALL="zh_CN.UTF-8") as demo:
        scene = await demo.look("/sim/scene")
        assert scene["open"][0] == next(
            user_id for user_id, (_, language) in RESIDENTS.items() if language == "zh"
        )
        await demo.sees(LI, "居民")


async def test_the_simulator_alone_serves_page_and_bot_api() -> None:
    """It says what a bot needs to be pointed at it, and ends as easily."""
    async with started("simulate") as simulator:
        assert "<title>Beatline</title>" in await simulator.look("/")
        assert await simulator.look("/sim/scene") == {}
        assert await simulator.ends(signal.SIGTERM) == 0


@pytest.mark.parametrize("command", ["demo", "simulate"])
async def test_a_taken_port_is_a_sentence(command: str) -> None:
    """Whoever starts it twice reads what to do, not a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = await beatline(command, "--port", str(taken.getsockname()[1]))
        async with asyncio.timeout(START_SECONDS):
            told, complained = await process.communicate()
    assert process.returncode == 1
    assert told == b""
    said = complained.decode().strip().splitlines()
    assert said == ["The port is taken by another program: name another one with --port."]


def test_the_places_lie_where_they_say() -> None:
    """Inside an area, at its edge, and where nobody of the station is responsible."""
    roster = check_roster(sample_roster_path())
    inside, edge, outside = (
        areas_near(Place(place["latitude"], place["longitude"]), roster)
        for place in scene_of(roster, language="en")["places"]
    )
    assert [area.code for area in inside] == ["riverside"]
    assert [area.code for area in edge] == ["riverside"]
    assert outside == []
