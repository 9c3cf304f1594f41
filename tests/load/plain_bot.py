"""The bot everybody writes first: python-telegram-bot with its Updater, everything in memory.
``python -m tests.load.plain_bot`` is what the campaigns compare with."""

from __future__ import annotations

import os
from typing import Any

from telegram import ReactionTypeEmoji, Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.load.stage import FIRST_RESIDENT, PEOPLE
from tests.load.station import FIRST_OFFICER


async def pass_on(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Copy a resident's message to the officer and mark it."""
    message, chat = update.effective_message, update.effective_chat
    if message is None or chat is None:
        return
    officer = FIRST_OFFICER + chat.id - FIRST_RESIDENT
    await context.bot.copy_message(officer, chat.id, message.message_id)
    await context.bot.set_message_reaction(chat.id, message.message_id, ReactionTypeEmoji("✍"))


def main() -> None:
    """Serve until the process ends."""
    url = os.environ["BEATLINE_API_URL"]
    application: Application[Any, Any, Any, Any, Any, Any] = (
        Application.builder()
        .token(os.environ["BEATLINE_TOKEN"])
        .base_url(f"{url}/bot")
        .concurrent_updates(True)
        .build()
    )
    residents = filters.Chat(range(FIRST_RESIDENT, FIRST_RESIDENT + PEOPLE))
    application.add_handler(MessageHandler(residents & filters.TEXT, pass_on))
    application.run_polling()


if __name__ == "__main__":
    main()
