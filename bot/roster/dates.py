"""Without these readers nobody would know in which week somebody is on call."""

from __future__ import annotations

import re
from datetime import date

from bot.roster.table import Cell, Unfit

#: A week as it is written: year and number.
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


def week(cell: Cell) -> tuple[int, int]:
    """A week of the year as ISO 8601 counts them."""
    found = _WEEK.fullmatch(cell.value) if isinstance(cell.value, str) else None
    try:
        if found is None:
            raise ValueError
        year, number = int(found[1]), int(found[2])
        date.fromisocalendar(year, number, 1)
    except ValueError:
        raise Unfit('must be a week as ISO 8601 counts them, such as "2026-W48".') from None
    return year, number


def day(cell: Cell) -> date:
    """A date."""
    if type(cell.value) is not date:
        raise Unfit("must be a date without quotes, such as 2026-11-24.")
    return cell.value
