"""The list of commands under the writing field, in each language and for each role.

No feature of its own: what start-up, joining and a language change promise. What Telegram has been
told is on file, so that only what differs is told again.
"""

from __future__ import annotations

from collections.abc import Sequence

from telegram import BotCommand, BotCommandScopeChat

from bot import __version__
from bot.context import Desk
from bot.delivery.outbox import terms
from bot.domain.roster import Role
from bot.texts import Words
from handlers.menus import N_
from storage.outbox import Lane

_RESIDENTS = (
    ("me", N_("My officer and my area")),
    ("book", N_("Appointments")),
    ("claim", N_("I was given a code")),
    ("request", N_("Another time, or a visit")),
    ("hours", N_("When open, where")),
    ("emergency", N_("Emergency numbers")),
    ("urgent", N_("It cannot wait: ask for somebody now")),
    ("bulletins", N_("Notices so far")),
    ("alerts", N_("Notices I get")),
    ("language", N_("Language")),
    ("help", N_("Help")),
)
_STAFF = (
    ("me", N_("My card and open requests")),
    ("here", N_("Where I am now, opening hours")),
    ("on_call", N_("Urgent calls: when I am asked")),
    ("away", N_("I am away: deputies answer")),
    ("back", N_("I am back")),
    ("team", N_("Who is away")),
    ("agenda", N_("My appointments")),
    ("book", N_("Book for somebody without Telegram")),
    ("bulletin", N_("Publish a notice")),
    ("bulletins", N_("Notices so far")),
    ("hours", N_("When open, where")),
    ("emergency", N_("Emergency numbers")),
    ("language", N_("Language")),
    ("help", N_("Help")),
)
#: Under this name it is on file what Telegram has been told.
_TOLD = "setMyCommands"


def _commands(role: Role, words: Words) -> list[BotCommand]:
    _ = words
    listed = _RESIDENTS if role is Role.RESIDENT else _STAFF
    return [BotCommand(name, _.plain(text)) for name, text in listed]


async def promise_commands(desk: Desk, chat_id: int, role: Role, words: Words) -> None:
    """The commands of one private chat: of somebody on the roster, or of a resident who chose
    another language than the phone's."""
    await desk.bot.set_my_commands(
        _commands(role, words),
        scope=BotCommandScopeChat(chat_id),
        api_kwargs=terms(lane=Lane.NOTIFICATION, replace_key=f"commands:{chat_id}"),
    )


async def withdraw_commands(desk: Desk, chat_id: int) -> None:
    """This private chat sees a resident's commands again."""
    await desk.bot.delete_my_commands(
        scope=BotCommandScopeChat(chat_id),
        api_kwargs=terms(lane=Lane.NOTIFICATION, replace_key=f"commands:{chat_id}"),
    )


async def tell_commands(desk: Desk) -> None:
    """After a start or a change of the roster: residents' commands in every offered language, and
    those of everybody who joined or left, as far as Telegram has not been told."""
    told = await desk.transaction.known_answers.get(_TOLD) or {}
    languages = list(desk.roster.station.languages)
    staff = await _staff(desk)
    is_current = told.get("program") == __version__
    if not is_current or told.get("languages") != languages:
        await _tell_residents(desk, languages, told.get("languages", []))
    known = told.get("staff", {})
    for chat_id, language in staff.items():
        if not is_current or known.get(chat_id) != language:
            await promise_commands(desk, int(chat_id), Role.OFFICER, desk.words_in(language))
    for chat_id in known.keys() - staff.keys():
        await withdraw_commands(desk, int(chat_id))
    desk.transaction.known_answers.keep(
        _TOLD, {"program": __version__, "languages": languages, "staff": staff}
    )


async def _staff(desk: Desk) -> dict[str, str]:
    """The languages of everybody who is linked and has written, by chat: Telegram knows no private
    chat with somebody who never opened one."""
    found = {}
    for code, state in (await desk.transaction.officers.states()).items():
        person = await desk.transaction.people.find(state.chat_id) if state.chat_id else None
        if person is not None and desk.roster.officer(code) is not None:
            found[str(person.chat_id)] = person.language
    return found


async def _tell_residents(desk: Desk, languages: Sequence[str], before: Sequence[str]) -> None:
    await _tell_language(desk, languages[0], code=None)
    # Telegram knows two-letter codes here; a region or script is shared with its language.
    codes = {language.split("-")[0]: language for language in reversed(languages)}
    for code, language in codes.items():
        await _tell_language(desk, language, code=code)
    for code in {language.split("-")[0] for language in before} - codes.keys():
        await desk.bot.delete_my_commands(
            language_code=code,
            api_kwargs=terms(lane=Lane.NOTIFICATION, replace_key=f"commands:{code}"),
        )


async def _tell_language(desk: Desk, language: str, *, code: str | None) -> None:
    await desk.bot.set_my_commands(
        _commands(Role.RESIDENT, desk.words_in(language)),
        language_code=code,
        api_kwargs=terms(lane=Lane.NOTIFICATION, replace_key=f"commands:{code or ''}"),
    )
