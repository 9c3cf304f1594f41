"""The drawers of cases, messages and copies, on both engines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.clock import Clock
from bot.domain.cases import FIRST_CASE_NUMBER, Case, CaseState, Copy, CopyKind, Stage
from storage.database import ConstraintError, Database, Unit
from storage.transaction import Transaction

ANA, BOB, LI, WANG = 101, 102, 900001, 900002


def keep(file: Transaction, message_id: int, now: datetime, **more: Any) -> None:
    """Something that Ana wrote."""
    facts = {
        "case_number": None, "resident_chat_id": ANA, "chat_id": ANA, "author": None,
        "kind": "text", "content": {"text": "hello"}, "is_edit": False, "words": "hello",
    }  # fmt: skip
    file.messages.keep(message_id=message_id, now=now, **{**facts, **more})


async def opened(file: Transaction, now: datetime, *, owner: str = "li", chat_id: int = LI) -> Case:
    """Ana's case, with an owner."""
    case = await file.cases.open(resident_chat_id=ANA, area="riverside", now=now)
    file.cases.assign(case.number, owner=owner, chat_id=chat_id, reason="area", card=5, now=now)
    return case


def brought(unit: Unit, number: int, promise: int, message_id: int, chat_id: int = LI) -> None:
    """A copy of something that Ana wrote is on the officer's phone."""
    copies = Transaction(unit).copies
    origin = (ANA, message_id)
    copies.note(
        promise=promise, case_number=number, chat_id=chat_id, kind=CopyKind.COPY, origin=origin
    )
    unit.write("UPDATE copy SET message_id = :id WHERE promise = :id", id=promise)


async def test_cases_are_numbered_and_held_until_they_have_an_owner(
    database: Database, clock: Clock
) -> None:
    """Numbers have four digits from the start and are never given twice."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        first = await file.cases.open(resident_chat_id=ANA, area="riverside", now=now)
        second = await file.cases.open(resident_chat_id=BOB, area=None, now=now)
        assert (first.number, second.number) == (FIRST_CASE_NUMBER, FIRST_CASE_NUMBER + 1)
        assert await file.cases.find(first.number) == first
        assert await file.cases.find(9999) is None
        assert first.state is CaseState.HELD
        assert await file.cases.without_reachable_owner() == [first, second]
        file.cases.assign(first.number, owner="li", chat_id=LI, reason="area", card=7, now=now)
        found = await file.cases.unclosed_of(ANA)
    assert found is not None
    assert (found.state, found.owner, found.owner_chat_id) == (CaseState.OPEN, "li", LI)
    assert (found.owner_reason, found.card, found.stage) == ("area", 7, Stage.KEPT)


async def test_a_resident_has_one_unclosed_case(database: Database, clock: Clock) -> None:
    """Two first messages at once open one case: storage decides, not whoever is quicker."""
    now = clock.now()
    async with database.unit() as unit:
        first = await Transaction(unit).cases.open(resident_chat_id=ANA, area=None, now=now)

    async def second(unit: Unit) -> None:
        await Transaction(unit).cases.open(resident_chat_id=ANA, area=None, now=now)

    with pytest.raises(ConstraintError):
        await database.run(second)
    async with database.unit() as unit:
        file = Transaction(unit)
        assert await file.cases.close(first.number, officer="li", now=now)
        assert await file.cases.unclosed_of(ANA) is None
        assert await file.cases.open(resident_chat_id=ANA, area=None, now=now) != first


async def test_two_first_messages_at_once_find_one_case(
    postgres_database: Database, other_process: Database, clock: Clock
) -> None:
    """Whoever saw no case and finds one when filing it does everything again, and sees it."""
    now = clock.now()
    tries = 0

    async def hear(unit: Unit) -> Case:
        nonlocal tries
        tries += 1
        cases = Transaction(unit).cases
        found = await cases.unclosed_of(ANA)
        if tries == 1:
            await other_process.run(hear)
        return found or await cases.open(resident_chat_id=ANA, area=None, now=now)

    heard = await postgres_database.run(hear)
    assert tries >= 3
    async with postgres_database.reading() as unit:
        assert await Transaction(unit).cases.without_reachable_owner() == [heard]


async def test_a_case_waits_again_when_its_owner_cannot_be_reached(
    database: Database, clock: Clock
) -> None:
    """Only with something unanswered: who is not linked, or linked to another chat, or blocked us
    reads nothing."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        case = await opened(file, now)
        file.officers.link("li", LI, now)
        keep(file, 1, now, case_number=case.number)
        brought(unit, case.number, 21, 1)
        assert await file.cases.without_reachable_owner() == []
        await file.unreachable.mark(LI, "blocked", now)
        assert [each.number for each in await file.cases.without_reachable_owner()] == [case.number]
        file.unreachable.clear(LI)
        file.officers.link("li", WANG, now)
        assert [each.number for each in await file.cases.without_reachable_owner()] == [case.number]
        keep(file, 2, now, case_number=case.number, author="li", chat_id=LI)
        assert await file.cases.without_reachable_owner() == []
        file.cases.hold(case.number)
        [held] = await file.cases.without_reachable_owner()
    assert (held.state, held.owner, held.owner_chat_id, held.card) == (
        CaseState.HELD, None, None, None,
    )  # fmt: skip


async def test_an_officers_open_cases_come_latest_first(database: Database, clock: Clock) -> None:
    """As many as fit on the question *to whom?*; closed ones are over."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        for resident in range(3):
            moment = now + timedelta(seconds=resident)
            case = await file.cases.open(resident_chat_id=resident, area=None, now=moment)
            file.cases.assign(
                case.number, owner="li", chat_id=LI, reason="area", card=1, now=moment
            )
        assert await file.cases.close(case.number, officer="li", now=now)
        assert not await file.cases.close(case.number, officer="li", now=now)
        found = await file.cases.open_of_owner("li", limit=5)
        assert [each.resident_chat_id for each in found] == [1, 0]
        assert len(await file.cases.open_of_owner("li", limit=1)) == 1
        file.cases.reopen(case.number, now + timedelta(hours=1))
        assert [
            each.resident_chat_id for each in await file.cases.open_of_owner("li", limit=1)
        ] == [2]


async def test_what_the_writer_may_be_told_is_compared_and_set(
    database: Database, clock: Clock
) -> None:
    """Whoever comes second changes nothing; receipt and card are remembered."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        number = (await opened(file, now)).number
        assert await file.cases.advance(number, Stage.SENT, from_stage=Stage.KEPT)
        assert not await file.cases.advance(number, Stage.SENT, from_stage=Stage.KEPT)
        file.cases.note_receipt(number, 11)
        file.cases.note_card(number, 12)
        file.cases.answered(number, now)
        found = await file.cases.find(number)
    assert found is not None
    assert (found.stage, found.receipt, found.card) == (Stage.ANSWERED, 11, 12)
    assert found.answered_at == now


async def test_who_was_asked_is_remembered_until_somebody_answers(
    database: Database, clock: Clock
) -> None:
    """Nobody is asked twice in one round."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        number = (await opened(file, now)).number
        file.cases.tried(number, "wang", now)
        file.cases.tried(number, "wang", now)
        assert await file.cases.tried_for(number) == {"li", "wang"}
        file.cases.forget_tried(number)
        assert await file.cases.tried_for(number) == frozenset()


async def test_every_version_of_a_message_is_kept_in_order(
    database: Database, clock: Clock
) -> None:
    """What was held belongs to the case later; an edit overwrites nothing."""
    now = clock.now()
    content = {
        "text": "灯坏了 \u202e\x01",
        "entities": [{"type": "bold", "offset": 0, "length": 2}],
    }
    async with database.unit() as unit:
        file = Transaction(unit)
        keep(file, 1, now, content=content)
        keep(file, 2, now)
        assert [each.message_id for each in await file.messages.held(ANA)] == [1, 2]
        case = await opened(file, now)
        file.messages.place_held(ANA, case.number, "the lamp")
        assert await file.messages.held(ANA) == []
        keep(file, 1, now, case_number=case.number, is_edit=True, words="edited")
        assert await file.messages.has(ANA, 1)
        assert not await file.messages.has(ANA, 3)
        unanswered = await file.messages.unanswered(case)
        assert [(each.message_id, each.is_edit) for each in unanswered] == [
            (1, False), (2, False), (1, True),
        ]  # fmt: skip
        assert unanswered[0].content == content
        assert unanswered[0].written_at == now
        newest = await file.messages.newest(ANA, 1)
        assert newest == unanswered[-1]
        assert await file.messages.newest(ANA, 3) is None
        assert await file.messages.between(ANA, 1, 1) == [unanswered[0], unanswered[2]]
        found = await file.cases.find(case.number)
        assert found is not None
        assert found.last_words == "edited"


async def test_only_what_came_after_the_last_answer_is_unanswered(
    database: Database, clock: Clock
) -> None:
    """An officer's own words are nobody's last words on a button."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        case = await opened(file, now)
        keep(file, 1, now, case_number=case.number, words="question")
        brought(unit, case.number, 21, 1)
        keep(file, 9, now, case_number=case.number, chat_id=LI, author="li", words="answer")
        keep(file, 2, now, case_number=case.number, words="thanks")
        assert [each.message_id for each in await file.messages.unanswered(case)] == [2]
        found = await file.cases.find(case.number)
    assert found is not None
    assert found.last_words == "thanks"


async def test_what_was_never_brought_is_unanswered_whatever_was_answered_since(
    database: Database, clock: Clock
) -> None:
    """The answer was to something else; in a closed case it goes with the resident's newer one."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        case = await opened(file, now)
        for message_id in (1, 2, 3):
            keep(file, message_id, now, case_number=case.number)
        keep(file, 9, now, case_number=case.number, chat_id=LI, author="li")
        brought(unit, case.number, 21, 1)
        assert [each.message_id for each in await file.messages.unanswered(case)] == [2, 3]
        await file.cases.close(case.number, officer="li", now=now)
        newer = await opened(file, now)
        moved = await file.messages.move_never_brought(case, to=newer.number)
        assert [each.message_id for each in moved] == [2, 3]
        assert await file.messages.unanswered(case) == []
        assert [each.message_id for each in await file.messages.unanswered(newer)] == [2, 3]


async def test_whoever_lost_a_card_or_a_copy_does_not_have_the_case(
    database: Database, clock: Clock
) -> None:
    """Only in the chat that has the case now; a lost answer or a copy elsewhere is nothing."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        number = (await opened(file, now)).number
        for promise, chat_id, kind in (
            (21, WANG, CopyKind.COPY), (22, ANA, CopyKind.ANSWER), (23, LI, CopyKind.NOTICE),
            (24, LI, CopyKind.CARD),
        ):  # fmt: skip
            file.copies.note(promise=promise, case_number=number, chat_id=chat_id, kind=kind)
        for promises, owner_chat_id in (([21, 22, 23, 99], LI), ([24], None)):
            file.cases.lose_owner(promises)
            found = await file.cases.find(number)
            assert found is not None
            assert (found.owner, found.owner_chat_id) == ("li", owner_chat_id)


async def test_a_copy_is_found_by_where_it_is_and_by_what_it_was_made_of(
    database: Database, clock: Clock
) -> None:
    """So an answer finds its resident and an edit finds its copies, never by a guess."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        number = (await opened(file, now)).number
        for promise, kind, origin in (
            (21, CopyKind.CARD, None),
            (22, CopyKind.COPY, (ANA, 1)),
            (23, CopyKind.NOTICE, (ANA, 1)),
            (24, CopyKind.COPY, (ANA, 1)),
        ):
            file.copies.note(
                promise=promise, case_number=number, chat_id=LI, kind=kind, origin=origin
            )
        unit.write("UPDATE copy SET message_id = 77 WHERE promise = 22")
        at = await file.copies.at(LI, 77)
        assert at == (
            Copy(22, number, LI, 77, CopyKind.COPY, ANA, 1),
            await file.cases.find(number),
        )
        assert await file.copies.at(WANG, 77) is None
        assert [each.promise for each in await file.copies.made_of(ANA, 1)] == [24, 22]
        given = await file.copies.given_by(ANA, first=22, last=23)
        assert [each.promise for each in given] == [22, 23]


async def test_an_answer_that_was_taken_back_was_never_given(
    database: Database, clock: Clock
) -> None:
    """Message and copy go; the resident's question is unanswered again."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        case = await opened(file, now)
        keep(file, 1, now, case_number=case.number)
        brought(unit, case.number, 21, 1)
        keep(file, 50, now, case_number=case.number, chat_id=LI, author="li")
        file.copies.note(
            promise=31, case_number=case.number, chat_id=ANA, kind=CopyKind.ANSWER, origin=(LI, 50)
        )
        assert await file.messages.unanswered(case) == []
        file.copies.forget_answers(LI, [31])
        assert len(await file.messages.unanswered(case)) == 1
        assert await file.copies.made_of(LI, 50) == []
