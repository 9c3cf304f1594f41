"""Without this module the table of methods would be strings and hope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.simulator.parameters import Call
from bot.simulator.telegram import Telegram


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Bot API: what it is called, does and takes."""

    name: str
    run: Callable[[Telegram, Call], Any]
    parameters: frozenset[str] = frozenset()
