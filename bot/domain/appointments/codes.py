"""Without these rules somebody without Telegram could not name a booking on the telephone.

A booking's code is digits only: every language spells them, every keyboard has them, and no letter
is taken for another. The last one is a check digit (Damm's quasigroup of order 10, 2004): one wrong
digit, or two neighbours swapped, never make another code.
"""

from __future__ import annotations

import re
import unicodedata

#: So many codes, few of them in use: guessing is hopeless when attempts are counted.
CODES = 10**7
#: More wrong codes from one chat in a day are guesses.
MOST_ATTEMPTS_A_DAY = 5

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
    compact = re.sub(r"[\s\-–—_.]", "", typed)
    digits = "".join(str(unicodedata.decimal(each, "x")) for each in compact)
    is_code = re.fullmatch(rf"\d{{{_DIGITS + 1}}}", digits, re.ASCII)
    if not is_code or _check_digit(digits) != "0":
        return None
    return f"{digits[:4]}-{digits[4:]}"


def _check_digit(digits: str) -> str:
    """The digit that makes the whole right; "0" if it is right already."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)
