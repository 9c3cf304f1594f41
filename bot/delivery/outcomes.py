"""Without this module every caller would guess what Telegram means by "no".

The one place where Bot API answers are sorted. What was sorted is a fact; the sender acts on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.delivery.telegram import ApiRefusedError, TelegramError
from storage.outbox import Form

#: After this many counted failures of one message, while others get through, it is given up.
COUNTED_ATTEMPTS = 8
#: Waiting before the next try: doubled each time, from the first to the last.
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.5, 30.0
#: Telegram's 429 without a time: a second is its usual unit.
DEFAULT_RETRY_AFTER_SECONDS = 1.0


#: Telegram is known to ask for hours; beyond a day it is a mistake.
LONGEST_PAUSE_SECONDS = 86_400.0
#: What is kept of Telegram's description: its longest are shorter.
REASON_LENGTH = 200


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
#: 400s that mean that the topic was deleted.
_TOPIC_LOST = ("message thread not found", "topic_deleted", "topic_id_invalid")
#: 400s that mean that a file is not known by this id: it was another bot's, or has expired.
_FILE_UNKNOWN = ("wrong file identifier", "wrong remote file", "file reference", "invalid file_id")


def outcome_of(result: object) -> Outcome:
    """What a successful call brought: the id of its message if it made one."""
    first = result[0] if isinstance(result, list) and result else result
    message_id = first.get("message_id") if isinstance(first, dict) else None
    return Outcome(Kind.SENT, message_id=message_id if isinstance(message_id, int) else None)


def sorted_out(error: TelegramError, form: Form) -> Outcome:
    """What an unsuccessful call means for the promise to make it."""
    if isinstance(error, ApiRefusedError):
        return _refused(error, form)
    # An outage is nobody's fault, and a repeated call is the only duplicate there can be.
    return Outcome(Kind.LATER, reason=f"{type(error).__name__} {error}")


def is_file_id_refused(error: TelegramError) -> bool:
    """Whether Telegram does not know a file by the id it was given."""
    if not isinstance(error, ApiRefusedError) or error.code != 400:
        return False
    return _says(error, _FILE_UNKNOWN)


def _says(error: ApiRefusedError, parts: Sequence[str]) -> bool:
    description = error.description.casefold()
    return any(part in description for part in parts)


def _refused(error: ApiRefusedError, form: Form) -> Outcome:
    reason = _plain(f"{error.code} {error.description}")
    if error.code == 429:
        pause = min(error.retry_after or DEFAULT_RETRY_AFTER_SECONDS, LONGEST_PAUSE_SECONDS)
        return Outcome(Kind.LATER, reason=reason, pause_seconds=float(pause))
    if error.migrate_to_chat_id is not None:
        return Outcome(Kind.MOVED, reason=reason, new_chat_id=error.migrate_to_chat_id)
    if error.code >= 500:
        return Outcome(Kind.LATER, reason=reason, is_counted=True)
    if error.code in (401, 404):
        return Outcome(Kind.NOTHING_GOES, reason=reason)
    return _about_chat_or_message(error, form, reason)


def _plain(reason: str) -> str:
    """Short, and fit for every engine's columns."""
    return reason[:REASON_LENGTH].encode("utf-8", "replace").decode().replace("\0", "")


def _about_chat_or_message(error: ApiRefusedError, form: Form, reason: str) -> Outcome:
    if _says(error, _DONE_ALREADY):
        return Outcome(Kind.SENT, reason=reason)
    if "message_thread_id" in form.params and _says(error, _TOPIC_LOST):
        return Outcome(Kind.MOVED, reason=reason)
    # A copy names two chats: which one is not found its next form will tell.
    is_gone = error.code == 403 or (_says(error, _CHAT_NEVER) and "from_chat_id" not in form.params)
    if is_gone and form.params.get("chat_id"):
        return Outcome(Kind.CHAT_NEVER, reason=reason)
    return Outcome(Kind.MESSAGE_NEVER, reason=reason)


def pause_before(attempt: int) -> float:
    """Seconds before try number ``attempt`` + 1; the caller spreads them a little."""
    return float(min(FIRST_PAUSE_SECONDS * 2 ** min(attempt, 10), LAST_PAUSE_SECONDS))
