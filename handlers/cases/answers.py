"""An officer's answer reaches the resident it is meant for, and nobody else.

The target is the stored message that was replied to, never "the last one who wrote". What replies
to nothing goes nowhere by itself: see `handlers.cases.to_whom`.
"""

from __future__ import annotations

from markupsafe import escape
from telegram import ReplyParameters

from bot.context import Desk
from bot.delivery.content import content_of
from bot.domain.cases import Case, Copy, CopyKind, NotTheOwner, check_owner, label
from handlers.cases.copies import send_edited
from handlers.cases.delivering import Written, deliver, file_answer, note_answered
from handlers.cases.to_whom import ask_to_whom
from storage.outbox import FollowUp
from storage.timers import Timer


async def answer(desk: Desk) -> None:
    """A new message of somebody on the roster."""
    replied = desk.message.reply_to_message
    copy = None
    if replied is not None:
        copy = await desk.transaction.copies.at(desk.chat_id, replied.message_id)
    if copy is None:
        await ask_to_whom(desk)
        return
    case = await desk.transaction.cases.find(copy.case_number)
    if case is None:
        raise LookupError(f"copy of a case that is not on file: {copy.case_number}")
    try:
        check_owner(case, desk.visitor.officer)
    except NotTheOwner as refusal:
        await _say_who_is(desk, refusal)
        return
    written = Written(desk.message.message_id, content_of(desk.raw_message))
    await deliver(desk, case, written, answers=_origin(copy, case))
    await note_answered(desk, case)


def _origin(copy: Copy, case: Case) -> int | None:
    """The resident's own message that a copy was made of."""
    return copy.origin_message_id if copy.origin_chat_id == case.resident_chat_id else None


async def _say_who_is(desk: Desk, refusal: NotTheOwner) -> None:
    _ = desk.words
    officer = desk.roster.officer(refusal.owner) if refusal.owner else None
    text = (
        _("{number} is with {name} now. Your answer was not sent.")
        if officer
        else _("{number}: nobody is responsible for this request now. Your answer was not sent.")
    )
    name = desk.name_of(officer.name, desk.words) if officer else ""
    await desk.bot.send_message(
        desk.chat_id,
        text.format(number=label(refusal.number), name=name),
        reply_parameters=ReplyParameters(desk.message.message_id, allow_sending_without_reply=True),
    )


async def change_answer(desk: Desk) -> None:
    """An officer changed an answer: the resident gets the new version, which says *edited*."""
    copies = await desk.transaction.copies.made_of(desk.chat_id, desk.message.message_id)
    if not copies:
        return
    before = copies[0]
    case = await desk.transaction.cases.find(before.case_number)
    if case is None or case.owner != desk.visitor.officer:
        return
    written = Written(desk.message.message_id, content_of(desk.raw_message))
    words = await desk.words_of(case.resident_chat_id)
    promise = await send_edited(
        desk,
        to_chat_id=before.chat_id,
        content=written.content,
        answers=-before.promise,
        words=words,
        on_never=FollowUp(
            "cases.answer_lost", f"{case.number}:{written.message_id}", str(desk.chat_id)
        ),
        is_protected=False,
    )
    desk.transaction.copies.note(
        promise=promise,
        case_number=case.number,
        chat_id=before.chat_id,
        kind=CopyKind.ANSWER,
        origin=(desk.chat_id, written.message_id),
    )
    file_answer(desk, case, written, is_edit=True)


async def answer_sent(desk: Desk, timer: Timer) -> None:
    """``cases.answer_sent``: what was sent without a reply has reached the resident."""
    number, _, _ = timer.key.partition(":")
    case = await desk.transaction.cases.find(int(number))
    if case is not None:
        await note_answered(desk, case)


async def answer_lost(desk: Desk, timer: Timer) -> None:
    """``cases.answer_lost``: the officer is told that the resident cannot be reached, with the
    phone number if the resident shared one; or that this message cannot be carried."""
    number, _, message_id = timer.key.partition(":")
    case = await desk.transaction.cases.find(int(number))
    if case is None:
        return
    _ = desk.words
    if await desk.transaction.unreachable.is_reachable(case.resident_chat_id):
        text = _("{number}: this answer could not be delivered. Please write it as text.")
        phone = None
    else:
        text = _("{number}: the resident cannot be reached here any more. Your answer did not"
                 " arrive.")  # fmt: skip
        person = await desk.transaction.people.find(case.resident_chat_id)
        phone = person.phone if person else None
    lines = [text.format(number=label(case.number))]
    if phone:
        lines += [_("You can call:"), escape(phone)]
    await desk.bot.send_message(
        desk.chat_id,
        "\n".join(lines),
        reply_parameters=ReplyParameters(int(message_id), allow_sending_without_reply=True),
    )
