"""The roster of a campaign: as many areas, each with an officer of its own, as are wanted."""

from __future__ import annotations

import json
from collections.abc import Sequence

FIRST_OFFICER = 900_001
#: People who wrote before the campaign begins; see `tests.load.telegram`.
FIRST_FOLLOWER = 20_000_001

_HEAD = """\
[station]
name = {{ en = "Load" }}
hotline = "+86 10 5555 0110"
timezone = "Asia/Shanghai"
languages = {languages}
coordinates = "wgs84"
duty_desk = ["o0"]

[[emergency]]
kind = "police"
number = "110"
by = "call"

[[room]]
code = "room"
name = {{ en = "Room" }}
address = {{ en = "Road 1" }}
location = [30.0, 100.0]
phone = "+86 10 5555 0111"
hours = "Mo-Su 00:00-24:00"
"""
_AREA = """
[[area]]
code = "a{place}"
name = {{ en = "Area {place}" }}
room = "room"

[[officer]]
code = "o{place}"
name = {{ en = "Officer {place}" }}
role = "officer"
badge = "{place:06}"
telegram_id = {telegram_id}
languages = {{ en = "native" }}
areas = ["a{place}"]
"""


def roster_text(officers: int, languages: Sequence[str] = ("en",)) -> str:
    """A station with so many areas and officers: ``o3`` answers for ``a3``."""
    areas = (
        _AREA.format(place=place, telegram_id=FIRST_OFFICER + place) for place in range(officers)
    )
    return _HEAD.format(languages=json.dumps(list(languages))) + "".join(areas)
