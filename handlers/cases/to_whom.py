"""*To whom?*: an officer's message that replies to nothing never goes anywhere by itself.

The bot asks, keeps the message, and what was sent that way can be taken back for ten seconds.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.delivery.content import content_of
from bot.domain.cases import Case, NotTheOwner, check_owner, label, number_of
from handlers.cases.delivering import Written, deliver
from handlers.cases.wording import recipient_lines
from storage.dialogues import Dialogue

#: Open cases offered at once: more would not fit on a phone's screen without scrolling.
RECIPIENTS_SHOWN = 6
#: How long what was sent without a reply can be taken back.
UNDO_FOR = timedelta(seconds=10)
#: How long the question waits for its answer; the messages stay in the officer's chat anyway.
DIALOGUE_KEPT = timedelta(hours=12)
#: Open cases looked through by a search.
SEARCHED_CASES = 500
#: Messages that wait for one answer to *to whom?*: more would be a mistake of the thumb.
WAITING_MESSAGES = 20

KIND = "cases.to_whom"
_ASKED, _SEARCHING, _SENDING = "asked", "searching", "sending"


async def ask_to_whom(desk: Desk) -> None:
    """Keep the message and ask; a second message joins the first one's question."""
    waiting = {"message_id": desk.message.message_id, "content": content_of(desk.raw_message)}
    current = desk.visitor.dialogue
    if current is not None and current.kind == KIND and current.step == _ASKED:
        messages = [*current.data["messages"], waiting]
        if len(messages) <= WAITING_MESSAGES:
            await desk.transaction.dialogues.advance(
                current, step=_ASKED, data={"messages": messages}
            )
            await _ask(desk, current.id, current.version + 1, len(messages))
            return
    if not await _open_cases(desk, RECIPIENTS_SHOWN):
        await _say_there_is_nobody(desk)
        return
    dialogue = await desk.transaction.dialogues.start(
        chat_id=desk.chat_id,
        user_id=desk.chat_id,
        kind=KIND,
        step=_ASKED,
        data={"messages": [waiting]},
        expires_at=desk.now + DIALOGUE_KEPT,
    )
    await _ask(desk, dialogue.id, dialogue.version, 1)


async def _open_cases(desk: Desk, limit: int) -> list[Case]:
    if desk.visitor.officer is None:
        return []
    return await desk.transaction.cases.open_of_owner(desk.visitor.officer, limit=limit)


async def _named(desk: Desk, cases: list[Case]) -> list[tuple[Case, str]]:
    named = []
    for case in cases:
        person = await desk.transaction.people.find(case.resident_chat_id)
        named.append((case, person.name if person else "…"))
    return named


async def _ask(desk: Desk, dialogue_id: int, version: int, count: int) -> None:
    _ = desk.words
    cases = await _named(desk, await _open_cases(desk, RECIPIENTS_SHOWN))
    text = _.many(
        "To whom? {count} message is kept until you choose.",
        "To whom? {count} messages are kept until you choose.",
        count,
    ).format(count=count)
    sent = await desk.bot.send_message(
        desk.chat_id,
        text,
        reply_markup=recipient_lines(cases, dialogue_id, version, desk.words),
    )
    desk.transaction.dialogues.set_message(dialogue_id, sent.message_id)


async def _say_there_is_nobody(desk: Desk) -> None:
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("You have no open request, so this message goes to nobody. To answer, reply to a"
          " resident's message."),
    )  # fmt: skip


async def _dialogue_of_press(desk: Desk) -> Dialogue | None:
    """The dialogue a button belongs to, if it is still at the step that showed the button."""
    arguments = desk.press.arguments if desk.press else ()
    current = desk.visitor.dialogue
    if len(arguments) < 2 or current is None or current.kind != KIND:
        return None
    shown = (str(current.id), str(current.version))
    return current if tuple(arguments[:2]) == shown else None


async def pick(desk: Desk) -> None:
    """A case was chosen: what waits goes there in ten seconds unless it is taken back."""
    dialogue = await _dialogue_of_press(desk)
    number = number_of(desk.press.arguments[2]) if desk.press and dialogue else None
    case = await desk.transaction.cases.find(number) if number else None
    if dialogue is None or dialogue.step != _ASKED or case is None:
        await moved_on(desk)
        return
    try:
        check_owner(case, desk.visitor.officer)
    except NotTheOwner:
        await moved_on(desk)
        return
    await _send_in_a_while(desk, dialogue, case)


async def _send_in_a_while(desk: Desk, dialogue: Dialogue, case: Case) -> None:
    due = desk.now + UNDO_FOR
    promises = [
        await deliver(
            desk,
            case,
            Written(each["message_id"], each["content"]),
            answers=None,
            not_before=due,
        )
        for each in dialogue.data["messages"]
    ]
    data: dict[str, Any] = {**dialogue.data, "promises": promises, "case": case.number}
    moved = await desk.transaction.dialogues.advance(dialogue, step=_SENDING, data=data)
    if moved is None:
        raise LookupError("a dialogue moved inside its own transaction")
    _ = desk.words
    person = await desk.transaction.people.find(case.resident_chat_id)
    undo = InlineKeyboardButton(
        _.plain("↩ Take it back"),
        callback_data=button_data("cases", "undo", moved.id, moved.version),
    )
    await _show(
        desk,
        _("Goes to {name} ({number}) in {seconds} seconds.").format(
            name=person.name if person else "…",
            number=label(case.number),
            seconds=int(UNDO_FOR.total_seconds()),
        ),
        InlineKeyboardMarkup([[undo]]),
    )


async def _show(desk: Desk, text: str, buttons: InlineKeyboardMarkup | None) -> None:
    """Edit the question in place."""
    await desk.answer_press()
    await desk.bot.edit_message_text(
        text, chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=buttons
    )


async def undo(desk: Desk) -> None:
    """Take back what has not been sent yet, and ask again."""
    dialogue = await _dialogue_of_press(desk)
    if dialogue is None or dialogue.step != _SENDING:
        await moved_on(desk)
        return
    taken_back = await desk.transaction.outbox.cancel(dialogue.data["promises"], now=desk.now)
    _ = desk.words
    if not taken_back:
        desk.transaction.dialogues.end(dialogue.id)
        await _show(desk, _("It was sent already."), None)
        return
    desk.transaction.copies.forget_answers(desk.chat_id, dialogue.data["promises"])
    again = await desk.transaction.dialogues.advance(
        dialogue, step=_ASKED, data={"messages": dialogue.data["messages"]}
    )
    if again is None:
        raise LookupError("a dialogue moved inside its own transaction")
    cases = await _named(desk, await _open_cases(desk, RECIPIENTS_SHOWN))
    await _show(
        desk,
        _("Taken back. To whom?"),
        recipient_lines(cases, again.id, again.version, desk.words),
    )


async def drop(desk: Desk) -> None:
    """Send it to nobody."""
    dialogue = await _dialogue_of_press(desk)
    if dialogue is None or dialogue.step != _ASKED:
        await moved_on(desk)
        return
    desk.transaction.dialogues.end(dialogue.id)
    _ = desk.words
    await _show(desk, _("Sent to nobody."), None)


async def search(desk: Desk) -> None:
    """Ask for a number or a name; only a reply to that question is a search."""
    dialogue = await _dialogue_of_press(desk)
    if dialogue is None or dialogue.step != _ASKED:
        await moved_on(desk)
        return
    await desk.transaction.dialogues.advance(dialogue, step=_SEARCHING, data=dialogue.data)
    await desk.answer_press()
    _ = desk.words
    prompt = await desk.bot.send_message(
        desk.chat_id,
        _("Reply to this message with the request's number or the resident's name."),
        reply_markup=ForceReply(input_field_placeholder=_.plain("C-1042")),
    )
    desk.transaction.dialogues.set_message(dialogue.id, prompt.message_id)


async def found(desk: Desk) -> None:
    """The reply to the search question: the cases that fit, or a word that none does."""
    dialogue = desk.visitor.dialogue
    if dialogue is None or dialogue.step != _SEARCHING:
        await ask_to_whom(desk)
        return
    wanted = (desk.message.text or "").strip()
    cases = await _named(desk, await _open_cases(desk, SEARCHED_CASES))
    number = number_of(wanted)
    fitting = [
        (case, name)
        for case, name in cases
        if case.number == number or (wanted and wanted.casefold() in name.casefold())
    ][:RECIPIENTS_SHOWN]
    again = await desk.transaction.dialogues.advance(dialogue, step=_ASKED, data=dialogue.data)
    if again is None:
        raise LookupError("a dialogue moved inside its own transaction")
    _ = desk.words
    text = _("To whom?") if fitting else _("No open request fits. To whom?")
    shown = fitting or cases[:RECIPIENTS_SHOWN]
    sent = await desk.bot.send_message(
        desk.chat_id,
        text,
        reply_markup=recipient_lines(shown, again.id, again.version, desk.words),
    )
    desk.transaction.dialogues.set_message(again.id, sent.message_id)


async def moved_on(desk: Desk) -> None:
    """An old or forged button: say so, change nothing."""
    _ = desk.words
    await desk.answer_press(_.plain("This has moved on. Please use the newest message."))
