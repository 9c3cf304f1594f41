"""Without this drawer nobody would know who is responsible for a matter and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.domain.cases import FIRST_CASE_NUMBER, Case, CaseState, Stage
from storage.cases.messages import UNANSWERED
from storage.database import Row, Unit

CASE_COLUMNS = (
    "number, resident_chat_id, area, owner, owner_chat_id, owner_reason, state, stage, card,"
    " receipt, last_words, opened_at, active_at, answered_at, closed_at"
)


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


class CasesDrawer:
    """Tables ``cases`` and ``case_tried`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

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

    async def without_reachable_owner(self) -> list[Case]:
        """Cases that wait for somebody: held, or open with something unanswered and an owner who
        cannot be reached, or not in the chat that has the card; oldest first."""
        rows = await self._unit.fetch(
            f"SELECT {CASE_COLUMNS} FROM cases WHERE state = 'held' OR (state = 'open'"  # noqa: S608 - our own constants
            " AND (EXISTS (SELECT 1 FROM unreachable u WHERE u.chat_id = cases.owner_chat_id)"
            " OR NOT EXISTS (SELECT 1 FROM officer_link l WHERE l.code = cases.owner"
            " AND l.chat_id = cases.owner_chat_id))"
            f" AND EXISTS ({UNANSWERED})) ORDER BY number"
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
        self, number: int, *, owner: str, chat_id: int, reason: str, card: int | None, now: datetime
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

    def lose_owner(self, promises: Iterable[int]) -> None:
        """Cards or copies that never came and never will: the owners of their cases are nowhere to
        be reached. What happens next decides who gets everything that is unanswered."""
        self._unit.write_many(
            "UPDATE cases SET owner_chat_id = NULL WHERE EXISTS"
            " (SELECT 1 FROM copy c WHERE c.promise = :promise AND c.case_number = cases.number"
            " AND c.chat_id = cases.owner_chat_id AND c.kind IN ('card', 'copy'))",
            [{"promise": promise} for promise in promises],
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
