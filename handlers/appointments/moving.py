"""Another time for a booked appointment: the old one is free only when the new one is taken."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from bot.context import Desk
from bot.domain.appointments import booking
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.refusals import (
    AppointmentRefused,
    NoSuchSlot,
    ResidentIsBusy,
    SlotTaken,
)
from handlers.appointments import calendar
from handlers.appointments.calendar import Calendar, day_in, moment_in
from handlers.appointments.pressed import actor, pressed, refuse, show_standing
from handlers.appointments.reminding import clear_reminders, set_reminders
from handlers.appointments.telling import tell_moved
from handlers.appointments.wording import (
    back,
    edit_pressed,
    keep_buttons,
    minutes_of,
    officer_name,
    told,
)


async def show_days(desk: Desk) -> None:
    """The days to which it can be moved."""
    found = await _movable(desk)
    if found is not None:
        await desk.answer_press()
        await calendar.show_days(desk, found[1])


async def _movable(desk: Desk) -> tuple[Appointment, Calendar] | None:
    """The pressed appointment and the times it can have; None after a word on why it stays."""
    before = await pressed(desk)
    if before is None:
        return None
    service = desk.roster.service(before.slot.service)
    try:
        booking.check_may_move(before, actor(desk), now=desk.now)
    except AppointmentRefused as refusal:
        await refuse(desk, before, refusal)
        return None
    if service is None or before.slot.way not in service.ways:
        await refuse(desk, before)
        return None
    arguments = (before.id, minutes_of(before.slot.starts))
    return before, Calendar(
        service,
        before.slot.way,
        day="moveday",
        time="moveto",
        back=back(desk, "keep", *arguments),
        arguments=arguments,
        moving=before,
    )


async def show_times(desk: Desk) -> None:
    """The times of one day."""
    found, day = await _movable(desk), day_in(desk.argument(2))
    if found is None:
        return
    before, wanted = found
    if day is None:
        await refuse(desk, before)
        return
    await calendar.show_times(desk, wanted, day, back(desk, "move", *wanted.arguments))


async def move(desk: Desk) -> None:
    """Moved, and the officer told; or, if somebody was first there, everything as it was and the
    nearest times."""
    found, starts = await _movable(desk), moment_in(desk.argument(2))
    if found is None:
        return
    before, wanted = found
    if starts is None:
        await refuse(desk, before)
        return
    try:
        after = await _move(desk, before, wanted, starts)
    except ResidentIsBusy:
        _ = desk.words
        text = _.plain("You have another appointment at that time.")
        await desk.answer_press(text, is_alert=True)
        await calendar.show_days(desk, wanted)
        return
    except (NoSuchSlot, SlotTaken):
        await calendar.offer_instead(desk, wanted, starts)
        return
    if after is None:
        await refuse(desk, before)
        return
    await desk.answer_press()
    await show_moved(desk, before, after)


async def _move(
    desk: Desk, before: Appointment, wanted: Calendar, starts: datetime
) -> Appointment | None:
    """Raises `NoSuchSlot`, `ResidentIsBusy`, `SlotTaken`."""
    free = await wanted.free(desk)
    slot = next((each for each in free if each.starts == starts), None)
    if slot is None:
        raise NoSuchSlot(starts)
    drawer = desk.transaction.appointments
    own = await drawer.of_resident(desk.chat_id, since=desk.now)
    booking.check_not_busy(slot, [each for each in own if each.id != before.id])
    return await drawer.move(before, booking.move(before, slot, actor(desk), now=desk.now))


async def show_moved(desk: Desk, before: Appointment, after: Appointment) -> None:
    """The resident reads how it stands now, the officers what has changed."""
    clear_reminders(desk, before)
    await set_reminders(desk, after)
    _ = desk.words
    done = _("✔ Moved.")
    if after.slot.starts == before.slot.starts:  # somebody else keeps it
        done = _("✔ The time stays the same. {name} takes care of you now.").format(
            name=officer_name(desk, after.slot.officer, desk.words)
        )
    await edit_pressed(
        desk, Markup("{}\n\n{}").format(done, told(desk, after)), keep_buttons(desk, after)
    )
    await tell_moved(desk, before, after)


async def keep(desk: Desk) -> None:
    """It stays as it is."""
    found = await pressed(desk)
    if found is not None:
        await desk.answer_press()
        await show_standing(desk, found)
