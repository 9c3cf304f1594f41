"""What the author sees while a bulletin goes out: one message, edited in place."""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.delivery.outbox import terms
from bot.domain.bulletins import State
from bot.texts import Words
from handlers.bulletins.wording import heading
from storage.bulletins import BulletinOnFile, DeliveryCounts
from storage.outbox import Lane

#: The bar's length: what fits on a line of a phone.
BAR_LENGTH = 12
#: The message is edited at most so often: a chat takes about one message a second.
SHOWN_EVERY = timedelta(seconds=3)


async def show_progress(desk: Desk, found: BulletinOnFile, *, is_over: bool = False) -> None:
    """Bring the author's message up to date; an edit that waits is replaced by the newer one."""
    counts = await desk.transaction.deliveries.counts(found.bulletin.number)
    words = await desk.words_of(found.author_chat_id)
    state = State.SENT if is_over and found.bulletin.state is State.SENDING else None
    text = progress_text(desk, found, counts, words, state=state or found.bulletin.state)
    markup = progress_buttons(found.bulletin.number, state or found.bulletin.state, words)
    if found.progress is None:
        sent = await desk.bot.send_message(found.author_chat_id, text, reply_markup=markup)
        desk.transaction.bulletins.note_progress(found.bulletin.number, sent.message_id)
        return
    await desk.bot.edit_message_text(
        text,
        chat_id=found.author_chat_id,
        message_id=found.progress,
        reply_markup=markup,
        api_kwargs=terms(
            lane=Lane.NOTIFICATION,
            not_before=None if is_over else desk.now + SHOWN_EVERY,
            replace_key=f"progress:{found.bulletin.number}",
        ),
    )


async def show_progress_here(desk: Desk, number: int) -> None:
    """The same after a press in that message: from now on it is known by its own id, which is
    good for longer than the promise."""
    desk.transaction.bulletins.note_progress(number, desk.message.message_id)
    found = await desk.transaction.bulletins.find(number)
    if found is not None:
        await show_progress(desk, found, is_over=found.ended_at is not None)


def progress_text(
    desk: Desk, found: BulletinOnFile, counts: DeliveryCounts, words: Words, *, state: State
) -> str:
    """Heading, bar, figures and time left."""
    _ = words
    lines = [
        Markup("<b>{}</b>").format(heading(found.bulletin, words)),
        _state_line(state, words),
        Markup("{} {} %").format(
            _bar(counts.done, counts.total), _percent(counts.done, counts.total)
        ),
        _("Delivered: {sent} of {total}").format(sent=counts.sent, total=counts.total),
        _("Cannot be reached: {never}").format(never=counts.never),
    ]
    if counts.skipped:
        lines.append(_("Wanted it no more: {skipped}").format(skipped=counts.skipped))
    if state is State.SENDING and found.started_at is not None and counts.done:
        lines.append(_time_left(desk, found, done=counts.done, total=counts.total, words=words))
    if state in (State.SENT, State.STOPPED, State.RECALLED):
        lines.append(_("Read: {read} · asked: {asked}").format(
            read=counts.read, asked=counts.answered
        ))  # fmt: skip
    return "\n".join(lines)


def _state_line(state: State, words: Words) -> Markup:
    _ = words
    return {
        State.PREPARING: _("Recipients are being written down."),
        State.SENDING: _("Going out."),
        State.PAUSED: _("Paused."),
        State.STOPPED: _("Stopped. Whoever has it keeps it."),
        State.RECALLED: _("Recalled."),
    }.get(state, _("Everybody has it."))


def _bar(done: int, total: int) -> str:
    filled = BAR_LENGTH * done // total if total else BAR_LENGTH
    return "▰" * filled + "▱" * (BAR_LENGTH - filled)


def _percent(done: int, total: int) -> int:
    return 100 * done // total if total else 100


def _time_left(desk: Desk, found: BulletinOnFile, *, done: int, total: int, words: Words) -> Markup:
    _ = words
    seconds = max((desk.now - (found.started_at or desk.now)).total_seconds(), 1.0)
    minutes = round((total - done) * seconds / done / 60)
    return _.many("About {count} minute left", "About {count} minutes left", minutes).format(
        count=minutes
    )


def progress_buttons(number: int, state: State, words: Words) -> InlineKeyboardMarkup:
    """What the author can do now."""
    _ = words
    offered = {
        State.PREPARING: [("pause", _.plain("⏸ Pause")), ("stop", _.plain("⏹ Stop"))],
        State.SENDING: [("pause", _.plain("⏸ Pause")), ("stop", _.plain("⏹ Stop"))],
        State.PAUSED: [("resume", _.plain("▶ Go on")), ("stop", _.plain("⏹ Stop"))],
    }.get(state, [("report", _.plain("📊 Figures"))])
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(text, callback_data=button_data("bulletins", action, number))
                for action, text in offered
            ]
        ]
    )
