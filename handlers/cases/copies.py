"""Copies of what a resident wrote, in the owner's chat; and a plain word where none can be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from telegram import ReplyParameters

from bot.context import Desk
from bot.delivery.content import can_be_copied
from bot.delivery.outbox import promise_of, terms
from bot.domain.cases import Case, CopyKind, Message, Stage
from handlers.cases.carrying import Carriage, Written, carry, signs
from handlers.cases.shifts import Manner, keep_for_opening, manner_of
from handlers.cases.wording import cannot_be_passed_on, not_passed_on_by_telegram, only_on_file
from storage.outbox import FollowUp

#: Unanswered messages copied to a new owner: as many as one transaction can promise, and a quarter
#: of an hour of Telegram's pace; who writes more than this unanswered needs a call.
HANDED_OVER = 1_000


async def pass_on(
    desk: Desk, case: Case, written: Written, *, sign: str | None = None, answers: int | None = None
) -> None:
    """Promise the owner's copy: a reply to the card, or to the promise ``answers``. While a case is
    held there is none: whoever becomes the owner gets everything since the last answer."""
    if case.owner_chat_id is None:
        return
    manner = await manner_of(desk, case)
    if manner is Manner.LATER:
        await keep_for_opening(desk, case, written)
        return
    if case.card is None:
        return
    if not can_be_copied(written.content["kind"]):
        await _say_it_cannot_be_passed_on(desk, case, written)
        return
    if sign is None:
        sign = signs(desk, written, await desk.words_of(case.owner_chat_id))
    carriage = carriage_to_owner(case, written, sign=sign, answers=answers)
    await carry(desk, replace(carriage, is_silent=manner is Manner.SILENTLY))


def carriage_to_owner(
    case: Case, written: Written, *, sign: str | None, answers: int | None
) -> Carriage:
    """A resident's message on its way to the owner of an open case."""
    return Carriage(
        case_number=case.number,
        kind=CopyKind.COPY,
        from_chat_id=case.resident_chat_id,
        to_chat_id=case.owner_chat_id or 0,
        written=written,
        answers=-(answers or case.card or 0),
        is_protected=True,
        sign=sign,
        on_sent=_on_sent(case),
        on_never=_on_never(case, written.message_id),
    )


def _on_sent(case: Case) -> FollowUp | None:
    """Until the receipt says *sent*, whatever reaches this owner makes it say so."""
    if case.stage is not Stage.KEPT:
        return None
    key = f"{case.number}:{case.owner_chat_id}"
    return FollowUp(kind="cases.sent", key=key, chat_key=str(case.resident_chat_id))


def _on_never(case: Case, message_id: int) -> FollowUp:
    key = f"{case.number}:{message_id}"
    return FollowUp(kind="cases.undelivered", key=key, chat_key=str(case.resident_chat_id))


async def _say_it_cannot_be_passed_on(desk: Desk, case: Case, written: Written) -> None:
    """A plain word to both: the officer what it was, the writer that it cannot be passed on."""
    await say_what_it_was(desk, case, written)
    words = await desk.words_of(case.resident_chat_id)
    await desk.bot.send_message(case.resident_chat_id, cannot_be_passed_on(words))


async def say_what_it_was(desk: Desk, case: Case, written: Written) -> None:
    """One plain word to the owner in place of a message that nothing can carry."""
    if case.owner_chat_id is None or case.card is None:
        return
    words = await desk.words_of(case.owner_chat_id)
    told = await desk.bot.send_message(
        case.owner_chat_id,
        not_passed_on_by_telegram(written.content["kind"], words),
        reply_parameters=ReplyParameters(-case.card, allow_sending_without_reply=True),
        protect_content=True,
        api_kwargs=terms(on_sent=_on_sent(case), on_never=_chat_lost(case)),
    )
    desk.transaction.copies.note(
        promise=promise_of(told.message_id),
        case_number=case.number,
        chat_id=case.owner_chat_id,
        kind=CopyKind.COPY,
        origin=(case.resident_chat_id, written.message_id),
    )


def _chat_lost(case: Case) -> FollowUp:
    """What concerns no message: only whether the owner can be reached at all."""
    key = f"{case.number}:chat"
    return FollowUp(kind="cases.undelivered", key=key, chat_key=str(case.resident_chat_id))


async def pass_on_all(
    desk: Desk, case: Case, messages: Sequence[Message], *, is_late: bool = False
) -> None:
    """Copy what was written before, each message once, in order, in its newest version. Of more
    than `HANDED_OVER` the latest, and a word about the rest. ``is_late``: each says when it was
    written, since newer ones are there already."""
    newest = list({message.message_id: message for message in messages}.values())
    earlier = len(newest) - HANDED_OVER
    if earlier > 0 and case.owner_chat_id is not None:
        words = await desk.words_of(case.owner_chat_id)
        await desk.bot.send_message(case.owner_chat_id, only_on_file(words, earlier))
    for message in newest[-HANDED_OVER:]:
        late = message.written_at if is_late else None
        await pass_on(desk, case, Written(message.message_id, message.content, late))
