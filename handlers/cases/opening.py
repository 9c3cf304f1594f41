"""The beginning of a shift: what waited comes in one go, oldest first, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from markupsafe import Markup

from bot.context import Desk
from bot.domain.cases import Case, CaseState, label
from bot.domain.duty_hours import next_opening
from handlers.cases.card import send_card
from handlers.cases.carrying import Written
from handlers.cases.copies import pass_on
from handlers.cases.shifts import (
    OPENING,
    Manner,
    is_there,
    keep_for_opening,
    manner_of,
    room_for,
)
from handlers.duty import hours_of, when
from storage.timers import Timer

#: Lines of a digest: more are counted, and their cards come all the same.
LISTED = 20


async def open_shift(desk: Desk, timer: Timer) -> None:
    """`OPENING`: an officer's room opens, or the officer is there already. Whoever cannot be
    reached or is away loses what waits to the next person."""
    officer = timer.key
    found = await desk.transaction.waiting.cases_of(officer)
    cases = [(await _case(desk, number), since) for number, since in found]
    waiting = [(case, since) for case, since in cases if case is not None]
    if not waiting or await _is_too_early(desk, officer, waiting[0][0]):
        return
    state = (await desk.transaction.officers.states()).get(officer)
    if state is None or state.is_absent or not state.is_reachable:
        _place_anew(desk, [case for case, _since in waiting])
        return
    if await desk.transaction.runs.claim(
        "cases.digest", f"{officer}:{timer.due_at.isoformat()}", desk.now
    ):
        await _send_digest(desk, officer, waiting)
    for case, _since in waiting:
        await pass_on_waiting(desk, case)


async def _case(desk: Desk, number: int) -> Case | None:
    return await desk.transaction.cases.find(number)


async def _is_too_early(desk: Desk, officer: str, case: Case) -> bool:
    """The room does not open after all: the next opening is the time."""
    room = room_for(desk, case)
    if room is None or await is_there(desk, officer, room):
        return False
    opens = next_opening(await hours_of(desk, room), after=desk.now)
    if opens is not None:
        desk.transaction.timers.set(
            OPENING, officer, due_at=opens, chat_key=str(case.owner_chat_id)
        )
    return opens is not None


def _place_anew(desk: Desk, cases: list[Case]) -> None:
    for case in cases:
        desk.transaction.timers.set(
            "cases.place_one",
            str(case.number),
            due_at=desk.now,
            chat_key=str(case.resident_chat_id),
        )


async def _send_digest(desk: Desk, officer: str, waiting: list[tuple[Case, datetime]]) -> None:
    chat_id = waiting[0][0].owner_chat_id or 0
    words = await desk.words_of(chat_id)
    _ = words
    lines = [
        _.many(
            "☀ {count} request waited for you.", "☀ {count} requests waited for you.", len(waiting)
        ).format(count=len(waiting))
    ]
    for case, since in waiting[:LISTED]:
        person = await desk.transaction.people.find(case.resident_chat_id)
        lines.append(
            Markup("{number} · {name} · {time}").format(
                number=label(case.number),
                name=person.name if person else "…",
                time=when(desk, since, words),
            )
        )
    await desk.bot.send_message(chat_id, "\n".join(lines), protect_content=True)


async def pass_on_waiting(desk: Desk, case: Case) -> Case:
    """What waits in one case goes to its owner now, if the owner is there: the card, then each
    message in its newest version and with when it was written."""
    if case.state is not CaseState.OPEN or await manner_of(desk, case) is Manner.LATER:
        return case
    if case.card is None:
        card = await send_card(desk, case, is_silent=True)
        desk.transaction.cases.note_card(case.number, card)
        case = replace(case, card=card)
    for message_id in await desk.transaction.waiting.of_case(case.number):
        message = await desk.transaction.messages.newest(case.resident_chat_id, message_id)
        if message is not None:
            late = Written(message_id, message.content, message.written_at)
            await pass_on(desk, case, late)
    desk.transaction.waiting.forget(case.number)
    return case


async def unwatched(desk: Desk, timer: Timer) -> None:
    """``cases.unwatched``: the duty desk's chat is lost. The next who watches sees what waits; when
    nobody does, the owner gets it now, without a sound."""
    number = int(timer.key.partition(":")[0])
    case = await desk.transaction.cases.find(number)
    if case is None or case.state is not CaseState.OPEN:
        return
    if await manner_of(desk, case) is not Manner.LATER:
        await pass_on_waiting(desk, case)
        return
    for message_id in await desk.transaction.waiting.of_case(case.number):
        message = await desk.transaction.messages.newest(case.resident_chat_id, message_id)
        if message is not None:
            await keep_for_opening(desk, case, Written(message_id, message.content))
