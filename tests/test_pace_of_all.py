"""The pace of all chats together: what Telegram takes from a bot in a second, and who goes first
when it is used up."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.clock import Clock
from bot.delivery.pace import OVERALL_BURST, OVERALL_PER_SECOND
from storage.database import Database
from storage.outbox import Lane
from tests.sending import Desk, desk, message

BURST = int(OVERALL_BURST)
CROWD = range(1_000, 1_000 + 2 * BURST)
ANA = 101


@pytest.fixture
async def here(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    """A sender with the usual pace, and twice as many people as it may write to at once."""
    async with desk(database, clock, chat_per_second=1.0, bulk_per_second=20.0) as opened:
        opened.knows(*CROWD, ANA)
        yield opened


async def sent(here: Desk, count: int) -> None:
    """Wait until so many messages have arrived, in all."""

    async def have_come() -> bool:
        return len(here.calls("sendMessage")) == count

    await here.until(have_come)


async def test_a_crowd_is_answered_as_fast_as_telegram_takes_it(here: Desk) -> None:
    """A burst at once, then one after the other as the pace allows; everybody gets an answer."""
    await here.promises(*(message(chat, "answer") for chat in CROWD))
    await sent(here, BURST)
    for place in range(BURST):
        assert len(here.calls("sendMessage")) == BURST + place
        await here.later(1 / OVERALL_PER_SECOND)
        await sent(here, BURST + place + 1)
    assert {call.chat_id for call in here.calls("sendMessage")} == set(CROWD)


async def test_what_is_urgent_waits_for_no_crowd(here: Desk) -> None:
    """The emergency numbers go out although everything that may be sent has been sent."""
    await here.promises(*(message(chat, "answer") for chat in CROWD))
    await sent(here, BURST)
    await here.promises(message(ANA, "the numbers", lane=Lane.URGENT))
    await sent(here, BURST + 1)
    assert here.texts(ANA) == ["the numbers"]


async def test_answers_go_before_marks_and_marks_before_broadcasts(here: Desk) -> None:
    """What is left of the pace goes to the first lane that has something."""
    await here.promises(*(message(chat, "answer") for chat in CROWD[:BURST]))
    await sent(here, BURST)
    lanes = (Lane.BROADCAST, Lane.NOTIFICATION, Lane.DIALOGUE)
    for chat, lane in zip(CROWD[BURST:], lanes, strict=False):
        await here.promises(message(chat, lane.name, lane=lane))
    for place in range(len(lanes)):
        await here.later(1 / OVERALL_PER_SECOND)
        await sent(here, BURST + place + 1)
    order = [here.texts(call.chat_id)[0] for call in here.calls("sendMessage")[BURST:]]
    assert order == ["DIALOGUE", "NOTIFICATION", "BROADCAST"]
