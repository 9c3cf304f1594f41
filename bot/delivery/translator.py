"""Without this client whoever writes a notice alone would write it in one language.

The way to a LibreTranslate server (https://docs.libretranslate.com, POST /translate). Texts leave
the station only when its address is set; key and texts are in no text of any error.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson

#: A server without a graphics card takes seconds for a page; after this long it is away.
ANSWER_SECONDS = 60.0
#: No translation of one message is longer; whatever is, is no translation.
ANSWER_BYTES_LIMIT = 256 * 1024
#: Answers that another try may change: too many requests, and faults of the server.
_TOO_MANY, _SERVER_FAULT = 429, 500


class TranslatorError(Exception):
    """A text was not translated."""


class TranslatorAwayError(TranslatorError):
    """No answer now; another try may bring one."""


class TranslatorRefusedError(TranslatorError):
    """The server does not do it: a language it does not have, a wrong key."""


class Translator:
    """Asks one server. ``url`` without ``/translate``; close it when done."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self._url = f"{url.rstrip('/')}/translate"
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return "Translator(…)"

    async def translated(self, text: str, *, source: str, target: str) -> str:
        """``text`` (HTML) in the language ``target``, as the server made it: markup unchecked.

        Raises `TranslatorAwayError`, `TranslatorRefusedError`.
        """
        asked = {"q": text, "source": source, "target": target, "format": "html"}
        if self._key is not None:
            asked["api_key"] = self._key
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                # A redirect would carry the text, and the key, to somewhere nobody has named.
                async with self._opened().post(
                    self._url, json=asked, allow_redirects=False
                ) as response:
                    status = response.status
                    content = await _whole(response.content)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise TranslatorAwayError(type(error).__name__) from None
        if status == _TOO_MANY or status >= _SERVER_FAULT:
            raise TranslatorAwayError(f"HTTP {status}")
        return _text_in(content, status)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self) -> None:
        """Give the connections back. Safe to call twice."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _whole(stream: aiohttp.StreamReader) -> bytes:
    """The whole answer, in however many pieces it comes; nothing of one that is too long."""
    content = b""
    async for piece in stream.iter_any():
        content += piece
        if len(content) > ANSWER_BYTES_LIMIT:
            return b""
    return content


def _text_in(content: bytes, status: int) -> str:
    try:
        answer: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        answer = None
    text = answer.get("translatedText") if isinstance(answer, dict) else None
    if status != 200 or not isinstance(text, str) or not text.strip():
        raise TranslatorRefusedError(f"HTTP {status}")
    return text
