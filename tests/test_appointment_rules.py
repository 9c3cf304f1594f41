"""The rules of appointments: what can be booked, by whom, and what may become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.appointments import refusals as r
from bot.domain.appointments.booking import (
    AHEAD,
    HOLD,
    LATE_FROM,
    MOST_AHEAD,
    NO_SHOW_AFTER,
    Actor,
    Appointment,
    Guest,
    Side,
    State,
    cancel,
    check_may_book,
    check_not_busy,
    confirm,
    displace,
    done,
    expire,
    has_expired,
    hold,
    move,
    no_show,
    restore,
    run_late,
    side_of,
)
from bot.domain.appointments.codes import (
    CODES,
    MOST_ATTEMPTS_A_DAY,
    check_attempts,
    code_in,
    code_of,
    looks_like_code,
)
from bot.domain.appointments.displaced import Fate, Why, displaced, fate, with_deputy
from bot.domain.appointments.guests import book_for, claim, guest_in
from bot.domain.appointments.reminders import ReminderKind, is_still_due, reminders
from bot.domain.appointments.service import Item, Service, Situation, Way, missing, to_bring
from bot.domain.appointments.slots import (
    CELL,
    Diary,
    Slot,
    Wish,
    beside,
    cells,
    check,
    days,
    instead_of,
    offers,
    slots,
    step_of,
    times_of,
)
from bot.domain.calendar import Calendar
from bot.domain.spans import Span
from bot.roster.hours import room_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = "Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00"
#: Monday, 08:00 in Shanghai.
MONDAY = datetime(2026, 11, 23, 0, tzinfo=UTC)
PERMIT = Service("permit", {"en": "Residence permit"}, 20, (Way.ROOM, Way.PHONE))
VISIT = Service("visit", {"en": "Home visit"}, 30, (Way.VISIT,), travel_minutes=15)
ANA, BEN, LI = Actor(chat_id=101), Actor(chat_id=102), Actor(officer="li")
DESK = Actor(officer="zhao", may_act_for_all=True)


def at(hours: float, day: int = 0) -> datetime:
    """So many hours after 08:00 of the Monday, or of a day after it."""
    return MONDAY + timedelta(days=day, hours=hours)


def diary(
    officer: str = "li",
    *,
    hours: str = WEEK,
    zone: ZoneInfo = SHANGHAI,
    since: date = date(2026, 11, 23),
    absent: tuple[Span, ...] = (),
    booked: frozenset[int] = frozenset(),
    a_day: dict[date, int] | None = None,
) -> Diary:
    known = Calendar(frozenset(range(2020, 2040)))
    found = room_hours(hours, since=since, days=40, calendar=known, zone=zone)
    return Diary(officer, found.open, absent, booked, a_day or {})


def wish(service: Service = PERMIT, way: Way = Way.ROOM, *, now: datetime = MONDAY,
         zone: ZoneInfo = SHANGHAI) -> Wish:  # fmt: skip
    return Wish(service, way, now, zone)


def booked(slot: Slot | None = None, **changes: object) -> Appointment:
    """Ana's appointment with officer Li on Monday at ten, booked on the Friday before."""
    facts: dict[str, object] = {
        "id": 7, "slot": slot or wish().slot("li", at(2)), "state": State.BOOKED,
        "resident_chat_id": 101, "made_at": at(0, day=-3),
    }  # fmt: skip
    return Appointment(**{**facts, **changes})  # type: ignore[arg-type]  # facts by name, for brevity


# What can be had


def test_a_day_offers_what_fits_into_the_hours() -> None:
    """Twenty minutes each, from nine, none over lunch or after closing, an hour's notice."""
    offered = tuple(slots(wish(), diary()))
    monday = times_of(offered, date(2026, 11, 23), wish())
    shown = [f"{each.starts.astimezone(SHANGHAI):%H:%M}" for each in monday]
    assert shown[:9] == [
        "09:00", "09:20", "09:40", "10:00", "10:20", "10:40", "11:00", "11:20", "11:40",
    ]  # fmt: skip
    assert (shown[9], shown[-1]) == ("13:30", "17:30")
    assert days(offered, wish())[:7] == tuple(
        date(2026, 11, 23) + timedelta(days=each) for each in (0, 1, 2, 3, 4, 5, 7)
    )


def test_a_visit_needs_the_way_there_and_back() -> None:
    """The first visit starts after the way there; its end leaves time to come back by noon."""
    offered = times_of(tuple(slots(wish(VISIT, Way.VISIT), diary())), date(2026, 11, 24), wish())
    shown = [f"{each.starts.astimezone(SHANGHAI):%H:%M}" for each in offered]
    assert shown[:5] == ["09:15", "09:45", "10:15", "10:45", "11:15"]
    assert offered[0].busy == Span(at(1, day=1), at(2, day=1))


def test_a_time_beside_another_appointment_can_be_had() -> None:
    """From nine to twenty past nine somebody is elsewhere: the next time begins right then."""
    offered = tuple(slots(wish(), diary()))
    assert beside(offered, [Span(at(1), at(1) + timedelta(minutes=20))]) == offered[1:]
    assert beside(offered, [Span(at(1), at(1) + timedelta(minutes=21))]) == offered[2:]
    assert beside(offered, []) == offered


@pytest.mark.parametrize(
    ("minutes", "step"), [(5, 15), (10, 15), (15, 15), (17, 20), (20, 20), (45, 45)]
)
def test_slots_are_as_far_apart_as_the_service_is_long(minutes: int, step: int) -> None:
    """In whole cells, and never closer than a quarter of an hour."""
    assert step_of(replace(PERMIT, minutes=minutes)) == timedelta(minutes=step)


def test_cells_are_what_two_bookings_cannot_share() -> None:
    """A part of five minutes counts whole; lengths and ways there are in it."""
    base = cells(at(0), 5)
    assert len(base) == 1
    assert list(cells(at(0), 7)) == [base[0], base[0] + 1]
    assert list(cells(at(0) + timedelta(minutes=3), 5)) == [base[0], base[0] + 1]
    assert len(cells(at(0), 30, 15)) == 12
    assert timedelta(minutes=5) == CELL


def refused(change: Callable[[], object]) -> r.AppointmentRefused:
    with pytest.raises(r.AppointmentRefused) as refusal:
        change()
    return refusal.value


def test_every_refusal_of_a_slot_has_a_name_and_a_fact() -> None:
    """In the past, too soon, too far, outside the hours, during an absence, taken, a full day, a
    forged time, a way that is not offered."""
    away = Span(at(5.5), at(10))
    w = wish(replace(PERMIT, daily_limit=2))
    li = diary(absent=(away,), booked=frozenset(w.slot("li", at(2)).cells),
               a_day={date(2026, 11, 24): 2})  # fmt: skip

    def why(starts: datetime, of: Wish = w) -> r.AppointmentRefused:
        return refused(lambda: check(of.slot("li", starts), of, li))

    past = why(at(0))
    assert isinstance(past, r.SlotInThePast)
    assert past.starts == at(0)
    soon = why(at(0.9))
    assert isinstance(soon, r.TooSoon)
    assert soon.earliest == at(1)
    far = why(at(1, day=31))
    assert isinstance(far, r.TooFar)
    assert far.latest == at(0, day=30)
    closed = why(at(4))
    assert isinstance(closed, r.SlotOutsideHours)
    assert closed.starts == at(4)
    absent = why(at(6))
    assert isinstance(absent, r.SlotDuringAbsence)
    assert (absent.starts, absent.officer) == (at(6), "li")
    taken = why(at(2))
    assert isinstance(taken, r.SlotTaken)
    assert (taken.starts, taken.officer) == (at(2), "li")
    full = why(at(2, day=1))
    assert isinstance(full, r.DayFull)
    assert full.day == date(2026, 11, 24)
    forged = why(at(3) + timedelta(minutes=5))
    assert isinstance(forged, r.NoSuchSlot)
    assert forged.starts == at(3) + timedelta(minutes=5)
    assert isinstance(why(at(3), wish(way=Way.VISIT)), r.NoSuchSlot)
    check(w.slot("li", at(3)), w, li)


def test_the_first_free_officer_in_order_is_offered() -> None:
    """A time is shown once; the resident's own officer comes first, a deputy fills the gaps."""
    w = wish()
    ten = w.slot("li", at(2))
    offered = offers(w, [diary(booked=frozenset(ten.cells)), diary("wang")])
    by_start = {each.starts: each.officer for each in offered}
    assert by_start[at(2)] == "wang"
    assert set(by_start.values()) == {"li", "wang"}
    assert list(by_start.values()).count("wang") == 1
    assert list(by_start) == sorted(by_start)


def test_whoever_lost_a_race_gets_the_nearest_slots() -> None:
    """Three of them, in order of time."""
    offered = tuple(each for each in slots(wish(), diary()) if each.starts != at(2))
    instead = [each.starts for each in instead_of(at(2), offered)]
    assert instead == [at(2) - timedelta(minutes=each) for each in (40, 20)] + [
        at(2) + timedelta(minutes=20)
    ]


def test_an_opening_that_begins_at_an_odd_minute_offers_whole_cells() -> None:
    """A one-off change at 09:02 is no reason for appointments at 09:02."""
    odd = Diary("li", [Span(at(1) + timedelta(minutes=2), at(2))])
    assert [each.starts for each in slots(wish(), odd)] == [
        at(1) + timedelta(minutes=each) for each in (5, 25)
    ]


WHEN = st.datetimes(
    datetime(2026, 3, 20), datetime(2026, 11, 20), timezones=st.just(UTC)  # noqa: DTZ001 - UTC here
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    now=WHEN,
    zone=st.sampled_from([SHANGHAI, BERLIN]),
    hours=st.sampled_from([WEEK, "Mo-Su 22:00-06:00", "24/7", "Mo-Fr 01:30-03:30"]),
    minutes=st.integers(5, 90),
    travel=st.sampled_from([0, 10, 25]),
    away=st.integers(0, 200),
    length=st.integers(1, 100),
    taken=st.sets(st.integers(0, 2000), max_size=30),
)
def test_every_slot_is_inside_the_hours_and_outside_everything_else(
    now: datetime, zone: ZoneInfo, hours: str, minutes: int, travel: int, away: int, length: int,
    taken: set[int],
) -> None:  # fmt: skip
    """In both zones, over midnight and on the days that change the clocks: on duty, not absent,
    not booked, in time, on whole cells, in order; and each passes the check that books it."""
    service = Service("x", {}, minutes, (Way.VISIT,), travel_minutes=travel, days_ahead=14)
    absence = Span(now + timedelta(hours=away), now + timedelta(hours=away + length))
    first_cell = cells(now, 5)[0]
    li = diary(
        hours=hours, zone=zone, since=now.astimezone(zone).date(), absent=(absence,),
        booked=frozenset(first_cell + each for each in taken),
    )  # fmt: skip
    w = Wish(service, Way.VISIT, now, zone)
    offered = tuple(slots(w, li))
    assert all(one.starts < two.starts for one, two in pairwise(offered))
    for slot in offered:
        assert any(each.covers(slot.busy) for each in li.open)
        assert not slot.busy.meets(absence)
        assert li.booked.isdisjoint(slot.cells)
        assert now + timedelta(hours=1) <= slot.starts <= now + timedelta(days=14)
        assert slot.starts.timestamp() % 300 == 0
        check(slot, w, li)


# What to bring


def test_everything_to_bring_is_said_once() -> None:
    """What everybody brings, then what one's own situation adds; ticking counts what is needed."""
    passport, photo = Item({"en": "passport"}), Item({"en": "photo"}, is_needed=False)
    letter = Item({"en": "letter of the school"})
    service = replace(
        PERMIT, bring=(passport, photo), situations=(Situation("student", {}, (letter,)),)
    )
    assert to_bring(service) == (passport, photo)
    assert to_bring(service, "student") == (passport, photo, letter)
    assert to_bring(service, "unknown") == (passport, photo)
    assert missing(service, "student", frozenset({0})) == (letter,)
    assert missing(service, "student", frozenset({0, 2})) == ()


# What becomes of a booking


def test_a_held_slot_is_confirmed_in_time() -> None:
    """Five minutes, then it is free for others; a second press is told so."""
    held = hold(wish().slot("li", at(2)), resident_chat_id=101, now=at(0))
    assert (held.state, held.held_until) == (State.HELD, at(0) + HOLD)
    confirmed = confirm(held, ANA, now=at(0) + HOLD - timedelta(seconds=1))
    assert (confirmed.state, confirmed.held_until) == (State.BOOKED, None)
    assert isinstance(refused(lambda: confirm(confirmed, ANA, now=at(0))), r.AlreadyBooked)
    late = refused(lambda: confirm(held, ANA, now=at(0) + HOLD))
    assert isinstance(late, r.HoldExpired)
    assert late.held_until == at(0) + HOLD
    assert not has_expired(held, now=at(0))
    assert has_expired(held, now=at(0) + HOLD)
    assert isinstance(refused(lambda: confirm(expire(held), ANA, now=at(0))), r.HoldExpired)
    dropped = cancel(held, ANA, now=at(0))
    assert isinstance(refused(lambda: confirm(dropped, ANA, now=at(0))), r.AlreadyOver)


def test_only_the_two_sides_may_touch_an_appointment() -> None:
    """Another resident, another officer, and nobody at all are refused; the desk acts for all."""
    mine = booked()
    assert side_of(mine, ANA) is Side.RESIDENT
    assert side_of(mine, LI) is Side.OFFICER
    assert side_of(mine, DESK) is Side.OFFICER
    for other in (BEN, Actor(officer="wang"), Actor()):
        assert isinstance(refused(lambda other=other: side_of(mine, other)), r.NotYours)
    unclaimed = replace(mine, resident_chat_id=None)
    assert isinstance(refused(lambda: side_of(unclaimed, Actor())), r.NotYours)


def test_an_appointment_is_moved_before_it_starts() -> None:
    """The new time is the only one; what was late is not late any more."""
    later = wish().slot("wang", at(3))
    moved = move(booked(late_minutes=20), later, ANA, now=at(1))
    assert (moved.slot, moved.state, moved.late_minutes) == (later, State.BOOKED, 0)
    started = refused(lambda: move(booked(), later, ANA, now=at(2)))
    assert isinstance(started, r.AlreadyStarted)
    assert started.starts == at(2)
    held = hold(later, resident_chat_id=101, now=at(0))
    assert isinstance(refused(lambda: move(held, later, ANA, now=at(0))), r.NotBookedYet)
    over = refused(lambda: move(booked(state=State.CANCELLED), later, ANA, now=at(0)))
    assert isinstance(over, r.AlreadyOver)
    assert over.state == "cancelled"


def test_a_displaced_booking_can_still_be_moved_or_called_off() -> None:
    """Also after its old time has begun: nobody is left without an answer."""
    away = displace(booked(), reason="leave")
    assert (away.state, away.reason) == (State.DISPLACED, "leave")
    later = wish().slot("wang", at(5))
    moved = move(away, later, ANA, now=at(2.5))
    assert (moved.state, moved.slot, moved.reason) == (State.BOOKED, later, "")
    assert cancel(away, ANA, now=at(2.5)).state is State.CANCELLED
    assert isinstance(refused(lambda: confirm(away, ANA, now=at(0))), r.AlreadyBooked)
    assert isinstance(refused(lambda: displace(away, reason="")), r.AlreadyOver)
    assert not has_expired(away, now=at(1.9))
    assert has_expired(away, now=at(2))


def test_either_side_calls_off_before_the_start() -> None:
    """With who it was and why; not twice, and not once it has begun."""
    called_off = cancel(booked(), LI, now=at(1), reason="court")
    assert (called_off.state, called_off.ended_by, called_off.reason) == (
        State.CANCELLED, Side.OFFICER, "court",
    )  # fmt: skip
    assert isinstance(refused(lambda: cancel(called_off, ANA, now=at(1))), r.AlreadyOver)
    assert isinstance(refused(lambda: cancel(booked(), ANA, now=at(2))), r.AlreadyStarted)


def test_the_officer_says_late_kept_or_missed() -> None:
    """Late from two hours before; kept from the start; missed ten minutes after, later if the
    officer was late. The resident cannot say any of it."""
    late = run_late(booked(), LI, minutes=20, now=at(1))
    assert late.late_minutes == 20
    early = refused(lambda: run_late(booked(), LI, minutes=20, now=at(-0.1)))
    assert isinstance(early, r.NotYet)
    assert early.since == at(2) - LATE_FROM
    assert isinstance(refused(lambda: run_late(booked(), ANA, minutes=20, now=at(1))), r.NotYours)
    again = refused(lambda: run_late(late, LI, minutes=20, now=at(1)))
    assert isinstance(again, r.AlreadySaid)
    too_late = refused(
        lambda: run_late(booked(), LI, minutes=20, now=at(2) + timedelta(minutes=20))
    )
    assert isinstance(too_late, r.SlotInThePast)
    assert too_late.starts == at(2) + timedelta(minutes=20)

    assert done(booked(), LI, now=at(2)).state is State.DONE
    assert isinstance(refused(lambda: done(booked(), LI, now=at(1.9))), r.NotYet)
    since = at(2) + timedelta(minutes=20) + NO_SHOW_AFTER
    not_yet = refused(lambda: no_show(late, LI, now=since - timedelta(seconds=1)))
    assert isinstance(not_yet, r.NotYet)
    assert not_yet.since == since
    missed = no_show(late, DESK, now=since)
    assert (missed.state, missed.ended_by) == (State.NO_SHOW, Side.OFFICER)
    assert isinstance(refused(lambda: done(missed, LI, now=since)), r.AlreadyOver)
    held = hold(wish().slot("li", at(2)), resident_chat_id=101, now=at(0))
    assert isinstance(refused(lambda: done(held, LI, now=at(3))), r.NotBookedYet)


def test_one_resident_does_not_fill_a_week_nor_two_places_at_once() -> None:
    """Three ahead, none at the same time; what is over does not count."""
    own = [booked(wish().slot("li", at(2 + each))) for each in range(MOST_AHEAD)]
    many = refused(lambda: check_may_book(wish().slot("li", at(9)), own))
    assert isinstance(many, r.TooManyAppointments)
    assert many.limit == MOST_AHEAD
    busy = refused(lambda: check_may_book(wish().slot("wang", at(2)), own[:1]))
    assert isinstance(busy, r.ResidentIsBusy)
    assert busy.other == 7
    check_may_book(wish().slot("li", at(9)), own[:2])
    check_may_book(wish().slot("li", at(2)), [replace(own[0], state=State.CANCELLED)])
    check_not_busy(wish().slot("li", at(9)), own)
    busy = refused(lambda: check_not_busy(wish().slot("wang", at(2)), own))
    assert isinstance(busy, r.ResidentIsBusy)


def test_somebody_without_telegram_is_booked_for_and_may_claim_it() -> None:
    """The booking is firm at once; the first chat that names its code has it, a second not."""
    guest = Guest("Mr Okoye", "+86 10 5555 0199", code_of(4829136))
    for_guest = book_for(wish().slot("li", at(2)), guest, now=at(0))
    assert (for_guest.state, for_guest.resident_chat_id) == (State.BOOKED, None)
    claimed = claim(for_guest, chat_id=103, now=at(1))
    assert claim(claimed, chat_id=103, now=at(1)) == claimed
    assert side_of(claimed, Actor(chat_id=103)) is Side.RESIDENT
    assert isinstance(refused(lambda: claim(claimed, chat_id=104, now=at(1))), r.AlreadyClaimed)
    over = replace(for_guest, state=State.DONE)
    assert isinstance(refused(lambda: claim(over, chat_id=103, now=at(1))), r.AlreadyOver)
    assert isinstance(refused(lambda: claim(None, chat_id=103, now=at(1))), r.NoSuchCode)
    late = refused(lambda: claim(for_guest, chat_id=103, now=at(2)))
    assert isinstance(late, r.AlreadyStarted)
    assert late.starts == at(2)


@pytest.mark.parametrize(
    ("typed", "name", "phone"),
    [
        ("Wang Fang 138 0000 0000", "Wang Fang", "138 0000 0000"),
        ("王芳13800000000", "王芳", "13800000000"),
        ("+86 (10) 5555-0199, Mr Okoye", "Mr Okoye", "+86 (10) 5555-0199"),
        ("Okoye, Ada:\n+86 10 5555 0199", "Okoye, Ada", "+86 10 5555 0199"),
        ("فاطمة ٠١٠ ٥٥٥٥", "فاطمة", "010 5555"),
        ("Unit 3 Li 5555 0199", "Unit 3 Li", "5555 0199"),
    ],
)
def test_a_name_and_a_number_are_told_apart(typed: str, name: str, phone: str) -> None:
    """Either first, in any script's digits, with whatever marks stand between them."""
    assert guest_in(typed) == Guest(name, phone, "")


def test_who_cannot_be_called_or_named_is_no_guest() -> None:
    """Each fault has its name: no number, one too long or too short, no name, one too long."""
    for typed in ("", "Wang Fang", "Wang Fang 12", "Wang Fang 1234567890123456", "12a"):
        assert isinstance(refused(lambda typed=typed: guest_in(typed)), r.NoNumber)
    for typed in ("138 0000 0000", ", : 138 0000 0000", "\u2067\u2069 138 0000 0000"):
        assert isinstance(refused(lambda typed=typed: guest_in(typed)), r.NoName)
    long = refused(lambda: guest_in("x" * 65 + " 138 0000 0000"))
    assert isinstance(long, r.TooLong)
    assert long.limit == 64


def test_what_is_booked_for_a_guest_knows_where_to_come_or_call() -> None:
    """By phone: the guest's number; a visit: the address."""
    guest = Guest("Mr Okoye", "+86 10 5555 0199", code_of(4829136))
    slot = wish().slot("li", at(2))
    call = book_for(replace(slot, way=Way.PHONE), guest, now=at(0))
    assert (call.phone, call.place) == ("+86 10 5555 0199", "")
    visit = book_for(replace(slot, way=Way.VISIT), guest, now=at(0), place="12 Binjiang Road")
    assert (visit.phone, visit.place) == ("", "12 Binjiang Road")


# Reminders


def kinds(found: tuple[object, ...]) -> list[tuple[str, str, datetime]]:
    return [(each.kind, each.side, each.due_at) for each in found]  # type: ignore[attr-defined]  # any


def test_both_sides_are_reminded_a_day_and_an_hour_before() -> None:
    """Four reminders for an appointment on Wednesday, booked on Monday."""
    starts = at(2, day=2)
    found = reminders(booked(wish().slot("li", starts)), now=at(0), zone=SHANGHAI)
    day, hour = starts - timedelta(days=1), starts - timedelta(hours=1)
    assert kinds(found) == [
        ("day_before", "resident", day), ("day_before", "officer", day),
        ("hour_before", "resident", hour), ("hour_before", "officer", hour),
    ]  # fmt: skip
    assert len({each.key for each in found}) == 4


def test_nothing_in_the_past_is_promised() -> None:
    """Booked for the same day: an hour before only; within the hour: none; held, over: none. A
    guest without a chat is not reminded, the officer is."""
    assert {each.kind for each in reminders(booked(), now=at(0), zone=SHANGHAI)} == {
        ReminderKind.HOUR_BEFORE
    }
    assert reminders(booked(), now=at(1), zone=SHANGHAI) == ()
    assert reminders(booked(state=State.CANCELLED), now=at(0), zone=SHANGHAI) == ()
    guests = reminders(booked(resident_chat_id=None), now=at(0), zone=SHANGHAI)
    assert [each.side for each in guests] == [Side.OFFICER]


def test_a_reminder_is_true_when_it_comes() -> None:
    """Not after a move, a cancellation, or the start itself."""
    mine = booked()
    reminder = reminders(mine, now=at(0), zone=SHANGHAI)[0]
    assert is_still_due(reminder, mine, now=at(1))
    assert not is_still_due(reminder, mine, now=at(2))
    assert not is_still_due(reminder, booked(wish().slot("li", at(3))), now=at(1))
    assert not is_still_due(reminder, booked(state=State.CANCELLED), now=at(1))


def test_after_a_standstill_one_reminder_is_enough() -> None:
    """The day's and the hour's are both late: the hour's comes, the day's does not."""
    mine = booked(wish().slot("li", at(2, day=2)))
    day, hour = reminders(mine, now=at(0), zone=SHANGHAI)[::2]
    late = mine.slot.starts - timedelta(minutes=30)
    assert not is_still_due(day, mine, now=late)
    assert is_still_due(hour, mine, now=late)
    assert is_still_due(day, mine, now=mine.slot.starts - timedelta(minutes=61))


@pytest.mark.parametrize(("day", "hours_before"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_before_is_the_same_time_of_day(day: str, hours_before: int) -> None:
    """Over a change of clocks it is 23 or 25 hours: people think in days."""
    starts = datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=BERLIN).astimezone(UTC)
    found = reminders(
        booked(wish().slot("li", starts)), now=starts - timedelta(days=5), zone=BERLIN
    )
    assert starts - found[0].due_at == timedelta(hours=hours_before)


# Codes


def test_a_booking_code_is_read_aloud_and_typed_back() -> None:
    """In groups, in any script's digits, with any marks."""
    code = code_of(4829136)
    assert len(code) == 9
    assert code.startswith("4829-136")
    digits = code.replace("-", "")
    arabic = digits.translate({ord("0") + each: 0x0660 + each for each in range(10)})
    copied = f"\u2068{digits[:4]}\u2011{digits[4:]}\u2069."
    for typed in (code, digits, f" {digits[:4]} {digits[4:]} ", arabic, digits.replace("4", "４"),
                  copied, code.replace("-", "－")):  # fmt: skip
        assert code_in(typed) == code
    for typed in ("", "1042", "C-1042", "4829-136", "4829-1364-5", "abcd-efgh", f"{digits}²"):
        assert code_in(typed) is None
        assert not looks_like_code(typed)
    slip = digits[:7] + str((int(digits[7]) + 1) % 10)
    assert (code_in(slip), looks_like_code(slip)) == (None, True)
    for number in (-1, CODES):
        with pytest.raises(ValueError, match="below"):
            code_of(number)


def test_so_many_wrong_codes_are_guesses() -> None:
    """The fifth may still be wrong; then none is taken any more."""
    check_attempts(MOST_ATTEMPTS_A_DAY - 1)
    many = refused(lambda: check_attempts(MOST_ATTEMPTS_A_DAY))
    assert isinstance(many, r.TooManyAttempts)
    assert many.limit == MOST_ATTEMPTS_A_DAY


@given(st.integers(0, CODES - 1), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_or_a_swap_is_no_other_code(number: int, place: int, by: int) -> None:
    """Nobody is shown somebody else's appointment for a slip."""
    code = code_of(number)
    assert code_in(code) == code
    digits = code.replace("-", "")
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert code_in(wrong) is None
    swapped = digits[:place] + digits[place : place + 2][::-1] + digits[place + 2 :]
    assert swapped == digits or code_in(swapped) is None


# Changes after booking


def test_a_change_of_hours_or_an_absence_names_whom_it_concerns() -> None:
    """In order of time, with the reason; what has begun, is over or fits is left alone."""
    known = diary()
    own = [
        booked(wish().slot("li", at(each)), id=number)
        for number, each in enumerate((6, 4, 2, 1, 3, 7))
    ]
    own[4] = replace(own[4], state=State.CANCELLED)
    found = displaced(own, hours=known.open, absent=[Span(at(6), at(6.1))], now=at(1))
    assert [(each.appointment.id, each.why) for each in found] == [(1, Why.HOURS), (0, Why.ABSENCE)]


@pytest.mark.parametrize(
    ("state", "why", "starts", "becomes"),
    [
        (State.BOOKED, Why.ABSENCE, 2, Fate.DISPLACED),
        (State.BOOKED, Why.HOURS, 2, Fate.DISPLACED),
        (State.BOOKED, None, 2, Fate.STAYS),
        (State.HELD, Why.ABSENCE, 2, Fate.LET_GO),
        (State.HELD, None, 2, Fate.STAYS),
        (State.DISPLACED, None, 2, Fate.RESTORED),
        (State.DISPLACED, Why.HOURS, 2, Fate.STAYS),
        (State.CANCELLED, Why.ABSENCE, 2, Fate.STAYS),
        (State.BOOKED, Why.ABSENCE, 1, Fate.STAYS),
        (State.DISPLACED, None, 1, Fate.STAYS),
    ],
)
def test_what_becomes_of_an_appointment_when_the_officers_time_changes(
    state: State, why: Why | None, starts: float, becomes: Fate
) -> None:
    """Bookings are displaced, held slots let go, and what can be kept after all comes back; what
    has begun is left alone."""
    each = booked(wish().slot("li", at(starts)), state=state)
    assert fate(each, why, now=at(1)) is becomes


def test_only_what_is_displaced_comes_back() -> None:
    """Booked again, with no reason left; never what was called off meanwhile."""
    away = displace(booked(), reason="absence")
    assert restore(away) == replace(away, state=State.BOOKED, reason="")
    assert isinstance(refused(lambda: restore(booked(state=State.CANCELLED))), r.AlreadyOver)


def test_the_first_deputy_who_is_free_at_that_very_time_is_offered() -> None:
    """Never the officer who is away; nobody, when nobody is free."""
    slot = wish().slot("li", at(2))
    busy = replace(diary("chen"), booked=frozenset(slot.cells))
    found = with_deputy(slot, [diary("li"), busy, diary("wang")])
    assert found == replace(slot, officer="wang")
    assert with_deputy(slot, [busy]) is None


class Bookings(RuleBasedStateMachine):
    """Residents book, move and call off, officers are pulled away, time passes. The model is the
    plainest there is: a list of who has which minutes of whom."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.on_file: list[Appointment] = []
        self.absent: dict[str, list[Span]] = {"li": [], "wang": []}

    @initialize(zone=st.sampled_from([SHANGHAI, BERLIN]),
                hours=st.sampled_from([WEEK, "Mo-Su 20:00-04:00"]))  # fmt: skip
    def a_station(self, zone: ZoneInfo, hours: str) -> None:
        self.zone = zone
        self.open = {
            officer: diary(officer, hours=hours, zone=zone).open for officer in self.absent
        }

    def diary(self, officer: str, without: Appointment | None = None) -> Diary:
        taken = {
            cell
            for each in self.on_file
            if each.state in AHEAD and each is not without and each.slot.officer == officer
            for cell in each.slot.cells
        }
        return Diary(officer, self.open[officer], self.absent[officer], frozenset(taken))

    def pick(self, data: st.DataObject, without: Appointment | None = None) -> Slot | None:
        service, way = data.draw(st.sampled_from([(PERMIT, Way.ROOM), (VISIT, Way.VISIT)]))
        w = Wish(service, way, self.now, self.zone)
        offered = offers(w, [self.diary(each, without) for each in self.absent])[:40]
        return data.draw(st.sampled_from(offered)) if offered else None

    @rule(data=st.data(), chat=st.integers(101, 104))
    def book(self, data: st.DataObject, chat: int) -> None:
        slot = self.pick(data)
        own = [each for each in self.on_file if each.resident_chat_id == chat]
        if slot is None:
            return
        try:
            check_may_book(slot, own)
        except (r.TooManyAppointments, r.ResidentIsBusy):
            return
        held = replace(hold(slot, resident_chat_id=chat, now=self.now), place="Binjiang Road")
        self.on_file.append(confirm(held, Actor(chat_id=chat), now=self.now))

    @rule(data=st.data(), may_touch=st.booleans())
    def change(self, data: st.DataObject, may_touch: bool) -> None:
        if not self.on_file:
            return
        place = data.draw(st.integers(0, len(self.on_file) - 1))
        before = self.on_file[place]
        chat = before.resident_chat_id if may_touch else 999
        slot = self.pick(data, before)
        try:
            if slot is not None and data.draw(st.booleans()):
                self.on_file[place] = move(before, slot, Actor(chat_id=chat), now=self.now)
            else:
                self.on_file[place] = cancel(before, Actor(chat_id=chat), now=self.now)
        except r.NotYours:
            assert not may_touch
        except (r.AlreadyOver, r.AlreadyStarted):
            assert may_touch
        else:
            assert may_touch

    @rule(officer=st.sampled_from(["li", "wang"]), starts=st.integers(0, 100),
          length=st.integers(1, 30))  # fmt: skip
    def pull_away(self, officer: str, starts: int, length: int) -> None:
        begin = self.now + timedelta(hours=starts)
        self.absent[officer].append(Span(begin, begin + timedelta(hours=length)))
        own = [each for each in self.on_file if each.slot.officer == officer]
        told = displaced(own, hours=self.open[officer], absent=self.absent[officer], now=self.now)
        for each in told:
            assert each.why is Why.ABSENCE
            place = self.on_file.index(each.appointment)
            self.on_file[place] = displace(each.appointment, reason=each.why)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for place, each in enumerate(self.on_file):
            if has_expired(each, now=self.now):
                self.on_file[place] = expire(each)

    @invariant()
    def nobody_is_booked_twice(self) -> None:
        taken = [
            (each.slot.officer, cell)
            for each in self.on_file
            if each.state in AHEAD
            for cell in each.slot.cells
        ]
        assert len(taken) == len(set(taken))

    @invariant()
    def nothing_ahead_is_in_an_absence_or_outside_the_hours_untold(self) -> None:
        for each in self.on_file:
            if each.state is State.BOOKED and each.slot.starts > self.now:
                officer = each.slot.officer
                assert any(hours.covers(each.slot.busy) for hours in self.open[officer])
                assert not any(each.slot.busy.meets(away) for away in self.absent[officer])

    @invariant()
    def reminders_are_in_time_and_true(self) -> None:
        for each in self.on_file:
            for reminder in reminders(each, now=self.now, zone=self.zone):
                assert self.now < reminder.due_at < each.slot.starts
                assert is_still_due(reminder, each, now=reminder.due_at)


TestBookings = Bookings.TestCase
TestBookings.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
