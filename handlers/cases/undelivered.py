"""What could not be brought to the owner: the next person gets it, or both sides are told."""

from __future__ import annotations

from dataclasses import replace

from bot.context import Desk
from bot.delivery.outbox import terms
from bot.domain.cases import Case, CaseState, Copy
from handlers.cases.card import send_card
from handlers.cases.carrying import Written
from handlers.cases.copies import pass_on_all, say_what_it_was
from handlers.cases.placing import place
from handlers.cases.wording import never_passed_on
from storage.timers import Timer


async def undelivered(desk: Desk, timer: Timer) -> None:
    """``cases.undelivered``: a card or copy cannot reach the owner. When the chat is lost the next
    person gets everything since the last answer; when only this message is, both are told."""
    number, _, which = timer.key.partition(":")
    case = await desk.transaction.cases.find(int(number))
    if case is None or case.state is CaseState.HELD:
        return
    if not await _has_owner(desk, case):
        await _go_on(desk, case)
    elif which == "card":
        await _card_anew(desk, case)
    elif which != "chat":
        await _tell_never_passed_on(desk, case, int(which))


async def _has_owner(desk: Desk, case: Case) -> bool:
    """False also when the owner is back meanwhile and has not got everything."""
    if case.owner_chat_id is None:
        return False
    return await desk.transaction.unreachable.is_reachable(case.owner_chat_id)


async def _go_on(desk: Desk, case: Case) -> None:
    """The next person gets everything. A case that was closed before all of it had come is opened
    again, or its rest goes with the resident's newer one."""
    if case.state is CaseState.OPEN:
        await place(desk, case)
        return
    newer = await desk.transaction.cases.unclosed_of(case.resident_chat_id)
    if newer is None:
        desk.transaction.cases.reopen(case.number, desk.now)
        await place(desk, replace(case, state=CaseState.OPEN))
    else:
        rest = await desk.transaction.messages.move_never_brought(case, to=newer.number)
        await pass_on_all(desk, newer, rest, is_late=True)


async def _card_anew(desk: Desk, case: Case) -> None:
    """A lost card is made anew, unless a newer one is on its way or there."""
    if case.card is None or not await desk.transaction.outbox.has_failed(case.card):
        return
    desk.transaction.cases.note_card(case.number, await send_card(desk, case, is_anew=True))


async def _tell_never_passed_on(desk: Desk, case: Case, message_id: int) -> None:
    """All forms of one message failed while the owner can be reached: the owner gets a word in its
    place, and the writer must know."""
    present = await _newest_copy(desk, case, message_id)
    if present is None or not await desk.transaction.outbox.has_failed(present.promise):
        return
    message = await desk.transaction.messages.newest(case.resident_chat_id, message_id)
    if message is not None:
        await say_what_it_was(desk, case, Written(message_id, message.content))
    words = await desk.words_of(case.resident_chat_id)
    await desk.bot.send_message(
        case.resident_chat_id,
        never_passed_on(words, hotline=words.telephone(desk.roster.station.hotline)),
        api_kwargs=terms(dedup_key=f"never:{case.number}:{message_id}"),
    )


async def _newest_copy(desk: Desk, case: Case, message_id: int) -> Copy | None:
    copies = await desk.transaction.copies.made_of(case.resident_chat_id, message_id)
    return next((copy for copy in copies if copy.chat_id == case.owner_chat_id), None)
