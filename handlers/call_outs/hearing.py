"""Who can hear the phone: asked at the beginning of a shift, and whoever wants to be asked for
outside the shifts says so here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from telegram import InlineKeyboardMarkup

from bot.context import SHIFTS, Desk
from bot.domain.call_outs.ladder import (
    HEARD_EARLY,
    can_hear,
    duty_day,
    duty_starts,
    on_call,
    shift_starts,
    supervisors,
)
from bot.domain.duty_hours import is_open, next_opening
from bot.domain.roster import Room
from handlers.call_outs.wording import button
from handlers.duty import hearing_button, hours_of, rooms_of
from storage.timers import Timer

#: The timer of the next shift: ``duty`` for those who are there at any hour, else a room's code.
SHIFT = "call_outs.shift"
_DUTY = "duty"
_ROOM = "room:"


async def look_at_shifts(desk: Desk, timer: Timer) -> None:
    """`SHIFTS`: after a start or a change of the roster, when whom to ask next."""
    _set_duty(desk)
    for room in desk.roster.rooms:
        await _set_room(desk, room)


def _set_duty(desk: Desk) -> None:
    tomorrow = duty_day(desk.now, desk.zone) + timedelta(days=1)
    _set(desk, _DUTY, duty_starts(tomorrow, desk.zone))


async def _set_room(desk: Desk, room: Room) -> None:
    opens = next_opening(await hours_of(desk, room), after=desk.now)
    if opens is not None:
        _set(desk, f"{_ROOM}{room.code}", opens)


def _set(desk: Desk, key: str, due_at: datetime) -> None:
    desk.transaction.timers.set(SHIFT, key, due_at=due_at, chat_key=SHIFTS)


async def begin_shift(desk: Desk, timer: Timer) -> None:
    """`SHIFT`: ask everybody whose shift begins, once a shift."""
    if timer.key == _DUTY:
        _set_duty(desk)
        starts = duty_starts(duty_day(desk.now, desk.zone), desk.zone)
        await _ask_all(desk, await _at_any_hour(desk), starts)
        return
    room = desk.roster.room(timer.key.removeprefix(_ROOM))
    if room is None:
        return
    await _set_room(desk, room)
    hours = await hours_of(desk, room)
    if is_open(hours, at=desk.now):
        starts = shift_starts(hours, at=desk.now, zone=desk.zone)
        await _ask_all(desk, _of_room(desk, room), starts)


def _of_room(desk: Desk, room: Room) -> list[str]:
    """Whoever answers for an area of this room."""
    return [
        each.code
        for each in desk.roster.officers
        if (each.areas or each.deputy_for) and room in rooms_of(desk, each)
    ]


async def _at_any_hour(desk: Desk) -> list[str]:
    hearings = await desk.transaction.call_outs.hearings()
    chosen = [code for code, each in hearings.items() if each.opted_in_at is not None]
    called = on_call(desk.roster.on_call, at=desk.now, zone=desk.zone)
    return [*desk.roster.station.duty_desk, *called, *supervisors(desk.roster), *chosen]


async def _ask_all(desk: Desk, codes: Iterable[str], starts: datetime) -> None:
    states = await desk.transaction.officers.states()
    hearings = await desk.transaction.call_outs.hearings()
    for code in dict.fromkeys(codes):
        state = states.get(code)
        if state is None or state.chat_id is None or not state.is_reachable or state.is_absent:
            continue
        heard_at = hearings[code].heard_at
        if can_hear(heard_at, shift_starts=starts, now=desk.now):
            continue
        is_first = await desk.transaction.runs.claim(
            SHIFT, f"{code}:{starts.isoformat()}", desk.now
        )
        if is_first and not await _was_just_asked(desk, state.chat_id):
            await _ask(desk, state.chat_id)


async def _was_just_asked(desk: Desk, chat_id: int) -> bool:
    """Whoever answers for two rooms is asked once: the tap below the first question counts for a
    shift that begins within `HEARD_EARLY` of it. Notes that this chat is asked now."""
    return not await desk.transaction.runs.claim_again(
        "call_outs.asked", str(chat_id), desk.now, after=HEARD_EARLY
    )


async def _ask(desk: Desk, chat_id: int) -> None:
    words = await desk.words_of(chat_id)
    _ = words
    await desk.bot.send_message(
        chat_id,
        _("Your shift begins. Can you hear this phone? Without your tap nobody asks you in an"
          " urgent call."),
        reply_markup=InlineKeyboardMarkup([hearing_button(words)]),
    )  # fmt: skip


async def heard(desk: Desk) -> None:
    """*I can hear this*."""
    desk.transaction.call_outs.heard(desk.chat_id, desk.now)
    _ = desk.words
    await desk.answer_press(_.plain("Noted. Urgent calls come here."), is_alert=True)


# --- outside the shifts


async def show_on_call(desk: Desk) -> None:
    """``/on_call``: whether one is asked outside the shifts, and how to change it."""
    text, buttons = await _panel(desk)
    await desk.bot.send_message(desk.chat_id, text, reply_markup=buttons)


async def opt(desk: Desk) -> None:
    """Asked outside the shifts from now on, or not any more."""
    arguments = desk.press.arguments if desk.press else ()
    if arguments not in (("on",), ("off",)):
        await desk.answer_press()
        return
    desk.transaction.call_outs.opt(desk.chat_id, desk.now if arguments == ("on",) else None)
    await desk.answer_press()
    text, buttons = await _panel(desk)
    await desk.bot.edit_message_text(
        text, chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=buttons
    )


async def _panel(desk: Desk) -> tuple[str, InlineKeyboardMarkup]:
    _ = desk.words
    code = desk.officer.code if desk.officer else ""
    hearing = (await desk.transaction.call_outs.hearings())[code]
    lines = []
    if code in on_call(desk.roster.on_call, at=desk.now, zone=desk.zone):
        lines.append(_("You are on call today."))
    if hearing.opted_in_at is None:
        lines.append(_("Outside the opening hours you are not asked in urgent calls."))
        choice = button(_.plain("☎ Ask me at any hour"), "opt", "on")
    else:
        lines.append(_("Residents of your areas reach you in urgent calls at any hour."))
        choice = button(_.plain("🌙 Only in the opening hours"), "opt", "off")
    lines.append(_("Without your tap nobody asks you: a bot cannot ring through a muted phone."))
    return "\n".join(lines), InlineKeyboardMarkup([choice, hearing_button(desk.words)])
