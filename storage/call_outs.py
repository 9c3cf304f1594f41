"""Without this drawer an urgent call would be forgotten by a restart, or taken by two."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.call_outs.ladder import Ladder, Skipped, SkipReason, Step, StepKind
from bot.domain.call_outs.paging import CallOut, CallOutState
from storage.database import Row, Unit
from storage.page_commands import CommandState

_COLUMNS = (
    "id, resident_chat_id, ladder, supervisors, asked_at, step_seconds, paged, state, taker,"
    " taken_at, case_number, resumed_at, resumed_step"
)
_PAGE = "call_out_id, officer, chat_id, promise, paged_at, is_unreached"


@dataclass(frozen=True, slots=True)
class PageSent:
    """The message that asked somebody: ``promise`` in ``chat_id``. ``is_unreached``: it never
    came, and never will."""

    call_out: int
    officer: str
    chat_id: int
    promise: int
    paged_at: datetime
    is_unreached: bool = False


@dataclass(frozen=True, slots=True)
class Hearing:
    """What somebody of the roster said about the phone in ``chat_id``, and when something was last
    done there. ``opted_in_at``: wants to be paged outside the shifts as well."""

    heard_at: datetime | None
    opted_in_at: datetime | None
    seen_at: datetime | None


def _dumped(ladder: Ladder) -> str:
    return json.dumps(
        {
            "steps": [[each.kind.value, each.people] for each in ladder.steps],
            "skipped": [
                [each.officer, each.kind.value, each.reason.value] for each in ladder.skipped
            ],
        }
    )


def _ladder(text: str) -> Ladder:
    found = json.loads(text)
    return Ladder(
        tuple(Step(StepKind(kind), tuple(people)) for kind, people in found["steps"]),
        tuple(
            Skipped(officer, StepKind(kind), SkipReason(reason))
            for officer, kind, reason in found["skipped"]
        ),
    )


def _call_out(row: Row) -> CallOut:
    return CallOut(
        id=row["id"],
        resident_chat_id=row["resident_chat_id"],
        ladder=_ladder(row["ladder"]),
        asked_at=row["asked_at"],
        supervisors=tuple(json.loads(row["supervisors"])),
        step=timedelta(seconds=row["step_seconds"]),
        paged=row["paged"],
        state=CallOutState(row["state"]),
        taker=row["taker"],
        taken_at=row["taken_at"],
        case_number=row["case_number"],
        resumed_at=row["resumed_at"],
        resumed_step=row["resumed_step"],
    )


def _page(row: Row) -> PageSent:
    return PageSent(
        call_out=row["call_out_id"],
        officer=row["officer"],
        chat_id=row["chat_id"],
        promise=row["promise"],
        paged_at=row["paged_at"],
        is_unreached=bool(row["is_unreached"]),
    )


class CallOutsDrawer:
    """Tables ``call_out``, ``call_out_page``, ``call_out_tap`` and ``hearing`` inside one
    transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    # --- the first tap

    def tap(self, chat_id: int, now: datetime) -> None:
        """A resident was shown the numbers: the next tap is meant."""
        self._unit.write(
            "INSERT INTO call_out_tap (chat_id, tapped_at) VALUES (:chat_id, :now)"
            " ON CONFLICT (chat_id) DO UPDATE SET tapped_at = excluded.tapped_at",
            chat_id=chat_id,
            now=now,
        )

    async def tapped_at(self, chat_id: int) -> datetime | None:
        """When a resident was shown the numbers, unless the second tap has followed."""
        row = await self._unit.fetch_one(
            "SELECT tapped_at FROM call_out_tap WHERE chat_id = :chat_id", chat_id=chat_id
        )
        return None if row is None else row["tapped_at"]

    def forget_tap(self, chat_id: int) -> None:
        """The second tap has followed."""
        self._unit.write("DELETE FROM call_out_tap WHERE chat_id = :chat_id", chat_id=chat_id)

    # --- the call-out

    async def open(self, call_out: CallOut) -> CallOut | None:
        """Put it on file; with its id. None when the resident has one under way."""
        row = await self._unit.fetch_one(
            "INSERT INTO call_out (resident_chat_id, ladder, supervisors, asked_at, step_seconds,"  # noqa: S608 - our own constant
            " paged, state, case_number, resumed_step) VALUES (:resident_chat_id, :ladder,"
            " :supervisors, :asked_at, :step_seconds, :paged, :state, :case_number, 0)"
            " ON CONFLICT (resident_chat_id) WHERE state IN ('paging', 'taken') DO NOTHING"
            f" RETURNING {_COLUMNS}",
            resident_chat_id=call_out.resident_chat_id,
            ladder=_dumped(call_out.ladder),
            supervisors=json.dumps(call_out.supervisors),
            asked_at=call_out.asked_at,
            step_seconds=call_out.step.total_seconds(),
            paged=call_out.paged,
            state=call_out.state.value,
            case_number=call_out.case_number,
        )
        return None if row is None else _call_out(row)

    async def find(self, number: int) -> CallOut | None:
        """The call-out with this id."""
        return await self._one("id = :id", id=number)

    async def newest_of(self, resident_chat_id: int) -> CallOut | None:
        """The resident's last one, over or not."""
        return await self._one(
            "resident_chat_id = :chat_id ORDER BY id DESC LIMIT 1", chat_id=resident_chat_id
        )

    async def _one(self, condition: str, **parameters: Any) -> CallOut | None:
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM call_out WHERE {condition}",  # noqa: S608 - our own conditions
            **parameters,
        )
        return None if row is None else _call_out(row)

    async def change(self, before: CallOut, after: CallOut) -> bool:
        """Compare and set; False when somebody was first, or it goes on already."""
        row = await self._unit.fetch_one(
            "UPDATE call_out SET state = :state, paged = :paged, taker = :taker,"
            " taken_at = :taken_at, resumed_at = :resumed_at, resumed_step = :resumed_step"
            " WHERE id = :id AND state = :old_state AND paged = :old_paged"
            " AND coalesce(taker, '') = :old_taker RETURNING id",
            id=before.id,
            state=after.state.value,
            paged=after.paged,
            taker=after.taker,
            taken_at=after.taken_at,
            resumed_at=after.resumed_at,
            resumed_step=after.resumed_step,
            old_state=before.state.value,
            old_paged=before.paged,
            old_taker=before.taker or "",
        )
        return row is not None

    def note_told(self, number: int, promise: int) -> None:
        """Remember which promise is the resident's message about it."""
        self._unit.write(
            "UPDATE call_out SET told = :promise WHERE id = :id", id=number, promise=promise
        )

    async def told(self, number: int) -> int | None:
        """The promise of the resident's message about it."""
        row = await self._unit.fetch_one("SELECT told FROM call_out WHERE id = :id", id=number)
        return None if row is None else row["told"]

    # --- who was asked

    def note_page(self, page: PageSent, *, is_command_due: bool) -> None:
        """Somebody was asked, or is asked once more. ``is_command_due``: the external command is to
        be run for this person as well (see `PageCommandsDrawer`)."""
        self._unit.write(
            "INSERT INTO call_out_page (call_out_id, officer, chat_id, promise, paged_at,"
            " is_unreached, command) VALUES (:call_out, :officer, :chat_id, :promise, :paged_at,"
            " :is_unreached, :command) ON CONFLICT (call_out_id, officer) DO UPDATE SET"
            " chat_id = excluded.chat_id, promise = excluded.promise,"
            " paged_at = excluded.paged_at, is_unreached = excluded.is_unreached,"
            " command = excluded.command, command_status = NULL",
            call_out=page.call_out,
            officer=page.officer,
            chat_id=page.chat_id,
            promise=page.promise,
            paged_at=page.paged_at,
            is_unreached=page.is_unreached,
            command=CommandState.DUE.value if is_command_due else None,
        )

    async def pages(self, number: int) -> list[PageSent]:
        """Everybody who was asked, in order."""
        rows = await self._unit.fetch(
            f"SELECT {_PAGE} FROM call_out_page WHERE call_out_id = :id"  # noqa: S608 - our own constant
            " ORDER BY paged_at, promise",
            id=number,
        )
        return [_page(row) for row in rows]

    def unreached(self, number: int, officer: str) -> None:
        """What asked this person never came."""
        self._unit.write(
            "UPDATE call_out_page SET is_unreached = :yes WHERE call_out_id = :id"
            " AND officer = :officer",
            id=number,
            officer=officer,
            yes=True,
        )

    # --- who can hear it

    def heard(self, chat_id: int, now: datetime) -> None:
        """Somebody said *I can hear this*."""
        self._unit.write(
            "INSERT INTO hearing (chat_id, heard_at) VALUES (:chat_id, :now)"
            " ON CONFLICT (chat_id) DO UPDATE SET heard_at = excluded.heard_at",
            chat_id=chat_id,
            now=now,
        )

    def opt(self, chat_id: int, since: datetime | None) -> None:
        """Somebody wants to be paged outside the shifts; None: not any more."""
        self._unit.write(
            "INSERT INTO hearing (chat_id, opted_in_at) VALUES (:chat_id, :since)"
            " ON CONFLICT (chat_id) DO UPDATE SET opted_in_at = excluded.opted_in_at",
            chat_id=chat_id,
            since=since,
        )

    async def hearings(self) -> dict[str, Hearing]:
        """What is known of everybody who is linked, by code."""
        rows = await self._unit.fetch(
            "SELECT l.code, l.seen_at, h.heard_at, h.opted_in_at FROM officer_link l"
            " LEFT JOIN hearing h ON h.chat_id = l.chat_id"
        )
        return {
            row["code"]: Hearing(row["heard_at"], row["opted_in_at"], row["seen_at"])
            for row in rows
        }
