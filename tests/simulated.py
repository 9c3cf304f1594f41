"""A wire to a simulated Telegram, for the tests of the simulator itself: everything over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.simulator import SimulatedTelegram

TOKEN = "123456:simulator-under-test"
#: Nothing here takes longer than this; a promise that does is broken.
PATIENCE_SECONDS = 15.0
#: The named few: a resident, an officer, somebody else.
ANA, LI, BOB = 7, 900001, 8


@dataclass
class Wire:
    """What a bot and what people can do, over HTTP."""

    telegram: SimulatedTelegram
    session: aiohttp.ClientSession

    @property
    def bot_url(self) -> str:
        """Where the methods of the bot are."""
        return f"{self.telegram.url}/bot{TOKEN}"

    async def answer(self, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
        """Status and body of a Bot API call."""
        async with self.session.post(f"{self.bot_url}/{method}", json=params) as response:
            return response.status, await response.json()

    async def call(self, method: str, **params: Any) -> Any:
        """The result of a Bot API call that must succeed."""
        status, body = await self.answer(method, **params)
        assert status == 200, (method, body)
        assert body["ok"] is True
        return body["result"]

    async def refusal(self, method: str, **params: Any) -> str:
        """Why a Bot API call is refused; the code stands before the description."""
        status, body = await self.answer(method, **params)
        assert body["ok"] is False, body
        assert body["error_code"] == status
        return f"{status} {body['description']}"

    async def does(self, what: str, **request: Any) -> Any:
        """Something people do, through the control API."""
        url = f"{self.telegram.url}/sim/{what}"
        async with self.session.post(url, data=json.dumps(request)) as response:
            answer = await response.json()
            assert response.status == 200, answer
            return answer

    async def cannot(self, what: str, **request: Any) -> str:
        """The sentence with which the control API refuses."""
        url = f"{self.telegram.url}/sim/{what}"
        async with self.session.post(url, json=request) as response:
            answer = await response.json()
            assert response.status == 400, answer
            return str(answer["error"])

    async def look(self, what: str, **query: Any) -> Any:
        """Something the control API shows."""
        url = f"{self.telegram.url}/sim/{what}"
        async with self.session.get(url, params=query) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def says(self, user_id: int, text: str = "hello", **more: Any) -> int:
        """Somebody writes; the message's id."""
        answer = await self.does("say", user_id=user_id, text=text, **more)
        return int(answer["message_id"])

    async def chat(self, chat_id: int) -> list[dict[str, Any]]:
        """The transcript of a chat."""
        return list((await self.look("chat", chat_id=chat_id))["messages"])

    async def is_polled(self) -> None:
        """Wait until a long poll is open."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (await self.look("state"))["is_polled"]:
                continue

    async def updates(self, **params: Any) -> list[dict[str, Any]]:
        """What getUpdates answers."""
        return list(await self.call("getUpdates", **params))


@asynccontextmanager
async def simulated(**options: Any) -> AsyncIterator[Wire]:
    """A simulated Telegram on a free port, and a wire to it."""
    async with (
        SimulatedTelegram(token=TOKEN, **options) as telegram,
        aiohttp.ClientSession() as session,
    ):
        yield Wire(telegram, session)
