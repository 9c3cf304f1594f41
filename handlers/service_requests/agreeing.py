"""What stands against a time, and the appointment that an agreed one becomes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.context import Desk
from bot.domain.appointments.booking import Appointment, State, check_may_book
from bot.domain.appointments.refusals import TooManyAppointments
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from bot.domain.service_requests import FARTHEST, ProposalDuringAbsence, ServiceRequest, time_of
from bot.domain.spans import meets_any
from handlers.service_requests.reaching import absences_of
from handlers.service_requests.wording import point_in

#: The feature appointments tells the resident and sets the reminders.
AGREED = "appointments.agreed"


def slot_of(desk: Desk, request: ServiceRequest) -> Slot:
    """The officer's time that the proposal would take."""
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
    check_may_book(slot_of(desk, request), own)


async def check_officer_is_there(desk: Desk, request: ServiceRequest) -> None:
    """Raises `ProposalDuringAbsence` also for somebody who works here no more, or reads nothing."""
    state = (await desk.transaction.officers.states()).get(request.officer)
    is_gone = state is None or not state.is_reachable
    if is_gone or meets_any(time_of(request), await absences_of(desk, request.officer)):
        raise ProposalDuringAbsence(request.proposal.starts)


async def is_free_for(desk: Desk, request: ServiceRequest) -> Callable[[datetime], bool]:
    """Whether the officer could be there at a moment instead: not away, nothing else booked."""
    absent = await absences_of(desk, request.officer)
    found = await desk.transaction.appointments.of_officer(
        request.officer, since=desk.now - timedelta(days=1), until=desk.now + FARTHEST
    )
    taken = frozenset(cell for each in found for cell in each.slot.cells)

    def is_free(starts: datetime) -> bool:
        there = replace(request, proposal=replace(request.proposal, starts=starts))
        is_away = meets_any(time_of(there), absent)
        return not is_away and taken.isdisjoint(slot_of(desk, there).cells)

    return is_free


async def book(desk: Desk, request: ServiceRequest) -> None:
    """The agreed time is in the officer's diary, if it was free. Raises `SlotTaken`,
    `ResidentIsBusy`; nothing of it is kept then."""
    with suppress(TooManyAppointments):  # said when the resident asked: now a yes counts for more
        await check_resident_may_ask(desk, request)
    point = point_in(request.place)
    person = await desk.transaction.people.find(request.resident_chat_id)
    booked = await desk.transaction.appointments.book(
        Appointment(
            id=None,
            slot=slot_of(desk, request),
            state=State.BOOKED,
            resident_chat_id=request.resident_chat_id,
            made_at=desk.now,
            case_number=request.case_number,
            place=request.place if point is None else "",
            location=point,
            phone=person.phone or "" if person is not None and request.way is Way.PHONE else "",
        )
    )
    desk.transaction.timers.set(
        AGREED, str(booked.id), due_at=desk.now, chat_key=str(request.resident_chat_id)
    )
