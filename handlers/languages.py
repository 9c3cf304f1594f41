"""Without this module somebody whose phone speaks another language than its owner would be lost."""

from __future__ import annotations

from babel import Locale
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import EVERYBODY, Button, Command, Desk, Feature, button_data
from handlers.menus import menu


async def ask_language(desk: Desk) -> None:
    """Offer every language of the station, each in its own name."""
    rows = [
        [
            InlineKeyboardButton(
                _own_name(language), callback_data=button_data("languages", "set", language)
            )
        ]
        for language in desk.roster.station.languages
    ]
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id, _("Which language?"), reply_markup=InlineKeyboardMarkup(rows)
    )


def _own_name(language: str) -> str:
    return str(Locale.parse(language.replace("-", "_")).get_display_name()).capitalize()


async def set_language(desk: Desk) -> None:
    """Speak the chosen language from now on; the fixed buttons change with it."""
    arguments = desk.press.arguments if desk.press else ()
    chosen = arguments[0] if arguments else ""
    if chosen not in desk.roster.station.languages:
        await desk.answer_press(desk.words.plain("This language is not offered here."))
        return
    desk.transaction.people.set_language(desk.chat_id, chosen)
    await desk.answer_press()
    _ = words = desk.words_in(chosen)
    await desk.bot.send_message(
        desk.chat_id,
        _("From now on I write in {language}.").format(language=_own_name(chosen)),
        reply_markup=menu(desk.role, words),
    )


FEATURE = Feature(
    name="languages",
    routes=(
        Command("language", ask_language, EVERYBODY),
        Button("languages", "set", set_language, EVERYBODY),
    ),
)
