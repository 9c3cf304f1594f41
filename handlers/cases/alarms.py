"""Without this module a cry for help would wait in one chat, whoever looks at it, or does not.

The duty desk is told loudly and sees the message; whose request it is stays as it was, until
somebody of the desk takes it, by a button or by answering first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.delivery.content import can_be_copied, words_in
from bot.delivery.outbox import promise_of, terms
from bot.domain.cases import Case, CaseState, CopyKind, label, last_words, number_of
from bot.domain.roster import Role
from bot.texts import Words
from handlers.cases.carrying import Carriage, Written, carry
from handlers.cases.copies import pass_on
from handlers.cases.placing import place_unplaced, take_over
from handlers.cases.wording import alarm_text, not_passed_on_by_telegram
from storage.outbox import Lane
from storage.timers import Timer

#: In a talk about a danger the duty desk gets one alarm in this time; every cry is shown below it.
ALARMED_AGAIN_AFTER = timedelta(minutes=10)
#: What is shown of a request at once: more is read by whoever takes it.
SHOWN_AT_ONCE = 20


async def alarm(desk: Desk, timer: Timer) -> None:
    """``cases.alarm``: a cry for help was heard, and whatever hears messages has done so."""
    message_id = int(timer.key.partition(":")[2])
    content = timer.payload["content"]
    case = await _case_of(desk, message_id, content)
    if case is not None:
        for chat_id in await watching(desk, case):
            await _alarm_one(desk, case, chat_id, Written(message_id, content))


async def _case_of(desk: Desk, message_id: int, content: Mapping[str, Any]) -> Case | None:
    """The resident's case; opened now, before an area is chosen. A cry that a question took for its
    answer is passed on all the same."""
    case = desk.visitor.case
    if not await desk.transaction.messages.has(desk.chat_id, message_id):
        _keep(desk, case, message_id, content)
        if case is not None:
            await pass_on(desk, case, Written(message_id, content))
    if case is not None:
        return case
    await place_unplaced(desk)
    return await desk.transaction.cases.unclosed_of(desk.chat_id)


def _keep(desk: Desk, case: Case | None, message_id: int, content: Mapping[str, Any]) -> None:
    desk.transaction.messages.keep(
        case_number=case.number if case else None,
        resident_chat_id=desk.chat_id,
        chat_id=desk.chat_id,
        message_id=message_id,
        author=None,
        kind=content["kind"],
        content=content,
        is_edit=False,
        words=last_words(words_in(content)),
        now=desk.now,
    )


async def watching(desk: Desk, case: Case) -> list[int]:
    """The chats of the duty desk, without the owner's; when none can be reached, of the
    supervisors."""
    states = await desk.transaction.officers.states()
    for codes in (desk.roster.station.duty_desk, tuple(_supervisors(desk))):
        there = {
            code: state.chat_id
            for code, state in states.items()
            if code in codes and state.is_reachable and not state.is_absent
        }
        if there:
            return [each for code, each in there.items() if each and code != case.owner]
    return []


def _supervisors(desk: Desk) -> Iterator[str]:
    return (each.code for each in desk.roster.officers if each.role is Role.SUPERVISOR)


async def _alarm_one(desk: Desk, case: Case, chat_id: int, written: Written) -> None:
    spell = int(desk.now.timestamp() // ALARMED_AGAIN_AFTER.total_seconds())
    words = await desk.words_of(chat_id)
    if await desk.transaction.runs.claim(
        "cases.alarm", f"{case.number}:{chat_id}:{spell}", desk.now
    ):
        text = await alarm_text(desk, case, words)
        await send_alert(desk, case, chat_id, text, lane=Lane.URGENT)
    await show_copy(desk, case, chat_id, written)


async def send_alert(
    desk: Desk, case: Case, chat_id: int, text: str, *, lane: Lane = Lane.DIALOGUE
) -> int:
    """Promise a message about somebody else's case, which can be taken there."""
    words = await desk.words_of(chat_id)
    sent = await desk.bot.send_message(
        chat_id,
        text,
        reply_markup=_buttons(case, words),
        protect_content=True,
        api_kwargs=terms(lane=lane),
    )
    promise = promise_of(sent.message_id)
    desk.transaction.copies.note(
        promise=promise, case_number=case.number, chat_id=chat_id, kind=CopyKind.ALERT
    )
    return promise


def _buttons(case: Case, words: Words) -> InlineKeyboardMarkup:
    _ = words
    take_it = button_data("cases", "take", case.number)
    show_it = button_data("cases", "show", case.number)
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(_.plain("✋ I take it"), callback_data=take_it)],
            [InlineKeyboardButton(_.plain("📄 Everything unanswered"), callback_data=show_it)],
        ]
    )


async def show_copy(desk: Desk, case: Case, chat_id: int, written: Written) -> None:
    """One of the resident's messages below the newest alert in this chat."""
    alert = await desk.transaction.copies.latest(case.number, chat_id, CopyKind.ALERT)
    if not can_be_copied(written.content["kind"]):
        words = await desk.words_of(chat_id)
        await desk.bot.send_message(
            chat_id, not_passed_on_by_telegram(written.content["kind"], words)
        )
        return
    carriage = Carriage(
        case_number=case.number,
        kind=CopyKind.SHOWN,
        from_chat_id=case.resident_chat_id,
        to_chat_id=chat_id,
        written=written,
        answers=-alert.promise if alert else None,
        is_protected=True,
    )
    await carry(desk, carriage)


# --- what somebody does who was alarmed


async def _alerted_about(desk: Desk) -> Case | None:
    """The case of a press, if this chat was alerted about it; whoever was not is refused."""
    arguments = desk.press.arguments if desk.press else ()
    number = number_of(arguments[0]) if arguments else None
    case = await desk.transaction.cases.find(number) if number else None
    if case is None or not await _was_alerted(desk, case):
        _ = desk.words
        await desk.answer_press(_.plain("This request is not yours (any more)."), is_alert=True)
        return None
    return case


async def _was_alerted(desk: Desk, case: Case) -> bool:
    found = await desk.transaction.copies.latest(case.number, desk.chat_id, CopyKind.ALERT)
    return found is not None


async def take(desk: Desk) -> None:
    """*I take it*: from now on it is this person's, unless somebody has answered meanwhile."""
    case = await _alerted_about(desk)
    if case is None:
        return
    taken = await take_by_answer(desk, case)
    _ = desk.words
    if taken.owner == desk.visitor.officer:
        await desk.answer_press(_.plain("It is yours now."))
    else:
        await desk.answer_press(
            _.plain("{number}: nothing waits for an answer.").format(number=label(case.number)),
            is_alert=True,
        )


async def take_by_answer(desk: Desk, case: Case) -> Case:
    """The case with whoever came as its owner, if it waits for an answer and may be taken: the
    first answer takes it. Else the case as it was."""
    officer = desk.visitor.officer
    if officer is None or officer == case.owner or case.state is CaseState.CLOSED:
        return case
    if not await desk.transaction.messages.unanswered(case):
        return case
    return await take_over(desk, case, officer)


async def show(desk: Desk) -> None:
    """*Everything unanswered*: the newest `SHOWN_AT_ONCE` of it, without taking it."""
    case = await _alerted_about(desk)
    if case is None:
        return
    waiting = await desk.transaction.messages.unanswered(case)
    newest = {message.message_id: message for message in waiting}
    for message in list(newest.values())[-SHOWN_AT_ONCE:]:
        await show_copy(desk, case, desk.chat_id, Written(message.message_id, message.content))
    await desk.answer_press()
