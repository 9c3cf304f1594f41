"""The list of commands under the writing field, in each language and for each role.

No feature of its own: what start-up, joining and a language change promise.
"""

from __future__ import annotations

from telegram import BotCommand, BotCommandScopeChat

from bot.context import Desk
from bot.delivery.outbox import terms
from bot.texts import Words
from handlers.menus import N_
from storage.outbox import Lane

_RESIDENTS = (
    ("me", N_("My officer and my area")),
    ("hours", N_("When open, where")),
    ("emergency", N_("Emergency numbers")),
    ("language", N_("Language")),
    ("help", N_("Help")),
)
_STAFF = (
    ("me", N_("My card and open requests")),
    ("away", N_("I am away: deputies answer")),
    ("back", N_("I am back")),
    ("hours", N_("When open, where")),
    ("emergency", N_("Emergency numbers")),
    ("language", N_("Language")),
    ("help", N_("Help")),
)


def _commands(listed: tuple[tuple[str, str], ...], words: Words) -> list[BotCommand]:
    _ = words
    return [BotCommand(name, _.plain(text)) for name, text in listed]


async def promise_commands(desk: Desk, chat_id: int, words: Words) -> None:
    """The commands of somebody on the roster, in this chat only."""
    await desk.bot.set_my_commands(
        _commands(_STAFF, words),
        scope=BotCommandScopeChat(chat_id),
        api_kwargs=terms(lane=Lane.NOTIFICATION, replace_key=f"commands:{chat_id}"),
    )


async def promise_all_commands(desk: Desk) -> None:
    """The residents' commands in every offered language, and each linked officer's own."""
    own = desk.words_in(desk.own_language)
    await desk.bot.set_my_commands(
        _commands(_RESIDENTS, own),
        api_kwargs=terms(lane=Lane.NOTIFICATION, replace_key="commands"),
    )
    for language in desk.roster.station.languages:
        await desk.bot.set_my_commands(
            _commands(_RESIDENTS, desk.words_in(language)),
            # Telegram knows two-letter codes here; a region or script is shared with its language.
            language_code=language.split("-")[0],
            api_kwargs=terms(lane=Lane.NOTIFICATION, replace_key=f"commands:{language}"),
        )
    for state in (await desk.transaction.officers.states()).values():
        if state.chat_id is not None and state.is_reachable:
            words = await desk.words_of(state.chat_id)
            await promise_commands(desk, state.chat_id, words)
