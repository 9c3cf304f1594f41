"""What is chosen by taps under an absence: why, until when, from when, and open requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.context import Desk, number_in
from bot.domain.absences import (
    Absence,
    AbsenceReason,
    AbsenceRefused,
    OpenCases,
    ReofferPlan,
    declare,
)
from bot.domain.roster import Role
from handlers.absences.panel import (
    actor,
    choice_of,
    day_of,
    how_many_booked,
    midnight,
    show,
    tell_officer,
)
from handlers.absences.turning import end, offer_cases, turn_now
from handlers.menus import N_
from storage.appointments import DISPLACE

#: The dialogue that asks who ordered it, and how long it waits for the reply.
ORDERED_BY = "absences.ordered_by"
_ASKED_FOR = timedelta(hours=12)
#: How long a name of whoever ordered it may be: it stands in lists.
_NAME_LENGTH = 60
_SET_TIMES = N_("{name} has changed when you are away.")
_SET_BACK = N_("{name} has set you back: what residents write comes to you again.")


async def _of_press(desk: Desk) -> tuple[Absence, str] | None:
    """The absence that a press is about and what was chosen, if it lasts or lies ahead, and whoever
    pressed may say so."""
    number, value = number_in(desk.argument(0)), desk.argument(1)
    absence = None if number is None else await desk.transaction.absences.find(number)
    is_over = absence is None or (absence.ends is not None and absence.ends <= desk.now)
    may = absence is not None and (
        absence.officer == desk.visitor.officer or desk.role is Role.SUPERVISOR
    )
    if absence is None or is_over or not may:
        _ = desk.words
        await desk.answer_press(_.plain("This has moved on."), is_alert=True)
        return None
    return absence, value


async def _change(desk: Desk, absence: Absence) -> None:
    """The absence as it is said now, checked like a new one."""
    known = [
        each for each in await desk.transaction.absences.known(desk.now) if each.id != absence.id
    ]
    try:
        changed = declare(absence, known, actor(desk), now=desk.now)
    except AbsenceRefused:
        await _show_as_it_is(desk, absence.id or 0)
        return
    before = await desk.transaction.absences.find(changed.id or 0)
    desk.transaction.absences.change(changed)
    await turn_now(desk, changed.officer)
    await desk.answer_press()
    await show(desk, changed)
    if before is not None and (before.starts, before.ends) != (changed.starts, changed.ends):
        await tell_officer(desk, changed.officer, _SET_TIMES, now=changed)


async def _show_as_it_is(desk: Desk, number: int) -> None:
    """An old button, such as last night's *until tonight*, becomes the present ones."""
    _ = desk.words
    await desk.answer_press(_.plain("This has moved on."), is_alert=True)
    absence = await desk.transaction.absences.find(number)
    if absence is not None:
        await show(desk, absence)


async def choose_reason(desk: Desk) -> None:
    """Why. Pulled away for other duty asks who ordered it."""
    found = await _of_press(desk)
    if found is None:
        return
    absence, value = found
    if value not in set(AbsenceReason):
        await desk.answer_press()
    elif AbsenceReason(value) is AbsenceReason.PULLED_AWAY:
        await _ask_who_ordered_it(desk, absence)
    else:
        await _change(desk, replace(absence, reason=AbsenceReason(value), ordered_by=""))


async def _ask_who_ordered_it(desk: Desk, absence: Absence) -> None:
    await desk.answer_press()
    _ = desk.words
    sent = await desk.bot.send_message(
        desk.chat_id, _("Who ordered it? Reply to this message with the name.")
    )
    data = {"absence": absence.id}
    await desk.await_reply(ORDERED_BY, sent.message_id, data=data, kept=_ASKED_FOR)


async def take_who_ordered_it(desk: Desk) -> None:
    """The reply: pulled away, with who ordered it."""
    dialogue = desk.visitor.dialogue
    if dialogue is None:
        return
    desk.transaction.dialogues.end(dialogue.id)
    absence = await desk.transaction.absences.find(int(dialogue.data["absence"]))
    if absence is None:
        return
    name = str(desk.raw_message.get("text", "")).strip()[:_NAME_LENGTH]
    changed = replace(absence, reason=AbsenceReason.PULLED_AWAY, ordered_by=name)
    desk.transaction.absences.change(changed)
    await show(desk, changed, is_new=True)


async def choose_until(desk: Desk) -> None:
    """Until the night before that day."""
    found = await _of_press(desk)
    if found is None:
        return
    absence, value = found
    ends = _midnight_of(desk, value)
    if ends is None:
        await _show_as_it_is(desk, absence.id or 0)
        return
    await _change(desk, replace(absence, ends=ends))


async def choose_start(desk: Desk) -> None:
    """Not yet: from tomorrow on."""
    found = await _of_press(desk)
    if found is None:
        return
    absence, value = found
    today = day_of(desk, desk.now)
    if value != today.isoformat() or day_of(desk, absence.starts) != today:
        await _show_as_it_is(desk, absence.id or 0)
        return
    starts = midnight(desk, today + timedelta(days=1))
    ends = absence.ends if absence.ends is None or absence.ends > starts else None
    await _change(desk, replace(absence, starts=starts, ends=ends))


def _midnight_of(desk: Desk, day: str) -> datetime | None:
    try:
        return midnight(desk, date.fromisoformat(day))
    except (ValueError, OverflowError):
        return None


async def hand_over(desk: Desk) -> None:
    """The open requests are offered to whoever stands in."""
    found = await _of_press(desk)
    if found is None:
        return
    absence, _value = found
    changed = replace(absence, open_cases=OpenCases.TO_DEPUTY)
    await _change(desk, changed)
    await offer_cases(desk, changed)


async def choose_for_booked(desk: Desk) -> None:
    """What becomes of all the appointments in it, at once (feature appointments)."""
    found = await _of_press(desk)
    if found is None:
        return
    absence, value = found
    if value in set(ReofferPlan) and await how_many_booked(desk, absence):
        desk.transaction.timers.set(
            DISPLACE,
            choice_of(absence),
            due_at=desk.now,
            chat_key=f"appointments:{absence.officer}",
            payload={"plan": value},
        )
        await desk.answer_press()
    else:
        _ = desk.words
        await desk.answer_press(_.plain("This has moved on."))
    await show(desk, absence)


async def come_back_by_button(desk: Desk) -> None:
    """The same under an absence, also by a supervisor."""
    found = await _of_press(desk)
    if found is None:
        return
    absence, _value = found
    if absence.starts > desk.now:  # as if it never was
        desk.transaction.absences.change(
            replace(absence, starts=desk.now - timedelta(seconds=1), ends=desk.now)
        )
        await turn_now(desk, absence.officer)
    else:
        await end(desk, absence.officer)
    _ = desk.words
    officer = desk.roster.officer(absence.officer)
    await desk.answer_press()
    await tell_officer(desk, absence.officer, _SET_BACK)
    await desk.bot.edit_message_text(
        _("{name} is back.").format(
            name=desk.name_of(officer.name, desk.words) if officer else absence.officer
        ),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
    )
