"""The first question: what is going to be published?"""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import Kind, Severity
from handlers.bulletins.alerting import offer_templates
from handlers.bulletins.drafts import button
from handlers.bulletins.writing import ask_first_text


async def ask_kind(desk: Desk) -> None:
    """``/bulletin``: what is it going to be?"""
    _ = desk.words
    rows = [
        [button(_.plain("📋 This week"), "kind", Kind.INCIDENT.value)],
        [button(_.plain("✅ Solved this week"), "kind", Kind.SOLVED.value)],
        [button(_.plain("💡 Prevention tips"), "kind", Kind.TIPS.value)],
        [button(_.plain("🚨 Alert, at once"), "kind", Kind.ALERT.value)],
    ]
    await desk.bot.send_message(
        desk.chat_id, _("What do you want to publish?"), reply_markup=InlineKeyboardMarkup(rows)
    )


async def choose_kind(desk: Desk) -> None:
    """A kind was chosen: a draft is on file, and its text is asked for."""
    arguments = desk.press.arguments if desk.press else ()
    officer = desk.officer
    if officer is None or not arguments or arguments[0] not in set(Kind):
        await desk.answer_press()
        return
    await desk.answer_press()
    number = await desk.transaction.bulletins.open(
        kind=Kind(arguments[0]),
        author=officer.code,
        author_chat_id=desk.chat_id,
        room=officer.room or _room_of(desk, officer.areas),
        severity=Severity.NOTICE,
        now=desk.now,
    )
    if arguments[0] == Kind.ALERT:
        await offer_templates(desk, number)
    else:
        await ask_first_text(desk, number)


def _room_of(desk: Desk, areas: tuple[str, ...]) -> str:
    rooms = (desk.roster.room_of(code) for code in areas)
    return next((room.code for room in rooms if room is not None), "")
