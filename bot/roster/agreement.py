"""Without this module every row of a roster could be right and the whole of it wrong.

What must be true between rows: codes that exist, nothing twice, somebody responsible everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.roster.faults import nearest
from bot.roster.table import Entry, Page

#: No station's ground is this far from its room; a swapped boundary nearly always is. Degrees.
_FAR_DEGREES = 5.0

Entries = Mapping[str, Sequence[Entry]]


def check_agreement(page: Page, found: Entries) -> None:
    """Note every fault between rows. Values that could not be read are no second fault."""
    _no_duplicates(page, found)
    _one_hour_for_each_issue(page, found)
    _on_call_for_a_week_or_a_date(page, found)
    _codes_exist(page, found)
    _somebody_answers(page, found)
    _areas_are_a_tree(page, found)
    _somebody_is_responsible(page, found)
    _boundaries_are_near_their_rooms(page, found)


def _no_duplicates(page: Page, found: Entries) -> None:
    for table, key in (
        ("room", "code"), ("area", "code"), ("officer", "code"), ("officer", "telegram_id"),
        ("officer", "badge"), ("service", "code"),
    ):  # fmt: skip
        seen: set[object] = set()
        for entry in found[table]:
            value = entry[key]
            if value in seen:
                says = f"{value} is taken by another {table}: each needs its own."
                page.fault(says, table=entry.title, key=key)
            elif value:
                seen.add(value)


def _one_hour_for_each_issue(page: Page, found: Entries) -> None:
    seen: set[tuple[object, object]] = set()
    for entry in found["schedule"]:
        issue = (entry["kind"], entry["room"])
        if issue in seen:
            says = f"{entry['kind']} has an hour already for this room: remove one."
            page.fault(says, table=entry.title, key="at")
        seen.add(issue)


def _on_call_for_a_week_or_a_date(page: Page, found: Entries) -> None:
    for entry in found["on_call"]:
        if (entry["week"] == ()) is (entry["date"] == ()):
            says = "needs either a week or a date: write one of them."
            page.fault(says, table=entry.title, key="week")


#: Which codes stand where: table, key, and the table that must have them.
_REFERENCES = (
    ("station", "duty_desk", "officer"),
    ("area", "room", "room"),
    ("area", "parent", "area"),
    ("officer", "areas", "area"),
    ("officer", "deputy_for", "area"),
    ("officer", "room", "room"),
    ("schedule", "room", "room"),
    ("on_call", "officer", "officer"),
)


def _codes_exist(page: Page, found: Entries) -> None:
    for table, key, other in _REFERENCES:
        known = {entry.code for entry in found[other]}
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
        if entry.code in _above(entry.code, parents):
            says = "goes round in a circle: an area cannot lie in itself."
            page.fault(says, table=entry.title, key="parent")


def _parents(found: Entries) -> Mapping[str, str]:
    return {entry.code: entry["parent"] or "" for entry in found["area"]}


def _above(code: str, parents: Mapping[str, str]) -> Iterator[str]:
    """The codes of the areas around one, each once."""
    seen: set[str] = set()
    while (code := parents.get(code, "")) and code not in seen:
        seen.add(code)
        yield code


def _somebody_is_responsible(page: Page, found: Entries) -> None:
    parents = _parents(found)
    named = [entry["areas"] for entry in found["officer"]]
    served = {code for codes in named if codes for code in codes}
    housed = {entry.code for entry in found["area"] if entry["room"] != ""}
    for entry in found["area"]:
        around = {entry.code, *_above(entry.code, parents)}
        if None not in named and not around & served:
            says = "nobody is responsible here: name it in the areas of an officer."
            page.fault(says, table=entry.title, key="code")
        if not around & housed:
            says = "is missing, here and in every area around: name a room."
            page.fault(says, table=entry.title, key="room")


def _boundaries_are_near_their_rooms(page: Page, found: Entries) -> None:
    """Latitude and longitude swapped may both be in range: then the ground is far away."""
    places = {entry.code: entry["location"] for entry in found["room"]}
    rooms = {entry.code: entry["room"] for entry in found["area"]}
    parents = _parents(found)
    for entry in found["area"]:
        around = [rooms.get(code) for code in (entry.code, *_above(entry.code, parents))]
        place = places.get(next((room for room in around if room), ""))
        if not place or not entry["boundary"]:
            continue
        longitude, latitude = entry["boundary"][0][0][0]
        if _is_far((latitude, longitude), place) and not _is_far((longitude, latitude), place):
            says = "is far from its room and would be near if swapped: write longitude first."
            page.fault(says, table=entry.title, key="boundary")


def _is_far(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) > _FAR_DEGREES
