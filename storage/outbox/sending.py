"""Without this module promises could be written down and never be kept: the sender's side.

What is next for a chat, what is under way, and what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson

from storage.database import Row, Unit, as_moment
from storage.outbox.promises import (
    PAYLOAD,
    Claim,
    FollowUp,
    Form,
    Lane,
    Promise,
    dumped_forms,
    follow_up_from,
    needed_by,
    promise_from,
    without_topic,
)

_COLUMNS = (
    "o.id, o.chat_id, o.lane, o.method, o.params, o.otherwise, o.needs, o.not_before,"
    " o.dedup_key, o.replace_key, o.on_sent, o.on_never, o.attempts"
)
#: Two with one ``replace_key`` never wait: the younger one says what is true now.
_REPLACED = (
    "UPDATE outbox SET state = 'cancelled', error = 'replaced', finished_at = :now"
    " WHERE state = 'sending' AND EXISTS (SELECT 1 FROM outbox n"
    " WHERE n.replace_key = outbox.replace_key AND n.state = 'waiting')"
)


class SendersSide:
    """What only the sender does with the rows of table ``outbox``."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def put_back_orphans(self, now: datetime) -> int:
        """At the start: calls that were under way when the process ended are made again."""
        self._unit.write(_REPLACED, now=now)
        rows = await self._unit.fetch(
            "UPDATE outbox SET state = 'waiting', not_before = NULL WHERE state = 'sending'"
            " RETURNING id"
        )
        return len(rows)

    async def waiting_chats(self, now: datetime, *, limit: int) -> dict[int, Lane]:
        """Chats with something to send at ``now`` and its first lane; the first lanes first."""
        rows = await self._unit.fetch(
            "SELECT chat_id, min(lane) AS lane FROM outbox WHERE state = 'waiting'"
            " AND (not_before IS NULL OR not_before <= :now)"
            " GROUP BY chat_id ORDER BY min(lane), min(id) LIMIT :limit",
            now=now,
            limit=limit,
        )
        return {row["chat_id"]: Lane(row["lane"]) for row in rows}

    async def waiting_moments(self, now: datetime, *, limit: int) -> dict[int, datetime]:
        """Chats with something to send later, and when; the soonest first."""
        rows = await self._unit.fetch(
            "SELECT chat_id, min(not_before) AS moment FROM outbox WHERE state = 'waiting'"
            " AND not_before > :now GROUP BY chat_id ORDER BY min(not_before) LIMIT :limit",
            now=now,
            limit=limit,
        )
        return _moments(rows)

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

    async def next_moments(
        self, chat_ids: Sequence[int], now: datetime
    ) -> dict[int, datetime | None]:
        """For chats with nothing to send now: those where something waits, and until when (None:
        for a promise that it needs)."""
        rows = await self._unit.fetch_each(
            "SELECT chat_id, min(CASE WHEN not_before > :now THEN not_before END) AS moment"
            " FROM outbox WHERE chat_id = :chat_id AND state = 'waiting' GROUP BY chat_id",
            [{"chat_id": chat_id, "now": now} for chat_id in chat_ids],
        )
        return {row["chat_id"]: as_moment(row["moment"]) for row in rows}

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
        if _is_delivery(promise):
            self._unit.write(
                "UPDATE delivery SET state = 'sent',"
                " delivered_at = COALESCE(delivered_at, :now),"
                " message_id = COALESCE(CAST(:message_id AS BIGINT), message_id),"
                " first_picture = CASE WHEN pictures IS NULL THEN NULL ELSE COALESCE(first_picture,"
                " (SELECT o.message_id FROM outbox o WHERE o.id = delivery.pictures)) END"
                " WHERE promise = :id",
                id=promise.id,
                message_id=message_id,
                now=now,
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

    def moved(self, promise: Promise, new_chat_id: int, now: datetime) -> None:
        """The group became a supergroup: everything that waits goes to the new id."""
        self._unit.write(
            "UPDATE outbox SET chat_id = :new WHERE chat_id = :old"
            " AND state IN ('waiting', 'sending')",
            old=promise.chat_id,
            new=new_chat_id,
        )
        self.later(promise, error="moved", is_counted=False, now=now)

    def out_of_topic(self, promise: Promise, error: str, now: datetime) -> None:
        """Its topic is gone: it goes to the group itself, where people can still read it."""
        self._take_form(
            promise,
            without_topic(promise.form),
            [without_topic(form) for form in promise.otherwise],
            error=error,
            now=now,
        )

    def next_form(self, promise: Promise, error: str, now: datetime) -> None:
        """Telegram refuses this form for good: the next one takes its place."""
        form, *rest = promise.otherwise
        self._take_form(promise, form, rest, error=error, now=now)

    def _take_form(
        self, promise: Promise, form: Form, rest: Sequence[Form], *, error: str, now: datetime
    ) -> None:
        self._yield_to_newer(promise, now)
        self._unit.write(
            "UPDATE outbox SET state = 'waiting', method = :method, params = :params,"
            " otherwise = :otherwise, needs = :needs, attempts = 0, error = :error"
            " WHERE id = :id AND state = 'sending'",
            id=promise.id,
            method=form.method,
            params=orjson.dumps(form.params).decode(),
            otherwise=dumped_forms(rest),
            needs=needed_by(form),
            error=error,
        )

    def failed(self, promise: Promise, error: str, now: datetime) -> None:
        """It will never be kept."""
        self._end(promise.id, "failed", error, now)
        self._deliver_never(promise)
        self._follow(promise.on_never, now)

    def cancelled(self, promise: Promise, error: str, now: datetime) -> None:
        """It makes no sense any more: what it refers to was never said."""
        self._end(promise.id, "cancelled", error, now)
        self._deliver_never(promise)
        self._follow(promise.on_never, now)

    def _deliver_never(self, promise: Promise) -> None:
        if _is_delivery(promise):
            self._unit.write(
                "UPDATE delivery SET state = 'never' WHERE promise = :id", id=promise.id
            )

    def _end(self, promise: int, state: str, error: str, now: datetime) -> None:
        self._unit.write(
            "UPDATE outbox SET state = :state, error = :error, finished_at = :now WHERE id = :id",
            id=promise,
            state=state,
            error=error,
            now=now,
        )

    async def give_up_chat(self, chat_id: int, error: str, now: datetime) -> list[int]:
        """The chat takes nothing any more: all that waits is cancelled and followed up; the numbers
        of what was."""
        rows = await self._unit.fetch(
            "UPDATE outbox SET state = 'cancelled', error = :error, finished_at = :now"
            " WHERE chat_id = :chat_id AND state = 'waiting' RETURNING id, on_never",
            chat_id=chat_id,
            error=error,
            now=now,
        )
        self._unit.write(
            "UPDATE delivery SET state = 'never' WHERE chat_id = :chat_id AND state = 'promised'",
            chat_id=chat_id,
        )
        for text in sorted({row["on_never"] for row in rows if row["on_never"]}):
            self._follow(follow_up_from(text), now)
        return [row["id"] for row in rows]

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


def _is_delivery(promise: Promise) -> bool:
    """Whether a bulletin's delivery may stand behind it: the relay pays nothing for bulletins."""
    return promise.lane.is_bulk or PAYLOAD in promise.form.params


def _moments(rows: Iterable[Row]) -> dict[int, datetime]:
    found = {row["chat_id"]: as_moment(row["moment"]) for row in rows}
    return {chat_id: moment for chat_id, moment in found.items() if moment is not None}
