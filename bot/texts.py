"""Without this module everybody would have to read English.

Catalogs are gettext ``.po`` files, compiled in memory the first time a language is spoken. Source
texts are English. What `Words` returns is `Markup`: holes filled with ``.format()`` are escaped,
so nothing that people typed can break or forge a message.
"""

from __future__ import annotations

import gettext
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time
from markupsafe import Markup

#: The language of the source texts: it needs no catalog.
SOURCE_LANGUAGE = "en"
#: Languages written from right to left among those we have catalogs for, or may get.
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
#: Unicode's isolate for what is read from left to right, and its end.
LTR, PDI = "\u2066", "\u2069"
#: Where a clock time is meant, 24 hours for every language (Korean 12-hour times print "PM").
_CLOCK = "HH:mm"
#: What stands between the parts of a series where it is not ", ".
_SEPARATORS = {"ar": "، ", "fa": "، ", "ja": "、", "ur": "، ", "zh": "、"}
#: Letters that people type for one another in Arabic, and the stroke that only widens a word.
_SAME_LETTERS = str.maketrans({"ة": "ه", "ى": "ي", "ـ": None})
#: Everything before the first and after the last letter or digit: marks, pictographs, brackets.
_OUTER_MARKS = re.compile(r"^[\W_]+|[\W_]+$")


def _tags(language: str) -> Iterator[str]:
    """``zh-hant-tw``, ``zh-hant``, ``zh``: a language tag and every wider one."""
    tag = language.replace("_", "-").casefold()
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


def _primary(language: str) -> str:
    return language.replace("_", "-").casefold().partition("-")[0]


def _source(language: str) -> Traversable | None:
    """The file that says everything in this language; a regional one shares its language's."""
    folders = {each.name.casefold(): each for each in resources.files("locales").iterdir()}
    for tag in _tags(language):
        if tag in folders:
            source = folders[tag] / "LC_MESSAGES" / "beatline.po"
            return source if source.is_file() else None
    return None


@cache
def catalog(language: str) -> gettext.NullTranslations:
    """The catalog of one language; the source language and unknown ones have an empty one."""
    source = _source(language)
    if source is None:
        return gettext.NullTranslations()
    # Imported late: parsing catalogs is not needed to fetch the first update.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes())))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def has_catalog(language: str) -> bool:
    """Whether every text can be said in this language."""
    return _primary(language) == SOURCE_LANGUAGE or _source(language) is not None


def is_language(tag: str) -> bool:
    """Whether Unicode's CLDR knows a language, and a region if there is one, by this tag."""
    try:
        Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return False
    return True


def negotiate(wanted: str | None, offered: Sequence[str]) -> str:
    """The offered language nearest to a Telegram ``language_code`` such as ``zh-hans``, ``en-GB``.

    Traditional Chinese readers (``zh-TW``) get the Chinese that is offered, on purpose: a reader of
    one can read the other. A language that is not offered gets English if that is, else the first.
    """
    by_tag = {each.replace("_", "-").casefold(): each for each in offered}
    by_language = {_primary(each): each for each in reversed(offered)}
    for tag in _tags(wanted or ""):
        if tag in by_tag:
            return by_tag[tag]
    return by_language.get(_primary(wanted or ""), by_language.get(SOURCE_LANGUAGE, offered[0]))


def language_name(language: str) -> str:
    """A language's name in itself, for those who read it: 中文, English, العربية."""
    name = Locale.parse(language.replace("-", "_")).get_display_name() or language
    return name[:1].upper() + name[1:]


class Words:
    """One language's words, and its way to write times. Cheap to make, safe to share."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self._zone = zone
        self._locale = Locale.parse(language.replace("-", "_"))

    def __call__(self, text: str) -> Markup:
        """The text in this language, as trusted HTML whose holes are escaped when filled."""
        return Markup(catalog(self.language).gettext(text))  # noqa: S704 - our own catalogs

    def plain(self, text: str) -> str:
        """The text for a place without HTML: a button, an alert, a command's description."""
        return catalog(self.language).gettext(text)

    def many(self, one: str, more: str, count: int) -> Markup:
        """The right plural form; the hole for the number is filled by the caller."""
        return Markup(catalog(self.language).ngettext(one, more, count))  # noqa: S704 - our own catalogs

    @property
    def is_right_to_left(self) -> bool:
        """Whether this language is written from right to left."""
        return _primary(self.language) in RIGHT_TO_LEFT

    def clock_time(self, moment: datetime) -> str:
        """``moment`` (aware) as a 24-hour time at the station, as in 14:02; in the night in which
        the clocks go back, of a time that comes twice, which of the two it is."""
        _ = self
        time = format_time(moment, _CLOCK, tzinfo=self._zone, locale=self._locale)
        local = moment.astimezone(self._zone)
        if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
            return time
        if local.fold:
            return _.plain("{time} (after the clocks go back)").format(time=time)
        return _.plain("{time} (before the clocks go back)").format(time=time)

    def day_and_time(self, moment: datetime) -> str:
        """``moment`` (aware) as a day and a 24-hour time at the station."""
        return f"{self.day(moment.astimezone(self._zone).date())} {self.clock_time(moment)}"

    def day(self, day: date) -> str:
        """A day as it stands in a sentence or on a button, as in Mon, Dec 7, 12月7日周一."""
        return format_skeleton("MMMEd", day, locale=self._locale)

    def weekday(self, day: date) -> str:
        """The short name of the day of the week, as in Mon, 周一, الاثنين."""
        return str(self._locale.days["stand-alone"]["abbreviated"][day.weekday()])

    def telephone(self, number: str) -> str:
        """A number for a line of its own. Between right-to-left words the groups of one that has
        several would change places: there it is isolated."""
        return number if number.isdigit() or not self.is_right_to_left else f"{LTR}{number}{PDI}"

    def series(self, parts: Iterable[str]) -> str:
        """The parts one after the other with this language's comma; not escaped."""
        return _SEPARATORS.get(_primary(self.language), ", ").join(parts)


def said_in_any(texts: Iterable[str], languages: Iterable[str]) -> frozenset[str]:
    """Every way people may type one of ``texts`` in one of ``languages``. A catalog may give
    several, separated by ``|``; compare with `as_typed`."""
    ways = (
        way
        for language in {*languages, SOURCE_LANGUAGE}
        for text in texts
        for way in catalog(language).gettext(text).split("|")
    )
    return frozenset(as_typed(way) for way in ways if way.strip())


def as_typed(text: str) -> str:
    """A short text as it is compared: no case, no accents or vowel signs, no invisible characters,
    any script's digits as 0-9, nothing around the words. A text that is all marks keeps them."""
    letters = unicodedata.normalize("NFKD", text).casefold().translate(_SAME_LETTERS)
    words = " ".join("".join(_as_compared(each) for each in letters).split())
    return _OUTER_MARKS.sub("", words) or words


def _as_compared(character: str) -> str:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return ""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
