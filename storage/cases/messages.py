"""Without this drawer an edit would overwrite what was written, and a handover would start empty.

Every version of every message, of residents and of officers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.cases import Case, Message
from storage.database import Row, Unit

_COLUMNS = (
    "id, case_number, resident_chat_id, chat_id, message_id, author, kind, content, is_edit,"
    " written_at"
)

#: A message (``m``) whose newest version is on nobody's phone: its newest copy was never sent.
_NEVER_BROUGHT = (
    "NOT EXISTS (SELECT 1 FROM copy k WHERE k.origin_chat_id = m.chat_id"
    " AND k.origin_message_id = m.message_id AND k.kind = 'copy' AND k.message_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM copy n WHERE n.origin_chat_id = m.chat_id"
    " AND n.origin_message_id = m.message_id AND n.kind = 'copy' AND n.promise > k.promise))"
)
#: What a resident wrote (``m``) that nobody has answered: after the last answer, or never brought,
#: so that the last answer was none to it.
_UNANSWERED = (
    "m.author IS NULL AND (m.id > (SELECT COALESCE(max(a.id), 0) FROM message a"  # noqa: S608 - our own constant
    f" WHERE a.case_number = m.case_number AND a.author IS NOT NULL) OR {_NEVER_BROUGHT})"
)
#: Something of a case (outside: table ``cases``) that nobody has answered.
UNANSWERED = f"SELECT 1 FROM message m WHERE m.case_number = cases.number AND {_UNANSWERED}"  # noqa: S608 - our own constants


def _message(row: Row) -> Message:
    return Message(
        id=row["id"],
        case_number=row["case_number"],
        resident_chat_id=row["resident_chat_id"],
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        author=row["author"],
        kind=row["kind"],
        content=json.loads(row["content"]),
        is_edit=bool(row["is_edit"]),
        written_at=row["written_at"],
    )


class MessagesDrawer:
    """Table ``message`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def keep(
        self,
        *,
        case_number: int | None,
        resident_chat_id: int,
        chat_id: int,
        message_id: int,
        author: str | None,
        kind: str,
        content: Mapping[str, Any],
        is_edit: bool,
        words: str,
        now: datetime,
    ) -> None:
        """File one version of a message; with a case, that case's last words are ``words``."""
        self._unit.write(
            "INSERT INTO message (case_number, resident_chat_id, chat_id, message_id, author, kind,"
            " content, is_edit, written_at) VALUES (:case_number, :resident_chat_id, :chat_id,"
            " :message_id, :author, :kind, :content, :is_edit, :now)",
            case_number=case_number,
            resident_chat_id=resident_chat_id,
            chat_id=chat_id,
            message_id=message_id,
            author=author,
            kind=kind,
            content=json.dumps(content, ensure_ascii=False),
            is_edit=is_edit,
            now=now,
        )
        if case_number is not None and author is None:
            self._unit.write(
                "UPDATE cases SET last_words = :words, active_at = :now WHERE number = :number",
                number=case_number,
                words=words,
                now=now,
            )

    async def has(self, chat_id: int, message_id: int) -> bool:
        """Whether this message was filed."""
        row = await self._unit.fetch_one(
            "SELECT id FROM message WHERE chat_id = :chat_id AND message_id = :message_id LIMIT 1",
            chat_id=chat_id,
            message_id=message_id,
        )
        return row is not None

    async def held(self, resident_chat_id: int) -> list[Message]:
        """What a resident wrote before it belonged to a case, in order."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM message"  # noqa: S608 - our own constant
            " WHERE resident_chat_id = :chat_id AND case_number IS NULL ORDER BY id",
            chat_id=resident_chat_id,
        )
        return [_message(row) for row in rows]

    def place_held(self, resident_chat_id: int, case_number: int, words: str) -> None:
        """What was held belongs to this case now."""
        self._unit.write(
            "UPDATE message SET case_number = :number"
            " WHERE resident_chat_id = :chat_id AND case_number IS NULL",
            number=case_number,
            chat_id=resident_chat_id,
        )
        self._unit.write(
            "UPDATE cases SET last_words = :words WHERE number = :number",
            words=words,
            number=case_number,
        )

    async def unanswered(self, case: Case) -> list[Message]:
        """What the resident wrote since the last answer, and what nobody ever got, in order."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM message m WHERE case_number = :number"  # noqa: S608 - our own constants
            f" AND {_UNANSWERED} ORDER BY id",
            number=case.number,
        )
        return [_message(row) for row in rows]

    async def move_never_brought(self, case: Case, *, to: int) -> list[Message]:
        """What is on nobody's phone belongs to the resident's newer case ``to`` now; in order."""
        rows = await self._unit.fetch(
            "UPDATE message AS m SET case_number = :to"  # noqa: S608 - our own constants
            f" WHERE m.case_number = :number AND m.author IS NULL AND {_NEVER_BROUGHT}"
            f" RETURNING {_COLUMNS}",
            to=to,
            number=case.number,
        )
        return sorted((_message(row) for row in rows), key=lambda each: each.id)

    async def newest(self, chat_id: int, message_id: int) -> Message | None:
        """The latest version of one message."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM message WHERE chat_id = :chat_id"  # noqa: S608 - our own constant
            " AND message_id = :message_id ORDER BY id DESC LIMIT 1",
            chat_id=chat_id,
            message_id=message_id,
        )
        return None if row is None else _message(row)

    async def between(self, chat_id: int, first: int, last: int) -> list[Message]:
        """What is filed of a chat from one message id to another, oldest first."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM message WHERE chat_id = :chat_id"  # noqa: S608 - our own constant
            " AND message_id BETWEEN :first AND :last ORDER BY id",
            chat_id=chat_id,
            first=first,
            last=last,
        )
        return [_message(row) for row in rows]
