"""What is ready: a resident's situation, and the things to bring, ticked under the appointment."""

from __future__ import annotations

from bot.context import Desk
from bot.domain.appointments import preparing
from bot.domain.appointments.booking import Appointment, State
from bot.domain.appointments.refusals import AppointmentRefused
from bot.domain.appointments.service import Service
from handlers.appointments.pressed import actor, pressed, refuse, show_standing


async def choose_situation(desk: Desk) -> None:
    """Which of the service's situations it is: everything to bring is known from now on."""
    await _prepare(desk, is_tick=False)


async def tick(desk: Desk) -> None:
    """One thing is ready, or not after all."""
    await _prepare(desk, is_tick=True)


async def _prepare(desk: Desk, *, is_tick: bool) -> None:
    before = await pressed(desk)
    if before is None:
        return
    service = desk.roster.service(before.slot.service)
    try:
        wanted = None if service is None else _prepared(desk, before, service, is_tick=is_tick)
    except AppointmentRefused as refusal:
        await refuse(desk, before, refusal)
        return
    after = None if wanted is None else await desk.transaction.appointments.change(before, wanted)
    if after is None:
        await refuse(desk, before)
        return
    await desk.answer_press()
    await show_standing(desk, after)


def _prepared(
    desk: Desk, before: Appointment, service: Service, *, is_tick: bool
) -> Appointment | None:
    """None for what is not booked, or never was a choice. Raises `AppointmentRefused`."""
    chosen = desk.argument(2)
    is_place = chosen.isascii() and chosen.isdigit() and len(chosen) < 4
    if before.state is not State.BOOKED or not is_place:
        return None
    if is_tick:
        return preparing.tick(before, actor(desk), service, int(chosen))
    codes = [*(each.code for each in service.situations), preparing.NO_SITUATION]
    code = codes[int(chosen)] if int(chosen) < len(codes) else ""
    return preparing.choose_situation(before, actor(desk), service, code)
