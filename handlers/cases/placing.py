"""Whose case it is: opening one, finding the first person who can be reached, moving on when that
person cannot, and holding it while nobody can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.context import Desk
from bot.delivery.content import words_in
from bot.domain.cases import Case, CaseState, Message, Stage, last_words
from bot.domain.routing import NobodyReachable, OfficerState, Reason, Recipient, route
from handlers.cases.card import release_card, send_card
from handlers.cases.copies import pass_on_all
from handlers.cases.receipts import tell_receipt, update_receipt
from handlers.cases.shifts import Manner, manner_of
from handlers.cases.wording import nobody_left
from storage.timers import Timer


async def open_case(desk: Desk) -> Case:
    """A new case for whoever came, with its owner and card, or held when nobody can be reached.
    What was written before an area was known belongs to it and goes first."""
    person = desk.visitor.person
    case = await _open_case_of(desk, desk.chat_id, person.area if person else None)
    await _place_unplaced(desk, case, await desk.transaction.messages.held(desk.chat_id))
    return case


async def _open_case_of(desk: Desk, resident_chat_id: int, area: str | None) -> Case:
    case = await desk.transaction.cases.open(
        resident_chat_id=resident_chat_id, area=area, now=desk.now
    )
    states = await desk.transaction.officers.states()
    recipient = _recipient(desk, case, states, tried=frozenset())
    return case if recipient is None else await _assign(desk, case, recipient)


def _recipient(
    desk: Desk, case: Case, states: Mapping[str, OfficerState], *, tried: frozenset[str]
) -> Recipient | None:
    found = route(desk.roster, case.area, owner_code=case.owner, officers=states, tried=tried)
    return None if isinstance(found, NobodyReachable) else found


async def _next_person(desk: Desk, case: Case) -> Recipient | None:
    """The first who was not asked since the last answer; when all were, the first who can be
    reached: somebody may have come back meanwhile. An owner with a new account was not asked
    there."""
    states = await desk.transaction.officers.states()
    tried = await desk.transaction.cases.tried_for(case.number)
    if case.owner in states and states[case.owner].chat_id != case.owner_chat_id:
        tried -= {case.owner}
    recipient = _recipient(desk, case, states, tried=tried)
    if recipient is None and tried:
        desk.transaction.cases.forget_tried(case.number)
        recipient = _recipient(desk, case, states, tried=frozenset())
    return recipient


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
    desk.transaction.waiting.forget(case.number)
    manner = await manner_of(desk, owned)
    is_later = manner is Manner.LATER
    card = None if is_later else await send_card(desk, owned, is_silent=manner is Manner.SILENTLY)
    desk.transaction.cases.assign(
        case.number,
        owner=recipient.code,
        chat_id=recipient.chat_id,
        reason=recipient.reason.value,
        card=card,
        now=desk.now,
    )
    return replace(owned, card=card)


async def place(desk: Desk, case: Case) -> Case:
    """Find the next person for a case whose owner cannot be reached, hand over everything since
    the last answer, and tell the resident. Nobody left: the case is held, the resident told once.
    """
    await _note_lost_taker(desk, case)
    recipient = await _next_person(desk, case)
    if recipient is None:
        return await _hold(desk, case)
    waiting = await desk.transaction.messages.unanswered(case)
    owned = await _assign(desk, case, recipient)
    await release_card(desk, case, owned)
    await pass_on_all(desk, owned, waiting)
    await update_receipt(desk, owned)
    return owned


async def _note_lost_taker(desk: Desk, case: Case) -> None:
    """Whoever took the resident's urgent call has this case and is lost: others are asked again
    (feature call_outs). Somebody who is only away may still be on the way."""
    call_out = await desk.transaction.call_outs.newest_of(case.resident_chat_id)
    if call_out is None or call_out.taker is None or call_out.taker != case.owner:
        return
    state = (await desk.transaction.officers.states()).get(call_out.taker)
    if state is None or state.chat_id is None or not state.is_reachable:
        desk.transaction.timers.set(
            "call_outs.taker_lost",
            str(call_out.id),
            due_at=desk.now,
            chat_key=str(case.resident_chat_id),
        )


async def take_over(desk: Desk, case: Case, officer: str, chat_id: int | None = None) -> Case:
    """Whoever came (or is in ``chat_id``) takes the case of somebody else: responsible from now on,
    with the card and everything since the last answer; the former owner's card and the receipt
    say so."""
    reason = Reason.DUTY_DESK if officer in desk.roster.station.duty_desk else Reason.AROUND
    waiting = await desk.transaction.messages.unanswered(case)
    owned = await _assign(desk, case, Recipient(officer, chat_id or desk.chat_id, reason))
    await release_card(desk, case, owned)
    await pass_on_all(desk, owned, waiting)
    await update_receipt(desk, owned)
    return owned


async def _hold(desk: Desk, case: Case) -> Case:
    """The receipt says that nobody can be reached, and since an edit makes no sound, a message."""
    if case.state is CaseState.HELD:
        return case
    desk.transaction.cases.hold(case.number)
    desk.transaction.cases.forget_tried(case.number)
    held = replace(
        case, owner=None, owner_chat_id=None, owner_reason=None, card=None,
        state=CaseState.HELD, stage=Stage.KEPT,
    )  # fmt: skip
    await update_receipt(desk, held)
    words = await desk.words_of(case.resident_chat_id)
    await desk.bot.send_message(
        case.resident_chat_id,
        nobody_left(words, hotline=words.telephone(desk.roster.station.hotline)),
    )
    return held


# --- what was written before an area was known


async def _place_unplaced(desk: Desk, case: Case, held: list[Message]) -> None:
    if not held:
        return
    newest = last_words(words_in(held[-1].content))
    desk.transaction.messages.place_held(case.resident_chat_id, case.number, newest)
    for message in held:
        note_phone(desk, case.resident_chat_id, message.content)
    await pass_on_all(desk, case, held)


def note_phone(desk: Desk, chat_id: int, content: Mapping[str, Any]) -> None:
    """A resident who sends the own contact card lets the officer call."""
    contact = content.get("contact", {})
    if contact.get("user_id") == chat_id and contact.get("phone_number"):
        desk.transaction.people.set_phone(chat_id, str(contact["phone_number"]))


async def time_to_place(desk: Desk, timer: Timer) -> None:
    """``cases.unplaced``: somebody wrote before choosing an area, and has chosen, or five minutes
    are over."""
    await place_unplaced(desk)


async def place_unplaced(desk: Desk) -> None:
    """What a resident wrote that is held becomes a case of the area, or of the duty desk."""
    held = await desk.transaction.messages.held(desk.chat_id)
    if not held:
        return
    case = desk.visitor.case
    if case is None:
        await tell_receipt(desk, await open_case(desk))
    else:  # an older case was opened again meanwhile
        await _place_unplaced(desk, case, held)


# --- somebody can be reached, or cannot any more


async def place_waiting(desk: Desk, timer: Timer) -> None:
    """``cases.place``: somebody joined, came back, was named or left: held cases find an owner, and
    so do unanswered ones whose owner cannot be reached. Each in its resident's line, in a
    transaction of its own: a case that cannot be placed keeps no other from it."""
    for case in await desk.transaction.cases.without_reachable_owner():
        desk.transaction.timers.set(
            "cases.place_one",
            str(case.number),
            due_at=desk.now,
            chat_key=str(case.resident_chat_id),
        )


async def place_one(desk: Desk, timer: Timer) -> None:
    """``cases.place_one``: one of them, unless it was closed or has somebody by now."""
    case = desk.visitor.case
    if case is not None and str(case.number) == timer.key and not desk.visitor.is_owner_present:
        await place(desk, case)
