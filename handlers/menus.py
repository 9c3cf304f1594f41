"""The fixed buttons under a resident's writing field, and the words and numbers that do the same.

No feature of its own: what every feature that greets somebody puts under the writing field.
"""

from __future__ import annotations

from telegram import KeyboardButton, ReplyKeyboardMarkup, ReplyKeyboardRemove

from bot.domain.roster import Role
from bot.texts import Words


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark a text for the catalogs; it is translated where it is used."""
    return text


WRITE = N_("✍ Write to my officer")
WHEN_AND_WHERE = N_("🕘 When open, where")
EMERGENCY = N_("🚨 Emergency numbers")
SHARE_PLACE = N_("📍 Share my location")
SHARE_NUMBER = N_("📞 Share my number")

#: What people type instead of pressing; several ways are separated by ``|``.
WRITE_WORDS = N_("officer|my officer|write to my officer")
WHEN_WORDS = N_("open|when open|hours|opening hours|address|where")
EMERGENCY_WORDS = N_("emergency numbers|emergency number")
URGENT_WORDS = N_("urgent|it is urgent|very urgent")
BOOK_WORDS = N_(
    "appointment|appointments|book|booking|an appointment|make an appointment|book an appointment"
    "|i need an appointment|i want an appointment"
)
HELP_WORDS = N_("how does this work|how|?")
#: What somebody in danger types: the numbers are shown, and the officer reads it all the same.
DANGER_WORDS = N_("emergency|sos|danger|help me|fire|ambulance")


def menu(
    role: Role, words: Words, *, asks_place: bool
) -> ReplyKeyboardMarkup | ReplyKeyboardRemove:
    """The three fixed buttons for residents, with one that shares the location as long as the area
    is not known; people of the roster have none, they reply."""
    if role is not Role.RESIDENT:
        return ReplyKeyboardRemove()
    share = KeyboardButton(words.plain(SHARE_PLACE), request_location=True)
    return _fixed(words, *([share] if asks_place else []))


def contact_menu(words: Words) -> ReplyKeyboardMarkup:
    """A resident's three fixed buttons, with one that shares the own number."""
    return _fixed(words, KeyboardButton(words.plain(SHARE_NUMBER), request_contact=True))


def _fixed(words: Words, *first: KeyboardButton) -> ReplyKeyboardMarkup:
    _ = words
    rows = [
        *([each] for each in first),
        [KeyboardButton(_.plain(WRITE))],
        [KeyboardButton(_.plain(WHEN_AND_WHERE)), KeyboardButton(_.plain(EMERGENCY))],
    ]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, is_persistent=True)
