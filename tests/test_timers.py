"""Timers: what is due is on file, acted on once, and survives its own failures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.delivery.dispatcher.failures import TIMER_ATTEMPTS
from storage.database import Database
from storage.engines import open_database
from storage.timers import Timer, TimersDrawer
from tests.front_door import Town, town
from tests.stations import five_areas, officer, on_duty, on_file, registered

HOUR_SECONDS = 3600


async def test_what_is_due_comes_in_its_order_and_what_is_not_waits(
    database: Database, clock: Clock
) -> None:
    """Due first, first."""
    now = clock.now()
    async with database.unit() as unit:
        timers = TimersDrawer(unit)
        timers.set("b", "1", due_at=now - timedelta(seconds=1), chat_key="5")
        timers.set("a", "1", due_at=now - timedelta(seconds=2), chat_key="5", payload={"x": "é"})
        timers.set("c", "1", due_at=now + timedelta(seconds=1), chat_key="5")
    async with database.reading() as unit:
        due = await TimersDrawer(unit).due(now, limit=10)
    assert [(timer.kind, timer.payload) for timer in due] == [("a", {"x": "é"}), ("b", {})]
    assert due[0].due_at == now - timedelta(seconds=2)


async def test_a_timer_that_was_moved_or_cleared_is_not_acted_on(
    database: Database, clock: Clock
) -> None:
    """It compares before it acts."""
    now = clock.now()
    async with database.unit() as unit:
        timers = TimersDrawer(unit)
        for key in ("taken", "moved", "cleared"):
            timers.set("k", key, due_at=now, chat_key="5")
        seen = {timer.key: timer for timer in await timers.due(now, limit=10)}
        timers.set("k", "moved", due_at=now + timedelta(hours=1), chat_key="6")
        timers.clear("k", "cleared")
        assert await timers.take(seen["taken"])
        assert not await timers.take(seen["taken"])
        assert not await timers.take(seen["moved"])
        assert not await timers.take(seen["cleared"])


async def test_a_failed_timer_comes_again_later(database: Database, clock: Clock) -> None:
    """With its attempts counted; what is due stays due."""
    now = clock.now()
    async with database.unit() as unit:
        timers = TimersDrawer(unit)
        timers.set("k", "1", due_at=now, chat_key="5")
        [timer] = await timers.due(now, limit=10)
        timers.postpone(timer, due_at=now + timedelta(seconds=5), error="ValueError")
        assert await timers.due(now, limit=10) == []
        [again] = await timers.due(now + timedelta(seconds=5), limit=10)
    assert again == Timer("k", "1", now + timedelta(seconds=5), "5", {}, attempts=1)


async def test_what_is_set_aside_is_in_nobodys_way_until_it_is_brought_back(
    database: Database, clock: Clock
) -> None:
    """As it stands on file, with its attempts; set anew meanwhile, the new one counts; what was
    moved is not set aside at all."""
    now = clock.now()
    async with database.unit() as unit:
        timers = TimersDrawer(unit)
        for key in ("1", "2", "3"):
            timers.set("k", key, due_at=now, chat_key="5", payload={"old": key})
        found = await timers.due(now, limit=10)
        timers.set("k", "3", due_at=now + timedelta(hours=1), chat_key="5")
        numbers = [await timers.set_aside(each, now, error="ValueError") for each in found]
        assert [number is None for number in numbers] == [False, False, True]
        assert await timers.count_aside() == 2
        assert await timers.due(now, limit=10) == []
        assert await timers.find("k", "1") is None
        timers.set("k", "2", due_at=now, chat_key="5", payload={"new": "2"})
        timers.bring_back()
        assert await timers.count_aside() == 0
        assert await timers.due(now, limit=10) == [
            Timer("k", "1", now, "5", {"old": "1"}, attempts=1),
            Timer("k", "2", now, "5", {"new": "2"}),
        ]


@pytest.mark.parametrize("content", ["{", "[1]", "null"])
async def test_what_nobody_can_read_keeps_nothing_else_from_being_read(
    database: Database, clock: Clock, content: str
) -> None:
    """A damaged row is due like any other, and nobody takes it for something else."""
    now = clock.now()
    async with database.unit() as unit:
        timers = TimersDrawer(unit)
        timers.set("k", "1", due_at=now, chat_key="5", payload={"x": 1})
        timers.set("k", "2", due_at=now, chat_key="5", payload={"x": 2})
        unit.write("UPDATE timer SET payload = :content WHERE key = '1'", content=content)
        assert await timers.due(now, limit=10) == [
            Timer("k", "1", now, "5", {}, is_readable=False),
            Timer("k", "2", now, "5", {"x": 2}),
        ]
        assert await timers.find("k", "1") is None


async def files_timer(here: Town, key: str, content: str, *, attempts: int = 0) -> None:
    """A reminder for Ana that is due now, whatever its content."""
    database = open_database(here.database_url)
    try:
        async with database.unit() as unit:
            TimersDrawer(unit).set("appointments.remind", key, due_at=here.clock.now(),
                                   chat_key="101")  # fmt: skip
            unit.write(
                "UPDATE timer SET payload = :content, attempts = :attempts WHERE key = :key",
                content=content, attempts=attempts, key=key,
            )  # fmt: skip
    finally:
        await database.close()


async def doctor_says(here: Town, folder: Path) -> str:
    """The line of `beatline doctor` about timers."""
    path = folder / "doctor.txt"
    with path.open("wb") as output:
        await (await here.command("doctor", output=output)).wait()
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line[6:15].strip() == "timers")


async def test_a_timer_that_fails_again_and_again_is_set_aside(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be read at once, what fails otherwise after a day of tries. The log names kind
    and number and nothing that was in it, the doctor counts, the people of that chat notice
    nothing; a start tries both once more."""

    def aside() -> list[tuple[str, int]]:
        found = [each for each in caplog.records if each.getMessage() == "timer_set_aside"]
        assert {each.levelname for each in found} <= {"ERROR"}
        return [(vars(each)["kind"], vars(each)["timer"]) for each in found]

    async def are_aside(count: int) -> None:
        async def so_many() -> bool:
            return len(aside()) == count

        await here.until(so_many, f"{count} are set aside")

    async with town(database_url) as here:
        await on_file(database_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        async with here.bot():
            ana, li = await registered(here, 101, "Ana"), officer(here, "li")
            await files_timer(here, "damaged", "{secret of Ana")
            await are_aside(1)
            await files_timer(here, "misses", '{"secret": 1}', attempts=TIMER_ATTEMPTS - 2)
            await failed_once(here, caplog)
            assert len(aside()) == 1
            await here.control("clock", shift_seconds=HOUR_SECONDS)
            await are_aside(2)
            await ana.says("Is anybody there?")
            await li.sees("Is anybody there?")
            assert [kind for kind, _number in aside()] == ["appointments.remind"] * 2
            assert "secret" not in f"{[vars(each) for each in caplog.records]}"
            await here.control("clock", shift_seconds=2 * HOUR_SECONDS)
            assert "2 set aside" in await doctor_says(here, tmp_path)
            assert len(aside()) == 2
        async with here.bot():
            await are_aside(4)
            await ana.says("And now?")
            await li.sees("And now?")
            assert "2 set aside" in await doctor_says(here, tmp_path)


async def failed_once(here: Town, caplog: pytest.LogCaptureFixture) -> None:
    async def failed() -> bool:
        return any(each.getMessage() == "timer_failed" for each in caplog.records)

    await here.until(failed, "a timer fails")
