"""An appointment as a file that every calendar reads: iCalendar, RFC 5545, sent as RFC 5546 says.

PUBLISH, not REQUEST: nobody is asked to answer. Times are UTC: a moment needs no rules of a time
zone, which calendars know anyway and a file would only age with; the phone shows its own time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from unicodedata import category

from bot.domain.appointments.calendar_files import Entry

if TYPE_CHECKING:
    from icalendar import Alarm, Event

#: What wrote the file (RFC 5545, 3.7.3).
_PRODUCT = "-//Beatline//Appointments//EN"


@dataclass(frozen=True, slots=True)
class Said:
    """What the entry says, in its reader's language. ``location``: latitude and longitude of the
    place; ``sender``: who publishes it, with the ``link`` that leads back to the bot."""

    summary: str
    place: str
    description: str
    sender: str
    link: str
    location: tuple[float, float] | None = None


def calendar_file(entry: Entry, said: Said) -> bytes:
    """The whole file. A newer one of the same entry takes the place of the older; a cancelled entry
    is taken out by it."""
    # Imported late: it costs 55 ms and 10 MiB, and most who start the bot never ask for it.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if entry.is_cancelled else "PUBLISH")
    calendar.add_component(_event(entry, said))
    return bytes(calendar.to_ical())


def _event(entry: Entry, said: Said) -> Event:
    from icalendar import Event, vCalAddress

    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.made_at)
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    # In a calendar that a family or an office shares, the others see a busy time and no more.
    event.add("class", "PRIVATE")
    sender = vCalAddress(said.link)
    sender.params["CN"] = said.sender
    event.add("organizer", sender)
    event.add("url", said.link)
    event.add("summary", _text(said.summary))
    event.add("location", _text(said.place))
    event.add("description", _text(said.description))
    if said.location is not None:
        event.add("geo", said.location)
    for before in entry.alarms:
        event.add_component(_alarm(before, said.summary))
    return event


def _text(text: str) -> str:
    """Without control characters, which a TEXT may not hold but for its line breaks (3.3.11)."""
    return "".join(each for each in text if each == "\n" or category(each) != "Cc")


def _alarm(before: timedelta, text: str) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _text(text))
    alarm.add("trigger", -before)
    return alarm


def file_name(starts: datetime) -> str:
    """What the file is called, by its day: letters that every phone can store. ``starts``: in the
    station's time zone."""
    return f"appointment-{starts:%Y-%m-%d}.ics"
