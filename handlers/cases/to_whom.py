"""*To whom?*: an officer's message that replies to nothing never goes anywhere by itself.

The bot keeps the message and asks; whoever is not among the six latest is found by a search.
"""

from __future__ import annotations

from telegram import ForceReply

from bot.context import Desk
from bot.domain.cases import Case, number_of
from handlers.cases.carrying import Written, written_at
from handlers.cases.questions import (
    JOINS_WITHIN,
    RECIPIENTS_SHOWN,
    SEARCHING,
    ask,
    open_cases,
    question_of,
    question_of_press,
    step_to,
)

#: Open cases looked through by a search.
SEARCHED_CASES = 500
#: Messages that wait for one answer to *to whom?*: several albums; more is a mistake of the thumb.
WAITING_MESSAGES = 50


async def ask_to_whom(desk: Desk, written: Written) -> None:
    """Keep the message and ask; a second message joins the first one's question."""
    question = question_of(desk)
    if question is None:
        if await open_cases(desk, 1):
            await ask(desk, [written])
        else:
            await _say_there_is_nobody(desk)
        return
    if len(question.waiting) >= WAITING_MESSAGES:
        await _say_it_is_not_kept(desk)
        return
    is_soon = desk.now - question.asked_at < JOINS_WITHIN and not question.is_searching
    place = question.dialogue.message_id if is_soon else None
    await ask(desk, [*question.waiting, written], in_place=place)


async def _say_there_is_nobody(desk: Desk) -> None:
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("You have no open request, so this message goes to nobody. To answer, reply to a"
          " resident's message, or to the question that was asked here."),
    )  # fmt: skip


async def _say_it_is_not_kept(desk: Desk) -> None:
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("Too many messages wait for your choice. This one is not kept: choose first, then send"
          " it again."),
    )  # fmt: skip


async def drop(desk: Desk) -> None:
    """Send it to nobody."""
    question = question_of_press(desk)
    if question is None:
        await say_it_moved_on(desk)
        return
    desk.transaction.dialogues.end(question.dialogue.id)
    await desk.answer_press()
    _ = desk.words
    await desk.bot.edit_message_text(
        _("Sent to nobody."), chat_id=desk.chat_id, message_id=question.dialogue.message_id
    )


async def search(desk: Desk) -> None:
    """Ask for a number, a name or words; only a reply to that question is a search."""
    question = question_of_press(desk)
    if question is None:
        await say_it_moved_on(desk)
        return
    await step_to(desk, question, SEARCHING, question.dialogue.data)
    await desk.answer_press()
    _ = desk.words
    prompt = await desk.bot.send_message(
        desk.chat_id,
        _("Reply to this message with the request's number, the resident's name, or last words."),
        reply_markup=ForceReply(input_field_placeholder=_.plain("C-1042")),
    )
    desk.transaction.dialogues.set_message(question.dialogue.id, prompt.message_id)
    if question.dialogue.message_id is not None:
        await desk.bot.delete_message(desk.chat_id, question.dialogue.message_id)


async def found(desk: Desk) -> None:
    """The reply to the search question: the cases that fit, or a word that none does."""
    question = question_of(desk)
    if question is None or not question.is_searching:
        await ask_to_whom(desk, written_at(desk))
        return
    wanted = " ".join((desk.message.text or "").split()).casefold()
    cases = await open_cases(desk, SEARCHED_CASES)
    fitting = [(case, name) for case, name in cases if _fits(case, name, wanted)]
    _ = desk.words
    await ask(
        desk,
        question.waiting,
        lead=None if fitting else _("No open request fits. To whom?"),
        offered=(fitting or cases)[:RECIPIENTS_SHOWN],
    )


def _fits(case: Case, name: str, wanted: str) -> bool:
    if case.number == number_of(wanted):
        return True
    return wanted in name.casefold() or wanted in case.last_words.casefold()


async def say_it_moved_on(desk: Desk) -> None:
    """An old or forged button: say so, change nothing."""
    _ = desk.words
    await desk.answer_press(_.plain("This has moved on. Please use the newest message."))
