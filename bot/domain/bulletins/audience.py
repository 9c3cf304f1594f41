"""Without these rules a notice would reach people it does not concern, or at three in the night."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.domain.bulletins.severity import Severity
from bot.domain.roster import Roster

#: More notices in seven days make people leave (mission.md: too many messages are the main reason).
NOTICES_PER_WEEK = 3


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From … to …, local times; over midnight when ``start`` is later than ``end``."""

    start: time = time(22)
    end: time = time(7)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a bulletin is for. ``areas`` empty: the whole station; an area means everything inside
    it too. ``languages`` empty: all."""

    areas: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    is_for_businesses_only: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """What somebody wants. ``kinds_off``: kinds not wanted; ``areas``: others besides the own one
    (family elsewhere); ``quiet`` None: the station's."""

    is_on: bool = True
    kinds_off: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may get a bulletin."""

    chat_id: int
    language: str
    area: str | None
    is_business: bool = False
    subscription: Subscription = field(default_factory=Subscription)


def concerns(audience: Audience, kind: str, recipient: Recipient, roster: Roster) -> bool:
    """Whether somebody is to get a bulletin of this kind for this audience now."""
    wishes = recipient.subscription
    if not wishes.is_on or kind in wishes.kinds_off:
        return False
    if audience.languages and recipient.language not in audience.languages:
        return False
    if audience.is_for_businesses_only and not recipient.is_business:
        return False
    own = [] if recipient.area is None else [recipient.area]
    return not audience.areas or _touches(audience.areas, [*own, *wishes.areas], roster)


def _touches(wanted: Collection[str], areas: Iterable[str], roster: Roster) -> bool:
    return any(up.code in wanted for area in areas for up in roster.path_up(area))


def audience_of_room(room: str, roster: Roster) -> Audience:
    """Everybody in the areas of a room (a code), the outermost named; the whole station when it has
    no other areas, or the room has none."""
    ours = {area.code for area in roster.areas if _room_of(area.code, roster) == room}
    if len(ours) == len(roster.areas):
        return Audience()
    return Audience(
        frozenset(
            area.code for area in roster.areas if area.code in ours and area.parent not in ours
        )
    )


def reaches_only(audience: Audience, room: str, roster: Roster) -> bool:
    """Whether it is for nobody but people in the areas of this room (a code)."""
    return all(
        _room_of(area.code, roster) == room
        for area in roster.areas
        if not audience.areas or _touches(audience.areas, [area.code], roster)
    )


def _room_of(area: str, roster: Roster) -> str | None:
    room = roster.room_of(area)
    return None if room is None else room.code


def is_quiet(hours: QuietHours, severity: Severity, *, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a message arrives without a sound at ``now`` (aware); danger always rings."""
    if severity is Severity.DANGER or hours.start == hours.end:
        return False
    local = now.astimezone(zone).time()
    if hours.start < hours.end:
        return hours.start <= local < hours.end
    return local >= hours.start or local < hours.end


def is_tired_of_notices(severity: Severity, *, notices_in_week: int) -> bool:
    """Whether one more notice must wait for the weekly issue; warnings and dangers never do."""
    return severity is Severity.NOTICE and notices_in_week >= NOTICES_PER_WEEK
