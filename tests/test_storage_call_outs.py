"""Urgent calls on file: one for each resident, one taker, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.call_outs.ladder import Ladder, Skipped, SkipReason, Step, StepKind
from bot.domain.call_outs.paging import (
    CallOut,
    CallOutState,
    after_giving_up,
    after_paging,
    end,
    give_back,
    take,
)
from storage.call_outs import Hearing, PageSent
from storage.database import ConflictError, Database
from storage.transaction import Transaction

NOW = datetime(2026, 12, 7, 18, 14, tzinfo=UTC)
ANA, LI, WANG = 101, 900001, 900002
LADDER = Ladder(
    (Step(StepKind.OFFICER, ("li",)), Step(StepKind.DEPUTY, ("wang", "chen"))),
    (Skipped("zhao", StepKind.DUTY_DESK, SkipReason.CANNOT_HEAR),),
)


def wanted(**changes: object) -> CallOut:
    """Ana's call-out at night."""
    facts: dict[str, object] = {
        "id": None, "resident_chat_id": ANA, "ladder": LADDER, "asked_at": NOW,
        "supervisors": ("sun",), "step": timedelta(seconds=90), "case_number": 1001,
    }  # fmt: skip
    return CallOut(**{**facts, **changes})  # type: ignore[arg-type]  # facts by name, for brevity


async def opened(database: Database, call_out: CallOut) -> CallOut:
    async with database.unit() as unit:
        found = await Transaction(unit).call_outs.open(call_out)
    assert found is not None
    return found


async def changed(database: Database, before: CallOut, after: CallOut) -> bool:
    async with database.unit() as unit:
        return await Transaction(unit).call_outs.change(before, after)


async def on_file(database: Database, call_out: CallOut) -> CallOut | None:
    async with database.reading() as unit:
        return await Transaction(unit).call_outs.find(call_out.id or 0)


def page(call_out: CallOut, officer: str, promise: int, **changes: object) -> PageSent:
    facts: dict[str, object] = {
        "call_out": call_out.id, "officer": officer, "chat_id": LI, "promise": promise,
        "paged_at": NOW,
    }  # fmt: skip
    return PageSent(**{**facts, **changes})  # type: ignore[arg-type]  # as above


async def test_what_is_put_on_file_is_found_again(database: Database) -> None:
    """Steps, who was left out and why, times, who gave it back when."""
    made = await opened(database, wanted())
    assert made == wanted(id=made.id)
    taken = take(after_paging(made), "li", now=NOW + timedelta(seconds=5))
    assert await changed(database, made, taken)
    assert await on_file(database, made) == taken
    back = give_back(taken, "li", now=NOW + timedelta(seconds=9))
    assert await changed(database, taken, back)
    assert await on_file(database, made) == back
    async with database.reading() as unit:
        call_outs = Transaction(unit).call_outs
        assert await call_outs.newest_of(ANA) == back
        assert await call_outs.newest_of(102) is None
        assert await call_outs.find(99) is None


async def test_a_resident_has_one_under_way(database: Database) -> None:
    """A second one is not opened while the first pages or is taken; after that it is."""
    first = await opened(database, wanted())
    async with database.unit() as unit:
        assert await Transaction(unit).call_outs.open(wanted()) is None
    await opened(database, wanted(resident_chat_id=102))
    taken = take(after_paging(first), "li", now=NOW)
    assert await changed(database, first, taken)
    async with database.unit() as unit:
        assert await Transaction(unit).call_outs.open(wanted()) is None
    assert await changed(database, taken, end(taken, "li"))
    second = await opened(database, wanted())
    assert await changed(database, second, after_giving_up(second))
    await opened(database, wanted())


async def test_exactly_one_takes_it(database: Database) -> None:
    """Both read that it is free; the second who writes changes nothing."""
    paged = after_paging(after_paging(await opened(database, wanted())))
    assert await changed(database, replace(paged, paged=0), paged)
    assert await changed(database, paged, take(paged, "wang", now=NOW))
    assert not await changed(database, paged, take(paged, "chen", now=NOW))
    found = await on_file(database, paged)
    assert found is not None
    assert found.taker == "wang"


async def test_exactly_one_takes_it_in_two_processes(
    postgres_database: Database, other_process: Database
) -> None:
    """Both look before either writes: whoever commits second meets a conflict, looks again, and
    finds it taken."""
    paged = after_paging(after_paging(await opened(postgres_database, wanted())))
    assert await changed(postgres_database, replace(paged, paged=0), paged)

    async def takes_late() -> None:
        async with other_process.unit() as late:
            before = await Transaction(late).call_outs.find(paged.id or 0)
            assert before == paged
            assert await changed(postgres_database, paged, take(paged, "wang", now=NOW))
            await Transaction(late).call_outs.change(paged, take(paged, "chen", now=NOW))

    with pytest.raises(ConflictError):
        await takes_late()
    assert not await changed(other_process, paged, take(paged, "chen", now=NOW))
    found = await on_file(other_process, paged)
    assert found is not None
    assert (found.taker, found.state) == ("wang", CallOutState.TAKEN)


async def test_the_first_tap_is_remembered_until_the_second(database: Database) -> None:
    """And moves when the numbers are shown anew."""
    async with database.unit() as unit:
        call_outs = Transaction(unit).call_outs
        assert await call_outs.tapped_at(ANA) is None
        call_outs.tap(ANA, NOW)
        call_outs.tap(ANA, NOW + timedelta(hours=1))
        assert await call_outs.tapped_at(ANA) == NOW + timedelta(hours=1)
        call_outs.forget_tap(ANA)
        assert await call_outs.tapped_at(ANA) is None


async def test_it_is_known_who_was_asked_by_which_message(database: Database) -> None:
    """In order; asked once more, the newer message counts; what never came is marked."""
    made = await opened(database, wanted())
    async with database.unit() as unit:
        call_outs = Transaction(unit).call_outs
        call_outs.note_page(page(made, "li", 1), is_command_due=False)
        call_outs.note_page(page(made, "wang", 2), is_command_due=False)
        call_outs.unreached(made.id or 0, "wang")
        assert await call_outs.pages(made.id or 0) == [
            page(made, "li", 1), page(made, "wang", 2, is_unreached=True),
        ]  # fmt: skip
        later = page(made, "li", 3, paged_at=NOW + timedelta(minutes=1))
        call_outs.note_page(later, is_command_due=False)
        assert (await call_outs.pages(made.id or 0))[-1] == later
        assert await call_outs.told(made.id or 0) is None
        call_outs.note_told(made.id or 0, 7)
        assert await call_outs.told(made.id or 0) == 7
        assert await call_outs.told(99) is None


async def test_it_is_known_who_can_hear_it(database: Database) -> None:
    """Of everybody who is linked; said of a phone, so a new phone has not said it."""
    async with database.unit() as unit:
        file = Transaction(unit)
        file.officers.link("li", LI, NOW)
        file.officers.link("wang", WANG, NOW)
        file.officers.seen("wang", NOW)
        file.call_outs.heard(LI, NOW)
        file.call_outs.opt(LI, NOW)
        assert await file.call_outs.hearings() == {
            "li": Hearing(NOW, NOW, None), "wang": Hearing(None, None, NOW),
        }  # fmt: skip
        file.call_outs.opt(LI, None)
        file.officers.link("wang", 900009, NOW)
        found = await file.call_outs.hearings()
        assert (found["li"].heard_at, found["li"].opted_in_at) == (NOW, None)
        assert found["wang"].heard_at is None


async def test_a_visitor_who_asked_for_somebody_is_known(database: Database) -> None:
    """As long as it is not over."""
    made = await opened(database, wanted())
    taken = take(after_paging(made), "li", now=NOW)
    for before, after, is_urgent in (
        (made, taken, True), (taken, end(taken, "li"), False),
    ):  # fmt: skip
        assert await changed(database, before, after)
        async with database.reading() as unit:
            visitor = await Transaction(unit).visitors.at(ANA, NOW)
        assert visitor.is_urgent is is_urgent
