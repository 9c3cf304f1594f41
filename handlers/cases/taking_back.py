"""What goes to somebody who was chosen can be taken back for ten seconds."""

from __future__ import annotations

from datetime import timedelta

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.cases import (
    Case,
    CaseState,
    Copy,
    CopyKind,
    NotTheOwner,
    check_owner,
    label,
    number_of,
)
from handlers.cases.carrying import Written
from handlers.cases.delivering import deliver
from handlers.cases.questions import Question, ask, question_of, question_of_press
from handlers.cases.to_whom import say_it_moved_on
from handlers.cases.wording import could_not_be_delivered

#: How long what was sent without a reply can be taken back.
UNDO_FOR = timedelta(seconds=10)


async def pick(desk: Desk) -> None:
    """A case was chosen: what waits goes there in ten seconds unless it is taken back."""
    question = question_of_press(desk)
    case = await _case_of_press(desk)
    if question is None or case is None:
        await say_it_moved_on(desk)
        return
    try:
        check_owner(case, desk.visitor.officer)
    except NotTheOwner:
        await say_it_moved_on(desk)
        return
    if case.state is CaseState.CLOSED:
        _ = desk.words
        await desk.answer_press(_.plain("This request is closed already."), is_alert=True)
        await ask(desk, question.waiting, in_place=question.dialogue.message_id)
        return
    await desk.answer_press()
    await _send_in_a_while(desk, question, case)


async def _case_of_press(desk: Desk) -> Case | None:
    number = number_of(desk.argument(2))
    return None if number is None else await desk.transaction.cases.find(number)


async def _send_in_a_while(desk: Desk, question: Question, case: Case) -> None:
    message_id = question.dialogue.message_id
    due = desk.now + UNDO_FOR
    newest = question.waiting[-1]
    promises = [
        await deliver(
            desk,
            case,
            written,
            answers=None,
            not_before=due,
            question=message_id if written is newest else None,
        )
        for written in question.waiting
    ]
    desk.transaction.dialogues.end(question.dialogue.id)
    await _say_where_it_goes(desk, case, message_id, promises)


async def _say_where_it_goes(
    desk: Desk, case: Case, message_id: int | None, promises: list[int]
) -> None:
    _ = desk.words
    person = await desk.transaction.people.find(case.resident_chat_id)
    back = InlineKeyboardButton(
        _.plain("↩ Take it back"),
        callback_data=button_data("cases", "undo", min(promises), max(promises)),
    )
    await desk.bot.edit_message_text(
        _("Goes to {name} ({number}) in {seconds} seconds.").format(
            name=person.name if person else "…",
            number=label(case.number),
            seconds=int(UNDO_FOR.total_seconds()),
        ),
        chat_id=desk.chat_id,
        message_id=message_id,
        reply_markup=InlineKeyboardMarkup([[back]]),
    )


async def undo(desk: Desk) -> None:
    """Take back what has not been sent yet, and ask again. It needs no dialogue: other messages may
    have been written meanwhile."""
    given = await _given(desk)
    if not given:
        await say_it_moved_on(desk)
        return
    await desk.answer_press()
    promises = [copy.promise for copy in given]
    taken = set(await desk.transaction.outbox.cancel(promises, now=desk.now))
    if not taken:
        await _say_it_is_too_late(desk, given[-1])
        return
    waiting = [
        await _taken_back(desk, copy)
        for copy in given
        if copy.promise in taken and copy.kind is CopyKind.ANSWER
    ]
    desk.transaction.copies.forget_answers(desk.chat_id, sorted(taken))
    question = question_of(desk)
    together = [*waiting, *(question.waiting if question else ())]
    _ = desk.words
    lead = (
        _("Taken back. To whom?")
        if len(taken) == len(given)
        else _("A part was sent already, the rest is taken back. To whom?")
    )
    await ask(desk, together, in_place=desk.message.message_id, lead=lead)


async def _given(desk: Desk) -> list[Copy]:
    """The answers that the button names, if whoever pressed it gave them."""
    arguments = desk.press.arguments if desk.press else ()
    numbers = [number_of(each) for each in arguments]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return []
    return await desk.transaction.copies.given_by(desk.chat_id, first=numbers[0], last=numbers[1])


async def _taken_back(desk: Desk, copy: Copy) -> Written:
    message_id = copy.origin_message_id or 0
    message = await desk.transaction.messages.newest(desk.chat_id, message_id)
    if message is None:
        raise LookupError("an answer that is not on file")
    return Written(message_id, message.content)


async def _say_it_is_too_late(desk: Desk, copy: Copy) -> None:
    has_failed = await desk.transaction.outbox.has_failed(copy.promise)
    _ = desk.words
    await desk.bot.edit_message_text(
        could_not_be_delivered(desk.words) if has_failed else _("It was sent already."),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
    )
