"""Without this module a start would fail whenever Telegram does not answer at that moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from bot.app.patience import patiently, pause
from bot.delivery.telegram import ApiRefusedError, TelegramClient, TelegramError
from storage.database import Database, Unit
from storage.known_answers import KnownAnswersDrawer

_log = logging.getLogger("beatline.app")

#: Pauses between questions who we are, while Telegram does not say.
IDENTITY_PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0)


async def identity(
    database: Database, client: TelegramClient, bot_id: int, stop: asyncio.Event
) -> Mapping[str, Any] | None:
    """Telegram's answer to getMe: from the file, else asked for as often as it takes. One that is
    about another bot than ``bot_id`` (the token was changed) is asked for anew. None when it is
    time to stop."""

    async def on_file() -> Mapping[str, Any] | None:
        async with database.reading() as unit:
            return await KnownAnswersDrawer(unit).get("getMe")

    me = await patiently(on_file, stop)
    if me is None or me.get("id") != bot_id:
        me = await _asked(client, stop)
        if me is not None:
            await patiently(lambda: _kept(database, me), stop)
    return me


async def _kept(database: Database, me: Mapping[str, Any]) -> None:
    async def work(unit: Unit) -> None:
        KnownAnswersDrawer(unit).keep("getMe", me)

    await database.run(work)


async def _asked(client: TelegramClient, stop: asyncio.Event) -> Mapping[str, Any] | None:
    attempt = 0
    while not stop.is_set():
        try:
            me = await client.call("getMe", {})
        except TelegramError as error:
            cause = _cause(error)
        else:
            if isinstance(me, Mapping) and "id" in me:
                return me
            cause = "an answer that names nobody"
        seconds = IDENTITY_PAUSES_SECONDS[min(attempt, len(IDENTITY_PAUSES_SECONDS) - 1)]
        attempt += 1
        _log.warning(
            "identity_unknown",
            extra={"cause": cause, "attempt": attempt, "retry_in_seconds": seconds},
        )
        await pause(seconds, stop)
    return None


def _cause(error: TelegramError) -> str:
    if isinstance(error, ApiRefusedError):
        hint = " (is the token right?)" if error.code in (401, 404) else ""
        return f"Telegram answered {error.code}{hint}"
    return f"{type(error).__name__} {error}"
