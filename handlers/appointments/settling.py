"""A resident is told what became of an appointment, and settles a displaced one with one tap.

The word is written in the resident's own line: after whatever the resident did before, in the
resident's language, with the times and deputies of that area.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk
from bot.delivery.outbox import terms
from bot.domain.absences import ReofferPlan
from bot.domain.appointments import booking
from bot.domain.appointments.booking import Appointment, Side, State, check_not_busy
from bot.domain.appointments.displaced import with_deputy
from bot.domain.appointments.refusals import (
    AlreadyBooked,
    AppointmentRefused,
    NoSuchSlot,
    ResidentIsBusy,
)
from handlers.appointments.moving import show_moved
from handlers.appointments.offering import diaries
from handlers.appointments.pressed import actor, pressed, refuse, show_standing
from handlers.appointments.reminding import clear_reminders
from handlers.appointments.reoffering import offer_words
from handlers.appointments.staff import tell_at_work
from handlers.appointments.telling import tell_called_off
from handlers.appointments.wording import (
    button,
    heading,
    keep_buttons,
    keyboard,
    out_of_calendar,
    told,
)
from handlers.menus import N_
from storage.outbox import FollowUp
from storage.timers import Timer

#: The word to one resident about one appointment.
TELL = "appointments.tell"
#: The old time has come, and nobody has chosen.
LAPSE = "appointments.lapse"
#: The word could not reach the resident.
UNTOLD = "appointments.untold"

_UNREACHABLE = N_(
    "{name} does not know that this appointment is not kept: messages do not get through."
)
_NOT_CHOSEN = N_("{name} chose no other time for this appointment. It is over.")


class Word(StrEnum):
    """What a resident is told."""

    OFFER = "offer"
    CALLED_OFF = "called_off"
    STANDS = "stands"
    NOT_FREE = "not_free"


#: The word is true while the appointment stands like this.
_TRUE_OF = {
    Word.OFFER: State.DISPLACED,
    Word.CALLED_OFF: State.CANCELLED,
    Word.STANDS: State.BOOKED,
    Word.NOT_FREE: State.EXPIRED,
}


async def tell_resident(
    desk: Desk,
    appointment: Appointment,
    word: Word,
    *,
    plan: ReofferPlan = ReofferPlan.NEW_TIME,
    message_id: int | None = None,
) -> None:
    """In the resident's own line. Whoever was not told yet that it is displaced need not hear that
    it stands."""
    key = str(appointment.id)
    is_untold = word is Word.STANDS and await desk.transaction.timers.find(TELL, key) is not None
    if is_untold:
        desk.transaction.timers.clear(TELL, key)
    elif appointment.resident_chat_id is not None:
        desk.transaction.timers.set(
            TELL,
            key,
            due_at=desk.now,
            chat_key=str(appointment.resident_chat_id),
            payload={"word": word.value, "plan": plan.value, "message_id": message_id},
        )


def let_lapse(desk: Desk, appointment: Appointment) -> None:
    """When its old time comes without an answer, both sides are told."""
    chat_id = appointment.resident_chat_id
    desk.transaction.timers.set(
        LAPSE,
        str(appointment.id),
        due_at=appointment.slot.starts,
        chat_key=f"appointments:{appointment.slot.officer}" if chat_id is None else str(chat_id),
    )


async def tell(desk: Desk, timer: Timer) -> None:
    """`TELL`: the word, if it is still true."""
    appointment = await desk.transaction.appointments.find(int(timer.key))
    word = Word(timer.payload["word"])
    if appointment is None or appointment.state is not _TRUE_OF[word]:
        return
    if word is Word.NOT_FREE:
        await _say_not_free(desk, appointment, timer.payload["message_id"])
    elif desk.visitor.is_unreachable and word is not Word.STANDS:
        await tell_at_work(desk, appointment, _UNREACHABLE)
    elif word is Word.OFFER:
        text, buttons = await offer_words(desk, appointment, ReofferPlan(timer.payload["plan"]))
        await desk.bot.send_message(
            desk.chat_id,
            text,
            reply_markup=buttons,
            api_kwargs=terms(on_never=FollowUp(UNTOLD, timer.key, str(desk.chat_id))),
        )
    elif word is Word.STANDS:
        await _say_it_stands(desk, appointment)
    elif appointment.ended_by is Side.OFFICER:
        await tell_called_off(desk, appointment)


async def tell_untold(desk: Desk, timer: Timer) -> None:
    """`UNTOLD`: somebody who can telephone knows that the resident does not know."""
    appointment = await desk.transaction.appointments.find(int(timer.key))
    if appointment is not None and appointment.state is State.DISPLACED:
        await tell_at_work(desk, appointment, _UNREACHABLE)


def _choose_anew(desk: Desk, stale: Sequence[InlineKeyboardButton] = ()) -> InlineKeyboardMarkup:
    _ = desk.words
    return keyboard([button(_.plain("🕘 Another time"), "services"), *stale], in_row=1)


async def _say_it_stands(desk: Desk, appointment: Appointment) -> None:
    _ = desk.words
    good = _("✔ Your appointment can be kept after all.")
    await desk.bot.send_message(
        desk.chat_id,
        Markup("{}\n\n{}").format(good, told(desk, appointment)),
        reply_markup=keep_buttons(desk, appointment),
    )


async def _say_not_free(desk: Desk, appointment: Appointment, message_id: int) -> None:
    """The officer is not there at the time that was about to be confirmed."""
    _ = desk.words
    await desk.bot.edit_message_text(
        Markup("{}\n\n{}").format(
            heading(desk, appointment.slot, desk.words), _("This time is not free (any more).")
        ),
        chat_id=desk.chat_id,
        message_id=message_id,
        reply_markup=_choose_anew(desk),
    )


# --- what the resident chooses


async def accept_deputy(desk: Desk) -> None:
    """The same time with the deputy who was offered, if that one is still free."""
    before = await pressed(desk)
    if before is None:
        return
    _ = desk.words
    try:
        after = await _moved_to_deputy(desk, before, desk.argument(2))
    except ResidentIsBusy:
        text = _.plain("You have another appointment at that time.")
        await desk.answer_press(text, is_alert=True)
    except NoSuchSlot:
        await desk.answer_press(_.plain("This time is not free (any more)."), is_alert=True)
        await show_standing(desk, before)
    except AppointmentRefused as refusal:
        await refuse(desk, before, refusal)
    else:
        if after is None:
            await refuse(desk, before)
        else:
            await show_moved(desk, before, after)


async def _moved_to_deputy(desk: Desk, before: Appointment, officer: str) -> Appointment | None:
    """Raises `AppointmentRefused`."""
    booking.check_may_move(before, actor(desk), now=desk.now)
    if before.state is not State.DISPLACED:
        raise AlreadyBooked
    service = desk.roster.service(before.slot.service)
    known = () if service is None else await diaries(desk, service)
    slot = with_deputy(before.slot, [each for each in known if each.officer == officer])
    if slot is None:
        raise NoSuchSlot(before.slot.starts)
    drawer = desk.transaction.appointments
    own = await drawer.of_resident(desk.chat_id, since=desk.now)
    check_not_busy(slot, [each for each in own if each.id != before.id])
    return await drawer.move(before, booking.move(before, slot, actor(desk), now=desk.now))


async def lapse(desk: Desk, timer: Timer) -> None:
    """`LAPSE`: the old time has come, and nothing was chosen: both sides are told."""
    before = await desk.transaction.appointments.find(int(timer.key))
    if before is None or before.state is not State.DISPLACED:
        return
    if not booking.has_expired(before, now=desk.now):
        return
    after = await desk.transaction.appointments.change(before, booking.expire(before))
    if after is None:
        return
    clear_reminders(desk, after)
    await tell_at_work(desk, after, _NOT_CHOSEN)
    if after.resident_chat_id is None or desk.visitor.is_unreachable:
        return
    _ = desk.words
    sorry = _("We are sorry: this appointment was not kept, and no other time was chosen.")
    await desk.bot.send_message(
        desk.chat_id,
        Markup("{}\n\n{}").format(sorry, heading(desk, after.slot, desk.words)),
        reply_markup=_choose_anew(
            desk, await out_of_calendar(desk, after, desk.chat_id, desk.words)
        ),
    )
