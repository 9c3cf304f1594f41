"""Without this module whoever writes alone would publish in one language.

A machine proposes; a person who reads the language may say that it is right. Until then residents
read that a machine made it, and it never goes out as *danger*.
"""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import Bulletin, State, Version
from bot.texts import language_name
from handlers.bulletins.drafts import button, draft_of_press, mark_of, show_draft
from handlers.bulletins.machine_text import safe_html
from handlers.bulletins.writing import is_too_long
from storage.bulletins import BulletinOnFile
from storage.timers import Timer


async def ask_translator(desk: Desk) -> None:
    """*Propose the missing ones*: each language without a text is asked for."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    bulletin, _ = found.bulletin, desk.words
    missing = [each for each in desk.roster.station.languages if each not in bulletin.versions]
    if not desk.has_translator or not missing or desk.own_language in missing:
        await desk.answer_press(_.plain("There is nothing to translate."), is_alert=True)
        return
    for language in missing:
        desk.transaction.translations.ask(
            bulletin.number, language, source=desk.own_language, now=desk.now
        )
    await desk.answer_press()
    await desk.bot.edit_message_text(
        _("The translator is asked. Its proposals come here."),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=InlineKeyboardMarkup([[button(_.plain("◀ Back"), "draft", bulletin.number)]]),
    )


async def take_answer(desk: Desk, timer: Timer) -> None:
    """`TRANSLATED`: a proposal, unless a person was faster; whoever changed the own text meanwhile
    gets one of the new text."""
    number, _colon, language = timer.key.partition(":")
    found = await desk.transaction.bulletins.find(int(number))
    if found is None or found.bulletin.state is not State.DRAFT:
        return
    bulletin = found.bulletin
    own = bulletin.versions.get(desk.own_language)
    if desk.roster.officer(bulletin.author) is None or language in bulletin.versions:
        return
    made_of = timer.payload.get("made_of")
    if own is not None and made_of not in (None, own.text):
        desk.transaction.translations.ask(
            bulletin.number, language, source=desk.own_language, now=desk.now
        )
        return
    text = safe_html(timer.payload.get("text", ""))
    if own is None or not text or is_too_long(text):
        await _say_it_failed(desk, found, language)
        return
    version = Version(language, text, is_machine_made=True)
    desk.transaction.bulletins.set_version(bulletin.number, version)
    await _show_proposal(desk, found, version)


async def _say_it_failed(desk: Desk, found: BulletinOnFile, language: str) -> None:
    words = await desk.words_of(found.author_chat_id)
    _, number = words, found.bulletin.number
    await desk.bot.send_message(
        found.author_chat_id,
        _("No translation into this language came: {language}. Please write it yourself.").format(
            language=language_name(language)
        ),
        reply_markup=InlineKeyboardMarkup([[button(_.plain("✏ Text"), "text", number, language)]]),
    )


async def _show_proposal(desk: Desk, found: BulletinOnFile, version: Version) -> None:
    words = await desk.words_of(found.author_chat_id)
    _, number, language = words, found.bulletin.number, version.language
    lead = _("Proposed by a machine for notice {number}: {language}").format(
        number=number, language=language_name(language)
    )
    rows = [
        [
            button(
                _.plain("✔ I read it, it is right"),
                "vouch",
                number,
                language,
                mark_of(version.text),
            )
        ],
        [button(_.plain("✏ Text"), "text", number, language)],
        [button(_.plain("◀ Back"), "draft", number)],
    ]
    text = Markup("<b>{}</b>\n\n{}").format(lead, Markup(version.text))  # noqa: S704 - made safe when it came
    await desk.bot.send_message(found.author_chat_id, text, reply_markup=InlineKeyboardMarkup(rows))


async def vouch(desk: Desk) -> None:
    """A person has read what the machine made: it is like any other text from now on."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    version = _shown(found.bulletin, desk.argument(1))
    if version is None or mark_of(version.text) != desk.argument(2):
        text = desk.words.plain("This has moved on. Please use the newest message.")
        await desk.answer_press(text, is_alert=True)
        return
    await desk.answer_press()
    number = found.bulletin.number
    desk.transaction.bulletins.set_version(number, replace(version, is_machine_made=False))
    await show_draft(desk, number)


def _shown(bulletin: Bulletin, language: str) -> Version | None:
    version = bulletin.versions.get(language)
    return version if version is not None and version.is_machine_made else None
