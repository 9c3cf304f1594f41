"""What `beatline roster check` finds, and that nothing faulty is ever imported."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.command_line.program import run_program
from bot.domain.gcj02 import from_wgs84
from bot.domain.roster import Role
from bot.roster.checking import check_roster
from bot.roster.faults import RosterError
from bot.roster.sample import sample_roster_path

SAMPLE = sample_roster_path().read_text(encoding="utf-8")
BOUNDARY = json.loads(sample_roster_path().with_name("riverside.geojson").read_text("utf-8"))
RING = BOUNDARY["geometry"]["coordinates"][0]

STATION = "[station]"
EMERGENCY = "[[emergency]] no. 4 (12110)"
ROOM = "[[room]] no. 1 (east)"
AREA = "[[area]] no. 1 (riverside)"
COURT = "[[area]] no. 2 (willow-court)"
LI = "[[officer]] no. 1 (li)"
WANG = "[[officer]] no. 2 (wang)"

#: Written into the sample station in place of something: what, with what, and where the fault is.
PLANTED = {
    "a key nobody knows": ('hotline =', 'hotlin = ""\nhotline =', STATION, "hotlin", "hotline"),
    "a key that is missing": ('hotline = "+86 10 5555 0110"', "", STATION, "hotline", "missing"),
    "an impossible phone number": (
        '"+86 10 5555 0111"', '"+86 1"', ROOM, "phone", "possible"),
    "a phone number without its country": (
        '"+86 10 5555 0111"', '"010 5555 0111"', ROOM, "phone", "+"),
    "an officer's impossible number": (
        '"+86 100 0000 0001"', '"none"', LI, "phone", "possible"),
    "a time zone that is not there": (
        "Asia/Shanghai", "Asia/Shangai", STATION, "timezone", "Asia/Shanghai"),
    "a time zone that is a folder": ("Asia/Shanghai", "Asia", STATION, "timezone", "zone"),
    "a time zone outside the database": (
        "Asia/Shanghai", "../../etc/passwd", STATION, "timezone", "zone"),
    "a time zone as a number": ('"Asia/Shanghai"', "8", STATION, "timezone", "quotes"),
    "languages as numbers": ('["zh", "en", "ar"]', "[1, 2]", STATION, "languages", "list"),
    "a language without texts": (
        'languages = ["zh", "en", "ar"]', 'languages = ["zh", "eo"]', STATION, "languages", "eo"),
    "a language twice": (
        '"zh", "en", "ar"]', '"zh", "en", "zh"]', STATION, "languages", "twice"),
    "no language at all": ('["zh", "en", "ar"]', "[]", STATION, "languages", "list"),
    "coordinates of a third kind": (
        'coordinates = "wgs84"', 'coordinates = "bd09"', STATION, "coordinates", "gcj02"),
    "nobody at the duty desk": (
        'duty_desk = ["zhao"]', "duty_desk = []", STATION, "duty_desk", "at least one"),
    "a stranger at the duty desk": (
        'duty_desk = ["zhao"]', 'duty_desk = ["zhou"]', STATION, "duty_desk", "zhao"),
    "no duty desk": ('duty_desk = ["zhao"]', "", STATION, "duty_desk", "missing"),
    "a wrong kind of emergency": (
        'number = "12110"', 'kin = "x"\nnumber = "12110"', EMERGENCY, "kin", "kind"),
    "an emergency number of letters": (
        '"12110"', '"1211o"', "[[emergency]] no. 4 (1211o)", "number", "digits"),
    "a third way to an emergency": ('"sms"', '"fax"', EMERGENCY, "by", "call, sms"),
    "no emergency number to call": (
        'by = "call"', 'by = "sms"', "[[emergency]]", "by", "call"),
    "a note that is no table": (
        'note = { zh', 'note = "text"\n# { zh', EMERGENCY, "note", "table of languages"),
    "a name without the station's own language": (
        'zh = "城东警务室", ', "", ROOM, "name", "zh"),
    "an empty name": ('"城东警务室"', '" "', ROOM, "name.zh", "empty"),
    "a name for all languages": (
        'name = { zh = "城东警务室", en = "East Police Room", ar = "مكتب الشرطة الشرقي" }',
        'name = "城东警务室"', ROOM, "name", "table of languages"),
    "a room in no language": (
        'zh = "城东警务室", ', 'zh = "城东警务室", zn = "城东", ', ROOM, "name", "zh"),
    "an endless name": ("城东警务室", "城" * 301, ROOM, "name.zh", "300"),
    "a location of one number": (
        "[30.0001, 100.0002]", "[30.0001]", ROOM, "location", "latitude"),
    "a location of words": ("[30.0001, 100.0002]", '["30", "100"]', ROOM, "location", "latitude"),
    "a swapped location": ("[30.0001, 100.0002]", "[100.0002, 30.0001]", ROOM, "location", "swap"),
    "a location off the earth": ("[30.0001, 100.0002]", "[91.0, 200]", ROOM, "location", "earth"),
    "hours nobody can read": (
        "Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00", "weekdays 9 to 5", ROOM, "hours", "Mo-Fr"),
    "hours beyond midnight's count": ("Mo-Sa 08:30-20:00", "Mo-Sa 08:30-61:00",
        "[[room]] no. 2 (west)", "hours", "Mo-Fr"),
    "a code of capitals": (
        'code = "east"', 'code = "East"', "[[room]] no. 1 (East)", "code", "a-z"),
    "a code that is no text": ('code = "east"', "code = 5", "[[room]] no. 1", "code", "quotes"),
    "a code that is too long": (
        'code = "tower-3"', f'code = "{"t" * 33}"', f"[[area]] no. 5 ({'t' * 33})", "code", "32"),
    "a code twice": (
        'code = "market"', 'code = "willow-court"', "[[area]] no. 3 (willow-court)", "code", "own"),
    "a room nobody knows": (
        'room = "east"\nboundary', 'room = "eas"\nboundary', AREA, "room", "east"),
    "an area around that nobody knows": (
        '"柳园小区", en = "Willow Court", ar = "مجمع الصفصاف" }\nparent = "riverside"',
        '"柳园小区" }\nparent = "riversid"\nroom = "east"', COURT, "parent", "riverside"),
    "areas around each other": (
        'room = "east"\nboundary', 'room = "east"\nparent = "riverside"\nboundary', AREA, "parent",
        "circle"),
    "an area without any room": (
        'room = "west"\n\n[[area]]', 'parent = "tower-3"\n\n[[area]]', "[[area]] no. 4 (hillside)",
        "parent", "circle"),
    "a boundary that is not there": ('"riverside.geojson"', '"west.geojson"', AREA, "boundary",
        "west.geojson"),
    "a boundary far from the roster": ('"riverside.geojson"', '"/etc/passwd"', AREA, "boundary",
        "beside"),
    "a boundary above the roster": ('"riverside.geojson"', '"../x.geojson"', AREA, "boundary",
        "beside"),
    "a boundary that is a number": ('"riverside.geojson"', "5", AREA, "boundary", "GeoJSON"),
    "a role nobody has": ('role = "supervisor"', 'role = "boss"', "[[officer]] no. 5 (sun)", "role",
        "supervisor"),
    "an officer who is a resident": ('role = "supervisor"', 'role = "resident"',
        "[[officer]] no. 5 (sun)", "role", "supervisor"),
    "a badge that is a number": ('badge = "012345"', "badge = 12345", LI, "badge", "quotes"),
    "a badge twice": ('badge = "012346"', 'badge = "012345"', WANG, "badge", "own"),
    "a Telegram id of text": ("telegram_id = 900001", 'telegram_id = "900001"', LI, "telegram_id",
        "digits"),
    "a Telegram id that is a truth": ("telegram_id = 900001", "telegram_id = true", LI,
        "telegram_id", "digits"),
    "a Telegram id of a group": ("telegram_id = 900001", "telegram_id = -100123", LI, "telegram_id",
        "digits"),
    "a Telegram id twice": ("telegram_id = 900002", "telegram_id = 900001", WANG, "telegram_id",
        "own"),
    "a language half spoken": ('{ zh = "native", en = "basic" }', '{ zh = "native", en = "so-so" }',
        LI, "languages.en", "basic"),
    "an area nobody knows": ('deputy_for = ["hillside"]', 'deputy_for = ["hilside"]', LI,
        "deputy_for", "hillside"),
    "an area twice": ('areas = ["riverside"]', 'areas = ["riverside", "riverside"]', LI, "areas",
        "twice"),
    "areas that are no list": ('areas = ["riverside"]', 'areas = "riverside"', LI, "areas", "list"),
    "areas that are numbers": ('areas = ["riverside"]', 'areas = ["riverside", 5]', LI, "areas",
        "quotes"),
    "an officer's room nobody knows": ('areas = ["market"]\nroom = "east"',
        'areas = ["market"]\nroom = "north"', "[[officer]] no. 3 (chen)", "room", "north"),
    "a table nobody knows": ("[[emergency]]\nkind = \"fire\"", '[[emergancy]]\nkind = "fire"',
        "[[emergancy]]", "", "emergency"),
    "a table of a later day": ("[[room]]\ncode = \"east\"",
        '[[meeting]]\ncode = "x"\n\n[[room]]\ncode = "east"', "[[meeting]]", "", "no such table"),
    "a table that is not a list": ("[station]", "[[station]]", "[station]", "", "[station]"),
    "a key outside every table": ("[station]", 'name = "x"\n[station]', "", "name", "below"),
}  # fmt: skip


@pytest.fixture
def station(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Path]:
    """The sample station in a folder of its own, in force; call it to write another version."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("BEATLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BEATLINE_DATABASE", sqlite_url)

    def write(text: str | bytes = SAMPLE, *, boundary: object = BOUNDARY) -> Path:
        path = tmp_path / "station.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        (tmp_path / "riverside.geojson").write_text(
            boundary if isinstance(boundary, str) else json.dumps(boundary), encoding="utf-8"
        )
        return path

    return write


def faults_in(path: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, str]]:
    """What `roster check` says: table, key and sentence of every fault. It also tries to import:
    the database must stay as it is, to the byte."""
    database = Path(os.environ["BEATLINE_DATABASE"].removeprefix("sqlite:///"))
    before = database.read_bytes()
    assert run_program(["roster", "import", str(path)]) == 1
    assert capsys.readouterr().err.endswith("\nNothing was changed.\n")
    assert database.read_bytes() == before
    assert run_program(["roster", "check", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    with pytest.raises(RosterError) as refused:
        check_roster(path)
    assert said.err == "".join(f"{fault}\n" for fault in refused.value.faults)
    assert all(fault.file == path.name for fault in refused.value.faults)
    return [(fault.table, fault.key, fault.says) for fault in refused.value.faults]


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_named_with_table_and_key(
    planted: tuple[str, str, str, str, str],
    station: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One sentence says what is wrong there and what to do, and import changes nothing."""
    old, new, table, key, part = planted
    assert old in SAMPLE
    found = faults_in(station(SAMPLE.replace(old, new)), capsys)
    assert found
    fitting = [says for where, what, says in found if (where, what) == (table, key)]
    assert fitting
    assert part in fitting[0]
    assert re.search(r"[.?]$", fitting[0])


def test_all_faults_are_told_at_once(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty faults need one look, not twenty."""
    text, wanted = SAMPLE, set()
    for name in (
        "a key nobody knows", "an impossible phone number", "an officer's impossible number",
        "a time zone that is not there", "a language twice", "coordinates of a third kind",
        "a stranger at the duty desk", "a third way to an emergency", "an empty name",
        "a swapped location", "hours nobody can read", "hours beyond midnight's count",
        "a boundary that is not there", "a role nobody has", "a badge twice",
        "a Telegram id of text", "a language half spoken", "an area nobody knows",
        "an area twice", "a key outside every table",
    ):  # fmt: skip
        old, new, table, key, _ = PLANTED[name]
        assert old in text
        text = text.replace(old, new)
        wanted.add((table, key))
    assert {(table, key) for table, key, _ in faults_in(station(text), capsys)} == wanted
    assert len(wanted) == 20


def test_faults_come_in_the_order_of_the_file(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever mends goes through the file once, from top to bottom."""
    text = SAMPLE.replace('"zhao"]', '"zhou"]').replace('badge = "012345"', "badge = 1")
    text = text.replace('"城东警务室"', '""')
    tables = [table for table, _, _ in faults_in(station(text), capsys)]
    assert tables == [STATION, ROOM, LI]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"[station\n", "line 1"),
        (b'[station]\nname = "a"\nname = "b"\n', "line 3"),
        (b"[station]\nx = " + b"9" * 5000, "not TOML"),
        (b"x = " + b"[" * 5000 + b"]" * 5000, "not TOML"),
        ("[station]\n# 河\n".encode() + "滨".encode("gb18030"), "line 3"),
        (b"\xff\xfe[", "UTF-8"),
    ],
    ids=["broken", "key twice", "endless number", "endless list", "Chinese code page", "UTF-16"],
)
def test_a_file_that_cannot_be_read_says_where(
    content: bytes, part: str, station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken TOML and other encodings are one sentence with the line, not a traceback."""
    ((table, key, says),) = faults_in(station(content), capsys)
    assert (table, key) == ("", "")
    assert part in says


def test_a_file_that_is_not_there_is_a_sentence(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """So is a folder in place of a file."""
    station()
    assert "No such file" in faults_in(Path("elsewhere.toml").absolute(), capsys)[0][2]
    assert "directory" in faults_in(Path.cwd(), capsys)[0][2]


def test_a_file_too_large_for_what_it_should_be_is_not_read(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """A film by mistake: neither a roster nor a boundary is so large."""
    roster = station()
    os.truncate("riverside.geojson", 21 * 1024 * 1024)
    ((table, key, says),) = faults_in(roster, capsys)
    assert (table, key) == (AREA, "boundary")
    assert "20 MiB" in says
    os.truncate(roster, 51 * 1024 * 1024)
    ((table, key, says),) = faults_in(roster, capsys)
    assert "50 MiB" in says


def test_an_empty_file_lacks_every_table(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Five tables are needed, and each is named."""
    found = faults_in(station(""), capsys)
    assert [table for table, _, _ in found] == [
        STATION, "[[emergency]]", "[[room]]", "[[area]]", "[[officer]]",
    ]  # fmt: skip


def test_what_was_typed_cannot_forge_a_line(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Line breaks and terminal codes in a key are shown as question marks."""
    station(SAMPLE.replace("[station]", '[station]\n"a\\nb\\u001b[2J" = 1', 1))
    assert run_program(["roster", "check", "station.toml"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "a?b?[2J" in line


@pytest.mark.parametrize(
    ("boundary", "part"),
    [
        ("{", "JSON"),
        ("[" * 100_000, "JSON"),
        ([], "Polygon"),
        ({"type": "Point", "coordinates": [100, 30]}, "Point"),
        ({"type": "Feature", "geometry": None}, "Polygon"),
        ({"type": "FeatureCollection", "features": []}, "features"),
        ({"type": "MultiPolygon", "coordinates": []}, "polygons"),
        ({"type": "Polygon", "coordinates": []}, "rings"),
        ({"type": "Polygon", "coordinates": [RING[:-1]]}, "closed"),
        ({"type": "Polygon", "coordinates": [RING[:3]]}, "four positions"),
        ({"type": "Polygon", "coordinates": [[RING[0]] * 5]}, "encloses nothing"),
        ({"type": "Polygon", "coordinates": [[["100", "30"]] * 4]}, "position"),
        ({"type": "Polygon", "coordinates": [[[100]] * 4]}, "position"),
        ({"type": "Polygon", "coordinates": [[[10**400, 30]] * 4]}, "position"),
        ({"type": "Polygon", "coordinates": [[[float("nan"), 30]] * 4]}, "position"),
        ({"type": "Polygon", "coordinates": [[[y, x] for x, y in RING]]}, "swapped"),
        ({"type": "Polygon", "coordinates": [[[x * 9000, y * 9000] for x, y in RING]]}, "earth"),
    ],
)
def test_a_bad_boundary_is_a_fault_of_its_area(
    boundary: object, part: str, station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Not JSON, not GeoJSON, no ground, not closed, not degrees: named with the file."""
    ((table, key, says),) = faults_in(station(boundary=boundary), capsys)
    assert (table, key) == (AREA, "boundary")
    assert "riverside.geojson" in says
    assert part in says


def test_every_different_fault_of_a_boundary_is_told(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each kind once, however many rings have it."""
    rings = [RING[:-1], RING[:-1], RING[:2]]
    found = faults_in(station(boundary={"type": "Polygon", "coordinates": rings}), capsys)
    assert len(found) == 2


def test_a_swapped_boundary_in_range_is_found_by_its_room(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """At 52 N 13 E both orders are places on earth; only one is near the room."""
    text = SAMPLE.replace("[30.0001, 100.0002]", "[52.5, 13.4]")
    ring = [[52.5 + (y - 30), 13.4 + (x - 100)] for x, y in RING]
    ((table, key, says),) = faults_in(
        station(text, boundary={"type": "Polygon", "coordinates": [ring]}), capsys
    )
    assert (table, key) == (AREA, "boundary")
    assert "longitude first" in says


def test_an_area_nobody_is_responsible_for_is_named(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The hillside without Wang, and the tower in it; the compound is served from around it."""
    found = faults_in(station(SAMPLE.replace('areas = ["hillside"]', "")), capsys)
    assert [(table, key) for table, key, _ in found] == [
        ("[[area]] no. 4 (hillside)", "code"), ("[[area]] no. 5 (tower-3)", "code"),
    ]  # fmt: skip
    assert all("nobody is responsible" in says for _, _, says in found)


def test_an_area_without_any_room_is_named(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """A room is inherited from around; without one anywhere nobody knows where to go."""
    found = faults_in(station(SAMPLE.replace('room = "west"\n', "")), capsys)
    assert [(table, key) for table, key, _ in found] == [
        ("[[area]] no. 4 (hillside)", "room"), ("[[area]] no. 5 (tower-3)", "room"),
    ]  # fmt: skip


# --- what is right


def test_the_sample_station_is_in_order(
    station: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Two rooms, five areas in a tree, one with a boundary, six officers, three languages."""
    assert run_program(["roster", "check", str(station())]) == 0
    said = capsys.readouterr()
    assert said.out.endswith("station.toml is in order: 2 rooms, 5 areas, 6 officers.\n")
    roster = check_roster(sample_roster_path())
    assert [area.code for area in roster.areas if area.boundary] == ["riverside"]
    assert len({area.parent for area in roster.areas}) == 3
    assert {officer.role for officer in roster.officers} == set(Role) - {
        Role.RESIDENT, Role.INTERPRETER,
    }  # fmt: skip
    named = [roster.station, *roster.rooms, *roster.areas, *roster.officers]
    assert all(set(each.name) == set(roster.station.languages) for each in named)


SHORTEST = """
[station]
name = { en = "Load" }
hotline = "+86 10 5555 0110"
timezone = "Asia/Shanghai"
languages = ["en"]
coordinates = "wgs84"
duty_desk = ["li"]
[[emergency]]
kind = "police"
number = "110"
by = "call"
[[room]]
code = "east"
name = { en = "East" }
address = { en = "Road 1" }
phone = "+86 10 5555 0111"
hours = "24/7"
[[area]]
code = "a"
name = { en = "A" }
room = "east"
[[officer]]
code = "li"
name = { en = "Li" }
role = "officer"
badge = ""
languages = { en = "native", hmn = "good" }
areas = ["a"]
"""


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a byte order mark"])
def test_what_is_optional_may_be_left_out(mark: str, station: Callable[..., Path]) -> None:
    """Parent, boundary, location, Telegram id, deputies, room and phone of an officer, note; an
    editor's mark at the start of the file is no fault, a language Unicode does not list neither."""
    roster = check_roster(station(mark + SHORTEST))
    assert roster.officers[0].languages == {"en": "native", "hmn": "good"}
    assert roster.rooms[0].location is None


HOLE = [[x / 4 + 75, y / 4 + 22.5] for x, y in RING]


@pytest.mark.parametrize(
    "wrapped",
    [
        {"type": "Polygon", "coordinates": [RING, HOLE]},
        {"type": "MultiPolygon", "coordinates": [[RING, HOLE]]},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [RING, HOLE]}},
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [RING, HOLE]}}
            ],
        },
        {"type": "Polygon", "coordinates": [[[*each, 12.5] for each in RING], HOLE]},
    ],
    ids=["Polygon", "MultiPolygon", "Feature", "FeatureCollection", "with heights"],
)
def test_a_boundary_may_be_any_geojson_of_polygons(
    wrapped: object, station: Callable[..., Path]
) -> None:
    """However the map program wraps it, with holes and heights."""
    (polygon,) = check_roster(station(boundary=wrapped)).areas[0].boundary
    assert [list(map(list, ring)) for ring in polygon] == [RING, HOLE]


def test_a_boundary_may_stand_in_the_roster_itself(station: Callable[..., Path]) -> None:
    """As the same GeoJSON in a table; so does `roster export` write it."""
    inline = f'{{ type = "Polygon", coordinates = [{RING}] }}'
    roster = check_roster(station(SAMPLE.replace('"riverside.geojson"', inline)))
    assert roster.areas[0].boundary == check_roster(sample_roster_path()).areas[0].boundary


def test_coordinates_of_a_chinese_map_are_converted(station: Callable[..., Path]) -> None:
    """Locations and boundaries of a file in gcj02 lie where the same ones in wgs84 lie."""
    latitude, longitude = from_wgs84(30.0001, 100.0002)
    text = SAMPLE.replace('"wgs84"', '"gcj02"').replace(
        "[30.0001, 100.0002]", f"[{latitude}, {longitude}]"
    )
    ring = [list(reversed(from_wgs84(y, x))) for x, y in RING]
    roster = check_roster(station(text, boundary={"type": "Polygon", "coordinates": [ring]}))
    plain = check_roster(sample_roster_path())
    assert roster.rooms[0].location == pytest.approx((30.0001, 100.0002), abs=1e-7)
    (((*found,),),), (((*wanted,),),) = roster.areas[0].boundary, plain.areas[0].boundary
    assert [x for x, _ in found] == pytest.approx([x for x, _ in wanted], abs=1e-7)
    assert [y for _, y in found] == pytest.approx([y for _, y in wanted], abs=1e-7)
