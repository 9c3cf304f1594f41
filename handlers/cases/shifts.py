"""Without this module an officer's phone would ring at night, or a resident would think it had.

What is written outside the hours of the room waits for the opening, unless the roster says
otherwise (``quiet_when_closed``); the duty desk sees it at once and may answer first. Nothing waits
while the owner is there: in the hours, by the own word, in a live talk, or seen here a moment ago;
nor where nobody at the duty desk has ever opened the bot. An emergency never waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.call_outs.paging import is_looked_for
from bot.domain.cases import Case, label
from bot.domain.duty_hours import LIVE_TALK, is_live_talk, is_open, next_opening, read_by
from bot.domain.presences import Whereabouts
from bot.domain.roster import Room
from bot.texts import Words
from handlers.cases.carrying import Written
from handlers.cases.shown import is_watched, note_page, send_alert, show_copy, watching
from handlers.duty import hours_of, when

#: How much open time an officer has to read what waited: the first hour of a shift.
READ_WITHIN = timedelta(hours=1)
#: The timer of an officer's opening; presences and rooms set it too when somebody comes earlier.
OPENING = "cases.opening"


class Manner(StrEnum):
    """How a message reaches the owner: with a sound, without one because nobody else can be
    reached, or at the opening, while the duty desk sees it."""

    AT_ONCE = "at_once"
    SILENTLY = "silently"
    LATER = "later"


async def manner_of(desk: Desk, case: Case) -> Manner:
    """How what is written now reaches the owner; looked up once for each owner and handling."""
    if desk.is_emergency or case.owner is None:
        return Manner.AT_ONCE
    key = f"{case.number}:{case.owner}"
    if key not in desk.manners:
        desk.manners[key] = (await _manner(desk, case, case.owner)).value
    return Manner(desk.manners[key])


async def _manner(desk: Desk, case: Case, owner: str) -> Manner:
    room = room_for(desk, case)
    if room is None or not room.quiet_when_closed or owner in desk.roster.station.duty_desk:
        return Manner.AT_ONCE
    if is_live_talk(case.answered_at, now=desk.now) or await is_there(desk, owner, room):
        return Manner.AT_ONCE
    return Manner.LATER if await is_watched(desk, owner) else Manner.SILENTLY


def room_for(desk: Desk, case: Case) -> Room | None:
    """Whose hours count: those of the area's room, else of the owner's own."""
    found = desk.roster.room_of(case.area or "")
    owner = desk.roster.officer(case.owner)
    if found is None and owner is not None:
        found = next((each for each in desk.roster.rooms if each.code == owner.room), None)
    return found


async def is_there(desk: Desk, owner: str, room: Room) -> bool:
    """Whether the owner is at work: seen here lately, in the hours, or by the own word. A room
    that never opens keeps nobody from anything."""
    seen_at = await desk.transaction.officers.seen_at(owner)
    if seen_at is not None and desk.now - seen_at < LIVE_TALK:
        return True
    hours = await hours_of(desk, room)
    if is_open(hours, at=desk.now) or next_opening(hours, after=desk.now) is None:
        return True
    return any(
        each.officer == owner and each.whereabouts is not Whereabouts.AWAY
        for each in await desk.transaction.presences.believed(desk.now)
    )


async def keep_for_opening(desk: Desk, case: Case, written: Written) -> None:
    """The message waits for the owner; the duty desk sees it now."""
    room = room_for(desk, case)
    opens = None if room is None else next_opening(await hours_of(desk, room), after=desk.now)
    if room is None or opens is None or case.owner is None:
        return
    desk.transaction.waiting.note(case.number, written.message_id, desk.now)
    desk.transaction.timers.set(OPENING, case.owner, due_at=opens, chat_key=str(case.owner_chat_id))
    pages = await _pages(desk, case)
    for chat_id in await watching(desk, case.owner):
        if chat_id in pages:
            await note_page(desk, case, chat_id, pages[chat_id])
        elif await desk.transaction.runs.claim(
            "cases.watch", f"{case.number}:{chat_id}:{opens.isoformat()}", desk.now
        ):
            words = await desk.words_of(chat_id)
            await send_alert(desk, case, chat_id, await _closed_alert(desk, case, words, opens))
        await show_copy(desk, case, chat_id, written)


async def _pages(desk: Desk, case: Case) -> dict[int, int]:
    """Who is asked in an urgent call of the resident that nobody has taken, and by which message:
    no other one says then that somebody writes."""
    call_out = await desk.transaction.call_outs.newest_of(case.resident_chat_id)
    if call_out is None or not is_looked_for(call_out.state):
        return {}
    pages = await desk.transaction.call_outs.pages(call_out.id or 0)
    return {each.chat_id: each.promise for each in pages if not each.is_unreached}


async def tell_it_is_closed(desk: Desk, case: Case) -> None:
    """The resident is told once for each closed period: not read yet, by when, and what can be done
    now. Not in a live talk, and not when it goes through at once or people are asked already."""
    manner = await manner_of(desk, case)
    room = room_for(desk, case)
    if manner is Manner.AT_ONCE or room is None or desk.visitor.is_urgent:
        return
    hours = await hours_of(desk, room)
    opens = next_opening(hours, after=desk.now)
    if opens is None or not await desk.transaction.runs.claim(
        "cases.closed", f"{case.resident_chat_id}:{opens.isoformat()}", desk.now
    ):
        return
    words = await desk.words_of(case.resident_chat_id)
    by = read_by(hours, written_at=desk.now, within=READ_WITHIN) or opens + READ_WITHIN
    await desk.bot.send_message(
        case.resident_chat_id,
        _closed_notice(desk, room, words, opens=opens, by=by, is_watched=manner is Manner.LATER),
        reply_markup=InlineKeyboardMarkup(_ways(desk)),
    )


def _ways(desk: Desk) -> Sequence[Sequence[InlineKeyboardButton]]:
    _ = desk.words
    buttons = (
        (_.plain("🚨 Emergency numbers"), button_data("emergencies", "show")),
        (_.plain("🔔 It is urgent"), button_data("call_outs", "urgent")),
        (_.plain("🕘 When open, where"), button_data("rooms", "show")),
    )
    return [[InlineKeyboardButton(text, callback_data=data)] for text, data in buttons]


async def _closed_alert(desk: Desk, case: Case, words: Words, opens: datetime) -> str:
    """To the duty desk: somebody writes to an officer whose room is closed."""
    _ = words
    person = await desk.transaction.people.find(case.resident_chat_id)
    owner = desk.roster.officer(case.owner)
    lines = [
        _("🌙 <b>{number}</b>: {name} writes outside the opening hours.").format(
            number=label(case.number), name=person.name if person else "…"
        ),
        _("{officer} gets it when the room opens: {time}.").format(
            officer=desk.name_of(owner.name, words) if owner else "…", time=when(desk, opens, words)
        ),
        _("Reply below to answer now: then the request is yours."),
    ]
    return "\n".join(lines)


def _closed_notice(
    desk: Desk, room: Room, words: Words, *, opens: datetime, by: datetime, is_watched: bool
) -> str:
    """To a resident who wrote outside the hours: not read yet, and by when."""
    _ = words
    meanwhile = (
        _("The duty desk sees it now and answers if it cannot wait.")
        if is_watched
        else _("It is on your officer's phone, which makes no sound now.")
    )
    lines = [
        _("🌙 <b>Kept, not read yet.</b> {room} is closed.").format(
            room=desk.name_of(room.name, words)
        ),
        _("It opens {time}. Your officer reads it by {by}.").format(
            time=when(desk, opens, words), by=when(desk, by, words)
        ),
        meanwhile,
    ]
    return "\n".join(lines)
