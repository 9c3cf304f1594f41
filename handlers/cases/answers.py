"""An officer's answer reaches the resident it is meant for, and nobody else.

The target is the stored message that was replied to, never "the last one who wrote". What replies
to nothing goes nowhere by itself: see `handlers.cases.to_whom`.
"""

from __future__ import annotations

from dataclasses import replace

from telegram import ReplyParameters

from bot.context import Desk
from bot.delivery.content import can_be_copied
from bot.domain.cases import Case, Copy, CopyKind, NotTheOwner, check_owner
from handlers.cases.alarms import take_by_answer
from handlers.cases.carrying import Written, carry_edit, written_at
from handlers.cases.delivering import (
    carriage_to_resident,
    deliver,
    file_answer,
    note_answered,
)
from handlers.cases.questions import change_waiting
from handlers.cases.to_whom import ask_to_whom
from handlers.cases.urgent import answered_untaken
from handlers.cases.wording import (
    answer_not_sent,
    cannot_be_passed_on,
    could_not_be_delivered,
    not_delivered,
    sent_to,
)
from storage.timers import Timer

#: Telegram allows so many items in an album, and gives them neighbouring message ids.
ALBUM_ITEMS = 10


async def answer(desk: Desk) -> None:
    """A new message of somebody on the roster."""
    written = written_at(desk)
    found = await _replied_to(desk, written)
    if found is not None:
        copy, case = found
        await _answer_to(desk, case, copy, written)
    elif can_be_copied(written.content["kind"]):
        await ask_to_whom(desk, written)
    else:
        await desk.bot.send_message(desk.chat_id, cannot_be_passed_on(desk.words))


async def _replied_to(desk: Desk, written: Written) -> tuple[Copy, Case] | None:
    """What the message replies to, and its case: a card, a copy, or what its album replies to."""
    replied = desk.message.reply_to_message
    if replied is not None:
        return await desk.transaction.copies.at(desk.chat_id, replied.message_id)
    album = written.content.get("media_group_id")
    if album is None:
        return None
    copy = await _answered_by_album(desk, written, album)
    return None if copy is None else (copy, await _case_of(desk, copy))


async def _answered_by_album(desk: Desk, written: Written, album: str) -> Copy | None:
    """An item without the reply that an earlier item of the same album has."""
    earlier = await desk.transaction.messages.between(
        desk.chat_id, written.message_id - ALBUM_ITEMS, written.message_id - 1
    )
    same = [each for each in earlier if each.content.get("media_group_id") == album]
    if not same:
        return None
    made = await desk.transaction.copies.made_of(desk.chat_id, same[-1].message_id)
    return made[0] if made else None


async def _case_of(desk: Desk, copy: Copy) -> Case:
    case = await desk.transaction.cases.find(copy.case_number)
    if case is None:
        raise LookupError(f"copy of a case that is not on file: {copy.case_number}")
    return case


async def _answer_to(desk: Desk, case: Case, copy: Copy, written: Written) -> None:
    if copy.kind in (CopyKind.ALERT, CopyKind.SHOWN):
        case = await take_by_answer(desk, case)
    try:
        check_owner(case, desk.visitor.officer)
    except NotTheOwner as refusal:
        await _say_who_is(desk, refusal)
        return
    await deliver(desk, case, written, answers=_origin(copy, case))
    await answered_untaken(desk, case)


def _origin(copy: Copy, case: Case) -> int | None:
    """The resident's own message that a copy was made of."""
    return copy.origin_message_id if copy.origin_chat_id == case.resident_chat_id else None


async def _say_who_is(desk: Desk, refusal: NotTheOwner) -> None:
    await desk.bot.send_message(
        desk.chat_id,
        answer_not_sent(desk, refusal),
        reply_parameters=ReplyParameters(desk.message.message_id, allow_sending_without_reply=True),
    )


async def change_answer(desk: Desk) -> None:
    """An officer changed an answer: the resident gets the new version, which says *edited*. What
    still waits for its resident, or can still be taken back, just changes."""
    written = written_at(desk)
    copies = await desk.transaction.copies.made_of(desk.chat_id, desk.message.message_id)
    if not copies:
        change_waiting(desk, written)
        return
    case = await _case_of(desk, copies[0])
    try:
        check_owner(case, desk.visitor.officer)
    except NotTheOwner as refusal:
        await _say_who_is(desk, refusal)
        return
    if await desk.transaction.outbox.is_held_back(copies[0].promise, now=desk.now):
        file_answer(desk, case, written, is_edit=True)  # what is copied then is the new version
    else:
        await _send_edited(desk, case, written, copies[0])


async def _send_edited(desk: Desk, case: Case, written: Written, before: Copy) -> None:
    words = await desk.words_of(case.resident_chat_id)
    carriage = carriage_to_resident(desk, case, written, answers=-before.promise)
    if await carry_edit(desk, replace(carriage, sign=words.plain("✎ edited"))):
        file_answer(desk, case, written, is_edit=True)


# --- what became of an answer


async def answer_sent(desk: Desk, timer: Timer) -> None:
    """``cases.answer_sent``: an answer is on the resident's phone."""
    case, _message_id, question = await _about(desk, timer)
    if case.owner_chat_id == desk.chat_id:
        await note_answered(desk, case)
    if question:
        person = await desk.transaction.people.find(case.resident_chat_id)
        text = sent_to(case, person.name if person else "…", desk.words)
        await desk.bot.edit_message_text(text, chat_id=desk.chat_id, message_id=question)


async def answer_lost(desk: Desk, timer: Timer) -> None:
    """``cases.answer_lost``: the officer is told that the resident cannot be reached, with the
    phone number if the resident shared one; or that this message cannot be carried."""
    case, message_id, question = await _about(desk, timer)
    person = None
    is_reachable = await desk.transaction.unreachable.is_reachable(case.resident_chat_id)
    if not is_reachable:
        person = await desk.transaction.people.find(case.resident_chat_id)
    text = not_delivered(
        case, desk.words, is_reachable=is_reachable, phone=person.phone if person else None
    )
    if question:
        await desk.bot.edit_message_text(
            could_not_be_delivered(desk.words), chat_id=desk.chat_id, message_id=question
        )
    await desk.bot.send_message(
        desk.chat_id,
        text,
        reply_parameters=ReplyParameters(message_id, allow_sending_without_reply=True),
    )


async def _about(desk: Desk, timer: Timer) -> tuple[Case, int, int]:
    """The case, the officer's message and the question that a timer is about."""
    number, _chat_id, message_id, question = (int(each) for each in timer.key.split(":"))
    case = await desk.transaction.cases.find(number)
    if case is None:
        raise LookupError(f"a timer about a case that is not on file: {number}")
    return case, message_id, question
