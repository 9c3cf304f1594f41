"""Without this drawer a restart would forget whom the external command has still to page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.call_outs.paging import CallOutState
from storage.database import Unit


class CommandState(StrEnum):
    """How far the external command is for one page. ``NOT_RUN``: it was of no use any more, or
    there was no number to run it with."""

    DUE = "due"
    DONE = "done"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class PageCommand:
    """A page (``promise`` in ``chat_id``) for which the command is due. ``state`` and ``asked_at``
    are those of its call-out; aware UTC."""

    call_out: int
    officer: str
    chat_id: int
    promise: int
    state: CallOutState
    asked_at: datetime


class PageCommandsDrawer:
    """The columns ``command`` and ``command_status`` of table ``call_out_page`` inside one
    transaction; a page is written by `CallOutsDrawer.note_page`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def due(self, *, limit: int) -> list[PageCommand]:
        """For whom the command is due, oldest first, also where nobody is waited for any more."""
        rows = await self._unit.fetch(
            "SELECT p.call_out_id, p.officer, p.chat_id, p.promise, c.state, c.asked_at"
            " FROM call_out_page p JOIN call_out c ON c.id = p.call_out_id"
            " WHERE p.command = 'due' ORDER BY p.paged_at, p.promise LIMIT :limit",
            limit=limit,
        )
        return [
            PageCommand(
                call_out=row["call_out_id"],
                officer=row["officer"],
                chat_id=row["chat_id"],
                promise=row["promise"],
                state=CallOutState(row["state"]),
                asked_at=row["asked_at"],
            )
            for row in rows
        ]

    def ended(self, page: PageCommand, how: CommandState, *, status: int | None = None) -> None:
        """The command was run for this page or never will be, unless the person was asked anew
        since. ``status``: its exit status; negative: the signal that ended it."""
        self._unit.write(
            "UPDATE call_out_page SET command = :how, command_status = :status"
            " WHERE call_out_id = :id AND officer = :officer AND promise = :promise",
            id=page.call_out,
            officer=page.officer,
            promise=page.promise,
            how=how.value,
            status=status,
        )
