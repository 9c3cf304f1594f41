"""Without these rules a link or a search would lead nowhere, or to the wrong area."""

from __future__ import annotations

import unicodedata

from bot.domain.roster import Area, Roster

#: Areas shown for a search: more is a list to read, not an answer.
FOUND_LIMIT = 8


class StartRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """The link's parameter is none of ours."""


class UnknownArea(StartRefused):
    """There is no such area (any more)."""


def area_of_start(parameter: str, roster: Roster) -> Area:
    """The area of ``a-<code>``. Raises `StartRefused`."""
    kind, _, code = parameter.partition("-")
    if kind != "a":
        raise StartRefused(parameter)
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
    """The areas whose name, in any language, or code holds what was typed; best first."""
    wanted = folded(text)
    if not wanted:
        return []
    ranked = []
    for area in roster.areas:
        names = [folded(each) for each in (*area.name.values(), area.code)]
        ranks = [rank for name in names if (rank := _rank(wanted, name)) is not None]
        if ranks:
            ranked.append((min(ranks), area))
    return [area for _, area in sorted(ranked, key=lambda each: each[0])][:FOUND_LIMIT]


def _rank(wanted: str, name: str) -> int | None:
    """0: the very name, 1: its beginning, 2: a part of it, or it is a part of what was typed."""
    if wanted == name:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if wanted in name or (len(name) > 1 and name in wanted) else None


def folded(text: str) -> str:
    """Text as it is compared: no case, width, diacritics or blanks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if each.isalnum())
