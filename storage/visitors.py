"""Without this drawer every update would cost a handful of questions before anybody could act.

One read brings what is on file about whoever just wrote or pressed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cases import Case
from storage.cases import CASE_COLUMNS, case_from_row
from storage.database import Row, Unit
from storage.dialogues import Dialogue
from storage.people import Person, person_from_row

_PERSON_COLUMNS = (
    "p.language, p.name, p.area AS person_area, p.phone, p.introduced_at, p.mark_explained_at,"
    " p.first_seen_at"
)
_CASE_COLUMNS = ", ".join(f"c.{column.strip()}" for column in CASE_COLUMNS.split(","))
_DIALOGUE_COLUMNS = (
    "d.id AS dialogue_id, d.user_id, d.kind, d.step, d.version, d.data, d.expires_at,"
    " d.message_id AS dialogue_message_id, q.message_id AS sent_message_id"
)

_AT = (
    f"SELECT v.chat_id, {_PERSON_COLUMNS}, l.code, l.seen_at, u.since, {_CASE_COLUMNS},"  # noqa: S608 - our own constants
    f" o.chat_id AS present_chat_id, w.language AS owner_language, {_DIALOGUE_COLUMNS},"
    " EXISTS (SELECT 1 FROM waiting t WHERE t.case_number = c.number) AS has_waiting,"
    " EXISTS (SELECT 1 FROM call_out o_ WHERE o_.resident_chat_id = v.chat_id"
    " AND o_.state IN ('paging', 'taken', 'unanswered')) AS is_urgent,"
    " (SELECT a.service FROM appointment a WHERE a.resident_chat_id = v.chat_id"
    " AND a.starts_at > :now AND a.state = 'held' AND a.held_until > :now"
    " ORDER BY a.id DESC LIMIT 1) AS held_service"
    " FROM (SELECT CAST(:chat_id AS BIGINT) AS chat_id) v"
    " LEFT JOIN person p ON p.chat_id = v.chat_id"
    " LEFT JOIN officer_link l ON l.chat_id = v.chat_id"
    " LEFT JOIN unreachable u ON u.chat_id = v.chat_id"
    " LEFT JOIN cases c ON c.resident_chat_id = v.chat_id AND c.state <> 'closed'"
    " LEFT JOIN officer_link o ON o.code = c.owner AND o.away_since IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM unreachable x WHERE x.chat_id = o.chat_id)"
    " LEFT JOIN person w ON w.chat_id = c.owner_chat_id"
    " LEFT JOIN dialogue d ON d.chat_id = v.chat_id AND d.user_id = v.chat_id"
    " AND d.expires_at > :now"
    # The message of a dialogue is a promise's negative number until it is sent.
    " LEFT JOIN outbox q ON q.id = -d.message_id"
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is at the counter: all None for somebody never seen before.

    ``is_owner_present``: the owner of ``case`` is linked to the chat that has the case's card,
    can be reached and is not away. ``owner_language``: None for an owner who never wrote.
    ``seen_at``: of somebody of the roster, to the minute. ``has_waiting``: something of ``case``
    waits for the owner's opening. ``is_urgent``: asked for somebody at once, and it is not over.
    ``held_service``: what a time is kept for that waits to be confirmed.
    """

    chat_id: int
    person: Person | None
    officer: str | None
    is_unreachable: bool
    case: Case | None
    is_owner_present: bool
    owner_language: str | None
    dialogue: Dialogue | None
    seen_at: datetime | None = None
    has_waiting: bool = False
    is_urgent: bool = False
    held_service: str | None = None


class VisitorsDrawer:
    """Reads over people, officers' links and cases."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def at(self, chat_id: int, now: datetime) -> Visitor:
        """What is on file about this private chat; a dialogue that waited too long is over."""
        rows = await self._unit.fetch(_AT, chat_id=chat_id, now=now)
        return _visitor(rows[0])

    async def at_all(self, chat_ids: Iterable[int], now: datetime) -> dict[int, Visitor]:
        """The same for several chats, in one hop."""
        rows = await self._unit.fetch_each(
            _AT, [{"chat_id": chat_id, "now": now} for chat_id in chat_ids]
        )
        return {row["chat_id"]: _visitor(row) for row in rows}


def _visitor(row: Row) -> Visitor:
    case = None if row["number"] is None else case_from_row(row)
    return Visitor(
        chat_id=row["chat_id"],
        person=None if row["name"] is None else person_from_row(row, area="person_area"),
        officer=row["code"],
        is_unreachable=row["since"] is not None,
        case=case,
        is_owner_present=(
            case is not None
            and case.owner_chat_id is not None
            and row["present_chat_id"] == case.owner_chat_id
        ),
        owner_language=row["owner_language"],
        dialogue=None if row["dialogue_id"] is None else _dialogue(row),
        seen_at=row["seen_at"],
        has_waiting=bool(row["has_waiting"]),
        is_urgent=bool(row["is_urgent"]),
        held_service=row["held_service"],
    )


def _dialogue(row: Row) -> Dialogue:
    return Dialogue(
        id=row["dialogue_id"],
        chat_id=row["chat_id"],
        user_id=row["user_id"],
        kind=row["kind"],
        step=row["step"],
        version=row["version"],
        data=json.loads(row["data"]),
        message_id=row["sent_message_id"] or row["dialogue_message_id"],
        expires_at=row["expires_at"],
    )
