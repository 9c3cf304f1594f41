"""Without these rules nobody could say where a resident's matter stands and who may touch it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

#: The first case's number: four digits from the start, so that numbers look alike on a list.
FIRST_CASE_NUMBER = 1001
#: How many characters of the last message stand for a case on a button (a phone shows about 40).
LAST_WORDS_LENGTH = 32

#: How people type a case number; more digits than a row's number can have are none.
_TYPED_NUMBER = re.compile(r"(?:c[- ]?)?(\d{1,17})", re.ASCII | re.IGNORECASE)


class CaseState(StrEnum):
    """Held: nobody can be reached yet. Open: it has an owner. Closed: ended by the owner."""

    HELD = "held"
    OPEN = "open"
    CLOSED = "closed"


class Stage(StrEnum):
    """What the writer may be told, in this order and never more than is true."""

    KEPT = "kept"
    SENT = "sent"
    SEEN = "seen"
    ANSWERED = "answered"


class CopyKind(StrEnum):
    """What a message of the bot in somebody's chat stands for. An alert tells of a case that is
    somebody else's, and what is shown below it may be answered: that takes the case."""

    CARD = "card"
    COPY = "copy"
    ANSWER = "answer"
    RECEIPT = "receipt"
    NOTICE = "notice"
    ALERT = "alert"
    SHOWN = "shown"


class CaseRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """Something cannot be done with this case now."""


class NotTheOwner(CaseRefused):
    """Somebody else is responsible for the case; ``owner`` is that officer's code."""

    def __init__(self, number: int, owner: str | None) -> None:
        super().__init__(number, owner)
        self.number = number
        self.owner = owner


class CaseAlreadyClosed(CaseRefused):
    """The case was closed before."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True, slots=True)
class Case:
    """One matter of one resident. ``card`` and ``receipt`` are promises; times aware UTC."""

    number: int
    resident_chat_id: int
    area: str | None
    owner: str | None
    owner_chat_id: int | None
    owner_reason: str | None
    state: CaseState
    stage: Stage
    card: int | None
    receipt: int | None
    last_words: str
    opened_at: datetime
    active_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """One version of one message as it was written. ``author`` is an officer's code, None for the
    resident; ``content`` is what is needed to send it again (see handlers.cases.content)."""

    id: int
    case_number: int | None
    resident_chat_id: int
    chat_id: int
    message_id: int
    author: str | None
    kind: str
    content: Mapping[str, Any]
    is_edit: bool
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """A message of the bot that stands for a case: where it is and what it came from."""

    promise: int
    case_number: int
    chat_id: int
    message_id: int | None
    kind: CopyKind
    origin_chat_id: int | None
    origin_message_id: int | None


def label(number: int) -> str:
    """The case number as people see it, in small print."""
    return f"C-{number}"


def number_of(text: str) -> int | None:
    """The case number somebody typed: ``C-1042``, ``c1042`` or ``1042``; None if it is none."""
    found = _TYPED_NUMBER.fullmatch(text.strip())
    return int(found[1]) if found else None


def is_further(new: Stage, than: Stage) -> bool:
    """Whether ``new`` says more than what the writer knows already."""
    order = list(Stage)
    return order.index(new) > order.index(than)


def last_words(text: str) -> str:
    """The start of a message on one line, short enough for a button."""
    line = " ".join(text.split())
    return line if len(line) <= LAST_WORDS_LENGTH else f"{line[: LAST_WORDS_LENGTH - 1]}…"


def check_owner(case: Case, officer: str | None) -> None:
    """Raise `NotTheOwner` unless ``officer`` (a code) is responsible for the case now."""
    if officer is None or case.owner != officer:
        raise NotTheOwner(case.number, case.owner)


def check_can_close(case: Case, officer: str | None) -> None:
    """Raise `NotTheOwner` or `CaseAlreadyClosed` unless ``officer`` may close the case now."""
    check_owner(case, officer)
    if case.state is CaseState.CLOSED:
        raise CaseAlreadyClosed(case.number)
