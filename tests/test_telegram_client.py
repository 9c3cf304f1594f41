"""The thin way to the Bot API: what is known about a call that did not succeed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.delivery.telegram import (
    ApiRefusedError,
    ConnectionFailedError,
    NoAnswerError,
    OutcomeUnknownError,
    TelegramClient,
    TelegramError,
)

TOKEN = "123456:a-secret-that-is-in-no-error"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[TelegramClient]:
    """A client whose other end answers every call like this."""
    application = web.Application(client_max_size=2**24)
    application.router.add_post("/{tail:.*}", handler)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    client = TelegramClient(TOKEN, f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield client
    finally:
        await client.close()
        await client.close()  # twice is fine
        await runner.cleanup()


def with_body(body: bytes, status: int = 200) -> Handler:
    """This body, always."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, status=status)

    return answer


async def failure_of(handler: Handler) -> TelegramError:
    """How a call fails there. The token is in no text of it."""
    async with answering(handler) as client:
        with pytest.raises(TelegramError) as raised:
            await client.call("sendMessage", {"chat_id": 1})
        for text in (str(raised.value), repr(raised.value), repr(client)):
            assert "secret" not in text
        return raised.value


async def test_an_answer_is_its_result_lone_surrogates_included() -> None:
    """Whatever people can type can be read."""
    async with answering(with_body(b'{"ok":true,"result":{"text":"a \\ud800 b"}}')) as client:
        assert await client.call("getMe", {}) == {"text": "a \ud800 b"}


@pytest.mark.parametrize(
    ("body", "status", "code", "retry_after"),
    [
        (b'{"ok":false,"error_code":403,"description":"Forbidden"}', 403, 403, None),
        (b'{"ok":false,"error_code":429,"parameters":{"retry_after":7}}', 429, 429, 7),
        (b'{"ok":false,"error_code":429,"parameters":{"retry_after":"7"}}', 429, 429, None),
        (b'{"ok":false,"error_code":400,"parameters":[1]}', 400, 400, None),
        (b'{"ok":false,"error_code":"x"}', 400, 400, None),
        (b"<html>502 Bad Gateway</html>", 502, 502, None),
        (b"", 500, 500, None),
        (b"<html>too large</html>", 413, 413, None),
    ],
)
async def test_a_refusal_says_what_telegram_said(
    body: bytes, status: int, code: int, retry_after: int | None
) -> None:
    """Also when a server before Telegram says it, and whatever shape it has."""
    error = await failure_of(with_body(body, status))
    assert isinstance(error, ApiRefusedError)
    assert (error.code, error.retry_after) == (code, retry_after)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>Log in to the guest network</html>", 200),
        (b"<html>Forbidden by your proxy</html>", 403),
        (b"<html>404</html>", 404),
        (b'["ok"]', 200),
        (b'{"ok":"yes"}', 200),
        (b'{"ok":true,"result":', 200),
        (b"[" * 100_000, 200),
        (b"", 200),
    ],
)
async def test_somebody_elses_page_is_no_refusal(body: bytes, status: int) -> None:
    """It says nothing about a chat, a message or the token, and is tried again."""
    error = await failure_of(with_body(body, status))
    assert isinstance(error, NoAnswerError)
    assert (error.status, error.content) == (status, body)


async def test_a_connection_that_is_cut_leaves_the_outcome_unknown() -> None:
    """The call may have been made."""

    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    error = await failure_of(cut)
    assert isinstance(error, OutcomeUnknownError)


async def test_a_call_without_an_answer_ends_with_its_outcome_unknown() -> None:
    """After its time, and not later."""

    async def wait(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with answering(wait) as client:
        with pytest.raises(OutcomeUnknownError):
            await client.call("sendMessage", {"chat_id": 1}, timeout_seconds=0.2)


async def test_where_nobody_answers_the_call_was_surely_not_made() -> None:
    """No connection, no effect."""
    async with answering(with_body(b"")) as client:
        pass
    with pytest.raises(ConnectionFailedError):
        await client.call("sendMessage", {"chat_id": 1})
    await client.close()


async def test_files_go_beside_the_parameters() -> None:
    """Text as text, everything else as JSON, files by their names."""
    got: dict[str, object] = {}

    async def read(request: web.Request) -> web.Response:
        form = await request.post()
        for name, value in form.items():
            is_file = isinstance(value, web.FileField)
            got[name] = (value.filename, value.file.read()) if is_file else value
        return web.Response(body=b'{"ok":true,"result":true}')

    async with answering(read) as client:
        await client.call(
            "sendDocument",
            {"chat_id": 5, "caption": "a ✍", "protect_content": True, "media": [{"a": 1}]},
            files={"poster": ("poster.png", b"\x89PNG")},
        )
    assert got == {
        "chat_id": "5", "caption": "a ✍", "protect_content": "true", "media": '[{"a":1}]',
        "poster": ("poster.png", b"\x89PNG"),
    }  # fmt: skip
