"""What an officer has before: today and the coming week."""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup

from bot.context import Desk
from bot.domain.appointments.booking import State
from handlers.appointments.reminding import name_of_resident
from handlers.appointments.wording import button, keyboard, service_name

#: A week from now on.
_SHOWN = timedelta(days=7)
#: One message holds so many; more in a week is more than one officer can receive.
_MOST_SHOWN = 30


async def show_agenda(desk: Desk) -> None:
    """``/agenda``: the booked appointments of the coming week, each with a button to cancel it."""
    if desk.officer is None:
        return
    _ = desk.words
    today = desk.now.astimezone(desk.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found = await desk.transaction.appointments.of_officer(
        desk.officer.code, since=today, until=desk.now + _SHOWN
    )
    booked = [each for each in found if each.state is not State.HELD][:_MOST_SHOWN]
    lines = [
        Markup("{when} · {what} · {who}").format(
            when=desk.words.day_and_time(each.slot.starts),
            what=service_name(desk, each.slot.service, desk.words),
            who=await name_of_resident(desk, each),
        )
        for each in booked
    ]
    buttons = [
        button(f"✖ {desk.words.day_and_time(each.slot.starts)}", "cancel", each.id)
        for each in booked
        if each.slot.starts > desk.now
    ]
    text = Markup("\n").join([_("Your appointments this week:"), *lines])
    await desk.bot.send_message(
        desk.chat_id,
        text if lines else _("No appointments this week."),
        reply_markup=keyboard(buttons, in_row=2) if buttons else None,
    )
