"""Services: what a room does for people is written once, in the roster, and checked there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.appointments.service import Way, to_bring
from bot.roster.checking import check_roster
from bot.roster.exporting import roster_text
from bot.roster.faults import RosterError
from tests.stations import five_areas

SERVICE = """
[[service]]
code = "residence"
name = { zh = "居住登记", en = "Residence registration" }
minutes = 20
ways = ["room", "visit"]
travel_minutes = 15
bring = [{ zh = "护照", en = "Passport" }]
bring_if_you_can = [{ zh = "房东电话", en = "Your landlord's number" }]
situations = [{ code = "child", name = { zh = "孩子" }, bring = [{ zh = "出生证" }] }]
not_issued = { zh = "身份证在派出所办", en = "Identity cards are issued at the station." }
"""


def with_service(folder: Path, *changes: tuple[str, str]) -> Path:
    """`five_areas` with one service, changed."""
    path, text = five_areas(folder), SERVICE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return path


def test_a_service_says_everything_at_once(tmp_path: Path) -> None:
    """What everybody brings, what helps, and what a situation adds; an export says the same."""
    roster = check_roster(with_service(tmp_path))
    service = roster.service("residence")
    assert service is not None
    assert service.ways == (Way.ROOM, Way.VISIT)
    brought = [item.text["zh"] for item in to_bring(service, "child")]
    assert brought == ["护照", "房东电话", "出生证"]
    assert [item.is_needed for item in to_bring(service)] == [True, False]
    path = tmp_path / "export.toml"
    path.write_text(roster_text(roster), encoding="utf-8")
    assert check_roster(path) == roster


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("minutes = 20", "minutes = 0", "minutes", "from 5 to 480"),
        ('"room", "visit"', '"room", "mail"', "ways", "room, phone, visit"),
        ('"room", "visit"', '"room", "room"', "ways", "room, phone, visit"),
        ('[{ zh = "护照", en = "Passport" }]', '"护照"', "bring", "must be a list"),
        ('zh = "护照", ', "", "bring.1", '"zh" is missing'),
        ('code = "child", ', "", "situations", "no. 1 must have code"),
        ("travel_minutes = 15", "travel_minutes = true", "travel_minutes", "whole number"),
        ("not_issued", "not_isued", "not_isued", "not_issued"),
    ],
)
def test_a_fault_is_named_where_it_stands(
    tmp_path: Path, old: str, new: str, key: str, says: str
) -> None:
    """Every slip of an administrator's hand has its table, its key and what to do."""
    with pytest.raises(RosterError) as error:
        check_roster(with_service(tmp_path, (old, new)))
    (fault,) = error.value.faults
    assert (fault.table, fault.key) == ("[[service]] no. 1 (residence)", key)
    assert says in fault.says


def test_a_code_is_given_once(tmp_path: Path) -> None:
    """Two services of one code would be booked for one another."""
    path = with_service(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + SERVICE, encoding="utf-8")
    with pytest.raises(RosterError) as error:
        check_roster(path)
    assert [fault.key for fault in error.value.faults] == ["code"]
