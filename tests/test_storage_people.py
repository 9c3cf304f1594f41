"""The drawers of people: residents, officers, invitations, dialogues, whoever is at the counter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.clock import Clock
from bot.domain.routing import OfficerState
from storage.database import Database
from storage.dialogues import Dialogue
from storage.invitations import VALID_FOR, InvitationRefused
from storage.outbox import Form, Lane, Promise
from storage.people import Person
from storage.transaction import Transaction

ANA, LI, WANG = 101, 900001, 900002


def ana(clock: Clock) -> Person:
    """A resident nobody has seen before."""
    return Person(
        chat_id=ANA, language="en", name="Ana", area=None, phone=None, introduced_at=None,
        mark_explained_at=None, first_seen_at=clock.now(),
    )  # fmt: skip


async def test_a_person_is_met_once_and_changes_one_fact_at_a_time(
    database: Database, clock: Clock
) -> None:
    """Meeting somebody again takes nothing back."""
    now = clock.now()
    async with database.unit() as unit:
        people = Transaction(unit).people
        assert await people.find(ANA) is None
        people.meet(ana(clock))
        people.set_language(ANA, "ar")
        people.set_name(ANA, "آنا")
        people.set_area(ANA, "riverside")
        people.set_phone(ANA, "+861005555")
        people.set_introduced(ANA, now)
        people.mark_explained(ANA, now)
        people.meet(ana(clock))
        found = await people.find(ANA)
    assert found is not None
    assert replace(found, first_seen_at=now) == Person(
        chat_id=ANA, language="ar", name="آنا", area="riverside", phone="+861005555",
        introduced_at=now, mark_explained_at=now, first_seen_at=now,
    )  # fmt: skip


async def test_an_officer_is_in_one_chat_and_a_chat_is_one_officers(
    database: Database, clock: Clock
) -> None:
    """Linked anew, the old chat gets nothing more; away and unreachable are told apart."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        file.officers.link("li", LI, now)
        file.officers.link("wang", WANG, now)
        file.officers.set_away("wang", now)
        file.officers.set_away("wang", now + timedelta(hours=1))
        await file.unreachable.mark(LI, "blocked", now)
        assert await file.officers.states() == {
            "li": OfficerState(LI, is_reachable=False),
            "wang": OfficerState(WANG, is_absent=True),
        }
        file.officers.set_back("wang")
        file.officers.link("wang", LI, now)
        assert await file.officers.states() == {"wang": OfficerState(LI, is_reachable=False)}
        file.officers.unlink("wang")
        assert await file.officers.states() == {}


async def test_a_chat_is_unreachable_until_somebody_writes_there(
    database: Database, clock: Clock
) -> None:
    """It is noted once: what follows from it is said once."""
    now = clock.now()
    async with database.unit() as unit:
        unreachable = Transaction(unit).unreachable
        assert await unreachable.is_reachable(ANA)
        assert await unreachable.mark(ANA, "blocked", now)
        assert not await unreachable.mark(ANA, "blocked", now)
        assert not await unreachable.is_reachable(ANA)
        unreachable.clear(ANA)
        assert await unreachable.is_reachable(ANA)


async def test_an_invitation_is_used_once_and_expires(database: Database, clock: Clock) -> None:
    """Unknown, used, expired: all the same to whoever tries. The secret itself is not on file."""
    now = clock.now()
    async with database.unit() as unit:
        invitations = Transaction(unit).invitations
        token, late = invitations.invite("li", now), invitations.invite("wang", now)
        assert await invitations.meant_for(token, now) == "li"
        assert await invitations.accept(token, chat_id=LI, now=now) == "li"
        for used, moment in ((token, now), ("made up", now), (late, now + VALID_FOR)):
            with pytest.raises(InvitationRefused):
                await invitations.meant_for(used, moment)
            with pytest.raises(InvitationRefused):
                await invitations.accept(used, chat_id=LI, now=moment)
        rows = await unit.fetch("SELECT hash FROM invitation")
    assert not {row["hash"] for row in rows} & {token, late}


async def test_a_dialogue_moves_by_its_version_and_ends_in_time(
    database: Database, clock: Clock
) -> None:
    """An old button changes nothing; a new dialogue ends the one before."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        dialogues = file.dialogues
        assert await present(file, now) is None
        first = await dialogues.start(
            chat_id=ANA, user_id=ANA, kind="register", step="area", data={"page": 1},
            expires_at=now + timedelta(hours=1),
        )  # fmt: skip
        moved = await dialogues.advance(first, step="confirm", data={"area": "河滨"})
        assert moved is not None
        assert (moved.version, moved.step, moved.data) == (2, "confirm", {"area": "河滨"})
        assert await dialogues.advance(first, step="area", data={}) is None
        dialogues.set_message(first.id, 77)
        dialogues.set_data(first.id, {"area": "山坡"})
        assert await present(file, now) == replace(moved, message_id=77, data={"area": "山坡"})
        second = await dialogues.start(
            chat_id=ANA, user_id=ANA, kind="language", step="ask", data={},
            expires_at=now + timedelta(seconds=1),
        )  # fmt: skip
        assert second.id > first.id
        assert await present(file, now) == second
        dialogues.end_expired(now + timedelta(seconds=1))
        assert await present(file, now) is None
        third = await dialogues.start(
            chat_id=ANA, user_id=ANA, kind="x", step="y", data={},
            expires_at=now + timedelta(hours=1),
        )  # fmt: skip
        dialogues.end(third.id)
        assert await present(file, now) is None


async def present(file: Transaction, now: datetime) -> Dialogue | None:
    """The dialogue that Ana is in."""
    return (await file.visitors.at(ANA, now)).dialogue


async def test_somebody_new_at_the_counter_is_nobody_yet(database: Database, clock: Clock) -> None:
    """Everything is None, and it is one question."""
    async with database.reading() as unit:
        visitor = await Transaction(unit).visitors.at(ANA, clock.now())
    assert (visitor.chat_id, visitor.person, visitor.officer) == (ANA, None, None)
    assert (visitor.case, visitor.dialogue, visitor.owner_language) == (None, None, None)
    assert not visitor.is_unreachable
    assert not visitor.is_owner_present


async def test_one_read_brings_all_about_whoever_is_at_the_counter(
    database: Database, clock: Clock
) -> None:
    """Person, officer's link, open case, its owner's presence and language, dialogue."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        file.people.meet(replace(ana(clock), area="riverside"))
        file.people.meet(replace(ana(clock), chat_id=LI, language="zh", name="Li"))
        file.officers.link("li", LI, now)
        case = await file.cases.open(resident_chat_id=ANA, area="market", now=now)
        file.cases.assign(case.number, owner="li", chat_id=LI, reason="area", card=5, now=now)
        await file.dialogues.start(
            chat_id=ANA, user_id=ANA, kind="k", step="s", data={"a": 1},
            expires_at=now + timedelta(seconds=1),
        )  # fmt: skip
        await file.unreachable.mark(ANA, "blocked", now)
        visitors = await file.visitors.at_all([ANA, LI, 5], now)
        later = await file.visitors.at(ANA, now + timedelta(seconds=1))
    visitor = visitors[ANA]
    assert visitor.person is not None
    assert (visitor.person.name, visitor.person.area) == ("Ana", "riverside")
    assert visitor.case is not None
    assert (visitor.case.number, visitor.case.area) == (case.number, "market")
    assert (visitor.is_owner_present, visitor.owner_language) == (True, "zh")
    assert visitor.is_unreachable
    assert visitor.dialogue is not None
    assert (visitor.dialogue.kind, visitor.dialogue.data) == ("k", {"a": 1})
    assert (visitors[LI].officer, visitors[LI].case) == ("li", None)
    assert visitors[5].person is None
    assert later.dialogue is None


async def test_an_owner_who_is_away_or_in_another_chat_is_not_present(
    database: Database, clock: Clock
) -> None:
    """The next message goes to somebody who reads it."""
    now = clock.now()
    async with database.unit() as unit:
        file = Transaction(unit)
        file.officers.link("li", LI, now)
        case = await file.cases.open(resident_chat_id=ANA, area=None, now=now)
        assert not (await file.visitors.at(ANA, now)).is_owner_present
        file.cases.assign(case.number, owner="li", chat_id=LI, reason="area", card=5, now=now)
        assert (await file.visitors.at(ANA, now)).is_owner_present
        file.officers.set_away("li", now)
        assert not (await file.visitors.at(ANA, now)).is_owner_present
        file.officers.set_back("li")
        await file.unreachable.mark(LI, "blocked", now)
        assert not (await file.visitors.at(ANA, now)).is_owner_present
        file.unreachable.clear(LI)
        file.officers.link("li", WANG, now)
        assert not (await file.visitors.at(ANA, now)).is_owner_present


async def test_the_message_of_a_dialogue_gets_its_real_id_when_it_is_sent(
    database: Database, clock: Clock
) -> None:
    """Until then it goes by the negative number of its promise."""
    now = clock.now()
    promise = Promise(7, ANA, Lane.DIALOGUE, Form("sendMessage", {"text": "which?"}))
    async with database.unit() as unit:
        file = Transaction(unit)
        file.people.meet(ana(clock))
        dialogue = await file.dialogues.start(
            chat_id=ANA, user_id=ANA, kind="k", step="s", data={},
            expires_at=now + timedelta(hours=1),
        )  # fmt: skip
        file.outbox.promise(promise, now)
        file.dialogues.set_message(dialogue.id, -promise.id)
        waiting = (await file.visitors.at(ANA, now)).dialogue
        file.outbox.claim(promise.id)
        file.outbox.sent(promise, 4711, now)
        sent = (await file.visitors.at(ANA, now)).dialogue
    assert waiting is not None
    assert waiting.message_id == -promise.id
    assert sent is not None
    assert sent.message_id == 4711
