"""Without these rules a link or a search would lead nowhere, or to the wrong area."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.roster import Area, Roster

#: Areas shown for a search: more is a list to read, not an answer.
FOUND_LIMIT = 8
#: Areas on one page of the list: what a phone shows without scrolling.
AREAS_PER_PAGE = 8
#: Letters that people type for one another in Arabic, and the stroke that only widens a word.
_SAME_LETTERS = str.maketrans({"ة": "ه", "ى": "ي", "ـ": None})


class StartRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """The link's parameter is none of ours."""


class UnknownArea(StartRefused):
    """There is no such area (any more)."""


@dataclass(frozen=True, slots=True)
class ListedArea:
    """A line of the list. ``opens``: choosing it shows the areas inside it first; ``depth``: how
    far inside others it is, where the whole tree is shown at once."""

    area: Area
    depth: int = 0
    opens: bool = False


@dataclass(frozen=True, slots=True)
class AreaPage:
    """A page of the areas inside ``around`` (None: inside none)."""

    around: Area | None
    areas: tuple[ListedArea, ...]
    number: int
    last: int


def page_of_areas(roster: Roster, around: str, number: int) -> AreaPage:
    """The page ``number`` (counted from 0, brought within bounds) of the areas inside ``around``
    (a code; unknown or empty: the top). Few areas are shown as a whole tree, many a level at a
    time."""
    outer = roster.area(around)
    if outer is None and len(roster.areas) <= AREAS_PER_PAGE:
        return AreaPage(None, tuple(_tree(roster, "", 0)), 0, 0)
    inside = _inside(roster, outer.code if outer else "")
    last = max(0, (len(inside) - 1) // AREAS_PER_PAGE)
    number = min(max(number, 0), last)
    shown = inside[number * AREAS_PER_PAGE : (number + 1) * AREAS_PER_PAGE]
    listed = (ListedArea(area, opens=bool(_inside(roster, area.code))) for area in shown)
    return AreaPage(outer, tuple(listed), number, last)


def _inside(roster: Roster, code: str) -> list[Area]:
    """The areas directly inside; one whose outer area is unknown is inside none."""
    return [
        area for area in roster.areas if (area.parent if roster.area(area.parent) else "") == code
    ]


def _tree(roster: Roster, code: str, depth: int) -> Iterator[ListedArea]:
    for area in _inside(roster, code):
        yield ListedArea(area, depth=depth)
        yield from _tree(roster, area.code, depth + 1)


def area_of_start(parameter: str, roster: Roster) -> Area:
    """The area of ``a-<code>``. Raises `StartRefused`."""
    if not parameter.startswith("a-"):
        raise StartRefused(parameter)
    code = parameter.removeprefix("a-")
    area = roster.area(code)
    if area is None:
        raise UnknownArea(code)
    return area


def invitation_of_start(parameter: str) -> str:
    """The secret of ``i-<invitation>``. Raises `StartRefused`."""
    if not parameter.startswith("i-"):
        raise StartRefused(parameter)
    return parameter.removeprefix("i-")


def search_areas(text: str, roster: Roster) -> list[Area]:
    """The areas whose name in any language, or whose code, is like what was typed; best first."""
    wanted = folded(text)
    if not wanted:
        return []
    ranked = [(rank, area) for area in roster.areas if (rank := _rank(wanted, area)) is not None]
    return [area for _, area in sorted(ranked, key=lambda each: each[0])][:FOUND_LIMIT]


def _rank(wanted: str, area: Area) -> int | None:
    """0: the very name, 1: its beginning, 2: a part of it, or it is a part of what was typed; None:
    nothing of the kind. A code is nobody's word: inside another word it means nothing."""
    names = [folded(name) for name in area.name.values()]
    starts = [*names, folded(area.code)]
    if wanted in starts:
        return 0
    if any(each.startswith(wanted) for each in starts):
        return 1
    is_part = any(wanted in name or (len(name) > 1 and name in wanted) for name in names)
    return 2 if is_part else None


def folded(text: str) -> str:
    """Text as it is compared: no case, width, diacritics or blanks, any script's digits as 0-9."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_SAME_LETTERS)
    return "".join(str(unicodedata.decimal(each, each)) for each in plain if each.isalnum())
