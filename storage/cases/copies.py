"""Without this drawer an officer's reply would have no resident to go to.

What each message of the bot in somebody's chat stands for, and what it was made of.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.cases import Case, Copy, CopyKind
from storage.cases import CASE_COLUMNS, case_from_row
from storage.database import Row, Unit

_COLUMNS = "promise, case_number, chat_id, message_id, kind, origin_chat_id, origin_message_id"

#: What is taken back at once: twice the messages that may wait for one choice.
GIVEN_LIMIT = 100


def _copy(row: Row) -> Copy:
    return Copy(
        promise=row["promise"],
        case_number=row["case_number"],
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        kind=CopyKind(row["kind"]),
        origin_chat_id=row["origin_chat_id"],
        origin_message_id=row["origin_message_id"],
    )


class CopiesDrawer:
    """Table ``copy`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def note(
        self,
        *,
        promise: int,
        case_number: int,
        chat_id: int,
        kind: CopyKind,
        origin: tuple[int, int] | None = None,
    ) -> None:
        """Remember what a promise will stand for; ``origin`` is (chat id, message id)."""
        origin_chat_id, origin_message_id = origin or (None, None)
        self._unit.write(
            "INSERT INTO copy (promise, case_number, chat_id, kind, origin_chat_id,"
            " origin_message_id) VALUES (:promise, :case_number, :chat_id, :kind, :origin_chat_id,"
            " :origin_message_id)",
            promise=promise,
            case_number=case_number,
            chat_id=chat_id,
            kind=kind.value,
            origin_chat_id=origin_chat_id,
            origin_message_id=origin_message_id,
        )

    def note_sent(self, *, promise: int, case_number: int, chat_id: int, kind: CopyKind) -> None:
        """The same for a promise that may have been kept already; a second time it is nothing."""
        self._unit.write(
            "INSERT INTO copy (promise, case_number, chat_id, kind, message_id) VALUES (:promise,"
            " :case_number, :chat_id, :kind, (SELECT message_id FROM outbox WHERE id = :promise))"
            " ON CONFLICT (promise) DO NOTHING",
            promise=promise,
            case_number=case_number,
            chat_id=chat_id,
            kind=kind.value,
        )

    async def at(self, chat_id: int, message_id: int) -> tuple[Copy, Case] | None:
        """What the message with this id in this chat stands for, and its case, in one hop."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS}, {CASE_COLUMNS} FROM copy JOIN cases ON number = case_number"  # noqa: S608 - our own constants
            " WHERE chat_id = :chat_id AND message_id = :message_id",
            chat_id=chat_id,
            message_id=message_id,
        )
        return None if row is None else (_copy(row), case_from_row(row))

    async def latest(self, case_number: int, chat_id: int, kind: CopyKind) -> Copy | None:
        """The newest message of this kind that stands for the case in this chat."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM copy WHERE case_number = :number AND chat_id = :chat_id"  # noqa: S608 - our own constant
            " AND kind = :kind ORDER BY promise DESC LIMIT 1",
            number=case_number,
            chat_id=chat_id,
            kind=kind.value,
        )
        return None if row is None else _copy(row)

    async def made_of(self, chat_id: int, message_id: int) -> list[Copy]:
        """The copies made of one message that somebody wrote, latest first."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM copy WHERE origin_chat_id = :chat_id"  # noqa: S608 - our own constant
            " AND origin_message_id = :message_id AND kind <> :notice ORDER BY promise DESC",
            chat_id=chat_id,
            message_id=message_id,
            notice=CopyKind.NOTICE.value,
        )
        return [_copy(row) for row in rows]

    async def given_by(self, chat_id: int, *, first: int, last: int) -> list[Copy]:
        """What was made of messages from this chat by promises from ``first`` to ``last``."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM copy WHERE promise BETWEEN :first AND :last"  # noqa: S608 - our own constant
            " AND origin_chat_id = :chat_id ORDER BY promise LIMIT :limit",
            first=first,
            last=last,
            chat_id=chat_id,
            limit=GIVEN_LIMIT,
        )
        return [_copy(row) for row in rows]

    def forget_answers(self, chat_id: int, promises: Sequence[int]) -> None:
        """Answers that were taken back before they were sent: as if they were never given."""
        self._unit.write_many(
            "DELETE FROM message WHERE chat_id = :chat_id AND message_id ="
            " (SELECT origin_message_id FROM copy WHERE promise = :promise)",
            [{"chat_id": chat_id, "promise": promise} for promise in promises],
        )
        self._unit.write_many(
            "DELETE FROM copy WHERE promise = :promise",
            [{"promise": promise} for promise in promises],
        )
