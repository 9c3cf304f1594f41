"""Without this drawer everybody would be a stranger at every message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Row, Unit


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wrote to the bot in private. Times are aware UTC."""

    chat_id: int
    language: str
    name: str
    area: str | None
    phone: str | None
    introduced_at: datetime | None
    mark_explained_at: datetime | None
    first_seen_at: datetime


def person_from_row(row: Row, *, chat_id: str = "chat_id", area: str = "area") -> Person:
    """A person from a row; ``chat_id`` and ``area`` name those columns in it."""
    return Person(
        chat_id=row[chat_id],
        language=row["language"],
        name=row["name"],
        area=row[area],
        phone=row["phone"],
        introduced_at=row["introduced_at"],
        mark_explained_at=row["mark_explained_at"],
        first_seen_at=row["first_seen_at"],
    )


class PeopleDrawer:
    """The rows of table ``person`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def find(self, chat_id: int) -> Person | None:
        """Who is in this private chat."""
        row = await self._unit.fetch_one(
            "SELECT chat_id, language, name, area, phone, introduced_at, mark_explained_at,"
            " first_seen_at FROM person WHERE chat_id = :chat_id",
            chat_id=chat_id,
        )
        return None if row is None else person_from_row(row)

    def meet(self, person: Person) -> None:
        """Somebody new; somebody known stays as they are."""
        self._unit.write(
            "INSERT INTO person (chat_id, language, name, area, phone, introduced_at,"
            " mark_explained_at, first_seen_at) VALUES (:chat_id, :language, :name, :area, :phone,"
            " :introduced_at, :mark_explained_at, :first_seen_at)"
            " ON CONFLICT (chat_id) DO NOTHING",
            chat_id=person.chat_id,
            language=person.language,
            name=person.name,
            area=person.area,
            phone=person.phone,
            introduced_at=person.introduced_at,
            mark_explained_at=person.mark_explained_at,
            first_seen_at=person.first_seen_at,
        )

    def set_language(self, chat_id: int, language: str) -> None:
        """Speak this language from now on."""
        self._set("language", chat_id, language)

    def set_name(self, chat_id: int, name: str) -> None:
        """The name as the profile shows it now."""
        self._set("name", chat_id, name)

    def set_area(self, chat_id: int, area: str) -> None:
        """Belongs to this area from now on."""
        self._set("area", chat_id, area)

    def set_phone(self, chat_id: int, phone: str) -> None:
        """Shared this number."""
        self._set("phone", chat_id, phone)

    def set_introduced(self, chat_id: int, now: datetime) -> None:
        """Was told who answers and where the data goes."""
        self._set("introduced_at", chat_id, now)

    def mark_explained(self, chat_id: int, now: datetime) -> None:
        """Was told what the mark means."""
        self._set("mark_explained_at", chat_id, now)

    def _set(self, column: str, chat_id: int, value: Any) -> None:
        self._unit.write(
            f"UPDATE person SET {column} = :value WHERE chat_id = :chat_id",  # noqa: S608 - our own columns
            value=value,
            chat_id=chat_id,
        )
