"""Step by step until somebody takes it: whoever is due is asked, and the resident reads it."""

from __future__ import annotations

from bot.context import Desk
from bot.delivery.outbox import terms
from bot.domain.call_outs.paging import (
    CallOut,
    CallOutRefused,
    GiveUp,
    Page,
    Wait,
    after_giving_up,
    after_paging,
    asked,
    lapse,
    next_step,
)
from handlers.call_outs.telling import about, send_page, tell_anew, tell_step, update_pages
from handlers.call_outs.wording import nobody_answered_note, unheard_note, unheard_warning
from storage.outbox import Lane
from storage.timers import Timer

#: The timer of the next step; in the resident's line, written with the step before it.
STEP_DUE = "call_outs.step"
#: The timer that ends what nobody ended.
OVER = "call_outs.over"


async def step(desk: Desk, timer: Timer) -> None:
    """`STEP_DUE`: the time of a step is over, unless somebody took it meanwhile."""
    call_out = await desk.transaction.call_outs.find(int(timer.key))
    if call_out is not None:
        await go_on(desk, call_out)


async def unreached(desk: Desk, timer: Timer) -> None:
    """``call_outs.unreached``: what asked somebody never comes; no step waits for that person."""
    number, _, officer = timer.key.partition(":")
    desk.transaction.call_outs.unreached(int(number), officer)
    call_out = await desk.transaction.call_outs.find(int(number))
    if call_out is not None:
        await go_on(desk, call_out)


async def go_on(desk: Desk, call_out: CallOut) -> CallOut:
    """Everything that is due now; with the time of the next step. As it is on file afterwards."""
    before = call_out
    while True:
        what = next_step(call_out, now=desk.now, unreached=await _unreached(desk, call_out))
        if not isinstance(what, Page):
            break
        call_out = await _page(desk, call_out, what)
    if isinstance(what, Wait):
        desk.transaction.timers.set(
            STEP_DUE,
            str(call_out.id),
            due_at=what.until,
            chat_key=str(call_out.resident_chat_id),
        )
    if isinstance(what, GiveUp):
        return await _give_up(desk, call_out, what)
    if call_out is not before:
        await tell_step(desk, call_out)
    return call_out


async def _unreached(desk: Desk, call_out: CallOut) -> frozenset[str]:
    """Who was to be asked and got nothing."""
    pages = await desk.transaction.call_outs.pages(call_out.id or 0)
    reached = {each.officer for each in pages if not each.is_unreached}
    return frozenset(asked(call_out)) - reached


async def _page(desk: Desk, call_out: CallOut, what: Page) -> CallOut:
    """Ask the people of one step, in the transaction that counts it."""
    after = after_paging(call_out)
    await desk.transaction.call_outs.change(call_out, after)
    for officer in what.step.people:
        is_unheard = officer in call_out.ladder.unheard
        await send_page(desk, after, officer, note=unheard_note if is_unheard else None)
    show_written(desk, after)
    return after


async def _give_up(desk: Desk, call_out: CallOut, what: GiveUp) -> CallOut:
    """Numbers and hot line again, and those who must know it are alarmed; all may still take it."""
    after = after_giving_up(call_out)
    await desk.transaction.call_outs.change(call_out, after)
    await update_pages(desk, after)
    for officer in what.alarm:
        await send_page(desk, after, officer, note=nobody_answered_note)
    await tell_anew(desk, after)
    show_written(desk, after)
    return after


async def warn_of_unheard(desk: Desk, call_out: CallOut) -> None:
    """The supervisors learn who was left out, or is asked for want of better, without the tap."""
    codes = call_out.ladder.unheard
    states = await desk.transaction.officers.states()
    resident = await about(desk, call_out)
    for officer in call_out.supervisors if codes else ():
        state = states.get(officer)
        if state is not None and state.chat_id is not None and state.is_reachable:
            words = await desk.words_of(state.chat_id)
            await desk.bot.send_message(
                state.chat_id,
                unheard_warning(desk, call_out, resident, codes, words),
                protect_content=True,
                api_kwargs=terms(lane=Lane.URGENT),
            )


def show_written(desk: Desk, call_out: CallOut) -> None:
    """Whoever was asked sees what the resident writes (feature cases)."""
    desk.transaction.timers.set(
        "cases.show_urgent",
        str(call_out.id),
        due_at=desk.now,
        chat_key=str(call_out.resident_chat_id),
    )


def note_over(desk: Desk, call_out: CallOut) -> None:
    """What the resident wrote meanwhile waits like all else (feature cases)."""
    desk.transaction.timers.set(
        "cases.urgent_over",
        str(call_out.id),
        due_at=desk.now,
        chat_key=str(call_out.resident_chat_id),
    )


async def over(desk: Desk, timer: Timer) -> None:
    """`OVER`: half a day later nobody has ended it."""
    call_out = await desk.transaction.call_outs.find(int(timer.key))
    if call_out is None:
        return
    try:
        after = lapse(call_out, now=desk.now)
    except CallOutRefused:
        return
    await desk.transaction.call_outs.change(call_out, after)
    await update_pages(desk, after)
    await tell_step(desk, after)
    note_over(desk, after)
