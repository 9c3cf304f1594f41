"""Without this module people would stand before a closed door: where rooms are, when open, and who
is there; and a room that closes this afternoon would not be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import (
    EVERYBODY,
    RESIDENTS,
    STAFF,
    Button,
    Command,
    Desk,
    Feature,
    Typed,
    button_data,
)
from bot.domain.calendar import DayKind, YearNotAnnounced
from bot.domain.duty_hours import (
    DutyHours,
    HoursChange,
    closes_at,
    first_moment,
    is_open,
    known_closing,
    openings_on,
)
from bot.domain.roster import Room
from bot.domain.spans import Span, span_between
from bot.roster.hours import announced
from handlers.contact_cards import room_lines, show_on_map
from handlers.duty import hours_of, lamp_lines, open_line, rooms_of, rooms_to_change, when
from handlers.menus import WHEN_AND_WHERE, WHEN_WORDS
from storage.appointments import DISPLACE, EVERY_OFFICER

#: A week shows every opening once.
DAYS_SHOWN = 7
#: The first moment of a day as it is written.
_MIDNIGHT = "00:00"
#: What one tap opens a closed room for, or keeps an open one open for.
LONGER = timedelta(hours=1)


async def show_rooms(desk: Desk) -> None:
    """Every room: open or not, who is there, the coming week; the own area's room first, and where
    that is on the map."""
    own = desk.roster.room_of(desk.area.code) if desk.area is not None else None
    rooms = sorted(desk.roster.rooms, key=lambda room: own is None or room.code != own.code)
    parts = [await _room(desk, room) for room in rooms]
    _ = desk.words
    parts.append(
        _("The station's telephone:\n{hotline}").format(
            hotline=desk.words.telephone(desk.roster.station.hotline)
        )
    )
    await desk.bot.send_message(desk.chat_id, "\n\n".join(parts))
    if own is not None:
        await show_on_map(desk, own)


async def show_rooms_pressed(desk: Desk) -> None:
    """The same by a button under a message."""
    await desk.answer_press()
    await show_rooms(desk)


async def _room(desk: Desk, room: Room) -> Markup:
    hours = await hours_of(desk, room)
    now = [open_line(desk, hours), *await lamp_lines(desk, room)]
    lines = [room_lines(desk, room), *now, *await _week(desk, hours)]
    return Markup("\n").join([*lines, *_not_announced(desk, hours)])


async def _week(desk: Desk, hours: DutyHours) -> list[Markup]:
    today = desk.now.astimezone(desk.zone).date()
    days = [today + timedelta(days=each) for each in range(DAYS_SHOWN)]
    calendar = await desk.transaction.hours.calendar(
        announced(desk.roster.station.timezone), since=days[0], until=days[-1]
    )
    lines = []
    for day in sorted(days, key=date.weekday):
        name: Markup | str = ""
        try:
            special = calendar.on(day)
            if special.kind is DayKind.HOLIDAY and special.name:
                name = desk.name_of(special.name, desk.words)
        except YearNotAnnounced:
            name = ""  # said below the week
        lines.append(_day(desk, hours, day, holiday=str(name)))
    return lines


def _day(desk: Desk, hours: DutyHours, day: date, *, holiday: str) -> Markup:
    _ = desk.words
    times = desk.words.series(
        _("{start}–{end}").format(
            start=_told(desk, each.starts), end=_told(desk, each.ends, midnight="24:00")
        )
        for each in openings_on(hours, day, zone=desk.zone)
    )
    told = times or _.plain("closed")
    if holiday:
        told = _.plain("{hours} ({holiday})").format(hours=told, holiday=holiday)
    return _("{day}: {hours}").format(day=desk.words.weekday(day), hours=told)


def _told(desk: Desk, moment: datetime, *, midnight: str = _MIDNIGHT) -> str:
    """A time of a day's hours; the last moment of a day is not written like its first."""
    told = f"{moment.astimezone(desk.zone):%H:%M}"
    return midnight if told == _MIDNIGHT else told


def _not_announced(desk: Desk, hours: DutyHours) -> list[Markup]:
    """A year whose holidays nobody announced yet is said to be so."""
    _ = desk.words
    text = _("The holidays of {year} are not announced yet: hours may change.")
    return [text.format(year=year) for year in hours.unannounced]


# --- one-off changes, by whoever works in the room


def _may_change(desk: Desk, code: str) -> Room | None:
    """The room, if whoever came may change its hours."""
    rooms = () if desk.officer is None else rooms_to_change(desk, desk.officer)
    return next((each for each in rooms if each.code == code), None)


async def ask_change(desk: Desk) -> None:
    """What may change today in one room: buttons that say what residents will read."""
    room = await _room_of_press(desk)
    if room is not None:
        await desk.answer_press()
        await _show_changes(desk, room)


async def _room_of_press(desk: Desk) -> Room | None:
    room = _may_change(desk, desk.argument(0))
    if room is None:
        _ = desk.words
        await desk.answer_press(_.plain("This is not your room."), is_alert=True)
    return room


async def _show_changes(desk: Desk, room: Room) -> None:
    hours = await hours_of(desk, room)
    _ = desk.words
    today = desk.now.astimezone(desk.zone).date()
    text = Markup("<b>{}</b>\n").format(desk.name_of(room.name, desk.words))
    await desk.bot.edit_message_text(
        text + Markup("\n").join([open_line(desk, hours), _day(desk, hours, today, holiday="")]),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=InlineKeyboardMarkup(_choices(desk, room, hours, today)),
    )


def _choices(
    desk: Desk, room: Room, hours: DutyHours, today: date
) -> Sequence[Sequence[InlineKeyboardButton]]:
    _ = desk.words
    closes = known_closing(hours, at=desk.now)
    texts = {"today": _.plain("Closed for the rest of today"), "next": _.plain("Closed tomorrow")}
    if closes is not None:
        time_ = when(desk, closes)
        texts = {"now": _.plain("Closed until {time}").format(time=time_), **texts}
        texts["longer"] = _.plain("Open one hour longer")
    elif not is_open(hours, at=desk.now):
        texts["longer"] = _.plain("Open now for an hour")
    texts["usual"] = _.plain("↩ As usual again")
    return [
        [
            InlineKeyboardButton(
                text,
                callback_data=button_data("rooms", "say", room.code, action, today.isoformat()),
            )
        ]
        for action, text in texts.items()
    ]


async def say_change(desk: Desk) -> None:
    """One tap: the room is closed or open otherwise than planned, and everybody reads it so."""
    room = await _room_of_press(desk)
    if room is None or desk.press is None or desk.officer is None:
        return
    _ = desk.words
    today = desk.now.astimezone(desk.zone).date()
    action, day = (*desk.press.arguments[1:], "", "")[:2]
    change = await _change(desk, room, action)
    if day != today.isoformat() or (change is None and action != "usual"):
        await desk.answer_press(_.plain("This has moved on."))
    elif change is None:
        desk.transaction.hours.withdraw(room.code, desk.now)
        await _tell_officers(desk, room)
        await desk.answer_press(_.plain("As usual again."))
    else:
        desk.transaction.hours.declare(room.code, change, by=desk.officer.code, now=desk.now)
        await _tell_officers(desk, room)
        await desk.answer_press(_.plain("Residents read it from now on."))
    await _show_changes(desk, room)


async def _tell_officers(desk: Desk, room: Room) -> None:
    """Other hours are another opening: what waits for it (feature cases) looks again, and so does
    whatever was booked in them (feature appointments)."""
    desk.transaction.timers.set(DISPLACE, EVERY_OFFICER, due_at=desk.now, chat_key="appointments")
    states = await desk.transaction.officers.states()
    for officer in desk.roster.officers:
        state = states.get(officer.code)
        if state is not None and room in rooms_of(desk, officer):
            desk.transaction.timers.set(
                "cases.opening", officer.code, due_at=desk.now, chat_key=str(state.chat_id)
            )


async def _change(desk: Desk, room: Room, action: str) -> HoursChange | None:
    """What a tap means now; None for what means nothing (any more)."""
    hours = await hours_of(desk, room)
    today = desk.now.astimezone(desk.zone).date()
    midnight, next_midnight = (_midnight(desk, today, each) for each in (1, 2))
    closes = closes_at(hours, at=desk.now)
    spans: dict[str, Span | None] = {
        "now": None if closes is None else span_between(desk.now, closes),
        "today": span_between(desk.now, midnight),
        "next": span_between(midnight, next_midnight),
        "longer": span_between(closes or desk.now, (closes or desk.now) + LONGER),
    }
    span = spans.get(action)
    if span is None:
        return None
    return HoursChange(span, is_open=action == "longer")


def _midnight(desk: Desk, today: date, days: int) -> datetime:
    return first_moment(datetime.combine(today + timedelta(days=days), time.min), desk.zone)


FEATURE = Feature(
    name="rooms",
    routes=(
        Command("hours", show_rooms, EVERYBODY),
        Typed((WHEN_AND_WHERE, WHEN_WORDS, "2"), show_rooms, RESIDENTS),
        Button("rooms", "show", show_rooms_pressed, EVERYBODY),
        Button("rooms", "change", ask_change, STAFF),
        Button("rooms", "say", say_change, STAFF),
    ),
)
