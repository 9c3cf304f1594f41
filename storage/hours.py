"""Without this drawer a room that closes this afternoon would be told open, and a holiday a
working day.

One-off changes of the hours, and the special days that an administrator loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime

from bot.domain.calendar import Calendar, DayKind, SpecialDay
from bot.domain.duty_hours import HoursChange
from bot.domain.spans import Span
from storage.database import Unit


class HoursDrawer:
    """Tables ``hours_change``, ``announced_year`` and ``special_day`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def changes(self, room: str, *, since: datetime) -> list[HoursChange]:
        """The changes of a room that are in force and end after ``since``, as declared."""
        rows = await self._unit.fetch(
            "SELECT starts, ends, is_open FROM hours_change"
            " WHERE room = :room AND ends > :since AND withdrawn_at IS NULL ORDER BY id",
            room=room,
            since=since,
        )
        return [HoursChange(Span(row["starts"], row["ends"]), bool(row["is_open"])) for row in rows]

    def declare(self, room: str, change: HoursChange, *, by: str, now: datetime) -> None:
        """A room is open or closed for that time, whatever was planned."""
        self._unit.write(
            "INSERT INTO hours_change (room, starts, ends, is_open, declared_by, declared_at)"
            " VALUES (:room, :starts, :ends, :is_open, :by, :now)",
            room=room,
            starts=change.span.starts,
            ends=change.span.ends,
            is_open=change.is_open,
            by=by,
            now=now,
        )

    def withdraw(self, room: str, now: datetime) -> None:
        """What was declared of a room and is not over holds no more."""
        self._unit.write(
            "UPDATE hours_change SET withdrawn_at = :now"
            " WHERE room = :room AND ends > :now AND withdrawn_at IS NULL",
            room=room,
            now=now,
        )

    async def calendar(self, known: Calendar, *, since: date, until: date) -> Calendar:
        """``known`` with what an administrator loaded about the days from ``since`` to ``until``:
        years that were loaded are known by their loaded days alone."""
        rows = await self._unit.fetch(
            "SELECT CAST(year AS TEXT) AS day, NULL AS kind, NULL AS name FROM announced_year"
            " UNION ALL SELECT day, kind, name FROM special_day"
            " WHERE day BETWEEN :since AND :until",
            since=since.isoformat(),
            until=until.isoformat(),
        )
        if not rows:
            return known
        return known.with_table(
            [int(row["day"]) for row in rows if row["kind"] is None],
            [
                SpecialDay(
                    date.fromisoformat(row["day"]), DayKind(row["kind"]), json.loads(row["name"])
                )
                for row in rows
                if row["kind"] is not None
            ],
        )

    def load(self, years: Iterable[int], days: Iterable[SpecialDay]) -> None:
        """What is loaded replaces what was loaded of the same years, and single days of others."""
        for year in years:
            self._unit.write(
                "INSERT INTO announced_year (year) VALUES (:year) ON CONFLICT (year) DO NOTHING",
                year=year,
            )
            self._unit.write(
                "DELETE FROM special_day WHERE day BETWEEN :first AND :last",
                first=f"{year:04}-01-01",
                last=f"{year:04}-12-31",
            )
        for each in days:
            self._unit.write(
                "INSERT INTO special_day (day, kind, name) VALUES (:day, :kind, :name)"
                " ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, name = excluded.name",
                day=each.day.isoformat(),
                kind=each.kind.value,
                name=json.dumps(dict(each.name), ensure_ascii=False),
            )
