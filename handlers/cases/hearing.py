"""A resident's message reaches the officer: kept, copied under the card, acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.context import Desk
from bot.delivery.content import content_of, words_in
from bot.delivery.outbox import terms
from bot.domain.cases import Case, CopyKind, last_words
from handlers.cases.copies import follow_up, pass_on, send_edited
from handlers.cases.placing import open_case, place, tell_receipt
from storage.outbox import Lane


async def hear(desk: Desk) -> None:
    """A new message of a resident who has an area, or whose case is open."""
    case = desk.visitor.case
    is_first = case is None
    if case is None:
        person = desk.visitor.person
        case = await open_case(desk, area=person.area if person else None)
    elif not desk.visitor.is_owner_present:
        case = await place(desk, case)
    content = content_of(desk.raw_message)
    _keep(desk, case, content, is_edit=False)
    _note_phone(desk, content)
    await pass_on(
        desk, case, message_id=desk.message.message_id, content=content, is_first=is_first
    )
    if is_first:
        await tell_receipt(desk, case, words=desk.words)
    else:
        await _mark(desk)


def _keep(desk: Desk, case: Case, content: Mapping[str, Any], *, is_edit: bool) -> None:
    desk.transaction.messages.keep(
        case_number=case.number,
        resident_chat_id=case.resident_chat_id,
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        author=None,
        kind=content["kind"],
        content=content,
        is_edit=is_edit,
        words=last_words(words_in(content)),
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
            _("✍ on your message means: it is kept and goes to the same officer."),
            disable_notification=True,
            api_kwargs=terms(lane=Lane.NOTIFICATION),
        )


def _note_phone(desk: Desk, content: Mapping[str, Any]) -> None:
    """A resident who sends the own contact card lets the officer call."""
    contact = content.get("contact", {})
    if contact.get("user_id") == desk.chat_id and contact.get("phone_number"):
        desk.transaction.people.set_phone(desk.chat_id, str(contact["phone_number"]))


async def hear_edit(desk: Desk) -> None:
    """A resident changed a message: every version is kept, and the officer gets the new one."""
    copies = await desk.transaction.copies.made_of(desk.chat_id, desk.message.message_id)
    if not copies:
        return await _edit_of_nothing_passed_on(desk)
    case = await desk.transaction.cases.find(copies[0].case_number)
    if case is None or case.owner_chat_id is None or case.card is None:
        return await _edit_of_nothing_passed_on(desk)
    content = content_of(desk.raw_message)
    _keep(desk, case, content, is_edit=True)
    before = next((each for each in copies if each.chat_id == case.owner_chat_id), None)
    await _pass_on_edit(desk, case, content, answers=before.promise if before else case.card)
    return None


async def _edit_of_nothing_passed_on(desk: Desk) -> None:
    """The message waits for an owner or an area: its newest version is what will be passed on."""
    case = desk.visitor.case
    if await desk.transaction.messages.has(desk.chat_id, desk.message.message_id):
        content = content_of(desk.raw_message)
        desk.transaction.messages.keep(
            case_number=case.number if case else None,
            resident_chat_id=desk.chat_id,
            chat_id=desk.chat_id,
            message_id=desk.message.message_id,
            author=None,
            kind=content["kind"],
            content=content,
            is_edit=True,
            words=last_words(words_in(content)),
            now=desk.now,
        )


async def _pass_on_edit(
    desk: Desk, case: Case, content: Mapping[str, Any], *, answers: int
) -> None:
    if case.owner_chat_id is None:
        return
    words = await desk.words_of(case.owner_chat_id)
    promise = await send_edited(
        desk,
        to_chat_id=case.owner_chat_id,
        content=content,
        answers=-answers,
        words=words,
        on_never=follow_up("cases.undelivered", case, desk.message.message_id),
        is_protected=True,
    )
    desk.transaction.copies.note(
        promise=promise,
        case_number=case.number,
        chat_id=case.owner_chat_id,
        kind=CopyKind.COPY,
        origin=(desk.chat_id, desk.message.message_id),
    )
