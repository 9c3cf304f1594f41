"""Without this drawer every update would cost a handful of questions before anybody could act.

One read brings what is on file about whoever just wrote or pressed.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.cases import Case
from storage.cases import CASE_COLUMNS, case_from_row
from storage.database import Unit
from storage.dialogues import Dialogue
from storage.people import Person, person_from_row

_PERSON_COLUMNS = (
    "language, name, area AS person_area, phone, introduced_at, mark_explained_at, first_seen_at"
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is at the counter: all None for somebody never seen before.

    ``is_owner_present``: the owner of ``case`` is linked to the chat that has the case's card,
    can be reached and is not away.
    """

    chat_id: int
    person: Person | None
    officer: str | None
    is_unreachable: bool
    case: Case | None
    is_owner_present: bool
    dialogue: Dialogue | None


class VisitorsDrawer:
    """Reads over people, officers' links and cases."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def at(self, chat_id: int) -> Visitor:
        """What is on file about this private chat."""
        case_columns = ", ".join(f"c.{name.strip()}" for name in CASE_COLUMNS.split(","))
        row = await self._unit.fetch_one(
            f"SELECT v.chat_id, {_PERSON_COLUMNS}, l.code, u.since, {case_columns},"  # noqa: S608 - our own constants
            " o.chat_id AS present_chat_id"
            " FROM (SELECT CAST(:chat_id AS BIGINT) AS chat_id) v"
            " LEFT JOIN person p ON p.chat_id = v.chat_id"
            " LEFT JOIN officer_link l ON l.chat_id = v.chat_id"
            " LEFT JOIN unreachable u ON u.chat_id = v.chat_id"
            " LEFT JOIN cases c ON c.resident_chat_id = v.chat_id AND c.state <> 'closed'"
            " LEFT JOIN officer_link o ON o.code = c.owner AND o.away_since IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM unreachable x WHERE x.chat_id = o.chat_id)",
            chat_id=chat_id,
        )
        if row is None:  # the first table of the query is one row
            raise LookupError(chat_id)
        case = None if row["number"] is None else case_from_row(row)
        return Visitor(
            chat_id=chat_id,
            person=None if row["name"] is None else person_from_row(row),
            officer=row["code"],
            is_unreachable=row["since"] is not None,
            case=case,
            is_owner_present=case is not None
            and case.owner_chat_id is not None
            and row["present_chat_id"] == case.owner_chat_id,
        )
