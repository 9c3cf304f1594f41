"""What those who were asked do: take it, give it back, settle it. Exactly one takes it."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from bot.context import Desk, number_in
from bot.domain.call_outs.paging import (
    AlreadyTaken,
    CallOut,
    CallOutIsOver,
    CallOutRefused,
    CallOutState,
    asked,
    end,
    give_back,
    is_looked_for,
    take,
)
from bot.texts import Words
from handlers.call_outs.paging import OVER, STEP_DUE
from handlers.call_outs.telling import send_page, tell_anew, update_pages
from handlers.call_outs.wording import cannot_after_all_note, who, words_sent_note
from handlers.duty import when
from storage.timers import Timer


async def take_pressed(desk: Desk) -> None:
    """*I take it*: the first has it; everybody else reads who that is."""
    changed = await _change(desk, lambda each, officer: take(each, officer, now=desk.now))
    if changed is None:
        return
    _ = desk.words
    await desk.answer_press(_.plain("It is yours. The resident reads your name."))
    await _tell_taken(desk, changed)


async def request_taken(desk: Desk, timer: Timer) -> None:
    """``call_outs.request_taken``: the officer in the payload has taken the request of this call
    (feature cases), unless somebody else was first."""
    call_out = await desk.transaction.call_outs.find(int(timer.key))
    if call_out is None:
        return
    try:
        taken = take(call_out, str(timer.payload["officer"]), now=desk.now)
    except CallOutRefused:
        return
    if await desk.transaction.call_outs.change(call_out, taken):
        await _tell_taken(desk, taken)


async def answered(desk: Desk, timer: Timer) -> None:
    """``call_outs.answered``: somebody who is asked has written to the resident (feature cases) and
    finds the button below the own words, as long as nobody has taken it."""
    number, _, officer = timer.key.partition(":")
    call_out = await desk.transaction.call_outs.find(int(number))
    if call_out is not None and is_looked_for(call_out.state):
        await send_page(desk, call_out, officer, note=words_sent_note, has_phone_in_hand=True)


async def _tell_taken(desk: Desk, changed: CallOut) -> None:
    desk.transaction.timers.clear(STEP_DUE, str(changed.id))
    await update_pages(desk, changed)
    await tell_anew(desk, changed)
    desk.transaction.timers.set(
        "cases.urgent_taken",
        str(changed.id),
        due_at=desk.now,
        chat_key=str(changed.resident_chat_id),
    )


async def give_back_pressed(desk: Desk) -> None:
    """*I cannot after all*: those who were asked before are asked again, and the steps go on."""
    changed = await _change(desk, lambda each, officer: give_back(each, officer, now=desk.now))
    if changed is None or desk.officer is None:
        return
    _ = desk.words
    await desk.answer_press(_.plain("Others are asked now."))
    await _ask_others(desk, changed, desk.officer.code)


async def taker_lost(desk: Desk, timer: Timer) -> None:
    """``call_outs.taker_lost``: whoever took it cannot be reached any more, or has left the station
    (feature cases); nobody waits for somebody who knows nothing more of it."""
    call_out = await desk.transaction.call_outs.find(int(timer.key))
    if call_out is None or call_out.state is not CallOutState.TAKEN or call_out.taker is None:
        return
    changed = give_back(call_out, call_out.taker, now=desk.now)
    if await desk.transaction.call_outs.change(call_out, changed):
        await _ask_others(desk, changed, call_out.taker)


async def _ask_others(desk: Desk, changed: CallOut, giver: str) -> None:
    def who_cannot(words: Words) -> Markup:
        return cannot_after_all_note(desk, giver, words)

    note = who_cannot if desk.roster.officer(giver) is not None else None  # has left: no name
    await update_pages(desk, changed)
    for officer in asked(changed):
        if officer != giver:
            await send_page(desk, changed, officer, note=note)
    await tell_anew(desk, changed, note=note)
    desk.transaction.timers.set(
        STEP_DUE, str(changed.id), due_at=desk.now, chat_key=str(changed.resident_chat_id)
    )


async def settle_pressed(desk: Desk) -> None:
    """*It is settled*, says whoever took it."""
    changed = await _change(desk, end)
    if changed is None:
        return
    _ = desk.words
    await desk.answer_press(_.plain("Thank you. It is over."))
    desk.transaction.timers.clear(OVER, str(changed.id))
    await update_pages(desk, changed)
    await tell_anew(desk, changed)


async def _change(desk: Desk, rule: Callable[[CallOut, str], CallOut]) -> CallOut | None:
    """Apply a rule to the call-out of the press, compare and set; None when it is refused, and
    whoever pressed has read why."""
    call_out = await _of_press(desk)
    if call_out is None or desk.officer is None:
        await _refuse(desk)
        return None
    try:
        changed = rule(call_out, desk.officer.code)
    except CallOutRefused as refusal:
        await _say_why(desk, refusal)
        return None
    if await desk.transaction.call_outs.change(call_out, changed):
        return changed
    await _refuse(desk)
    return None


async def _of_press(desk: Desk) -> CallOut | None:
    number = number_in(desk.press.arguments[0] if desk.press and desk.press.arguments else "")
    return None if number is None else await desk.transaction.call_outs.find(number)


async def _say_why(desk: Desk, refusal: CallOutRefused) -> None:
    _ = desk.words
    if isinstance(refusal, AlreadyTaken) and refusal.taken_at is not None:
        text = _.plain("Taken by {who}, {time}.").format(
            who=who(desk, refusal.taker, desk.words).unescape(),
            time=when(desk, refusal.taken_at),
        )
        await desk.answer_press(text, is_alert=True)
    elif isinstance(refusal, CallOutIsOver):
        await desk.answer_press(_.plain("It is over already."), is_alert=True)
    else:
        await _refuse(desk)


async def _refuse(desk: Desk) -> None:
    _ = desk.words
    await desk.answer_press(_.plain("This call is not yours (any more)."), is_alert=True)
