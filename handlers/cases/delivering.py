"""An officer's words on their way to a resident: filed, promised as a copy, case answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from telegram import ReplyParameters

from bot.context import Desk
from bot.delivery.outbox import promise_of, terms
from bot.domain.cases import Case, CaseState, CopyKind, Stage
from handlers.cases.copies import other_forms, plain_word
from handlers.cases.placing import update_card, update_receipt
from storage.outbox import FollowUp


@dataclass(frozen=True, slots=True)
class Written:
    """A message that an officer wrote in the private chat with the bot."""

    message_id: int
    content: Mapping[str, Any]


async def deliver(
    desk: Desk,
    case: Case,
    written: Written,
    *,
    answers: int | None,
    not_before: datetime | None = None,
) -> int:
    """Promise the copy in the resident's chat, as a reply to the resident's message ``answers``.

    With ``not_before`` it can be taken back until then, and counts as an answer once it is sent.
    Returns the promise.
    """
    words = await desk.words_of(case.resident_chat_id)
    base = {"chat_id": case.resident_chat_id}
    reply = ReplyParameters(answers, allow_sending_without_reply=True) if answers else None
    last_resort = plain_word(written.content["kind"], words)
    key = f"{case.number}:{written.message_id}"
    copied = await desk.bot.copy_message(
        chat_id=case.resident_chat_id,
        from_chat_id=desk.chat_id,
        message_id=written.message_id,
        reply_parameters=reply,
        api_kwargs=terms(
            otherwise=other_forms(
                base, desk.chat_id, written.message_id, written.content, last_resort
            ),
            on_sent=FollowUp("cases.answer_sent", key, str(desk.chat_id)) if not_before else None,
            on_never=FollowUp("cases.answer_lost", key, str(desk.chat_id)),
            not_before=not_before,
        ),
    )
    promise = promise_of(copied.message_id)
    desk.transaction.copies.note(
        promise=promise,
        case_number=case.number,
        chat_id=case.resident_chat_id,
        kind=CopyKind.ANSWER,
        origin=(desk.chat_id, written.message_id),
    )
    file_answer(desk, case, written, is_edit=False)
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


async def note_answered(desk: Desk, case: Case) -> None:
    """The case is answered: everybody may be asked again, receipt and card say so. Answering a
    closed case opens it again unless the resident has another one by now."""
    cases = desk.transaction.cases
    if case.state is CaseState.CLOSED:
        if await cases.unclosed_of(case.resident_chat_id) is not None:
            return
        cases.reopen(case.number, desk.now)
    cases.answered(case.number, desk.now)
    cases.forget_tried(case.number)
    if case.stage is not Stage.ANSWERED or case.state is CaseState.CLOSED:
        answered = replace(case, stage=Stage.ANSWERED, state=CaseState.OPEN)
        await update_receipt(desk, answered)
        await update_card(desk, answered)
