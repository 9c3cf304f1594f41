"""A case in the chat of somebody who is not responsible: an alert that can be taken, and what the
resident wrote below it."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.delivery.content import can_be_copied
from bot.delivery.outbox import promise_of, terms
from bot.domain.cases import Case, CopyKind
from bot.domain.roster import Role
from bot.texts import Words
from handlers.cases.carrying import Carriage, Written, carry, signs
from handlers.cases.wording import not_passed_on_by_telegram
from storage.outbox import FollowUp, Lane


async def watching(desk: Desk, owner: str | None) -> list[int]:
    """The chats of the duty desk, without the owner's; when none can be reached, of the
    supervisors."""
    states = await desk.transaction.officers.states()
    supervisors = [each.code for each in desk.roster.officers if each.role is Role.SUPERVISOR]
    for codes in (desk.roster.station.duty_desk, supervisors):
        there = {
            code: state.chat_id
            for code, state in states.items()
            if code in codes and state.is_reachable and not state.is_absent
        }
        if there:
            return [each for code, each in there.items() if each and code != owner]
    return []


async def is_watched(desk: Desk, owner: str | None) -> bool:
    """Whether anybody of those has ever opened the bot: only then somebody sees what is shown."""
    chats = await watching(desk, owner)
    states = (await desk.transaction.officers.states()).values()
    return any(each.seen_at is not None for each in states if each.chat_id in chats)


async def send_alert(
    desk: Desk, case: Case, chat_id: int, text: str, *, lane: Lane = Lane.DIALOGUE
) -> None:
    """Promise a message about somebody else's case, which can be taken there."""
    words = await desk.words_of(chat_id)
    sent = await desk.bot.send_message(
        chat_id,
        text,
        reply_markup=_buttons(case, words),
        protect_content=True,
        api_kwargs=terms(
            lane=lane,
            on_never=FollowUp(
                kind="cases.unwatched",
                key=f"{case.number}:{chat_id}",
                chat_key=str(case.resident_chat_id),
            ),
        ),
    )
    desk.transaction.copies.note(
        promise=promise_of(sent.message_id),
        case_number=case.number,
        chat_id=chat_id,
        kind=CopyKind.ALERT,
    )


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


async def note_page(desk: Desk, case: Case, chat_id: int, promise: int) -> None:
    """What asks somebody in an urgent call stands for the case: what is shown replies to it, and a
    reply answers the case."""
    known = await desk.transaction.copies.latest(case.number, chat_id, CopyKind.ALERT)
    if known is None or known.promise < promise:
        desk.transaction.copies.note_sent(
            promise=promise, case_number=case.number, chat_id=chat_id, kind=CopyKind.ALERT
        )


async def show_copy(desk: Desk, case: Case, chat_id: int, written: Written) -> None:
    """One of the resident's messages below the newest alert in this chat, with what it is about."""
    words = await desk.words_of(chat_id)
    if not can_be_copied(written.content["kind"]):
        await desk.bot.send_message(
            chat_id, not_passed_on_by_telegram(written.content["kind"], words)
        )
        return
    alert = await desk.transaction.copies.latest(case.number, chat_id, CopyKind.ALERT)
    carriage = Carriage(
        case_number=case.number,
        kind=CopyKind.SHOWN,
        from_chat_id=case.resident_chat_id,
        to_chat_id=chat_id,
        written=written,
        answers=-alert.promise if alert else None,
        is_protected=True,
        sign=signs(desk, written, words),
    )
    await carry(desk, carriage)
