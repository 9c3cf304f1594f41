"""An officer's words on their way to a resident: filed, promised as a copy, case answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.context import Desk
from bot.delivery.content import can_be_copied
from bot.delivery.outbox import promise_of
from bot.domain.cases import Case, CaseState, CopyKind, Stage
from handlers.cases.card import update_card
from handlers.cases.carrying import Carriage, Written, carry, late_sign
from handlers.cases.receipts import update_receipt
from handlers.cases.wording import cannot_be_passed_on, not_passed_on_by_telegram
from storage.outbox import FollowUp


async def deliver(
    desk: Desk,
    case: Case,
    written: Written,
    *,
    answers: int | None,
    not_before: datetime | None = None,
    question: int | None = None,
) -> int:
    """Promise the copy in the resident's chat, as a reply to the resident's message ``answers``.

    With ``not_before`` it can be taken back until then; ``question`` is the message in the
    officer's chat that says so, and what became of it in the end. Returns the promise.
    """
    if not can_be_copied(written.content["kind"]):
        return await _say_it_cannot_be_passed_on(desk, case, written)
    case = await _reopened(desk, case)
    file_answer(desk, case, written, is_edit=False)
    sign = None
    if written.late is not None:
        sign = late_sign(desk, written, await desk.words_of(case.resident_chat_id))
    is_told = not_before is None and case.stage is Stage.ANSWERED
    if is_told:
        note_answer(desk, case)
    carriage = carriage_to_resident(desk, case, written, answers=answers, question=question)
    key = follow_key(desk, case, written, question)
    sent = None if is_told else FollowUp("cases.answer_sent", key, str(desk.chat_id))
    return await carry(desk, replace(carriage, sign=sign, on_sent=sent, not_before=not_before))


async def _reopened(desk: Desk, case: Case) -> Case:
    """Answering a closed case opens it again, unless the resident has a newer one."""
    if case.state is not CaseState.CLOSED:
        return case
    if await desk.transaction.cases.unclosed_of(case.resident_chat_id) is not None:
        return case
    desk.transaction.cases.reopen(case.number, desk.now)
    again = replace(case, state=CaseState.OPEN)
    await update_card(desk, again)
    return again


def carriage_to_resident(
    desk: Desk, case: Case, written: Written, *, answers: int | None, question: int | None = None
) -> Carriage:
    """An officer's message on its way to the resident of a case."""
    return Carriage(
        case_number=case.number,
        kind=CopyKind.ANSWER,
        from_chat_id=desk.chat_id,
        to_chat_id=case.resident_chat_id,
        written=written,
        answers=answers,
        on_never=FollowUp(
            "cases.answer_lost", follow_key(desk, case, written, question), str(desk.chat_id)
        ),
    )


def follow_key(desk: Desk, case: Case, written: Written, question: int | None) -> str:
    """Which answer a timer is about: case, officer's chat, message, and the question (0: none)."""
    return f"{case.number}:{desk.chat_id}:{written.message_id}:{question or 0}"


async def _say_it_cannot_be_passed_on(desk: Desk, case: Case, written: Written) -> int:
    """A plain word to both: the resident what it was, the officer that it did not go."""
    words = await desk.words_of(case.resident_chat_id)
    told = await desk.bot.send_message(
        case.resident_chat_id, not_passed_on_by_telegram(written.content["kind"], words)
    )
    await desk.bot.send_message(desk.chat_id, cannot_be_passed_on(desk.words))
    promise = promise_of(told.message_id)
    desk.transaction.copies.note(
        promise=promise,
        case_number=case.number,
        chat_id=case.resident_chat_id,
        kind=CopyKind.ANSWER,
        origin=(desk.chat_id, written.message_id),
    )
    return promise


def file_answer(desk: Desk, case: Case, written: Written, *, is_edit: bool) -> None:
    """File one version of what an officer wrote."""
    desk.transaction.messages.keep(
        case_number=case.number,
        resident_chat_id=case.resident_chat_id,
        chat_id=desk.chat_id,
        message_id=written.message_id,
        author=desk.visitor.officer,
        kind=written.content["kind"],
        content=written.content,
        is_edit=is_edit,
        words="",
        now=desk.now,
    )


def note_answer(desk: Desk, case: Case) -> None:
    """The owner answered: everybody may be asked again from now on."""
    desk.transaction.cases.answered(case.number, desk.now)
    desk.transaction.cases.forget_tried(case.number)


async def note_answered(desk: Desk, case: Case) -> None:
    """An answer is on the resident's phone: receipt and card say so."""
    note_answer(desk, case)
    if case.stage is not Stage.ANSWERED:
        answered = replace(case, stage=Stage.ANSWERED)
        await update_receipt(desk, answered)
        if case.state is not CaseState.CLOSED:
            await update_card(desk, answered)
