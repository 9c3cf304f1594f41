"""Without this module a value would be found wrong by the first resident who needs it.

How each kind of value in the roster is read. A reader returns what the house works with, or raises
`Unfit`; what is wrong with a part of a value it notes, and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.bulletins import weekly_hour_of
from bot.domain.gcj02 import to_wgs84
from bot.roster.faults import nearest
from bot.roster.table import Cell, Reader, Unfit, read
from bot.texts import has_catalog, is_language

#: What a code may be: it stands in links (64 characters at Telegram) and in button data (64 bytes).
_CODE = re.compile(r"[a-z0-9-]{1,32}")
#: A number people dial in an emergency: short, or a whole one.
_EMERGENCY_NUMBER = re.compile(r"\+?[0-9][0-9 ]{1,18}")
#: A name stands on buttons, cards and receipts, several in one message of 4096 characters.
_LONGEST_TEXT = 300
#: More to bring, to ask or to choose from does not fit on a phone's screen.
_MOST_TEXTS = 12
#: A language that Unicode's CLDR does not know may still be spoken (ISO 639-3).
_RARE_LANGUAGE = re.compile(r"[a-z]{3}")
#: Beyond this no number in a roster means anything; far beyond, it is no float any more.
_LARGEST_NUMBER = 1e9
#: Telegram's ids fit in 52 bits (Bot API, User.id); 0 and below are no people.
_TELEGRAM_IDS = range(1, 2**52)


def any_text(cell: Cell) -> str:
    """A text that may be empty."""
    if not isinstance(cell.value, str):
        raise Unfit("must be a text in quotes.")
    if len(cell.value) > _LONGEST_TEXT:
        raise Unfit(f"is longer than {_LONGEST_TEXT} characters: shorten it.")
    return cell.value


def text(cell: Cell) -> str:
    """A text that says something."""
    found = any_text(cell)
    if not found.strip():
        raise Unfit("is empty: write what it is.")
    return found


def code(cell: Cell) -> str:
    """What links, buttons and other tables call a row."""
    if not isinstance(cell.value, str):
        raise Unfit("must be a text in quotes.")
    if not _CODE.fullmatch(cell.value):
        raise Unfit("a code has 1 to 32 characters, each one of a-z, 0-9 or -.")
    return cell.value


def code_or_none(cell: Cell) -> str:
    """A code, or an empty text."""
    return "" if cell.value == "" else code(cell)


def codes(cell: Cell) -> tuple[str, ...]:
    """Codes in their order, none twice."""
    if not isinstance(cell.value, list):
        raise Unfit('must be a list of codes, such as ["east", "west"].')
    read_ones = [read(code, Cell(cell.page, cell.table, cell.key, each)) for each in cell.value]
    found = [each for each in read_ones if each is not None]
    for twice in sorted({each for each in found if found.count(each) > 1}):
        cell.fault(f'"{twice}" is named twice: remove one.')
    return tuple(found)


def choice(*options: str) -> Reader:
    """One word of a few."""

    def chosen(cell: Cell) -> str:
        if cell.value not in options:
            raise Unfit(f"must be one of: {', '.join(options)}.")
        return str(cell.value)

    return chosen


def names(cell: Cell) -> Mapping[str, str]:
    """A name in several languages; in the station's own at least."""
    found = _by_language(cell, text)
    own = cell.page.languages[:1]
    if own and own[0] not in found:
        cell.fault(f'"{own[0]}" is missing, the station\'s own language: add the name in it.')
    return found


def notes(cell: Cell) -> Mapping[str, str]:
    """A text in several languages that may be left out in any."""
    return _by_language(cell, any_text)


def skills(cell: Cell) -> Mapping[str, str]:
    """How well somebody speaks which language."""
    return _by_language(cell, choice("native", "good", "basic"))


def _by_language(cell: Cell, reader: Reader) -> Mapping[str, str]:
    if not isinstance(cell.value, Mapping):
        raise Unfit('must be a table of languages, such as { zh = "…", en = "…" }.')
    for language in cell.value:
        if not is_language(language) and not _RARE_LANGUAGE.fullmatch(language):
            hint = nearest(
                language, cell.page.languages, otherwise="write a code such as zh or en."
            )
            cell.fault(f'"{language}" is no language: {hint}')
    return {
        language: read(reader, cell.part(language, each)) or ""
        for language, each in cell.value.items()
    }


def languages(cell: Cell) -> tuple[str, ...]:
    """The languages offered to residents; the first is the station's own."""
    value = cell.value
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise Unfit('must be a list of languages, such as ["zh", "en"]; your own comes first.')
    for language in value:
        if not (is_language(language) and has_catalog(language)):
            cell.fault(f'"{language}" has no catalog in this program: remove it.')
    for twice in sorted({each for each in value if value.count(each) > 1}):
        cell.fault(f'"{twice}" is named twice: remove one.')
    return tuple(value)


def time_zone(cell: Cell) -> str:
    """A zone of the IANA database."""
    if not isinstance(cell.value, str):
        raise Unfit('must be a text in quotes, such as "Asia/Shanghai".')
    try:
        ZoneInfo(cell.value)
    except (KeyError, ValueError, OSError):
        hint = nearest(cell.value, available_timezones(), otherwise='write one as "Asia/Shanghai".')
        raise Unfit(f"there is no such time zone: {hint}") from None
    return cell.value


def weekly_hour(cell: Cell) -> str:
    """A day of the week and a time at the station."""
    try:
        weekly_hour_of(text(cell))
    except ValueError:
        raise Unfit('must be a day and a time, such as "Fri 18:00".') from None
    return str(cell.value)


def yes_or_no(cell: Cell) -> bool:
    """A question's answer."""
    if not isinstance(cell.value, bool):
        raise Unfit("must be true or false, without quotes.")
    return cell.value


def phone(cell: Cell) -> str:
    """A number that could be dialled from everywhere. Whether somebody has it is not asked."""
    import phonenumbers  # takes long to import; needed by the roster's commands only

    number = text(cell)
    try:
        is_possible = phonenumbers.is_possible_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        is_possible = False
    if not is_possible:
        raise Unfit("no such number is possible: write it with + and the country's number.")
    return number


def emergency_number(cell: Cell) -> str:
    """A number to dial, as it is."""
    number = text(cell)
    if not _EMERGENCY_NUMBER.fullmatch(number):
        raise Unfit('must be digits to dial, such as "110".')
    return number


def opening_hours(cell: Cell) -> str:
    """When a room is open, in OpenStreetMap's ``opening_hours`` syntax."""
    from opening_hours import validate

    hours = text(cell)
    if not validate(hours):
        raise Unfit('cannot be read: write them like "Mo-Fr 09:00-12:00,13:30-18:00; Sa off".')
    return hours


def location(cell: Cell) -> tuple[float, float]:
    """Latitude and longitude, in WGS 84 whatever the file is in."""
    value = cell.value
    if not isinstance(value, list) or len(value) != 2 or not all(map(is_number, value)):
        raise Unfit("must be [latitude, longitude] in degrees, such as [30.0001, 100.0002].")
    latitude, longitude = map(float, value)
    if abs(latitude) > 90 and abs(longitude) <= 90:
        raise Unfit("looks swapped: latitude comes first.")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Unfit("is no place on earth: latitude to 90, longitude to 180 degrees.")
    return to_wgs84(latitude, longitude) if cell.page.is_gcj02 else (latitude, longitude)


def is_number(value: Any) -> bool:
    """Whether a TOML or JSON value is a number with which one can reckon."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -_LARGEST_NUMBER < value < _LARGEST_NUMBER
    )


def telegram_id(cell: Cell) -> int:
    """A person's number at Telegram."""
    if type(cell.value) is not int or cell.value not in _TELEGRAM_IDS:
        raise Unfit("must be a person's number at Telegram: digits without quotes.")
    return cell.value


def channel_id(cell: Cell) -> int:
    """A channel's or group's number at Telegram."""
    if type(cell.value) is not int or -cell.value not in _TELEGRAM_IDS:
        raise Unfit("must be a channel's or group's number at Telegram: a minus and digits.")
    return cell.value


def count(allowed: range) -> Reader:
    """A whole number of these."""

    def counted(cell: Cell) -> int:
        if type(cell.value) is not int or cell.value not in allowed:
            raise Unfit(f"must be a whole number from {allowed[0]} to {allowed[-1]}.")
        return cell.value

    return counted


def chosen_of(*options: str) -> Reader:
    """One or several of a few words, each once."""

    def chosen(cell: Cell) -> tuple[str, ...]:
        value = cell.value
        is_fit = isinstance(value, list) and all(each in options for each in value)
        if not is_fit or not value or len(set(value)) < len(value):
            raise Unfit(f"must be a list of some of: {', '.join(options)}.")
        return tuple(value)

    return chosen


def many_names(cell: Cell) -> tuple[Mapping[str, str], ...]:
    """Texts in several languages each, in their order; at most what fits on one screen."""
    if not isinstance(cell.value, list) or len(cell.value) > _MOST_TEXTS:
        raise Unfit(f'must be a list of at most {_MOST_TEXTS} such as [{{ zh = "…", en = "…" }}].')
    parts = [cell.part(str(place), each) for place, each in enumerate(cell.value, start=1)]
    return tuple(read(names, part) or {} for part in parts)


def situations(
    cell: Cell,
) -> tuple[tuple[str, Mapping[str, str], tuple[Mapping[str, str], ...]], ...]:
    """Situations in which more is to be brought: code, name and what to bring of each."""
    if not isinstance(cell.value, list) or len(cell.value) > _MOST_TEXTS:
        raise Unfit("must be a list of tables with code, name and bring.")
    return tuple(_situation(cell, place, each) for place, each in enumerate(cell.value, start=1))


def _situation(
    cell: Cell, place: int, value: Any
) -> tuple[str, Mapping[str, str], tuple[Mapping[str, str], ...]]:
    if not isinstance(value, Mapping) or value.keys() != {"code", "name", "bring"}:
        raise Unfit(f"no. {place} must have code, name and bring, and nothing else.")
    return (
        read(code, cell.part(f"{place}.code", value["code"])) or "",
        read(names, cell.part(f"{place}.name", value["name"])) or {},
        read(many_names, cell.part(f"{place}.bring", value["bring"])) or (),
    )
