"""Without this module a refusal would be told in other words than Telegram's, and nobody could
test how the sender sorts them."""

from __future__ import annotations

from typing import Any


class BotApiError(Exception):
    """What Telegram answers instead of a result: HTTP status, description, parameters."""

    def __init__(
        self, code: int, description: str, parameters: dict[str, Any] | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class ControlError(Exception):
    """A request to the control API that cannot be done; the message is a sentence for people."""


def bad_request(what: str, **parameters: Any) -> BotApiError:
    """400: the call is wrong and stays wrong (except for what ``parameters`` say)."""
    return BotApiError(400, f"Bad Request: {what}", parameters or None)


def forbidden(what: str) -> BotApiError:
    """403: this chat does not take messages from the bot."""
    return BotApiError(403, f"Forbidden: {what}")


def too_many_requests(retry_after: int) -> BotApiError:
    """429: not now; ``retry_after`` in seconds."""
    return BotApiError(
        429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after}
    )


def conflict(what: str) -> BotApiError:
    """409: two ways of getting updates at once."""
    return BotApiError(409, f"Conflict: {what}")
