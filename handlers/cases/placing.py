"""Whose case it is: opening one, finding the first person who can be reached, moving on when that
person cannot, and holding it while nobody can."""

from __future__ import annotations

from dataclasses import replace

from bot.context import SOMEBODY_CAME, Desk
from bot.delivery.content import words_in
from bot.delivery.outbox import promise_of, terms
from bot.domain.cases import Case, CaseState, CopyKind, Message, Stage, is_further, last_words
from bot.domain.routing import NobodyReachable, Recipient, route
from bot.texts import Words
from handlers.cases.copies import pass_on_held
from handlers.cases.wording import card, card_buttons, receipt
from storage.outbox import FollowUp, Lane
from storage.timers import Timer

#: Held cases placed in one transaction; the rest follow in the next.
PLACED_AT_ONCE = 20


async def open_case(desk: Desk, *, area: str | None) -> Case:
    """A new case with its owner and card, or held when nobody can be reached."""
    return await open_case_of(desk, resident_chat_id=desk.chat_id, area=area)


async def open_case_of(desk: Desk, *, resident_chat_id: int, area: str | None) -> Case:
    """The same for a resident who is not at the counter (a timer acts)."""
    case = await desk.transaction.cases.open(
        resident_chat_id=resident_chat_id, area=area, now=desk.now
    )
    recipient = await _recipient(desk, case, tried=frozenset())
    return case if recipient is None else await _assign(desk, case, recipient)


async def _recipient(desk: Desk, case: Case, *, tried: frozenset[str]) -> Recipient | None:
    found = route(
        desk.roster,
        case.area,
        owner_code=case.owner,
        officers=await desk.transaction.officers.states(),
        tried=tried,
    )
    return None if isinstance(found, NobodyReachable) else found


async def _assign(desk: Desk, case: Case, recipient: Recipient) -> Case:
    """Make the recipient the owner and promise the card."""
    owned = replace(
        case,
        owner=recipient.code,
        owner_chat_id=recipient.chat_id,
        owner_reason=recipient.reason.value,
        state=CaseState.OPEN,
        stage=Stage.KEPT,
    )
    words = await desk.words_of(recipient.chat_id)
    sent = await desk.bot.send_message(
        recipient.chat_id,
        await card_text(desk, owned, words),
        reply_markup=card_buttons(owned, words),
        protect_content=True,
        api_kwargs=terms(on_never=_card_lost(owned)),
    )
    promise = promise_of(sent.message_id)
    cases = desk.transaction.cases
    cases.assign(
        case.number,
        owner=recipient.code,
        chat_id=recipient.chat_id,
        reason=recipient.reason.value,
        card=promise,
        now=desk.now,
    )
    desk.transaction.copies.note(
        promise=promise,
        case_number=case.number,
        chat_id=recipient.chat_id,
        kind=CopyKind.CARD,
    )
    return replace(owned, card=promise)


def _card_lost(case: Case) -> FollowUp:
    return FollowUp(
        kind="cases.undelivered", key=f"{case.number}:card", chat_key=str(case.resident_chat_id)
    )


async def card_text(desk: Desk, case: Case, words: Words) -> str:
    """The card's text with the resident's name and language as they are on file."""
    visitor = desk.visitor.person
    if visitor is None or visitor.chat_id != case.resident_chat_id:
        visitor = await desk.transaction.people.find(case.resident_chat_id)
    return card(
        desk,
        case,
        name=visitor.name if visitor else "…",
        language=visitor.language if visitor else desk.own_language,
        words=words,
    )


async def place(desk: Desk, case: Case) -> Case:
    """Find the next person for a case whose owner cannot be reached, hand over everything since
    the last answer, and tell the resident. Nobody left: the case is held, the resident told once.
    """
    tried = await desk.transaction.cases.tried_for(case.number)
    recipient = await _recipient(desk, case, tried=tried)
    if recipient is None:
        return await _hold(desk, case)
    waiting = await desk.transaction.messages.unanswered(case)
    owned = await _assign(desk, case, recipient)
    await pass_on_held(desk, owned, waiting)
    await update_receipt(desk, owned)
    return owned


async def _hold(desk: Desk, case: Case) -> Case:
    if case.state is CaseState.HELD:
        return case
    desk.transaction.cases.hold(case.number)
    desk.transaction.cases.forget_tried(case.number)
    held = replace(
        case, owner=None, owner_chat_id=None, owner_reason=None, card=None,
        state=CaseState.HELD, stage=Stage.KEPT,
    )  # fmt: skip
    words = await desk.words_of(case.resident_chat_id)
    await tell_receipt(desk, held, words=words)
    return held


async def tell_receipt(desk: Desk, case: Case, *, words: Words) -> None:
    """Send the receipt as a message of its own: the first of a case, or when nobody is left."""
    sent = await desk.bot.send_message(
        case.resident_chat_id, receipt(desk, case, words), api_kwargs=terms()
    )
    promise = promise_of(sent.message_id)
    desk.transaction.cases.note_receipt(case.number, promise)
    desk.transaction.copies.note(
        promise=promise,
        case_number=case.number,
        chat_id=case.resident_chat_id,
        kind=CopyKind.RECEIPT,
    )


async def update_receipt(desk: Desk, case: Case) -> None:
    """Edit the receipt in place so that it says what is true now."""
    if case.receipt is None:
        return
    words = await desk.words_of(case.resident_chat_id)
    await desk.bot.edit_message_text(
        receipt(desk, case, words), chat_id=case.resident_chat_id, message_id=-case.receipt
    )


async def update_card(desk: Desk, case: Case) -> None:
    """Edit the card in place so that it says what is true now and offers what can be done."""
    if case.card is None or case.owner_chat_id is None:
        return
    words = await desk.words_of(case.owner_chat_id)
    await desk.bot.edit_message_text(
        await card_text(desk, case, words),
        chat_id=case.owner_chat_id,
        message_id=-case.card,
        reply_markup=card_buttons(case, words),
    )


async def go_further(desk: Desk, case: Case, stage: Stage) -> Case:
    """Advance the stage if that says more than before, and the receipt with it."""
    if not is_further(stage, case.stage):
        return case
    if not await desk.transaction.cases.advance(case.number, stage, from_stage=case.stage):
        return case
    further = replace(case, stage=stage)
    await update_receipt(desk, further)
    return further


# --- timers


async def place_unplaced(desk: Desk, timer: Timer) -> None:
    """``cases.unplaced``: somebody wrote before choosing an area, and has chosen, or five minutes
    are over: what is held becomes a case of that area, or of the duty desk."""
    chat_id = int(timer.key)
    held = await desk.transaction.messages.held(chat_id)
    if not held:
        return
    case = await desk.transaction.cases.unclosed_of(chat_id)
    is_new = case is None
    if case is None:
        person = await desk.transaction.people.find(chat_id)
        case = await open_case_of(
            desk, resident_chat_id=chat_id, area=person.area if person else None
        )
    newest = held[-1]
    desk.transaction.messages.place_held(chat_id, case.number, _words_of(newest))
    await pass_on_held(desk, case, held)
    if is_new:
        await tell_receipt(desk, case, words=await desk.words_of(chat_id))


def _words_of(message: Message) -> str:
    return last_words(words_in(message.content))


async def place_held(desk: Desk, timer: Timer) -> None:
    """``cases.place``: somebody joined, came back or was named: held cases find an owner."""
    held = await desk.transaction.cases.held()
    for case in held[:PLACED_AT_ONCE]:
        await place(desk, case)
    if len(held) > PLACED_AT_ONCE:
        still = {case.number for case in await desk.transaction.cases.held()}
        if still != {case.number for case in held}:
            desk.transaction.timers.set(
                SOMEBODY_CAME, timer.key, due_at=desk.now, chat_key=timer.chat_key
            )


async def copy_sent(desk: Desk, timer: Timer) -> None:
    """``cases.sent``: the first copy is on the officer's phone."""
    number, _, _ = timer.key.partition(":")
    case = await desk.transaction.cases.find(int(number))
    if case is not None and case.state is CaseState.OPEN:
        await go_further(desk, case, Stage.SENT)


async def undelivered(desk: Desk, timer: Timer) -> None:
    """``cases.undelivered``: a card or copy cannot reach the owner. When the chat is lost the next
    person gets everything since the last answer; when only this message is, the writer is told."""
    number, _, which = timer.key.partition(":")
    case = await desk.transaction.cases.find(int(number))
    if case is None or case.owner_chat_id is None:
        return
    if not await desk.transaction.unreachable.is_reachable(case.owner_chat_id):
        if case.state is not CaseState.CLOSED:
            await place(desk, case)
    elif which == "card":
        await _card_anew(desk, case)
    else:
        await _tell_never_passed_on(desk, case, int(which))


async def _card_anew(desk: Desk, case: Case) -> None:
    """A lost card is made anew, unless a newer one is on its way or there."""
    if case.card is None or not await desk.transaction.outbox.has_failed(case.card):
        return
    words = await desk.words_of(case.owner_chat_id or 0)
    sent = await desk.bot.send_message(
        case.owner_chat_id or 0,
        await card_text(desk, case, words),
        reply_markup=card_buttons(case, words),
        protect_content=True,
    )
    promise = promise_of(sent.message_id)
    desk.transaction.cases.note_card(case.number, promise)
    desk.transaction.copies.note(
        promise=promise,
        case_number=case.number,
        chat_id=case.owner_chat_id or 0,
        kind=CopyKind.CARD,
    )


async def _tell_never_passed_on(desk: Desk, case: Case, message_id: int) -> None:
    """All forms of one message failed while the officer can be reached: the writer must know."""
    copies = await desk.transaction.copies.made_of(case.resident_chat_id, message_id)
    present = next((copy for copy in copies if copy.chat_id == case.owner_chat_id), None)
    if present is None or not await desk.transaction.outbox.has_failed(present.promise):
        return
    words = await desk.words_of(case.resident_chat_id)
    _ = words
    await desk.bot.send_message(
        case.resident_chat_id,
        _("This message could not be passed on. Please write it again in other words, or call:"
          "\n{hotline}").format(hotline=desk.roster.station.hotline),
        api_kwargs=terms(dedup_key=f"never:{case.number}:{message_id}", lane=Lane.DIALOGUE),
    )  # fmt: skip
