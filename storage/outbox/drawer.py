"""Without this module promises could be made and never found again: table ``outbox``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import orjson

from storage.outbox.promises import Lane, Promise, dumped_follow_up, dumped_forms
from storage.outbox.sending import SendersSide

#: How long finished promises are kept: long enough to look into a fault, no longer.
FINISHED_KEPT = timedelta(hours=48)
#: Rows forgotten in one transaction: others want to write in between.
PURGED_AT_ONCE = 500


class OutboxDrawer(SendersSide):
    """The rows of table ``outbox`` inside one transaction."""

    def promise(self, promise: Promise, now: datetime) -> None:
        """Write a promise down. A second one with the same ``dedup_key`` is not written. One with
        the ``replace_key`` of a waiting promise takes that one's place in line and its number:
        its own number is never used then."""
        statement = _PROMISE
        if promise.replace_key is not None:
            statement = _PROMISE_REPLACING
        self._unit.write(
            statement,
            id=promise.id,
            chat_id=promise.chat_id,
            lane=int(promise.lane),
            method=promise.form.method,
            params=orjson.dumps(promise.form.params).decode(),
            otherwise=dumped_forms(promise.otherwise),
            needs=promise.needs,
            not_before=promise.not_before,
            dedup_key=promise.dedup_key,
            replace_key=promise.replace_key,
            on_sent=dumped_follow_up(promise.on_sent),
            on_never=dumped_follow_up(promise.on_never),
            now=now,
        )

    async def lane_of(self, promise: int) -> Lane | None:
        """The lane of a promise on file."""
        row = await self._unit.fetch_one("SELECT lane FROM outbox WHERE id = :id", id=promise)
        return None if row is None else Lane(row["lane"])

    async def has_waiting(self, replace_key: str) -> bool:
        """Whether a promise with this key has not been sent yet."""
        row = await self._unit.fetch_one(
            "SELECT id FROM outbox WHERE replace_key = :key AND state = 'waiting'", key=replace_key
        )
        return row is not None

    async def is_held_back(self, promise: int, *, now: datetime) -> bool:
        """Whether this promise waits for its time, so that it can still be taken back."""
        row = await self._unit.fetch_one(
            "SELECT id FROM outbox WHERE id = :id AND state = 'waiting' AND not_before > :now",
            id=promise,
            now=now,
        )
        return row is not None

    async def has_failed(self, promise: int) -> bool:
        """Whether this promise will never be kept."""
        row = await self._unit.fetch_one("SELECT state FROM outbox WHERE id = :id", id=promise)
        return row is not None and row["state"] in ("failed", "cancelled")

    async def cancel(self, promises: Iterable[int], *, now: datetime) -> list[int]:
        """Take back what is still waiting; the numbers of what was."""
        rows = await self._unit.fetch_each(
            "UPDATE outbox SET state = 'cancelled', error = 'taken back', finished_at = :now"
            " WHERE id = :id AND state = 'waiting' RETURNING id",
            [{"id": each, "now": now} for each in promises],
        )
        return [row["id"] for row in rows]

    async def counts(self) -> dict[str, int]:
        """How many rows are in each state."""
        rows = await self._unit.fetch("SELECT state, count(*) AS n FROM outbox GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    async def purge(self, now: datetime) -> bool:
        """Forget some of what ended long ago, unless something waiting still needs it; whether
        there may be more. What is said once ever leaves its key."""
        before = now - FINISHED_KEPT
        self._unit.write(
            "UPDATE outbox SET params = '{}', otherwise = NULL, error = NULL"
            " WHERE finished_at < :before AND dedup_key IS NOT NULL AND params <> '{}'",
            before=before,
        )
        gone = await self._unit.fetch(
            "DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o"
            " WHERE o.finished_at < :before AND o.dedup_key IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM outbox w WHERE w.needs = o.id AND w.state = 'waiting')"
            " ORDER BY o.finished_at LIMIT :limit) RETURNING id",
            before=before,
            limit=PURGED_AT_ONCE,
        )
        return len(gone) == PURGED_AT_ONCE


#: What replaces an older one has no ``dedup_key``: the two statements never meet in a row.
_PROMISE = (
    "INSERT INTO outbox /* own rows */"
    " (id, chat_id, lane, method, params, otherwise, needs, not_before, state, dedup_key,"
    " replace_key, on_sent, on_never, promised_at) VALUES (:id, :chat_id, :lane,"
    " :method, :params, :otherwise, :needs, :not_before, 'waiting', :dedup_key, :replace_key,"
    " :on_sent, :on_never, :now) ON CONFLICT (dedup_key) DO NOTHING"
)
_PROMISE_REPLACING = _PROMISE.replace(
    "ON CONFLICT (dedup_key) DO NOTHING",
    "ON CONFLICT (replace_key) WHERE state = 'waiting' AND replace_key IS NOT NULL"
    " DO UPDATE SET method = excluded.method, params = excluded.params,"
    " otherwise = excluded.otherwise, needs = excluded.needs, on_sent = excluded.on_sent,"
    " on_never = excluded.on_never, attempts = 0, error = NULL",
)
