"""Without these rules an urgent request would wake everybody, or somebody who cannot hear it.

In shift: the area's officers, their deputies, the duty desk, the supervisors. Outside shifts the
duty desk comes first, and community officers only when they are on call or chose to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.duty_hours import LIVE_TALK, DutyHours, first_moment
from bot.domain.roster import Area, OnCall, Role, Roster

#: "I can hear this" counts for a shift from so long before it begins.
HEARD_EARLY = timedelta(hours=1)
#: On-call duty changes at this hour of the morning: whoever has a date has its night as well.
DUTY_CHANGES = time(8)


class StepKind(StrEnum):
    """Who is paged in a step."""

    OFFICER = "officer"
    DEPUTY = "deputy"
    DUTY_DESK = "duty_desk"
    ON_CALL = "on_call"
    SUPERVISOR = "supervisor"


#: A step before it is known who can be paged: the kind, and everybody's codes.
Rung = tuple[StepKind, tuple[str, ...]]


class SkipReason(StrEnum):
    """Why somebody of the ladder is not paged. Only `CANNOT_HEAR` is for the supervisor to mend."""

    NOT_LINKED = "not_linked"
    UNREACHABLE = "unreachable"
    ABSENT = "absent"
    CANNOT_HEAR = "cannot_hear"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is known of somebody now. ``can_hear``: said so at the beginning of the shift."""

    chat_id: int | None
    is_reachable: bool = True
    is_absent: bool = False
    can_hear: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The people who are paged at once, and who they are to the area."""

    kind: StepKind
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody of the ladder who is not paged, and why."""

    officer: str
    kind: StepKind
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps in order, none of them empty, and who was left out."""

    steps: tuple[Step, ...]
    skipped: tuple[Skipped, ...] = ()

    @property
    def unheard(self) -> tuple[str, ...]:
        """Who is left out for want of the tap: the supervisor is warned of these."""
        left_out = (each for each in self.skipped if each.reason is SkipReason.CANNOT_HEAR)
        return tuple(each.officer for each in left_out)


def on_call(entries: Iterable[OnCall], *, at: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """Who is on call at a moment, in the order of the roster; a line for the date overrules those
    for its week. A date lasts from its morning to the next one's, see `DUTY_CHANGES`."""
    day = duty_day(at, zone)
    known = tuple(entries)
    by_day = tuple(each.officer for each in known if each.day == day)
    year, week, _weekday = day.isocalendar()
    return by_day or tuple(each.officer for each in known if each.week == (year, week))


def duty_day(at: datetime, zone: ZoneInfo) -> date:
    """The day whose duty a moment belongs to: the night belongs to the day before."""
    local = at.astimezone(zone)
    return local.date() - timedelta(days=1 if local.time() < DUTY_CHANGES else 0)


def duty_starts(day: date, zone: ZoneInfo) -> datetime:
    """When the duty of a day begins, UTC."""
    return first_moment(datetime.combine(day, DUTY_CHANGES), zone)


def shift_starts(hours: DutyHours, *, at: datetime, zone: ZoneInfo) -> datetime:
    """When the shift began in which a moment lies: the room's first opening of that day, else the
    duty of the day (a shift that lasts over midnight began with it)."""
    today = at.astimezone(zone).date()
    openings = (each.starts for each in hours.open if each.holds(at) or each.ends <= at)
    of_today = (each for each in openings if each.astimezone(zone).date() == today)
    first = next((each for each in of_today if each > hours.known.starts), None)
    return first or duty_starts(duty_day(at, zone), zone)


def can_hear(
    heard_at: datetime | None,
    *,
    shift_starts: datetime,
    seen_at: datetime | None = None,
    now: datetime,
) -> bool:
    """Whether somebody said "I can hear this" for the shift that started then; or wrote or pressed
    here (``seen_at``) so lately before ``now`` that the phone must still be in the hand."""
    if seen_at is not None and now - seen_at < LIVE_TALK:
        return True
    return heard_at is not None and heard_at >= shift_starts - HEARD_EARLY


def ladder(
    roster: Roster,
    area: str | None,
    *,
    is_in_shift: bool,
    people: Mapping[str, Readiness],
    on_call: Sequence[str] = (),
    opted_in: frozenset[str] = frozenset(),
) -> Ladder:
    """Whom a call-out from the area pages, step by step. ``on_call`` (see the function) and
    ``opted_in``: who may be paged outside the shifts. Nobody is paged in two steps. Where nobody at
    all has said to hear it, those are paged who can be: they are skipped and in the steps."""
    rungs = _in_shift(roster, area) if is_in_shift else _outside(roster, area, on_call, opted_in)
    found = _climbed(rungs, people)
    if found.steps or not found.unheard:
        return found
    as_if = {code: replace(each, can_hear=True) for code, each in people.items()}
    return Ladder(_climbed(rungs, as_if).steps, found.skipped)


def _climbed(rungs: Iterable[Rung], people: Mapping[str, Readiness]) -> Ladder:
    steps: list[Step] = []
    skipped: list[Skipped] = []
    seen: set[str] = set()
    for kind, codes in rungs:
        new = [code for code in dict.fromkeys(codes) if code not in seen]
        seen.update(new)
        against = {code: _against(people.get(code)) for code in new}
        skipped += [Skipped(code, kind, why) for code, why in against.items() if why is not None]
        paged = tuple(code for code, why in against.items() if why is None)
        steps += [Step(kind, paged)] if paged else []
    return Ladder(tuple(steps), tuple(skipped))


def _in_shift(roster: Roster, area: str | None) -> list[Rung]:
    deputies = (each for place in roster.path_up(area or "") for each in _deputies(roster, place))
    return [
        (StepKind.OFFICER, tuple(each.code for each in roster.usual_officers(area or ""))),
        (StepKind.DEPUTY, tuple(deputies)),
        (StepKind.DUTY_DESK, roster.station.duty_desk),
        (StepKind.SUPERVISOR, supervisors(roster)),
    ]


def _deputies(roster: Roster, place: Area) -> Iterator[str]:
    return (each.code for each in roster.deputies_of(place.code))


def _outside(
    roster: Roster, area: str | None, on_call: Sequence[str], opted_in: frozenset[str]
) -> list[Rung]:
    own = (each.code for each in roster.usual_officers(area or "") if each.code in opted_in)
    return [
        (StepKind.DUTY_DESK, roster.station.duty_desk),
        (StepKind.ON_CALL, (*on_call, *own)),
        (StepKind.SUPERVISOR, supervisors(roster)),
    ]


def supervisors(roster: Roster) -> tuple[str, ...]:
    """Who is alarmed when nobody answers, in the order of the roster."""
    return tuple(each.code for each in roster.officers if each.role is Role.SUPERVISOR)


def _against(readiness: Readiness | None) -> SkipReason | None:
    if readiness is None or readiness.chat_id is None:
        return SkipReason.NOT_LINKED
    if not readiness.is_reachable:
        return SkipReason.UNREACHABLE
    if readiness.is_absent:
        return SkipReason.ABSENT
    return None if readiness.can_hear else SkipReason.CANNOT_HEAR
