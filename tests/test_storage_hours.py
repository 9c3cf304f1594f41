"""Hours, presences, absences and what waits are on file the same way on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.domain.absences import Absence, AbsenceReason, OpenCases
from bot.domain.calendar import Calendar, DayKind, SpecialDay
from bot.domain.duty_hours import HoursChange
from bot.domain.presences import Presence, Whereabouts
from bot.domain.spans import Span
from storage.database import Database
from storage.transaction import Transaction

NOW = datetime(2026, 12, 7, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
LI = 900001


async def test_changes_of_the_hours_hold_until_they_are_withdrawn(database: Database) -> None:
    """In the order in which they were declared; what is over is not read any more."""
    closed = HoursChange(Span(NOW, NOW + HOUR), is_open=False)
    opened = HoursChange(Span(NOW, NOW + 2 * HOUR), is_open=True)
    async with database.unit() as unit:
        hours = Transaction(unit).hours
        hours.declare("east", closed, by="li", now=NOW)
        hours.declare("east", opened, by="li", now=NOW)
        hours.declare("west", closed, by="wang", now=NOW)
    async with database.unit() as unit:
        hours = Transaction(unit).hours
        assert await hours.changes("east", since=NOW) == [closed, opened]
        assert await hours.changes("east", since=NOW + HOUR) == [opened]
        hours.withdraw("east", NOW)
        assert await hours.changes("east", since=NOW) == []
        assert await hours.changes("west", since=NOW) == [closed]


async def test_a_loaded_year_replaces_what_was_known_of_it(database: Database) -> None:
    """A second load of the same year leaves nothing of the first."""
    day = date(2026, 12, 8)
    holiday = SpecialDay(day, DayKind.HOLIDAY, {"en": "Founders' Day"})
    known = Calendar(frozenset({2026}), {day: SpecialDay(day, DayKind.WORKING)})
    async with database.unit() as unit:
        hours = Transaction(unit).hours
        assert await hours.calendar(known, since=day, until=day) == known
        hours.load([2026], [holiday])
        assert (await hours.calendar(known, since=day, until=day)).on(day) == holiday
        hours.load([2026], [])
        found = await hours.calendar(known, since=day, until=day)
        assert found.on(day).kind is DayKind.ORDINARY


async def test_the_last_word_about_where_somebody_is_counts(database: Database) -> None:
    """One presence for each officer, until its end."""
    first = Presence("li", Whereabouts.AT_ROOM, "east", NOW, NOW + HOUR)
    second = Presence("li", Whereabouts.ON_BEAT, "riverside", NOW, NOW + 2 * HOUR)
    async with database.unit() as unit:
        presences = Transaction(unit).presences
        presences.say(first)
        presences.say(second)
        assert await presences.believed(NOW) == [second]
        assert await presences.believed(NOW + 2 * HOUR) == []


async def test_an_absence_is_read_as_it_was_declared_and_changed(database: Database) -> None:
    """Everything that was said of it, until it is over."""
    said = Absence(None, "li", NOW, None, AbsenceReason.OTHER, "sun", NOW)
    async with database.unit() as unit:
        absences = Transaction(unit).absences
        declared = await absences.declare(said)
        assert await absences.known(NOW) == [declared]
        changed = Absence(
            declared.id, "li", NOW, NOW + HOUR, AbsenceReason.PULLED_AWAY, "sun", NOW,
            "Director Gao", OpenCases.TO_DEPUTY,
        )  # fmt: skip
        absences.change(changed)
        assert await absences.find(declared.id or 0) == changed
        assert await absences.known(NOW + HOUR) == []
        assert await absences.find(999) is None


async def test_what_waits_is_told_by_owner_oldest_first(database: Database) -> None:
    """Each message once; a closed case and a forgotten one wait no more."""
    async with database.unit() as unit:
        file = Transaction(unit)
        file.officers.link("li", LI, NOW)
        numbers = []
        for chat_id in (101, 102, 103):
            case = await file.cases.open(resident_chat_id=chat_id, area="riverside", now=NOW)
            file.cases.assign(
                case.number, owner="li", chat_id=LI, reason="responsible", card=None, now=NOW
            )
            numbers.append(case.number)
        first, second, third = numbers
        file.waiting.note(second, 7, NOW)
        file.waiting.note(first, 5, NOW + HOUR)
        file.waiting.note(first, 5, NOW + 2 * HOUR)
        file.waiting.note(third, 9, NOW + 2 * HOUR)
        await file.cases.close(third, officer="li", now=NOW)
        assert await file.waiting.cases_of("li") == [(second, NOW), (first, NOW + HOUR)]
        assert await file.waiting.of_case(first) == [5]
        assert (await file.visitors.at(102, NOW)).has_waiting
        file.waiting.forget(second)
        assert not (await file.visitors.at(102, NOW)).has_waiting
        assert await file.waiting.cases_of("li") == [(first, NOW + HOUR)]


async def test_when_somebody_was_seen_is_known_until_they_go(database: Database) -> None:
    """Nobody who was never linked was ever seen."""
    async with database.unit() as unit:
        officers = Transaction(unit).officers
        officers.link("li", LI, NOW)
        assert await officers.seen_at("li") is None
        officers.seen("li", NOW)
        assert await officers.seen_at("li") == NOW
        officers.seen("li", None)
        assert await officers.seen_at("li") is None
        assert await officers.seen_at("wang") is None
