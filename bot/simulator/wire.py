"""Without this module one lone surrogate in a resident's text would break the simulator and not
the bot under test: orjson refuses them, Telegram's updates may hold them."""

from __future__ import annotations

import json
from typing import Any

import orjson


def dumps(value: Any) -> bytes:
    """JSON; what orjson refuses goes as ASCII with escapes."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=True).encode()


def loads(body: bytes | str) -> Any:
    """Read JSON as leniently as Python does; raises ValueError."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body)
