"""What a bulletin says to whoever gets it, and the buttons under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import button_data
from bot.domain.bulletins import Bulletin, Kind, Severity, State, UnreadMachineText, version_for
from bot.domain.roster import Roster
from bot.texts import Words, language_name
from storage.bulletins import BulletinOnFile


def title(bulletin: Bulletin, words: Words) -> Markup:
    """The heading: what it is, and how serious."""
    _ = words
    if bulletin.follows is not None:
        return _("Settled: notice {number}").format(number=bulletin.follows)
    if bulletin.kind is Kind.ALERT:
        return {
            Severity.NOTICE: _("Safety notice"),
            Severity.WARNING: _("Safety warning"),
            Severity.DANGER: _("Danger warning"),
        }[bulletin.severity]
    return title_of_kind(bulletin.kind, words)


def title_of_kind(kind: Kind, words: Words) -> Markup:
    """What the weekly notices of a kind are called."""
    _ = words
    return {
        Kind.INCIDENT: _("This week in your area"),
        Kind.SOLVED: _("Solved this week"),
        Kind.TIPS: _("Prevention tips"),
    }[kind]


def heading(bulletin: Bulletin, words: Words) -> Markup:
    """The title with the issue it belongs to, as in 警情公告 2026年第47期."""
    _ = words
    if bulletin.issue is None:
        return title(bulletin, words)
    year, _hyphen, week = bulletin.issue.partition("-")
    return _("{title}, {year}, issue {week}").format(
        title=title(bulletin, words), year=year, week=int(week)
    )


def text_for(
    bulletin: Bulletin,
    words: Words,
    *,
    roster: Roster,
    is_corrected: bool = False,
    public_through: str | None = None,
) -> Markup:
    """The whole text for readers of one language; a missing language is said to be so. In a channel
    nobody can reply: ``public_through`` is the bot to write to."""
    _ = words
    own = roster.station.languages[0]
    version = version_for(bulletin.versions, words.language, own_language=own)
    lines = [Markup("<b>{}</b>").format(heading(bulletin, words)), Markup(""), Markup(version.text)]  # noqa: S704 - made of escaped text and Telegram's own entities when it was written
    if version.language != words.language:
        said = _("There is no {language} version yet.").format(
            language=language_name(words.language)
        )
        lines.insert(1, Markup("<i>{}</i>").format(said))
    if version.is_machine_made:
        lines += [Markup(""), Markup("<i>{}</i>").format(_("Translated by a machine."))]
    if is_corrected:
        lines.insert(1, Markup("<i>{}</i>").format(_("Corrected.")))
    if bulletin.expires_at is not None:
        when = words.day_and_time(bulletin.expires_at)
        lines += [Markup(""), _("Good until {when}.").format(when=when)]
    number = _("Notice {number}. Questions? Reply to this message.").format(number=bulletin.number)
    if public_through is not None:
        number = _("Notice {number}. Questions? Write to @{bot}.").format(
            number=bulletin.number, bot=public_through
        )
    return Markup("\n").join([*lines, Markup(""), Markup("<i>{}</i>").format(number)])


def buttons(bulletin: Bulletin, words: Words) -> InlineKeyboardMarkup:
    """*I have read this*, the way to fewer messages, and to say that something is wrong."""
    _ = words
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    _.plain("✔ I have read this"),
                    callback_data=button_data("bulletins", "read", bulletin.number),
                ),
                InlineKeyboardButton(
                    _.plain("🔔 Notices I get"),
                    callback_data=button_data("subscriptions", "show"),
                ),
            ],
            [
                InlineKeyboardButton(
                    _.plain("✖ Not for me"),
                    callback_data=button_data("bulletins", "unwanted", bulletin.number),
                )
            ],
        ]
    )


def unread_line(refusal: UnreadMachineText, words: Words) -> str:
    """Which languages a person must read before it goes out."""
    _ = words
    names = [language_name(each) for each in refusal.languages]
    return _.plain("A person must read this language first: {languages}").format(
        languages=words.series(names)
    )


def _taken_back(bulletin: Bulletin, words: Words) -> Markup:
    """What stands in the place of a recalled bulletin."""
    _ = words
    text = _("This notice was taken back. Please do not rely on it.")
    return Markup("<b>{}</b>\n\n{}").format(heading(bulletin, words), text)


def shared_params(
    found: BulletinOnFile, words: Words, *, roster: Roster, public_through: str | None = None
) -> Mapping[str, Any]:
    """What all deliveries in one language have in common, as parameters of sendMessage and of
    editMessageText; what is public has no buttons, which are for one reader."""
    bulletin = found.bulletin
    shared = {"parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    if bulletin.state is State.RECALLED:
        return {**shared, "text": str(_taken_back(bulletin, words))}
    text = text_for(
        bulletin, words, roster=roster, is_corrected=found.revision > 1,
        public_through=public_through,
    )  # fmt: skip
    if public_through is not None:
        return {**shared, "text": str(text)}
    markup = buttons(bulletin, words).to_dict()
    return {**shared, "text": str(text), "reply_markup": markup}
