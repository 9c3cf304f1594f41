"""Without these facts nobody could be told at once everything to bring: what a room does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Way(StrEnum):
    """How a service is given: at the room, by telephone, at the resident's home (上门服务)."""

    ROOM = "room"
    PHONE = "phone"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to bring or to know, by language. ``is_needed`` false: helpful, not required."""

    text: Mapping[str, str]
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Situation:
    """A resident's situation in which more is to be brought: a first time, a child, a student."""

    code: str
    name: Mapping[str, str]
    bring: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What can be booked.

    ``minutes``: how long it takes. ``lead_minutes``: how long before, at the latest, it is booked.
    ``days_ahead``: how far ahead. ``travel_minutes``: to a visit, and back. ``daily_limit``: so
    many a day and officer, 0 for no limit; how many at once is how many officers there are.
    ``questions``: what is asked when booking. ``not_issued``: what people expect here in vain, and
    where to go instead. ``takes_photos``: whether pictures of documents may be sent.
    """

    code: str
    name: Mapping[str, str]
    minutes: int
    ways: tuple[Way, ...]
    lead_minutes: int = 60
    days_ahead: int = 30
    travel_minutes: int = 0
    daily_limit: int = 0
    bring: tuple[Item, ...] = ()
    situations: tuple[Situation, ...] = ()
    questions: tuple[Mapping[str, str], ...] = ()
    not_issued: Mapping[str, str] = field(default_factory=dict)
    takes_photos: bool = False

    def travel(self, way: Way) -> int:
        """Minutes on the road to the resident, and again back; none if nobody travels."""
        return self.travel_minutes if way is Way.VISIT else 0


def to_bring(service: Service, situation: str = "") -> tuple[Item, ...]:
    """Everything to bring, said once: what everybody brings, then what the situation adds."""
    more = (each.bring for each in service.situations if each.code == situation)
    return (*service.bring, *next(more, ()))


def missing(service: Service, situation: str, ticked: frozenset[int]) -> tuple[Item, ...]:
    """What is needed and not ticked yet; ``ticked``: places in `to_bring`, counted from 0."""
    items = enumerate(to_bring(service, situation))
    return tuple(item for place, item in items if item.is_needed and place not in ticked)
