"""What is asked around a booking waits for its answer here.

Only a reply to the question, or a shared place or the own contact while it is open, is its answer;
everything else goes to the officer as always.
"""

from __future__ import annotations

from datetime import timedelta

from bot.context import Desk
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.refusals import AppointmentRefused, NoNumber, TooLong
from handlers.appointments.wording import button, keyboard
from storage.dialogues import Dialogue

#: The dialogues of the three questions: where to come, where to call, the service's own. The ``id``
#: in their data says about which appointment.
PLACE, PHONE, QUESTION = "appointments.place", "appointments.phone", "appointments.question"
#: A question that nobody answered for a day is forgotten by then.
KEPT = timedelta(days=1)


def is_asked(desk: Desk, kind: str) -> bool:
    """Whether this question is open."""
    dialogue = desk.visitor.dialogue
    return dialogue is not None and dialogue.kind == kind


def stop_asking(desk: Desk, appointment: Appointment) -> None:
    """What is over has no questions: a reply to them is a message for the officer."""
    dialogue = desk.visitor.dialogue
    is_about_it = (
        dialogue is not None
        and dialogue.kind in (PLACE, PHONE, QUESTION)
        and dialogue.data["id"] == appointment.id
    )
    if dialogue is not None and is_about_it:
        desk.transaction.dialogues.end(dialogue.id)


async def asked_for(desk: Desk) -> tuple[Dialogue, Appointment]:
    """The open question, and the appointment that it is about."""
    dialogue = desk.visitor.dialogue
    if dialogue is None:
        raise LookupError("an answer without its question")
    found = await desk.transaction.appointments.find(dialogue.data["id"])
    if found is None:
        raise LookupError("a question about an appointment that is not on file")
    return dialogue, found


async def refuse_answer(desk: Desk, before: Appointment, refusal: AppointmentRefused) -> None:
    """A word on why; the question stays open for what can be written better."""
    _ = desk.words
    if isinstance(refusal, TooLong):
        text = _("Please reply once more, in at most {count} characters.")
        await desk.bot.send_message(desk.chat_id, text.format(count=refusal.limit))
    elif isinstance(refusal, NoNumber):
        await desk.bot.send_message(
            desk.chat_id, _("This is not a phone number. Please reply once more with the number.")
        )
    else:
        stop_asking(desk, before)
        another = keyboard([button(_.plain("🕘 Another time"), "services")], in_row=1)
        await desk.bot.send_message(desk.chat_id, _("This has moved on."), reply_markup=another)


async def keep_answer(desk: Desk, before: Appointment, after: Appointment) -> Appointment | None:
    """The question is over, and the answer on file; None when somebody changed it first."""
    stop_asking(desk, before)
    return await desk.transaction.appointments.change(before, after)
