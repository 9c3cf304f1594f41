"""The card: the message in the owner's chat that stands for a case and carries its buttons."""

from __future__ import annotations

from bot.context import Desk
from bot.delivery.outbox import promise_of, terms
from bot.domain.cases import Case, CopyKind
from bot.texts import Words
from handlers.cases.wording import card, card_buttons, card_head, released_card
from storage.outbox import FollowUp


async def send_card(
    desk: Desk, case: Case, *, is_anew: bool = False, is_silent: bool = False
) -> int:
    """Promise the card in the owner's chat. Returns the promise, which is not on the case yet.

    A card made anew is not made a third time; only whether the owner can be reached still counts.
    """
    chat_id = case.owner_chat_id or 0
    words = await desk.words_of(chat_id)
    which = "chat" if is_anew else "card"
    sent = await desk.bot.send_message(
        chat_id,
        card(case, head=await _head(desk, case, words), words=words),
        reply_markup=card_buttons(case, words),
        protect_content=True,
        disable_notification=is_silent,
        api_kwargs=terms(
            on_never=FollowUp(
                kind="cases.undelivered",
                key=f"{case.number}:{which}",
                chat_key=str(case.resident_chat_id),
            )
        ),
    )
    promise = promise_of(sent.message_id)
    desk.transaction.copies.note(
        promise=promise, case_number=case.number, chat_id=chat_id, kind=CopyKind.CARD
    )
    return promise


async def _head(desk: Desk, case: Case, words: Words) -> str:
    """The resident's name and language as they are on file."""
    person = desk.visitor.person
    if person is None or person.chat_id != case.resident_chat_id:
        person = await desk.transaction.people.find(case.resident_chat_id)
    return card_head(
        desk,
        case,
        name=person.name if person else "…",
        language=person.language if person else desk.own_language,
        words=words,
    )


async def update_card(desk: Desk, case: Case) -> None:
    """Edit the card in place so that it says what is true now and offers what can be done."""
    if case.card is None or case.owner_chat_id is None:
        return
    words = await desk.words_of(case.owner_chat_id)
    await desk.bot.edit_message_text(
        card(case, head=await _head(desk, case, words), words=words),
        chat_id=case.owner_chat_id,
        message_id=-case.card,
        reply_markup=card_buttons(case, words),
    )


async def release_card(desk: Desk, before: Case, now: Case) -> None:
    """Somebody else is responsible: the former owner's card says who and has no buttons."""
    if before.card is None or before.owner_chat_id in (None, now.owner_chat_id):
        return
    chat_id = before.owner_chat_id or 0
    if not await desk.transaction.unreachable.is_reachable(chat_id):
        return
    words = await desk.words_of(chat_id)
    await desk.bot.edit_message_text(
        released_card(desk, now, head=await _head(desk, now, words), words=words),
        chat_id=chat_id,
        message_id=-before.card,
    )
