"""Without this drawer two answers to one proposal would both count.

One row for each request with its last proposal, and the message on each side that shows it. An
index decides that at most one of a resident's is open.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.appointments.booking import Side
from bot.domain.appointments.service import Way
from bot.domain.service_requests import OneIsOpen, Proposal, RequestState, ServiceRequest
from storage.database import Row, Unit

_COLUMNS = (
    "id, resident_chat_id, officer, service, way, minutes, state, proposal_number, proposed_by,"
    " starts_at, proposed_at, case_number, place, reason"
)
#: Where the message that shows a request to one side is on file.
_MESSAGES = {Side.RESIDENT: "resident_message", Side.OFFICER: "officer_message"}


class ServiceRequestsDrawer:
    """Table ``service_request`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def open(self, request: ServiceRequest) -> ServiceRequest:
        """Put a new one on file, with its number. Raises `OneIsOpen` if the resident has another
        that is open."""
        row = await self._unit.fetch_one(
            "INSERT INTO service_request (resident_chat_id, officer, service, way, minutes, state,"
            " proposal_number, proposed_by, starts_at, proposed_at, case_number, place, reason)"
            " VALUES (:chat_id, :officer, :service, :way, :minutes, 'open', :number, :side,"
            " :starts_at, :made_at, :case_number, :place, '')"
            " ON CONFLICT (resident_chat_id) WHERE state = 'open' DO NOTHING RETURNING id",
            chat_id=request.resident_chat_id,
            officer=request.officer,
            service=request.service,
            way=request.way.value,
            minutes=request.minutes,
            number=request.proposal.number,
            side=request.proposal.side.value,
            starts_at=request.proposal.starts,
            made_at=request.proposal.made_at,
            case_number=request.case_number,
            place=request.place,
        )
        if row is None:
            raise OneIsOpen(None)
        return replace(request, id=row["id"])

    async def change(self, before: ServiceRequest, after: ServiceRequest) -> bool:
        """Compare and set by state, proposal and officer: False when somebody was first."""
        row = await self._unit.fetch_one(
            "UPDATE service_request SET state = :after, officer = :officer,"
            " proposal_number = :number, proposed_by = :side, starts_at = :starts_at,"
            " proposed_at = :made_at, reason = :reason WHERE id = :id AND state = :before"
            " AND proposal_number = :number_before AND officer = :officer_before RETURNING id",
            id=before.id,
            before=before.state.value,
            number_before=before.proposal.number,
            officer_before=before.officer,
            after=after.state.value,
            officer=after.officer,
            number=after.proposal.number,
            side=after.proposal.side.value,
            starts_at=after.proposal.starts,
            made_at=after.proposal.made_at,
            reason=after.reason,
        )
        return row is not None

    async def find(self, number: int) -> ServiceRequest | None:
        """The request with this number."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM service_request WHERE id = :id",  # noqa: S608 - our own constant
            id=number,
        )
        return None if row is None else _request(row)

    async def open_of(self, resident_chat_id: int) -> ServiceRequest | None:
        """The resident's request that is open: there is at most one."""
        row = await self._unit.fetch_one(
            f"SELECT {_COLUMNS} FROM service_request"  # noqa: S608 - our own constant
            " WHERE resident_chat_id = :chat_id AND state = 'open'",
            chat_id=resident_chat_id,
        )
        return None if row is None else _request(row)

    async def waiting_for_officers(self) -> list[ServiceRequest]:
        """Everything open that an officer has to answer, oldest first."""
        rows = await self._unit.fetch(
            f"SELECT {_COLUMNS} FROM service_request"  # noqa: S608 - our own constant
            " WHERE state = 'open' AND proposed_by = 'resident' ORDER BY id"
        )
        return [_request(row) for row in rows]

    async def agreed_times(self, officer: str, *, since: datetime) -> set[tuple[int, datetime]]:
        """Which times an officer has agreed with whom (chat id), whatever the hours are."""
        rows = await self._unit.fetch(
            "SELECT resident_chat_id, starts_at FROM service_request"
            " WHERE officer = :officer AND state = 'agreed' AND starts_at >= :since",
            officer=officer,
            since=since,
        )
        return {(row["resident_chat_id"], row["starts_at"]) for row in rows}

    def set_message(self, number: int, side: Side, message_id: int | None) -> None:
        """The message that shows it to one side; a negative number is a promise's."""
        self._unit.write(
            f"UPDATE service_request SET {_MESSAGES[side]} = :message_id WHERE id = :id",  # noqa: S608 - our own names
            id=number,
            message_id=message_id,
        )

    async def message_of(self, number: int, side: Side) -> int | None:
        """The message that shows it to one side, if one does."""
        row = await self._unit.fetch_one(
            f"SELECT {_MESSAGES[side]} AS message_id FROM service_request WHERE id = :id",  # noqa: S608 - our own names
            id=number,
        )
        return None if row is None else row["message_id"]


def _request(row: Row) -> ServiceRequest:
    return ServiceRequest(
        id=row["id"],
        resident_chat_id=row["resident_chat_id"],
        officer=row["officer"],
        service=row["service"],
        way=Way(row["way"]),
        minutes=row["minutes"],
        state=RequestState(row["state"]),
        proposal=Proposal(
            row["proposal_number"],
            Side(row["proposed_by"]),
            row["starts_at"],
            row["proposed_at"],
        ),
        case_number=row["case_number"],
        place=row["place"],
        reason=row["reason"],
    )
