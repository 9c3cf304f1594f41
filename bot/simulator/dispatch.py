"""Without this module a call would find no method: from a read call to Telegram's answer.

Order: faults on the way, latency, the method with its effect, the record, faults on the way back.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import orjson

from bot.simulator import wire
from bot.simulator.errors import BotApiError
from bot.simulator.faults import NOTHING
from bot.simulator.methods import METHODS
from bot.simulator.parameters import Call, unknown_parameters
from bot.simulator.telegram import CallRecord, Telegram

#: getUpdates waits, so it is no entry of the table.
_GET_UPDATES = "getupdates"
_GET_UPDATES_PARAMETERS = frozenset({"offset", "limit", "timeout", "allowed_updates"})
_NUMBER = re.compile(r"-?[0-9]{1,20}")
#: What a call is recorded as that was cut before Telegram saw it, and after it acted.
CUT_BEFORE, CUT_AFTER = 0, -1

Answer = tuple[int, bytes]


async def answer(telegram: Telegram, call: Call) -> Answer | None:
    """Status and body for a call; None when the connection is to be cut without an answer."""
    started = time.perf_counter()
    faults = telegram.faults
    name = call.method.lower()
    scope = call.values.get("scope")  # commands name their chat in there
    named = scope if isinstance(scope, dict) else call.values
    chat_id = _chat_id(named.get("chat_id"))
    verdict = faults.verdict(name, chat_id, has_reply=call.given("reply_parameters"))
    if verdict.is_cut_before:
        _record(telegram, call, chat_id, CUT_BEFORE, "cut before", None, started)
        return None
    if faults.latency_seconds and name != _GET_UPDATES:
        await asyncio.sleep(faults.latency_seconds)
    message_id = None
    try:
        if verdict.error is not None and not verdict.is_after_effect:
            raise verdict.error
        body, message_id = await _result(telegram, call, name)
        if verdict.error is not None:
            raise verdict.error
    except BotApiError as error:
        _record(telegram, call, chat_id, error.code, error.description, message_id, started)
        return (error.code, failure(error)) if not verdict.is_cut else None
    status = CUT_AFTER if verdict is not NOTHING and verdict.is_cut else 200
    _record(telegram, call, chat_id, status, None, message_id, started)
    return None if status == CUT_AFTER else (200, b'{"ok":true,"result":%s}' % body)


async def _result(telegram: Telegram, call: Call, name: str) -> tuple[bytes, int | None]:
    """The result as JSON, and the message it is about."""
    if name == _GET_UPDATES:
        if unknown := call.values.keys() - _GET_UPDATES_PARAMETERS:
            raise unknown_parameters(call, set(unknown))
        return await telegram.updates.get_updates(call), None
    method = METHODS.get(name)
    if method is None:
        raise BotApiError(404, "Not Found: method not found")
    if not call.values.keys() <= method.parameters:
        raise unknown_parameters(call, set(call.values.keys() - method.parameters))
    result = method.run(telegram, call)
    message_id = result.get("message_id") if isinstance(result, dict) else None
    return wire.dumps(result), message_id


def failure(error: BotApiError) -> bytes:
    """The body of an error."""
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    if error.parameters:
        body["parameters"] = error.parameters
    return orjson.dumps(body)


def _record(
    telegram: Telegram,
    call: Call,
    chat_id: int | None,
    status: int,
    description: str | None,
    message_id: int | None,
    started: float,
) -> None:
    log = telegram.calls
    log.last += 1
    log.totals[call.method] += 1
    if status != 200:
        log.failures[call.method] += 1
    params = call.values
    if call.uploads:
        sizes = {name: f"upload of {len(one.content)} bytes" for name, one in call.uploads.items()}
        params = {**params, **sizes}
    log.records.append(
        CallRecord(
            number=log.last,
            method=call.method,
            params=params,
            chat_id=chat_id,
            status=status,
            description=description,
            message_id=message_id,
            at=telegram.clock.now().timestamp(),
            milliseconds=(time.perf_counter() - started) * 1000,
        )
    )


def _chat_id(value: Any) -> int | None:
    """The chat as the record names it; the method itself reads it strictly."""
    if isinstance(value, int):
        return value
    is_number = isinstance(value, str) and _NUMBER.fullmatch(value)
    return int(value) if is_number else None
