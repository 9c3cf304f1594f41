"""The sender: what is promised is sent once, in order, first lanes first, and nothing else waits
for what cannot be sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

import pytest

from bot.clock import Clock
from bot.delivery.outcomes import COUNTED_ATTEMPTS
from bot.delivery.sender.lines import CALLS_AT_ONCE, LOW_CALLS_AT_ONCE
from storage.database import Database, StorageDownError, Unit
from storage.engines import open_database
from storage.outbox import Form, Lane, OutboxDrawer
from tests.sending import Desk, desk, edit, follow_up, message

T = TypeVar("T")

ANA, BEN, LI = 101, 102, 900001


@pytest.fixture
async def here(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    """A sender at work; Ana, Ben and officer Li have opened the bot."""
    async with desk(database, clock) as opened:
        opened.knows(ANA, BEN, LI)
        yield opened


# --- order


async def test_first_lanes_go_first_and_each_lane_in_its_order(here: Desk) -> None:
    """What is urgent overtakes what is not; nothing overtakes its own lane."""
    order = [lane for lane in Lane for _ in range(2)]
    await here.promises(
        *(
            message(ANA, f"{lane.name} {place}", lane=lane)
            for place in range(2)
            for lane in reversed(Lane)
        )
    )
    await here.until_over()
    assert here.texts(ANA) == [f"{lane.name} {place % 2}" for place, lane in enumerate(order)]


async def test_a_chat_has_one_call_under_way_and_other_chats_theirs(here: Desk) -> None:
    """In one chat the next call begins when the one before is answered; chats go side by side."""
    here.faults(latency_ms=200)
    await here.promises(*(message(chat, str(n)) for n in range(3) for chat in (ANA, BEN)))
    await here.until_over()
    spans = {
        chat: [(c.at - c.milliseconds / 1000, c.at) for c in here.calls() if c.chat_id == chat]
        for chat in (ANA, BEN)
    }
    for each in spans.values():
        assert all(end <= begin for (_, end), (begin, _) in pairwise(each))
    (_, first_ends), (other_begins, _) = spans[ANA][0], spans[BEN][0]
    assert other_begins < first_ends
    assert here.texts(ANA) == here.texts(BEN) == [str(n) for n in range(3)]


async def test_a_broadcast_to_many_does_not_delay_an_answer(here: Desk) -> None:
    """Even when it takes every place that it may: an answer finds a free one at once."""
    crowd = range(1_000, 1_200)
    here.knows(*crowd)
    here.faults(latency_ms=200)
    await here.promises(*(message(chat, "news", lane=Lane.BROADCAST) for chat in crowd))

    async def is_under_way() -> bool:
        return sum(here.sender.is_in_flight(chat) for chat in crowd) == LOW_CALLS_AT_ONCE

    await here.until(is_under_way)
    number = await here.says(ANA, "the answer")
    await here.until_states({number: "sent"})
    begun = sorted(here.calls("sendMessage"), key=lambda call: call.at - call.milliseconds / 1000)
    assert [call.chat_id for call in begun].index(ANA) < CALLS_AT_ONCE


async def test_a_broadcast_keeps_the_pace_of_all_and_nobody_else_does(
    database: Database, clock: Clock
) -> None:
    """Bulk has its rate for all chats together; what waits for it holds up nothing."""
    async with desk(database, clock, bulk_per_second=2.0) as here:
        crowd = range(1_000, 1_020)
        here.knows(*crowd, ANA)
        numbers = await here.promises(*(message(c, "news", lane=Lane.BROADCAST) for c in crowd))
        answer = await here.says(ANA, "the answer")
        await here.until_states({answer: "sent"})

        def sent() -> int:
            return len([call for call in here.calls("sendMessage") if call.chat_id != ANA])

        assert sent() <= 2  # a second's worth was in the bucket
        for _ in range(18):
            before = sent()
            await here.later(0.5)
            await here.until(lambda before=before: is_true(sent() == before + 1))
        await here.until_states(dict.fromkeys(numbers, "sent"))


async def is_true(fact: bool) -> bool:
    """A fact as a condition to wait for."""
    return fact


async def test_more_chats_than_memory_holds_are_all_sent_to_after_a_restart(
    sqlite_url: str, clock: Clock
) -> None:
    """Eleven thousand chats wait on file when the process begins: none is left there."""
    database = open_database(sqlite_url)
    try:
        async with desk(database, clock) as here:
            await here.dies()
            crowd = range(10_000, 21_000)
            await here.promises(
                *(message(chat, "news", lane=Lane.BROADCAST) for chat in crowd), wake=False
            )
            here.opens()
            await here.until_over()
            assert len({call.chat_id for call in here.calls()}) == len(crowd)
    finally:
        await database.close()


# --- times


async def test_what_has_a_time_waits_for_it_and_lets_others_pass(here: Desk) -> None:
    """Not before its moment by the clock, which may be moved."""
    due = here.clock.now() + timedelta(hours=1)
    await here.says(ANA, "later", not_before=due)
    now = await here.says(ANA, "now")
    await here.until_states({now: "sent"})
    assert here.texts(ANA) == ["now"]
    here.clock.shift(timedelta(hours=1))
    await here.until_over()
    assert here.texts(ANA) == ["now", "later"]


async def test_a_time_on_file_is_known_after_a_restart(here: Desk) -> None:
    """Nobody has to write to the chat to remind us."""
    await here.says(ANA, "later", not_before=here.clock.now() + timedelta(hours=1))
    await here.dies()
    here.opens()
    here.clock.shift(timedelta(hours=1))
    await here.until_over()
    assert here.texts(ANA) == ["later"]


async def test_a_newer_edit_replaces_the_one_that_still_waits(here: Desk) -> None:
    """Of many changes in a short time the last one is shown, in one call."""
    card = await here.says(ANA, "card")
    await here.until_over()
    await here.promises(*(edit(ANA, f"version {n}", of=card, replace_key="card") for n in range(5)))
    await here.until_over()
    assert here.texts(ANA) == ["version 4"]
    assert len(here.calls("editMessageText")) == 1


# --- what a promise refers to


async def test_a_reply_and_an_edit_find_the_message_that_was_sent_meanwhile(here: Desk) -> None:
    """A promise is written before the message it refers to has a number at Telegram."""
    card = await here.says(ANA, "card")
    await here.promises(message(ANA, "copy", answers=card), edit(ANA, "card, seen", of=card))
    await here.until_over()
    ids = here.message_ids(ANA)
    assert set(ids) == {"card, seen", "copy"}
    chat = here.telegram.telegram.world.chats[ANA]
    assert chat.messages[ids["copy"]].reply_to is chat.messages[ids["card, seen"]]


async def test_what_refers_to_a_lost_message_is_sent_without_it_or_cancelled(here: Desk) -> None:
    """A reply goes without its reply; an edit makes no sense any more, and that is followed up."""
    here.faults(next=[{"method": "sendMessage", "chat_id": ANA, "error_code": 400}])
    card = await here.says(ANA, "card")
    reply, change = await here.promises(
        message(ANA, "copy", answers=card),
        edit(ANA, "card, seen", of=card, on_never=follow_up("lost", "7")),
    )
    await here.until_states({card: "failed", reply: "sent", change: "cancelled"})
    assert here.texts(ANA) == ["copy"]
    assert (await here.rows())[change]["error"] == "what it refers to was never sent"
    assert await here.timers() == [("lost", "7")]
    await here.until(lambda: is_true(here.follow_ups == 1))


async def test_what_telegram_refuses_in_one_form_is_said_in_the_next(here: Desk) -> None:
    """A copy that cannot be made becomes words; the promise is kept all the same."""
    copy = {"chat_id": ANA, "from_chat_id": BEN, "message_id": 999_999}
    words = Form("sendMessage", {"chat_id": ANA, "text": "a poll that cannot be copied"})
    [number] = await here.promises(
        lambda n: replace(message(ANA, "", otherwise=[words])(n), form=Form("copyMessage", copy))
    )
    await here.until_states({number: "sent"})
    assert here.texts(ANA) == ["a poll that cannot be copied"]


# --- what Telegram says


async def test_too_many_requests_pause_their_chat_only(here: Desk) -> None:
    """Telegram names the time; the message keeps its place and no attempt is counted."""
    here.faults(next=[{"chat_id": ANA, "error_code": 429, "parameters": {"retry_after": 30}}])
    first, second = await here.promises(message(ANA, "first"), message(ANA, "second"))
    other = await here.says(BEN, "hello")
    await here.until_states({first: "waiting", other: "sent"})
    await here.later(29)
    third = await here.says(BEN, "again")
    await here.until_states({third: "sent", first: "waiting", second: "waiting"})
    await here.later(2)
    await here.until_over()
    assert here.texts(ANA) == ["first", "second"]
    assert (await here.rows())[first]["attempts"] == 0


async def test_a_server_error_gives_a_message_up_only_while_others_get_through(
    here: Desk,
) -> None:
    """During an outage nothing is counted; when it is this message alone, its chat goes on."""
    before = await here.says(BEN, "all is well")
    await here.until_states({before: "sent"})
    await here.later(40)
    here.faults(next=[{"chat_id": ANA, "error_code": 502, "times": 1_000}])
    bad, good = await here.promises(
        message(ANA, "bad", on_never=follow_up("never", "1")), message(ANA, "good")
    )

    async def tries(count: int) -> None:
        async def are_made() -> bool:
            await here.later(40)
            return len([call for call in here.calls() if call.chat_id == ANA]) >= count

        await here.until(are_made)

    await tries(2 * COUNTED_ATTEMPTS)
    assert (await here.rows())[bad]["attempts"] == 0

    async def is_given_up() -> bool:
        await here.says(BEN, "hello")
        await here.later(40)
        return bool((await here.rows())[bad]["state"] == "failed")

    await here.until(is_given_up)
    assert await here.timers() == [("never", "1")]
    here.telegram.telegram.faults.clear()
    await here.later(40)
    await here.until_states({good: "sent"})


async def test_a_person_who_blocked_us_gets_nothing_more_and_everything_is_followed_up(
    here: Desk,
) -> None:
    """In one transaction: unreachable, all that waits cancelled, each follow-up due."""
    here.does("block", user_id=ANA, blocked=True)
    first, second, third = await here.promises(
        message(ANA, "1", on_never=follow_up("lost", "1")),
        message(ANA, "2", on_never=follow_up("lost", "2")),
        message(ANA, "3"),
    )
    await here.until_states({first: "failed", second: "cancelled", third: "cancelled"})
    assert await here.timers() == [("lost", "1"), ("lost", "2")]
    async with here.database.reading() as unit:
        [row] = await unit.fetch("SELECT chat_id, reason FROM unreachable")
    assert (row["chat_id"], "blocked" in row["reason"]) == (ANA, True)
    assert len(here.calls("sendMessage")) == 1


async def test_a_group_that_became_a_supergroup_gets_everything_at_its_new_id(
    here: Desk,
) -> None:
    """Telegram names the new id with the refusal; nothing is lost or sent twice."""
    group = here.does("group", type="group", members=[ANA])["chat_id"]
    new = here.does("group", chat_id=group, upgrade=True)["chat_id"]
    await here.promises(message(group, "first"), message(group, "second"))
    await here.until_over()
    assert here.texts(new) == ["first", "second"]


async def test_a_topic_that_was_deleted_loses_no_message(here: Desk) -> None:
    """It comes in the group itself, where people can still read it."""
    group = here.does("group", is_forum=True, members=[ANA], bot="administrator")["chat_id"]
    topic = await here.client.call("createForumTopic", {"chat_id": group, "name": "Lamp"})
    thread = {"message_thread_id": topic["message_thread_id"]}
    here.does("group", chat_id=group, delete_topic=topic["message_thread_id"])
    number = await here.says(group, "for the topic", params=thread)
    await here.until_states({number: "sent"})
    assert here.texts(group)[-1] == "for the topic"


async def test_a_call_that_cannot_be_made_fails_alone(here: Desk) -> None:
    """A file that is not on file any more stops nobody else, not even in its own chat."""
    bad, good = await here.promises(
        message(ANA, "", params={"document": {"blob": "0" * 64}}), message(ANA, "good")
    )
    await here.until_states({bad: "failed", good: "sent"})


# --- ends


async def test_a_stop_finishes_what_is_under_way_and_begins_nothing(here: Desk) -> None:
    """What has an answer is recorded; the rest waits for the next start. Nothing comes twice."""
    here.faults(latency_ms=100)
    first, second = await here.promises(message(ANA, "first"), message(ANA, "second"))
    await here.until_under_way(ANA)
    await here.closes()
    rows = await here.rows()
    assert (rows[first]["state"], rows[second]["state"]) == ("sent", "waiting")
    here.opens()
    await here.until_over()
    assert here.texts(ANA) == ["first", "second"]


async def test_a_call_under_way_at_a_kill_is_made_again(here: Desk) -> None:
    """Nobody knows whether it was done: twice is better than never, and it keeps its place."""
    here.faults(latency_ms=100)
    await here.promises(message(ANA, "first"), message(ANA, "second"))
    await here.until_under_way(ANA)
    await here.dies()
    here.opens()
    await here.until_over()
    assert list(dict.fromkeys(here.texts(ANA))) == ["first", "second"]


class Interrupted:
    """Storage that is away for a while, at its commits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.engine = database.engine
        self.is_away = False
        self.reading, self.unit = database.reading, database.unit
        self.close, self.sole_holder = database.close, database.sole_holder

    async def run(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        async with self._database.unit() as unit:
            result = await work(unit)
            if self.is_away:
                raise StorageDownError("the disk is full")
            return result


@asynccontextmanager
async def interrupted(database: Database, clock: Clock) -> AsyncIterator[tuple[Desk, Interrupted]]:
    """A sender whose storage can be taken away."""
    storage = Interrupted(database)
    async with desk(storage, clock) as here:
        here.knows(ANA, BEN)
        yield here, storage


async def test_what_became_of_a_call_waits_in_memory_while_storage_is_away(
    database: Database, clock: Clock
) -> None:
    """It is recorded when storage is back, and not made again."""
    async with interrupted(database, clock) as (here, storage):
        here.faults(latency_ms=100)
        first, second = await here.promises(message(ANA, "first"), message(ANA, "second"))
        await here.until_under_way(ANA)
        storage.is_away = True
        await here.until(lambda: is_true(here.sender.has_unrecorded(ANA)))
        assert here.sender.is_in_flight(ANA)
        assert not await here.sender.settled(ANA, 0.05)
        assert (await here.rows())[first]["state"] == "sending"
        storage.is_away = False
        await here.until_states({first: "sent", second: "sent"})
        assert here.texts(ANA) == ["first", "second"]


async def test_who_waits_for_a_chats_call_does_not_wait_for_the_next_ones(here: Desk) -> None:
    """A busy officer's reply is not kept waiting by the copies that are still coming."""
    here.faults(latency_ms=50)
    numbers = await here.promises(*(message(LI, str(n)) for n in range(20)))
    await here.until_under_way(LI)
    assert await here.sender.settled(LI, 30.0)
    assert (await here.rows())[numbers[0]]["state"] == "sent"
    assert (await here.rows())[numbers[-1]]["state"] == "waiting"
    assert await here.sender.settled(ANA, 0.0)


async def test_taken_back_before_it_is_sent_it_never_is(here: Desk) -> None:
    """Ten seconds to undo: what still waits is cancelled, what was sent is not."""
    sent = await here.says(ANA, "sent")
    await here.until_over()
    held = await here.says(ANA, "held", not_before=here.clock.now() + timedelta(seconds=10))
    async with here.database.unit() as unit:
        taken = await OutboxDrawer(unit).cancel([sent, held], now=here.clock.now())
    assert taken == [held]
    here.clock.shift(timedelta(minutes=1))
    await here.later(60)
    last = await here.says(ANA, "last")
    await here.until_states({last: "sent"})
    assert here.texts(ANA) == ["sent", "last"]


async def test_what_expires_is_called_at_once_and_its_failure_is_nothing(here: Desk) -> None:
    """An answer to a pressed button that is too old harms nobody."""
    await here.sender.call_now(Form("answerCallbackQuery", {"callback_query_id": "long ago"}))
    await here.sender.call_now(Form("sendChatAction", {"chat_id": ANA, "action": "typing"}))
    assert [(call.method, call.status) for call in here.calls()] == [
        ("answerCallbackQuery", 400), ("sendChatAction", 200),
    ]  # fmt: skip
    assert not here.running.done()
