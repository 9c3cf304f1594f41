"""Without this module people would stand before a closed door: where rooms are, and when open."""

from __future__ import annotations

from datetime import date, timedelta

from markupsafe import Markup

from bot.context import EVERYBODY, RESIDENTS, Command, Desk, Feature, Typed
from bot.domain.roster import Room
from bot.roster.hours import open_intervals
from handlers.contact_cards import room_lines
from handlers.menus import WHEN_AND_WHERE, WHEN_WORDS

#: A week shows every opening once.
DAYS_SHOWN = 7


async def show_rooms(desk: Desk) -> None:
    """Every room with the coming week's hours, the own area's room first."""
    own = desk.roster.room_of(desk.area.code) if desk.area is not None else None
    rooms = sorted(desk.roster.rooms, key=lambda room: own is None or room.code != own.code)
    parts = [Markup("\n").join((room_lines(desk, room), _week(desk, room))) for room in rooms]
    _ = desk.words
    parts.append(
        _("The station's telephone:\n{hotline}").format(
            hotline=desk.words.telephone(desk.roster.station.hotline)
        )
    )
    await desk.bot.send_message(desk.chat_id, "\n\n".join(parts))


def _week(desk: Desk, room: Room) -> Markup:
    today = desk.now.astimezone(desk.zone).date()
    days = [today + timedelta(days=each) for each in range(DAYS_SHOWN)]
    return Markup("\n").join(_day(desk, room, day) for day in sorted(days, key=date.weekday))


def _day(desk: Desk, room: Room, day: date) -> Markup:
    _ = desk.words
    spans = open_intervals(room.hours, day)
    times = desk.words.series(
        _("{start}–{end}").format(start=f"{start:%H:%M}", end=f"{end:%H:%M}")
        for start, end in spans
    )
    return _("{day}: {hours}").format(day=desk.words.weekday(day), hours=times or _.plain("closed"))


FEATURE = Feature(
    name="rooms",
    routes=(
        Command("hours", show_rooms, EVERYBODY),
        Typed((WHEN_AND_WHERE, WHEN_WORDS, "2"), show_rooms, RESIDENTS),
    ),
)
