"""What somebody gets who installs Beatline instead of cloning it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

import pytest

from bot import __version__

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "handlers", "locales", "storage")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel, built from this checkout."""
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = place.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def in_the_rooms() -> set[str]:
    """Every file of ours: code, catalogs, the page, the sample station."""
    return {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def test_the_wheel_holds_the_rooms_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """No catalog, page or migration is forgotten, and no test is taken along."""
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == in_the_rooms()


def test_every_room_with_code_is_a_package() -> None:
    """A directory without `__init__.py` is importable here and missing elsewhere."""
    bare = {
        path.parent.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    }
    assert bare == set()


def test_the_wheel_brings_the_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    """`beatline` is on the path afterwards, and its version is the one it says."""
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "beatline = bot.__main__:main" in wheel.read(entry_points).decode()
    assert [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]
    (metadata,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
    said = Parser().parsestr(wheel.read(metadata).decode())
    assert (said["Name"], said["Version"]) == ("beatline", __version__)
    assert said["Requires-Python"] == ">=3.11"
