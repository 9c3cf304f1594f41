"""What `beatline doctor` finds, on a healthy station and on sick ones."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web

from bot.clock import Clock
from tests.stations import five_areas

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "123456789:AAF-not-a-real-token_0123456789abcde"

Beatline = Callable[..., asyncio.subprocess.Process]


async def run_beatline(*arguments: str, **environment: str) -> tuple[int, str]:
    """Run a command as somebody at the terminal would; its status and all it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bot", *arguments),
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.fixture(autouse=True)
def _empty_office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty directory, no settings."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("BEATLINE_")]:
        monkeypatch.delenv(name)


@asynccontextmanager
async def bot_api(
    *, status: int = 200, clock_is_ahead: timedelta = timedelta()
) -> AsyncIterator[str]:
    """The wire: a server that answers getMe with ``status`` and tells its own time."""

    async def answer(request: web.BaseRequest) -> web.Response:
        now = Clock().now() + clock_is_ahead
        headers = {"Date": format_datetime(now, usegmt=True)}
        me = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "riverside_bot"}
        body = {"ok": True, "result": me} if status == 200 else {"ok": False, "error_code": status}
        return web.json_response(body, status=status, headers=headers)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def examined(
    api_url: str = "http://127.0.0.1:1", **environment: str
) -> tuple[int, dict[str, str]]:
    """The doctor's status and, for every subject, its line."""
    environment = {"BEATLINE_TOKEN": TOKEN, "BEATLINE_API_URL": api_url, **environment}
    status, said = await run_beatline("doctor", **environment)
    assert TOKEN not in said
    assert "Traceback" not in said
    lines = said.splitlines()
    return status, {line[6:15].strip(): line for line in lines}


async def test_a_healthy_station_is_all_right(tmp_path: Path) -> None:
    """Settings, token, clock, database, roster, officers, catalogs, time zone, queues: one line
    each, all ok, exit status 0."""
    status, said = await run_beatline("roster", "import", str(five_areas(tmp_path)))
    assert status == 0, said
    async with bot_api() as api_url:
        status, found = await examined(api_url)
    assert {line[:4] for line in found.values()} == {"ok  "}
    assert status == 0
    assert list(found) == [
        *("settings", "token", "clock", "schema", "database", "roster", "officers"),
        *("catalogs", "time zone", "letters", "timers", "queues"),
    ]
    assert "@riverside_bot" in found["token"]
    assert "Asia/Shanghai" in found["time zone"]


async def test_a_new_machine_is_told_what_is_missing(tmp_path: Path) -> None:
    """No token, no Telegram, no database: each is said with what to do, and nothing is made."""
    status, found = await examined(BEATLINE_TOKEN="")
    assert status == 1
    assert found["token"].startswith("FAIL")
    assert "BEATLINE_TOKEN" in found["token"]
    assert found["clock"].startswith("warn")
    assert "beatline roster import" in found["database"]
    assert list(tmp_path.iterdir()) == []


async def test_wrong_settings_are_found_first() -> None:
    """Every fault in the settings is a line, and nothing else is tried."""
    status, said = await run_beatline("doctor", BEATLINE_TOKN="x", BEATLINE_DATABSE="y")
    assert status == 1
    assert [line[:15] for line in said.splitlines()] == ["FAIL  settings "] * 2


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "@BotFather"), (404, "@BotFather"), (500, "try again")]
)
async def test_a_refused_token_is_a_failure(status: int, hint: str) -> None:
    """Telegram's no is told apart from Telegram's trouble."""
    async with bot_api(status=status) as api_url:
        _, found = await examined(api_url)
    assert found["token"].startswith("FAIL")
    assert str(status) in found["token"]
    assert hint in found["token"]


async def test_an_unreachable_telegram_is_a_failure() -> None:
    """The address is said, so that a typing error in it is seen."""
    status, found = await examined("http://127.0.0.1:1")
    assert status == 1
    assert "http://127.0.0.1:1" in found["token"]


@pytest.mark.parametrize(
    ("seconds", "level"), [(1, "ok"), (-10, "warn"), (10, "warn"), (60, "FAIL"), (-60, "FAIL")]
)
async def test_a_wrong_clock_is_found(seconds: int, level: str) -> None:
    """Beyond two seconds it warns, beyond thirty it fails, in both directions."""
    async with bot_api(clock_is_ahead=timedelta(seconds=seconds)) as api_url:
        _, found = await examined(api_url)
    assert found["clock"].startswith(f"{level} ")


async def test_a_station_where_nobody_is_linked_fails(tmp_path: Path) -> None:
    """With a roster and no officer on Telegram, nobody would read a message."""
    station = five_areas(tmp_path, linked=frozenset())
    assert (await run_beatline("roster", "import", str(station)))[0] == 0
    status, found = await examined()
    assert status == 1
    assert found["officers"].startswith("FAIL")
    assert "beatline invite" in found["officers"]


async def test_officers_not_yet_linked_are_named(tmp_path: Path) -> None:
    """Some linked is enough to serve: a warning with the codes of the others."""
    station = five_areas(tmp_path, linked=frozenset({"li"}))
    assert (await run_beatline("roster", "import", str(station)))[0] == 0
    _, found = await examined()
    assert found["officers"].startswith("warn")
    assert "wang" in found["officers"]


async def test_an_office_without_a_roster_fails() -> None:
    """The database alone serves nobody."""
    assert (await run_beatline("letters"))[0] == 0
    _, found = await examined()
    assert found["schema"].startswith("ok")
    assert found["roster"].startswith("FAIL")


async def test_a_file_that_is_no_database_is_named() -> None:
    """Garbage in place of the database is a sentence, not a traceback."""
    Path("beatline.db").write_bytes(b"no database at all, only a text" * 100)
    status, found = await examined()
    assert status == 1
    assert any("FAIL" in line for about, line in found.items() if about in ("database", "schema"))


async def test_an_address_of_no_database_is_named() -> None:
    """A directory that does not exist is said."""
    status, found = await examined(BEATLINE_DATABASE="sqlite:////nowhere/at/all.db")
    assert status == 1
    assert "/nowhere/at" in found["database"]


async def test_the_command_that_pages_is_looked_at(tmp_path: Path) -> None:
    """There and executable, or what to do; its other words, which may be a password, stay
    unsaid. Whoever has no number is named."""
    program = tmp_path / "page"
    setting = {"BEATLINE_PAGE_COMMAND": f"{program} hunter2"}
    status, found = await examined(**setting)
    assert (status, found["paging"][:5]) == (1, "FAIL ")
    assert "page_command" in found["paging"]
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    _, found = await examined(**setting)
    assert found["paging"].startswith("FAIL")
    assert f"chmod +x {program}" in found["paging"]
    program.chmod(0o755)
    station = five_areas(tmp_path)
    assert (await run_beatline("roster", "import", str(station)))[0] == 0
    _, found = await examined(**setting)
    assert found["paging"].startswith("ok")
    assert found["numbers"].startswith("warn")
    assert found["numbers"].endswith("alone: chen, li, sun, wang, zhao.")
    assert "hunter2" not in "".join(found.values())
    with_phones = station.read_text(encoding="utf-8").replace(
        "[[officer]]\n", '[[officer]]\nphone = "+86 100 0000 0001"\n'
    )
    station.write_text(with_phones, encoding="utf-8")
    assert (await run_beatline("roster", "import", str(station)))[0] == 0
    _, found = await examined(**setting)
    assert found["numbers"].startswith("ok")
