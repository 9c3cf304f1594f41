"""Saying that somebody is away: the own absence, and a colleague's by a supervisor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from markupsafe import escape
from telegram import InlineKeyboardMarkup

from bot.context import Desk, argument_in
from bot.domain.absences import Absence, AbsenceReason, AbsenceRefused, AlreadyAway, declare
from bot.domain.roster import Officer, Role
from handlers.absences.panel import actor, button, midnight, show, tell_officer
from handlers.absences.turning import end, turn_now
from handlers.menus import N_

_SET_AWAY = N_("{name} has set you away: what residents write goes to your deputies.")
_HOW_TO_COME_BACK = N_("/back when you are here again.")


async def go_away(desk: Desk) -> None:
    """``/away``: from now on, until ``/back``; ``/away 2026-12-20 2026-12-27``: all these days, of
    which one may stand alone."""
    if desk.officer is None:
        return
    starts, ends = _days_in(desk, argument_in(desk))
    await _declare_for(desk, desk.officer, starts=starts, ends=ends)


def _days_in(desk: Desk, argument: str) -> tuple[datetime, datetime | None]:
    """The first and the last day that somebody typed; now and no end for anything else."""
    days = argument.split()
    try:
        first, last = (date.fromisoformat(each) for each in (days * 2 if len(days) == 1 else days))
        starts, ends = midnight(desk, first), midnight(desk, last + timedelta(days=1))
    except (ValueError, OverflowError):
        return desk.now, None
    return max(starts, desk.now), ends


async def _declare_for(
    desk: Desk, officer: Officer, *, starts: datetime, ends: datetime | None = None
) -> None:
    absence = Absence(
        id=None,
        officer=officer.code,
        starts=starts,
        ends=ends,
        reason=AbsenceReason.OTHER,
        set_by=desk.visitor.officer or "",
        declared_at=desk.now,
    )
    known = await desk.transaction.absences.known(desk.now)
    try:
        declared = await desk.transaction.absences.declare(
            declare(absence, known, actor(desk), now=desk.now)
        )
    except AlreadyAway as refusal:
        found = next((each for each in known if each.id == refusal.other), None)
        await turn_now(desk, officer.code)
        if found is not None:
            await show(desk, found, is_new=True)
        return
    except AbsenceRefused:
        _ = desk.words
        await desk.bot.send_message(desk.chat_id, _("These days cannot be chosen."))
        return
    await turn_now(desk, officer.code)
    await show(desk, declared, is_new=True)
    await tell_officer(desk, officer.code, _SET_AWAY, _HOW_TO_COME_BACK)


async def come_back(desk: Desk) -> None:
    """``/back``: new requests come here again."""
    if desk.officer is None:
        return
    await end(desk, desk.officer.code)
    _ = desk.words
    await desk.bot.send_message(desk.chat_id, _("You are back: new requests come to you."))


async def show_team(desk: Desk) -> None:
    """``/team``: everybody, and who is away; for supervisors with a tap to say so."""
    _ = desk.words
    states = await desk.transaction.officers.states()
    people = [
        (f"{'⏸' if state.is_absent else '●'} {desk.name_of(officer.name, desk.words)}", officer)
        for officer in desk.roster.officers
        for state in [states.get(officer.code)]
        if state is not None
    ]
    if desk.role is not Role.SUPERVISOR:
        await desk.bot.send_message(desk.chat_id, escape("\n".join(text for text, _who in people)))
        return
    await desk.bot.send_message(
        desk.chat_id,
        _("Who is away? A tap sets somebody away, or shows until when."),
        reply_markup=InlineKeyboardMarkup(
            [[button(text, "for", officer.code)] for text, officer in people]
        ),
    )


async def set_away(desk: Desk) -> None:
    """A supervisor's tap on somebody's name."""
    officer = desk.roster.officer(desk.argument(0))
    states = await desk.transaction.officers.states()
    if officer is None or officer.code not in states:
        _ = desk.words
        await desk.answer_press(_.plain("This has moved on."), is_alert=True)
        return
    await desk.answer_press()
    await _declare_for(desk, officer, starts=desk.now.astimezone(UTC))
