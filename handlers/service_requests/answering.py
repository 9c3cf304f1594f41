"""Yes, no, and never mind: what a proposal is answered with, told to the other side."""

from __future__ import annotations

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk, number_in
from bot.domain import service_requests as rules
from bot.domain.appointments.booking import Side
from bot.domain.appointments.refusals import AppointmentRefused
from bot.domain.service_requests import RequestRefused, ServiceRequest
from handlers.service_requests.agreeing import book, check_officer_is_there
from handlers.service_requests.choosing import actor
from handlers.service_requests.reaching import absences_of
from handlers.service_requests.refusing import moved_on, refuse
from handlers.service_requests.telling import ASKED_FOR, EXPIRE, REASON, show_at, tell, update
from handlers.service_requests.wording import REASONS, button, heading

#: A reason is a sentence or two.
_REASON_LENGTH = 300


async def _of_press(desk: Desk) -> tuple[ServiceRequest, int] | None:
    """The request pressed on and the number of the proposal that the button answers."""
    number, answers = number_in(desk.argument(0)), number_in(desk.argument(1) or "0")
    request = None
    if number is not None and answers is not None:
        request = await desk.transaction.service_requests.find(number)
    if request is None or answers is None:
        await moved_on(desk)
        return None
    return request, answers


async def show(desk: Desk) -> None:
    """Back: how it stands, and what can be done."""
    found = await _of_press(desk)
    if found is None:
        return
    request, _answers = found
    try:
        side = rules.side_of(request, actor(desk))
    except RequestRefused as refusal:
        await refuse(desk, refusal)
        return
    await desk.answer_press()
    await show_at(desk, request, side, desk.message.message_id)


async def accept(desk: Desk) -> None:
    """Agreed, and in the officer's diary; or the word why not, and the proposal stays open."""
    found = await _of_press(desk)
    if found is None:
        return
    before, answers = found
    try:
        after = rules.accept(
            before,
            actor(desk),
            answers=answers,
            absent=await absences_of(desk, before.officer),
            now=desk.now,
        )
        await check_officer_is_there(desk, after)
        if not await _change(desk, before, after):
            return
    except RequestRefused as refusal:
        await refuse(desk, refusal, before)
        return
    try:
        await book(desk, after)
    except AppointmentRefused as refusal:
        await desk.transaction.service_requests.change(after, before)
        await refuse(desk, refusal, before)
        return
    await desk.answer_press()
    await _settled(desk, after)
    # The resident hears it with everything to bring, from the feature appointments.
    if before.proposal.side is Side.RESIDENT:
        await update(desk, after, Side.RESIDENT)
    else:
        await tell(desk, after, Side.OFFICER)


async def _change(desk: Desk, before: ServiceRequest, after: ServiceRequest) -> bool:
    """Whether this was the first answer; the word that it was not is said."""
    is_first = await desk.transaction.service_requests.change(before, after)
    if not is_first:
        await moved_on(desk)
    return is_first


async def _settled(desk: Desk, after: ServiceRequest, message_id: int | None = None) -> None:
    """It is over: whoever ended it reads so in place."""
    desk.transaction.timers.clear(EXPIRE, str(after.id))
    side = rules.side_of(after, actor(desk))
    await show_at(desk, after, side, message_id or desk.message.message_id)


async def withdraw(desk: Desk) -> None:
    """The resident does not need it any more; the officer is told."""
    found = await _of_press(desk)
    if found is None:
        return
    before, _answers = found
    try:
        after = rules.withdraw(before, actor(desk), now=desk.now)
    except RequestRefused as refusal:
        await refuse(desk, refusal, before)
        return
    if await _change(desk, before, after):
        await desk.answer_press()
        await _settled(desk, after)
        await tell(desk, after, Side.OFFICER)


# --- declining, with a reason


async def ask_why(desk: Desk) -> None:
    """Why not, by a tap or in own words."""
    request = await _mine_to_answer(desk)
    if request is None:
        return
    await desk.answer_press()
    _ = desk.words
    this = (request.id, request.proposal.number)
    rows = [[button(_.plain(text), "reason", *this, reason)] for reason, text in REASONS.items()]
    rows.append([button(_.plain("✍ In my own words"), "explain", *this)])
    rows.append([button(_.plain("◀ Back"), "show", request.id)])
    await _edit(desk, request, _("Why not? The resident reads it."), InlineKeyboardMarkup(rows))


async def _mine_to_answer(desk: Desk) -> ServiceRequest | None:
    found = await _of_press(desk)
    if found is None:
        return None
    request, answers = found
    try:
        rules.check_turn(request, actor(desk), answers, desk.now)
    except RequestRefused as refusal:
        await refuse(desk, refusal, request)
        return None
    return request


async def _edit(
    desk: Desk, request: ServiceRequest, text: Markup, markup: InlineKeyboardMarkup
) -> None:
    head = heading(desk, request.service, request.way, desk.words)
    when = desk.words.day_and_time(request.proposal.starts)
    await desk.bot.edit_message_text(
        Markup("{}\n{}\n\n{}").format(head, when, text),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=markup,
    )


async def decline(desk: Desk) -> None:
    """One of the reasons was pressed."""
    request, reason = await _mine_to_answer(desk), desk.argument(2)
    if request is None:
        return
    if reason not in REASONS:
        await moved_on(desk)
        return
    await _decline(desk, request, reason, desk.message.message_id)


async def _decline(desk: Desk, before: ServiceRequest, reason: str, message_id: int) -> None:
    after = rules.decline(
        before, actor(desk), answers=before.proposal.number, reason=reason, now=desk.now
    )
    if await _change(desk, before, after):
        await desk.answer_press()
        await _settled(desk, after, message_id)
        await tell(desk, after, Side.RESIDENT)


async def ask_to_explain(desk: Desk) -> None:
    """The reply to this message is the reason."""
    request = await _mine_to_answer(desk)
    if request is None:
        return
    await desk.answer_press()
    data = {"id": request.id, "answers": request.proposal.number}
    await desk.await_reply(REASON, desk.message.message_id, data=data, kept=ASKED_FOR)
    _ = desk.words
    rows = [[button(_.plain("◀ Back"), "show", request.id)]]
    await _edit(
        desk, request, _("Reply to this message with the reason."), InlineKeyboardMarkup(rows)
    )


async def explain(desk: Desk) -> None:
    """The reply: declined, in the officer's own words."""
    dialogue = desk.visitor.dialogue
    if dialogue is None or dialogue.message_id is None:
        return
    desk.transaction.dialogues.end(dialogue.id)
    request = await desk.transaction.service_requests.find(dialogue.data["id"])
    if request is None:
        return
    reason = " ".join((desk.message.text or "").split())[:_REASON_LENGTH]
    try:
        rules.check_turn(request, actor(desk), dialogue.data["answers"], desk.now)
    except RequestRefused as refusal:
        await refuse(desk, refusal, request)
        return
    await _decline(desk, request, reason, dialogue.message_id)
