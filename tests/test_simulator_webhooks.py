"""The simulated Telegram's webhooks: delivered in order, retried, told only to whom it was set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.simulated import ANA, BOB, PATIENCE_SECONDS, Wire


@dataclass
class Hook:
    """A bot's own server: what came, and what it answers."""

    url: str = ""
    came: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    #: Statuses of the next answers; 200 when there are none left.
    answers: list[int] = field(default_factory=list)
    retry_after: str = ""
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.BaseRequest) -> web.Response:
        """One delivery."""
        self.came.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self._more.set()
        status = self.answers.pop(0) if self.answers else 200
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        return web.Response(status=status, headers=headers)

    async def until(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many deliveries came."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.came) < count:
                self._more.clear()
                await self._more.wait()
        return self.came

    def texts(self) -> list[str]:
        """What was written, in the order it came."""
        return [update["message"]["text"] for update in self.came if "message" in update]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    made = Hook()
    runner = web.ServerRunner(web.Server(made.take, access_log=None), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def test_updates_are_delivered_with_the_secret(wire: Wire, hook: Hook) -> None:
    """What waited comes first; each once, in order."""
    await wire.says(ANA, "one")
    await wire.call("setWebhook", url=hook.url, secret_token="s3cret_-")
    await wire.says(ANA, "two")
    await hook.until(2)
    assert hook.texts() == ["one", "two"]
    assert hook.secrets == ["s3cret_-"] * 2


async def test_a_refused_delivery_comes_again_before_the_next(wire: Wire, hook: Hook) -> None:
    """At once, and nothing of this chat overtakes it; other chats do not wait."""
    hook.answers = [500]
    await wire.call("setWebhook", url=hook.url)
    await wire.says(ANA, "one")
    await wire.says(ANA, "two")
    await wire.says(BOB, "other")
    await hook.until(4)
    assert [text for text in hook.texts() if text != "other"] == ["one", "one", "two"]
    info = await wire.call("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 500"


async def test_retry_after_is_honoured(wire: Wire, hook: Hook) -> None:
    """A bot that is busy says for how long."""
    hook.answers, hook.retry_after = [503], "1"
    await wire.call("setWebhook", url=hook.url)
    clock = asyncio.get_running_loop().time
    await wire.says(ANA, "one")
    await hook.until(1)
    came_first = clock()
    await hook.until(2)
    assert clock() - came_first >= 0.9


async def test_presses_have_a_queue_of_their_own(wire: Wire, hook: Hook) -> None:
    """A press may overtake a message that is being retried: order by update_id."""
    hook.answers, hook.retry_after = [503], "1"
    await wire.call("setWebhook", url=hook.url)
    message_id = await wire.says(ANA, "first")
    await hook.until(1)
    await wire.does("press", user_id=ANA, message_id=message_id, data="x", forge=True)
    came = await hook.until(3)
    assert ["callback_query" in update for update in came] == [False, True, False]
    assert came[1]["update_id"] > came[2]["update_id"]


async def test_a_bot_that_cannot_be_reached_loses_nothing(wire: Wire, hook: Hook) -> None:
    """What was not taken waits, and can be fetched after the webhook is deleted."""
    await wire.call("setWebhook", url="http://127.0.0.1:9/hook")
    await wire.says(ANA, "one")
    info: dict[str, Any] = {}
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "last_error_message" not in info:
            info = await wire.call("getWebhookInfo")
    assert info["pending_update_count"] == 1
    await wire.call("deleteWebhook")
    assert [update["message"]["text"] for update in await wire.updates()] == ["one"]


async def test_pending_updates_can_be_dropped(wire: Wire, hook: Hook) -> None:
    """By setting and by deleting."""
    await wire.says(ANA, "one")
    await wire.call("setWebhook", url=hook.url, drop_pending_updates=True)
    await wire.says(ANA, "two")
    await hook.until(1)
    assert hook.texts() == ["two"]
    await wire.call("setWebhook", url="")
    await wire.says(ANA, "three")
    await wire.call("deleteWebhook", drop_pending_updates=True)
    assert await wire.updates() == []


async def test_polling_and_a_webhook_exclude_each_other(wire: Wire, hook: Hook) -> None:
    """The open poll ends with 409, and so does every later one."""
    poll = asyncio.ensure_future(wire.refusal("getUpdates", timeout=50))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not poll.done():
            await wire.call("setWebhook", url=hook.url, allowed_updates=["message"])
    assert await poll in (
        "409 Conflict: terminated by setWebhook request",
        "409 Conflict: can't use getUpdates method while webhook is active;"
        " use deleteWebhook to delete the webhook first",
    )
    assert (await wire.refusal("getUpdates")).startswith("409 Conflict: can't use getUpdates")
    info = await wire.call("getWebhookInfo")
    assert (info["url"], info["allowed_updates"]) == (hook.url, ["message"])


async def test_an_open_poll_is_told_that_a_webhook_was_set(wire: Wire, hook: Hook) -> None:
    """In other words than a second poller's."""
    poll = asyncio.ensure_future(wire.refusal("getUpdates", timeout=50))
    await wire.is_polled()
    await wire.call("setWebhook", url=hook.url)
    assert await poll == "409 Conflict: terminated by setWebhook request"


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"url": "http://a.example/x"}, "An HTTPS URL must be provided"),
        ({"url": "ftp://a.example/x"}, "An HTTPS URL must be provided"),
        ({"url": "https://a.example:8080/x"}, "only on ports 80, 88, 443 or 8443"),
        ({"url": "https://[a"}, "invalid webhook URL"),
        ({"url": "https://a.example", "max_connections": 101}, "max_connections must be 1-100"),
        ({"url": "https://a.example", "secret_token": "a b"}, "unallowed characters"),
        ({"url": "https://a.example", "secret_token": "x" * 257}, "secret token is too long"),
        ({"url": "https://a.example", "allowed_updates": ["x"]}, "unknown update kind"),
    ],
)
async def test_a_wrong_webhook_is_refused(wire: Wire, params: dict[str, Any], why: str) -> None:
    """Address, connections, secret, kinds."""
    assert why in await wire.refusal("setWebhook", **params)
    assert (await wire.call("getWebhookInfo"))["url"] == ""


async def test_nothing_is_delivered_during_an_outage(wire: Wire, hook: Hook) -> None:
    """What cannot be reached cannot call, either; afterwards it comes."""
    await wire.call("setWebhook", url=hook.url)
    await wire.does("faults", outage_seconds=1)
    await wire.says(ANA, "one")
    await hook.until(1)
    assert (await wire.look("faults"))["outage_seconds"] == 0
