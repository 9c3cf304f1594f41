"""A resident's message reaches the officer: kept, copied under the card, acknowledged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.context import REFUSED_PHOTOS, Desk
from bot.delivery.content import can_be_copied, words_in
from bot.delivery.outbox import terms
from bot.domain.cases import Case, CaseState, Copy, last_words
from handlers.cases.carrying import Written, carry_edit, written_at
from handlers.cases.copies import carriage_to_owner, pass_on
from handlers.cases.opening import pass_on_waiting
from handlers.cases.placing import note_phone, open_case, place
from handlers.cases.receipts import tell_receipt
from handlers.cases.shifts import Manner, keep_for_opening, manner_of, tell_it_is_closed
from storage.outbox import Lane
from storage.timers import Timer

#: What is sent on later than this says when it was written: the talk may have moved on.
LATE_AFTER = timedelta(minutes=5)


def has_a_place(desk: Desk) -> bool:
    """The resident chose an area, or a case is open already (an unplaced one, at the duty desk)."""
    return desk.visitor.case is not None or _has_an_area(desk)


def _has_an_area(desk: Desk) -> bool:
    person = desk.visitor.person
    return person is not None and desk.roster.area(person.area) is not None


async def hear(desk: Desk) -> None:
    """A new message of a resident who has an area, or whose case is open."""
    is_first = desk.visitor.case is None
    case = await _case_to_hear(desk)
    written = written_at(desk)
    _keep(desk, case, written, is_edit=False)
    note_phone(desk, desk.chat_id, written.content)
    await pass_on(desk, case, written)
    if is_first:
        await tell_receipt(desk, case)
    else:
        await _mark(desk)
    await tell_it_is_closed(desk, case)


async def _case_to_hear(desk: Desk) -> Case:
    """The case that what comes now belongs to, with somebody who can be reached; what waited for
    an opening that has come goes first."""
    case = desk.visitor.case
    if case is None:
        case = await open_case(desk)
    elif not desk.visitor.is_owner_present:
        case = await place(desk, case)
    return await pass_on_waiting(desk, case) if desk.visitor.has_waiting else case


async def hear_refused(desk: Desk, timer: Timer) -> None:
    """`SENT_ON`: pictures that were taken for documents and show something else, each once."""
    is_first = desk.visitor.case is None
    case = await _case_to_hear(desk)
    for each in timer.payload["messages"]:
        sent_at = datetime.fromtimestamp(each["date"], UTC)
        late = sent_at if desk.now - sent_at > LATE_AFTER else None
        written = Written(each["message_id"], each["content"], late)
        if not await desk.transaction.messages.has(desk.chat_id, written.message_id):
            _keep(desk, case, written, is_edit=False)
            await pass_on(desk, case, written)
    if is_first:
        await tell_receipt(desk, case)
    await tell_it_is_closed(desk, case)


def _keep(desk: Desk, case: Case | None, written: Written, *, is_edit: bool) -> None:
    """File one version of what came; without a case it waits for one."""
    desk.transaction.messages.keep(
        case_number=case.number if case else None,
        resident_chat_id=desk.chat_id,
        chat_id=desk.chat_id,
        message_id=written.message_id,
        author=None,
        kind=written.content["kind"],
        content=written.content,
        is_edit=is_edit,
        words=last_words(words_in(written.content)),
        now=desk.now,
    )


async def _mark(desk: Desk) -> None:
    """The silent mark, explained once."""
    await desk.mark_as_kept()
    person = desk.visitor.person
    if person is not None and person.mark_explained_at is None:
        desk.transaction.people.mark_explained(desk.chat_id, desk.now)
        _ = desk.words
        await desk.bot.send_message(
            desk.chat_id,
            _("✍ on your message means: it is kept and belongs to the same request."),
            disable_notification=True,
            api_kwargs=terms(lane=Lane.NOTIFICATION),
        )


# --- edits


async def hear_edit(desk: Desk) -> None:
    """A resident changed a message: every version is kept, and the officer gets the new one."""
    copies = await desk.transaction.copies.made_of(desk.chat_id, desk.message.message_id)
    if copies:
        await _hear_edit_of_copied(desk, copies)
    elif await desk.transaction.messages.has(desk.chat_id, desk.message.message_id):
        # It waits for an owner or an area: its newest version is what will be passed on.
        _keep(desk, desk.visitor.case, written_at(desk), is_edit=True)
    elif has_a_place(desk) and not _is_a_command(desk) and not await _was_refused(desk):
        await hear(desk)  # it was a command or a plain word before: this is what was meant


async def _was_refused(desk: Desk) -> bool:
    """A picture of a document stays refused in other words; sent on, it goes as it is by then."""
    return await desk.transaction.timers.find(REFUSED_PHOTOS, desk.parcel) is not None


def _is_a_command(desk: Desk) -> bool:
    return str(desk.raw_message.get("text", "")).startswith("/")


async def _hear_edit_of_copied(desk: Desk, copies: list[Copy]) -> None:
    case = await desk.transaction.cases.find(copies[0].case_number)
    if case is None:
        raise LookupError(f"copy of a case that is not on file: {copies[0].case_number}")
    written = written_at(desk)
    if case.state is CaseState.CLOSED and not await _can_be_reached(desk, case):
        await hear(desk)  # whoever is responsible now reads what is true now
    elif case.state is not CaseState.CLOSED and await manner_of(desk, case) is Manner.LATER:
        _keep(desk, case, written, is_edit=True)
        await keep_for_opening(desk, case, written)
    elif not await _can_be_reached(desk, case):
        _keep(desk, case, written, is_edit=True)
        await place(desk, case)
    elif await _pass_on_edit(desk, case, written, copies):
        _keep(desk, case, written, is_edit=True)


async def _can_be_reached(desk: Desk, case: Case) -> bool:
    if case.owner_chat_id is None or case.card is None:
        return False
    current = desk.visitor.case
    if current is not None and current.number == case.number:
        return desk.visitor.is_owner_present
    return await desk.transaction.unreachable.is_reachable(case.owner_chat_id)


async def _pass_on_edit(desk: Desk, case: Case, written: Written, copies: list[Copy]) -> bool:
    """The new copy answers the one before in this owner's chat, else the card; False when a copy
    that is waiting will show the change."""
    before = next((copy.promise for copy in copies if copy.chat_id == case.owner_chat_id), None)
    if not can_be_copied(written.content["kind"]):
        return True
    words = await desk.words_of(case.owner_chat_id or 0)
    sign = words.plain("✎ edited")
    return await carry_edit(desk, carriage_to_owner(case, written, sign=sign, answers=before))
