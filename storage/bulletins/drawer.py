"""Without this module nobody would find a bulletin again, or its text in another language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.bulletins import Audience, Bulletin, Kind, Severity, State, Version
from storage.database import Row, Unit

#: The first bulletin's number; no two kinds share one.
FIRST_NUMBER = 1


@dataclass(frozen=True, slots=True)
class BulletinOnFile:
    """A bulletin and how far it has come. ``prepared_to``: recipients are written down up to this
    chat id; ``progress``: the author's message with the bar (negative: a promise)."""

    bulletin: Bulletin
    author_chat_id: int
    revision: int
    progress: int | None
    prepared_to: int | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def is_published(self) -> bool:
        """Whether it went out and still stands."""
        return self.started_at is not None and self.bulletin.state is not State.RECALLED


class BulletinsDrawer:
    """Bulletins inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def open(
        self,
        *,
        kind: Kind,
        author: str,
        author_chat_id: int,
        room: str,
        severity: Severity,
        now: datetime,
        follows: int | None = None,
    ) -> int:
        """A new draft for the whole station; its number."""
        row = await self._unit.fetch_one(
            "INSERT INTO counter (name, next) VALUES ('bulletin', :first)"
            " ON CONFLICT (name) DO UPDATE SET next = counter.next + 1 RETURNING next",
            first=FIRST_NUMBER,
        )
        number = row["next"] if row else FIRST_NUMBER
        self._unit.write(
            "INSERT INTO bulletin (number, kind, author, author_chat_id, room, severity, state,"
            " audience, follows, created_at) VALUES (:number, :kind, :author, :author_chat_id,"
            " :room, :severity, 'draft', :audience, :follows, :now)",
            number=number,
            kind=kind.value,
            author=author,
            author_chat_id=author_chat_id,
            room=room,
            severity=severity.value,
            audience=_dumped_audience(Audience()),
            follows=follows,
            now=now,
        )
        return int(number)

    async def find(self, number: int) -> BulletinOnFile | None:
        """The bulletin with this number."""
        found = await self._some("WHERE number = :number", number=number)
        return next(iter(found), None)

    async def published(self, *, before: int, limit: int) -> list[BulletinOnFile]:
        """The archive: what went out and was not recalled, with numbers below ``before``, newest
        first."""
        return await self._some(
            "WHERE started_at IS NOT NULL AND state <> 'recalled' AND number < :before"
            " ORDER BY number DESC LIMIT :limit",
            before=before,
            limit=limit,
        )

    async def approved_for(self, kind: Kind) -> list[BulletinOnFile]:
        """What the next issues of a kind hold, oldest first."""
        return await self._some(
            "WHERE state = 'approved' AND kind = :kind ORDER BY number", kind=kind.value
        )

    async def may_join(self, *, since: datetime, now: datetime) -> list[BulletinOnFile]:
        """Alerts of severity notice that went out since then and are still good: those who had had
        enough get them with an issue."""
        return await self._some(
            "WHERE state = 'sent' AND kind = 'alert' AND severity = 'notice' AND issue IS NULL"
            " AND started_at > :since"
            " AND (expires_at IS NULL OR expires_at > :now) ORDER BY number",
            since=since,
            now=now,
        )

    async def _some(self, rest: str, **parameters: Any) -> list[BulletinOnFile]:
        rows = await self._unit.fetch(f"SELECT * FROM bulletin {rest}", **parameters)  # noqa: S608 - our own conditions
        versions = await self._unit.fetch_each(
            "SELECT bulletin, language, text, is_machine_made FROM bulletin_version"
            " WHERE bulletin = :number ORDER BY language",
            [{"number": row["number"]} for row in rows],
        )
        by_number: dict[int, dict[str, Version]] = {row["number"]: {} for row in rows}
        for row in versions:
            version = Version(row["language"], row["text"], bool(row["is_machine_made"]))
            by_number[row["bulletin"]][version.language] = version
        return [_bulletin(row, by_number[row["number"]]) for row in rows]

    async def step(self, number: int, to: State, *, from_state: State) -> bool:
        """Compare and set the state; False when somebody was first."""
        row = await self._unit.fetch_one(
            "UPDATE bulletin SET state = :to WHERE number = :number AND state = :from_state"
            " RETURNING number",
            number=number,
            to=to.value,
            from_state=from_state.value,
        )
        return row is not None

    def approve(self, number: int, officer: str | None) -> None:
        """This second person said yes; None: it was changed, and needs a new yes."""
        self._set(number, "approved_by", officer)

    def set_version(self, number: int, version: Version) -> None:
        """The text in one language from now on."""
        self._unit.write(
            "INSERT INTO bulletin_version (bulletin, language, text, is_machine_made)"
            " VALUES (:number, :language, :text, :is_machine_made)"
            " ON CONFLICT (bulletin, language) DO UPDATE SET text = excluded.text,"
            " is_machine_made = excluded.is_machine_made",
            number=number,
            language=version.language,
            text=version.text,
            is_machine_made=version.is_machine_made,
        )

    def drop_machine_made(self, number: int) -> None:
        """What a machine made of the own text is of an older one now."""
        self._unit.write(
            "DELETE FROM bulletin_version WHERE bulletin = :number AND is_machine_made = TRUE",
            number=number,
        )

    def set_audience(self, number: int, audience: Audience) -> None:
        """Whom it is for."""
        self._set(number, "audience", _dumped_audience(audience))

    def set_pictures(self, number: int, pictures: Iterable[str]) -> None:
        """Its pictures, as ``file_id``."""
        self._set(number, "pictures", json.dumps(list(pictures)))

    def set_fields(self, number: int, fields: Mapping[str, str]) -> None:
        """What was filled into its form."""
        self._set(number, "fields", json.dumps(fields, ensure_ascii=False))

    def set_severity(self, number: int, severity: Severity, expires_at: datetime | None) -> None:
        """How loud it is, and until when it is worth anything."""
        self._set(number, "severity", severity.value)
        self._set(number, "expires_at", expires_at)

    def start(self, number: int, *, issue: str | None, now: datetime) -> None:
        """Its recipients are being written down from now on, as part of this week's issue."""
        self._set(number, "issue", issue)
        self._set(number, "started_at", now)

    def join(self, number: int, issue: str) -> None:
        """It goes out again as part of this issue."""
        self._set(number, "issue", issue)
        self.end(number, None)

    def end(self, number: int, now: datetime | None) -> None:
        """Everybody has it (or will never); None: it goes on."""
        self._set(number, "ended_at", now)

    def prepared_to(self, number: int, chat_id: int, *, count: int) -> None:
        """Recipients are written down up to this chat id, ``count`` more of them."""
        self._set(number, "prepared_to", chat_id)
        self._add(number, "total", count)

    def took(self, number: int, count: int) -> None:
        """The turn of so many more has come."""
        self._add(number, "taken", count)

    def note_progress(self, number: int, message_id: int) -> None:
        """Which message is the author's with the bar (negative: a promise)."""
        self._set(number, "progress", message_id)

    def revise(self, number: int) -> None:
        """Its text has changed after it went out."""
        self._unit.write(
            "UPDATE bulletin SET revision = revision + 1, ended_at = NULL WHERE number = :number",
            number=number,
        )

    def _add(self, number: int, column: str, count: int) -> None:
        self._unit.write(
            f"UPDATE bulletin SET {column} = {column} + :count WHERE number = :number",  # noqa: S608 - our own columns
            count=count,
            number=number,
        )

    def _set(self, number: int, column: str, value: Any) -> None:
        self._unit.write(
            f"UPDATE bulletin SET {column} = :value WHERE number = :number",  # noqa: S608 - our own columns
            value=value,
            number=number,
        )


def _bulletin(row: Row, versions: Mapping[str, Version]) -> BulletinOnFile:
    return BulletinOnFile(
        bulletin=Bulletin(
            number=row["number"],
            kind=Kind(row["kind"]),
            author=row["author"],
            room=row["room"],
            severity=Severity(row["severity"]),
            state=State(row["state"]),
            versions=versions,
            audience=_audience(row["audience"]),
            created_at=row["created_at"],
            pictures=tuple(json.loads(row["pictures"])),
            approved_by=row["approved_by"],
            expires_at=row["expires_at"],
            issue=row["issue"],
            follows=row["follows"],
            fields=json.loads(row["fields"]),
        ),
        author_chat_id=row["author_chat_id"],
        revision=row["revision"],
        progress=row["progress"],
        prepared_to=row["prepared_to"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def _dumped_audience(audience: Audience) -> str:
    return json.dumps(
        {
            "areas": sorted(audience.areas),
            "languages": sorted(audience.languages),
            "is_for_businesses_only": audience.is_for_businesses_only,
        }
    )


def _audience(text: str) -> Audience:
    found = json.loads(text)
    return Audience(
        areas=frozenset(found["areas"]),
        languages=frozenset(found["languages"]),
        is_for_businesses_only=found["is_for_businesses_only"],
    )
