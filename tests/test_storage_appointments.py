"""Appointments on file: who was first has the time, on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.appointments.booking import Appointment, Guest, Side, State, hold
from bot.domain.appointments.guests import GUEST_KEPT, book_for, claim
from bot.domain.appointments.refusals import AppointmentRefused, CodeTaken, SlotTaken
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from storage.database import Database, Unit
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


async def test_whoever_writes_is_known_to_keep_a_time(database: Database) -> None:
    """The newest one, as long as it is kept; what is booked, over or somebody else's is none."""
    first = await booked(database, slot(), ANA)
    await booked(database, slot(after_minutes=60), BOB)
    other = replace(slot(after_minutes=120), service="damage")
    second = await booked(database, other, ANA)
    async with database.unit() as unit:
        file = Transaction(unit)
        assert (await file.visitors.at(ANA, NOW)).held_service == "damage"
        over = replace(second, state=State.CANCELLED, held_until=None)
        assert await file.appointments.change(second, over)
        assert (await file.visitors.at(ANA, NOW)).held_service == "permit"
        later = first.held_until
        assert later is not None
        assert (await file.visitors.at(ANA, later)).held_service is None
        kept = replace(first, state=State.BOOKED, held_until=None)
        assert await file.appointments.change(first, kept)
        assert (await file.visitors.at(ANA, NOW)).held_service is None
        assert (await file.visitors.at(BOB, NOW)).held_service == "permit"


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


async def test_everything_that_is_known_of_an_appointment_stays(database: Database) -> None:
    """A change keeps every fact and gives the version; a change of an older version comes too
    late."""
    first = await booked(database, slot(), ANA)
    full = replace(
        first,
        state=State.BOOKED,
        held_until=None,
        case_number=1042,
        place="12 Binjiang Road, 3rd floor",
        location=(30.0001, 100.0002),
        phone="+86 100 0000 0001",
        late_minutes=10,
        reason="leave",
        situation="student",
        ticked=frozenset({0, 3}),
        answers=("", "两个孩子"),
    )
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        now = await appointments.change(first, full)
        assert now == replace(full, version=1)
        assert await appointments.change(first, replace(full, late_minutes=20)) is None
    async with database.reading() as unit:
        assert first.id is not None
        assert await Transaction(unit).appointments.find(first.id) == now


async def test_a_guest_is_found_by_the_code_which_is_given_once(database: Database) -> None:
    """The booking of somebody without Telegram has a code; the same code is refused for another,
    and nothing of that one is kept."""
    ines = Guest("Ines", "+86 100 0000 0009", "4829-1364", booked_by="zhao")
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        kept = await appointments.book(book_for(slot(), ines, now=NOW))
        with pytest.raises(CodeTaken) as refusal:
            await appointments.book(book_for(slot(after_minutes=60), ines, now=NOW))
        assert refusal.value.code == "4829-1364"
    async with database.reading() as unit:
        appointments = Transaction(unit).appointments
        assert await appointments.find_by_code("4829-1364") == kept
        assert await appointments.find_by_code("0000-0000") is None
        day = await appointments.of_officer("li", since=NOW, until=NOW + timedelta(days=1))
        assert day == [kept]


async def test_a_code_that_is_taken_is_passed_over(database: Database) -> None:
    """The first free one is the booking's; when all are taken, or the time is, nothing is kept."""
    ines = Guest("Ines", "+86 100 0000 0009", "")
    first = book_for(slot(), ines, now=NOW)
    second = book_for(slot(after_minutes=60), ines, now=NOW)
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        one = await appointments.book_for_guest(first, ["4829-1364", "1111-1111"])
        with pytest.raises(CodeTaken):
            await appointments.book_for_guest(second, ["4829-1364", "4829-1364"])
        two = await appointments.book_for_guest(second, ["4829-1364", "1111-1111"])
        with pytest.raises(SlotTaken):
            await appointments.book_for_guest(second, ["2222-2222"])
        with pytest.raises(ValueError, match="without Telegram"):
            await appointments.book_for_guest(replace(first, guest=None), ["3333-3333"])
    async with database.reading() as unit:
        appointments = Transaction(unit).appointments
        assert one.guest is not None
        assert two.guest is not None
        assert (one.guest.code, two.guest.code) == ("4829-1364", "1111-1111")
        day = await appointments.of_officer("li", since=NOW, until=NOW + timedelta(days=1))
        assert day == [one, two]
        assert await appointments.find_by_code("2222-2222") is None


async def test_what_is_moved_leaves_its_old_time_to_others(database: Database) -> None:
    """Even a move by less than its own length: the shared minutes stay, the rest is free."""
    first = await booked(database, slot(), ANA)
    async with database.unit() as unit:
        later = replace(first, slot=slot(after_minutes=15))
        moved = await Transaction(unit).appointments.move(first, later)
    assert moved == replace(later, version=1)
    await booked(database, slot(after_minutes=-15), BOB)
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        with pytest.raises(SlotTaken):
            await appointments.book(hold(slot(after_minutes=40), resident_chat_id=BOB, now=NOW))
        assert moved.id is not None
        assert await appointments.find(moved.id) == moved


async def test_a_move_that_comes_second_leaves_everything_as_it_was(database: Database) -> None:
    """A taken time refuses the move: the old one stays booked, and no minute of the new one is
    held. A move of what somebody changed before changes nothing."""
    first = await booked(database, slot(), ANA)
    await booked(database, slot(after_minutes=45), BOB)
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        with pytest.raises(SlotTaken):
            await appointments.move(first, replace(first, slot=slot(after_minutes=30)))
        assert first.id is not None
        assert await appointments.find(first.id) == first
    await booked(database, slot(after_minutes=30, minutes=15), BOB)
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        assert await appointments.change(first, replace(first, late_minutes=10)) is not None
        assert await appointments.move(first, replace(first, slot=slot(after_minutes=90))) is None
    await booked(database, slot(after_minutes=90), BOB)
    async with database.unit() as unit:
        with pytest.raises(SlotTaken):
            await Transaction(unit).appointments.book(
                hold(slot(after_minutes=5, minutes=5), resident_chat_id=BOB, now=NOW)
            )


async def test_who_has_appointments_ahead_is_known(database: Database) -> None:
    """Each officer once; what has begun or was called off does not count."""
    await booked(database, slot(), ANA)
    await booked(database, slot(after_minutes=30), BOB)
    over = await booked(database, slot(officer="wang"), ANA)
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        await appointments.change(over, replace(over, state=State.CANCELLED, held_until=None))
    async with database.reading() as unit:
        appointments = Transaction(unit).appointments
        assert await appointments.officers_ahead(NOW) == ["li"]
        assert await appointments.officers_ahead(TEN + timedelta(hours=1)) == []


async def attempt_to_claim(database: Database, chat_id: int) -> bool:
    """Whether this chat has the booking with the code now, and by this attempt."""

    async def work(unit: Unit) -> bool:
        appointments = Transaction(unit).appointments
        found = await appointments.find_by_code("4829-1364")
        try:
            claimed = claim(found, chat_id=chat_id, now=NOW)
        except AppointmentRefused:
            return False
        return await appointments.change(claimed, claimed) is not None

    return await database.run(work)


async def test_a_week_later_nobody_knows_who_the_guest_was(database: Database) -> None:
    """Name, number, code and place are gone; that somebody came stays, and no old look at it puts
    them back. Whoever comes tomorrow is still known."""
    wanted = book_for(slot(), Guest("Wang Fang", "138 0000 0000", ""), now=NOW, place="Lane 3")
    later = replace(wanted, slot=slot(after_minutes=24 * 60))
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        old = await appointments.book_for_guest(wanted, ["4829-1364"])
        new = await appointments.book_for_guest(later, ["1111-1111"])
    async with database.unit() as unit:
        Transaction(unit).appointments.forget_guests(TEN + GUEST_KEPT)
    async with database.unit() as unit:
        appointments = Transaction(unit).appointments
        assert old.id is not None
        assert new.id is not None
        kept = await appointments.find(old.id)
        assert kept is not None
        assert (kept.guest, kept.place, kept.slot, kept.state) == (None, "", old.slot, old.state)
        assert await appointments.find_by_code("4829-1364") is None
        assert await appointments.change(old, old) is None
        assert await appointments.find(new.id) == new


async def a_guest_is_booked(database: Database) -> None:
    """Ines has a booking with a code."""
    async with database.unit() as unit:
        ines = Guest("Ines", "+86 100 0000 0009", "4829-1364")
        await Transaction(unit).appointments.book(book_for(slot(), ines, now=NOW))


async def who_has_it(database: Database) -> int | None:
    async with database.reading() as unit:
        found = await Transaction(unit).appointments.find_by_code("4829-1364")
    assert found is not None
    return found.resident_chat_id


async def test_of_many_who_claim_at_once_one_has_it(database: Database) -> None:
    """The others are refused, and whoever has it keeps it."""
    await a_guest_is_booked(database)
    chats = range(101, 109)
    won = await asyncio.gather(*(attempt_to_claim(database, each) for each in chats))
    assert sum(won) == 1
    assert await who_has_it(database) == chats[won.index(True)]


async def test_of_two_processes_that_claim_at_once_one_has_it(
    postgres_database: Database, other_process: Database
) -> None:
    """Neither knows of the other's transaction: the row's version decides."""
    await a_guest_is_booked(postgres_database)
    won = await asyncio.gather(
        *(
            attempt_to_claim(database, chat_id)
            for chat_id in range(101, 109)
            for database in (postgres_database, other_process)
        )
    )
    has_it = await who_has_it(postgres_database)
    assert has_it is not None
    winners = {101 + place // 2 for place, each in enumerate(won) if each}
    assert winners == {has_it}


async def test_wrong_codes_count_for_a_day_and_are_forgotten(database: Database) -> None:
    """Each chat's own, over a restart: they are on file; cleaning takes only what does not count
    any more."""
    day = timedelta(days=1)
    async with database.unit() as unit:
        codes = Transaction(unit).codes
        for each in (NOW, NOW + timedelta(hours=1)):
            codes.note_wrong(ANA, each)
        codes.note_wrong(BOB, NOW)
    async with database.unit() as unit:
        codes = Transaction(unit).codes
        assert await codes.wrong_of(ANA, NOW + timedelta(hours=1)) == 2
        assert await codes.wrong_of(ANA, NOW + day) == 1
        assert await codes.wrong_of(BOB, NOW + timedelta(hours=1)) == 1
        codes.purge(NOW + day)
    async with database.reading() as unit:
        codes = Transaction(unit).codes
        assert await codes.wrong_of(ANA, NOW + timedelta(hours=1)) == 1
        assert await codes.wrong_of(BOB, NOW + timedelta(hours=1)) == 0
