"""What an administrator sees of messages that could not be handled, and what stays hidden."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.command_line.program import run_program
from storage.engines import bring_up_to_date, open_database
from storage.inbox import Arrival, InboxDrawer, Letter

TYPED = "my husband hits me"
MESSAGE = {
    "update_id": 41,
    "message": {
        "message_id": 7,
        "from": {"id": 5551234, "first_name": "Amal"},
        "text": TYPED,
        TYPED: 1,
        "photo": [{"file_id": "abc"}, {"file_id": "def"}],
    },
}


@pytest.fixture(scope="module")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and nothing in them, made once."""
    path = tmp_path_factory.mktemp("new") / "letters.db"
    asyncio.run(bring_up_to_date(f"sqlite:///{path}"))
    return path


@pytest.fixture(autouse=True)
def _office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, new_database: Path) -> None:
    """A directory with a database of its own."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(new_database, "letters.db")
    monkeypatch.setenv("BEATLINE_DATABASE", "sqlite:///letters.db")


def bury(*payloads: bytes) -> None:
    """File these updates and make dead letters of them."""

    async def work() -> None:
        database = open_database("sqlite:///letters.db")
        try:
            now = Clock().now()
            async with database.unit() as unit:
                drawer = InboxDrawer(unit)
                arrivals = [Arrival(41 + n, "5", payload) for n, payload in enumerate(payloads)]
                for letter in await drawer.keep(arrivals, now):
                    drawer.bury(letter.sequence, "KeyError at handlers/x.py:3", now)
        finally:
            await database.close()

    asyncio.run(work())


def waiting() -> list[Letter]:
    async def work() -> list[Letter]:
        database = open_database("sqlite:///letters.db")
        try:
            async with database.reading() as unit:
                return await InboxDrawer(unit).waiting(limit=10, per_chat=10)
        finally:
            await database.close()

    return asyncio.run(work())


def said_by(*arguments: str, capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    assert run_program(["letters", *arguments]) == status
    said = capsys.readouterr()
    return said.err if status else said.out


def as_json(updates: Iterable[object]) -> list[bytes]:
    return [json.dumps(update).encode() for update in updates]


@pytest.mark.parametrize("arguments", [(), ("list",), ("replay", "--all")])
def test_an_office_without_dead_letters_says_so(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing to see is a sentence, not an empty screen."""
    assert said_by(*arguments, capsys=capsys) == "There are no dead letters.\n"


def test_a_database_that_is_not_there_yet_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    """The first command on a new machine may be any."""
    Path("letters.db").unlink()
    assert said_by(capsys=capsys) == "There are no dead letters.\n"
    assert Path("letters.db").exists()


def test_each_dead_letter_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Number, time, kind, tries and error; no name, no text."""
    bury(*as_json([MESSAGE, {"update_id": 42}, [1]]), b"no json \xff")
    head, *lines = said_by(capsys=capsys).splitlines()
    assert head.split()[0] == "ID"
    assert [line.split()[3] for line in lines] == ["message", "nothing", "unreadable", "unreadable"]
    assert all("KeyError at handlers/x.py:3" in line for line in lines)
    assert lines[0].split()[0] == "1"


def test_a_letter_is_shown_without_what_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Its shape is shown: keys, types and lengths. Values, and keys that are none of Telegram's,
    stay hidden."""
    bury(*as_json([MESSAGE]))
    said = said_by("show", "1", capsys=capsys)
    assert "message.text: text of 18 characters" in said
    assert "message.photo: list of 2" in said
    assert "message.?: int" in said
    for hidden in (TYPED, "Amal", "5551234", "abc"):
        assert hidden not in said


@pytest.mark.parametrize("payload", [b"no json \xff husband", *as_json([MESSAGE])])
def test_what_was_written_is_shown_on_request(
    payload: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """--content shows it, readable or not."""
    bury(payload)
    assert "husband" not in said_by("show", "1", capsys=capsys)
    assert "husband" in said_by("show", "1", "--content", capsys=capsys)


def test_an_endless_shape_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """An absurd update does not flood the terminal."""
    bury(*as_json([{"message": {f"k{n}": n for n in range(5_000)}}]))
    said = said_by("show", "1", capsys=capsys)
    assert len(said.splitlines()) < 250
    assert said.endswith("…\n")


def test_a_replayed_letter_waits_again(capsys: pytest.CaptureFixture[str]) -> None:
    """It goes to the tail of the inbox, marked as delayed, and is a dead letter no more."""
    bury(*as_json([MESSAGE, MESSAGE]))
    assert said_by("replay", "1", capsys=capsys) == "Waiting again: 1.\n"
    (letter,) = waiting()
    assert letter.is_delayed
    assert json.loads(letter.payload) == MESSAGE
    assert [line.split()[0] for line in said_by(capsys=capsys).splitlines()] == ["ID", "2"]


def test_all_letters_are_replayed_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """--all takes every one, oldest first."""
    bury(*as_json([MESSAGE, {"update_id": 42}, {"update_id": 43}]))
    assert said_by("replay", "--all", capsys=capsys) == "Waiting again: 1, 2, 3.\n"
    assert [letter.update_id for letter in waiting()] == [41, 42, 43]


def test_one_wrong_number_replays_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """All of those named or none: a typing error leaves everything where it was."""
    bury(*as_json([MESSAGE]))
    said = said_by("replay", "1", "99", capsys=capsys, status=1)
    assert said == "There is no dead letter 99: see beatline letters list.\n"
    assert waiting() == []


def test_an_unknown_number_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1 and what to do."""
    said = said_by("show", "12", capsys=capsys, status=1)
    assert said == "There is no dead letter 12: see beatline letters list.\n"
