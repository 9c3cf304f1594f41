"""Without these rules a resident would see a plan, and not who is there: the lamp by the door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: What an officer said without an end is believed for so long: a beat takes half a day at most.
FADES_AFTER = timedelta(hours=4)
#: The longest presence one can declare: a shift and its night.
LONGEST_PRESENCE = timedelta(hours=24)


class Whereabouts(StrEnum):
    """Where an officer says to be; on the beat in an area, never at a position."""

    AT_ROOM = "at_room"
    ON_BEAT = "on_beat"
    AWAY = "away"


class PresenceRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """Such a presence cannot be declared."""


class PresenceAlreadyOver(PresenceRefused):
    """The end that was given has passed; ``until`` is that end."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class PresenceTooLong(PresenceRefused):
    """Nobody is in one place for so long; ``at_most`` is the latest end."""

    def __init__(self, at_most: datetime) -> None:
        super().__init__(at_most)
        self.at_most = at_most


@dataclass(frozen=True, slots=True)
class Presence:
    """What an officer said last. ``place``: the room's code at the room, the area's on the beat,
    empty when away. Times aware UTC."""

    officer: str
    whereabouts: Whereabouts
    place: str
    said_at: datetime
    until: datetime


def declare(
    officer: str,
    whereabouts: Whereabouts,
    *,
    now: datetime,
    place: str = "",
    until: datetime | None = None,
) -> Presence:
    """What the officer says now. Raises `PresenceAlreadyOver`, `PresenceTooLong`."""
    ends = now + FADES_AFTER if until is None else until
    if ends <= now:
        raise PresenceAlreadyOver(ends)
    if ends > now + LONGEST_PRESENCE:
        raise PresenceTooLong(now + LONGEST_PRESENCE)
    is_somewhere = whereabouts is not Whereabouts.AWAY
    return Presence(officer, whereabouts, place if is_somewhere else "", now, ends)


def is_believed(presence: Presence, *, now: datetime) -> bool:
    """Whether it still counts: what was said for a time is forgotten after it."""
    return presence.said_at <= now < presence.until


def who_is_there(
    presences: Iterable[Presence], room: str, *, now: datetime, absent: frozenset[str]
) -> tuple[Presence, ...]:
    """The lamp of a room: who said to be there and is believed, the latest first. ``absent``:
    officers who are on leave or pulled away, whatever they said before."""
    there = [
        each
        for each in presences
        if each.whereabouts is Whereabouts.AT_ROOM
        and each.place == room
        and each.officer not in absent
        and is_believed(each, now=now)
    ]
    return tuple(sorted(there, key=lambda each: each.said_at, reverse=True))
