"""Open requests of somebody who is away, offered to whoever stands in: accepted by one tap, and
until then they stay where they are."""

from __future__ import annotations

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.delivery.outbox import promise_of
from bot.domain.cases import Case, CaseState, CopyKind, label, number_of
from handlers.cases.placing import take_over
from storage.timers import Timer


async def offer(desk: Desk, timer: Timer) -> None:
    """``cases.hand_over``: one case (the key) is offered to the officer in the payload."""
    case = await desk.transaction.cases.find(int(timer.key))
    to = str(timer.payload["to"])
    state = (await desk.transaction.officers.states()).get(to)
    if case is None or case.state is not CaseState.OPEN or case.owner == to:
        return
    if state is None or state.chat_id is None or not state.is_reachable:
        return
    words = await desk.words_of(state.chat_id)
    _ = words
    owner = desk.roster.officer(case.owner)
    person = await desk.transaction.people.find(case.resident_chat_id)
    text = _("{officer} is away and hands over <b>{number}</b>: {name}.").format(
        officer=desk.name_of(owner.name, words) if owner else "…",
        number=label(case.number),
        name=person.name if person else "…",
    )
    accept = InlineKeyboardButton(
        _.plain("✋ I take it over"), callback_data=button_data("cases", "accept", case.number)
    )
    sent = await desk.bot.send_message(
        state.chat_id,
        Markup("{}\n{}").format(text, _("The request stays there until you accept.")),
        reply_markup=InlineKeyboardMarkup([[accept]]),
        protect_content=True,
    )
    desk.transaction.copies.note(
        promise=promise_of(sent.message_id),
        case_number=case.number,
        chat_id=state.chat_id,
        kind=CopyKind.ALERT,
    )


async def accept(desk: Desk) -> None:
    """*I take it over*: the case is this person's from now on, if it was offered here and its owner
    is still away."""
    number = number_of(desk.argument(0))
    case = await desk.transaction.cases.find(number) if number else None
    _ = desk.words
    if case is None or not await _is_offered(desk, case) or desk.visitor.officer is None:
        await desk.answer_press(_.plain("This request is not yours (any more)."), is_alert=True)
        return
    if case.owner != desk.visitor.officer:
        await take_over(desk, case, desk.visitor.officer)
    await desk.answer_press(_.plain("It is yours now."))


async def _is_offered(desk: Desk, case: Case) -> bool:
    if case.state is not CaseState.OPEN or case.owner is None:
        return False
    if case.owner == desk.visitor.officer:
        return True
    state = (await desk.transaction.officers.states()).get(case.owner)
    found = await desk.transaction.copies.latest(case.number, desk.chat_id, CopyKind.ALERT)
    return found is not None and state is not None and state.is_absent
