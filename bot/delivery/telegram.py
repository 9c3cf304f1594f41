"""Without this client nothing would come from Telegram and nothing would get there.

A thin way to the Bot API on one set of kept connections. Its errors say what is known about a
call: refused, surely not made, or of unknown outcome. The token is in no text of any error.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

#: Telegram's own address, used when the settings name no other.
DEFAULT_API_URL = "https://api.telegram.org"
#: A call that has no answer after this long has an unknown outcome.
CALL_SECONDS = 30.0
#: An upload has more time, by its size: a station's line may be this slow.
UPLOAD_BYTES_PER_SECOND = 128 * 1024
#: What a server says, by itself, of a body that no try makes smaller.
TOO_LARGE = 413
#: Making a connection takes at most this long.
CONNECT_SECONDS = 10.0
#: Idle connections are kept this long: a new TLS handshake for every quiet-time call is slow.
KEEP_ALIVE_SECONDS = 30.0
#: Connections at once: one for the long poll, the rest for calls.
CONNECTIONS_LIMIT = 128

_JSON = {"Content-Type": "application/json"}


class TelegramError(Exception):
    """A call to the Bot API did not succeed."""


class ApiRefusedError(TelegramError):
    """Telegram answered no. ``code`` is the Bot API's error code."""

    def __init__(
        self,
        code: int,
        description: str,
        *,
        retry_after: float | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to_chat_id = migrate_to_chat_id


class ConnectionFailedError(TelegramError):
    """The call was surely not made: there was no connection."""


class OutcomeUnknownError(TelegramError):
    """The connection was lost after the call was sent: it may have been accepted."""


class NoAnswerError(OutcomeUnknownError):
    """Something answered that is not the Bot API: a proxy, a page to log in, half an answer.
    ``content`` may hold what people wrote, so it is in no text of this error."""

    def __init__(self, status: int, content: bytes) -> None:
        super().__init__(f"HTTP {status} without an answer of the Bot API")
        self.status = status
        self.content = content


class TelegramClient:
    """Calls of the Bot API. ``api_url`` without the token; close it when done."""

    def __init__(self, token: str, api_url: str = DEFAULT_API_URL) -> None:
        self._base = f"{api_url.rstrip('/')}/bot{token}/"
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return "TelegramClient(…)"

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS_LIMIT, keepalive_timeout=KEEP_ALIVE_SECONDS
                ),
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        timeout_seconds: float = CALL_SECONDS,
    ) -> Any:
        """Make one call and return its ``result``. ``files``: field → (filename, content).

        Raises `ApiRefusedError`, `ConnectionFailedError`, `OutcomeUnknownError`.
        """
        body: Any = orjson.dumps(params) if not files else _form(params, files)
        if files:
            size = sum(len(content) for _, content in files.values())
            timeout_seconds += size / UPLOAD_BYTES_PER_SECOND
        try:
            async with asyncio.timeout(timeout_seconds):
                async with self._opened().post(
                    self._base + method, data=body, headers=None if files else _JSON
                ) as response:
                    status, content = response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ConnectionFailedError(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise OutcomeUnknownError(type(error).__name__) from None
        return _result(status, content)

    async def close(self) -> None:
        """Give the connections back. Safe to call twice."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _form(params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in params.items():
        form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
    for name, (filename, content) in files.items():
        form.add_field(name, content, filename=filename)
    return form


def _result(status: int, content: bytes) -> Any:
    answer = _parsed(content)
    if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
        if status >= 500 or status == TOO_LARGE:
            raise ApiRefusedError(status, "an answer that is not the Bot API's")
        # A proxy's page, whatever it refuses: it says nothing about a chat or a message.
        raise NoAnswerError(status, content)
    if answer["ok"]:
        return answer.get("result")
    parameters = answer.get("parameters")
    raise ApiRefusedError(
        _whole(answer.get("error_code")) or status,
        str(answer.get("description") or ""),
        retry_after=_whole(parameters, "retry_after"),
        migrate_to_chat_id=_whole(parameters, "migrate_to_chat_id"),
    )


def _whole(value: Any, key: str | None = None) -> int | None:
    """A whole number, or the one under ``key``; None for anything else."""
    if key is not None:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:  # lone surrogates, which people can type, are JSON to the standard library only
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
