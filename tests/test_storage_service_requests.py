"""Service requests on file: one open at a time, and the first answer counts, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.appointments.booking import Side
from bot.domain.appointments.service import Way
from bot.domain.service_requests import OneIsOpen, Proposal, RequestState, ServiceRequest
from storage.database import Database
from storage.transaction import Transaction

NOW = datetime(2026, 12, 7, 1, tzinfo=UTC)
EVENING = NOW + timedelta(hours=11)
ANA, BOB = 101, 102


def wanted(chat_id: int = ANA) -> ServiceRequest:
    """An evening asked for, with an address."""
    first = Proposal(1, Side.RESIDENT, EVENING, NOW)
    return ServiceRequest(
        None, chat_id, "li", "permit", Way.VISIT, 30, RequestState.OPEN, first,
        case_number=1001, place="12 Binjiang Road",
    )  # fmt: skip


async def on_file(database: Database, chat_id: int = ANA) -> ServiceRequest:
    """The same, on file."""
    async with database.unit() as unit:
        return await Transaction(unit).service_requests.open(wanted(chat_id))


async def test_one_of_a_residents_is_open(database: Database) -> None:
    """A second one is refused by the file itself while the first is open; another resident's is
    not, and once the first is over there is room again."""
    first, others = await on_file(database), await on_file(database, BOB)
    with pytest.raises(OneIsOpen):
        await on_file(database)
    async with database.unit() as unit:
        requests = Transaction(unit).service_requests
        assert await requests.open_of(ANA) == first
        assert await requests.waiting_for_officers() == [first, others]
        assert await requests.change(first, replace(first, state=RequestState.WITHDRAWN))
        assert await requests.open_of(ANA) is None
    again = await on_file(database)
    assert again.id != first.id


async def test_the_first_answer_counts(database: Database) -> None:
    """Whoever answers a proposal that has moved on, ended, or gone to somebody else changes
    nothing."""
    first = await on_file(database)
    second = replace(first, proposal=Proposal(2, Side.OFFICER, EVENING + timedelta(days=1), NOW))
    passed_on = replace(second, officer="wang")
    declined = replace(passed_on, state=RequestState.DECLINED, reason="night duty")
    async with database.unit() as unit:
        requests = Transaction(unit).service_requests
        for before, after in ((first, second), (second, passed_on), (passed_on, declined)):
            assert await requests.change(before, after)
            assert not await requests.change(before, after)
            assert await requests.waiting_for_officers() == []
    async with database.reading() as unit:
        requests = Transaction(unit).service_requests
        assert first.id is not None
        assert await requests.find(first.id) == declined
        assert await requests.waiting_for_officers() == []
        assert await requests.find(first.id + 1) is None


async def test_each_side_has_its_message(database: Database) -> None:
    """What shows the request is known by side, and forgotten when it stands in another chat."""
    number = (await on_file(database)).id or 0
    async with database.unit() as unit:
        requests = Transaction(unit).service_requests
        requests.set_message(number, Side.RESIDENT, 7)
        requests.set_message(number, Side.OFFICER, -8)
    async with database.unit() as unit:
        requests = Transaction(unit).service_requests
        assert await requests.message_of(number, Side.RESIDENT) == 7
        assert await requests.message_of(number, Side.OFFICER) == -8
        requests.set_message(number, Side.OFFICER, None)
    async with database.reading() as unit:
        requests = Transaction(unit).service_requests
        assert await requests.message_of(number, Side.OFFICER) is None
        assert await requests.message_of(number + 1, Side.OFFICER) is None


async def test_what_was_agreed_is_known_by_its_time(database: Database) -> None:
    """Only what was agreed, with this officer, and lies ahead."""
    agreed = await on_file(database)
    await on_file(database, BOB)
    async with database.unit() as unit:
        requests = Transaction(unit).service_requests
        await requests.change(agreed, replace(agreed, state=RequestState.AGREED))
    async with database.reading() as unit:
        requests = Transaction(unit).service_requests
        assert await requests.agreed_times("li", since=NOW) == {(ANA, EVENING)}
        assert await requests.agreed_times("wang", since=NOW) == set()
        assert await requests.agreed_times("li", since=EVENING + timedelta(hours=1)) == set()
