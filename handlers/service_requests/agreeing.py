"""What stands against a time, and the appointment that an agreed one becomes."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from bot.context import Desk
from bot.domain.appointments.booking import Appointment, State, check_may_book
from bot.domain.appointments.refusals import TooManyAppointments
from bot.domain.appointments.slots import Slot
from bot.domain.service_requests import ProposalDuringAbsence, ServiceRequest
from bot.domain.spans import Span, meets_any
from handlers.service_requests.reaching import absences_of

#: The feature appointments tells the resident and sets the reminders.
AGREED = "appointments.agreed"


def _slot(desk: Desk, request: ServiceRequest) -> Slot:
    service = desk.roster.service(request.service)
    return Slot(
        officer=request.officer,
        service=request.service,
        way=request.way,
        starts=request.proposal.starts,
        minutes=request.minutes,
        travel_minutes=0 if service is None else service.travel(request.way),
    )


async def check_resident_may_ask(desk: Desk, request: ServiceRequest) -> None:
    """Raises `ResidentIsBusy`, `TooManyAppointments`."""
    own = await desk.transaction.appointments.of_resident(
        request.resident_chat_id, since=desk.now - timedelta(days=1)
    )
    check_may_book(_slot(desk, request), own)


async def check_officer_is_there(desk: Desk, request: ServiceRequest) -> None:
    """Raises `ProposalDuringAbsence` also for somebody who works here no more."""
    starts = request.proposal.starts
    then = Span(starts, starts + timedelta(minutes=request.minutes))
    is_gone = request.officer not in await desk.transaction.officers.states()
    if is_gone or meets_any(then, await absences_of(desk, request.officer)):
        raise ProposalDuringAbsence(starts)


async def book(desk: Desk, request: ServiceRequest) -> None:
    """The agreed time is in the officer's diary, if it was free. Raises `SlotTaken`,
    `ResidentIsBusy`; nothing of it is kept then."""
    with suppress(TooManyAppointments):  # said when the resident asked: now a yes counts for more
        await check_resident_may_ask(desk, request)
    booked = await desk.transaction.appointments.book(
        Appointment(
            id=None,
            slot=_slot(desk, request),
            state=State.BOOKED,
            resident_chat_id=request.resident_chat_id,
            made_at=desk.now,
            case_number=request.case_number,
            place=request.place,
        )
    )
    desk.transaction.timers.set(
        AGREED, str(booked.id), due_at=desk.now, chat_key=str(request.resident_chat_id)
    )
