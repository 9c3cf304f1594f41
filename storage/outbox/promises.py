"""Without this module nobody could say what a promise is: a call, its terms, its place in line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

import orjson

from storage.database import Row

#: The parameter that names parameters stored once for many promises.
PAYLOAD = "payload"


class Lane(IntEnum):
    """What goes first: a lower number never waits for a higher one."""

    URGENT = 0
    DIALOGUE = 1
    NOTIFICATION = 2
    ALERT = 3
    BROADCAST = 4

    @property
    def is_bulk(self) -> bool:
        """Whether it goes to many at once and shares their pace."""
        return self >= Lane.ALERT


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The timer that is set, due at once, when a promise ends."""

    kind: str
    key: str
    chat_key: str


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say something: a Bot API method and its parameters."""

    method: str
    params: Mapping[str, Any]

    @property
    def items(self) -> int:
        """How many messages the call makes: Telegram counts each item of an album."""
        media = self.params.get("media")
        return len(media) if isinstance(media, list) and media else 1


@dataclass(frozen=True, slots=True)
class Promise:
    """A call that is owed. ``chat_id`` 0: it concerns no chat. Times are aware UTC."""

    id: int
    chat_id: int
    lane: Lane
    form: Form
    otherwise: Sequence[Form] = ()
    needs: int | None = None
    not_before: datetime | None = None
    dedup_key: str | None = None
    replace_key: str | None = None
    on_sent: FollowUp | None = None
    on_never: FollowUp | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A waiting promise with what became of the one it needs."""

    promise: Promise
    needs_state: str | None
    needs_message_id: int | None


def needed_by(form: Form) -> int | None:
    """The promise that a call refers to by its negative message id: an edit, a mark or a deletion
    of its message, a reply to it."""
    reply = form.params.get("reply_parameters")
    for holder in (form.params, reply if isinstance(reply, Mapping) else {}):
        message_id = holder.get("message_id")
        if isinstance(message_id, int) and message_id < 0:
            return -message_id
    return None


def without_topic(form: Form) -> Form:
    """The same call in the group itself."""
    params = {name: each for name, each in form.params.items() if name != "message_thread_id"}
    return Form(form.method, params)


def follow_up_from(text: str | None) -> FollowUp | None:
    """The follow-up in a column, None for none."""
    return None if text is None else FollowUp(*json.loads(text))


def dumped_follow_up(follow_up: FollowUp | None) -> str | None:
    """A follow-up for its column."""
    if follow_up is None:
        return None
    return json.dumps([follow_up.kind, follow_up.key, follow_up.chat_key])


def _forms(text: str | None) -> tuple[Form, ...]:
    return () if text is None else tuple(Form(*each) for each in orjson.loads(text))


def dumped_forms(forms: Sequence[Form]) -> str | None:
    """Further forms for their column."""
    if not forms:
        return None
    return orjson.dumps([[form.method, form.params] for form in forms]).decode()


def promise_from(row: Row) -> Promise:
    """The promise in a row."""
    return Promise(
        id=row["id"],
        chat_id=row["chat_id"],
        lane=Lane(row["lane"]),
        form=Form(row["method"], orjson.loads(row["params"])),
        otherwise=_forms(row["otherwise"]),
        needs=row["needs"],
        not_before=row["not_before"],
        dedup_key=row["dedup_key"],
        replace_key=row["replace_key"],
        on_sent=follow_up_from(row["on_sent"]),
        on_never=follow_up_from(row["on_never"]),
        attempts=row["attempts"],
    )
