"""The lamp: who says to be at the room, on the beat or away, and how long it is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.presences import (
    FADES_AFTER,
    LONGEST_PRESENCE,
    PresenceAlreadyOver,
    PresenceTooLong,
    Whereabouts,
    declare,
    is_believed,
    who_is_there,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_lamp_is_lit_while_somebody_says_to_be_there() -> None:
    """It goes out by itself at the end that was given."""
    until = NOON + timedelta(hours=2)
    li = declare("li", Whereabouts.AT_ROOM, now=NOON, place="east", until=until)
    nobody: frozenset[str] = frozenset()
    assert who_is_there([li], "east", now=NOON, absent=nobody) == (li,)
    assert who_is_there([li], "west", now=NOON, absent=nobody) == ()
    assert who_is_there([li], "east", now=until, absent=nobody) == ()


def test_whoever_came_last_is_named_first_and_the_absent_are_not_named() -> None:
    """Somebody on the beat, away, or pulled away since is not shown at the door."""
    li = declare("li", Whereabouts.AT_ROOM, now=NOON, place="east")
    later = NOON + timedelta(minutes=5)
    wang = declare("wang", Whereabouts.AT_ROOM, now=later, place="east")
    chen = declare("chen", Whereabouts.ON_BEAT, now=NOON, place="east")
    said = [li, wang, chen]
    assert who_is_there(said, "east", now=later, absent=frozenset()) == (wang, li)
    assert who_is_there(said, "east", now=later, absent=frozenset({"wang"})) == (li,)


def test_what_was_said_without_an_end_fades() -> None:
    """A forgotten lamp does not burn for days."""
    beat = declare("li", Whereabouts.ON_BEAT, now=NOON, place="riverside")
    assert beat.place == "riverside"
    assert is_believed(beat, now=NOON)
    assert not is_believed(beat, now=NOON + FADES_AFTER)


def test_away_tells_no_place() -> None:
    """Where somebody is when away is nobody's business."""
    assert declare("li", Whereabouts.AWAY, now=NOON, place="home").place == ""


def test_a_presence_ends_after_now_and_within_a_day() -> None:
    """An old button, or a year's presence, is refused with what would do."""
    with pytest.raises(PresenceAlreadyOver) as over:
        declare("li", Whereabouts.AT_ROOM, now=NOON, place="east", until=NOON)
    assert over.value.until == NOON
    with pytest.raises(PresenceTooLong) as long:
        declare("li", Whereabouts.AT_ROOM, now=NOON, until=NOON + timedelta(hours=25))
    assert long.value.at_most == NOON + LONGEST_PRESENCE
