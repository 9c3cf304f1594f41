"""Without this drawer a file would be uploaded again for every recipient, or lost before that."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Unit

#: A file that no waiting promise names is forgotten after this time.
UNUSED_KEPT = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file to upload, or to name by the ``file_id`` that its first upload got."""

    hash: str
    content: bytes
    filename: str
    file_id: str | None


class BlobsDrawer:
    """Files by the hash of their content, inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def keep(self, content: bytes, filename: str, now: datetime) -> str:
        """Store a file once; its hash (SHA-256, hexadecimal) names it."""
        name = hashlib.sha256(content).hexdigest()
        self._unit.write(
            "INSERT INTO blob (hash, content, filename, stored_at)"
            " VALUES (:hash, :content, :filename, :now)"
            " ON CONFLICT (hash) DO UPDATE SET stored_at = excluded.stored_at",
            hash=name,
            content=content,
            filename=filename,
            now=now,
        )
        return name

    async def find(self, name: str) -> Blob | None:
        """The file with this hash."""
        row = await self._unit.fetch_one(
            "SELECT hash, content, filename, file_id FROM blob WHERE hash = :hash", hash=name
        )
        return None if row is None else Blob(**{key: row[key] for key in row.keys()})  # noqa: SIM118 - rows are no dicts

    async def file_ids(self, names: Sequence[str]) -> dict[str, str]:
        """What Telegram calls the files with these hashes, of those that it has."""
        rows = await self._unit.fetch_each(
            "SELECT hash, file_id FROM blob WHERE hash = :hash AND file_id IS NOT NULL",
            [{"hash": name} for name in names],
        )
        return {row["hash"]: row["file_id"] for row in rows}

    def note_file_id(self, name: str, file_id: str | None) -> None:
        """Telegram has the file: from now on its id is enough. None: it has it no more."""
        self._unit.write(
            "UPDATE blob SET file_id = :file_id WHERE hash = :hash", hash=name, file_id=file_id
        )

    def purge(self, now: datetime) -> None:
        """Forget files that nothing waiting names."""
        self._unit.write(
            "DELETE FROM blob WHERE stored_at < :before AND NOT EXISTS (SELECT 1 FROM outbox o"
            " WHERE o.state IN ('waiting', 'sending') AND (o.params LIKE '%' || blob.hash || '%'"
            " OR o.otherwise LIKE '%' || blob.hash || '%'))",
            before=now - UNUSED_KEPT,
        )
