"""Rules of calendar files: who may have one, what it says, and that every calendar can read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from bot.domain.appointments.booking import Actor, Appointment, State, move
from bot.domain.appointments.calendar_files import (
    ALARMS,
    Entry,
    entry_to_add,
    entry_to_remove,
    was_called_off,
)
from bot.domain.appointments.refusals import (
    AlreadyBooked,
    AlreadyOver,
    AlreadyStarted,
    AppointmentRefused,
    NotBookedYet,
    NotYours,
)
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from handlers.appointments.calendar_writing import Said, calendar_file, file_name

NOW = datetime(2026, 12, 7, 1, 2, 3, 456789, tzinfo=UTC)
SLOT = Slot("li", "permit", Way.ROOM, NOW.replace(hour=9, minute=0, second=0, microsecond=0), 20)
SLOT = replace(SLOT, starts=SLOT.starts + timedelta(days=7))
BOOKED = Appointment(17, SLOT, State.BOOKED, 700123456, NOW, version=3)
ANA, BO, LI, WANG = (
    Actor(chat_id=700123456),
    Actor(chat_id=102),
    Actor(officer="li"),
    Actor(officer="wang"),
)
DESK = Actor(officer="zhao", may_act_for_all=True)
BOT = 4242


def added(appointment: Appointment, actor: Actor = ANA, *, now: datetime = NOW) -> Entry:
    return entry_to_add(appointment, actor, bot_id=BOT, now=now)


def removed(appointment: Appointment, actor: Actor = ANA) -> Entry:
    return entry_to_remove(appointment, actor, bot_id=BOT, now=NOW)


def test_both_sides_and_the_desk_may_have_it() -> None:
    """The same entry for each of them, and nothing in its name says who comes."""
    expected = Entry(
        "appointment-17.4242@beatline",
        3,
        NOW,
        SLOT.starts,
        SLOT.starts + timedelta(minutes=20),
        alarms=ALARMS,
    )
    assert [added(BOOKED, actor) for actor in (ANA, LI, DESK)] == [expected] * 3


@pytest.mark.parametrize(
    ("appointment", "actor", "refusal"),
    [
        (BOOKED, BO, NotYours),
        (BOOKED, WANG, NotYours),
        (replace(BOOKED, state=State.HELD), ANA, NotBookedYet),
        (replace(BOOKED, state=State.DISPLACED), ANA, AlreadyOver),
        (replace(BOOKED, state=State.CANCELLED), ANA, AlreadyOver),
        (replace(BOOKED, slot=replace(SLOT, starts=NOW)), ANA, AlreadyStarted),
    ],
)
def test_what_nobody_comes_to_goes_into_no_calendar(
    appointment: Appointment, actor: Actor, refusal: type[AppointmentRefused]
) -> None:
    """Somebody else's, not confirmed, displaced, over, or begun."""
    with pytest.raises(refusal):
        added(appointment, actor)


def test_a_move_is_a_newer_entry_of_the_same_appointment() -> None:
    """A calendar that has the old one puts the new one in its place."""
    later = replace(SLOT, starts=SLOT.starts + timedelta(days=1), officer="wang")
    moved = replace(move(BOOKED, later, ANA, now=NOW), version=BOOKED.version + 1)
    before, after = added(BOOKED), added(moved)
    assert after.uid == before.uid
    assert after.sequence > before.sequence
    assert after.starts == later.starts


def test_an_alarm_that_would_have_rung_already_is_left_out() -> None:
    """Some calendars ring at once for what lies behind."""
    day, hour = ALARMS
    assert added(BOOKED, now=SLOT.starts - day).alarms == (hour,)
    assert added(BOOKED, now=SLOT.starts - hour).alarms == ()


def test_only_what_was_called_off_is_taken_out() -> None:
    """By either side, or when nobody chose another time; what took place stands rightly there, and
    what is ahead is cancelled first."""
    for state in State:
        over = replace(BOOKED, state=state, version=4)
        if was_called_off(over):
            entry = removed(over)
            assert (entry.uid, entry.sequence, entry.is_cancelled) == (added(BOOKED).uid, 4, True)
            assert entry.alarms == ()
    assert {each for each in State if was_called_off(replace(BOOKED, state=each))} == {
        State.CANCELLED,
        State.EXPIRED,
    }
    with pytest.raises(AlreadyBooked):
        removed(BOOKED)
    with pytest.raises(AlreadyOver):
        removed(replace(BOOKED, state=State.DONE))
    with pytest.raises(NotYours):
        removed(replace(BOOKED, state=State.CANCELLED), BO)


# --- the file

ENGLISH = Said(
    summary='Permit; "first time", or \\n',
    place="East Police Room, 12 Binjiang Road; door 3",
    description="With Li.\nPlease bring:\n• Passport, photo; letter\n\\ and " + "so on, " * 40,
    sender='Riverside "Station": one, two',
    link="https://t.me/riverside_bot",
    location=(30.0001, 100.0002),
)
CHINESE = Said(
    summary="居住登记",
    place="城东警务室、滨江路12号",
    description="与李明。\n请带：\n• 护照，照片；信件" + "非常长的一行" * 40,
    sender="河滨派出所",
    link="https://t.me/riverside_bot",
)
ARABIC = Said(
    summary="تسجيل الإقامة، أول مرة؛",
    place="غرفة الشرطة الشرقية، شارع بينجيانغ 12",
    description="مع لي مينغ.\nالرجاء إحضار:\n• جواز السفر" + " وهكذا" * 60 + "\n\u2066+86 10\u2069",
    sender="مركز شرطة الضفة",
    link="https://t.me/riverside_bot",
)


def event_in(written: bytes) -> Event:
    """The one event of a file."""
    [event] = Calendar.from_ical(written).walk("VEVENT")
    return event


@pytest.mark.parametrize("said", [ENGLISH, CHINESE, ARABIC], ids=["en", "zh", "ar"])
def test_another_program_reads_what_was_written(said: Said) -> None:
    """Field by field, with commas, semicolons, quotes, backslashes and line breaks, in any
    script."""
    entry = added(BOOKED)
    written = calendar_file(entry, said)
    calendar, event = Calendar.from_ical(written), event_in(written)
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert calendar["PRODID"] == "-//Beatline//Appointments//EN"
    assert (event["UID"], event["SEQUENCE"]) == (entry.uid, 3)
    assert event.decoded("DTSTAMP") == NOW.replace(microsecond=0)
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (entry.starts, entry.ends)
    assert (event["STATUS"], event["CLASS"]) == ("CONFIRMED", "PRIVATE")
    assert event["SUMMARY"] == said.summary
    assert event["LOCATION"] == said.place
    assert event["DESCRIPTION"] == said.description
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (said.link, said.sender)
    assert event["URL"] == said.link
    geo = event.get("GEO")
    assert (None if geo is None else (geo.latitude, geo.longitude)) == said.location
    alarms = [
        (alarm["ACTION"], alarm.decoded("TRIGGER"), alarm["DESCRIPTION"])
        for alarm in event.walk("VALARM")
    ]
    assert alarms == [("DISPLAY", -before, said.summary) for before in ALARMS]


@pytest.mark.parametrize("said", [ENGLISH, CHINESE, ARABIC], ids=["en", "zh", "ar"])
def test_the_file_is_written_as_the_standard_wants(said: Said) -> None:
    """RFC 5545, 3.1: lines end in CRLF and have at most 75 octets, none breaks a character; times
    are in UTC, so no time zone is described."""
    written = calendar_file(added(BOOKED), said)
    assert written.endswith(b"END:VCALENDAR\r\n")
    lines = written.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(len(line) for line in lines) <= 75
    assert [line.decode("utf-8") for line in lines]
    assert b"DTSTART:20261214T090000Z" in lines
    assert b"VTIMEZONE" not in written


def test_a_cancelled_one_takes_the_entry_out() -> None:
    """RFC 5546, 3.2.5: the same UID, a higher SEQUENCE, no alarm."""
    written = calendar_file(
        removed(replace(BOOKED, state=State.CANCELLED, version=5)), replace(CHINESE, description="")
    )
    event = event_in(written)
    assert Calendar.from_ical(written)["METHOD"] == "CANCEL"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (
        "appointment-17.4242@beatline",
        5,
        "CANCELLED",
    )
    assert event.walk("VALARM") == []


def test_what_no_calendar_may_hold_is_left_out() -> None:
    """Control characters that somebody typed into an address."""
    written = calendar_file(added(BOOKED), replace(ENGLISH, place="12\x07 Bin\x1bjiang\x7f Road"))
    assert event_in(written)["LOCATION"] == "12 Binjiang Road"


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Asia/Shanghai", "2026-12-15 09:00"),
        ("Europe/Berlin", "2027-03-27 09:00"),
        ("Europe/Berlin", "2027-03-28 09:00"),  # the clocks went forward in that night
        ("Europe/Berlin", "2027-10-31 09:00"),  # and back in this one
        ("Europe/Berlin", "2027-10-31 02:30"),
    ],
)
def test_the_phone_shows_the_hour_that_was_said(zone: str, local: str) -> None:
    """Whatever the clocks do between booking and coming; the hour's alarm is an hour before."""
    here = ZoneInfo(zone)
    starts = datetime.fromisoformat(local).replace(tzinfo=here)
    slot = replace(SLOT, starts=starts.astimezone(UTC), minutes=90)
    event = event_in(calendar_file(added(replace(BOOKED, slot=slot)), ENGLISH))
    shown = event.decoded("DTSTART").astimezone(here)
    assert shown.replace(tzinfo=None) == datetime.fromisoformat(local)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=90)
    hour = event.walk("VALARM")[-1].decoded("TRIGGER")
    assert event.decoded("DTSTART") + hour == starts.astimezone(UTC) - timedelta(hours=1)


def test_the_file_is_called_after_its_day() -> None:
    """At the station, not in UTC, in letters that every phone can store."""
    starts = datetime(2026, 12, 14, 23, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    assert file_name(starts) == "appointment-2026-12-15.ics"
