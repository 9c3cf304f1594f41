"""Without this drawer a restart would forget which texts a translator was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Unit


@dataclass(frozen=True, slots=True)
class Wanted:
    """A bulletin's text that is wanted in ``language`` too; ``text`` is in ``source``; so many
    ``attempts`` brought nothing."""

    bulletin: int
    language: str
    source: str
    text: str
    attempts: int


class TranslationsDrawer:
    """The rows of table ``translation`` inside one transaction: one for each text still wanted."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def ask(self, bulletin: int, language: str, *, source: str, now: datetime) -> None:
        """Want the text that stands in ``source`` in ``language``; asked again, it begins anew."""
        self._unit.write(
            "INSERT INTO translation (bulletin, language, source, not_before)"
            " VALUES (:bulletin, :language, :source, :now)"
            " ON CONFLICT (bulletin, language) DO UPDATE SET source = excluded.source,"
            " not_before = excluded.not_before, attempts = 0",
            bulletin=bulletin,
            language=language,
            source=source,
            now=now,
        )

    async def next(self, now: datetime) -> Wanted | None:
        """The one that waits longest; None when nothing is wanted now."""
        row = await self._unit.fetch_one(
            "SELECT t.bulletin, t.language, t.source, t.attempts, v.text FROM translation t"
            " JOIN bulletin_version v ON v.bulletin = t.bulletin AND v.language = t.source"
            " WHERE t.not_before <= :now ORDER BY t.not_before, t.bulletin, t.language LIMIT 1",
            now=now,
        )
        if row is None:
            return None
        return Wanted(row["bulletin"], row["language"], row["source"], row["text"], row["attempts"])

    def later(self, wanted: Wanted, not_before: datetime) -> None:
        """The translator could not be asked: again at that time."""
        self._unit.write(
            "UPDATE translation SET attempts = attempts + 1, not_before = :not_before"
            " WHERE bulletin = :bulletin AND language = :language",
            bulletin=wanted.bulletin,
            language=wanted.language,
            not_before=not_before,
        )

    async def take(self, wanted: Wanted) -> bool:
        """It is wanted no more, since there is an answer; False when somebody was first."""
        row = await self._unit.fetch_one(
            "DELETE FROM translation WHERE bulletin = :bulletin AND language = :language"
            " RETURNING bulletin",
            bulletin=wanted.bulletin,
            language=wanted.language,
        )
        return row is not None
