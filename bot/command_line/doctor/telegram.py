"""Without this module a wrong token or clock would be noticed by its consequences only."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

from bot.clock import Clock
from bot.command_line.doctor.findings import Finding, Level
from bot.config import Settings
from bot.delivery.telegram import ApiRefusedError, TelegramClient, TelegramError

#: How long Telegram may take to answer; much longer, and people would wait as well.
ANSWER_SECONDS = 10.0
#: Reminders and receipts name minutes: a clock this wrong is worth a look …
SKEW_WARNING_SECONDS = 2.0
#: … and this wrong it is wrong in what people read.
SKEW_FAILURE_SECONDS = 30.0
#: HTTP dates have whole seconds: the true time lies up to one second later, half of it on average.
DATE_STEP_SECONDS = 1.0


async def at_telegram(settings: Settings) -> AsyncIterator[Finding]:
    """The token and this machine's clock, as the Bot API server sees them."""
    yield await _token(settings)
    yield await _clock(settings)


async def _token(settings: Settings) -> Finding:
    if settings.token is None:
        return Finding(Level.FAIL, "token", "not set: set BEATLINE_TOKEN to what @BotFather gave.")
    client = TelegramClient(settings.token_value, settings.api_url)
    try:
        me = await client.call("getMe", {}, timeout_seconds=ANSWER_SECONDS)
    except ApiRefusedError as refusal:
        return Finding(Level.FAIL, "token", _about_refusal(refusal.code))
    except TelegramError:
        where = f"no answer from {settings.api_url}: check the network and api_url."
        return Finding(Level.FAIL, "token", where)
    finally:
        await client.close()
    return Finding(Level.OK, "token", f"belongs to @{me.get('username')}")


def _about_refusal(code: int) -> str:
    if code in (401, 404):
        return f"refused ({code}): ask @BotFather for the right one."
    return f"cannot be checked, the server answered {code}: try again later."


async def _clock(settings: Settings) -> Finding:
    try:
        skew = await _skew_seconds(settings.api_url)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return Finding(Level.WARN, "clock", f"{settings.api_url} does not tell the time.")
    says = f"{skew:+.1f} s against {settings.api_url}"
    if abs(skew) > SKEW_FAILURE_SECONDS:
        return Finding(Level.FAIL, "clock", f"{says}: set this machine's clock.")
    if abs(skew) > SKEW_WARNING_SECONDS:
        return Finding(Level.WARN, "clock", f"{says}: let this machine synchronise its clock.")
    return Finding(Level.OK, "clock", says)


async def _skew_seconds(api_url: str) -> float:
    """How far our clock is ahead. Raises ValueError when the answer has no readable date."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        asked = time.monotonic()
        async with session.head(api_url, allow_redirects=False) as answer:
            date, ours = answer.headers.get("Date", ""), Clock().now()
    on_the_way = (time.monotonic() - asked) / 2
    theirs: datetime = parsedate_to_datetime(date)
    ahead = (ours - theirs).total_seconds() - on_the_way
    return ahead - DATE_STEP_SECONDS / 2
