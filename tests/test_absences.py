"""When an officer is away: who says so, who answers, and what becomes of cases and appointments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.absences import (
    LONGEST,
    Absence,
    AbsenceInThePast,
    AbsenceReason,
    AbsenceRefused,
    AbsenceTooLong,
    AlreadyAway,
    CaseMove,
    Cover,
    NobodyOrderedIt,
    NotAway,
    NotYoursToDeclare,
    OpenCases,
    appointments_in,
    back,
    cases_to_hand_over,
    cover,
    covers,
    declare,
    is_absent,
    spans_of,
)
from bot.domain.appointments.booking import Actor, Appointment, State
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from bot.domain.roster import Area, Officer, Role, Roster, Station
from bot.domain.routing import Reason
from bot.domain.spans import Span

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LI, WANG = Actor(officer="li"), Actor(officer="wang")
SUPERVISOR = Actor(officer="sun", may_act_for_all=True)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def away(
    officer: str = "li", starts: float = 0, ends: float | None = 4, **changes: object
) -> Absence:
    """Officer Li is on leave from noon for four hours."""
    facts: dict[str, object] = {
        "id": 3, "officer": officer, "starts": at(starts),
        "ends": None if ends is None else at(ends), "reason": AbsenceReason.LEAVE,
        "set_by": officer, "declared_at": NOON,
    }  # fmt: skip
    return Absence(**{**facts, **changes})  # type: ignore[arg-type]  # facts by name, for brevity


def a_roster() -> Roster:
    """Li for the riverside and the harbour, Wang and Chen deputise at the riverside, Zhao at the
    desk."""

    def person(code: str, **of: tuple[str, ...]) -> Officer:
        return Officer(code, {"zh": code}, Role.OFFICER, **of)  # type: ignore[arg-type]  # as above

    station = Station({"zh": "河滨"}, "", "Asia/Shanghai", ("zh",), ("zhao",), ())
    return Roster(
        station,
        (),
        (Area("riverside", {"zh": "滨江"}), Area("harbour", {"zh": "港口"})),
        (
            person("li", areas=("riverside", "harbour")),
            person("wang", deputy_for=("riverside",)),
            person("chen", deputy_for=("riverside",)),
            person("zhao"),
        ),
    )


def refused(change: Callable[[], object]) -> AbsenceRefused:
    with pytest.raises(AbsenceRefused) as refusal:
        change()
    return refusal.value


def test_officers_and_supervisors_say_who_is_away() -> None:
    """Nobody else: an officer cannot send another one home."""
    assert declare(away(), [], LI, now=NOON) == away()
    assert declare(away(), [], SUPERVISOR, now=NOON) == away()
    assert isinstance(refused(lambda: declare(away(), [], WANG, now=NOON)), NotYoursToDeclare)


def test_an_absence_ends_after_it_starts_and_after_now() -> None:
    """An old button, or a slip in the date, is refused with the end that was meant."""
    for starts, ends in ((-4, 0), (2, 2), (3, 2)):
        over = refused(lambda s=starts, e=ends: declare(away(starts=s, ends=e), [], LI, now=NOON))
        assert isinstance(over, AbsenceInThePast)
        assert over.ends == at(ends)
    assert declare(away(starts=-4, ends=1), [], LI, now=NOON)


def test_a_year_is_the_longest() -> None:
    """Beyond it the roster changes."""
    for absence in (away(ends=24 * 367), away(starts=24 * 367, ends=None)):
        long = refused(lambda a=absence: declare(a, [], LI, now=NOON))
        assert isinstance(long, AbsenceTooLong)
        assert long.latest == NOON + LONGEST
    assert declare(away(ends=None), [], LI, now=NOON).ends is None


def test_being_pulled_away_names_who_ordered_it() -> None:
    """Otherwise it does not show who takes community officers out of their communities."""
    pulled = away(reason=AbsenceReason.PULLED_AWAY, ordered_by="  ")
    assert isinstance(refused(lambda: declare(pulled, [], LI, now=NOON)), NobodyOrderedIt)
    ordered = replace(pulled, ordered_by="county bureau")
    assert declare(ordered, [], LI, now=NOON).ordered_by == "county bureau"


def test_the_same_absence_is_declared_once() -> None:
    """A second press is told so; one that only overlaps adds its time."""
    known = [away("wang", ends=None), away()]
    again = refused(lambda: declare(away(id=None, starts=1, ends=2), known, LI, now=NOON))
    assert isinstance(again, AlreadyAway)
    assert again.other == 3
    longer = declare(away(id=None, starts=3, ends=9), known, LI, now=NOON)
    assert spans_of([*known, longer], "li") == (Span(at(0), at(9)),)


def test_somebody_is_away_from_the_start_up_to_the_end() -> None:
    """Also without an end; others are not."""
    known = [away(), away("wang", ends=None)]
    assert [is_absent(known, "li", at=at(each)) for each in (-1, 0, 3.9, 4)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert is_absent(known, "wang", at=at(10000))
    assert not is_absent(known, "chen", at=at(1))


def test_back_ends_what_lasts_and_keeps_what_lies_ahead() -> None:
    """One tap, also for two at once; a second tap is told that nobody is away."""
    known = [away(), away(starts=1, ends=None), away(starts=20, ends=30), away("wang")]
    ended = back(known, "li", now=at(2))
    assert [(each.starts, each.ends) for each in ended] == [(at(0), at(2)), (at(1), at(2))]
    assert isinstance(refused(lambda: back(ended, "li", now=at(2))), NotAway)


def test_the_first_deputy_who_is_there_all_the_time_covers() -> None:
    """Somebody who leaves in the middle does not; where nobody deputises, the duty desk does."""
    roster = a_roster()
    assert covers(roster, [], away()) == (
        Cover("riverside", "wang", Reason.DEPUTY), Cover("harbour", "zhao", Reason.DUTY_DESK),
    )  # fmt: skip
    wang = away("wang", starts=3, ends=5)
    assert cover(roster, [wang], away(), "riverside").officer == "chen"
    later = away("wang", starts=4, ends=5)
    assert cover(roster, [later], away(), "riverside").officer == "wang"
    assert covers(roster, [], away("nobody")) == ()


def test_for_an_absence_without_an_end_the_coming_day_decides() -> None:
    """A deputy who goes on leave next month covers now."""
    next_month = away("wang", starts=24 * 30, ends=24 * 40)
    assert cover(a_roster(), [next_month], away(ends=None), "riverside").officer == "wang"
    tonight = away("wang", starts=10, ends=12)
    assert cover(a_roster(), [tonight], away(ends=None), "riverside").officer == "chen"


def test_the_duty_desk_covers_even_when_everybody_is_away() -> None:
    """Somebody is always responsible."""
    everybody = [away(each) for each in ("wang", "chen", "zhao")]
    assert cover(a_roster(), everybody, away(), "riverside") == Cover(
        "riverside", "zhao", Reason.DUTY_DESK
    )


def test_open_cases_stay_or_go_to_whoever_covers() -> None:
    """As the officer chose; an unplaced case goes to the duty desk."""
    cases = [(1042, "riverside"), (1043, None)]
    assert cases_to_hand_over(a_roster(), [], away(), cases) == ()
    handing = away(open_cases=OpenCases.TO_DEPUTY)
    assert cases_to_hand_over(a_roster(), [], handing, cases) == (
        CaseMove(1042, "wang", Reason.DEPUTY), CaseMove(1043, "zhao", Reason.DUTY_DESK),
    )  # fmt: skip


def booked(starts: float, number: int = 1, state: State = State.BOOKED) -> Appointment:
    slot = Slot("li", "permit", Way.ROOM, at(starts), 30)
    return Appointment(number, slot, state, 101, NOON)


def test_an_absence_names_the_appointments_in_it() -> None:
    """In order of time; what is over, called off, begun or outside the absence is left alone, and
    the hours do not matter here."""
    own = [booked(3.5, 4), booked(1, 1), booked(9, 5), booked(1, 6, State.CANCELLED),
           booked(1.5, 8, State.DISPLACED), booked(-1, 7)]  # fmt: skip
    found = appointments_in(away(ends=6), own, now=NOON)
    assert [each.id for each in found] == [1, 4]
