"""Without this module a cry for help would wait in one chat, whoever looks at it, or does not.

The duty desk is told loudly and sees the message; whose request it is stays as it was, until
somebody of the desk takes it, by a button or by answering first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from markupsafe import Markup
from telegram import ReplyParameters

from bot.context import Desk
from bot.delivery.content import words_in
from bot.delivery.outbox import promise_of, terms
from bot.domain.cases import Case, CaseState, CopyKind, label, last_words, number_of
from bot.texts import Words
from handlers.cases.carrying import Written
from handlers.cases.copies import pass_on
from handlers.cases.placing import place_unplaced, take_over
from handlers.cases.shown import send_alert, show_copy, watching
from handlers.cases.urgent import call_taken_too, has_another_taker
from storage.outbox import Lane
from storage.timers import Timer

#: In a talk about a danger the duty desk is alarmed again when this time has passed since the last
#: alarm; every cry is shown below it.
ALARMED_AGAIN_AFTER = timedelta(minutes=10)
#: What is shown of a request at once: more is read by whoever takes it.
SHOWN_AT_ONCE = 20


async def alarm(desk: Desk, timer: Timer) -> None:
    """``cases.alarm``: a cry for help was heard, and whatever hears messages has done so."""
    desk.is_emergency = True
    message_id = int(timer.key.partition(":")[2])
    content = timer.payload["content"]
    case = await _case_of(desk, message_id, content)
    if case is not None:
        if case.owner in desk.roster.station.duty_desk:
            await _alarm_owner(desk, case)
        for chat_id in await watching(desk, case.owner):
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


async def _alarm_one(desk: Desk, case: Case, chat_id: int, written: Written) -> None:
    if await _is_due(desk, case, chat_id):
        text = await _alarm_text(desk, case, await desk.words_of(chat_id))
        await send_alert(desk, case, chat_id, text, lane=Lane.URGENT)
    await show_copy(desk, case, chat_id, written)


async def _is_due(desk: Desk, case: Case, chat_id: int) -> bool:
    """Whether this chat was not alarmed about the request just now."""
    return await desk.transaction.runs.claim_again(
        "cases.alarm", f"{case.number}:{chat_id}", desk.now, after=ALARMED_AGAIN_AFTER
    )


async def _alarm_owner(desk: Desk, case: Case) -> None:
    """The duty desk whose own request it is has the words below its card, and the same alarm."""
    chat_id = case.owner_chat_id or 0
    if not await _is_due(desk, case, chat_id):
        return
    words = await desk.words_of(chat_id)
    sent = await desk.bot.send_message(
        chat_id,
        await _alarm_text(desk, replace(case, owner=None), words),
        reply_parameters=_below(case),
        protect_content=True,
        api_kwargs=terms(lane=Lane.URGENT),
    )
    desk.transaction.copies.note(
        promise=promise_of(sent.message_id),
        case_number=case.number,
        chat_id=chat_id,
        kind=CopyKind.NOTICE,
    )


def _below(case: Case) -> ReplyParameters | None:
    return (
        None if case.card is None else ReplyParameters(-case.card, allow_sending_without_reply=True)
    )


async def _alarm_text(desk: Desk, case: Case, words: Words) -> str:
    """To the duty desk: somebody cries for help, and whose request it is if it is another's."""
    _ = words
    person = await desk.transaction.people.find(case.resident_chat_id)
    area = desk.roster.area(case.area) if case.area else None
    owner = desk.roster.officer(case.owner)
    lines = [
        _("🚨 <b>Somebody writes of a danger.</b> Please look now."),
        Markup("<b>{number}</b> · {name} · {place}").format(
            number=label(case.number),
            name=person.name if person else "…",
            place=desk.name_of(area.name, words) if area else _.plain("no area chosen"),
        ),
        _("The emergency numbers were shown at once."),
    ]
    if owner is not None:
        name = desk.name_of(owner.name, words)
        lines.append(_("{name} has this request and got the message too.").format(name=name))
    return "\n".join(lines)


# --- what somebody does who was alarmed


async def _alerted_about(desk: Desk) -> Case | None:
    """The case of a press, if this chat was alerted about it; whoever was not is refused."""
    number = number_of(desk.argument(0))
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
    """*I take it*: from now on it is this person's, unless somebody has answered meanwhile; and so
    is the urgent call, if there is one."""
    case = await _alerted_about(desk)
    if case is None:
        return
    taken = await take_by_answer(desk, case)
    _ = desk.words
    if taken.owner == desk.visitor.officer:
        await call_taken_too(desk, taken)
        await desk.answer_press(_.plain("It is yours now."))
    else:
        await desk.answer_press(await _why_not(desk, taken), is_alert=True)


async def _why_not(desk: Desk, case: Case) -> str:
    _ = desk.words
    owner = desk.roster.officer(case.owner)
    if owner is not None and await has_another_taker(desk, case):
        name = desk.name_of(owner.name, _)
        return str(_.plain("{name} is responsible now.")).format(name=name)
    return _.plain("{number}: nothing waits for an answer.").format(number=label(case.number))


async def take_by_answer(desk: Desk, case: Case) -> Case:
    """The case with whoever came as its owner, if it waits for an answer and may be taken: the
    first answer takes it, but for what somebody has taken in an urgent call. Else the case as it
    was."""
    officer = desk.visitor.officer
    if officer is None or officer == case.owner or case.state is CaseState.CLOSED:
        return case
    if not await desk.transaction.messages.unanswered(case):
        return case
    if await has_another_taker(desk, case):
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
