"""Without this module promises could be made and never found again: table ``outbox``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import orjson

from storage.database import Unit
from storage.outbox.promises import (
    Claim,
    FollowUp,
    Lane,
    Promise,
    dumped_follow_up,
    dumped_forms,
    follow_up_from,
    promise_from,
)

#: How long finished promises are kept: long enough to look into a fault, no longer.
FINISHED_KEPT = timedelta(hours=48)

_COLUMNS = (
    "o.id, o.chat_id, o.lane, o.method, o.params, o.otherwise, o.needs, o.not_before,"
    " o.dedup_key, o.replace_key, o.on_sent, o.on_never, o.attempts"
)


class OutboxDrawer:
    """The rows of table ``outbox`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

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

    # --- the sender's side

    async def put_back_orphans(self, now: datetime) -> int:
        """At the start: calls that were under way when the process ended are made again."""
        self._unit.write(_REPLACED, now=now)
        rows = await self._unit.fetch(
            "UPDATE outbox SET state = 'waiting', not_before = NULL WHERE state = 'sending'"
            " RETURNING id"
        )
        return len(rows)

    async def waiting_chats(self, *, limit: int) -> list[int]:
        """Chats with waiting promises."""
        rows = await self._unit.fetch(
            "SELECT DISTINCT chat_id FROM outbox WHERE state = 'waiting' LIMIT :limit", limit=limit
        )
        return [row["chat_id"] for row in rows]

    async def next_of(self, chat_ids: Sequence[int], now: datetime) -> list[Claim]:
        """For each chat the first waiting promise of its first lane whose time has come."""
        rows = await self._unit.fetch_each(
            f"SELECT {_COLUMNS}, n.state AS needs_state,"  # noqa: S608 - our own constant
            " n.message_id AS sent_message_id, c.message_id AS copy_message_id"
            " FROM outbox o LEFT JOIN outbox n ON n.id = o.needs"
            " LEFT JOIN copy c ON c.promise = o.needs"
            " WHERE o.chat_id = :chat_id AND o.state = 'waiting'"
            " AND (o.not_before IS NULL OR o.not_before <= :now)"
            " AND (n.state IS NULL OR n.state NOT IN ('waiting', 'sending'))"
            " ORDER BY o.lane, o.id LIMIT 1",
            [{"chat_id": chat_id, "now": now} for chat_id in chat_ids],
        )
        return [
            Claim(
                promise=promise_from(row),
                needs_state=row["needs_state"],
                needs_message_id=row["sent_message_id"] or row["copy_message_id"],
            )
            for row in rows
        ]

    async def next_time(self, chat_ids: Sequence[int]) -> dict[int, datetime | None]:
        """For chats with nothing to send now: whether something waits there, and until when (None:
        for another chat's promise)."""
        rows = await self._unit.fetch_each(
            "SELECT chat_id, not_before FROM outbox WHERE chat_id = :chat_id"
            " AND state = 'waiting' ORDER BY not_before LIMIT 1",
            [{"chat_id": chat_id} for chat_id in chat_ids],
        )
        return {row["chat_id"]: row["not_before"] for row in rows}

    def claim(self, promise: int) -> None:
        """The call is about to be made."""
        self._unit.write("UPDATE outbox SET state = 'sending' WHERE id = :id", id=promise)

    def sent(self, promise: Promise, message_id: int | None, now: datetime) -> None:
        """The promise is kept; whoever remembers what it stands for learns the real id."""
        self._unit.write(
            "UPDATE outbox SET state = 'sent', message_id = :message_id, finished_at = :now,"
            " error = NULL WHERE id = :id",
            id=promise.id,
            message_id=message_id,
            now=now,
        )
        if message_id is not None:
            self._unit.write(
                "UPDATE copy SET message_id = :message_id WHERE promise = :id",
                id=promise.id,
                message_id=message_id,
            )
        self._follow(promise.on_sent, now)

    def later(self, promise: Promise, *, error: str, is_counted: bool, now: datetime) -> None:
        """Not now: it waits again, in its old place. When to try again is the sender's business:
        a time on this row would let younger promises of the chat go first."""
        self._yield_to_newer(promise, now)
        self._unit.write(
            "UPDATE outbox SET state = 'waiting', error = :error,"
            " attempts = attempts + :counted WHERE id = :id AND state = 'sending'",
            id=promise.id,
            error=error,
            counted=int(is_counted),
        )

    def _yield_to_newer(self, promise: Promise, now: datetime) -> None:
        """What cannot be sent yet and has been replaced while it was under way is done with."""
        if promise.replace_key is not None:
            self._unit.write(f"{_REPLACED} AND id = :id", now=now, id=promise.id)

    def moved(self, old_chat_id: int, new_chat_id: int, promise: Promise, now: datetime) -> None:
        """The group became a supergroup: everything that waits goes to the new id."""
        self._unit.write(
            "UPDATE outbox SET chat_id = :new WHERE chat_id = :old"
            " AND state IN ('waiting', 'sending')",
            old=old_chat_id,
            new=new_chat_id,
        )
        self.later(promise, error="moved", is_counted=False, now=now)

    def next_form(self, promise: Promise, error: str, now: datetime) -> None:
        """Telegram refuses this form for good: the next one takes its place."""
        self._yield_to_newer(promise, now)
        form, *rest = promise.otherwise
        self._unit.write(
            "UPDATE outbox SET state = 'waiting', method = :method, params = :params,"
            " otherwise = :otherwise, needs = NULL, attempts = 0, error = :error"
            " WHERE id = :id AND state = 'sending'",
            id=promise.id,
            method=form.method,
            params=orjson.dumps(form.params).decode(),
            otherwise=dumped_forms(rest),
            error=error,
        )

    def failed(self, promise: Promise, error: str, now: datetime) -> None:
        """It will never be kept."""
        self._end(promise.id, "failed", error, now)
        self._follow(promise.on_never, now)

    def cancelled(self, promise: Promise, error: str, now: datetime) -> None:
        """It makes no sense any more: what it refers to was never said."""
        self._end(promise.id, "cancelled", error, now)

    def _end(self, promise: int, state: str, error: str, now: datetime) -> None:
        self._unit.write(
            "UPDATE outbox SET state = :state, error = :error, finished_at = :now WHERE id = :id",
            id=promise,
            state=state,
            error=error,
            now=now,
        )

    async def give_up_chat(self, chat_id: int, error: str, now: datetime) -> int:
        """The chat takes nothing any more: all that waits is cancelled and followed up."""
        rows = await self._unit.fetch(
            "UPDATE outbox SET state = 'cancelled', error = :error, finished_at = :now"
            " WHERE chat_id = :chat_id AND state = 'waiting' RETURNING id, on_never",
            chat_id=chat_id,
            error=error,
            now=now,
        )
        for text in sorted({row["on_never"] for row in rows if row["on_never"]}):
            self._follow(follow_up_from(text), now)
        return len(rows)

    def _follow(self, follow_up: FollowUp | None, now: datetime) -> None:
        if follow_up is None:
            return
        self._unit.write(
            "INSERT INTO timer (kind, key, due_at, chat_key) VALUES (:kind, :key, :now, :chat_key)"
            " ON CONFLICT (kind, key) DO UPDATE SET due_at = excluded.due_at",
            kind=follow_up.kind,
            key=follow_up.key,
            now=now,
            chat_key=follow_up.chat_key,
        )

    async def counts(self) -> dict[str, int]:
        """How many rows are in each state."""
        rows = await self._unit.fetch("SELECT state, count(*) AS n FROM outbox GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    def purge(self, now: datetime) -> None:
        """Forget what ended long ago, unless something waiting still needs it."""
        self._unit.write(
            "DELETE FROM outbox WHERE finished_at < :before AND NOT EXISTS"
            " (SELECT 1 FROM outbox w WHERE w.needs = outbox.id AND w.state = 'waiting')",
            before=now - FINISHED_KEPT,
        )


_PROMISE = (
    "INSERT INTO outbox (id, chat_id, lane, method, params, otherwise, needs, not_before, state,"
    " dedup_key, replace_key, on_sent, on_never, promised_at) VALUES (:id, :chat_id, :lane,"
    " :method, :params, :otherwise, :needs, :not_before, 'waiting', :dedup_key, :replace_key,"
    " :on_sent, :on_never, :now) ON CONFLICT (dedup_key) DO NOTHING"
)
#: Two with one ``replace_key`` never wait: the younger one says what is true now.
_REPLACED = (
    "UPDATE outbox SET state = 'cancelled', error = 'replaced', finished_at = :now"
    " WHERE state = 'sending' AND EXISTS (SELECT 1 FROM outbox n"
    " WHERE n.replace_key = outbox.replace_key AND n.state = 'waiting')"
)
_PROMISE_REPLACING = _PROMISE.replace(
    "ON CONFLICT (dedup_key) DO NOTHING",
    "ON CONFLICT (replace_key) WHERE state = 'waiting' AND replace_key IS NOT NULL"
    " DO UPDATE SET method = excluded.method, params = excluded.params,"
    " otherwise = excluded.otherwise, needs = excluded.needs, on_sent = excluded.on_sent,"
    " on_never = excluded.on_never",
)
