"""Without these rules somebody would write to an officer who is not there, and wait.

An absence is leave, illness, training, or being pulled away for other duty (抽调), with who ordered
it. It changes who answers, who takes open cases, and what becomes of appointments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.appointments.booking import Actor, Appointment
from bot.domain.appointments.displaced import displaced
from bot.domain.roster import Roster
from bot.domain.routing import Reason, ladder
from bot.domain.spans import ALWAYS, FOR_EVER, Span, merged

#: A longer one, or one farther ahead, is a change of the roster.
LONGEST = timedelta(days=366)
#: Who covers an absence without an end is there at least this long.
COVERED_AT_LEAST = timedelta(days=1)

#: So long an absence waits for the choice of what becomes of its appointments: whoever declares it
#: often says right after until when it lasts. Longer, and residents would set out in vain.
CHOICE_WITHIN = timedelta(minutes=3)


class AbsenceReason(StrEnum):
    """Why somebody is away. What residents hear is only that somebody else answers."""

    LEAVE = "leave"
    SICK = "sick"
    TRAINING = "training"
    PULLED_AWAY = "pulled_away"
    OTHER = "other"


class OpenCases(StrEnum):
    """What the officer chooses for the open cases: to keep them, or hand them to the deputy."""

    STAY = "stay"
    TO_DEPUTY = "to_deputy"


class ReofferPlan(StrEnum):
    """What the officer chooses for the appointments in that time."""

    DEPUTY = "deputy"
    NEW_TIME = "new_time"
    CANCEL = "cancel"


class AbsenceRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """Such an absence cannot be declared, or not ended."""


class NotYoursToDeclare(AbsenceRefused):
    """Only the officer and supervisors say when the officer is away."""


class AbsenceInThePast(AbsenceRefused):
    """It would be over before it begins, or is over already; ``ends`` is that end."""

    def __init__(self, ends: datetime) -> None:
        super().__init__(ends)
        self.ends = ends


class AbsenceTooLong(AbsenceRefused):
    """It goes beyond ``latest``."""

    def __init__(self, latest: datetime) -> None:
        super().__init__(latest)
        self.latest = latest


class NobodyOrderedIt(AbsenceRefused):
    """Being pulled away is recorded with who ordered it."""


class AlreadyAway(AbsenceRefused):
    """Another absence covers all of that time; ``other``: its id."""

    def __init__(self, other: int | None) -> None:
        super().__init__(other)
        self.other = other


class NotAway(AbsenceRefused):
    """The officer is not away now: there is nothing to come back from."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody of the roster is away. ``ends`` None: until `back`. ``ordered_by``: who pulled the
    officer away, in the officer's words. ``set_by``: the code of whoever declared it."""

    id: int | None
    officer: str
    starts: datetime
    ends: datetime | None
    reason: AbsenceReason
    set_by: str
    declared_at: datetime
    ordered_by: str = ""
    open_cases: OpenCases = OpenCases.STAY

    @property
    def span(self) -> Span:
        """All of it; without an end, for ever."""
        return Span(self.starts, self.ends or FOR_EVER)


def declare(absence: Absence, known: Iterable[Absence], actor: Actor, *, now: datetime) -> Absence:
    """The absence, if it can be declared. Raises `NotYoursToDeclare`, `AbsenceInThePast`,
    `AbsenceTooLong`, `NobodyOrderedIt`, `AlreadyAway`."""
    if actor.officer != absence.officer and not actor.may_act_for_all:
        raise NotYoursToDeclare
    if absence.ends is not None and absence.ends <= max(now, absence.starts):
        raise AbsenceInThePast(absence.ends)
    if max(absence.starts, absence.ends or absence.starts) > now + LONGEST:
        raise AbsenceTooLong(now + LONGEST)
    if absence.reason is AbsenceReason.PULLED_AWAY and not absence.ordered_by.strip():
        raise NobodyOrderedIt
    for other in known:
        if other.officer == absence.officer and other.span.covers(absence.span):
            raise AlreadyAway(other.id)
    return absence


def back(known: Iterable[Absence], officer: str, *, now: datetime) -> tuple[Absence, ...]:
    """The officer's absences that last now, ended now; what lies ahead stays. Raises `NotAway`."""
    ended = tuple(replace(each, ends=now) for each in _lasting(known, officer, now))
    if not ended:
        raise NotAway
    return ended


def _lasting(known: Iterable[Absence], officer: str, at: datetime) -> list[Absence]:
    # Begun this very moment and ended at once would be an empty span: it does not last yet.
    return [
        each
        for each in known
        if each.officer == officer and each.starts < at and (each.ends is None or at < each.ends)
    ]


def is_absent(known: Iterable[Absence], officer: str, *, at: datetime) -> bool:
    """Whether the officer is away at that moment."""
    return any(each.officer == officer and each.span.holds(at) for each in known)


def spans_of(known: Iterable[Absence], officer: str) -> tuple[Span, ...]:
    """When the officer is away, merged: what a diary needs."""
    return merged(each.span for each in known if each.officer == officer)


@dataclass(frozen=True, slots=True)
class Cover:
    """Who answers for an area instead, and why that one."""

    area: str | None
    officer: str
    reason: Reason


def cover(roster: Roster, known: Sequence[Absence], absence: Absence, area: str | None) -> Cover:
    """The first who may answer for the area, is somebody else, and is there all the time; when
    everybody is away in it, the duty desk, which always exists."""
    span = Span(absence.starts, absence.ends or absence.starts + COVERED_AT_LEAST)
    away = {absence.officer, *(each.officer for each in known if each.span.meets(span))}
    for officer, reason in ladder(roster, area, None):
        if officer not in away:
            return Cover(area, officer, reason)
    return Cover(area, roster.station.duty_desk[0], Reason.DUTY_DESK)


def covers(roster: Roster, known: Sequence[Absence], absence: Absence) -> tuple[Cover, ...]:
    """Who answers for each area of the absent officer: what is shown when it is declared."""
    officer = roster.officer(absence.officer)
    areas = officer.areas if officer is not None else ()
    return tuple(cover(roster, known, absence, area) for area in areas)


@dataclass(frozen=True, slots=True)
class CaseMove:
    """An open case to hand over: to whom, and why that one."""

    number: int
    to: str
    reason: Reason


def cases_to_hand_over(
    roster: Roster,
    known: Sequence[Absence],
    absence: Absence,
    open_cases: Iterable[tuple[int, str | None]],
) -> tuple[CaseMove, ...]:
    """What the absence does to the officer's open cases (number, area): nothing, or one handover
    each, as the officer chose."""
    if absence.open_cases is OpenCases.STAY:
        return ()
    return tuple(
        CaseMove(number, found.officer, found.reason)
        for number, area in open_cases
        for found in [cover(roster, known, absence, area)]
    )


def appointments_in(
    absence: Absence, appointments: Iterable[Appointment], *, now: datetime
) -> tuple[Appointment, ...]:
    """Which of the officer's bookings the absence displaces, in order of time; only the absence
    decides here, not the hours."""
    found = displaced(appointments, hours=(ALWAYS,), absent=(absence.span,), now=now)
    return tuple(each.appointment for each in found)
