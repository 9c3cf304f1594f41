"""Urgent requests: who is paged when, who takes it, and what the resident is told meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.call_outs.ladder import (
    HEARD_EARLY,
    Ladder,
    Readiness,
    Skipped,
    SkipReason,
    Step,
    StepKind,
    can_hear,
    duty_day,
    duty_starts,
    ladder,
    on_call,
    shift_starts,
)
from bot.domain.call_outs.paging import (
    LIMIT,
    OVER_AFTER,
    SECOND_TAP_WITHIN,
    AlreadyTaken,
    CallOut,
    CallOutIsOver,
    CallOutRefused,
    CallOutState,
    GiveUp,
    NotPaged,
    OneIsUnderWay,
    Page,
    Rest,
    Wait,
    after_giving_up,
    after_paging,
    asked,
    check_may_ask,
    end,
    give_back,
    is_meant,
    is_waited_for,
    lapse,
    next_step,
    take,
    withdraw,
)
from bot.domain.duty_hours import DutyHours
from bot.domain.roster import Area, Officer, OnCall, Role, Roster, Station
from bot.domain.spans import Span

NIGHT = datetime(2026, 11, 23, 18, 14, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
READY = Readiness(1, can_hear=True)
EVERYBODY = dict.fromkeys(("li", "wang", "chen", "zhao", "sun"), READY)


def after(seconds: float) -> datetime:
    return NIGHT + timedelta(seconds=seconds)


def a_roster() -> Roster:
    """Li is responsible for the whole town, Wang and Chen deputise (Chen in the lane only), Zhao is
    at the desk, Sun supervises."""
    station = Station({"zh": "河滨"}, "", "Asia/Shanghai", ("zh",), ("zhao",), ())
    town, lane = Area("town", {"zh": "镇"}), Area("lane", {"zh": "巷"}, parent="town")
    officers = (
        Officer("li", {"zh": "李"}, Role.OFFICER, areas=("town",)),
        Officer("wang", {"zh": "王"}, Role.OFFICER, deputy_for=("town",)),
        Officer("chen", {"zh": "陈"}, Role.OFFICER, deputy_for=("lane",)),
        Officer("zhao", {"zh": "赵"}, Role.AUXILIARY),
        Officer("sun", {"zh": "孙"}, Role.SUPERVISOR),
    )
    return Roster(station, (), (town, lane), officers)


def steps_of(found: Ladder) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.kind, each.people) for each in found.steps]


def call_out(count: int = 3, **changes: object) -> CallOut:
    """Ana's call-out at night, with so many steps of one person each."""
    kinds = (StepKind.OFFICER, StepKind.DEPUTY, StepKind.DUTY_DESK, StepKind.SUPERVISOR,
             StepKind.ON_CALL)  # fmt: skip
    steps = tuple(Step(kinds[each % 5], (f"p{each}",)) for each in range(count))
    facts: dict[str, object] = {
        "id": 9, "resident_chat_id": 101, "ladder": Ladder(steps), "asked_at": NIGHT,
        "supervisors": ("sun",),
    }  # fmt: skip
    return CallOut(**{**facts, **changes})  # type: ignore[arg-type]  # facts by name, for brevity


def refused(change: Callable[[], object]) -> CallOutRefused:
    with pytest.raises(CallOutRefused) as refusal:
        change()
    return refusal.value


# Whom it pages


def test_in_shift_it_climbs_from_the_officer_to_the_supervisor() -> None:
    """Officers are inherited up the tree; all deputies of one step are paged at once."""
    found = ladder(a_roster(), "lane", is_in_shift=True, people=EVERYBODY)
    assert steps_of(found) == [
        ("officer", ("li",)), ("deputy", ("chen", "wang")), ("duty_desk", ("zhao",)),
        ("supervisor", ("sun",)),
    ]  # fmt: skip
    unplaced = ladder(a_roster(), None, is_in_shift=True, people=EVERYBODY)
    assert [kind for kind, _ in steps_of(unplaced)] == ["duty_desk", "supervisor"]


def test_outside_shifts_it_starts_at_the_duty_desk() -> None:
    """Community officers sleep unless they are on call or chose to be paged."""
    night = ladder(a_roster(), "lane", is_in_shift=False, people=EVERYBODY)
    assert steps_of(night) == [("duty_desk", ("zhao",)), ("supervisor", ("sun",))]
    with_somebody = ladder(
        a_roster(), "lane", is_in_shift=False, people=EVERYBODY, on_call=("wang",),
        opted_in=frozenset({"li", "chen"}),
    )  # fmt: skip
    assert steps_of(with_somebody)[1] == ("on_call", ("wang", "li"))


def test_whoever_cannot_be_paged_is_skipped_and_it_is_said_why() -> None:
    """The step is skipped with the last of its people; the supervisor is warned of those who have
    not said that they can hear it."""
    people = {
        **EVERYBODY,
        "li": Readiness(1),
        "wang": Readiness(None),
        "chen": Readiness(1, is_reachable=False, can_hear=True),
        "zhao": Readiness(1, is_absent=True, can_hear=True),
    }
    found = ladder(a_roster(), "lane", is_in_shift=True, people=people)
    assert steps_of(found) == [("supervisor", ("sun",))]
    assert found.skipped == (
        Skipped("li", StepKind.OFFICER, SkipReason.CANNOT_HEAR),
        Skipped("chen", StepKind.DEPUTY, SkipReason.UNREACHABLE),
        Skipped("wang", StepKind.DEPUTY, SkipReason.NOT_LINKED),
        Skipped("zhao", StepKind.DUTY_DESK, SkipReason.ABSENT),
    )
    assert found.unheard == ("li",)
    assert ladder(a_roster(), "lane", is_in_shift=True, people={}).steps == ()


def test_nobody_is_paged_in_two_steps() -> None:
    """A supervisor on call is paged on call."""
    found = ladder(a_roster(), "lane", is_in_shift=False, people=EVERYBODY, on_call=("sun", "zhao"))
    assert steps_of(found) == [("duty_desk", ("zhao",)), ("on_call", ("sun",))]


def test_the_on_call_roster_is_read_by_date_and_by_week() -> None:
    """A date overrules its week; its night ends at eight in the morning; the week's as well."""
    entries = (
        OnCall("li", week=(2026, 48)), OnCall("wang", day=date(2026, 11, 24)),
        OnCall("chen", week=(2026, 49)),
    )  # fmt: skip

    def who(local: str) -> tuple[str, ...]:
        at = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
        return on_call(entries, at=at, zone=SHANGHAI)

    assert who("2026-11-23 08:00") == ("li",)
    assert who("2026-11-24 07:59") == ("li",)
    assert who("2026-11-24 08:00") == ("wang",)
    assert who("2026-11-25 02:00") == ("wang",)
    assert who("2026-11-30 07:00") == ("li",)
    assert who("2026-11-30 09:00") == ("chen",)
    assert who("2026-12-08 09:00") == ()


def test_the_tap_counts_for_its_shift() -> None:
    """Said an hour before or later; yesterday's tap is not today's."""
    assert not can_hear(None, shift_starts=NIGHT, now=NIGHT)
    assert can_hear(NIGHT - HEARD_EARLY, shift_starts=NIGHT, now=NIGHT)
    too_early = NIGHT - HEARD_EARLY - timedelta(seconds=1)
    assert not can_hear(too_early, shift_starts=NIGHT, now=NIGHT)


def test_whoever_was_here_a_moment_ago_has_the_phone_in_the_hand() -> None:
    """Half an hour after anything done here no tap is needed; later it is."""
    for minutes, hears in ((29, True), (31, False)):
        seen_at = NIGHT - timedelta(minutes=minutes)
        assert can_hear(None, shift_starts=NIGHT, seen_at=seen_at, now=NIGHT) is hears


def test_a_duty_lasts_from_morning_to_morning() -> None:
    """The night belongs to the day before, and its duty began at eight there."""
    night = datetime(2026, 11, 24, 2, tzinfo=SHANGHAI)
    assert duty_day(night, SHANGHAI) == date(2026, 11, 23)
    assert duty_day(night.replace(hour=8), SHANGHAI) == date(2026, 11, 24)
    starts = duty_starts(date(2026, 11, 23), SHANGHAI)
    assert starts.astimezone(SHANGHAI).isoformat() == "2026-11-23T08:00:00+08:00"


def test_a_shift_begins_with_the_rooms_first_opening_of_the_day() -> None:
    """Also after a break at noon; over midnight and while it is closed, with the day's duty."""

    def local(hour: int, day: int = 24) -> datetime:
        return datetime(2026, 11, day, hour, tzinfo=SHANGHAI)

    def starts(at: datetime) -> datetime:
        known = Span(local(0), local(0, day=26))
        over_midnight = Span(local(0), local(2))
        day = (Span(local(6), local(12)), Span(local(14), local(18)))
        return shift_starts(DutyHours(known, (over_midnight, *day)), at=at, zone=SHANGHAI)

    assert starts(local(7)) == starts(local(15)) == local(6)
    assert starts(local(1)) == starts(local(4)) == local(8, day=23)


def test_where_nobody_has_said_to_hear_it_everybody_is_paged_all_the_same() -> None:
    """An empty ladder would be silence: the steps are those of a station that hears, the people in
    them are still among those the supervisor is warned of; whoever is away stays away."""
    people = {code: Readiness(1, is_absent=code == "wang") for code in EVERYBODY}
    found = ladder(a_roster(), "lane", is_in_shift=True, people=people)
    assert steps_of(found) == [
        ("officer", ("li",)), ("deputy", ("chen",)), ("duty_desk", ("zhao",)),
        ("supervisor", ("sun",)),
    ]  # fmt: skip
    assert found.unheard == ("li", "chen", "zhao", "sun")


# When


def test_the_first_tap_shows_numbers_and_the_second_pages() -> None:
    """A tap long after the first is a first one again."""
    assert not is_meant(None, now=NIGHT)
    assert is_meant(NIGHT, now=after(5))
    assert not is_meant(NIGHT, now=NIGHT + SECOND_TAP_WITHIN)


def test_one_call_out_a_resident() -> None:
    """While it pages or is taken; a new one may follow what is over or unanswered."""
    busy = refused(lambda: check_may_ask([call_out()]))
    assert isinstance(busy, OneIsUnderWay)
    assert busy.call_out == 9
    assert isinstance(refused(lambda: check_may_ask([call_out(state=CallOutState.TAKEN)])),
                      OneIsUnderWay)  # fmt: skip
    check_may_ask([call_out(state=each) for each in ("unanswered", "ended", "withdrawn")])


def pages(
    of: CallOut, *, every: int = 1, until: int = 400
) -> tuple[list[tuple[int, str]], CallOut]:
    """Run a call-out by a timer that looks every so many seconds: who was paged when, and the
    end."""
    done: list[tuple[int, str]] = []
    for second in range(0, until, every):
        while not isinstance(what := next_step(of, now=after(second)), Wait | Rest):
            if isinstance(what, GiveUp):
                done.append((second, "nobody"))
                of = after_giving_up(of)
            else:
                done.append((second, what.step.kind))
                of = after_paging(of)
    return done, of


def test_ninety_seconds_a_step_and_the_end_within_five_minutes() -> None:
    """Officer at once, deputy, duty desk, supervisor; then the resident knows."""
    assert pages(call_out(4))[0] == [
        (0, "officer"), (90, "deputy"), (180, "duty_desk"), (270, "supervisor"), (300, "nobody"),
    ]  # fmt: skip
    assert pages(call_out(2))[0] == [(0, "officer"), (90, "deputy"), (180, "nobody")]
    assert next_step(call_out(2, paged=1), now=after(10)) == Wait(after(90))


def test_more_steps_are_shorter_steps() -> None:
    """Five share the five minutes; a setting of ten seconds is kept."""
    assert [when for when, _ in pages(call_out(5))[0]] == [0, 60, 120, 180, 240, 300]
    quick = call_out(2, step=timedelta(seconds=10))
    assert [when for when, _ in pages(quick)[0]] == [0, 10, 20]


def test_with_nobody_to_page_the_end_comes_at_once() -> None:
    """The supervisors, and those left out for want of the tap, are alarmed all the same."""
    skipped = (Skipped("li", StepKind.OFFICER, SkipReason.CANNOT_HEAR),)
    nobody = call_out(0, ladder=Ladder((), skipped))
    assert next_step(nobody, now=NIGHT) == GiveUp(("sun", "li"))
    assert asked(after_giving_up(nobody)) == ("sun", "li")


def test_after_a_standstill_everybody_is_paged_at_once() -> None:
    """A restart in the middle loses no step and pages nobody twice."""
    started = after_paging(call_out(4))
    assert pages(started, every=200, until=201)[0] == [(200, "deputy"), (200, "duty_desk")]
    assert pages(started, every=350, until=351)[0][-4:] == [
        (350, "deputy"), (350, "duty_desk"), (350, "supervisor"), (350, "nobody"),
    ]  # fmt: skip


@given(st.integers(0, 9), st.integers(1, 200), st.integers(1, 120))
def test_it_always_ends_within_five_minutes_and_pages_each_step_once(
    count: int, seconds: int, every: int
) -> None:
    """However many steps, whatever the setting, however often the timer looks."""
    done, of = pages(call_out(count, step=timedelta(seconds=seconds)), every=every, until=700)
    limit = LIMIT.total_seconds()
    assert [what for _, what in done] == [each.kind for each in of.ladder.steps] + ["nobody"]
    assert all(when < limit + every for when, _ in done)
    assert of.state is CallOutState.UNANSWERED
    assert next_step(of, now=after(10000)) == Rest()


# Who takes it


def test_exactly_one_takes_it() -> None:
    """The first of those paged; the others, and a second tap, are told who and when."""
    paged = after_paging(after_paging(call_out()))
    taken = take(paged, "p1", now=after(100))
    assert (taken.state, taken.taker, taken.taken_at) == (CallOutState.TAKEN, "p1", after(100))
    for officer in ("p0", "p1"):
        late = refused(lambda o=officer: take(taken, o, now=after(101)))
        assert isinstance(late, AlreadyTaken)
        assert (late.taker, late.taken_at) == ("p1", after(100))
    assert next_step(taken, now=after(300)) == Rest()
    assert isinstance(refused(lambda: take(paged, "p2", now=after(100))), NotPaged)


def test_it_can_be_taken_after_everybody_was_given_up() -> None:
    """By those paged, and by the supervisor who was alarmed."""
    _, unanswered = pages(call_out(2))
    assert asked(unanswered) == ("p0", "p1", "sun")
    assert take(unanswered, "sun", now=after(400)).taker == "sun"
    assert isinstance(refused(lambda: take(unanswered, "p2", now=after(400))), NotPaged)


def test_whoever_cannot_go_gives_it_back() -> None:
    """The next step is paged at once, however much later, and the rest have their time."""
    taken = take(after_paging(call_out()), "p0", now=after(10))
    assert isinstance(refused(lambda: give_back(taken, "p1", now=after(20))), NotPaged)
    again = give_back(taken, "p0", now=after(1000))
    assert (again.taker, again.taken_at) == (None, None)
    assert next_step(again, now=after(1000)) == Page(again.ladder.steps[1])
    assert next_step(after_paging(again), now=after(1000)) == Wait(after(1090))
    last = take(after_paging(call_out(1)), "p0", now=after(10))
    assert next_step(give_back(last, "p0", now=after(500)), now=after(500)) == Wait(after(590))
    assert isinstance(next_step(give_back(last, "p0", now=after(500)), now=after(590)), GiveUp)


def test_no_step_waits_for_somebody_who_got_nothing() -> None:
    """When nobody of a step can be reached the next one is paged at once; at the end it is enough
    that somebody of any step may still answer."""
    paged = after_paging(call_out(2))
    assert next_step(paged, now=after(1), unreached=frozenset({"p9"})) == Wait(after(90))
    assert next_step(paged, now=after(1), unreached=frozenset({"p0"})) == Page(
        paged.ladder.steps[1]
    )
    both = after_paging(paged)
    assert next_step(both, now=after(2), unreached=frozenset({"p1"})) == Wait(after(180))
    lost = next_step(both, now=after(2), unreached=frozenset({"p0", "p1"}))
    assert lost == GiveUp(("sun",))
    assert next_step(call_out(), now=after(-1), unreached=frozenset({"p0"})) == Wait(NIGHT)


def test_what_nobody_ends_is_over_after_half_a_day() -> None:
    """The resident may need another one; before that it stays as it is."""
    taken = take(after_paging(call_out()), "p0", now=after(10))
    assert lapse(taken, now=after(100)) == taken
    over = lapse(taken, now=NIGHT + OVER_AFTER)
    assert over.state is CallOutState.ENDED
    assert isinstance(refused(lambda: lapse(over, now=NIGHT + OVER_AFTER)), CallOutIsOver)


def test_it_ends_once() -> None:
    """Settled by the taker or withdrawn by the resident; nobody takes it afterwards."""
    taken = take(after_paging(call_out()), "p0", now=after(10))
    ended = end(taken, "p0")
    assert ended.state is CallOutState.ENDED
    withdrawn = withdraw(call_out(), chat_id=101)
    assert withdrawn.state is CallOutState.WITHDRAWN
    assert isinstance(refused(lambda: withdraw(call_out(), chat_id=102)), NotPaged)
    for change in (
        lambda: end(ended, "p0"),
        lambda: give_back(ended, "p0", now=after(20)),
        lambda: withdraw(ended, chat_id=101),
    ):
        over = refused(change)
        assert isinstance(over, CallOutIsOver)
        assert over.state is CallOutState.ENDED
    late = refused(lambda: take(withdrawn, "p0", now=after(10)))
    assert isinstance(late, CallOutIsOver)
    assert isinstance(refused(lambda: end(call_out(), "p0")), NotPaged)


def test_whoever_was_paged_is_waited_for_until_somebody_takes_it_or_it_is_over() -> None:
    """Also when everybody was given up; half a day later nobody is waited for, whatever is on
    file."""
    late = NIGHT + OVER_AFTER - timedelta(seconds=1)
    waited_for = {each for each in CallOutState if is_waited_for(each, asked_at=NIGHT, now=late)}
    assert waited_for == {CallOutState.PAGING, CallOutState.UNANSWERED}
    assert not is_waited_for(CallOutState.PAGING, asked_at=NIGHT, now=NIGHT + OVER_AFTER)
