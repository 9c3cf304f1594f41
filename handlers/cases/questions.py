"""The question *to whom?*: what waits for its answer, and the one message that asks.

Everything that waits shares one question. What joins soon changes it in place; later it is asked
again below, and the older one disappears.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from bot.context import Desk
from bot.domain.cases import Case
from bot.domain.roster import Role
from handlers.cases.carrying import Written
from handlers.cases.wording import recipient_lines
from storage.dialogues import Dialogue

#: Open cases offered at once: more would not fit on a phone's screen without scrolling.
RECIPIENTS_SHOWN = 6
#: How long the question waits for its answer; the messages stay in the officer's chat anyway.
DIALOGUE_KEPT = timedelta(hours=12)
#: A message so soon after the question joins it in place; later the question is asked below.
JOINS_WITHIN = timedelta(seconds=30)

KIND = "cases.to_whom"
ASKED, SEARCHING = "asked", "searching"


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is open: what waits for it, in order, and when it was asked (aware)."""

    dialogue: Dialogue
    waiting: Sequence[Written]
    asked_at: datetime

    @property
    def is_searching(self) -> bool:
        """The message that asks is the prompt of a search."""
        return self.dialogue.step == SEARCHING


def question_of(desk: Desk) -> Question | None:
    """The question that whoever came has open."""
    dialogue = desk.visitor.dialogue
    if dialogue is None or dialogue.kind != KIND:
        return None
    waiting = [Written(each["message_id"], each["content"]) for each in dialogue.data["waiting"]]
    return Question(dialogue, waiting, datetime.fromisoformat(dialogue.data["asked_at"]))


def question_of_press(desk: Desk) -> Question | None:
    """The question whose button was pressed; None when it has moved on since, or never was."""
    arguments = desk.press.arguments if desk.press else ()
    question = question_of(desk)
    if question is None or question.is_searching:
        return None
    shown = (str(question.dialogue.id), str(question.dialogue.version))
    return question if arguments[:2] == shown else None


async def open_cases(desk: Desk, limit: int) -> list[tuple[Case, str]]:
    """The open cases of whoever came with the residents' names, the latest written to first."""
    if desk.visitor.officer is None:
        return []
    cases = await desk.transaction.cases.open_of_owner(desk.visitor.officer, limit=limit)
    named = []
    for case in cases:
        person = await desk.transaction.people.find(case.resident_chat_id)
        named.append((case, person.name if person else "…"))
    return named


async def ask(
    desk: Desk,
    waiting: Sequence[Written],
    *,
    in_place: int | None = None,
    lead: Markup | None = None,
    offered: Sequence[tuple[Case, str]] | None = None,
) -> None:
    """Ask about everything that waits: in the message ``in_place``, or in a new one below.

    ``lead``: said instead of how many wait; ``offered``: instead of the latest open cases.
    """
    before = question_of(desk)
    asked_at = before.asked_at if before and in_place else desk.now
    dialogue = await _kept(desk, before, _data(waiting, asked_at))
    cases = await open_cases(desk, RECIPIENTS_SHOWN) if offered is None else offered
    text = _question(desk, len(waiting)) if lead is None else lead
    buttons = recipient_lines(
        cases,
        dialogue.id,
        dialogue.version,
        desk.words,
        may_publish=desk.role is not Role.INTERPRETER,
    )
    if in_place is None:
        sent = await desk.bot.send_message(desk.chat_id, text, reply_markup=buttons)
        message_id = sent.message_id
    else:
        message_id = in_place
        await desk.bot.edit_message_text(
            text, chat_id=desk.chat_id, message_id=message_id, reply_markup=buttons
        )
    if before is not None and before.dialogue.message_id not in (None, message_id):
        await desk.bot.delete_message(desk.chat_id, before.dialogue.message_id or 0)
    desk.transaction.dialogues.set_message(dialogue.id, message_id)


def _question(desk: Desk, count: int) -> Markup:
    _ = desk.words
    return _.many(
        "To whom? {count} message is kept until you choose.",
        "To whom? {count} messages are kept until you choose.",
        count,
    ).format(count=count)


def _data(waiting: Sequence[Written], asked_at: datetime) -> Mapping[str, Any]:
    return {
        "waiting": [
            {"message_id": each.message_id, "content": dict(each.content)} for each in waiting
        ],
        "asked_at": asked_at.isoformat(),
    }


async def _kept(desk: Desk, before: Question | None, data: Mapping[str, Any]) -> Dialogue:
    if before is None:
        return await desk.transaction.dialogues.start(
            chat_id=desk.chat_id,
            user_id=desk.chat_id,
            kind=KIND,
            step=ASKED,
            data=data,
            expires_at=desk.now + DIALOGUE_KEPT,
        )
    return await step_to(desk, before, ASKED, data)


async def step_to(desk: Desk, question: Question, step: str, data: Mapping[str, Any]) -> Dialogue:
    """The question's next step; its buttons shown so far are old from now on."""
    moved = await desk.transaction.dialogues.advance(question.dialogue, step=step, data=data)
    if moved is None:
        raise LookupError("a dialogue moved inside its own transaction")
    return moved


def change_waiting(desk: Desk, written: Written) -> None:
    """A message that waits was changed: its newest version is what will go."""
    question = question_of(desk)
    if question is None or written.message_id not in {each.message_id for each in question.waiting}:
        return
    waiting = [
        written if each.message_id == written.message_id else each for each in question.waiting
    ]
    desk.transaction.dialogues.set_data(question.dialogue.id, _data(waiting, question.asked_at))
