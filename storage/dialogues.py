"""Without this drawer a restart in the middle of a conversation would forget what it was about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Row, Unit


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation in steps. ``version`` rises with each step; ``message_id`` is its message
    (the real id once it is known, else the negative number of its promise)."""

    id: int
    chat_id: int
    user_id: int
    kind: str
    step: str
    version: int
    data: Mapping[str, Any]
    message_id: int | None
    expires_at: datetime


def dialogue_from_row(row: Row) -> Dialogue:
    """A dialogue from a row of the table's columns."""
    return Dialogue(
        id=row["id"],
        chat_id=row["chat_id"],
        user_id=row["user_id"],
        kind=row["kind"],
        step=row["step"],
        version=row["version"],
        data=json.loads(row["data"]),
        message_id=row["message_id"],
        expires_at=row["expires_at"],
    )


_COLUMNS = "id, chat_id, user_id, kind, step, version, data, message_id, expires_at"


class DialoguesDrawer:
    """The rows of table ``dialogue`` inside one transaction: at most one for a chat and user."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def start(
        self,
        *,
        chat_id: int,
        user_id: int,
        kind: str,
        step: str,
        data: Mapping[str, Any],
        expires_at: datetime,
    ) -> Dialogue:
        """Begin; an older dialogue of this person here is over, and its buttons are old."""
        self._unit.write(
            "DELETE FROM dialogue WHERE chat_id = :chat_id AND user_id = :user_id",
            chat_id=chat_id,
            user_id=user_id,
        )
        rows = await self._unit.fetch(
            "INSERT INTO dialogue (chat_id, user_id, kind, step, version, data, expires_at)"  # noqa: S608 - our own constant
            " VALUES (:chat_id, :user_id, :kind, :step, 1, :data, :expires_at)"
            f" RETURNING {_COLUMNS}",
            chat_id=chat_id,
            user_id=user_id,
            kind=kind,
            step=step,
            data=json.dumps(data),
            expires_at=expires_at,
        )
        return dialogue_from_row(rows[0])

    async def advance(
        self, dialogue: Dialogue, *, step: str, data: Mapping[str, Any]
    ) -> Dialogue | None:
        """Compare and set by version; None when somebody was first."""
        row = await self._unit.fetch_one(
            "UPDATE dialogue SET step = :step, data = :data, version = version + 1"  # noqa: S608 - our own constant
            f" WHERE id = :id AND version = :version RETURNING {_COLUMNS}",
            id=dialogue.id,
            version=dialogue.version,
            step=step,
            data=json.dumps(data),
        )
        return None if row is None else dialogue_from_row(row)

    def set_data(self, dialogue_id: int, data: Mapping[str, Any]) -> None:
        """What it knows, at the same step: its buttons go on to work."""
        self._unit.write(
            "UPDATE dialogue SET data = :data WHERE id = :id", id=dialogue_id, data=json.dumps(data)
        )

    def set_message(self, dialogue_id: int, message_id: int) -> None:
        """Its message; a negative number is a promise's."""
        self._unit.write(
            "UPDATE dialogue SET message_id = :message_id WHERE id = :id",
            id=dialogue_id,
            message_id=message_id,
        )

    def end(self, dialogue_id: int) -> None:
        """It is over."""
        self._unit.write("DELETE FROM dialogue WHERE id = :id", id=dialogue_id)

    def end_expired(self, now: datetime) -> None:
        """Those that waited too long are over."""
        self._unit.write("DELETE FROM dialogue WHERE expires_at <= :now", now=now)
