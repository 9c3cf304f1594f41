"""An urgent call and the request it belongs to: what the resident writes is seen by those who are
asked, and whoever takes the call has the request."""

from __future__ import annotations

from dataclasses import replace

from bot.context import Desk
from bot.delivery.content import words_in
from bot.domain.call_outs.paging import CallOut, CallOutState, asked, is_looked_for
from bot.domain.cases import Case, last_words
from handlers.cases.carrying import Written
from handlers.cases.placing import place_unplaced, take_over
from handlers.cases.receipts import update_receipt
from handlers.cases.shown import note_page, show_copy
from storage.timers import Timer

#: What somebody who is asked later is shown of a request at once.
SHOWN_AT_ONCE = 20


async def show_urgent(desk: Desk, timer: Timer) -> None:
    """``cases.show_urgent``: something was written, or somebody else was asked; each of them gets
    what is unanswered, once, below the message that asks, as long as somebody is looked for:
    afterwards words are between the resident and whoever has the request."""
    call_out = await desk.transaction.call_outs.find(int(timer.key))
    if call_out is None or not is_looked_for(call_out.state):
        return
    case = await _case_of(desk)
    if case is None:
        return
    states = await desk.transaction.officers.states()
    for page in await desk.transaction.call_outs.pages(call_out.id or 0):
        state = states.get(page.officer)
        is_theirs = state is not None and state.chat_id == page.chat_id  # nobody who has left
        if is_theirs and page.chat_id != case.owner_chat_id and not page.is_unreached:
            await note_page(desk, case, page.chat_id, page.promise)
            await _show_all(desk, case, page.chat_id)


async def _case_of(desk: Desk) -> Case | None:
    """The resident's case; opened now, before an area is chosen."""
    if desk.visitor.case is None:
        await place_unplaced(desk)
    return await desk.transaction.cases.unclosed_of(desk.chat_id)


async def _show_all(desk: Desk, case: Case, chat_id: int) -> None:
    waiting = await desk.transaction.messages.unanswered(case)
    newest = {message.message_id: message for message in waiting}
    for message in list(newest.values())[-SHOWN_AT_ONCE:]:
        made = await desk.transaction.copies.made_of(message.chat_id, message.message_id)
        if chat_id not in {copy.chat_id for copy in made}:
            await show_copy(desk, case, chat_id, Written(message.message_id, message.content))


async def urgent_taken(desk: Desk, timer: Timer) -> None:
    """``cases.urgent_taken``: whoever took the call is responsible for the request from now on, so
    that words go both ways; at night as well."""
    call_out = await desk.transaction.call_outs.find(int(timer.key))
    chat_id = await _takers_chat(desk, call_out) if call_out is not None else None
    if call_out is None or call_out.taker is None or chat_id is None:
        return
    desk.is_emergency = True
    case = await desk.transaction.cases.unclosed_of(desk.chat_id) or await _opened(desk)
    if case.owner != call_out.taker or case.owner_chat_id != chat_id:
        await take_over(desk, case, call_out.taker, chat_id)


async def _takers_chat(desk: Desk, call_out: CallOut) -> int | None:
    pages = await desk.transaction.call_outs.pages(call_out.id or 0)
    return next((each.chat_id for each in pages if each.officer == call_out.taker), None)


async def _opened(desk: Desk) -> Case:
    """A request of its own for the call, with what was written before an area was known."""
    area = desk.area.code if desk.area else None
    case = await desk.transaction.cases.open(resident_chat_id=desk.chat_id, area=area, now=desk.now)
    held = await desk.transaction.messages.held(desk.chat_id)
    if held:
        newest = last_words(words_in(held[-1].content))
        desk.transaction.messages.place_held(desk.chat_id, case.number, newest)
        case = replace(case, last_words=newest)
    return case


async def urgent_over(desk: Desk, timer: Timer) -> None:
    """``cases.urgent_over``: nobody is asked any more; what waits, waits like all else."""
    if desk.visitor.case is not None:
        await update_receipt(desk, desk.visitor.case)


async def has_another_taker(desk: Desk, case: Case) -> bool:
    """Whether somebody else is on the way: then nobody gets between by a press or an answer."""
    call_out = await desk.transaction.call_outs.newest_of(case.resident_chat_id)
    if call_out is None or call_out.state is not CallOutState.TAKEN:
        return False
    return call_out.taker != desk.visitor.officer


async def call_taken_too(desk: Desk, case: Case) -> None:
    """Whoever takes the request has taken the urgent call that it belongs to (feature call_outs):
    nobody else is asked then, and the resident reads who comes."""
    call_out = await desk.transaction.call_outs.newest_of(case.resident_chat_id)
    if call_out is None or not is_looked_for(call_out.state):
        return
    if desk.visitor.officer in asked(call_out):
        desk.transaction.timers.set(
            "call_outs.request_taken",
            str(call_out.id),
            due_at=desk.now,
            chat_key=str(case.resident_chat_id),
            payload={"officer": desk.visitor.officer},
        )


async def answered_untaken(desk: Desk, case: Case) -> None:
    """Words to the resident are no taking: whoever is asked and answers is reminded once (feature
    call_outs), since others are asked meanwhile and the resident reads that nobody comes."""
    call_out = await desk.transaction.call_outs.newest_of(case.resident_chat_id)
    if call_out is None or not is_looked_for(call_out.state):
        return
    key = f"{call_out.id}:{desk.visitor.officer}"
    if desk.visitor.officer in asked(call_out) and await desk.transaction.runs.claim(
        "cases.answered_untaken", key, desk.now
    ):
        desk.transaction.timers.set(
            "call_outs.answered", key, due_at=desk.now, chat_key=str(case.resident_chat_id)
        )
