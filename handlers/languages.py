"""Without this module somebody whose phone speaks another language than its owner would be lost."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import EVERYBODY, RESIDENTS, Button, Command, Desk, Feature, button_data
from bot.domain.roster import Role
from bot.texts import Words, language_name
from handlers.areas import ask_area
from handlers.commands import promise_commands
from handlers.introduction import introduce_again
from handlers.menus import menu


async def ask_language(desk: Desk) -> None:
    """Offer every language of the station, each in its own name; choosing the present one is the
    way back."""
    await desk.answer_press()
    rows = [
        [
            InlineKeyboardButton(
                language_name(language), callback_data=button_data("languages", "set", language)
            )
        ]
        for language in desk.roster.station.languages
    ]
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id, _("Which language?"), reply_markup=InlineKeyboardMarkup(rows)
    )


async def set_language(desk: Desk) -> None:
    """Speak the chosen language from now on; fixed buttons and commands change with it. What a
    resident was told at first is said again: now it can be read."""
    chosen = desk.argument(0)
    if chosen not in desk.roster.station.languages:
        await desk.answer_press(desk.words.plain("This language is not offered here."))
        return
    is_new = chosen != desk.words.language
    desk.transaction.people.set_language(desk.chat_id, chosen)
    await desk.answer_press()
    desk.words = desk.words_in(chosen)
    await _confirm(desk, desk.words)
    await promise_commands(desk, desk.chat_id, desk.role, desk.words)
    if is_new and desk.role is Role.RESIDENT:
        await introduce_again(desk)
        if desk.area is None:
            await ask_area(desk)


async def _confirm(desk: Desk, words: Words) -> None:
    _ = words
    await desk.bot.send_message(
        desk.chat_id,
        _("From now on I write in {language}.").format(language=language_name(words.language)),
        reply_markup=menu(desk.role, words, asks_place=desk.area is None),
    )


FEATURE = Feature(
    name="languages",
    routes=(
        Command("language", ask_language, EVERYBODY),
        Button("languages", "ask", ask_language, RESIDENTS),
        Button("languages", "set", set_language, EVERYBODY),
    ),
)
