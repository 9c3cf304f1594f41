"""The inbox: what came is on file before Telegram is told, in our own order, until handled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.delivery.inbox import arrival_of, chat_key_of
from storage.database import Database
from storage.inbox import HANDLED_KEPT, Arrival, InboxDrawer


def arrivals(*update_ids: int | None) -> list[Arrival]:
    """Raw updates of one chat."""
    return [Arrival(update_id=each, chat_key="101", payload=b"{}") for each in update_ids]


async def test_updates_are_filed_once_and_in_order(database: Database, clock: Clock) -> None:
    """An update that Telegram sends again is not handled again."""
    async with database.unit() as unit:
        first = await InboxDrawer(unit).keep(arrivals(7, 8), clock.now())
    async with database.unit() as unit:
        again = await InboxDrawer(unit).keep(arrivals(8, 9), clock.now())
    assert [letter.update_id for letter in first] == [7, 8]
    assert [letter.update_id for letter in again] == [9]
    async with database.reading() as unit:
        waiting = await InboxDrawer(unit).waiting(limit=10, per_chat=10)
    assert [letter.update_id for letter in waiting] == [7, 8, 9]
    assert waiting[0].received_at.tzinfo is not None


async def test_a_handled_update_waits_no_more_and_is_forgotten_after_48_hours(
    database: Database, clock: Clock
) -> None:
    """Done rows are personal data: they go."""
    async with database.unit() as unit:
        inbox = InboxDrawer(unit)
        [letter] = await inbox.keep(arrivals(7), clock.now())
        assert await inbox.take([letter.sequence], clock.now()) == {letter.sequence}
        assert await inbox.waiting(limit=10, per_chat=10) == []
        assert await inbox.counts() == {"done": 1}
    later = clock.now() + HANDLED_KEPT + timedelta(seconds=1)
    async with database.unit() as unit:
        assert not await InboxDrawer(unit).purge(later)
        assert await InboxDrawer(unit).counts() == {}


async def test_a_dead_letter_is_kept_with_its_error_and_can_be_replayed(
    database: Database, clock: Clock
) -> None:
    """Replayed, it goes to the tail, marked delayed, with the time when it was written."""
    async with database.unit() as unit:
        inbox = InboxDrawer(unit)
        dead, other = await inbox.keep(arrivals(7, 8), clock.now())
        inbox.failed(dead.sequence, "ValueError at hear:12")
        inbox.bury(dead.sequence, "ValueError at hear:12", clock.now())
    async with database.unit() as unit:
        inbox = InboxDrawer(unit)
        [letter] = await inbox.dead_letters()
        assert (letter.error, letter.attempts, letter.state) == ("ValueError at hear:12", 2, "dead")
        assert await inbox.letter(letter.sequence) == letter
        assert await inbox.letter(other.sequence) is None
        assert await inbox.replay([letter.sequence, 999]) == [letter.sequence]
        assert await inbox.dead_letters() == []
        tail = (await inbox.waiting(limit=10, per_chat=10))[-1]
    assert (tail.update_id, tail.is_delayed, tail.attempts) == (7, True, 0)
    assert tail.received_at == letter.received_at


async def test_an_old_dead_letter_gives_up_its_update_id(database: Database, clock: Clock) -> None:
    """Telegram's ids may start again lower: a new update must not meet an old letter."""
    async with database.unit() as unit:
        inbox = InboxDrawer(unit)
        [letter] = await inbox.keep(arrivals(7), clock.now())
        inbox.bury(letter.sequence, "x", clock.now())
        await inbox.purge(clock.now() + HANDLED_KEPT + timedelta(seconds=1))
        [new] = await inbox.keep(arrivals(7), clock.now())
        assert new.sequence != letter.sequence
        assert len(await inbox.dead_letters()) == 1


@pytest.mark.parametrize(
    ("update", "key"),
    [
        ({"update_id": 1, "message": {"chat": {"id": 5}, "from": {"id": 6}}}, "5"),
        (
            {"update_id": 1, "callback_query": {"from": {"id": 6}, "message": {"chat": {"id": 5}}}},
            "5",
        ),
        ({"update_id": 1, "callback_query": {"from": {"id": 6}}}, "6"),
        (
            {"message": {"chat": {"id": -5}, "message_thread_id": 3, "is_topic_message": True}},
            "-5:3",
        ),
        ({"message": {"chat": {"id": -5}, "message_thread_id": 3}}, "-5"),
        ({"message": {"chat": 5, "from": 6}}, "nobody"),
        ({"update_id": 1, "something_new": {"x": 1}}, "nobody"),
        ({"update_id": 1, "poll": {"message": 5, "from": {"id": 6}}}, "6"),
        ({"update_id": 1}, "nobody"),
    ],
)
def test_every_update_has_a_queue(update: dict[str, object], key: str) -> None:
    """A chat's updates wait in one line; a forum's topics each have their own."""
    assert chat_key_of(update) == key


def test_whatever_comes_is_filed() -> None:
    """Lone surrogates, huge numbers, not even an object: the bytes are kept."""
    assert arrival_of({"update_id": 3, "message": {"text": "\ud800"}}).payload
    assert arrival_of({"update_id": 2**70}).payload == b'{"update_id": 1180591620717411303424}'
    assert arrival_of([1]).update_id is None
    assert arrival_of({"update_id": "x"}).update_id is None
