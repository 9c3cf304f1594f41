"""Without these rules somebody without Telegram could not name a booking on the telephone.

A booking's code is digits only: every language spells them, every keyboard has them, and no letter
is taken for another. The last one is a check digit (Damm's quasigroup of order 10, 2004): one wrong
digit, or two neighbours swapped, never make another code.
"""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from bot.domain.appointments.refusals import TooManyAttempts

#: So many codes, few of them in use: guessing is hopeless when attempts are counted.
CODES = 10**7
#: More wrong codes from one chat in a day are guesses.
MOST_ATTEMPTS_A_DAY = 5
#: A wrong code counts as long as this: no midnight gives twice as many guesses.
ATTEMPT_COUNTS_FOR = timedelta(days=1)
#: What the parameter of a booking's link begins with, before the code.
LINK_PREFIX = "b-"

_DIGITS = 7
#: Damm, H. M.: Total anti-symmetrische Quasigruppen (2004), the table of order 10.
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def code_of(number: int) -> str:
    """The code for a random number below `CODES`, in groups for reading aloud: ``4829-1364``.
    Raises ValueError for another number."""
    if not 0 <= number < CODES:
        raise ValueError(f"A booking's number is below {CODES}.")
    digits = f"{number:0{_DIGITS}}"
    digits += _check_digit(digits)
    return f"{digits[:4]}-{digits[4:]}"


def code_in(typed: str) -> str | None:
    """The code that somebody typed, in any script's digits and with any marks between them; None
    if it is none."""
    digits = _digits_in(typed)
    if digits is None or _check_digit(digits) != "0":
        return None
    return f"{digits[:4]}-{digits[4:]}"


def looks_like_code(typed: str) -> bool:
    """Whether somebody who was asked for a code means this one, with or without a slip in it."""
    return _digits_in(typed) is not None


def _digits_in(typed: str) -> str | None:
    """As many digits as a code has, and nothing else that is a letter or a digit."""
    digits = [unicodedata.decimal(each, None) for each in typed if each.isalnum()]
    if len(digits) != _DIGITS + 1 or None in digits:
        return None
    return "".join(map(str, digits))


def check_attempts(wrong: int) -> None:
    """Raise `TooManyAttempts` if a chat that named so many wrong codes within
    `ATTEMPT_COUNTS_FOR` may not name another one."""
    if wrong >= MOST_ATTEMPTS_A_DAY:
        raise TooManyAttempts(MOST_ATTEMPTS_A_DAY)


def _check_digit(digits: str) -> str:
    """The digit that makes the whole right; "0" if it is right already."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)
