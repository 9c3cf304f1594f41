"""What can be had now: services, days and times, from hours, absences and what is booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from bot.context import Desk
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.service import Service, Way
from bot.domain.appointments.slots import Diary, Slot, Wish, offers
from bot.domain.roster import Officer, Room
from bot.domain.routing import OfficerState
from handlers.duty import hours_of

#: A booking reaches back as far as the longest service with its travel.
_LOOK_BACK = timedelta(days=1)


def room_of(desk: Desk) -> Room | None:
    """The room where this resident is received."""
    return None if desk.area is None else desk.roster.room_of(desk.area.code)


def wish_for(desk: Desk, service: Service, way: Way) -> Wish:
    """A service in one of its ways, wanted now."""
    return Wish(service, way, desk.now, desk.zone)


async def offered(
    desk: Desk, service: Service, way: Way, *, moving: Appointment | None = None
) -> tuple[Slot, ...]:
    """Every time that this resident can have for the service; ``moving``: the appointment whose own
    time is in nobody's way."""
    found = await diaries(desk, service, moving=moving)
    return offers(wish_for(desk, service, way), found)


async def diaries(
    desk: Desk, service: Service, *, moving: Appointment | None = None
) -> Sequence[Diary]:
    """The time of each officer who could receive this resident: those responsible, then deputies;
    only somebody who can be told of a booking. Who is away now may be back by then: that is in the
    diary."""
    room = room_of(desk)
    if room is None:
        return ()
    hours = await hours_of(desk, room, days=service.days_ahead + 1)
    absences = await desk.transaction.absences.known(desk.now)
    return [
        Diary(
            officer.code,
            hours.open,
            absent=[each.span for each in absences if each.officer == officer.code],
            booked=frozenset(cell for slot in taken for cell in slot.cells),
            a_day=Counter(
                slot.starts.astimezone(desk.zone).date()
                for slot in taken
                if slot.service == service.code
            ),
        )
        for officer in await _officers(desk)
        for taken in [await _taken(desk, officer, service, moving)]
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


async def _officers(desk: Desk) -> list[Officer]:
    if desk.area is None:
        return []
    code = desk.area.code
    states = await desk.transaction.officers.states()
    able = (*desk.roster.usual_officers(code), *desk.roster.deputies_of(code))
    by_code = {each.code: each for each in able}
    return [each for each in by_code.values() if _can_be_told(states.get(each.code))]


def _can_be_told(state: OfficerState | None) -> bool:
    return state is not None and state.chat_id is not None
