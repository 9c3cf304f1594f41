"""Without this module whom a notice annoys could only block us, and nobody would know why."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.delivery.outbox import terms
from bot.domain.bulletins import Subscription
from handlers.bulletins.drafts import bulletin_of_press, button
from storage.bulletins import BulletinOnFile
from storage.outbox import Lane


async def ask_what(desk: Desk) -> None:
    """*Not for me*: no more of this kind, or is something wrong with it?"""
    found = await _published(desk)
    if found is None:
        return
    await desk.answer_press()
    _, bulletin = desk.words, found.bulletin
    rows = [[button(_.plain("⚠ Something is wrong with it"), "complain", bulletin.number)]]
    if bulletin.kind.value not in (await _wishes(desk)).kinds_off:
        data = button_data("subscriptions", "kind", bulletin.kind.value)
        text = _.plain("🔕 No more of this kind")
        rows.insert(0, [InlineKeyboardButton(text, callback_data=data)])
    await desk.bot.send_message(
        desk.chat_id, _("What is it?"), reply_markup=InlineKeyboardMarkup(rows)
    )


async def _wishes(desk: Desk) -> Subscription:
    found = await desk.transaction.subscriptions.recipient(desk.chat_id)
    return Subscription() if found is None else found.subscription


async def _published(desk: Desk) -> BulletinOnFile | None:
    found = await bulletin_of_press(desk)
    if found is None or not found.is_published:
        text = desk.words.plain("This has moved on. Please use the newest message.")
        await desk.answer_press(text)
        return None
    return found


async def complain(desk: Desk) -> None:
    """Something is wrong with it: counted once for each recipient; the author hears of the first,
    since a wrong text may still be on its way to others."""
    found = await _published(desk)
    if found is None:
        return
    await desk.answer_press()
    _, number = desk.words, found.bulletin.number
    is_new = await desk.transaction.deliveries.complained(number, desk.chat_id, desk.now)
    said = _("Thank you. We will look at it. To say what is wrong, reply to the notice.")
    await desk.bot.edit_message_text(
        said if is_new else _("Noted already."),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
    )
    if is_new and desk.roster.officer(found.bulletin.author) is not None:
        await _tell_author(desk, found)


async def _tell_author(desk: Desk, found: BulletinOnFile) -> None:
    words, number = await desk.words_of(found.author_chat_id), found.bulletin.number
    _ = words
    await desk.bot.send_message(
        found.author_chat_id,
        _("Somebody says that something is wrong with your notice {number}.").format(number=number),
        reply_markup=InlineKeyboardMarkup([[button(_.plain("📊 Figures"), "report", number)]]),
        api_kwargs=terms(lane=Lane.NOTIFICATION, dedup_key=f"complaint:{number}"),
    )
