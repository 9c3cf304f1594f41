"""Stations for tests: rosters as an administrator would write them."""

from __future__ import annotations

from pathlib import Path

#: Telegram ids of the officers of `five_areas`, by code.
OFFICERS = {
    "li": 900001, "wang": 900002, "chen": 900003, "zhao": 900004, "sun": 900005, "admin": 900006,
}  # fmt: skip
#: Which officer is responsible for which area of `five_areas`.
RESPONSIBLE = {
    "riverside": "li", "hillside": "wang", "market": "chen", "harbour": "li", "station": "wang",
}  # fmt: skip

_HEAD = """
[station]
name = { zh = "河滨派出所", en = "Riverside Police Station", ar = "مركز شرطة الضفة" }
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
note = { zh = "说不出话时发短信", en = "When you cannot speak" }

[[room]]
code = "east"
name = { zh = "城东警务室", en = "East Police Room" }
address = { zh = "滨江路12号", en = "12 Binjiang Road" }
location = [30.0001, 100.0002]
phone = "+86 10 5555 0111"
hours = "Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00"
"""


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


def five_areas(folder: Path, *, linked: frozenset[str] | None = None) -> Path:
    """Five areas, six officers; ``linked`` (all by default) have a Telegram id in the roster."""
    present = frozenset(OFFICERS) if linked is None else linked
    text = _HEAD
    for code, name in (
        ("riverside", "滨江社区"), ("hillside", "山坡社区"), ("market", "集市社区"),
        ("harbour", "港口社区"), ("station", "车站社区"),
    ):  # fmt: skip
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
