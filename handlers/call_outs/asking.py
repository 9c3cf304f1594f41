"""The resident's side: the first tap shows the numbers, the second one asks for somebody."""

from __future__ import annotations

from datetime import datetime

from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.delivery.outbox import terms
from bot.domain.call_outs.ladder import supervisors
from bot.domain.call_outs.paging import (
    OVER_AFTER,
    CallOut,
    CallOutIsOver,
    CallOutState,
    OneIsUnderWay,
    check_may_ask,
    is_meant,
    withdraw,
)
from handlers.call_outs.climbing import ladder_of
from handlers.call_outs.paging import (
    OVER,
    STEP_DUE,
    go_on,
    note_over,
    show_written,
    warn_of_unheard,
)
from handlers.call_outs.telling import tell_anew, tell_step, update_pages
from handlers.call_outs.wording import button, numbers_first
from storage.outbox import Lane


async def first_tap(desk: Desk) -> None:
    """*Urgent*: the numbers, and a button that asks for somebody. Whoever has asked already reads
    how that stands."""
    newest = await desk.transaction.call_outs.newest_of(desk.chat_id)
    if newest is not None and _is_under_way(newest):
        await tell_anew(desk, newest)
    else:
        await _show_numbers(desk)


async def first_pressed(desk: Desk) -> None:
    """The same by a button under a message."""
    await desk.answer_press()
    await first_tap(desk)


async def _show_numbers(desk: Desk) -> None:
    tapped_at = await desk.transaction.call_outs.tapped_at(desk.chat_id)
    if tapped_at is None or not is_meant(tapped_at, now=desk.now):
        tapped_at = desk.now
        desk.transaction.call_outs.tap(desk.chat_id, tapped_at)
    _ = desk.words
    ask = button(_.plain("🔔 Ask for somebody now"), "page", _mark(tapped_at))
    await desk.bot.send_message(
        desk.chat_id,
        numbers_first(desk, desk.words),
        reply_markup=InlineKeyboardMarkup([ask]),
        api_kwargs=terms(lane=Lane.URGENT),
    )


def _mark(tapped_at: datetime) -> int:
    """What ties the second tap to its first one."""
    return int(tapped_at.timestamp())


def _is_under_way(call_out: CallOut) -> bool:
    try:
        check_may_ask([call_out])
    except OneIsUnderWay:
        return True
    return False


async def second_tap(desk: Desk) -> None:
    """It is meant: somebody is asked now. A tap that belongs to no first one shows the numbers."""
    tapped_at = await desk.transaction.call_outs.tapped_at(desk.chat_id)
    newest = await desk.transaction.call_outs.newest_of(desk.chat_id)
    _ = desk.words
    if newest is not None and _is_under_way(newest):
        await desk.answer_press(_.plain("You have asked already. It goes on."))
        return
    mark = desk.press.arguments[0] if desk.press and desk.press.arguments else ""
    if tapped_at is None or not is_meant(tapped_at, now=desk.now) or mark != str(_mark(tapped_at)):
        await desk.answer_press()
        await _show_numbers(desk)
        return
    await desk.answer_press(_.plain("Somebody is asked now."))
    await _ask(desk, newest)


async def _ask(desk: Desk, before: CallOut | None) -> None:
    case = desk.visitor.case
    area = desk.area.code if desk.area else case.area if case else None
    call_out = await desk.transaction.call_outs.open(
        CallOut(
            id=None,
            resident_chat_id=desk.chat_id,
            ladder=await ladder_of(desk, area),
            asked_at=desk.now,
            supervisors=supervisors(desk.roster),
            step=desk.call_out_step,
            case_number=case.number if case else None,
        )
    )
    if call_out is None:
        return  # another process was first
    if before is not None and before.state is CallOutState.UNANSWERED:
        await _end(desk, before)
    desk.transaction.call_outs.forget_tap(desk.chat_id)
    await desk.bot.edit_message_reply_markup(
        chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=None
    )
    desk.transaction.timers.set(
        OVER, str(call_out.id), due_at=desk.now + OVER_AFTER, chat_key=str(desk.chat_id)
    )
    await go_on(desk, call_out)
    await warn_of_unheard(desk, call_out)


async def withdraw_pressed(desk: Desk) -> None:
    """*I need nobody any more*: everybody who was asked reads it."""
    argument = desk.press.arguments[0] if desk.press and desk.press.arguments else ""
    newest = await desk.transaction.call_outs.newest_of(desk.chat_id)
    is_ended = newest is not None and argument == str(newest.id) and await _end(desk, newest)
    _ = desk.words
    await desk.answer_press(
        _.plain("All who were asked know it.") if is_ended else _.plain("It is over already.")
    )


async def _end(desk: Desk, call_out: CallOut) -> bool:
    """Withdrawn by the resident; False when it is over already."""
    try:
        after = withdraw(call_out, chat_id=desk.chat_id)
    except CallOutIsOver:
        return False
    await desk.transaction.call_outs.change(call_out, after)
    desk.transaction.timers.clear(STEP_DUE, str(call_out.id))
    desk.transaction.timers.clear(OVER, str(call_out.id))
    await update_pages(desk, after)
    await tell_step(desk, after)
    note_over(desk, after)
    return True


async def append(desk: Desk) -> None:
    """What the resident writes while it is urgent: it reaches the taker at once, whatever the
    hours, and everybody who is asked (feature cases)."""
    newest = await desk.transaction.call_outs.newest_of(desk.chat_id)
    if newest is None:
        return
    desk.is_emergency = desk.is_emergency or newest.state is CallOutState.TAKEN
    show_written(desk, newest)
