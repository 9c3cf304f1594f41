"""Without this drawer nobody would know who was away when, why, and who ordered it."""

from __future__ import annotations

from datetime import datetime

from bot.domain.absences import Absence, AbsenceReason, OpenCases
from storage.database import Row, Unit

_COLUMNS = "id, officer, starts, ends, reason, ordered_by, open_cases, set_by, declared_at"


def _absence(row: Row) -> Absence:
    return Absence(
        id=row["id"],
        officer=row["officer"],
        starts=row["starts"],
        ends=row["ends"],
        reason=AbsenceReason(row["reason"]),
        set_by=row["set_by"],
        declared_at=row["declared_at"],
        ordered_by=row["ordered_by"],
        open_cases=OpenCases(row["open_cases"]),
    )


class AbsencesDrawer:
    """The rows of table ``absence`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def known(self, now: datetime) -> list[Absence]:
        """Everything that is not over, of everybody, as declared."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM absence"  # noqa: S608 - our own constant
            " WHERE (ends IS NULL OR ends > :now) ORDER BY id",
            now=now,
        )
        return [_absence(row) for row in rows]

    async def find(self, number: int) -> Absence | None:
        """The absence with this id."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM absence WHERE id = :id",  # noqa: S608 - our own constant
            id=number,
        )
        return None if row is None else _absence(row)

    async def declare(self, absence: Absence) -> Absence:
        """Put it on file; with its id."""
        rows = await self._unit.fetch(
            "INSERT INTO absence (officer, starts, ends, reason, ordered_by, open_cases, set_by,"  # noqa: S608 - our own constant
            " declared_at) VALUES (:officer, :starts, :ends, :reason, :ordered_by, :open_cases,"
            f" :set_by, :declared_at) RETURNING {_COLUMNS}",
            officer=absence.officer,
            starts=absence.starts,
            ends=absence.ends,
            reason=absence.reason.value,
            ordered_by=absence.ordered_by,
            open_cases=absence.open_cases.value,
            set_by=absence.set_by,
            declared_at=absence.declared_at,
        )
        return _absence(rows[0])

    def change(self, absence: Absence) -> None:
        """What is said of it now: times, reason, who ordered it, open cases."""
        self._unit.write(
            "UPDATE absence SET starts = :starts, ends = :ends, reason = :reason,"
            " ordered_by = :ordered_by, open_cases = :open_cases WHERE id = :id",
            id=absence.id,
            starts=absence.starts,
            ends=absence.ends,
            reason=absence.reason.value,
            ordered_by=absence.ordered_by,
            open_cases=absence.open_cases.value,
        )
