"""Pace: never faster than Telegram takes it, and never slower than that without a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pace import (
    ALL_PAUSED_BY_CHATS,
    ALL_PAUSED_WITHIN_SECONDS,
    GROUP_BURST,
    GROUP_PER_SECOND,
    OVERALL_PER_SECOND,
    PRIVATE_BURST,
    REMEMBERED_CHATS,
    Pace,
)
from storage.outbox import Lane
from tests.sending import Watch

ANA, BEN, GROUP = 101, 102, -100
#: Where fractions of a token are added up, this much is rounding.
ROUNDING = 1e-6


def pace_on(watch: Watch, *, chat: float = 1.0, bulk: float = 27.0) -> Pace:
    """A pace with the usual settings."""
    return Pace(chat_per_second=chat, bulk_per_second=bulk, monotonic=watch)


def test_a_private_chat_takes_a_burst_and_then_one_a_second() -> None:
    """Ten at once, the bucket starts full; then as often as it fills."""
    watch = Watch()
    pace = pace_on(watch)
    for _ in range(PRIVATE_BURST):
        assert pace.wait_seconds(ANA) == 0
        pace.take(ANA, Lane.DIALOGUE)
    assert pace.wait_seconds(ANA) == pytest.approx(1.0)
    assert pace.wait_seconds(BEN) == 0
    watch.seconds += 1.0
    assert pace.wait_seconds(ANA) == 0


def test_a_group_takes_twenty_a_minute_whatever_the_setting() -> None:
    """Telegram's limit for groups is no advice."""
    watch = Watch()
    pace = pace_on(watch, chat=0)
    for _ in range(GROUP_BURST):
        assert pace.wait_seconds(GROUP) == 0
        pace.take(GROUP, Lane.DIALOGUE)
    assert pace.wait_seconds(GROUP) == pytest.approx(1 / GROUP_PER_SECOND)


def test_without_a_pace_only_telegram_pauses_a_chat() -> None:
    """`chat_per_second = 0`."""
    watch = Watch()
    pace = pace_on(watch, chat=0)
    for _ in range(1_000):
        pace.take(ANA, Lane.DIALOGUE)
    assert pace.wait_seconds(ANA) == 0
    assert pace.room() > 1_000
    assert pace.room_wait_seconds() == 0
    pace.refused(ANA, 7)
    assert pace.wait_seconds(ANA) == pytest.approx(7)


def test_a_broadcast_starts_with_an_empty_bucket() -> None:
    """A restart in the middle of a broadcast must not add a burst to the one before it."""
    watch = Watch()
    pace = pace_on(watch)
    assert pace.bulk_room() == 0
    assert pace.bulk_wait_seconds() == pytest.approx(1 / 27)
    watch.seconds += 100
    assert pace.bulk_room() == 27
    for _ in range(27):
        pace.take(ANA, Lane.BROADCAST)
    assert pace.bulk_room() == 0


def test_all_chats_together_keep_to_telegrams_thirty_a_second() -> None:
    """A burst over many chats is spread; whoever pays for faster broadcasts is not held back."""
    watch = Watch()
    pace = pace_on(watch)
    for chat_id in range(1, pace.room() + 1):
        pace.take(chat_id, Lane.DIALOGUE)
    assert pace.room() == 0
    assert pace.room_wait_seconds() == pytest.approx(1 / OVERALL_PER_SECOND)
    watch.seconds += 1
    assert 0 < pace.room() <= OVERALL_PER_SECOND
    assert pace_on(watch, bulk=1_000).room() == 1_000


def test_an_answer_takes_nothing_from_the_broadcasts() -> None:
    """The lanes before bulk do not count against its rate."""
    watch = Watch()
    pace = pace_on(watch)
    watch.seconds += 1
    pace.take(ANA, Lane.DIALOGUE)
    assert pace.bulk_room() == 27


def test_three_refused_chats_pause_themselves_and_a_fourth_pauses_all() -> None:
    """Several at once: the bot as a whole is too fast. The shortest time is for all, the longer
    ones are about their chats."""
    watch = Watch()
    pace = pace_on(watch)
    for number in range(1, ALL_PAUSED_BY_CHATS):
        pace.refused(number, 10.0 * number)
        watch.seconds += 0.1
    assert pace.wait_seconds(BEN) == 0
    pace.refused(ALL_PAUSED_BY_CHATS, 5.0)
    assert pace.wait_seconds(BEN) == pytest.approx(5.0)
    watch.seconds += 5.0
    assert pace.wait_seconds(BEN) == 0
    assert pace.wait_seconds(2) > 10


def test_refusals_far_apart_or_of_one_chat_pause_nobody_else() -> None:
    """What happened before, or again and again to one chat, is about that chat."""
    watch = Watch()
    pace = pace_on(watch)
    for number in range(20):
        pace.refused(number % 2, 1.0)
    for number in range(20):
        pace.refused(number, 1.0)
        watch.seconds += ALL_PAUSED_WITHIN_SECONDS
    assert pace.wait_seconds(BEN) == 0


def test_an_outage_is_found_out_by_a_few_chats_and_not_by_each() -> None:
    """Ten thousand chats must not all knock at a closed door."""
    watch = Watch()
    pace = pace_on(watch)
    for number in range(ALL_PAUSED_BY_CHATS):
        pace.lost(number, 3.0)
    assert pace.wait_seconds(BEN) == pytest.approx(3.0)


def test_an_album_takes_more_room_than_there_is_and_is_paid_for_later() -> None:
    """Ten items at once are one call: there is no room until all ten are paid for, never less."""
    watch = Watch()
    pace = pace_on(watch)
    while pace.room() > 1:
        pace.take(BEN + pace.room(), Lane.DIALOGUE)
    pace.take(ANA, Lane.BROADCAST, items=10)
    assert (pace.room(), pace.bulk_room()) == (0, 0)
    watch.seconds += 9.5 / OVERALL_PER_SECOND
    assert pace.room() == 0
    watch.seconds += 1 / OVERALL_PER_SECOND
    assert pace.room() == 1


def test_chats_that_are_quiet_again_are_forgotten() -> None:
    """Memory holds busy chats only."""
    watch = Watch()
    pace = pace_on(watch)
    for number in range(3 * REMEMBERED_CHATS):
        pace.take(number + 1, Lane.DIALOGUE)
        pace.refused(number + 1, 1.0)
        watch.seconds += 2.5
    assert len(vars(pace)["_buckets"]) + len(vars(pace)["_paused"]) <= REMEMBERED_CHATS + 1


@given(
    steps=st.lists(
        st.tuples(st.sampled_from([ANA, BEN, GROUP]), st.floats(0, 5), st.booleans()),
        max_size=200,
    ),
    rate=st.sampled_from([0.5, 1.0, 3.0]),
)
def test_whoever_waits_as_told_is_never_faster_than_the_pace(
    steps: list[tuple[int, float, bool]], rate: float
) -> None:
    """In any stretch of time: at most a burst and what the time allows, for each chat and for all
    broadcasts; and whoever waited exactly as long as told may go."""
    watch = Watch()
    pace = pace_on(watch, chat=rate, bulk=rate)
    calls: dict[int | str, list[float]] = {ANA: [], BEN: [], GROUP: [], "bulk": []}
    for chat_id, idle, is_bulk in steps:
        watch.seconds += idle
        wait = pace.wait_seconds(chat_id)
        if is_bulk:
            wait = max(wait, pace.bulk_wait_seconds())
        watch.seconds += wait
        assert pace.wait_seconds(chat_id) <= ROUNDING
        pace.take(chat_id, Lane.BROADCAST if is_bulk else Lane.DIALOGUE)
        calls[chat_id].append(watch.seconds)
        if is_bulk:
            calls["bulk"].append(watch.seconds)
    limits = {
        ANA: (PRIVATE_BURST, rate), BEN: (PRIVATE_BURST, rate),
        GROUP: (GROUP_BURST, GROUP_PER_SECOND), "bulk": (max(1.0, rate), rate),
    }  # fmt: skip
    for who, times in calls.items():
        burst, per_second = limits[who]
        for first, begin in enumerate(times):
            for last in range(first, len(times)):
                allowed = burst + (times[last] - begin) * per_second
                assert last - first + 1 <= allowed + 1 + ROUNDING
