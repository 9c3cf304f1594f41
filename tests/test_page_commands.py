"""The station's own command pages as well, by SMS or voice, and whatever it does, the call goes on.

The command is a small real program; what it is told it writes into a folder.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from bot.delivery.program import Ending, How, run_program
from tests.front_door import Person, Town, town
from tests.stations import (
    OFFICERS,
    everybody_came,
    five_areas,
    officer,
    on_duty,
    on_file,
    registered,
)
from tests.test_call_outs import (
    MONDAY,
    NIGHT,
    calls_out,
    hears,
    later,
    presses,
    rows,
)
from tests.test_rooms import at

PHONES = {"zhao": "+86 100 0000 0004", "sun": "+86 (100) 0000-0005"}
#: What it is told, it writes; then it waits while there is a gate, and ends as it is to end.
SCRIPT = """#!/bin/sh
{ printf 'ARGUMENTS=%s\\n' "$*"; env; } > "$1/part.$$"
mv "$1/part.$$" "$1/run.$$"
[ -p "$1/gate" ] && : < "$1/gate"
exit "$(cat "$1/status")"
"""


class Pager:
    """The command, and what it was told so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.program = folder / "page"
        self.program.write_text(SCRIPT, encoding="utf-8")
        self.program.chmod(0o755)
        self.ends_with(0)

    @property
    def line(self) -> str:
        """The setting."""
        return shlex.join([str(self.program), str(self.folder), "by SMS"])

    def ends_with(self, status: int) -> None:
        (self.folder / "status").write_text(str(status), encoding="utf-8")

    def hangs(self) -> None:
        """From now on, until the gate is opened."""
        os.mkfifo(self.folder / "gate")

    async def opens(self) -> None:
        """Whoever waits at the gate goes on, and nobody waits any more."""
        gate = self.folder / "gate"
        await asyncio.to_thread(gate.write_text, "", encoding="utf-8")
        gate.unlink()

    def told(self) -> list[dict[str, str]]:
        """What it was told at each run."""
        return [
            dict(line.partition("=")[::2] for line in path.read_text(encoding="utf-8").splitlines())
            for path in sorted(self.folder.glob("run.*"), key=lambda each: each.stat().st_mtime_ns)
        ]

    def paged(self) -> list[str]:
        """The numbers, in order."""
        return [each["PAGE_PHONE"] for each in self.told()]

    async def has_paged(self, here: Town, *codes: str) -> None:
        """Wait until it has paged these, and nobody else."""
        numbers = ["+" + "".join(filter(str.isdigit, PHONES[code])) for code in codes]

        async def done() -> bool:
            return self.paged() == numbers

        await here.until(done, f"the command has paged {codes}, not only {self.paged()}")


@pytest.fixture
def pager(tmp_path: Path) -> Pager:
    """A command that works."""
    return Pager(tmp_path / "pager")


def with_phones(folder: Path) -> Path:
    """`five_areas`; those who are paged at night have a telephone."""
    path = five_areas(folder)
    text = path.read_text(encoding="utf-8")
    for code, phone in PHONES.items():
        badge = f'badge = "0{OFFICERS[code]}"'
        text = text.replace(badge, f'{badge}\nphone = "{phone}"')
    path.write_text(text, encoding="utf-8")
    return path


@asynccontextmanager
async def house(
    url: str, folder: Path, pager: Pager, *, roster: Path | None = None, **settings: Any
) -> AsyncIterator[Town]:
    """A station with the command; its bot does not run yet."""
    async with town(url, **{"page_command": pager.line, **settings}) as here:
        await on_file(url, roster or with_phones(folder), here.clock)
        await on_duty(here)
        yield here


async def at_night(here: Town) -> Person:
    """The duty desk and the supervisor have said to hear; Ana, who then calls for somebody."""
    await everybody_came(here)
    await at(here, f"{MONDAY} 08:30")
    await hears(here, "zhao", "sun")
    await at(here, NIGHT)
    return await registered(here, 101, "Ana")


async def ended(here: Town, *how: tuple[str, str, int | None]) -> None:
    """Wait until it is on file how the command ended for whom."""
    found: list[tuple[Any, ...]] = []

    async def done() -> bool:
        nonlocal found
        found = await rows(
            here, "SELECT officer, command, command_status FROM call_out_page ORDER BY paged_at"
        )
        return found == list(how)

    await here.until(done, f"the commands ended with {how}")


async def test_each_who_is_asked_is_paged_by_the_command_as_well(
    sqlite_url: str, tmp_path: Path, pager: Pager, caplog: pytest.LogCaptureFixture
) -> None:
    """Step by step, once each, also when the bot starts again: with the number, a text in the
    reader's language that says nothing of the resident, and nothing of our settings. The log has
    neither numbers nor texts."""
    caplog.set_level(logging.INFO, logger="beatline")
    async with house(sqlite_url, tmp_path, pager) as here:
        async with here.bot():
            ana = await at_night(here)
            await calls_out(ana)
            await pager.has_paged(here, "zhao")
            await later(here, 91)
            await pager.has_paged(here, "zhao", "sun")
            await ended(here, ("zhao", "done", 0), ("sun", "done", 0))
        async with here.bot():
            sun = officer(here, "sun")
            await presses(sun, await sun.sees("Who takes it?"), "call_outs:take")
            await ana.sees("Taken by Officer Sun")
        await pager.has_paged(here, "zhao", "sun")
    first, second = pager.told()
    assert first["ARGUMENTS"] == f"{pager.folder} by SMS"
    assert {key: value for key, value in first.items() if key.startswith("PAGE_")} == {
        "PAGE_PHONE": "+8610000000004",
        "PAGE_TEXT": "An urgent call since 02:13, and nobody is on the way yet."
        " Please open Telegram.",
        "PAGE_LANGUAGE": "en",
        "PAGE_OFFICER": "zhao",
        "PAGE_CALL_OUT": "1",
        "PAGE_ID": first["PAGE_ID"],
    }
    assert second["PAGE_ID"] != first["PAGE_ID"]
    said = "\n".join(str(vars(record)) for record in caplog.records)
    assert "page_command_run" in said
    for private in ("0000000004", "Ana", "open Telegram"):
        assert private not in said


async def test_the_command_gets_none_of_our_settings(
    sqlite_url: str, tmp_path: Path, pager: Pager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Token and database are no business of another program; everything else it finds as ours."""
    monkeypatch.setenv("BEATLINE_TOKEN", "123456:front-door-token")
    monkeypatch.setenv("SMS_GATEWAY", "modem")
    async with house(sqlite_url, tmp_path, pager) as here, here.bot():
        await calls_out(await at_night(here))
        await pager.has_paged(here, "zhao")
    (told,) = pager.told()
    assert told["SMS_GATEWAY"] == "modem"
    assert [name for name in told if name.startswith("BEATLINE")] == []


async def test_a_page_cut_off_by_a_kill_is_made_again(
    sqlite_url: str, tmp_path: Path, pager: Pager
) -> None:
    """The bot dies while the command is under way: after the start it is run again, with the same
    id, so that the command may know it; at least once, never not at all."""
    async with house(sqlite_url, tmp_path, pager) as here:
        pager.hangs()
        process = await here.command("run")
        await calls_out(await before_an_area_is_chosen(here))
        await pager.has_paged(here, "zhao")
        process.kill()
        await process.wait()
        await pager.opens()
        async with here.bot():
            await pager.has_paged(here, "zhao", "zhao")
            await ended(here, ("zhao", "done", 0))
    first, second = pager.told()
    assert first["PAGE_ID"] == second["PAGE_ID"]


async def before_an_area_is_chosen(here: Town) -> Person:
    """Eve, who then calls for somebody: whatever the machine's clock says, Zhao is asked first."""
    await everybody_came(here)
    await hears(here, "zhao")
    eve = here.person(103, "Eve")
    await eve.says("/start")
    return eve


async def test_nobody_is_paged_for_what_was_taken_meanwhile(
    sqlite_url: str, tmp_path: Path, pager: Pager
) -> None:
    """The page was cut off by a kill, and somebody has taken the call since: it is not made
    again."""
    async with house(sqlite_url, tmp_path, pager) as here:
        pager.hangs()
        process = await here.command("run")
        await calls_out(await before_an_area_is_chosen(here))
        await pager.has_paged(here, "zhao")
        zhao = officer(here, "zhao")
        await presses(zhao, await zhao.sees("Who takes it?"), "call_outs:take")
        process.kill()
        await process.wait()
        await pager.opens()
        async with here.bot():
            await ended(here, ("zhao", "not_run", None))
        assert len(pager.paged()) == 1


@pytest.mark.parametrize(
    ("fault", "how", "says"),
    [
        ("fails", ("failed", 3), "It ended with status 3."),
        ("is_missing", ("failed", None), "It cannot be started."),
        ("hangs", ("failed", None), "It took longer than 1 seconds."),
    ],
)
async def test_a_command_that_does_not_work_holds_nothing_up(
    sqlite_url: str,
    tmp_path: Path,
    pager: Pager,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    how: tuple[str, int | None],
    says: str,
) -> None:
    """The steps go on in their time; supervisor and administrator read once what is wrong, and the
    log says it without a number."""
    if fault == "fails":
        pager.ends_with(3)
    elif fault == "is_missing":
        pager.program.unlink()
    else:
        pager.hangs()
    limit = 1 if fault == "hangs" else 30
    async with house(sqlite_url, tmp_path, pager, page_command_seconds=limit) as here, here.bot():
        ana, sun = await at_night(here), officer(here, "sun")
        await calls_out(ana)
        await officer(here, "zhao").sees("Who takes it?")
        await later(here, 91)
        page = await sun.sees("Who takes it?")
        await ended(here, ("zhao", *how), ("sun", *how))
        for staff in (sun, officer(here, "admin")):
            warning = await staff.sees("the command that pages by telephone does not work")
            assert says in warning["text"]
            assert "beatline doctor" in warning["text"]
        await presses(sun, page, "call_outs:take")
        await ana.sees("Taken by Officer Sun")
        warnings = [each for each in await sun.got() if "by telephone" in each["text"]]
        assert len(warnings) == 1
    records = [each for each in caplog.records if each.getMessage() == "page_command_failed"]
    assert [(vars(each)["call_out"], vars(each)["status"]) for each in records] == [(1, how[1])] * 2
    assert "0000000004" not in "".join(str(vars(each)) for each in caplog.records)


async def test_who_can_be_told_of_a_broken_command_is_told(
    sqlite_url: str, tmp_path: Path, pager: Pager
) -> None:
    """The administrator hears of it although the supervisor has blocked the bot; a second failure
    of the day is not said again, one of the next day is."""
    pager.ends_with(3)
    async with house(sqlite_url, tmp_path, pager) as here, here.bot():
        ana, admin = await at_night(here), officer(here, "admin")
        sun = officer(here, "sun")
        await sun.blocks()
        for calls in (1, 2):  # on one day
            told = await calls_out(ana)
            await ended(here, *[("zhao", "failed", 3)] * calls)
            await presses(ana, told, "call_outs:withdraw")
            await ana.sees("You need nobody any more.", count=calls)
        await admin.sees("does not work")
        await later(here, 24 * 3600)
        await hears(here, "zhao")
        await calls_out(ana)
        await admin.sees("does not work", count=2)
        assert len([each for each in await admin.got() if "does not work" in each["text"]]) == 2
        assert not [each for each in await sun.got() if "does not work" in each["text"]]


async def test_without_a_number_there_is_nothing_to_run(
    sqlite_url: str, tmp_path: Path, pager: Pager, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram alone pages whoever has no telephone in the roster; the log says so."""
    roster = five_areas(tmp_path)
    async with house(sqlite_url, tmp_path, pager, roster=roster) as here, here.bot():
        await calls_out(await at_night(here))
        await officer(here, "zhao").sees("Who takes it?")
        await ended(here, ("zhao", "not_run", None))
    assert pager.paged() == []
    assert "page_command_without_number" in {each.getMessage() for each in caplog.records}


async def test_what_happened_is_put_on_file_when_storage_is_back(
    sqlite_url: str, tmp_path: Path, pager: Pager, caplog: pytest.LogCaptureFixture
) -> None:
    """The file is locked when the command ends: nobody is paged a second time for that."""
    async with house(sqlite_url, tmp_path, pager) as here, here.bot():
        pager.hangs()
        await calls_out(await at_night(here))
        await pager.has_paged(here, "zhao")
        await officer(here, "zhao").sees("Who takes it?")
        with closing(
            sqlite3.connect(
                sqlite_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
            )
        ) as lock:
            await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")
            await pager.opens()

            async def is_said() -> bool:
                said = [vars(each) for each in caplog.records]
                return any(each["msg"] == "page_command_not_on_file" for each in said)

            await here.until(is_said, "the log says that it is not on file")
        await ended(here, ("zhao", "done", 0))
    assert len(pager.paged()) == 1


async def test_a_stop_ends_what_hangs_and_the_next_start_makes_the_page(
    sqlite_url: str, tmp_path: Path, pager: Pager
) -> None:
    """A command under way gets its time at a stop, but not for ever."""
    async with house(sqlite_url, tmp_path, pager, page_command_seconds=60) as here:
        pager.hangs()
        async with here.bot():
            await calls_out(await at_night(here))
            await pager.has_paged(here, "zhao")
        await ended(here, ("zhao", "due", None))
        (pager.folder / "gate").unlink()
        async with here.bot():
            await ended(here, ("zhao", "done", 0))
        await pager.has_paged(here, "zhao", "zhao")


# --- the program by itself


async def runs(script: str, *, limit_seconds: float = 20) -> Ending:
    return await run_program(
        ["/bin/sh", "-c", script], environment=os.environ, limit_seconds=limit_seconds
    )


async def test_how_a_program_ended_is_known() -> None:
    """Its status, the signal that ended it, or that there is nothing to run."""
    assert await runs("exit 0") == Ending(How.ENDED, 0)
    assert await runs("exit 7") == Ending(How.ENDED, 7)
    assert await runs("kill -KILL $$") == Ending(How.ENDED, -signal.SIGKILL)
    missing = await run_program(["/nowhere/at/all"], environment={}, limit_seconds=20)
    assert missing == Ending(How.NOT_STARTED)
    assert [each.has_worked for each in (missing, Ending(How.ENDED, 7), Ending(How.ENDED, 0))] == [
        False, False, True,
    ]  # fmt: skip


async def test_a_program_is_ended_with_all_it_has_started(tmp_path: Path) -> None:
    """Although neither it nor its child listens: nobody waits for it any more, and it is gone."""
    alive, never = tmp_path / "alive", tmp_path / "never"
    os.mkfifo(alive)
    os.mkfifo(never)
    child = f"sh -c 'read _ < {never}' &"
    async with asyncio.TaskGroup() as group:
        running = group.create_task(
            runs(f"trap '' TERM; exec 3> {alive}; {child} read _ < {never}", limit_seconds=60)
        )
        held = await asyncio.to_thread(alive.open, "rb")  # as soon as the program is there
        with held:
            running.cancel()
            # Ends only when neither of them holds the other end any more.
            assert await asyncio.to_thread(held.read) == b""
        await asyncio.wait([running])
    assert running.cancelled()
