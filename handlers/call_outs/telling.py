"""The messages of an urgent call: one in the resident's chat, one with each who was asked."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.delivery.outbox import promise_of, terms
from bot.domain.call_outs.paging import CallOut
from bot.texts import Words
from handlers.call_outs.wording import (
    About,
    page,
    page_buttons,
    status,
    status_buttons,
    status_line,
)
from storage.call_outs import PageSent
from storage.outbox import FollowUp, Lane

#: What is said above a page, in the language of whoever reads it.
Note = Callable[[Words], Markup]


async def about(desk: Desk, call_out: CallOut) -> About:
    """The resident as those who are asked know them."""
    chat_id = call_out.resident_chat_id
    return About(
        await desk.transaction.people.find(chat_id),
        can_be_reached=await desk.transaction.unreachable.is_reachable(chat_id),
    )


# --- the resident's


async def tell_anew(desk: Desk, call_out: CallOut, *, note: Note | None = None) -> None:
    """Something that must be heard: a new message, and the one before says no more than how it
    stands. From now on this one is edited."""
    words = await desk.words_of(call_out.resident_chat_id)
    before = await desk.transaction.call_outs.told(call_out.id or 0)
    if before is not None:
        await desk.bot.edit_message_text(
            status_line(desk, call_out, words),
            chat_id=call_out.resident_chat_id,
            message_id=-before,
        )
    text = status(desk, call_out, words)
    sent = await desk.bot.send_message(
        call_out.resident_chat_id,
        text if note is None else Markup("{}\n\n{}").format(note(words), text),
        reply_markup=status_buttons(call_out, words),
        api_kwargs=terms(lane=Lane.URGENT),
    )
    desk.transaction.call_outs.note_told(call_out.id or 0, promise_of(sent.message_id))


async def tell_step(desk: Desk, call_out: CallOut) -> None:
    """What changes while nobody has answered, in the same message."""
    before = await desk.transaction.call_outs.told(call_out.id or 0)
    if before is None:
        await tell_anew(desk, call_out)
        return
    words = await desk.words_of(call_out.resident_chat_id)
    await desk.bot.edit_message_text(
        status(desk, call_out, words),
        chat_id=call_out.resident_chat_id,
        message_id=-before,
        reply_markup=status_buttons(call_out, words),
    )


# --- those who are asked


async def send_page(
    desk: Desk,
    call_out: CallOut,
    officer: str,
    *,
    note: Note | None = None,
    has_phone_in_hand: bool = False,
) -> None:
    """Ask somebody, loudly, if there is a chat to ask in; ``note``: why, or why again. Whoever was
    asked before finds the older message without buttons; no command pages those who just wrote."""
    state = (await desk.transaction.officers.states()).get(officer)
    if state is None or state.chat_id is None or not state.is_reachable:
        return
    await _close_older(desk, call_out, officer)
    words = await desk.words_of(state.chat_id)
    sent = await desk.bot.send_message(
        state.chat_id,
        page(
            desk,
            call_out,
            officer,
            await about(desk, call_out),
            words,
            note=None if note is None else note(words),
        ),
        reply_markup=page_buttons(call_out, officer, words),
        protect_content=True,
        api_kwargs=terms(
            lane=Lane.URGENT,
            on_never=FollowUp(
                kind="call_outs.unreached",
                key=f"{call_out.id}:{officer}",
                chat_key=str(call_out.resident_chat_id),
            ),
        ),
    )
    made = PageSent(call_out.id or 0, officer, state.chat_id, promise_of(sent.message_id), desk.now)
    is_command_due = desk.has_page_command and not has_phone_in_hand
    desk.transaction.call_outs.note_page(made, is_command_due=is_command_due)


async def _close_older(desk: Desk, call_out: CallOut, officer: str) -> None:
    for older in await desk.transaction.call_outs.pages(call_out.id or 0):
        if older.officer == officer:
            words = await desk.words_of(older.chat_id)
            _ = words
            await desk.bot.edit_message_text(
                _("🚨 Urgent call: see the newer message below."),
                chat_id=older.chat_id,
                message_id=-older.promise,
            )


async def update_pages(desk: Desk, call_out: CallOut) -> None:
    """Everybody who was asked reads in the same message how it stands; whoever has left the station
    since finds nothing there."""
    resident = await about(desk, call_out)
    states = await desk.transaction.officers.states()
    for each in await desk.transaction.call_outs.pages(call_out.id or 0):
        words = await desk.words_of(each.chat_id)
        state = states.get(each.officer)
        if state is None or state.chat_id != each.chat_id:
            await _edit_page(desk, each, words("This call is not yours (any more)."), None)
            continue
        text = page(desk, call_out, each.officer, resident, words, note=None)
        await _edit_page(desk, each, text, page_buttons(call_out, each.officer, words))


async def _edit_page(
    desk: Desk, each: PageSent, text: Markup, buttons: InlineKeyboardMarkup | None
) -> None:
    await desk.bot.edit_message_text(
        text, chat_id=each.chat_id, message_id=-each.promise, reply_markup=buttons
    )
