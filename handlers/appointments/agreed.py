"""A time agreed outside the slots (feature service_requests) is an appointment like any other."""

from __future__ import annotations

from markupsafe import Markup

from bot.context import Desk
from bot.delivery.outbox import terms
from bot.domain.appointments.booking import State
from handlers.appointments.questions import ask_next
from handlers.appointments.reminding import UNHEARD, set_reminders
from handlers.appointments.wording import keep_buttons, told
from storage.outbox import FollowUp
from storage.timers import Timer


async def tell_agreed(desk: Desk, timer: Timer) -> None:
    """``appointments.agreed``: the resident gets everything to know, and both are reminded, unless
    it was called off or displaced meanwhile: that has a word of its own."""
    booked = await desk.transaction.appointments.find(int(timer.key))
    if booked is None or booked.state is not State.BOOKED:
        return
    await set_reminders(desk, booked)
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        Markup("{}\n\n{}").format(_("✔ Booked."), told(desk, booked)),
        reply_markup=keep_buttons(desk, booked),
        api_kwargs=terms(on_never=FollowUp(UNHEARD, timer.key, str(desk.chat_id))),
    )
    if desk.visitor.dialogue is None:  # nobody is interrupted: it is asked for, not needed
        await ask_next(desk, booked)
