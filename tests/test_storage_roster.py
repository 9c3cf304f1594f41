"""The drawers of the roster, of runs, of files and of what Telegram said, on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.clock import Clock
from bot.domain.roster import Roster
from bot.roster.checking import check_roster
from bot.roster.sample import sample_roster_path
from storage.blobs import UNUSED_KEPT
from storage.database import Database, Unit
from storage.outbox import Form, Lane, Promise
from storage.transaction import Transaction


async def test_the_newest_roster_is_in_force_and_comes_back_as_it_went(
    database: Database, clock: Clock
) -> None:
    """The same one imported again is no new version."""
    roster: Roster = check_roster(sample_roster_path())
    changed = replace(roster, station=replace(roster.station, hotline="+86 10 5555 0119"))
    async with database.unit() as unit:
        drawer = Transaction(unit).roster
        assert await drawer.current() is None
        assert await drawer.version() is None
        assert await drawer.import_(roster, clock.now())
        assert not await drawer.import_(roster, clock.now())
        found = await drawer.current()
        assert found is not None
        assert found[1] == roster
        assert await drawer.import_(changed, clock.now())
        newer = await drawer.current()
        assert newer is not None
        assert newer[1] == changed
        assert newer[0] > found[0]
        assert await drawer.version() == newer[0]


async def test_a_job_runs_once_in_its_period(database: Database, clock: Clock) -> None:
    """However many try at the same time."""
    claimed = []

    async def work(unit: Unit) -> bool:
        return await Transaction(unit).runs.claim("bulletin", "2026-W45", clock.now())

    async def attempt() -> None:
        claimed.append(await database.run(work))

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(attempt())
    assert sorted(claimed) == [False] * 7 + [True]
    async with database.unit() as unit:
        assert await Transaction(unit).runs.claim("bulletin", "2026-W46", clock.now())


async def test_what_ran_is_remembered_for_years_and_not_for_ever(
    database: Database, clock: Clock
) -> None:
    """Longer than an absence that is declared a year before; then the row goes."""
    now = clock.now()

    async def claim(days: int) -> bool:
        async with database.unit() as unit:
            runs, moment = Transaction(unit).runs, now + timedelta(days=days)
            runs.purge(moment)
            return await runs.claim("absences.cases", "1", moment)

    assert await claim(0)
    assert not await claim(2 * 366)
    assert await claim(801)


async def test_a_job_runs_again_when_enough_time_has_passed_since_it_ran(
    database: Database, clock: Clock
) -> None:
    """Counted from when it ran, not from when somebody asked; others do not wait for it, and of
    many at the same time one does it."""
    now, after = clock.now(), timedelta(minutes=10)
    claimed = []

    async def claim(minutes: float, of: str = "101") -> bool:
        async def work(unit: Unit) -> bool:
            moment = now + timedelta(minutes=minutes)
            return await Transaction(unit).runs.claim_again("show", of, moment, after=after)

        return await database.run(work)

    async def attempt(minutes: float) -> None:
        claimed.append(await claim(minutes))

    assert await claim(0)
    assert not await claim(9.9)
    assert await claim(9.9, of="102")
    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(attempt(10))
    assert sorted(claimed) == [False] * 7 + [True]
    assert not await claim(19.9)
    assert await claim(20)


async def test_a_file_is_stored_once_and_gets_the_name_that_telegram_gave_it(
    database: Database, clock: Clock
) -> None:
    """Its content is its name here."""
    now = clock.now()
    async with database.unit() as unit:
        blobs = Transaction(unit).blobs
        name = blobs.keep(b"\x00\xff picture", "lamp.jpg", now)
        assert blobs.keep(b"\x00\xff picture", "again.jpg", now) == name
        assert blobs.keep(b"other", "other.jpg", now) != name
        found = await blobs.find(name)
        assert found is not None
        assert (found.content, found.filename, found.file_id) == (
            b"\x00\xff picture", "lamp.jpg", None,
        )  # fmt: skip
        assert await blobs.find("no such") is None
        assert await blobs.file_ids([name]) == {}
        blobs.note_file_id(name, "AgAC")
        assert await blobs.file_ids([name, "no such"]) == {name: "AgAC"}
        blobs.note_file_id(name, None)
        assert await blobs.file_ids([name]) == {}


async def test_a_file_that_nothing_waiting_names_is_forgotten_after_48_hours(
    database: Database, clock: Clock
) -> None:
    """Whichever form of a promise names it."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        unused, first, second = (
            file.blobs.keep(each, "x", now) for each in (b"unused", b"first", b"second")
        )
        file.outbox.promise(
            Promise(
                1, 5, Lane.DIALOGUE, Form("sendPhoto", {"photo": f"blob:{first}"}),
                otherwise=[Form("sendDocument", {"document": f"blob:{second}"})],
            ),
            now,
        )  # fmt: skip
        file.blobs.purge(now + UNUSED_KEPT)
        assert await file.blobs.find(unused) is not None
        file.blobs.purge(now + UNUSED_KEPT + timedelta(seconds=1))
        assert await file.blobs.find(unused) is None
        assert await file.blobs.find(first) is not None
        assert await file.blobs.find(second) is not None


async def test_what_telegram_said_of_us_is_kept(database: Database) -> None:
    """The newest answer in place of the one before."""
    async with database.unit() as unit:
        answers = Transaction(unit).known_answers
        assert await answers.get("getMe") is None
        answers.keep("getMe", {"id": 1, "username": "old_bot"})
        answers.keep("getMe", {"id": 1, "username": "河滨_bot"})
        assert await answers.get("getMe") == {"id": 1, "username": "河滨_bot"}
