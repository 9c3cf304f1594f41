"""Appointments where time itself is odd: the clocks change, a shift lasts over midnight, and
whoever was to be reminded is gone."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.clock import Clock
from bot.domain.absences import Absence, AbsenceReason
from bot.domain.duty_hours import HoursChange
from bot.domain.spans import Span
from bot.roster.checking import check_roster
from bot.roster.importing import import_roster
from storage.database import Database, Unit
from storage.transaction import Transaction
from tests.bookings import SERVICES
from tests.indoors import Indoors, Said, user
from tests.stations import OFFICERS, USUAL_HOURS, five_areas

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
ANA, LI = user(101, "Ana"), OFFICERS["li"]
NEAR = "⏰ Your appointment is near."


@dataclass
class Station:
    """A station with these hours, and Ana, who books there."""

    here: Indoors
    zone: ZoneInfo
    roster: Path

    def moment(self, local: str, *, fold: int = 0) -> datetime:
        """A local time, UTC."""
        return datetime.fromisoformat(local).replace(tzinfo=self.zone, fold=fold).astimezone(UTC)

    async def times(self, day: str) -> list[datetime]:
        """What Ana is offered on a day."""
        await self.here.presses(ANA, 1, f"appointments:day:residence:r:{day}")
        (*_, shown) = await self.here.said(to=101)
        return [
            datetime.fromtimestamp(int(data.split(":")[-1]) * 60, UTC)
            for data in shown.buttons
            if ":time:" in data
        ]

    async def books(self, starts: datetime) -> Said:
        """Ana has booked this time; what she reads."""
        minutes = int(starts.timestamp()) // 60
        await self.here.presses(ANA, 1, f"appointments:time:residence:r:{minutes}")
        await self.here.presses(ANA, 1, "appointments:confirm:1")
        (*_, booked) = await self.here.said(to=101)
        assert "✔ Booked." in booked.text
        return booked

    async def reminded(self) -> list[datetime]:
        """When Ana was reminded, to the minute."""
        return [
            each.promised_at.replace(second=0, microsecond=0)
            for each in await self.here.said(to=101)
            if NEAR in each.text
        ]

    async def texts_of_li(self) -> list[str]:
        """What Officer Li reads."""
        return [each.text for each in await self.here.said(to=LI)]


def keyboard_of(said: Said) -> list[list[dict[str, str]]]:
    """The buttons under a message, row by row."""
    markup = said.params["reply_markup"]
    rows = (json.loads(markup) if isinstance(markup, str) else markup)["inline_keyboard"]
    return [list(row) for row in rows]


async def station(
    database: Database, folder: Path, zone: ZoneInfo, hours: str, begins: str
) -> Station:
    """The station at a local time."""
    roster = five_areas(folder)
    text = roster.read_text(encoding="utf-8") + SERVICES
    text = text.replace(USUAL_HOURS, hours).replace("Asia/Shanghai", zone.key)
    roster.write_text(text, encoding="utf-8")
    starts = datetime.fromisoformat(begins).replace(tzinfo=zone)
    here = Indoors(database, Clock(shift=starts - Clock().now()))
    await import_roster(database, check_roster(roster), here.clock)
    await here.begins()
    for code, number in OFFICERS.items():
        await here.says(user(number, code), "/start")
    await here.says(ANA, "/start a-riverside")
    return Station(here, zone, roster)


async def test_an_hour_that_comes_twice_is_two_hours(database: Database, tmp_path: Path) -> None:
    """In the night of 25 October 2026 Berlin has half past two twice: each twenty minutes of the
    shift are offered once, and of seven hours none is missing."""
    here = await station(database, tmp_path, BERLIN, "Sa 22:00-04:00", "2026-10-24 12:00")
    times = await here.times("20261024") + await here.times("20261025")
    first = here.moment("2026-10-24 22:00")
    assert times == [first + number * timedelta(minutes=20) for number in range(7 * 3)]
    second = here.moment("2026-10-25 02:20", fold=1)
    assert "Sun, Oct 25 02:20" in (await here.books(second)).text
    await here.here.until(second)
    assert await here.reminded() == [second - timedelta(hours=1)]


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("en", "02:20 (before the clocks go back)", "02:20 (after the clocks go back)"),
        ("zh", "02:20（时钟拨回之前）", "02:20（时钟拨回之后）"),
        ("ar", "\u206802:20\u2069 (قبل تأخير الساعة)", "\u206802:20\u2069 (بعد تأخير الساعة)"),
    ],
)
async def test_a_time_that_comes_twice_says_which_of_the_two_it_is(
    database: Database, tmp_path: Path, language: str, before: str, after: str
) -> None:
    """No two buttons read the same; what is booked, what the officer reads and the reminder say
    which one. Each has a row of its own, other times stand four in a row as ever."""
    here = await station(database, tmp_path, BERLIN, "Sa 22:00-04:00", "2026-10-24 12:00")
    await here.here.presses(ANA, 1, f"languages:set:{language}")
    await here.times("20261025")
    (*_, shown) = await here.here.said(to=101)
    rows = [[button["text"] for button in row] for row in keyboard_of(shown)]
    texts = [text for row in rows for text in row]
    assert len(set(texts)) == len(texts)
    assert [before] in rows
    assert [after] in rows
    assert ["00:00", "00:20", "00:40", "01:00"] in rows
    second = here.moment("2026-10-25 02:20", fold=1)
    await here.here.presses(
        ANA, 1, f"appointments:time:residence:r:{int(second.timestamp()) // 60}"
    )
    await here.here.presses(ANA, 1, "appointments:confirm:1")
    (*_, booked) = await here.here.said(to=101)
    assert after in booked.text
    assert any("02:20 (after the clocks go back)" in each for each in await here.texts_of_li())
    await here.here.until(second)
    near = [each for each in await here.here.said(to=101) if each.text.startswith("⏰")]
    assert [after in each.text for each in near] == [True]


async def test_an_hour_that_does_not_come_is_not_offered(
    database: Database, tmp_path: Path
) -> None:
    """In the night of 29 March 2026 Berlin has no half past two: the shift has five hours, and what
    is offered after it are true times."""
    here = await station(database, tmp_path, BERLIN, "Sa 22:00-04:00", "2026-03-28 12:00")
    times = await here.times("20260328") + await here.times("20260329")
    first = here.moment("2026-03-28 22:00")
    assert times == [first + number * timedelta(minutes=20) for number in range(5 * 3)]
    local = [each.astimezone(BERLIN) for each in times]
    assert not [each for each in local if (each.day, each.hour) == (29, 2)]


@pytest.mark.parametrize(
    ("saturday", "sunday", "hours"),
    [("2026-03-28", "2026-03-29", 23), ("2026-10-24", "2026-10-25", 25)],
)
async def test_a_day_before_is_the_same_time_whatever_the_clocks_do(
    database: Database, tmp_path: Path, saturday: str, sunday: str, hours: int
) -> None:
    """The clocks change in between: the first reminder comes at the same time of the day, the other
    one an hour before."""
    here = await station(database, tmp_path, BERLIN, "Mo-Su 09:00-18:00", f"{saturday} 08:00")
    starts = here.moment(f"{sunday} 10:00")
    await here.books(starts)
    await here.here.until(starts)
    assert await here.reminded() == [starts - timedelta(hours=hours), starts - timedelta(hours=1)]


async def test_a_shift_over_midnight_has_its_times_on_both_days(
    database: Database, tmp_path: Path
) -> None:
    """What begins after midnight is offered on its own day, and one that ends after midnight is
    not cut off."""
    here = await station(database, tmp_path, SHANGHAI, "Mo-Fr 23:30-00:30", "2026-12-07 12:00")
    monday = [here.moment(f"2026-12-07 23:{minute}") for minute in (30, 50)]
    tuesday = [here.moment(f"2026-12-08 {time}") for time in ("00:10", "23:30", "23:50")]
    assert await here.times("20261207") == monday
    assert await here.times("20261208") == tuesday
    assert "Mon, Dec 7 23:50" in (await here.books(monday[1])).text


async def test_whoever_blocks_the_bot_is_not_reminded_and_the_officer_knows(
    database: Database, tmp_path: Path
) -> None:
    """Nobody stands waiting: a word for each reminder that does not get through."""
    here = await station(database, tmp_path, SHANGHAI, USUAL_HOURS, "2026-12-07 08:00")
    starts = here.moment("2026-12-08 10:00")
    await here.books(starts)
    blocked = {"status": "kicked", "user": {"id": 1, "is_bot": True, "first_name": "Beatline"}}
    await here.here.comes(
        {
            "my_chat_member": {
                "chat": {"id": 101, "type": "private", "first_name": "Ana"},
                "from": ANA,
                "date": int(here.here.clock.now().timestamp()),
                "old_chat_member": {**blocked, "status": "member"},
                "new_chat_member": {**blocked, "until_date": 0},
            }
        }
    )
    await here.here.until(starts)
    assert await here.reminded() == []
    told = [each for each in await here.texts_of_li() if "Ana cannot be reminded" in each]
    assert len(told) == 2


async def test_an_account_that_is_gone_is_noticed_when_the_reminder_is_refused(
    database: Database, tmp_path: Path
) -> None:
    """Telegram says so only then: the officer knows an hour before, not when nobody comes."""
    here = await station(database, tmp_path, SHANGHAI, USUAL_HOURS, "2026-12-07 08:00")
    starts = here.moment("2026-12-08 10:00")
    await here.books(starts)
    await here.here.until(starts - timedelta(hours=2))
    here.here.blocked.add(101)
    await here.here.until(starts)
    told = [each for each in await here.texts_of_li() if "Ana cannot be reminded" in each]
    assert len(told) == 1


async def test_an_officer_with_another_phone_is_reminded_there(
    database: Database, tmp_path: Path
) -> None:
    """The chat in which it was booked is somebody else's now: no resident's name goes there."""
    here = await station(database, tmp_path, SHANGHAI, USUAL_HOURS, "2026-12-07 08:00")
    starts = here.moment("2026-12-08 10:00")
    await here.books(starts)
    text = here.roster.read_text(encoding="utf-8").replace(str(LI), "900099")
    here.roster.write_text(text, encoding="utf-8")
    await import_roster(database, check_roster(here.roster), here.here.clock)
    await here.here.until(starts)
    assert not [each for each in await here.texts_of_li() if each.startswith("⏰")]
    new = [each.text for each in await here.here.said(to=900099)]
    assert len([each for each in new if each.startswith("⏰")]) == 2


@dataclass
class Asked:
    """Ana is asked whether 10:00 shall be booked."""

    station: Station
    database: Database
    starts: datetime

    async def meanwhile(self, files: Callable[[Transaction], Awaitable[None]]) -> None:
        """Another process puts something on file; what follows from it waits for its turn."""

        async def work(unit: Unit) -> None:
            await files(Transaction(unit))

        await self.database.run(work)

    async def confirms(self) -> Said:
        """Ana presses *Book it*; what she reads."""
        await self.station.here.presses(ANA, 1, "appointments:confirm:1")
        (*_, told) = await self.station.here.said(to=101)
        assert not [each for each in await self.station.texts_of_li() if "New app" in each]
        return told


@pytest.fixture
async def asked(database: Database, tmp_path: Path) -> Asked:
    """On the Monday, for the Tuesday."""
    here = await station(database, tmp_path, SHANGHAI, USUAL_HOURS, "2026-12-07 08:00")
    starts = here.moment("2026-12-08 10:00")
    minutes = int(starts.timestamp()) // 60
    await here.here.presses(ANA, 1, f"appointments:time:residence:r:{minutes}")
    (*_, question) = await here.here.said(to=101)
    assert "appointments:confirm:1" in question.buttons
    return Asked(here, database, starts)


async def test_an_absence_declared_while_a_time_is_being_confirmed_is_seen_at_the_confirming(
    asked: Asked,
) -> None:
    """The word comes with the press, not after a booking that nobody keeps. The nearest times are
    offered, and the very time with the deputy is one of them."""
    here = asked.station

    async def is_away(transaction: Transaction) -> None:
        await transaction.absences.declare(
            Absence(
                id=None, officer="li", starts=asked.starts, ends=asked.starts + timedelta(hours=1),
                reason=AbsenceReason.SICK, set_by="li", declared_at=here.here.clock.now(),
            )
        )  # fmt: skip

    await asked.meanwhile(is_away)
    told = await asked.confirms()
    assert "This time is not free. These are the nearest." in told.text
    (same,) = (each for each in told.buttons if str(int(asked.starts.timestamp()) // 60) in each)
    await asked.confirms()
    assert not [each for each in await here.here.said(to=101) if "✔ Booked." in each.text]
    await here.here.presses(ANA, 1, same)
    await here.here.presses(ANA, 1, "appointments:confirm:2")
    (*_, booked) = await here.here.said(to=101)
    assert "✔ Booked." in booked.text
    assert "With Wang" in booked.text


async def test_a_room_closed_while_a_time_is_being_confirmed_is_seen_at_the_confirming(
    asked: Asked,
) -> None:
    """Nobody has that time any more; the nearest are before and after the closing."""
    closed = Span(asked.starts - timedelta(minutes=20), asked.starts + timedelta(hours=1))

    async def is_closed(transaction: Transaction) -> None:
        change = HoursChange(closed, is_open=False)
        now = asked.station.here.clock.now()
        transaction.hours.declare("east", change, by="li", now=now)

    await asked.meanwhile(is_closed)
    told = await asked.confirms()
    assert "This time is not free. These are the nearest." in told.text
    assert all(text in str(told.params["reply_markup"]) for text in ("09:20", "11:00"))
    assert "10:00" not in str(told.params["reply_markup"])


async def test_a_service_that_left_the_roster_is_not_confirmed(asked: Asked) -> None:
    """The room does this no more: what can be booked is shown, and nothing is."""
    here = asked.station
    text = here.roster.read_text(encoding="utf-8").replace('code = "residence"', 'code = "permits"')
    here.roster.write_text(text, encoding="utf-8")
    await import_roster(asked.database, check_roster(here.roster), here.here.clock)
    await here.here.does_what_is_due()
    told = await asked.confirms()
    assert "What would you like an appointment for?" in told.text
    assert "appointments:service:permits" in told.buttons
