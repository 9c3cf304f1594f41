"""The buttons under a case card: *I have read it*, *close*, *open again*."""

from __future__ import annotations

from dataclasses import replace

from bot.context import Desk
from bot.domain.cases import (
    Case,
    CaseAlreadyClosed,
    CaseState,
    NotTheOwner,
    Stage,
    check_can_close,
    check_owner,
    label,
    number_of,
)
from handlers.cases.card import update_card
from handlers.cases.receipts import go_further


async def _case_of_press(desk: Desk) -> Case | None:
    number = number_of(desk.argument(0))
    return await desk.transaction.cases.find(number) if number else None


async def _refuse(desk: Desk, case: Case | None = None) -> None:
    """Whoever pressed is not responsible: said with the name of whoever is."""
    _ = desk.words
    text = _.plain("This request is not yours (any more).")
    owner = desk.roster.officer(case.owner) if case else None
    if owner is not None:
        text += " " + _.plain("{name} is responsible now.").format(
            name=desk.name_of(owner.name, desk.words)
        )
    await desk.answer_press(text, is_alert=True)


async def seen(desk: Desk) -> None:
    """The owner has read it: the resident's receipt says so."""
    case = await _case_of_press(desk)
    if case is None:
        return await _refuse(desk)
    try:
        check_owner(case, desk.visitor.officer)
    except NotTheOwner:
        return await _refuse(desk, case)
    _ = desk.words
    if case.state is CaseState.CLOSED:
        return await desk.answer_press(_.plain("This request is closed already."))
    await desk.answer_press(_.plain("The resident sees that you have read it."))
    further = await go_further(desk, case, Stage.SEEN)
    if further is not case:
        await update_card(desk, further)
    return None


async def close(desk: Desk) -> None:
    """The owner ends the case; the resident is told, and the next message opens a new one."""
    case = await _case_of_press(desk)
    if case is None:
        return await _refuse(desk)
    _ = desk.words
    try:
        check_can_close(case, desk.visitor.officer)
    except NotTheOwner:
        return await _refuse(desk, case)
    except CaseAlreadyClosed:
        await desk.answer_press(_.plain("This request is closed already."))
        return None
    if not await desk.transaction.cases.close(
        case.number, officer=desk.visitor.officer or "", now=desk.now
    ):
        await desk.answer_press(_.plain("This request is closed already."))
        return None
    await desk.answer_press(_.plain("Closed."))
    await update_card(desk, replace(case, state=CaseState.CLOSED))
    await _tell_resident(desk, case, is_closed=True)
    return None


async def reopen(desk: Desk) -> None:
    """The way back from *close*, as long as the resident has no newer case."""
    case = await _case_of_press(desk)
    if case is None:
        return await _refuse(desk)
    _ = desk.words
    try:
        check_owner(case, desk.visitor.officer)
    except NotTheOwner:
        return await _refuse(desk, case)
    if case.state is not CaseState.CLOSED:
        await desk.answer_press(_.plain("This request is open."))
        return None
    newer = await desk.transaction.cases.unclosed_of(case.resident_chat_id)
    if newer is not None:
        text = _.plain("This resident has a newer request: {number}.")
        await desk.answer_press(text.format(number=label(newer.number)), is_alert=True)
        return None
    desk.transaction.cases.reopen(case.number, desk.now)
    await desk.answer_press(_.plain("Open again."))
    await update_card(desk, replace(case, state=CaseState.OPEN))
    await _tell_resident(desk, case, is_closed=False)
    return None


async def _tell_resident(desk: Desk, case: Case, *, is_closed: bool) -> None:
    words = await desk.words_of(case.resident_chat_id)
    _ = words
    text = (
        _("The officer has closed your request. If something is still open, just write again.")
        if is_closed
        else _("The officer has opened your request again.")
    )
    number = _("Request {number}").format(number=label(case.number))
    await desk.bot.send_message(case.resident_chat_id, f"{text}\n\n<i>{number}</i>")
