"""Appointments on file: who was first has the time, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.appointments.booking import Appointment, Side, State, hold
from bot.domain.appointments.refusals import SlotTaken
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from storage.database import Database
from storage.transaction import Transaction

NOW = datetime(2026, 12, 7, 1, tzinfo=UTC)
TEN = NOW + timedelta(hours=1)
ANA, BOB = 101, 102


def slot(*, after_minutes: int = 0, minutes: int = 30, officer: str = "li") -> Slot:
    """A time of an officer, counted from ten o'clock."""
    return Slot(officer, "permit", Way.ROOM, TEN + timedelta(minutes=after_minutes), minutes)


async def booked(database: Database, taken: Slot, chat_id: int) -> Appointment:
    """A hand on this slot, on file."""
    async with database.unit() as unit:
        wanted = hold(taken, resident_chat_id=chat_id, now=NOW)
        return await Transaction(unit).appointments.book(wanted)


async def test_whoever_is_second_gets_nothing_and_takes_nothing(database: Database) -> None:
    """Five shared minutes are enough; the loser's other minutes stay free, and so does another
    officer's hour."""
    first = await booked(database, slot(), ANA)
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        with pytest.raises(SlotTaken):
            await appointments.book(hold(slot(after_minutes=25), resident_chat_id=BOB, now=NOW))
    await booked(database, slot(after_minutes=30), BOB)
    await booked(database, slot(officer="wang"), BOB)
    async with database.reading() as unit:
        appointments = Transaction(unit).appointments
        assert first.id is not None
        assert await appointments.find(first.id) == first
        day = await appointments.of_officer("li", since=NOW, until=NOW + timedelta(days=1))
        assert [each.resident_chat_id for each in day] == [ANA, BOB]
        ahead = await appointments.of_resident(BOB, since=NOW)
        assert [each.slot.officer for each in ahead] == ["wang", "li"]


async def test_what_is_over_gives_its_time_back_once(database: Database) -> None:
    """Cancelled, the time is free again; a second cancelling comes too late and changes nothing."""
    first = await booked(database, slot(), ANA)
    over = replace(first, state=State.CANCELLED, held_until=None, ended_by=Side.RESIDENT)
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        assert await appointments.change(first, over)
        assert not await appointments.change(first, over)
    again = await booked(database, slot(), BOB)
    assert again.resident_chat_id == BOB
