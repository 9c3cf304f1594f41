"""Without this drawer nobody would know whose matter a message belongs to, or where its copies are.

Cases, their messages (every version of each), and the copies that stand for them in chats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.cases import (
    FIRST_CASE_NUMBER,
    Case,
    CaseState,
    Copy,
    CopyKind,
    Message,
    Stage,
)
from storage.database import Row, Unit

CASE_COLUMNS = (
    "number, resident_chat_id, area, owner, owner_chat_id, owner_reason, state, stage, card,"
    " receipt, last_words, opened_at, active_at, answered_at, closed_at"
)
_MESSAGE_COLUMNS = (
    "id, case_number, resident_chat_id, chat_id, message_id, author, kind, content, is_edit,"
    " written_at"
)
_COPY_COLUMNS = "promise, case_number, chat_id, message_id, kind, origin_chat_id, origin_message_id"


def case_from_row(row: Row) -> Case:
    """A case from a row that has `CASE_COLUMNS`."""
    return Case(
        number=row["number"],
        resident_chat_id=row["resident_chat_id"],
        area=row["area"],
        owner=row["owner"],
        owner_chat_id=row["owner_chat_id"],
        owner_reason=row["owner_reason"],
        state=CaseState(row["state"]),
        stage=Stage(row["stage"]),
        card=row["card"],
        receipt=row["receipt"],
        last_words=row["last_words"],
        opened_at=row["opened_at"],
        active_at=row["active_at"],
        answered_at=row["answered_at"],
        closed_at=row["closed_at"],
    )


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


def _copy(row: Row) -> Copy:
    return Copy(
        promise=row["promise"],
        case_number=row["case_number"],
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        kind=CopyKind(row["kind"]),
        origin_chat_id=row["origin_chat_id"],
        origin_message_id=row["origin_message_id"],
    )


class CasesDrawer:
    """Tables ``cases``, ``case_tried``, ``message`` and ``copy`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    # --- cases

    async def open(self, *, resident_chat_id: int, area: str | None, now: datetime) -> Case:
        """A new case, held until it has an owner. Raises ConstraintError when the resident has an
        unclosed one already."""
        row = await self._unit.fetch_one(
            "INSERT INTO counter (name, next) VALUES ('case', :first)"
            " ON CONFLICT (name) DO UPDATE SET next = counter.next + 1 RETURNING next",
            first=FIRST_CASE_NUMBER,
        )
        number = row["next"] if row else FIRST_CASE_NUMBER
        self._unit.write(
            "INSERT INTO cases (number, resident_chat_id, area, state, stage, opened_at, active_at)"
            " VALUES (:number, :resident_chat_id, :area, 'held', 'kept', :now, :now)",
            number=number,
            resident_chat_id=resident_chat_id,
            area=area,
            now=now,
        )
        return Case(
            number=number,
            resident_chat_id=resident_chat_id,
            area=area,
            owner=None,
            owner_chat_id=None,
            owner_reason=None,
            state=CaseState.HELD,
            stage=Stage.KEPT,
            card=None,
            receipt=None,
            last_words="",
            opened_at=now,
            active_at=now,
            answered_at=None,
            closed_at=None,
        )

    async def find(self, number: int) -> Case | None:
        """The case with this number."""
        return await self._one("number = :number", number=number)

    async def unclosed_of(self, resident_chat_id: int) -> Case | None:
        """The resident's case that is held or open: there is at most one."""
        return await self._one(
            "resident_chat_id = :chat_id AND state <> 'closed'", chat_id=resident_chat_id
        )

    async def _one(self, condition: str, **parameters: Any) -> Case | None:
        row = await self._unit.fetch_one(
            f"SELECT {CASE_COLUMNS} FROM cases WHERE {condition}",  # noqa: S608 - our own conditions
            **parameters,
        )
        return None if row is None else case_from_row(row)

    async def held(self) -> list[Case]:
        """All cases that wait for somebody to be reachable, oldest first."""
        rows = await self._unit.fetch(
            f"SELECT {CASE_COLUMNS} FROM cases WHERE state = 'held' ORDER BY number"  # noqa: S608 - our own constant
        )
        return [case_from_row(row) for row in rows]

    async def open_of_owner(self, officer: str, *, limit: int) -> list[Case]:
        """An officer's open cases, the latest written to first."""
        rows = await self._unit.fetch(
            f"SELECT {CASE_COLUMNS} FROM cases WHERE owner = :officer AND state <> 'closed'"  # noqa: S608 - our own constant
            " ORDER BY active_at DESC, number DESC LIMIT :limit",
            officer=officer,
            limit=limit,
        )
        return [case_from_row(row) for row in rows]

    def assign(
        self, number: int, *, owner: str, chat_id: int, reason: str, card: int, now: datetime
    ) -> None:
        """Make ``owner`` responsible; the case is open, its stage starts again with this person."""
        self._unit.write(
            "UPDATE cases SET owner = :owner, owner_chat_id = :chat_id, owner_reason = :reason,"
            " card = :card, state = 'open', stage = 'kept' WHERE number = :number",
            number=number,
            owner=owner,
            chat_id=chat_id,
            reason=reason,
            card=card,
        )
        self.tried(number, owner, now)

    def hold(self, number: int) -> None:
        """Nobody can be reached: the case waits, without an owner."""
        self._unit.write(
            "UPDATE cases SET owner = NULL, owner_chat_id = NULL, owner_reason = NULL, card = NULL,"
            " state = 'held', stage = 'kept' WHERE number = :number",
            number=number,
        )

    def tried(self, number: int, officer: str, now: datetime) -> None:
        """Note that this person was asked since the last answer."""
        self._unit.write(
            "INSERT INTO case_tried (case_number, officer, tried_at) VALUES (:number, :officer,"
            " :now) ON CONFLICT (case_number, officer) DO NOTHING",
            number=number,
            officer=officer,
            now=now,
        )

    async def tried_for(self, number: int) -> frozenset[str]:
        """The officers asked since the last answer."""
        rows = await self._unit.fetch(
            "SELECT officer FROM case_tried WHERE case_number = :number", number=number
        )
        return frozenset(row["officer"] for row in rows)

    def forget_tried(self, number: int) -> None:
        """Somebody answered, or somebody came back: everybody may be asked again."""
        self._unit.write("DELETE FROM case_tried WHERE case_number = :number", number=number)

    def note_receipt(self, number: int, receipt: int) -> None:
        """Remember which promise is the case's receipt."""
        self._unit.write(
            "UPDATE cases SET receipt = :receipt WHERE number = :number",
            number=number,
            receipt=receipt,
        )

    def note_card(self, number: int, card: int) -> None:
        """Remember which promise is the case's card."""
        self._unit.write(
            "UPDATE cases SET card = :card WHERE number = :number", number=number, card=card
        )

    async def advance(self, number: int, stage: Stage, *, from_stage: Stage) -> bool:
        """Compare and set the stage; False when somebody was first."""
        row = await self._unit.fetch_one(
            "UPDATE cases SET stage = :stage WHERE number = :number AND stage = :from_stage"
            " AND state <> 'closed' RETURNING number",
            number=number,
            stage=stage.value,
            from_stage=from_stage.value,
        )
        return row is not None

    def answered(self, number: int, now: datetime) -> None:
        """The owner answered; what is written after this has not been answered yet."""
        self._unit.write(
            "UPDATE cases SET stage = 'answered', answered_at = :now, active_at = :now"
            " WHERE number = :number",
            number=number,
            now=now,
        )

    async def close(self, number: int, *, officer: str, now: datetime) -> bool:
        """Compare and set; False when the case is closed already."""
        row = await self._unit.fetch_one(
            "UPDATE cases SET state = 'closed', closed_at = :now, closed_by = :officer"
            " WHERE number = :number AND state <> 'closed' RETURNING number",
            number=number,
            officer=officer,
            now=now,
        )
        return row is not None

    def reopen(self, number: int, now: datetime) -> None:
        """The owner answered a closed case: it is open again."""
        self._unit.write(
            "UPDATE cases SET state = 'open', closed_at = NULL, closed_by = NULL, active_at = :now"
            " WHERE number = :number AND state = 'closed'",
            number=number,
            now=now,
        )

    # --- messages

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

    async def has_message(self, chat_id: int, message_id: int) -> bool:
        """Whether this message was filed."""
        row = await self._unit.fetch_one(
            "SELECT id FROM message WHERE chat_id = :chat_id AND message_id = :message_id LIMIT 1",
            chat_id=chat_id,
            message_id=message_id,
        )
        return row is not None

    async def held_messages(self, resident_chat_id: int) -> list[Message]:
        """What a resident wrote before it belonged to a case, in order."""
        rows = await self._unit.fetch(
            f"SELECT {_MESSAGE_COLUMNS} FROM message"  # noqa: S608 - our own constant
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

    async def unanswered_messages(self, case: Case) -> list[Message]:
        """What the resident wrote since the last answer, in order."""
        rows = await self._unit.fetch(
            f"SELECT {_MESSAGE_COLUMNS} FROM message WHERE case_number = :number"  # noqa: S608 - our own constant
            " AND author IS NULL AND id > (SELECT COALESCE(max(id), 0) FROM message"
            " WHERE case_number = :number AND author IS NOT NULL) ORDER BY id",
            number=case.number,
        )
        return [_message(row) for row in rows]

    # --- copies

    def note_copy(
        self,
        *,
        promise: int,
        case_number: int,
        chat_id: int,
        kind: CopyKind,
        origin: tuple[int, int] | None = None,
    ) -> None:
        """Remember what a promise will stand for; ``origin`` is (chat id, message id)."""
        origin_chat_id, origin_message_id = origin or (None, None)
        self._unit.write(
            "INSERT INTO copy (promise, case_number, chat_id, kind, origin_chat_id,"
            " origin_message_id) VALUES (:promise, :case_number, :chat_id, :kind, :origin_chat_id,"
            " :origin_message_id)",
            promise=promise,
            case_number=case_number,
            chat_id=chat_id,
            kind=kind.value,
            origin_chat_id=origin_chat_id,
            origin_message_id=origin_message_id,
        )

    async def copy_at(self, chat_id: int, message_id: int) -> Copy | None:
        """What the message with this id in this chat stands for."""
        row = await self._unit.fetch_one(
            f"SELECT {_COPY_COLUMNS} FROM copy WHERE chat_id = :chat_id"  # noqa: S608 - our own constant
            " AND message_id = :message_id",
            chat_id=chat_id,
            message_id=message_id,
        )
        return None if row is None else _copy(row)

    async def copies_of(self, chat_id: int, message_id: int) -> Sequence[Copy]:
        """The copies made of one message that somebody wrote, latest first."""
        rows = await self._unit.fetch(
            f"SELECT {_COPY_COLUMNS} FROM copy WHERE origin_chat_id = :chat_id"  # noqa: S608 - our own constant
            " AND origin_message_id = :message_id ORDER BY promise DESC",
            chat_id=chat_id,
            message_id=message_id,
        )
        return [_copy(row) for row in rows]

    def forget_answers(self, chat_id: int, promises: Sequence[int]) -> None:
        """Answers that were taken back before they were sent: as if they were never given."""
        self._unit.write_many(
            "DELETE FROM message WHERE chat_id = :chat_id AND message_id ="
            " (SELECT origin_message_id FROM copy WHERE promise = :promise)",
            [{"chat_id": chat_id, "promise": promise} for promise in promises],
        )
        self._unit.write_many(
            "DELETE FROM copy WHERE promise = :promise",
            [{"promise": promise} for promise in promises],
        )
