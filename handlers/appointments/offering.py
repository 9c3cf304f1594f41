"""What can be had now: services, days and times, from hours, absences and what is booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.context import Desk
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.service import Service, Way
from bot.domain.appointments.slots import Diary, Slot, Wish, beside, offers
from bot.domain.roster import Officer, Room
from bot.domain.routing import OfficerState
from bot.domain.spans import Span
from handlers.duty import hours_of

#: A booking reaches back as far as the longest service with its travel.
_LOOK_BACK = timedelta(days=1)


def room_of(desk: Desk) -> Room | None:
    """The room where this resident is received."""
    return None if desk.area is None else desk.roster.room_of(desk.area.code)


def room_for(desk: Desk, appointment: Appointment) -> Room | None:
    """The room where it takes place: for somebody who was booked for, the officer's."""
    if appointment.guest is None:
        return room_of(desk)
    return room_of_officer(desk, appointment.slot.officer)


def room_of_officer(desk: Desk, code: str) -> Room | None:
    """Where an officer receives people: the first area's room, else the own one."""
    officer = desk.roster.officer(code)
    if officer is None:
        return None
    found = [desk.roster.room_of(area) for area in officer.areas]
    return next((each for each in found if each), desk.roster.room(officer.room))


def wish_for(desk: Desk, service: Service, way: Way) -> Wish:
    """A service in one of its ways, wanted now."""
    return Wish(service, way, desk.now, desk.zone)


async def free(
    desk: Desk,
    service: Service,
    way: Way,
    *,
    moving: Appointment | None = None,
    officer: str | None = None,
) -> tuple[Slot, ...]:
    """Every time that somebody has for this resident, or the ``officer`` for a guest, and the
    service; ``moving``: the appointment whose own time is in nobody's way."""
    found = await diaries(desk, service, moving=moving, officer=officer)
    return offers(wish_for(desk, service, way), found)


async def offered(
    desk: Desk,
    service: Service,
    way: Way,
    *,
    moving: Appointment | None = None,
    officer: str | None = None,
) -> tuple[Slot, ...]:
    """What is `free` and not at the time of another appointment that the resident has, with
    whomever. Of a guest no other is known."""
    found = await free(desk, service, way, moving=moving, officer=officer)
    if officer is not None:
        return found
    own = await desk.transaction.appointments.of_resident(desk.chat_id, since=desk.now - _LOOK_BACK)
    others = [each.slot for each in own if moving is None or each.id != moving.id]
    return beside(found, [Span(slot.starts, slot.ends) for slot in others])


async def diaries(
    desk: Desk,
    service: Service,
    *,
    moving: Appointment | None = None,
    officer: str | None = None,
) -> Sequence[Diary]:
    """The time of each officer who could receive this resident: those responsible, then deputies;
    only somebody who can be told of a booking. Who is away now may be back by then: that is in the
    diary. For a guest, and for one who has the booking now but no area: the ``officer``'s alone."""
    if officer is None and room_of(desk) is None and moving is not None:
        officer = moving.slot.officer
    room = room_of(desk) if officer is None else room_of_officer(desk, officer)
    if room is None:
        return ()
    hours = await hours_of(desk, room, days=service.days_ahead + 1)
    absences = await desk.transaction.absences.known(desk.now)
    return [
        Diary(
            able.code,
            hours.open,
            absent=[each.span for each in absences if each.officer == able.code],
            booked=frozenset(cell for slot in taken for cell in slot.cells),
            a_day=Counter(
                slot.starts.astimezone(desk.zone).date()
                for slot in taken
                if slot.service == service.code
            ),
        )
        for able in await _able(desk, officer)
        for taken in [await _taken(desk, able, service, moving)]
    ]


async def _taken(
    desk: Desk, officer: Officer, service: Service, moving: Appointment | None
) -> list[Slot]:
    found = await desk.transaction.appointments.of_officer(
        officer.code,
        since=desk.now - _LOOK_BACK,
        until=desk.now + timedelta(days=service.days_ahead) + _LOOK_BACK,
    )
    return [each.slot for each in found if moving is None or each.id != moving.id]


async def _able(desk: Desk, only: str | None) -> list[Officer]:
    if only is not None:
        able: Sequence[Officer] = [each for each in desk.roster.officers if each.code == only]
    elif desk.area is not None:
        code = desk.area.code
        able = (*desk.roster.usual_officers(code), *desk.roster.deputies_of(code))
    else:
        able = ()
    return await who_can_be_told(desk, able)


async def who_can_be_told(desk: Desk, officers: Iterable[Officer]) -> list[Officer]:
    """Those who have come in, each once."""
    states = await desk.transaction.officers.states()
    by_code = {each.code: each for each in officers}
    return [each for each in by_code.values() if _can_be_told(states.get(each.code))]


def _can_be_told(state: OfficerState | None) -> bool:
    return state is not None and state.chat_id is not None
