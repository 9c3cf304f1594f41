"""What somebody reads who types a command, and which exit status a script sees."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot import __version__
from bot.command_line.program import run_program

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "123456789:AAF-not-a-real-token_0123456789abcde"
COMMANDS = (
    ("demo",),
    ("run",),
    ("simulate",),
    ("roster",),
    ("roster", "check"),
    ("roster", "import"),
    ("roster", "export"),
    ("calendar",),
    ("calendar", "import"),
    ("invite",),
    ("letters",),
    ("letters", "list"),
    ("letters", "show"),
    ("letters", "replay"),
    ("doctor",),
    ("backup",),
    ("restore",),
)


@pytest.fixture(autouse=True)
def _empty_office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every test starts in an empty directory, without settings."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("BEATLINE_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("command", [(), *COMMANDS], ids=" ".join)
def test_every_command_explains_itself(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """--help says what it does, in whole words, and what it takes."""
    assert run_program([*command, "--help"]) == 0
    said = capsys.readouterr().out
    assert f"Usage: beatline {' '.join(command)}".strip() in said
    assert re.search(r"\n  [A-Z].{15,}\.", said)
    assert "..." not in re.sub(r"(ARGS|ID)\]\.\.\.", "", said)  # no sentence is cut off


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("--nonsense",),
        ("roster",),
        ("roster", "chekc"),
        ("roster", "check"),
        ("invite",),
        ("letters", "show"),
        ("letters", "show", "twelve"),
        ("letters", "replay"),
        ("letters", "replay", "1", "--all"),
        ("demo", "--port", "99999"),
        ("backup",),
        ("run", "--config", "missing.toml"),
        ("--config", "missing.toml", "run"),
        ("run",),
    ],
    ids=" ".join,
)
def test_wrong_use_is_a_sentence_and_status_2(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on standard error, nothing on standard output, no traceback."""
    assert run_program(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"[A-Z].+\.\n", said.err)


def test_every_misspelt_setting_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence each, naming the nearest right one; no command goes on."""
    monkeypatch.setenv("BEATLINE_TOKN", TOKEN)
    monkeypatch.setenv("BEATLINE_DATABSE", "sqlite:///x.db")
    assert run_program(["letters", "list"]) == 2
    said = capsys.readouterr().err
    assert "BEATLINE_TOKEN" in said
    assert "BEATLINE_DATABASE" in said
    assert len(said.splitlines()) == 2
    assert TOKEN not in said


def run_in_a_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version_is_said_by_module_and_command() -> None:
    """`python -m bot --version` is `beatline --version`."""
    done = run_in_a_process("-m", "bot", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"beatline {__version__}\n", "")


def test_help_imports_nothing_heavy() -> None:
    """Help and wrong use come at once: no network, storage or settings library is loaded."""
    done = run_in_a_process("-X", "importtime", "-m", "bot", "--help")
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    heavy = {"aiohttp", "asyncio", "telegram", "pydantic", "sqlite3", "babel", "rich", "sqlalchemy"}
    assert imported & heavy == set()
