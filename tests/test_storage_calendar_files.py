"""Who has which calendar file: on both engines."""

from __future__ import annotations

from storage.database import Database
from storage.transaction import Transaction
from tests.test_storage_appointments import ANA, BOB, booked, slot

LI = 900001


async def test_one_button_brings_one_file_until_the_appointment_has_changed(
    database: Database,
) -> None:
    """A press that comes twice is one press; what is newer, or asked for under another message,
    is sent. Each chat counts for itself."""
    first = await booked(database, slot(), ANA)
    assert first.id is not None
    async with database.unit() as unit:
        files = Transaction(unit).calendar_files
        assert await files.take(first.id, ANA, sequence=1, asked_in=7)
        assert not await files.take(first.id, ANA, sequence=1, asked_in=7)
        assert await files.take(first.id, LI, sequence=1, asked_in=7)
    async with database.unit() as unit:
        files = Transaction(unit).calendar_files
        assert await files.take(first.id, ANA, sequence=2, asked_in=7)
        assert await files.take(first.id, ANA, sequence=2, asked_in=8)
        assert not await files.take(first.id, ANA, sequence=2, asked_in=8)


async def test_it_is_known_who_has_a_file(database: Database) -> None:
    """Of this appointment, in this chat."""
    first = await booked(database, slot(), ANA)
    other = await booked(database, slot(after_minutes=60), ANA)
    assert first.id is not None
    assert other.id is not None
    async with database.unit() as unit:
        files = Transaction(unit).calendar_files
        assert await files.take(first.id, ANA, sequence=1, asked_in=7)
    async with database.reading() as unit:
        files = Transaction(unit).calendar_files
        assert await files.has(first.id, ANA)
        assert not await files.has(first.id, BOB)
        assert not await files.has(other.id, ANA)
