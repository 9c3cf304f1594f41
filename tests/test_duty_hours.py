"""When a room is open: weekdays, holidays, make-up days, one-off changes, changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours

from bot.domain.calendar import Calendar, DayKind, SpecialDay, YearNotAnnounced
from bot.domain.duty_hours import (
    DutyHours,
    HoursChange,
    changed,
    closes_at,
    first_moment,
    is_live_talk,
    is_open,
    known_closing,
    last_moment,
    next_opening,
    openings_on,
    read_by,
)
from bot.domain.spans import FOR_EVER, Span, meets_any, merged, span_around, span_between, without
from bot.roster.hours import announced, room_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = "Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00"
EVERY_YEAR = Calendar(frozenset(range(2020, 2040)))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A local time such as ``2026-11-23 09:00`` as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def span(starts: str, ends: str, zone: ZoneInfo = SHANGHAI) -> Span:
    return Span(at(starts, zone), at(ends, zone))


def hours_of(
    hours: str,
    since: str,
    days: int,
    *,
    zone: ZoneInfo = SHANGHAI,
    calendar: Calendar = EVERY_YEAR,
    changes: tuple[HoursChange, ...] = (),
) -> DutyHours:
    return room_hours(
        hours,
        since=date.fromisoformat(since),
        days=days,
        calendar=calendar,
        zone=zone,
        changes=changes,
    )


def local(hours: DutyHours, zone: ZoneInfo = SHANGHAI) -> list[str]:
    """The openings as a door sign would show them."""
    return [
        f"{each.starts.astimezone(zone):%d %H:%M}-{each.ends.astimezone(zone):%d %H:%M}"
        for each in hours.open
    ]


def test_an_ordinary_week_is_as_the_roster_says() -> None:
    """Two openings a working day, one on Saturday, none on Sunday."""
    hours = hours_of(WEEK, "2026-11-27", 3)
    assert local(hours) == ["27 09:00-27 12:00", "27 13:30-27 18:00", "28 09:00-28 12:00"]
    assert hours.unannounced == ()


def test_the_door_sign_answers() -> None:
    """Open, until when, and when next, also from the middle of lunch and at the very minute."""
    hours = hours_of(WEEK, "2026-11-27", 5)
    assert is_open(hours, at=at("2026-11-27 09:00"))
    assert not is_open(hours, at=at("2026-11-27 12:00"))
    assert closes_at(hours, at=at("2026-11-27 10:00")) == at("2026-11-27 12:00")
    assert closes_at(hours, at=at("2026-11-27 12:30")) is None
    assert next_opening(hours, after=at("2026-11-27 12:30")) == at("2026-11-27 13:30")
    assert next_opening(hours, after=at("2026-11-27 09:00")) == at("2026-11-27 13:30")
    assert next_opening(hours, after=at("2026-11-28 13:00")) == at("2026-11-30 09:00")
    assert next_opening(hours, after=at("2026-12-01 18:00")) is None


def test_it_says_by_when_somebody_will_have_read() -> None:
    """Reading takes open time: what comes ten minutes before closing is read after the next
    opening, and where no opening is known nothing is promised."""
    hours = hours_of(WEEK, "2026-11-27", 4)
    within = timedelta(minutes=30)
    assert read_by(hours, written_at=at("2026-11-27 10:00"), within=within) == at(
        "2026-11-27 10:30"
    )
    assert read_by(hours, written_at=at("2026-11-27 11:50"), within=within) == at(
        "2026-11-27 13:50"
    )
    assert read_by(hours, written_at=at("2026-11-28 23:00"), within=within) == at(
        "2026-11-30 09:30"
    )
    assert read_by(hours, written_at=at("2026-11-30 18:00"), within=within) is None


def test_no_word_about_closing_hours_breaks_into_a_live_talk() -> None:
    """Whoever was answered within half an hour is in a talk."""
    now = at("2026-11-27 18:10")
    assert is_live_talk(now - timedelta(minutes=29), now=now)
    assert not is_live_talk(now - timedelta(minutes=30), now=now)
    assert not is_live_talk(None, now=now)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi"])
def test_chinese_holidays_close_and_make_up_days_open(zone: str) -> None:
    """Golden week 2026: closed on Thursday 1 October and the Saturday in it; Sunday 20 September
    is worked like a Monday."""
    calendar = announced(zone)
    golden_week = hours_of(WEEK, "2026-10-01", 7, calendar=calendar)
    assert golden_week.open == ()
    make_up_day = hours_of(WEEK, "2026-09-20", 1, calendar=calendar)
    assert local(make_up_day) == ["20 09:00-20 12:00", "20 13:30-20 18:00"]
    assert calendar.on(date(2026, 10, 1)).name["zh"] == "国庆节"


def test_a_year_nobody_announced_is_said_to_be_so() -> None:
    """The weekday's hours are shown, with the year whose holidays may still change them."""
    calendar = announced("Asia/Shanghai")
    with pytest.raises(YearNotAnnounced) as fact:
        calendar.on(date(2031, 5, 1))
    assert fact.value.year == 2031
    hours = hours_of(WEEK, "2031-05-01", 1, calendar=calendar)
    assert hours.open == (span("2031-05-01 09:00", "2031-05-01 12:00"),
                          span("2031-05-01 13:30", "2031-05-01 18:00"))  # fmt: skip
    assert hours.unannounced == (2031,)


def test_outside_china_nothing_is_announced_until_a_table_is_loaded() -> None:
    """A station in Berlin knows its holidays from the administrator's table."""
    unity_day = SpecialDay(date(2026, 10, 3), DayKind.HOLIDAY, {"en": "German Unity Day"})
    loaded = announced("Europe/Berlin").with_table([2026], [unity_day])
    assert hours_of("Mo-Sa 09:00-12:00", "2026-10-03", 1, zone=BERLIN, calendar=loaded).open == ()
    assert loaded.on(date(2026, 10, 2)).kind is DayKind.ORDINARY


def test_a_loaded_year_replaces_the_known_one_and_single_days_are_added() -> None:
    """A correction of the government's own list is one import away."""
    calendar = announced("Asia/Shanghai")
    extra = SpecialDay(date(2031, 1, 1), DayKind.HOLIDAY)
    changed_calendar = calendar.with_table([2026], [extra])
    assert changed_calendar.on(date(2026, 10, 1)).kind is DayKind.ORDINARY
    assert changed_calendar.on(date(2025, 10, 1)).kind is DayKind.HOLIDAY
    assert changed_calendar.on(date(2031, 1, 1)) == extra
    with pytest.raises(YearNotAnnounced):
        changed_calendar.on(date(2031, 1, 2))


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("Mo-Fr 09:00-18:00; PH off", []),
        ("Mo-Fr 09:00-18:00; PH 10:00-12:00", ["01 10:00-01 12:00"]),
        ("Mo-Su,PH 10:00-11:00", ["01 10:00-01 11:00"]),
        ("Mo-Fr 09:00-18:00 || PH 08:00-09:00", ["01 08:00-01 09:00"]),
        ("Mo-Fr 09:00-18:00; PH Mo-Fr 10:00-12:00", []),
    ],
)
def test_a_room_may_have_hours_of_its_own_on_holidays(hours: str, expected: list[str]) -> None:
    """The rules that name public holidays are read for holidays, and only they; what the library
    cannot read for that day is closed rather than promised."""
    calendar = announced("Asia/Shanghai")
    assert local(hours_of(hours, "2026-10-01", 1, calendar=calendar)) == expected


def test_a_make_up_day_in_the_week_is_an_ordinary_one() -> None:
    """A table may say that a Wednesday is worked: it is, by its own hours."""
    wednesday = date(2026, 11, 25)
    calendar = EVERY_YEAR.with_table([], [SpecialDay(wednesday, DayKind.WORKING)])
    assert local(
        hours_of("We 10:00-12:00; Mo 07:00-08:00", "2026-11-25", 1, calendar=calendar)
    ) == ["25 10:00-25 12:00"]


def test_a_change_declared_later_overrules_an_earlier_one() -> None:
    """Closed this afternoon, then open again from four to five after all."""
    changes = (
        HoursChange(span("2026-11-27 13:30", "2026-11-27 18:00"), is_open=False),
        HoursChange(span("2026-11-27 16:00", "2026-11-27 17:00"), is_open=True),
        HoursChange(span("2026-11-29 10:00", "2026-11-29 11:00"), is_open=True),
    )
    hours = hours_of(WEEK, "2026-11-27", 3, changes=changes)
    assert local(hours) == [
        "27 09:00-27 12:00", "27 16:00-27 17:00", "28 09:00-28 12:00", "29 10:00-29 11:00",
    ]  # fmt: skip


def open_intervals(hours: str, day: date) -> list[tuple[time, time]]:
    """When the hours are open on one day, as the library reads that day alone; touching is one."""
    start = datetime.combine(day, time.min)
    found: list[tuple[datetime, datetime]] = []
    for opens, closes, state, _comment in OpeningHours(hours).intervals(
        start, start + timedelta(days=1)
    ):
        if "open" in str(state).casefold():
            begins = found.pop()[0] if found and found[-1][1] == opens else opens
            found.append((begins, closes))
    end = start + timedelta(days=1)
    return [(max(opens, start).time(), min(closes, end).time()) for opens, closes in found]


def test_two_openings_that_touch_are_one() -> None:
    """A remark in the roster ("by appointment" until noon) does not close the door at noon."""
    hours = hours_of('Mo-Su 09:00-12:00 "by appointment", 12:00-14:00', "2026-11-27", 1)
    assert local(hours) == ["27 09:00-27 14:00"]


def test_hours_over_midnight_are_one_opening() -> None:
    """A night shift ends in the morning, and the first morning belongs to the evening before."""
    hours = hours_of("Mo-Su 22:00-02:00", "2026-11-27", 2)
    assert local(hours) == ["27 00:00-27 02:00", "27 22:00-28 02:00", "28 22:00-29 00:00"]
    assert closes_at(hours, at=at("2026-11-28 01:00")) == at("2026-11-28 02:00")


def test_a_holiday_takes_its_own_night_shift_and_not_the_one_before() -> None:
    """What began on Wednesday evening ends on the holiday's morning; the holiday's evening is
    closed to its end, on Friday morning."""
    hours = hours_of("Mo-Su 22:00-06:00", "2026-09-30", 3, calendar=announced("Asia/Shanghai"))
    assert local(hours)[:2] == ["30 00:00-30 06:00", "30 22:00-01 06:00"]
    assert not is_open(hours, at=at("2026-10-02 01:00"))


@pytest.mark.parametrize(
    "hours",
    ["24/7", "Mo-Su 00:00-24:00", "Mo-Su 22:00-14:00; Mo-Su 14:00-22:00 open", "Mo-Su 20:00-32:00",
     "Mo-Fr 18:00-24:00; Sa 00:00-10:00", "Mo-Su 09:00-12:00,11:00-13:00"],
)  # fmt: skip
def test_whole_weeks_are_the_same_day_by_day(hours: str) -> None:
    """Reading a week day by day loses no minute and invents none."""
    days = hours_of(hours, "2026-11-23", 7).open
    minutes = {
        each
        for day in range(7)
        for opens, closes in open_intervals(hours, date(2026, 11, 23) + timedelta(days=day))
        for each in _minutes(date(2026, 11, 23) + timedelta(days=day), opens, closes)
    }
    known = {at("2026-11-23 00:00") + timedelta(minutes=each) for each in range(7 * 24 * 60)}
    assert {each for each in known if meets_any(_minute(each), days)} == minutes


def _minute(moment: datetime) -> Span:
    return Span(moment, moment + timedelta(minutes=1))


def _minutes(day: date, opens: time, closes: time) -> list[datetime]:
    starts = datetime.combine(day, opens, SHANGHAI).astimezone(UTC)
    ends = datetime.combine(day, closes, SHANGHAI).astimezone(UTC)
    if ends <= starts:
        ends += timedelta(days=1)
    return [
        starts + timedelta(minutes=each) for each in range((ends - starts) // timedelta(minutes=1))
    ]


def test_the_wall_clock_decides_on_both_sides_of_a_change_of_clocks() -> None:
    """09:00 in Berlin is 08:00 UTC in winter and 07:00 in summer."""
    hours = hours_of("Mo-Su 09:00-10:00", "2026-03-28", 2, zone=BERLIN)
    assert [each.starts.hour for each in hours.open] == [8, 7]


def test_in_the_skipped_hour_a_room_opens_when_the_clock_jumps() -> None:
    """02:30 does not exist on 29 March 2026 in Berlin: the door opens at 03:00, and what lies
    wholly in the skipped hour does not happen."""
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert first_moment(datetime.fromisoformat("2026-03-29T02:30"), BERLIN) == jump
    assert last_moment(datetime.fromisoformat("2026-03-29T02:59:59"), BERLIN) == jump
    opened = hours_of("Mo-Su 02:30-05:00", "2026-03-29", 1, zone=BERLIN)
    assert local(opened, BERLIN) == ["29 03:00-29 05:00"]
    assert hours_of("Mo-Su 02:15-02:45", "2026-03-29", 1, zone=BERLIN).open == ()


def test_in_the_doubled_hour_a_shift_is_worked_to_its_second_end() -> None:
    """A night from 22:00 to 02:30 on 24 October 2026 in Berlin lasts five and a half hours."""
    night = hours_of("Sa 22:00-02:30", "2026-10-24", 2, zone=BERLIN)
    assert [each.ends - each.starts for each in night.open] == [timedelta(hours=5, minutes=30)]
    morning = hours_of("Su 02:15-04:00", "2026-10-25", 1, zone=BERLIN)
    assert morning.open[0].starts == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)


def test_a_day_that_changes_the_clocks_is_whole() -> None:
    """24 hours open are 23 in March and 25 in October."""
    for day, length in (("2026-03-29", 23), ("2026-10-25", 25)):
        (open_span,) = hours_of("24/7", day, 1, zone=BERLIN).open
        assert open_span.ends - open_span.starts == timedelta(hours=length)


def test_a_span_is_between_two_aware_times() -> None:
    """A naive time, or an end before the start, is a fault of the program."""
    noon = at("2026-11-23 12:00")
    with pytest.raises(ValueError, match="after it starts"):
        Span(noon, noon)
    with pytest.raises(ValueError, match="aware"):
        Span(noon, datetime.fromisoformat("2026-11-24"))
    assert span_between(noon, noon) is None
    assert Span(noon, FOR_EVER).holds(at("2400-01-01 00:00"))


START = datetime(2026, 1, 1, tzinfo=UTC)
spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 12)).map(
        lambda each: Span(
            START + timedelta(hours=each[0]), START + timedelta(hours=each[0] + each[1])
        )
    ),
    max_size=8,
)


def hours_in(found: tuple[Span, ...] | list[Span]) -> set[int]:
    """The model: which whole hours since the start are in the spans."""
    return {each for each in range(60) if any(
        one.holds(START + timedelta(hours=each)) for one in found)}  # fmt: skip


@given(spans, spans)
def test_spans_add_and_subtract_like_sets_of_hours(some: list[Span], others: list[Span]) -> None:
    """No hour is lost, counted twice or invented, and what is left is in order and apart."""
    for result, expected in (
        (merged(some), hours_in(some)),
        (without(some, others), hours_in(some) - hours_in(others)),
    ):
        assert hours_in(result) == expected
        assert all(one.ends < two.starts for one, two in pairwise(result))
    assert all(span_around(each, merged(some)) is not None for each in some)
    assert all(not meets_any(each, others) for each in without(some, others))


@given(spans, st.lists(st.tuples(spans, st.booleans()), max_size=3))
def test_changes_are_applied_in_order(
    some: list[Span], changes: list[tuple[list[Span], bool]]
) -> None:
    """Each change has the last word on its hours until another one comes."""
    expected = hours_in(some)
    declared = [HoursChange(each, is_open) for them, is_open in changes for each in them]
    for change in declared:
        hours = hours_in([change.span])
        expected = expected | hours if change.is_open else expected - hours
    assert hours_in(changed(some, declared)) == expected


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - a wall clock's time
    st.sampled_from([SHANGHAI, BERLIN]),
)
def test_a_local_time_is_a_moment_that_shows_it(shown: datetime, zone: ZoneInfo) -> None:
    """Whatever the wall clock shows comes back, except in the skipped hour; the first time it is
    shown is never after the last, and two readings are at most an hour apart."""
    shown = shown.replace(microsecond=0)
    first, last = first_moment(shown, zone), last_moment(shown, zone)
    assert timedelta() <= last - first <= timedelta(hours=1)
    if zone is SHANGHAI or shown.hour != 2:
        assert first.astimezone(zone).replace(tzinfo=None) == shown


def test_a_day_is_told_by_what_begins_on_it_or_fills_it() -> None:
    """A night belongs to its evening; what lasts for days is cut at each midnight, on the day of 25
    hours as well; a closing that lies beyond what is known is none."""
    week = hours_of("Mo-Fr 20:00-04:00; Sa-Su 00:00-24:00", "2026-10-20", 14, zone=BERLIN)
    told = {
        day: [
            f"{each.starts.astimezone(BERLIN):%d %H:%M}-{each.ends.astimezone(BERLIN):%d %H:%M}"
            for each in openings_on(week, date(2026, 10, day), zone=BERLIN)
        ]
        for day in (22, 23, 25, 26)
    }
    assert told == {
        22: ["22 20:00-23 04:00"],
        23: ["23 20:00-24 00:00"],
        25: ["25 00:00-26 00:00"],
        26: ["26 20:00-27 04:00"],
    }
    always = hours_of("24/7", "2026-10-20", 14, zone=BERLIN)
    moment = at("2026-10-22 21:00", BERLIN)
    assert known_closing(always, at=moment) is None
    assert known_closing(week, at=moment) == closes_at(week, at=moment)
