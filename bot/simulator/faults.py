"""Without this module every test would run on the one day when Telegram works.

What can go wrong on the way: too many requests, server errors, connections cut before or after the
effect, outages, latency. Chance comes from one seeded generator, so that a run can be repeated.
"""

from __future__ import annotations

import random
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from bot.simulator.errors import BotApiError, ControlError, too_many_requests
from bot.simulator.limits import words

#: Scripted faults that may wait; a test never needs as many.
SCRIPTED_KEPT = 10_000
_FIELDS = words(
    "p429 p5xx cut cut_before outage_seconds latency_ms enforce_limits get_me retry_after methods"
    " chats next seed"
)
_SCRIPT_FIELDS = words(
    "method chat_id with_reply error_code description parameters cut cut_before times after_effect"
)


@dataclass(slots=True)
class Scripted:
    """A fault that happens ``times`` times, to the next calls that fit."""

    method: str | None
    chat_id: int | None
    #: Only calls that answer a message (True) or do not (False); None: both.
    with_reply: bool | None
    error: BotApiError | None
    is_cut: bool
    is_cut_before: bool
    #: The error is told although the effect happened: an outcome nobody can know.
    is_after_effect: bool
    times: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one call."""

    error: BotApiError | None = None
    is_cut_before: bool = False
    is_cut: bool = False
    is_after_effect: bool = False


NOTHING = Verdict()


class Faults:
    """The present faults; `verdict` decides about one call."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Everything works from now on."""
        self.p429 = self.p5xx = self.cut = self.cut_before = 0.0
        self.latency_seconds = 0.0
        self.retry_after = 1
        self.get_me: int | None = None
        self._methods: frozenset[str] | None = None
        self._chats: frozenset[int] | None = None
        self._next: deque[Scripted] = deque()
        self._chance = random.Random(1)  # noqa: S311 - faults, not secrets
        self._out_until = 0.0
        self._is_quiet = True

    @property
    def is_out(self) -> bool:
        """Whether Telegram cannot be reached at all."""
        return self._out_until > 0.0 and time.monotonic() < self._out_until

    def set(self, wanted: dict[str, Any]) -> None:
        """Change what is named in ``wanted`` and leave the rest."""
        if unknown := wanted.keys() - _FIELDS:
            raise ControlError(f"faults has no field {', '.join(sorted(unknown))}")
        for name in ("p429", "p5xx", "cut", "cut_before"):
            if name in wanted:
                setattr(self, name, _probability(name, wanted[name]))
        self._set_numbers(wanted)
        if "methods" in wanted:
            self._methods = _lowered(wanted["methods"])
        if "chats" in wanted:
            chats = wanted["chats"]
            self._chats = None if chats is None else frozenset(int(chat) for chat in chats)
        scripted = [_scripted(script) for script in wanted.get("next") or ()]
        if len(self._next) + len(scripted) > SCRIPTED_KEPT:
            raise ControlError(f"more than {SCRIPTED_KEPT} scripted faults")
        self._next.extend(scripted)
        self._is_quiet = not (
            self.p429 or self.p5xx or self.cut or self.cut_before or self.get_me or self._next
        )

    def _set_numbers(self, wanted: dict[str, Any]) -> None:
        if "latency_ms" in wanted:
            self.latency_seconds = _positive("latency_ms", wanted["latency_ms"]) / 1000
        if "retry_after" in wanted:
            self.retry_after = int(_positive("retry_after", wanted["retry_after"]))
        if "outage_seconds" in wanted:
            seconds = _positive("outage_seconds", wanted["outage_seconds"])
            self._out_until = time.monotonic() + seconds
        if "seed" in wanted:
            self._chance.seed(wanted["seed"])
        if "get_me" in wanted:
            if wanted["get_me"] not in (None, 401, 404, 500, 502):
                raise ControlError("get_me is one of 401, 404, 500, 502 or null")
            self.get_me = wanted["get_me"]

    def shown(self) -> dict[str, Any]:
        """The present state, in the words of `set`."""
        return {
            "p429": self.p429,
            "p5xx": self.p5xx,
            "cut": self.cut,
            "cut_before": self.cut_before,
            "outage_seconds": max(0.0, self._out_until - time.monotonic()) if self.is_out else 0,
            "latency_ms": self.latency_seconds * 1000,
            "retry_after": self.retry_after,
            "get_me": self.get_me,
            "methods": sorted(self._methods) if self._methods is not None else None,
            "chats": sorted(self._chats) if self._chats is not None else None,
            "next": len(self._next),
        }

    def verdict(self, method: str, chat_id: int | None, *, has_reply: bool) -> Verdict:
        """What happens to a call of this method (lower case) in this chat; ``has_reply`` tells
        whether it answers a message: a copy may be refused as a reply and taken without."""
        if self._is_quiet:
            return NOTHING
        if method == "getme" and self.get_me is not None:
            return Verdict(error=_server_error(self.get_me))
        for script in self._next:
            if _fits(script, method, chat_id, has_reply):
                return self._use(script)
        if self._methods is not None and method not in self._methods:
            return NOTHING
        if self._chats is not None and chat_id not in self._chats:
            return NOTHING
        return self._by_chance()

    def _use(self, script: Scripted) -> Verdict:
        script.times -= 1
        if script.times <= 0:
            self._next.remove(script)
        return Verdict(script.error, script.is_cut_before, script.is_cut, script.is_after_effect)

    def _by_chance(self) -> Verdict:
        chance = self._chance.random
        if self.cut_before and chance() < self.cut_before:
            return Verdict(is_cut_before=True)
        if self.p429 and chance() < self.p429:
            return Verdict(error=too_many_requests(self.retry_after))
        if self.p5xx and chance() < self.p5xx:
            return Verdict(error=_server_error(self._chance.choice((500, 502))))
        if self.cut and chance() < self.cut:
            return Verdict(is_cut=True)
        return NOTHING


def _fits(script: Scripted, method: str, chat_id: int | None, has_reply: bool) -> bool:
    return (
        script.method in (None, method)
        and script.chat_id in (None, chat_id)
        and script.with_reply in (None, has_reply)
    )


def _server_error(code: int) -> BotApiError:
    words_of = {
        401: "Unauthorized",
        404: "Not Found",
        500: "Internal Server Error",
        502: "Bad Gateway",
    }
    return BotApiError(code, words_of[code])


def _probability(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ControlError(f"{name} is a probability from 0 to 1")
    return float(value)


def _positive(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ControlError(f"{name} is a number, not below 0")
    return float(value)


def _lowered(methods: Any) -> frozenset[str] | None:
    return None if methods is None else frozenset(str(method).lower() for method in methods)


def _scripted(script: Any) -> Scripted:
    if not isinstance(script, dict) or script.keys() - _SCRIPT_FIELDS:
        raise ControlError(f"a scripted fault has the fields {', '.join(sorted(_SCRIPT_FIELDS))}")
    code = script.get("error_code")
    error = None
    if code is not None:
        error = BotApiError(
            int(code), script.get("description") or f"Error {code}", script.get("parameters")
        )
    is_cut, is_cut_before = bool(script.get("cut")), bool(script.get("cut_before"))
    if error is None and not is_cut and not is_cut_before:
        raise ControlError("a scripted fault needs error_code, cut or cut_before")
    method = script.get("method")
    return Scripted(
        method=str(method).lower() if method else None,
        chat_id=script.get("chat_id"),
        with_reply=script.get("with_reply"),
        error=error,
        is_cut=is_cut,
        is_cut_before=is_cut_before,
        is_after_effect=bool(script.get("after_effect")),
        times=int(script.get("times") or 1),
    )
