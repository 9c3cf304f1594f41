"""An officer's time has changed: what cannot be kept is displaced, and everybody concerned is told.

`DISPLACE` is set by absences, changed hours, a new roster or calendar. It compares each appointment
with what is true now, so that it may come twice, late, or for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.context import Desk
from bot.domain.absences import CHOICE_WITHIN, Absence, ReofferPlan, appointments_in, spans_of
from bot.domain.appointments import booking
from bot.domain.appointments.booking import Actor, Appointment
from bot.domain.appointments.displaced import Fate, Why, against, fate
from bot.domain.roster import Room
from bot.domain.spans import ALWAYS, Span, merged
from handlers.appointments.holding import EXPIRE
from handlers.appointments.reminding import clear_reminders, set_reminders
from handlers.appointments.settling import Word, let_lapse, tell_resident
from handlers.appointments.staff import tell_what_changed
from handlers.duty import hours_of, rooms_of
from storage.appointments import DISPLACE, EVERY_OFFICER
from storage.timers import Timer

#: The last moment to tell somebody whose appointment begins before that.
_TOLD_BEFORE = timedelta(minutes=1)
#: No service is booked farther ahead than 90 days.
_FARTHEST = timedelta(days=91)


async def displace(desk: Desk, timer: Timer) -> None:
    """`DISPLACE`: of everybody, of one officer, or of one absence whose appointments were waiting
    for a choice."""
    officer, _colon, absence = timer.key.partition(":")
    if officer == EVERY_OFFICER:
        for each in await desk.transaction.appointments.officers_ahead(desk.now):
            _look_again(desk, each)
    elif absence:
        await _decide(desk, int(absence), ReofferPlan(timer.payload["plan"]))
    else:
        await _look(desk, officer)


def _look_again(desk: Desk, officer: str) -> None:
    desk.transaction.timers.set(
        DISPLACE, officer, due_at=desk.now, chat_key=f"appointments:{officer}"
    )


async def _ahead(desk: Desk, officer: str) -> list[Appointment]:
    return await desk.transaction.appointments.of_officer(
        officer, since=desk.now, until=desk.now + _FARTHEST
    )


async def _look(desk: Desk, officer: str) -> None:
    """What the hours displace goes at once, what an absence displaces waits for a choice; what can
    be kept after all comes back."""
    absences = [
        each for each in await desk.transaction.absences.known(desk.now) if each.officer == officer
    ]
    ahead = await _ahead(desk, officer)
    opening = Opening(desk, officer)
    moved, restored = [], []
    for each in ahead:
        hours = await opening.hours_for(each)
        why = against(each.slot, hours=hours, absent=spans_of(absences, officer))
        becomes = fate(each, why, now=desk.now)
        if becomes is Fate.LET_GO:
            await _let_go(desk, each)
        elif becomes is Fate.RESTORED:
            restored += await _restore(desk, each)
        elif becomes is Fate.DISPLACED and why is Why.HOURS:
            moved += await _displace(desk, each, Why.HOURS, ReofferPlan.DEPUTY)
    await tell_what_changed(desk, officer, Why.HOURS, moved=moved, restored=restored)
    for absence in absences:
        await _wait_for_choice(desk, absence, ahead)


async def _wait_for_choice(desk: Desk, absence: Absence, ahead: Iterable[Appointment]) -> None:
    """Whoever declared it may choose for all; after a while residents choose for themselves."""
    key = f"{absence.officer}:{absence.id}"
    found = appointments_in(absence, ahead, now=desk.now)
    if not found:
        desk.transaction.timers.clear(DISPLACE, key)
    elif await desk.transaction.timers.find(DISPLACE, key) is None:
        last = found[0].slot.starts - _TOLD_BEFORE
        desk.transaction.timers.set(
            DISPLACE,
            key,
            due_at=max(desk.now, min(desk.now + CHOICE_WITHIN, last)),
            chat_key=f"appointments:{absence.officer}",
            payload={"plan": ReofferPlan.DEPUTY.value},
        )


async def _decide(desk: Desk, number: int, plan: ReofferPlan) -> None:
    """The choice was made, or nobody made one in time."""
    absence = await desk.transaction.absences.find(number)
    if absence is None:
        return
    ahead = await _ahead(desk, absence.officer)
    moved = []
    for each in appointments_in(absence, ahead, now=desk.now):
        if plan is ReofferPlan.CANCEL:
            moved += await _call_off(desk, each)
        else:
            moved += await _displace(desk, each, Why.ABSENCE, plan)
    await tell_what_changed(desk, absence.officer, Why.ABSENCE, moved=moved, restored=[])


async def _displace(
    desk: Desk, before: Appointment, why: Why, plan: ReofferPlan
) -> list[Appointment]:
    after = await desk.transaction.appointments.change(
        before, booking.displace(before, reason=why.value)
    )
    if after is None:
        return []
    let_lapse(desk, after)
    await tell_resident(desk, after, Word.OFFER, plan=plan)
    return [after]


async def _call_off(desk: Desk, before: Appointment) -> list[Appointment]:
    officer = Actor(officer=before.slot.officer)
    after = await desk.transaction.appointments.change(
        before, booking.cancel(before, officer, now=desk.now, reason=Why.ABSENCE.value)
    )
    if after is None:
        return []
    clear_reminders(desk, after)
    await tell_resident(desk, after, Word.CALLED_OFF)
    return [after]


async def _restore(desk: Desk, before: Appointment) -> list[Appointment]:
    """It stands again, with its reminders; whoever was not told yet need not be."""
    after = await desk.transaction.appointments.change(before, booking.restore(before))
    if after is None:
        return []
    await set_reminders(desk, after)
    await tell_resident(desk, after, Word.STANDS)
    return [after]


async def _let_go(desk: Desk, before: Appointment) -> None:
    """A slot that somebody is about to confirm: the message that asks says so."""
    asked = await desk.transaction.timers.find(EXPIRE, str(before.id))
    after = await desk.transaction.appointments.change(before, booking.expire(before))
    if after is not None and asked is not None:
        desk.transaction.timers.clear(EXPIRE, str(before.id))
        await tell_resident(desk, after, Word.NOT_FREE, message_id=asked.payload["message_id"])


class Opening:
    """The hours that an officer's appointments are compared with, each room's looked up once."""

    def __init__(self, desk: Desk, officer: str) -> None:
        self._desk = desk
        self._officer = officer
        self._rooms: dict[str, tuple[Span, ...]] = {}
        self._agreed: set[tuple[int, datetime]] | None = None

    async def hours_for(self, appointment: Appointment) -> Sequence[Span]:
        """The hours of the room where the resident is received, merged; of all rooms where the
        officer works for somebody of whom no area is known. Nobody works for a station whose
        roster does not name them; somebody without a room, and what was agreed whatever the hours
        are, has no hours to be compared with."""
        officer = self._desk.roster.officer(self._officer)
        if officer is None:
            return ()
        if await self._is_agreed(appointment):
            return (ALWAYS,)
        room = await self._room_of_resident(appointment)
        rooms = rooms_of(self._desk, officer) if room is None else (room,)
        if not rooms:
            return (ALWAYS,)
        return merged([span for each in rooms for span in await self._hours(each)])

    async def _is_agreed(self, appointment: Appointment) -> bool:
        """Whether both sides have agreed on this very time outside the slots."""
        if self._agreed is None:
            self._agreed = await self._desk.transaction.service_requests.agreed_times(
                self._officer, since=self._desk.now
            )
        return (appointment.resident_chat_id, appointment.slot.starts) in self._agreed

    async def _room_of_resident(self, appointment: Appointment) -> Room | None:
        chat_id = appointment.resident_chat_id
        person = None if chat_id is None else await self._desk.transaction.people.find(chat_id)
        if person is None or person.area is None:
            return None
        roster = self._desk.roster
        able = (*roster.usual_officers(person.area), *roster.deputies_of(person.area))
        is_theirs = any(each.code == self._officer for each in able)
        return roster.room_of(person.area) if is_theirs else None

    async def _hours(self, room: Room) -> tuple[Span, ...]:
        if room.code not in self._rooms:
            hours = await hours_of(self._desk, room, days=_FARTHEST.days + 1)
            self._rooms[room.code] = tuple(hours.open)
        return self._rooms[room.code]
