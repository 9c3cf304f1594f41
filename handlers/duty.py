"""When a room is open and who is there now: the lamp by the door.

No feature of its own: rooms, contact cards and whatever waits for opening hours tell it with these.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup
from telegram import InlineKeyboardButton

from bot.context import Desk, button_data
from bot.domain.duty_hours import DutyHours, is_open, known_closing, next_opening
from bot.domain.presences import Presence, Whereabouts, who_is_there
from bot.domain.roster import Area, Officer, Role, Room
from bot.roster.hours import announced, room_hours
from bot.texts import Words

#: Holidays close a room for eight days at most; the opening after them must be in sight.
DAYS_AHEAD = 15


async def hours_of(desk: Desk, room: Room, *, days: int = DAYS_AHEAD) -> DutyHours:
    """A room's hours from today on, with holidays and one-off changes."""
    today = desk.now.astimezone(desk.zone).date()
    calendar = await desk.transaction.hours.calendar(
        announced(desk.roster.station.timezone),
        since=today - timedelta(days=1),
        until=today + timedelta(days=days),
    )
    changes = await desk.transaction.hours.changes(room.code, since=desk.now - timedelta(days=1))
    return room_hours(
        room.hours, since=today, days=days, calendar=calendar, zone=desk.zone, changes=changes
    )


def rooms_of(desk: Desk, officer: Officer) -> tuple[Room, ...]:
    """Where somebody of the roster works: the own room, and those of the areas."""
    codes = [officer.room]
    for area in (*officer.areas, *officer.deputy_for):
        room = desk.roster.room_of(area)
        codes.append(room.code if room is not None else "")
    return tuple(room for room in desk.roster.rooms if room.code in codes)


def rooms_to_change(desk: Desk, officer: Officer) -> tuple[Room, ...]:
    """Whose hours somebody may change for once: those of the own rooms; of all, for the duty desk
    and supervisors, since whoever works there may be the one who cannot."""
    is_for_all = officer.code in desk.roster.station.duty_desk or officer.role is Role.SUPERVISOR
    return desk.roster.rooms if is_for_all else rooms_of(desk, officer)


def hearing_button(words: Words) -> list[InlineKeyboardButton]:
    """A row with *I can hear this* (feature call_outs): without it nobody is asked in an urgent
    call, for no bot can ring through a muted phone."""
    _ = words
    return [
        InlineKeyboardButton(
            _.plain("🔔 I can hear this"), callback_data=button_data("call_outs", "heard")
        )
    ]


def when(desk: Desk, moment: datetime, words: Words | None = None) -> str:
    """A moment (aware): today by the clock, else with its day."""
    words = words or desk.words
    days = {each.astimezone(desk.zone).date() for each in (moment, desk.now)}
    return words.clock_time(moment) if len(days) == 1 else words.day_and_time(moment)


def open_line(desk: Desk, hours: DutyHours) -> Markup:
    """Open, until when if it closes, or closed and open again when."""
    _ = desk.words
    closes = known_closing(hours, at=desk.now)
    if closes is not None:
        return _("🟢 Open now until {time}.").format(time=when(desk, closes))
    if is_open(hours, at=desk.now):
        return _("🟢 Open now, day and night.")
    opens = next_opening(hours, after=desk.now)
    if opens is None:
        return _("🔴 Closed now.")
    return _("🔴 Closed now. Opens {time}.").format(time=when(desk, opens))


async def lamp_lines(desk: Desk, room: Room) -> list[Markup]:
    """Who is at the room now, by their own word; nobody is said as well."""
    _ = desk.words
    presences = await desk.transaction.presences.believed(desk.now)
    there = who_is_there(presences, room.code, now=desk.now, absent=await absent(desk))
    lines = [_there(desk, each) for each in there]
    return [line for line in lines if line] or [_("Nobody has said that they are here right now.")]


def _there(desk: Desk, presence: Presence) -> Markup:
    _ = desk.words
    officer = desk.roster.officer(presence.officer)
    if officer is None:
        return Markup("")
    return _("💡 {name} is here until {time}.").format(
        name=desk.name_of(officer.name, desk.words), time=when(desk, presence.until)
    )


async def beat_lines(desk: Desk, area: Area) -> list[Markup]:
    """Who is on the way in the area now: an area, never a position."""
    _ = desk.words
    away = await absent(desk)
    codes = {each.code for each in desk.roster.path_up(area.code)}
    lines = []
    for presence in await desk.transaction.presences.believed(desk.now):
        officer = desk.roster.officer(presence.officer)
        place = desk.roster.area(presence.place)
        is_here = presence.whereabouts is Whereabouts.ON_BEAT and presence.place in codes
        if is_here and officer is not None and place is not None and officer.code not in away:
            line = _("🚶 {name} is on the way in {area} until {time}.")
            name = desk.name_of(officer.name, desk.words)
            where = desk.name_of(place.name, desk.words)
            lines.append(line.format(name=name, area=where, time=when(desk, presence.until)))
    return lines


async def absent(desk: Desk) -> frozenset[str]:
    """Who is away, whatever was said before."""
    states = await desk.transaction.officers.states()
    return frozenset(code for code, state in states.items() if state.is_absent)
