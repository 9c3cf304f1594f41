"""The appointment under a pressed button, and what has become of it.

A button repeats the time that its message shows: what was moved since is not cancelled by an old
message of another time.
"""

from __future__ import annotations

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk, number_in
from bot.domain.appointments.booking import AHEAD, Actor, Appointment, State, side_of
from bot.domain.appointments.refusals import (
    AlreadyBooked,
    AlreadyStarted,
    AppointmentRefused,
    NotYet,
    NotYours,
)
from bot.domain.roster import Role
from handlers.appointments.holding import held_words
from handlers.appointments.reminding import name_of_resident
from handlers.appointments.reoffering import offer_words
from handlers.appointments.wording import (
    back,
    button,
    edit_pressed,
    for_officer,
    heading,
    keep_buttons,
    keyboard,
    minutes_of,
    out_of_calendar,
    told,
)


def actor(desk: Desk) -> Actor:
    """Whoever pressed; the duty desk and supervisors act for all officers."""
    is_desk = desk.visitor.officer in desk.roster.station.duty_desk
    return Actor(
        chat_id=desk.chat_id,
        officer=desk.visitor.officer,
        may_act_for_all=is_desk or desk.role is Role.SUPERVISOR,
    )


async def on_file(desk: Desk) -> Appointment | None:
    """The appointment that the button names, whosever it is."""
    number = number_in(desk.argument(0))
    return None if number is None else await desk.transaction.appointments.find(number)


async def pressed(desk: Desk) -> Appointment | None:
    """The appointment that the button names, as its message shows it; None after a word on why not:
    it is nobody's, somebody else's, or at another time now."""
    found = await on_file(desk)
    if found is None or not _is_own(desk, found):
        await refuse(desk)
        return None
    if desk.argument(1) not in ("", str(minutes_of(found.slot.starts))):
        await refuse(desk, found)
        return None
    return found


def _is_own(desk: Desk, found: Appointment) -> bool:
    try:
        side_of(found, actor(desk))
    except NotYours:
        return False
    return True


async def refuse(
    desk: Desk, found: Appointment | None = None, refusal: AppointmentRefused | None = None
) -> None:
    """Why not; and how it stands now: to the resident whose it is with what can be done, to people
    of the station with the way to their agenda. What is only too early for them stays as it is."""
    await desk.answer_press(_why(desk, refusal), is_alert=True)
    if found is not None and desk.officer is None:
        await show_standing(desk, found)
    elif found is not None and (refusal is None or found.state not in AHEAD):
        text = await _as_staff_reads(desk, found)
        await edit_pressed(desk, text, keyboard([back(desk, "agenda", "today", 0)], in_row=1))


async def _as_staff_reads(desk: Desk, found: Appointment) -> Markup:
    if found.state not in AHEAD:
        return Markup("{}\n{}").format(_over(desk, found), heading(desk, found.slot, desk.words))
    who = await name_of_resident(desk, found)
    return Markup("<b>{}</b>\n{}").format(who, for_officer(desk, found, desk.words))


def _why(desk: Desk, refusal: AppointmentRefused | None) -> str:
    _ = desk.words
    if isinstance(refusal, AlreadyBooked):
        return _.plain("It is booked already.")
    if isinstance(refusal, AlreadyStarted):
        return _.plain("It has begun: it cannot be moved or cancelled any more.")
    if isinstance(refusal, NotYet):
        when = desk.words.day_and_time(refusal.since)
        return _.plain("It is too early for that: from {when}.").format(when=when)
    return _.plain("This has moved on.")


async def show_standing(desk: Desk, found: Appointment) -> None:
    """The pressed message says how the resident's appointment stands now."""
    await edit_pressed(desk, *await standing_words(desk, found))


async def standing_words(desk: Desk, found: Appointment) -> tuple[Markup, InlineKeyboardMarkup]:
    """How the resident's appointment stands now, and what can be done with it."""
    _ = desk.words
    if found.state is State.HELD:
        return held_words(desk, found)
    if found.state is State.DISPLACED:
        return await offer_words(desk, found)
    if found.state is State.BOOKED:
        text = Markup("{}\n\n{}").format(_("✔ Booked."), told(desk, found))
        return text, keep_buttons(desk, found)
    another = button(_.plain("🕘 Another time"), "services")
    stale = await out_of_calendar(desk, found, desk.chat_id, desk.words)
    line = Markup("{}\n{}").format(_over(desk, found), heading(desk, found.slot, desk.words))
    return line, keyboard([another, *stale], in_row=1)


def _over(desk: Desk, found: Appointment) -> Markup:
    _ = desk.words
    if found.state is State.CANCELLED:
        return _("✖ Cancelled.")
    if found.state is State.EXPIRED:
        return _("The time was not confirmed and is free again.")
    return _("This appointment is over.")
