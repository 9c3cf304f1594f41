"""Without these rules a resident would not learn that an ID or card number is not needed here.

A number counts only when its check digit is right and all else about it is plausible: people write
phone numbers, order numbers, dates and places all day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from enum import StrEnum

#: Nothing that is looked for has fewer digits; most messages are done with after this.
_FEWEST_DIGITS = 14
#: What people type between groups of digits.
_BETWEEN = "[ \u2010-\u2015-]{0,3}"
#: No number begins in the middle of a word, an address on the web, a decimal or another number.
_BEGINS = r"(?<![0-9A-Za-z_+#/=&%])(?<![0-9][.,:])(?<![0-9A-Za-z]-)"
_ENDS = r"(?!-?[0-9A-Za-z_])"


class PrivateNumber(StrEnum):
    """What a number identifies."""

    RESIDENT_ID = "resident_id"
    BANK_CARD = "bank_card"
    PASSPORT = "passport"


def find_private_number(text: str, *, today: date) -> PrivateNumber | None:
    """What the first such number in ``text`` identifies, whatever script its digits are of; None if
    there is none. ``today``: nobody is born later."""
    if sum(map(str.isdecimal, text)) < _FEWEST_DIGITS:
        return None
    plain = _plain(text)
    if any(_is_resident_id(each, today) for each in _RESIDENT_ID.findall(plain)):
        return PrivateNumber.RESIDENT_ID
    if any(_is_former_id(each) for each in _FORMER_ID.findall(plain)):
        return PrivateNumber.RESIDENT_ID
    if any(_is_bank_card(each) for each in _bank_cards(plain)):
        return PrivateNumber.BANK_CARD
    if any(_is_passport(*each) for each in _PASSPORT.findall(plain)):
        return PrivateNumber.PASSPORT
    return None


def _plain(text: str) -> str:
    """Wide and Arabic digits as 0 to 9, without invisible signs such as those of direction."""
    return "".join(
        str(unicodedata.decimal(each, each))
        for each in unicodedata.normalize("NFKC", text)
        if unicodedata.category(each) != "Cf"
    )


# --- resident identity numbers of China

#: GB 11643-1999: region, birth date, serial number and check, in whatever groups they are typed. A
#: look-ahead, since a number that is none may run into one that is.
_RESIDENT_ID = re.compile(rf"(?=(?<![0-9A-Za-z])((?:[0-9]{_BETWEEN}){{17}}[0-9Xx])(?![0-9A-Za-z]))")
#: GB 11643-1989, on papers until 2012: fifteen digits, two of them the year, and no check.
_FORMER_ID = re.compile(rf"{_BEGINS}([0-9]{{15}}){_ENDS}")
#: GB/T 2260, the first two digits of a region; 81 to 83 are on residence permits of people of Hong
#: Kong, Macao and Taiwan.
_PROVINCES = frozenset({
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82", "83",
})  # fmt: skip
#: Permanent residents of other nationality have a nine before the province, since 2023.
_FOREIGNER = "9"
#: Nobody alive was born before.
_EARLIEST_YEAR = 1900
#: ISO 7064, MOD 11-2: the weight of each of seventeen digits, and the check for each remainder.
_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
_CHECKS = "10X98765432"


def _is_resident_id(typed: str, today: date) -> bool:
    number = re.sub("[^0-9X]", "", typed.upper())
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    born = _date_in(number[6:14])
    return (
        _CHECKS[total % 11] == number[-1]
        and _has_province(number)
        and born is not None
        and born.year >= _EARLIEST_YEAR
        and born <= today
    )


def _has_province(number: str) -> bool:
    return number[:2] in _PROVINCES or (number[0] == _FOREIGNER and number[1:3] in _PROVINCES)


def _is_former_id(number: str) -> bool:
    """Fifteen digits with a right Luhn digit are taken for a telephone's IMEI, which all have it:
    stolen phones are reported every day, such papers are not in force any more."""
    has_date = _date_in(f"19{number[6:12]}") is not None
    return has_date and number[:2] in _PROVINCES and not _has_luhn_digit(number)


def _date_in(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


# --- bank cards

_CARD = re.compile(rf"{_BEGINS}([0-9]{{14,19}}){_ENDS}")
#: As they stand on the card: fours and a rest, or 4-6-5 and 4-6-4.
_CARD_IN_GROUPS = re.compile(
    rf"(?={_BEGINS}([0-9]{{4}}(?:[ \u2010-\u2015-]{{1,3}}[0-9]{{4}}){{2,3}}"
    rf"(?:[ \u2010-\u2015-]{{1,3}}[0-9]{{1,4}})?|"
    rf"[0-9]{{4}}[ \u2010-\u2015-][0-9]{{6}}[ \u2010-\u2015-][0-9]{{4,5}}){_ENDS})"
)
#: ISO/IEC 7812-1 issuers, as their networks publish them: the first digits, from and to, and how
#: many digits there are. Visa's 13 and 19 digits are left out: nobody has such a card, but barcodes
#: and orders of Chinese shops look like them. Cards of 9558 are older than UnionPay, and in use.
_ISSUERS = (
    ("4", "4", (16,)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("9558", "9559", (16, 19)),
    ("300", "305", (14,)),  # Diners Club
    ("36", "36", (14,)),
    ("38", "39", (14,)),
    ("3528", "3589", (16,)),  # JCB
    ("6011", "6011", (16,)),  # Discover
    ("644", "659", (16,)),
    ("2200", "2204", (16,)),  # Mir
)


def _bank_cards(plain: str) -> Iterator[str]:
    yield from _CARD.findall(plain)
    yield from (re.sub("[^0-9]", "", each) for each in _CARD_IN_GROUPS.findall(plain))


def _is_bank_card(number: str) -> bool:
    is_issued = any(
        first <= number[: len(first)] <= last and len(number) in lengths
        for first, last, lengths in _ISSUERS
    )
    return is_issued and _has_luhn_digit(number)


def _has_luhn_digit(number: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right doubled, its digits added."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


# --- passports

#: ICAO Doc 9303, part 4: the second line for machines has number, nationality, birth and expiry
#: with three check digits. A passport's number alone has none and looks like an order's.
_PASSPORT = re.compile(
    r"(?<![A-Z0-9<])([A-Z0-9<]{9})([0-9])[A-Z<]{3}([0-9]{6})([0-9])[MFX<]([0-9]{6})([0-9])"
)
_PASSPORT_WEIGHTS = (7, 3, 1)


def _is_passport(*parts_and_checks: str) -> bool:
    return all(
        _passport_check(part) == check
        for part, check in zip(parts_and_checks[::2], parts_and_checks[1::2], strict=True)
    )


def _passport_check(part: str) -> str:
    """Letters count 10 to 35, fillers nothing."""
    values = (0 if sign == "<" else int(sign, 36) for sign in part)
    return str(sum(value * _PASSPORT_WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)
