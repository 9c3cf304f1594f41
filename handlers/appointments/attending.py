"""Whether an appointment takes place: the officer is late, the resident came, or did not."""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup

from bot.context import Desk
from bot.domain.appointments import booking
from bot.domain.appointments.booking import LATE_CHOICES, Appointment
from handlers.appointments.agenda import show_entry
from handlers.appointments.keeping import settle
from handlers.appointments.pressed import actor, pressed, refuse
from handlers.appointments.reminding import clear_reminders
from handlers.appointments.wording import (
    back,
    button,
    edit_pressed,
    heading,
    keyboard,
    minutes_of,
    officer_name,
)


async def run_late(desk: Desk) -> None:
    """One tap: the resident knows at once when the officer comes."""
    text = desk.argument(2)
    minutes = next((each for each in LATE_CHOICES if str(each) == text), None)
    if minutes is None:
        await refuse(desk)
        return
    after = await settle(
        desk, lambda each: booking.run_late(each, actor(desk), minutes=minutes, now=desk.now)
    )
    if after is not None:
        await show_entry(desk, after)
        await _tell_late(desk, after)


async def _tell_late(desk: Desk, after: Appointment) -> None:
    if after.resident_chat_id is None:
        return
    words = await desk.words_of(after.resident_chat_id)
    _ = words
    expected = after.slot.starts + timedelta(minutes=after.late_minutes)
    late = _("⏳ {name} is running late and expects you at {time}.").format(
        name=officer_name(desk, after.slot.officer, words), time=words.clock_time(expected)
    )
    await desk.bot.send_message(
        after.resident_chat_id, Markup("{}\n{}").format(late, heading(desk, after.slot, words))
    )


async def ask_why(desk: Desk) -> None:
    """Before it is called off: the reason that the resident reads, or the way back."""
    found = await pressed(desk)
    if found is None:
        return
    await desk.answer_press()
    _ = desk.words
    which = (found.id, minutes_of(found.slot.starts))
    reasons = {
        "elsewhere": _.plain("Needed elsewhere"),
        "closed": _.plain("The room is closed"),
        "asked": _.plain("The resident asked for it"),
        "": _.plain("Without a reason"),
    }
    buttons = [button(text, "cancel", *which, code) for code, text in reasons.items()]
    text = Markup("{}\n\n{}").format(
        heading(desk, found.slot, desk.words), _("Cancel it, and why?")
    )
    await edit_pressed(desk, text, keyboard([*buttons, back(desk, "entry", *which)], in_row=1))


async def came(desk: Desk) -> None:
    """It was kept: nothing more to say."""
    after = await settle(desk, lambda each: booking.done(each, actor(desk), now=desk.now))
    if after is not None:
        _ = desk.words
        await _close(desk, after, _("✔ Came."))


async def missed(desk: Desk) -> None:
    """Nobody came: the resident may choose another time, without a reproach."""
    after = await settle(desk, lambda each: booking.no_show(each, actor(desk), now=desk.now))
    if after is None:
        return
    _ = desk.words
    await _close(desk, after, _("✖ Did not come."))
    if after.resident_chat_id is None:
        return
    words = await desk.words_of(after.resident_chat_id)
    _ = words
    text = _("You could not come to your appointment. Would you like another time?")
    await desk.bot.send_message(
        after.resident_chat_id,
        Markup("{}\n{}").format(text, heading(desk, after.slot, words)),
        reply_markup=keyboard([button(_.plain("🕘 Another time"), "services")], in_row=1),
    )


async def _close(desk: Desk, after: Appointment, line: Markup) -> None:
    clear_reminders(desk, after)
    text = Markup("{}\n{}").format(line, heading(desk, after.slot, desk.words))
    await edit_pressed(desk, text, keyboard([back(desk, "agenda", "today", 0)], in_row=1))
