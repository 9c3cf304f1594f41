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


async def show_progress(desk: Desk, found: BulletinOnFile) -> None:
    """Bring the author's message up to date; an edit that waits is replaced by the newer one. An
    author who has left the roster is told nothing more."""
    if desk.roster.officer(found.bulletin.author) is None:
        return
    words = await desk.words_of(found.author_chat_id)
    text, markup = await _report(desk, found, words)
    is_over = found.ended_at is not None
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
            replace_key=_key(found),
        ),
    )


async def keep_showing(desk: Desk, found: BulletinOnFile) -> None:
    """The same while it goes out, unless an edit waits already: counting anew for each few
    deliveries costs more than they do, and shows nothing that the next edit does not."""
    if not await desk.transaction.outbox.has_waiting(_key(found)):
        await show_progress(desk, found)


def _key(found: BulletinOnFile) -> str:
    return f"progress:{found.bulletin.number}"


async def show_progress_here(desk: Desk, number: int) -> None:
    """The same after a press in that message: from now on it is known by its own id, which is
    good for longer than the promise. Somebody else who steers sees it in the own message too."""
    is_authors = await _note_place(desk, number)
    found = await desk.transaction.bulletins.find(number)
    if found is None:
        return
    await show_progress(desk, found)
    if not is_authors:
        text, markup = await _report(desk, found, desk.words)
        await desk.bot.edit_message_text(
            text, chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=markup
        )


async def _note_place(desk: Desk, number: int) -> bool:
    found = await desk.transaction.bulletins.find(number)
    if found is None or found.author_chat_id != desk.chat_id:
        return False
    desk.transaction.bulletins.note_progress(number, desk.message.message_id)
    return True


async def send_report(desk: Desk, found: BulletinOnFile) -> None:
    """How it stands and what can be done, for somebody who may steer it."""
    text, markup = await _report(desk, found, desk.words)
    await desk.bot.send_message(desk.chat_id, text, reply_markup=markup)


async def _report(
    desk: Desk, found: BulletinOnFile, words: Words
) -> tuple[str, InlineKeyboardMarkup]:
    counts = await desk.transaction.deliveries.counts(found.bulletin.number)
    text = progress_text(desk, found, counts, words)
    return text, progress_buttons(found.bulletin.number, found.bulletin.state, words)


def progress_text(desk: Desk, found: BulletinOnFile, counts: DeliveryCounts, words: Words) -> str:
    """Heading, bar, figures and time left."""
    _, state = words, found.bulletin.state
    lines = [
        Markup("<b>{}</b>").format(heading(found.bulletin, words)),
        _state_line(found, counts, words),
        Markup("{} {} %").format(
            _bar(counts.done, counts.total), _percent(counts.done, counts.total)
        ),
        _("Delivered: {sent} of {total}").format(sent=counts.sent, total=counts.total),
        _("Cannot be reached: {never}").format(never=counts.never),
    ]
    if counts.skipped:
        lines.append(_("Did not want it any more: {skipped}").format(skipped=counts.skipped))
    if state is State.SENDING and found.started_at is not None and counts.done:
        lines.append(_time_left(desk, found, done=counts.done, total=counts.total, words=words))
    if state in (State.SENT, State.STOPPED, State.RECALLED):
        lines.append(_("Read: {read} · asked: {asked}").format(
            read=counts.read, asked=counts.answered
        ))  # fmt: skip
        lines.append(_("Complaints: {complaints}").format(complaints=counts.complained))
    return "\n".join(lines)


def _state_line(found: BulletinOnFile, counts: DeliveryCounts, words: Words) -> Markup:
    _, state = words, found.bulletin.state
    if state is State.SENT and counts.total == 0:
        return _("Nobody was there to get it.")
    if state is State.SENT and found.ended_at is None:
        return _("The new text is on its way.")
    return {
        State.PREPARING: _("The list of recipients is being made."),
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
    after = [
        [("report", _.plain("📊 Figures")), ("solved", _.plain("✔ Say it is settled"))],
        [("correct", _.plain("✏ Correct")), ("recall", _.plain("↩ Take back"))],
    ]
    hold = [("pause", _.plain("⏸ Pause")), ("stop", _.plain("⏹ Stop"))]
    offered = {
        State.PREPARING: [hold],
        State.SENDING: [hold, after[1]],
        State.PAUSED: [[("resume", _.plain("▶ Go on")), hold[1]], after[1]],
        State.RECALLED: [after[0][:1]],
    }.get(state, after)
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(text, callback_data=button_data("bulletins", action, number))
                for action, text in row
            ]
            for row in offered
        ]
    )
