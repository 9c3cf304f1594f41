"""Without this module every method would read JSON, forms and uploads in its own way.

Telegram takes JSON, form and multipart bodies and query strings alike: a number may come as text,
a nested object as JSON text. `Call` evens this out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.simulator.errors import BotApiError, bad_request

_TRUE = frozenset({"true", "yes", "1", "t", "y"})
_FALSE = frozenset({"false", "no", "0", "f", "n", ""})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request."""

    file_name: str
    mime_type: str
    content: bytes


@dataclass(slots=True)
class Call:
    """One call of a Bot API method: what it was given, read on demand."""

    method: str
    values: dict[str, Any]
    uploads: dict[str, Upload] = field(default_factory=dict)

    def given(self, name: str) -> bool:
        """Whether the parameter is there and not null."""
        return self.values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """A text; numbers become text as in a form."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        if isinstance(value, dict | list | bool):
            raise bad_request(f"{name} must be of type String")
        return str(value)

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number; an error without a default when it is missing."""
        value = self.values.get(name)
        if value is None:
            if default is None:
                raise bad_request(f"{name} is not specified")
            return default
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        try:
            return int(value) if isinstance(value, str) else _whole(value)
        except ValueError:
            raise bad_request(f"{name} must be of type Integer") from None

    def number(self, name: str) -> float:
        """A number that must be there."""
        value = self.values.get(name)
        if value is None:
            raise bad_request(f"{name} is not specified")
        try:
            return float(value)
        except (TypeError, ValueError):
            raise bad_request(f"{name} must be of type Float") from None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false, also as text."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise bad_request(f"{name} must be of type Boolean")

    def structure(self, name: str) -> Any:
        """A nested object or list, also as JSON text; None when it is not given."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def record(self, name: str) -> dict[str, Any] | None:
        """A nested object."""
        value = self.structure(name)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"object expected as {name}")
        return value

    def array(self, name: str) -> list[Any] | None:
        """A nested list."""
        value = self.structure(name)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"array expected as {name}")
        return value


def _whole(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ValueError


def unknown_parameters(call: Call, names: set[str]) -> BotApiError:
    """The error that names them."""
    listed = ", ".join(sorted(names))
    return bad_request(f"{call.method} has no parameter {listed} (refused by the simulator only)")
