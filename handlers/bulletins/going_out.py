"""Letting a bulletin out, and holding it while it goes."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import (
    AudienceOfNobody,
    BulletinRefused,
    State,
    UnreadMachineText,
    check_can_go_out,
    concerns,
)
from handlers.bulletins.approving import needs_second_person
from handlers.bulletins.channels import channels_for
from handlers.bulletins.delivering import OUT, begin, go_on, hold_back
from handlers.bulletins.drafts import button, steered_by_press
from handlers.bulletins.progress import show_progress, show_progress_here
from handlers.bulletins.wording import unread_line
from storage.bulletins import BulletinOnFile


async def send_now(desk: Desk) -> None:
    """The author, or a supervisor in the author's place, lets an approved bulletin out."""
    found = await steered_by_press(desk, State.APPROVED)
    if found is None:
        return
    try:
        check_can_go_out(
            found.bulletin,
            own_language=desk.own_language,
            needs_approval=needs_second_person(desk.roster, found.bulletin),
            recipients=int(await _has_anybody(desk, found)),
        )
    except BulletinRefused as refusal:
        await desk.answer_press(_why_not(desk, refusal), is_alert=True)
        return
    if not await begin(desk, found.bulletin.number):
        await desk.answer_press()
        return
    said = desk.words("It goes out now.")
    await desk.answer_press(str(said))
    if found.bulletin.author != desk.visitor.officer:
        await desk.bot.edit_message_text(
            said, chat_id=desk.chat_id, message_id=desk.message.message_id
        )
    await _show(desk, found.bulletin.number)


async def _has_anybody(desk: Desk, found: BulletinOnFile) -> bool:
    """Whether one person, or one channel, at least would get it."""
    if channels_for(desk, found.bulletin):
        return True
    after = 0
    while people := await desk.transaction.subscriptions.recipients(after=after, limit=LOOKED_AT):
        bulletin = found.bulletin
        if any(concerns(bulletin.audience, bulletin.kind.value, each, desk.roster)
               for each in people):  # fmt: skip
            return True
        after = people[-1].chat_id
    return False


#: People looked at in one question for somebody whom it concerns.
LOOKED_AT = 1_000


def _why_not(desk: Desk, refusal: BulletinRefused) -> str:
    _ = desk.words
    if isinstance(refusal, AudienceOfNobody):
        return _.plain("Nobody would get it. Choose more areas or languages.")
    if isinstance(refusal, UnreadMachineText):
        return unread_line(refusal, desk.words)
    return _.plain("A second person must approve it, not the author.")


async def pause(desk: Desk) -> None:
    """No further deliveries are promised; those on their way arrive."""
    found = await steered_by_press(desk, State.PREPARING, State.SENDING)
    if found is not None:
        await _step(desk, found, State.PAUSED)


async def resume(desk: Desk) -> None:
    """On with it, from where it was."""
    found = await steered_by_press(desk, State.PAUSED)
    if found is not None:
        await _step(desk, found, State.SENDING)


async def stop(desk: Desk) -> None:
    """Whoever has it keeps it; nobody else gets it."""
    found = await steered_by_press(desk, State.PREPARING, State.SENDING, State.PAUSED)
    if found is not None:
        await _step(desk, found, State.STOPPED)


async def ask_recall(desk: Desk) -> None:
    """*Take back*: asked again, since it cannot be undone."""
    found = await steered_by_press(desk, *OUT)
    if found is None:
        return
    await desk.answer_press()
    _, number = desk.words, found.bulletin.number
    rows = [
        [button(_.plain("↩ Yes, take it back"), "recalled", number)],
        [button(_.plain("◀ Back"), "report", number)],
    ]
    await desk.bot.edit_message_reply_markup(
        desk.chat_id, desk.message.message_id, reply_markup=InlineKeyboardMarkup(rows)
    )


async def recall(desk: Desk) -> None:
    """Deleted where Telegram still allows it, else replaced by a word; nobody else gets it."""
    found = await steered_by_press(desk, *OUT)
    if found is not None:
        desk.transaction.bulletins.revise(found.bulletin.number)
        await _step(desk, found, State.RECALLED)


async def report(desk: Desk) -> None:
    """How it stands now: delivered, unreachable, read, asked."""
    found = await steered_by_press(desk, *OUT, State.RECALLED)
    if found is not None:
        await desk.answer_press()
        await show_progress_here(desk, found.bulletin.number)


async def _step(desk: Desk, found: BulletinOnFile, to: State) -> None:
    """Another state: what is promised waits again, and goes on as the new state says."""
    number = found.bulletin.number
    is_first = await desk.transaction.bulletins.step(number, to, from_state=found.bulletin.state)
    await desk.answer_press()
    if not is_first:
        return
    await hold_back(desk, number)
    moved = await desk.transaction.bulletins.find(number)
    if moved is not None:
        go_on(desk, moved)
    await show_progress_here(desk, number)


async def _show(desk: Desk, number: int) -> None:
    found = await desk.transaction.bulletins.find(number)
    if found is not None:
        await show_progress(desk, found)
