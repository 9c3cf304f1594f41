"""Without this module a resident would see a plan, and not who is there.

Whoever works here says in two taps where: at the room, on the way in an area, or away. What is said
is believed until the time that was given, and never says more than a room or an area.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import STAFF, Button, Command, Desk, Feature, button_data
from bot.domain.duty_hours import known_closing
from bot.domain.presences import FADES_AFTER, Presence, PresenceRefused, Whereabouts, declare
from bot.domain.roster import Officer, Room
from bot.texts import Words
from handlers.duty import hearing_button, hours_of, rooms_of, rooms_to_change, when
from handlers.ways import ROOM_SIGN

#: How whereabouts are told in a button's 64 bytes.
_LETTERS = {"r": Whereabouts.AT_ROOM, "b": Whereabouts.ON_BEAT, "a": Whereabouts.AWAY}
#: The times offered beside the room's closing time.
_OFFERED = (timedelta(hours=1), timedelta(hours=2), FADES_AFTER)


async def ask_where(desk: Desk) -> None:
    """``/here``: one row for each place somebody works at."""
    if desk.officer is None:
        return
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("Where are you now? Residents see a room or an area, never a position."),
        reply_markup=InlineKeyboardMarkup(_places(desk, desk.officer)),
    )


def _places(desk: Desk, officer: Officer) -> list[list[InlineKeyboardButton]]:
    _ = desk.words
    rows = [
        [_where(f"{ROOM_SIGN} {desk.name_of(room.name, desk.words)}", "r", room.code)]
        for room in rooms_of(desk, officer)
    ]
    rows += [
        [_where(f"🚶 {desk.name_of(area.name, desk.words)}", "b", area.code)]
        for area in desk.roster.areas
        if area.code in (*officer.areas, *officer.deputy_for)
    ]
    rows.append([_where(_.plain("⏸ Out for now"), "a", "")])
    rows += [
        [
            InlineKeyboardButton(
                _.plain("🕘 {room}: other hours").format(room=desk.name_of(room.name, desk.words)),
                callback_data=button_data("rooms", "change", room.code),
            )
        ]
        for room in rooms_to_change(desk, officer)
    ]
    rows.append(hearing_button(desk.words))
    return rows


def _where(text: str, letter: str, place: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        text, callback_data=button_data("presences", "where", letter, place)
    )


async def ask_until(desk: Desk) -> None:
    """The first tap said where; the second says until when."""
    found = await _place_of_press(desk)
    if found is None:
        return
    letter, place = found
    await desk.answer_press()
    _ = desk.words
    rows = [
        [
            InlineKeyboardButton(
                _.plain("until {time}").format(time=when(desk, until)),
                callback_data=button_data(
                    "presences", "say", letter, place, int(until.timestamp() // 60)
                ),
            )
        ]
        for until in await _untils(desk, letter, place)
    ]
    await desk.bot.edit_message_text(
        _("{place} – until when?").format(place=_name(desk, letter, place, desk.words)),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=InlineKeyboardMarkup(rows),
    )


async def _untils(desk: Desk, letter: str, place: str) -> list[datetime]:
    """When the room closes, if it is open, and a few round stretches."""
    offered = {_to_minutes(desk.now + each) for each in _OFFERED}
    room = next((each for each in desk.roster.rooms if each.code == place), None)
    if letter == "r" and room is not None:
        closes = known_closing(await hours_of(desk, room), at=desk.now)
        offered |= {closes} if closes is not None else set()
    return sorted(offered)


def _to_minutes(moment: datetime) -> datetime:
    """Up to the next five minutes: people do not think in seconds."""
    return datetime.fromtimestamp(-(-moment.timestamp() // 300) * 300, UTC)


async def _place_of_press(desk: Desk) -> tuple[str, str] | None:
    """The kind of place and its code, if whoever pressed works there."""
    letter, place = (*(desk.press.arguments if desk.press else ()), "", "")[:2]
    if desk.officer is not None and place in _own(desk, desk.officer, letter):
        return letter, place
    _ = desk.words
    await desk.answer_press(_.plain("This is not one of your places (any more)."), is_alert=True)
    return None


def _own(desk: Desk, officer: Officer, letter: str) -> Iterator[str]:
    if letter == "r":
        yield from (room.code for room in rooms_of(desk, officer))
    if letter == "b":
        yield from (code for code in (*officer.areas, *officer.deputy_for) if code)
    if letter == "a":
        yield ""


def _name(desk: Desk, letter: str, place: str, words: Words) -> str:
    _ = words
    if letter == "r":
        found: Room | None = next((each for each in desk.roster.rooms if each.code == place), None)
        return f"{ROOM_SIGN} {desk.name_of(found.name, words)}" if found is not None else place
    area = desk.roster.area(place)
    return f"🚶 {desk.name_of(area.name, words)}" if area is not None else _.plain("⏸ Out for now")


async def say(desk: Desk) -> None:
    """The second tap: from now on residents see it."""
    found = await _place_of_press(desk)
    if found is None or desk.officer is None or desk.press is None:
        return
    _ = desk.words
    try:
        presence = _declared(desk, desk.officer, *found)
    except (PresenceRefused, ValueError, OverflowError, IndexError):
        await desk.answer_press(_.plain("This time has passed: choose again."))
        await ask_again(desk, desk.officer)
        return
    desk.transaction.presences.say(presence)
    _begin_or_end_shift(desk, presence)
    await desk.answer_press(_.plain("Residents see it now."))
    text = _("Residents see: {place}, until {time}.").format(
        place=_name(desk, *found, desk.words), time=when(desk, presence.until)
    )
    await desk.bot.edit_message_text(
        Markup("{}\n{}").format(text, _("/here when you go somewhere else.")),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
    )


def _begin_or_end_shift(desk: Desk, presence: Presence) -> None:
    """Whoever is there gets now what waits for the opening (feature cases); whoever goes is not
    taken for present because of this very tap."""
    if presence.whereabouts is Whereabouts.AWAY:
        desk.transaction.officers.seen(presence.officer, None)
    else:
        desk.transaction.timers.set(
            "cases.opening", presence.officer, due_at=desk.now, chat_key=str(desk.chat_id)
        )


def _declared(desk: Desk, officer: Officer, letter: str, place: str) -> Presence:
    """Raises `PresenceRefused`; ValueError and the like for a time that is none."""
    minutes = int(desk.press.arguments[2]) if desk.press else 0
    until = datetime.fromtimestamp(minutes * 60, UTC)
    return declare(officer.code, _LETTERS[letter], now=desk.now, place=place, until=until)


async def ask_again(desk: Desk, officer: Officer) -> None:
    """Old buttons become the present ones."""
    _ = desk.words
    await desk.bot.edit_message_text(
        _("Where are you now? Residents see a room or an area, never a position."),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=InlineKeyboardMarkup(_places(desk, officer)),
    )


FEATURE = Feature(
    name="presences",
    routes=(
        Command("here", ask_where, STAFF),
        Button("presences", "where", ask_until, STAFF),
        Button("presences", "say", say, STAFF),
    ),
)
