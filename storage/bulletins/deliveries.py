"""Without this module a broadcast that dies half-way would start again from the beginning.

One row for each bulletin and recipient. States: waiting → promised → sent | never; waiting →
skipped (moved away, wants no more); waiting → tired (enough notices this week) → promised, with the
weekly issue. What was sent with an older revision than the bulletin has now is outdated: it is
promised again, with the message it must change. After a correction who was passed over (skipped,
never) and wants it now waits again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.bulletins import Recipient
from storage.bulletins.counts import DeliveryCounts, counts_of
from storage.database import Row, Unit
from storage.subscriptions import recipient_from


@dataclass(frozen=True, slots=True)
class Promised:
    """The promises of one delivery: its text, and its pictures if it has any."""

    chat_id: int
    text: int
    pictures: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One bulletin to one recipient. ``revision``: which text was sent last, 0 for none;
    ``pictures``: the promise that brings them, ``first_picture``: its message, while on file."""

    bulletin: int
    recipient: Recipient
    state: str
    revision: int
    message_id: int | None
    is_reachable: bool
    delivered_at: datetime | None
    pictures: int | None = None
    first_picture: int | None = None


class DeliveriesDrawer:
    """The rows of table ``delivery`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def write(self, bulletin: int, recipients: Iterable[Recipient]) -> None:
        """These people are to get it; somebody written down before is not written twice."""
        self._unit.write_many(
            "INSERT INTO delivery (bulletin, chat_id, language, state)"
            " VALUES (:bulletin, :chat_id, :language, 'waiting')"
            " ON CONFLICT (bulletin, chat_id) DO NOTHING",
            [
                {"bulletin": bulletin, "chat_id": each.chat_id, "language": each.language}
                for each in recipients
            ],
        )

    async def write_missing(
        self, bulletin: int, recipients: Sequence[Recipient]
    ) -> tuple[int, int]:
        """After a correction, for some in order of chat ids: who is not written down yet is, and
        who was passed over waits again, or has the older text. How many are new, and of how many
        the turn is still to come again."""
        if not recipients:
            return 0, 0
        rows = await self._unit.fetch(
            "SELECT chat_id, state, message_id FROM delivery"
            " WHERE bulletin = :bulletin AND chat_id BETWEEN :first AND :last",
            bulletin=bulletin,
            first=recipients[0].chat_id,
            last=recipients[-1].chat_id,
        )
        standing = {row["chat_id"]: row for row in rows}
        new = [each for each in recipients if each.chat_id not in standing]
        passed_over = [
            standing[each.chat_id]
            for each in recipients
            if each.chat_id in standing and standing[each.chat_id]["state"] in ("skipped", "never")
        ]
        self.write(bulletin, new)
        self._unit.write_many(
            "UPDATE delivery SET promise = NULL, revision = 0,"
            " state = CASE WHEN message_id IS NULL THEN 'waiting' ELSE 'sent' END"
            " WHERE bulletin = :bulletin AND chat_id = :chat_id AND state IN ('skipped', 'never')",
            [{"bulletin": bulletin, "chat_id": row["chat_id"]} for row in passed_over],
        )
        return len(new), sum(row["message_id"] is None for row in passed_over)

    async def write_after(
        self, bulletin: int, follows: int, *, after: int, limit: int
    ) -> list[int]:
        """Those who received ``follows``, above chat id ``after``: whom it was written down for."""
        rows = await self._unit.fetch(
            "INSERT INTO delivery (bulletin, chat_id, language, state)"
            " SELECT CAST(:bulletin AS BIGINT), chat_id, language, 'waiting' FROM delivery"
            " WHERE bulletin = :follows AND state = 'sent' AND chat_id > :after"
            " ORDER BY chat_id LIMIT :limit"
            " ON CONFLICT (bulletin, chat_id) DO NOTHING RETURNING chat_id",
            bulletin=bulletin,
            follows=follows,
            after=after,
            limit=limit,
        )
        return sorted(row["chat_id"] for row in rows)

    async def next_waiting(
        self, bulletin: int, *, limit: int, is_in_issue: bool = False
    ) -> list[Delivery]:
        """Whose turn it is, with what each wants now and whether each can be reached now; as part
        of an issue also those who had had enough notices."""
        found = await self._next(bulletin, "d.state = 'waiting'", limit=limit)
        if is_in_issue and len(found) < limit:
            found += await self._next(bulletin, "d.state = 'tired'", limit=limit - len(found))
        return found

    async def outdated(self, bulletin: int, *, revision: int, limit: int) -> list[Delivery]:
        """Some of those who have an older text than ``revision``."""
        return await self._next(
            bulletin, "d.state = 'sent' AND d.revision < :revision", limit=limit, revision=revision
        )

    async def _next(
        self, bulletin: int, condition: str, *, limit: int, **parameters: Any
    ) -> list[Delivery]:
        # A channel is nobody on file: its language is the delivery's.
        rows = await self._unit.fetch(
            "SELECT d.bulletin, d.chat_id, COALESCE(p.language, d.language) AS language, p.area,"  # noqa: S608 - our own conditions
            " d.state, d.revision, d.message_id, d.delivered_at, d.pictures,"
            " COALESCE(d.first_picture, o.message_id) AS first_picture, u.since,"
            " s.is_on, s.kinds_off, s.areas, s.quiet_start, s.quiet_end,"
            " s.is_business FROM delivery d LEFT JOIN person p ON p.chat_id = d.chat_id"
            " LEFT JOIN subscription s ON s.chat_id = d.chat_id"
            " LEFT JOIN unreachable u ON u.chat_id = d.chat_id"
            " LEFT JOIN outbox o ON o.id = d.pictures"
            f" WHERE d.bulletin = :bulletin AND {condition} ORDER BY d.revision, d.chat_id"
            " LIMIT :limit",
            bulletin=bulletin,
            limit=limit,
            **parameters,
        )
        return [_delivery(row) for row in rows]

    def promised(self, bulletin: int, promised: Sequence[Promised], *, revision: int) -> None:
        """These are on their way with this revision's text."""
        self._unit.write_many(
            "UPDATE delivery SET state = 'promised', promise = :promise, pictures = :pictures,"
            " revision = :revision"
            " WHERE bulletin = :bulletin AND chat_id = :chat_id"
            " AND state IN ('waiting', 'tired', 'sent')",
            [
                {
                    "bulletin": bulletin,
                    "chat_id": each.chat_id,
                    "promise": each.text,
                    "pictures": each.pictures,
                    "revision": revision,
                }
                for each in promised
            ],
        )

    async def on_their_way(self, bulletin: int, *, limit: int) -> list[Promised]:
        """What is promised and has no outcome yet."""
        rows = await self._unit.fetch(
            "SELECT chat_id, promise, pictures FROM delivery WHERE bulletin = :bulletin"
            " AND state = 'promised' ORDER BY chat_id LIMIT :limit",
            bulletin=bulletin,
            limit=limit,
        )
        return [Promised(row["chat_id"], row["promise"], row["pictures"]) for row in rows]

    async def put_back(
        self, bulletin: int, promised: Iterable[Promised], *, cancelled: frozenset[int]
    ) -> int:
        """Those whose promise was cancelled wait again, or have the older text; how many wait."""
        rows = await self._unit.fetch_each(
            "UPDATE delivery SET promise = NULL, revision = 0, pictures = :pictures,"
            " state = CASE WHEN message_id IS NULL THEN 'waiting' ELSE 'sent' END"
            " WHERE bulletin = :bulletin AND chat_id = :chat_id AND state = 'promised'"
            " RETURNING message_id",
            [
                {
                    "bulletin": bulletin,
                    "chat_id": each.chat_id,
                    "pictures": None if each.pictures in cancelled else each.pictures,
                }
                for each in promised
                if each.text in cancelled
            ],
        )
        return sum(row["message_id"] is None for row in rows)

    def end(self, bulletin: int, chat_ids: Iterable[int], state: str) -> None:
        """These get nothing: ``skipped`` (wants it no more), ``tired`` (with the weekly issue) or
        ``never`` (cannot be reached)."""
        self._unit.write_many(
            "UPDATE delivery SET state = :state, promise = NULL"
            " WHERE bulletin = :bulletin AND chat_id = :chat_id AND state IN ('waiting', 'tired')",
            [{"bulletin": bulletin, "chat_id": each, "state": state} for each in chat_ids],
        )

    def leave(self, bulletin: int, chat_ids: Iterable[int], *, revision: int) -> None:
        """These keep the older text: they cannot be reached any more."""
        self._unit.write_many(
            "UPDATE delivery SET revision = :revision"
            " WHERE bulletin = :bulletin AND chat_id = :chat_id AND state = 'sent'",
            [{"bulletin": bulletin, "chat_id": each, "revision": revision} for each in chat_ids],
        )

    async def counts(self, bulletin: int) -> DeliveryCounts:
        """How it stands now."""
        return await counts_of(self._unit, bulletin)

    async def outstanding(self, bulletin: int, *, limit: int) -> int:
        """How many are promised and not sent yet, counted up to ``limit``."""
        row = await self._unit.fetch_one(
            "SELECT count(*) AS n FROM (SELECT 1 AS one FROM delivery WHERE bulletin = :bulletin"
            " AND state = 'promised' LIMIT :limit) f",
            bulletin=bulletin,
            limit=limit,
        )
        return 0 if row is None else int(row["n"])

    async def read(self, bulletin: int, chat_id: int, now: datetime) -> bool:
        """*I have read this*; False when it was said before or never delivered there."""
        return await self._note("read_at", bulletin, chat_id, now)

    async def answered(self, bulletin: int, chat_id: int, now: datetime) -> bool:
        """Somebody asked the officer about it; False when they did before."""
        return await self._note("answered_at", bulletin, chat_id, now)

    async def complained(self, bulletin: int, chat_id: int, now: datetime) -> bool:
        """Somebody says that something is wrong with it; False when they did before."""
        return await self._note("complained_at", bulletin, chat_id, now)

    async def _note(self, column: str, bulletin: int, chat_id: int, now: datetime) -> bool:
        row = await self._unit.fetch_one(
            f"UPDATE delivery SET {column} = :now WHERE bulletin = :bulletin"  # noqa: S608 - our own columns
            f" AND chat_id = :chat_id AND {column} IS NULL AND state IN ('sent', 'promised')"
            " RETURNING chat_id",
            bulletin=bulletin,
            chat_id=chat_id,
            now=now,
        )
        return row is not None

    async def at(self, chat_id: int, message_id: int) -> int | None:
        """The bulletin that a message in this chat is a delivery of."""
        row = await self._unit.fetch_one(
            "SELECT bulletin FROM delivery WHERE chat_id = :chat_id AND message_id = :message_id",
            chat_id=chat_id,
            message_id=message_id,
        )
        return None if row is None else int(row["bulletin"])

    async def notices_since(self, chat_ids: Sequence[int], since: datetime) -> dict[int, int]:
        """How many alerts of severity notice each of these was sent since then."""
        rows = await self._unit.fetch_each(
            "SELECT d.chat_id, count(*) AS n FROM delivery d JOIN bulletin b"
            " ON b.number = d.bulletin WHERE d.chat_id = :chat_id AND b.kind = 'alert'"
            " AND b.severity = 'notice' AND d.delivered_at > :since GROUP BY d.chat_id",
            [{"chat_id": each, "since": since} for each in chat_ids],
        )
        return {row["chat_id"]: row["n"] for row in rows}


def _delivery(row: Row) -> Delivery:
    return Delivery(
        bulletin=row["bulletin"],
        recipient=recipient_from(row),
        state=row["state"],
        revision=row["revision"],
        message_id=row["message_id"],
        is_reachable=row["since"] is None,
        delivered_at=row["delivered_at"],
        pictures=row["pictures"],
        first_picture=row["first_picture"],
    )
