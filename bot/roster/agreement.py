"""Without this module every row of a roster could be right and the whole of it wrong.

What must be true between rows: codes that exist, nothing twice, somebody responsible everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bot.roster.faults import nearest
from bot.roster.table import Entry, Page

Entries = Mapping[str, Sequence[Entry]]


def check_agreement(page: Page, found: Entries) -> None:
    """Note every fault between rows. Values that could not be read are no second fault."""
    _no_duplicates(page, found)
    _codes_exist(page, found)
    _somebody_answers(page, found)
    _areas_are_a_tree(page, found)
    _somebody_is_responsible(page, found)


def _no_duplicates(page: Page, found: Entries) -> None:
    for table, key in (
        ("room", "code"), ("area", "code"), ("officer", "code"), ("officer", "telegram_id"),
        ("officer", "badge"),
    ):  # fmt: skip
        seen: set[object] = set()
        for entry in found[table]:
            value = entry[key]
            if value in seen:
                says = f"{value} is taken by another {table}: each needs its own."
                page.fault(says, table=entry.title, key=key)
            elif value:
                seen.add(value)


#: Which codes stand where: table, key, and the table that must have them.
_REFERENCES = (
    ("station", "duty_desk", "officer"),
    ("area", "room", "room"),
    ("area", "parent", "area"),
    ("officer", "areas", "area"),
    ("officer", "deputy_for", "area"),
    ("officer", "room", "room"),
)


def _codes_exist(page: Page, found: Entries) -> None:
    for table, key, other in _REFERENCES:
        known = {entry["code"] for entry in found[other]} - {None}
        for entry in found[table]:
            for code in _listed(entry[key]):
                if code not in known:
                    hint = nearest(code, known, otherwise=f"add it, or name another {other}.")
                    says = f'there is no {other} "{code}": {hint}'
                    page.fault(says, table=entry.title, key=key)


def _listed(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if value else []
    elif isinstance(value, tuple):
        yield from value


def _somebody_answers(page: Page, found: Entries) -> None:
    for entry in found["station"]:
        if entry["duty_desk"] == ():
            says = "is empty: name the code of at least one officer."
            page.fault(says, table=entry.title, key="duty_desk")
    ways = [entry["by"] for entry in found["emergency"]]
    if ways and not {"call", None} & set(ways):
        says = 'none can be called: add one with by = "call".'
        page.fault(says, table="[[emergency]]", key="by")


def _areas_are_a_tree(page: Page, found: Entries) -> None:
    parents = _parents(found)
    for entry in found["area"]:
        code = entry["code"]
        if code is not None and code in list(_above(code, parents)):
            says = "goes round in a circle: an area cannot lie in itself."
            page.fault(says, table=entry.title, key="parent")


def _parents(found: Entries) -> Mapping[str, str]:
    return {entry["code"]: entry["parent"] or "" for entry in found["area"] if entry["code"]}


def _above(code: str, parents: Mapping[str, str]) -> Iterator[str]:
    """The codes of the areas around one, each once."""
    seen: Counter[str] = Counter()
    while (code := parents.get(code, "")) and not seen[code]:
        seen[code] += 1
        yield code


def _somebody_is_responsible(page: Page, found: Entries) -> None:
    parents = _parents(found)
    served = {code for entry in found["officer"] for code in entry["areas"] or ()}
    housed = {entry["code"] for entry in found["area"] if entry["room"] or entry["room"] is None}
    for entry in found["area"]:
        code = entry["code"]
        if code is None:
            continue
        around = {code, *_above(code, parents)}
        if not around & served:
            says = "nobody is responsible here: name it in the areas of an officer."
            page.fault(says, table=entry.title, key="code")
        if not around & housed:
            says = "is missing, here and in every area around: name a room."
            page.fault(says, table=entry.title, key="room")
