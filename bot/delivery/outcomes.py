"""Without this module every caller would guess what Telegram means by "no".

The one place where Bot API answers are sorted. What was sorted is a fact; the sender acts on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.delivery.telegram import (
    ApiRefusedError,
    ConnectionFailedError,
    OutcomeUnknownError,
    TelegramError,
)

#: After this many counted failures of one message, while others get through, it is given up.
COUNTED_ATTEMPTS = 8
#: Waiting before the next try: doubled each time, from the first to the last.
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.5, 30.0
#: Telegram's 429 without a time: a second is its usual unit.
DEFAULT_RETRY_AFTER_SECONDS = 1.0


class Kind(StrEnum):
    """What became of a call."""

    SENT = "sent"
    LATER = "later"
    MOVED = "moved"
    CHAT_NEVER = "chat never"
    MESSAGE_NEVER = "message never"
    NOTHING_GOES = "nothing goes"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sorted answer. ``pause_seconds``: how long Telegram wants to be left alone (429);
    ``is_counted``: whether the try counts against the message; ``reason`` holds no text of ours."""

    kind: Kind
    reason: str = ""
    message_id: int | None = None
    pause_seconds: float | None = None
    is_counted: bool = False
    new_chat_id: int | None = None


#: 400s that mean the chat, not the message (descriptions of tdlib/telegram-bot-api).
_CHAT_NEVER = ("chat not found", "user not found", "peer_id_invalid", "chat_id is empty")
#: 400s that mean that what was asked for is so already.
_DONE_ALREADY = ("message is not modified",)


def outcome_of(result: object) -> Outcome:
    """What a successful call brought: the id of its message if it made one."""
    first = result[0] if isinstance(result, list) and result else result
    message_id = first.get("message_id") if isinstance(first, dict) else None
    return Outcome(Kind.SENT, message_id=message_id if isinstance(message_id, int) else None)


def sorted_out(error: TelegramError) -> Outcome:
    """What an unsuccessful call means for its promise."""
    if isinstance(error, ConnectionFailedError | OutcomeUnknownError):
        # An outage is nobody's fault, and a repeated call is the only duplicate there can be.
        return Outcome(Kind.LATER, reason=type(error).__name__)
    if isinstance(error, ApiRefusedError):
        return _refused(error)
    return Outcome(Kind.LATER, reason=type(error).__name__, is_counted=True)


def _refused(error: ApiRefusedError) -> Outcome:
    reason = f"{error.code} {error.description}"[:200]
    if error.code == 429:
        pause = float(error.retry_after or DEFAULT_RETRY_AFTER_SECONDS)
        return Outcome(Kind.LATER, reason=reason, pause_seconds=pause)
    if error.migrate_to_chat_id is not None:
        return Outcome(Kind.MOVED, reason=reason, new_chat_id=error.migrate_to_chat_id)
    if error.code >= 500:
        return Outcome(Kind.LATER, reason=reason, is_counted=True)
    if error.code in (401, 404):
        return Outcome(Kind.NOTHING_GOES, reason=reason)
    if error.code == 403:
        return Outcome(Kind.CHAT_NEVER, reason=reason)
    return _bad_request(error.description.casefold(), reason)


def _bad_request(description: str, reason: str) -> Outcome:
    if any(part in description for part in _DONE_ALREADY):
        return Outcome(Kind.SENT, reason=reason)
    if any(part in description for part in _CHAT_NEVER):
        return Outcome(Kind.CHAT_NEVER, reason=reason)
    return Outcome(Kind.MESSAGE_NEVER, reason=reason)


def pause_before(attempt: int) -> float:
    """Seconds before try number ``attempt`` + 1; the caller spreads them a little."""
    return float(min(FIRST_PAUSE_SECONDS * 2 ** min(attempt, 10), LAST_PAUSE_SECONDS))
