"""Without this module a newcomer would see empty phones and have to invent everybody.

Who is there when the demo opens, which links hang on the walls, and which places somebody may send.
"""

from __future__ import annotations

import os
from typing import Any

from bot.domain.roster import Area, Officer, Roster
from bot.simulator import SimulatedTelegram

#: Residents by Telegram id, invented: name and the language of their Telegram.
RESIDENTS = {
    700001: ("Emma Brown", "en"),
    700002: ("陈小雨", "zh"),
    700003: ("ليلى حداد", "ar"),
}
LANGUAGES = frozenset(language for _, language in RESIDENTS.values())
#: Well away from every area of the sample: some 5 km.
FAR_DEGREES = 0.05
INSIDE = {"en": "Inside {area}", "zh": "{area}内", "ar": "داخل {area}"}
EDGE = {"en": "At the edge of {area}", "zh": "{area}边界附近", "ar": "عند حدود {area}"}
OUTSIDE = {"en": "Far outside", "zh": "很远的地方", "ar": "بعيدًا في الخارج"}


def language_here() -> str:
    """The language of whoever starts the demo, from the terminal's settings; English otherwise."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    code = next(filter(None, names), "")[:2].lower()
    return code if code in LANGUAGES else "en"


def scene_of(roster: Roster, *, language: str) -> dict[str, Any]:
    """What the page opens with: a resident who speaks ``language``, the officer of the first area,
    the duty desk."""
    linked = [officer for officer in roster.officers if officer.telegram_id is not None]
    return {
        "timezone": roster.station.timezone,
        "residents": [
            {"user_id": user_id, "first_name": name, "language_code": language}
            for user_id, (name, language) in RESIDENTS.items()
        ],
        "officers": [_officer(roster, officer) for officer in linked],
        "links": [{"parameter": f"a-{area.code}", "name": area.name} for area in roster.areas],
        "places": [place for area in roster.areas for place in _places(area)],
        "open": _open_first(roster, linked, language),
    }


def enter(telegram: SimulatedTelegram, *, language: str) -> None:
    """Everybody of the scene gets a phone; officers have met the bot (in ``language``, so that the
    newcomer can read their side), residents have not."""
    scene = telegram.telegram.scene
    for resident in scene["residents"]:
        telegram.control("person", **resident)
    for officer in scene["officers"]:
        name = officer["name"].get(language) or next(iter(officer["name"].values()))
        who = {"user_id": officer["user_id"], "first_name": name, "language_code": language}
        telegram.control("start", **who)


def _officer(roster: Roster, officer: Officer) -> dict[str, Any]:
    areas = (roster.area(code) for code in officer.areas)
    return {
        "user_id": officer.telegram_id,
        "name": officer.name,
        "role": officer.role.value,
        "areas": [area.name for area in areas if area is not None],
        "is_duty_desk": officer.code in roster.station.duty_desk,
    }


def _open_first(roster: Roster, linked: list[Officer], language: str) -> list[int]:
    resident = [user_id for user_id, (_, spoken) in RESIDENTS.items() if spoken == language]
    first_area = roster.areas[0].code
    owner = [one.telegram_id for one in linked if first_area in one.areas]
    desk = [one.telegram_id for one in linked if one.code in roster.station.duty_desk]
    return [user_id for user_id in (*resident, *owner[:1], *desk[:1]) if user_id]


def _places(area: Area) -> list[dict[str, Any]]:
    """Inside the area, on its very edge, and far away; none without a boundary."""
    if not area.boundary:
        return []
    ring = area.boundary[0][0]
    longitudes, latitudes = zip(*ring, strict=True)
    (x1, y1), (x2, y2) = ring[:2]
    east, north = max(longitudes), max(latitudes)
    return [
        _place(INSIDE, area, (min(latitudes) + north) / 2, (min(longitudes) + east) / 2),
        _place(EDGE, area, (y1 + y2) / 2, (x1 + x2) / 2),
        _place(OUTSIDE, area, north + FAR_DEGREES, east + FAR_DEGREES),
    ]


def _place(words: dict[str, str], area: Area, latitude: float, longitude: float) -> dict[str, Any]:
    name = {
        language: sentence.format(area=area.name.get(language) or next(iter(area.name.values())))
        for language, sentence in words.items()
    }
    return {"name": name, "latitude": round(latitude, 6), "longitude": round(longitude, 6)}
