"""Keeping what was written before an area was known, and settling a resident in one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from bot.context import Desk
from bot.domain.cases import label
from bot.domain.roster import Area
from handlers.areas import ask_area
from handlers.introduction import introduce

#: Without a choice the duty desk gets what was written after this time.
UNPLACED_AFTER = timedelta(minutes=5)
#: The dialogue of the search question; over when the resident is settled.
SEARCH = "registration.search"
#: The cases feature turns what is held into a case when this timer acts.
_UNPLACED_TIMER = "cases.unplaced"


def is_unplaced(desk: Desk) -> bool:
    """Whether nobody knows yet whom a message of this resident is for."""
    return desk.area is None and desk.visitor.case is None


async def hold(desk: Desk) -> None:
    """A message before any area: kept, and the area is asked for once."""
    if await keep(desk, desk.message.message_id, desk.content):
        await introduce(desk)
        await ask_area(desk, is_message_kept=True)
    else:
        await desk.mark_as_kept()


async def keep(desk: Desk, message_id: int, content: Mapping[str, Any]) -> bool:
    """Keep a message until the area is known, at most `UNPLACED_AFTER`; True for the first."""
    is_first = not await desk.transaction.messages.held(desk.chat_id)
    desk.transaction.messages.keep(
        case_number=None,
        resident_chat_id=desk.chat_id,
        chat_id=desk.chat_id,
        message_id=message_id,
        author=None,
        kind=content["kind"],
        content=content,
        is_edit=False,
        words="",
        now=desk.now,
    )
    if is_first:
        deliver(desk, after=UNPLACED_AFTER)
    return is_first


def deliver(desk: Desk, *, after: timedelta = timedelta()) -> None:
    """What is kept becomes a case, now or later."""
    desk.transaction.timers.set(
        _UNPLACED_TIMER,
        str(desk.chat_id),
        due_at=desk.now + after,
        chat_key=str(desk.chat_id),
    )


async def settle(desk: Desk, area: Area, *notes: Markup) -> None:
    """The resident belongs to ``area`` from now on; what was kept goes to its officer."""
    desk.transaction.people.set_area(desk.chat_id, area.code)
    dialogue = desk.visitor.dialogue
    if dialogue is not None and dialogue.kind == SEARCH:
        desk.transaction.dialogues.end(dialogue.id)
    notes = (*notes, *_what_stays(desk, area), *_what_comes(desk))
    await introduce(desk, area=area, notes=notes)
    if await desk.transaction.messages.held(desk.chat_id):
        deliver(desk)


def _what_comes(desk: Desk) -> list[Markup]:
    """Said once: notices come by themselves, and how to have fewer."""
    if desk.area is not None:
        return []
    _ = desk.words
    return [_("Safety notices for your area come here too. Fewer, or none? /alerts")]


def _what_stays(desk: Desk, area: Area) -> list[Markup]:
    """First asked stays responsible: an open request does not move with the resident."""
    case = desk.visitor.case
    owner = desk.roster.officer(case.owner) if case is not None else None
    if case is None or owner is None or owner in desk.roster.usual_officers(area.code):
        return []
    _ = desk.words
    return [
        _("Your open request {number} stays with {name}.").format(
            number=label(case.number), name=desk.name_of(owner.name, desk.words)
        )
    ]
