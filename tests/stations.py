"""Stations for tests: rosters as an administrator would write them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from storage.engines import open_database
from storage.transaction import Transaction
from tests.front_door import Person, Town, town

#: Telegram ids of the officers of `five_areas`, by code.
OFFICERS = {
    "li": 900001, "wang": 900002, "chen": 900003, "zhao": 900004, "sun": 900005, "admin": 900006,
}  # fmt: skip
#: Which officer is responsible for which area of `five_areas`.
RESPONSIBLE = {
    "riverside": "li", "hillside": "wang", "market": "chen", "harbour": "li", "station": "wang",
}  # fmt: skip

#: When the room of `five_areas` is open.
USUAL_HOURS = "Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00"

_HEAD = f"""
[station]
name = {{ zh = "河滨派出所", en = "Riverside Police Station", ar = "مركز شرطة الضفة" }}
hotline = "+86 10 5555 0110"
timezone = "Asia/Shanghai"
languages = ["zh", "en", "ar"]
coordinates = "wgs84"
duty_desk = ["zhao"]

[[emergency]]
kind = "police"
number = "110"
by = "call"

[[emergency]]
kind = "police"
number = "12110"
by = "sms"
note = {{ zh = "说不出话时发短信", en = "When you cannot speak" }}

[[room]]
code = "east"
name = {{ zh = "城东警务室", en = "East Police Room" }}
address = {{ zh = "滨江路12号", en = "12 Binjiang Road" }}
location = [30.0001, 100.0002]
phone = "+86 10 5555 0111"
hours = "{USUAL_HOURS}"
"""


#: The areas of `five_areas` with their names in the station's own language.
NAMES = {
    "riverside": "滨江社区", "hillside": "山坡社区", "market": "集市社区",
    "harbour": "港口社区", "station": "车站社区",
}  # fmt: skip


def _area(code: str, name: str, extra: str = "") -> str:
    return (
        f'\n[[area]]\ncode = "{code}"\nname = {{ zh = "{name}", en = "{code.title()}" }}\n'
        f'room = "east"\n{extra}\n'
    )


def _officer(code: str, role: str, *, linked: bool, **keys: list[str]) -> str:
    lines = [
        "\n[[officer]]",
        f'code = "{code}"',
        f'name = {{ zh = "{code}警官", en = "{code.title()}" }}',
        f'role = "{role}"',
        f'badge = "0{OFFICERS[code]}"',
        'languages = { zh = "native" }',
        *(f"{key} = {list(values)!r}".replace("'", '"') for key, values in keys.items()),
    ]
    if linked:
        lines.append(f"telegram_id = {OFFICERS[code]}")
    return "\n".join(lines) + "\n"


def five_areas(
    folder: Path, *, linked: frozenset[str] | None = None, is_quiet: bool = False
) -> Path:
    """Five areas, six officers; ``linked`` (all by default) have a Telegram id in the roster;
    ``is_quiet``: outside the hours no officer's phone rings."""
    present = frozenset(OFFICERS) if linked is None else linked
    text = _HEAD if is_quiet else f"{_HEAD}quiet_when_closed = false\n"
    for code, name in NAMES.items():
        text += _area(code, name)
    for code, role, keys in (
        ("li", "officer", {"areas": ["riverside", "harbour"], "deputy_for": ["hillside"]}),
        ("wang", "officer", {"areas": ["hillside", "station"], "deputy_for": ["riverside"]}),
        ("chen", "officer", {"areas": ["market"]}),
        ("zhao", "auxiliary", {}),
        ("sun", "supervisor", {}),
        ("admin", "administrator", {}),
    ):
        text += _officer(code, role, linked=code in present, **keys)
    path = folder / "roster.toml"
    path.write_text(text, encoding="utf-8")
    return path


def trusting(roster: Path) -> str:
    """The text of a roster whose first room needs no second person for its weekly notices."""
    text = roster.read_text(encoding="utf-8")
    return text.replace("\n\n[[area]]", "\nsecond_person = false\n\n[[area]]", 1)


def two_rooms(roster: Path) -> str:
    """The text of a roster whose hillside has a police room of its own."""
    text = roster.read_text(encoding="utf-8")
    area = _area("hillside", NAMES["hillside"])
    room = """
[[room]]
code = "west"
name = { zh = "城西警务室", en = "West Police Room" }
address = { zh = "云山路8号", en = "8 Yunshan Road" }
phone = "+86 10 5555 0112"
hours = "Mo-Su 00:00-24:00"
"""
    return text.replace(area, room + area.replace('room = "east"', 'room = "west"'))


#: The two areas with a boundary in `drawn_areas`, west and east of one line.
BOUNDARY_LONGITUDE = 100.01
#: (latitude, longitude): well inside the western one, 29 m before the line, far away.
INSIDE, NEAR, FAR = (30.005, 100.005), (30.005, 100.0097), (31.0, 101.0)


def drawn_areas(folder: Path) -> Path:
    """`five_areas`, two of which have a boundary: riverside in the west, hillside in the east."""
    path = five_areas(folder)
    text = path.read_text(encoding="utf-8")
    for code, west in (("riverside", 100.0), ("hillside", BOUNDARY_LONGITUDE)):
        east = west + 0.01
        ring = [[west, 30.0], [east, 30.0], [east, 30.01], [west, 30.01], [west, 30.0]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        (folder / f"{code}.geojson").write_text(json.dumps(shape), encoding="utf-8")
        text = text.replace(f'code = "{code}"\n', f'code = "{code}"\nboundary = "{code}.geojson"\n')
    path.write_text(text, encoding="utf-8")
    return path


def many_areas(folder: Path) -> Path:
    """Ten more areas than a page shows; the compounds of Riverside are inside it and inherit its
    officer."""
    path = five_areas(folder)
    text = path.read_text(encoding="utf-8").partition("\n[[officer]]")
    inner = "".join(
        _area(f"court-{number}", f"滨江小区{number}", 'parent = "riverside"')
        for number in range(1, 11)
    )
    path.write_text(f"{text[0]}{inner}{text[1]}{text[2]}", encoding="utf-8")
    return path


async def on_file(database_url: str, roster: Path, clock: Clock) -> None:
    """The roster is imported before anything runs; the schema is there already."""
    database = open_database(database_url)
    try:
        await import_roster(database, check_roster(roster), clock)
    finally:
        await database.close()


async def on_duty(here: Town) -> None:
    """Everybody of the roster has opened the chat with the bot: it may write to them."""
    for code in OFFICERS:
        await officer(here, code).says("/start")


@asynccontextmanager
async def at_work(database_url: str, roster: Path, **settings: Any) -> AsyncIterator[Town]:
    """A station with this roster on file, whose officers can be told, and a running bot;
    ``settings``: see `town`."""
    async with town(database_url, **settings) as here:
        await on_file(database_url, roster, here.clock)
        await on_duty(here)
        async with here.bot():
            yield here


async def everybody_came(here: Town, *codes: str) -> None:
    """The bot has heard everybody of the roster, or these: the clock may move. Whoever is heard
    only after that has come at another time than the test says."""
    for code in codes or OFFICERS:
        await officer(here, code).sees("come here as cards")


def officer(here: Town, code: str) -> Person:
    """Somebody of the roster with a phone."""
    return here.person(OFFICERS[code], code)


async def registered(
    here: Town, chat_id: int, name: str, area: str = "riverside", language: str = "en"
) -> Person:
    """A resident who came through the link of ``area``."""
    person = here.person(chat_id, name, language)
    await person.says(f"/start a-{area}")
    await person.sees(lambda message: area_name(area, language) in message["text"])
    return person


def area_name(area: str, language: str) -> str:
    """What somebody who reads this language is told: the roster has two, English is the nearest."""
    return NAMES[area] if language == "zh" else area.title()


async def comes_late(here: Town, kind: str, key: str, *, chat_id: int) -> None:
    """A timer is due only now, as after a standstill, and has been handled."""
    database = open_database(here.database_url)
    try:
        async with database.unit() as unit:
            timers = Transaction(unit).timers
            timers.set(kind, key, due_at=here.clock.now(), chat_key=str(chat_id))

        async def done() -> bool:
            async with database.reading() as unit:
                return await Transaction(unit).timers.find(kind, key) is None

        await here.until(done, f"{kind} is done")
    finally:
        await database.close()
