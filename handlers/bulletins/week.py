"""The week: at its hour everything approved goes out as one issue, exactly once.

One timer for each schedule of the roster, on file, so that a restart or another process changes
nothing; which week has had its issue is a row of its own, written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import (
    REMINDERS_BEFORE,
    IssueNumber,
    Kind,
    is_too_late,
    issue_of,
    issue_of_text,
    next_weekly,
)
from bot.domain.roster import Role, Schedule
from bot.texts import Words
from handlers.bulletins.approving import needs_second_person
from handlers.bulletins.delivering import begin, join_issue
from handlers.bulletins.drafts import button
from handlers.bulletins.second_person import second_persons
from handlers.bulletins.wording import title_of_kind
from storage.bulletins import BulletinOnFile
from storage.timers import Timer

WEEK, REMIND = "bulletins.week", "bulletins.remind"
_ONE_WEEK = timedelta(days=7)


async def look_at_schedules(desk: Desk, timer: Timer) -> None:
    """`SCHEDULES`: a timer for every schedule; one that stands stays, also when it is overdue."""
    for schedule in desk.roster.schedules:
        standing = await desk.transaction.timers.find(WEEK, _key(schedule))
        if standing is None or standing.payload["at"] != schedule.at:
            _set(desk, schedule, next_weekly(schedule.at, desk.zone, after=desk.now))


def _key(schedule: Schedule) -> str:
    return f"{schedule.kind}:{schedule.room}"


def _schedule(desk: Desk, timer: Timer) -> Schedule | None:
    """The schedule that a timer is about, if the roster still has it, at this hour."""
    kind, room = timer.key.split(":")[:2]
    schedule = desk.roster.schedule(kind, room)
    return schedule if schedule is not None and schedule.at == timer.payload["at"] else None


def _set(desk: Desk, schedule: Schedule, hour: datetime) -> None:
    """The issue is due at ``hour``, and its reminders before, as far as they are still to come."""
    payload = {"at": schedule.at, "hour": hour.isoformat()}
    key, timers = _key(schedule), desk.transaction.timers
    timers.set(WEEK, key, due_at=hour, chat_key=WEEK, payload=payload)
    for place, before in enumerate(REMINDERS_BEFORE):
        if hour - before > desk.now:
            remind_key = f"{key}:{place}"
            timers.set(REMIND, remind_key, due_at=hour - before, chat_key=WEEK, payload=payload)


async def _ready(desk: Desk, schedule: Schedule) -> list[BulletinOnFile]:
    """What was approved for this issue: the room's; the station's takes along what rooms without
    an hour of their own have. Where the roster wants a second person by now, one must have read
    it."""
    return [
        each
        for each in await desk.transaction.bulletins.approved_for(Kind(schedule.kind))
        if each.bulletin.follows is None
        and (each.bulletin.approved_by or not needs_second_person(desk.roster, each.bulletin))
        and desk.roster.schedule_for(schedule.kind, each.bulletin.room) == schedule
    ]


async def issue(desk: Desk, timer: Timer) -> None:
    """``bulletins.week``: the hour has come. Of weeks that were missed only the last counts."""
    schedule = _schedule(desk, timer)
    if schedule is None:
        await look_at_schedules(desk, timer)
        return
    hour = datetime.fromisoformat(timer.payload["hour"])
    following = next_weekly(schedule.at, desk.zone, after=hour)
    _set(desk, schedule, following)
    number = issue_of(hour, desk.zone)
    if following <= desk.now or not await _claim(desk, schedule, number):
        return
    ready = await _ready(desk, schedule)
    if not ready:
        await _say_nothing_is_approved(desk, schedule, number)
    elif is_too_late(hour, now=desk.now):
        await _ask_whether_late(desk, schedule, number)
    else:
        await _send(desk, schedule, ready, number)


async def _claim(desk: Desk, schedule: Schedule, number: IssueNumber, what: str = "") -> bool:
    job = f"bulletins:{_key(schedule)}{what}"
    return await desk.transaction.runs.claim(job, str(number), desk.now)


async def _send(
    desk: Desk, schedule: Schedule, ready: list[BulletinOnFile], number: IssueNumber
) -> None:
    """What was approved, and the week's alerts for those who had had enough of them."""
    for each in ready:
        await begin(desk, each.bulletin.number, issue=str(number))
    since = desk.now - _ONE_WEEK
    for each in await desk.transaction.bulletins.may_join(since=since, now=desk.now):
        if desk.roster.schedule_for(schedule.kind, each.bulletin.room) == schedule:
            await join_issue(desk, each, str(number))


async def _say_nothing_is_approved(desk: Desk, schedule: Schedule, number: IssueNumber) -> None:
    """An empty bulletin is never sent: a supervisor knows instead."""
    for chat_id in await second_persons(desk, ""):
        words = await desk.words_of(chat_id)
        _ = words
        await desk.bot.send_message(
            chat_id,
            _("Nothing was approved for {title}, issue {issue}. Nothing went out.").format(
                **_named(desk, schedule, number, words)
            ),
        )


def _named(
    desk: Desk, schedule: Schedule, number: IssueNumber, words: Words
) -> Mapping[str, object]:
    """The issue as people call it: its title, its room if it has one, its number."""
    room = desk.roster.room(schedule.room)
    parts = [str(title_of_kind(Kind(schedule.kind), words))]
    parts += [] if room is None else [desk.name_of(room.name, words)]
    return {"title": words.series(parts), "issue": number}


# --- reminders


async def remind(desk: Desk, timer: Timer) -> None:
    """``bulletins.remind``: nothing is approved and the hour comes near."""
    schedule = _schedule(desk, timer)
    if schedule is None or await _ready(desk, schedule):
        return
    hour = datetime.fromisoformat(timer.payload["hour"])
    if hour <= desk.now:
        return
    for chat_id in await _authors(desk, schedule):
        words = await desk.words_of(chat_id)
        _ = words
        named = _named(desk, schedule, issue_of(hour, desk.zone), words)
        text = _("Nothing is approved yet for {title}, issue {issue}. It is due {when}. /bulletin")
        await desk.bot.send_message(chat_id, text.format(**named, when=words.day_and_time(hour)))


async def _authors(desk: Desk, schedule: Schedule) -> list[int]:
    """Whose notice it is: the room's officers; for the station its supervisors."""
    if not schedule.room:
        return await second_persons(desk, "")
    states = await desk.transaction.officers.states()
    chats = []
    for officer in desk.roster.officers:
        state = states.get(officer.code)
        rooms = {officer.room, *(_room_of(desk, area) for area in officer.areas)}
        if officer.role is not Role.OFFICER or schedule.room not in rooms or state is None:
            continue
        if state.chat_id is not None and state.is_reachable:
            chats.append(state.chat_id)
    return chats or await second_persons(desk, "")


def _room_of(desk: Desk, area: str) -> str:
    room = desk.roster.room_of(area)
    return "" if room is None else room.code


# --- too late to go out by itself


async def _ask_whether_late(desk: Desk, schedule: Schedule, number: IssueNumber) -> None:
    for chat_id in await second_persons(desk, ""):
        words = await desk.words_of(chat_id)
        _ = words
        place = (schedule.kind, schedule.room, number)
        rows = [
            [button(_.plain("📢 Send it now"), "late", *place)],
            [button(_.plain("✖ Not this week"), "skip", *place)],
        ]
        text = _("{title}, issue {issue}, is more than twelve hours late. Send it all the same?")
        await desk.bot.send_message(
            chat_id,
            text.format(**_named(desk, schedule, number, words)),
            reply_markup=InlineKeyboardMarkup(rows),
        )


async def send_late(desk: Desk) -> None:
    """The supervisor says: all the same."""
    await _decide_late(desk, is_sent=True)


async def skip(desk: Desk) -> None:
    """The supervisor says: not this week. What is approved waits for the next issue."""
    await _decide_late(desk, is_sent=False)


async def _decide_late(desk: Desk, *, is_sent: bool) -> None:
    _ = desk.words
    schedule = desk.roster.schedule(desk.argument(0), desk.argument(1))
    number = issue_of_text(desk.argument(2))
    if schedule is None or number is None or not await _is_open(desk, schedule, number):
        text = _.plain("This has moved on. Please use the newest message.")
        await desk.answer_press(text, is_alert=True)
        return
    await desk.answer_press()
    if is_sent:
        await _send(desk, schedule, await _ready(desk, schedule), number)
    await desk.bot.edit_message_text(
        _("It goes out now.") if is_sent else _("Not this week."),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
    )


async def _is_open(desk: Desk, schedule: Schedule, number: IssueNumber) -> bool:
    """Whether this issue waits for a decision, which is the first press's: it was due, and is not
    another week's."""
    last = next_weekly(schedule.at, desk.zone, after=desk.now - _ONE_WEEK)
    return number == issue_of(last, desk.zone) and await _claim(desk, schedule, number, ":late")
