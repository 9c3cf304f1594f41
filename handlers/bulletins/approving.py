"""Nothing goes to a thousand people that a second person has not read."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import (
    Bulletin,
    BulletinRefused,
    Kind,
    NotASecondPerson,
    State,
    UnreadMachineText,
    check_approval,
    check_machine_text,
    check_ready,
    issue_of,
    next_weekly,
    reaches_only,
)
from bot.domain.roster import Roster
from bot.texts import Words
from handlers.bulletins.audience import reach
from handlers.bulletins.drafts import (
    audience_line,
    bulletin_of_press,
    button,
    draft_of_press,
    mark_of,
    may_steer,
    show_draft,
)
from handlers.bulletins.promising import promise_pictures
from handlers.bulletins.second_person import (
    ask_second,
    name_in,
    point_at_places,
    second_persons,
)
from handlers.bulletins.wording import buttons, text_for, unread_line
from storage.bulletins import BulletinOnFile
from storage.outbox import Lane


async def preview(desk: Desk) -> None:
    """Exactly what residents will see, pictures and buttons too, in every language on offer; for
    how many, and how long that takes."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    await desk.answer_press()
    await promise_pictures(desk, found.bulletin, desk.chat_id, lane=Lane.DIALOGUE)
    for language in desk.roster.station.languages:
        words = desk.words_in(language)
        await desk.bot.send_message(
            desk.chat_id,
            text_for(found.bulletin, words, roster=desk.roster),
            reply_markup=buttons(found.bulletin, words),
        )
    _ = desk.words
    lines = [
        _("For: {audience}").format(audience=audience_line(desk, found.bulletin, desk.words)),
        await reach(desk, found.bulletin, desk.words),
    ]
    await desk.bot.send_message(desk.chat_id, Markup("\n").join(lines))
    await point_at_places(desk, found.bulletin, desk.chat_id, desk.words)


async def submit(desk: Desk) -> None:
    """*Hand in*: supervisors get it with the places to look at; without one, other officers."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    fault = _fault_of(desk, found.bulletin)
    if fault is not None:
        await desk.answer_press(fault, is_alert=True)
        return
    if not needs_second_person(desk.roster, found.bulletin):
        await _approve_alone(desk, found)
        return
    second = await second_persons(desk, found.bulletin.author)
    _ = desk.words
    if not second:
        text = _.plain("Nobody who could read it first can be reached now.")
        await desk.answer_press(text, is_alert=True)
        return
    if not await desk.transaction.bulletins.step(
        found.bulletin.number, State.SUBMITTED, from_state=State.DRAFT
    ):
        await desk.answer_press()
        return
    await desk.answer_press()
    number = found.bulletin.number
    yes, no = ("approve", number, _mark(found.bulletin)), ("reject", number)
    for chat_id in second:
        await ask_second(desk, found.bulletin, chat_id, yes, no)
    await show_draft(desk, found.bulletin.number)


def _fault_of(desk: Desk, bulletin: Bulletin) -> str | None:
    """Why it cannot be handed in; None when it can."""
    try:
        check_ready(bulletin, own_language=desk.own_language)
        check_machine_text(bulletin)
    except UnreadMachineText as refusal:
        return unread_line(refusal, desk.words)
    except BulletinRefused:
        return desk.words.plain("The text is missing.")
    return None


def _mark(bulletin: Bulletin) -> str:
    """Stands for exactly this notice in a button: a yes to another text, to other pictures or for
    other people counts for nothing."""
    audience, versions = bulletin.audience, bulletin.versions
    whole = (
        bulletin.severity.value, bulletin.expires_at, bulletin.pictures,
        sorted(audience.areas), sorted(audience.languages), audience.is_for_businesses_only,
        [(each, versions[each].text, versions[each].is_machine_made) for each in sorted(versions)],
    )  # fmt: skip
    return mark_of(whole)


def needs_second_person(roster: Roster, bulletin: Bulletin) -> bool:
    """By default; the roster may lift it for a room's weekly notices to the room's own areas."""
    room = roster.room(bulletin.room)
    is_weekly = bulletin.kind is not Kind.ALERT and bulletin.follows is None
    if room is None or room.second_person or not is_weekly:
        return True
    return not reaches_only(bulletin.audience, room.code, roster)


async def _approve_alone(desk: Desk, found: BulletinOnFile) -> None:
    """The roster trusts this room's authors: it is approved by being handed in."""
    number = found.bulletin.number
    await desk.answer_press()
    if await desk.transaction.bulletins.step(number, State.APPROVED, from_state=State.DRAFT):
        await show_draft(desk, number)
        await _say_it_is_ready(desk, found, desk.words, _ready(number, desk.words))


def _ready(number: int, words: Words) -> Markup:
    _ = words
    return _("Your notice {number} is ready.").format(number=number)


async def approve(desk: Desk) -> None:
    """A second person says yes to what was shown; the author may send it."""
    found = await _handed_in(desk)
    if found is None:
        return
    number = found.bulletin.number
    if desk.argument(1) != _mark(found.bulletin) or not await desk.transaction.bulletins.step(
        number, State.APPROVED, from_state=found.bulletin.state
    ):
        await _say_moved_on(desk, found)
        return
    desk.transaction.bulletins.approve(number, desk.visitor.officer)
    await _decided(desk, desk.words("Approved."), _way_out(desk, found))
    words = await desk.words_of(found.author_chat_id)
    _ = words
    name = name_in(desk, desk.officer, words)
    text = _("{name} has approved your notice {number}.").format(name=name, number=number)
    await _say_it_is_ready(desk, found, words, text)


def _way_out(desk: Desk, found: BulletinOnFile) -> InlineKeyboardMarkup | None:
    """Whoever may steer it need not wait for the author with what has no hour of its own."""
    if not may_steer(desk, found) or _hour(desk, found.bulletin) is not None:
        return None
    text = desk.words.plain("📢 Send now")
    return InlineKeyboardMarkup([[button(text, "send", found.bulletin.number)]])


def _hour(desk: Desk, bulletin: Bulletin) -> datetime | None:
    """When it goes out by itself, if it does."""
    schedule = desk.roster.schedule_for(bulletin.kind.value, bulletin.room)
    if schedule is None or bulletin.follows is not None:
        return None
    return next_weekly(schedule.at, desk.zone, after=desk.now)


async def _say_it_is_ready(desk: Desk, found: BulletinOnFile, words: Words, text: Markup) -> None:
    """To the author, with the hour at which it goes out by itself if there is one."""
    _, bulletin = words, found.bulletin
    lines, hour = [text], _hour(desk, bulletin)
    if hour is None:
        lines.append(_("It has not gone out yet."))
    else:
        lines.append(
            _("It goes out {when}, as issue {issue}.").format(
                when=words.day_and_time(hour), issue=issue_of(hour, desk.zone)
            )
        )
    number = bulletin.number
    await desk.bot.send_message(
        found.author_chat_id,
        Markup("\n").join(lines),
        reply_markup=InlineKeyboardMarkup(
            [
                [
                    button(_.plain("📢 Send now"), "send", number),
                    button(_.plain("✏ Change it"), "change", number),
                ]
            ]
        ),
    )


async def reject(desk: Desk) -> None:
    """A second person sends it back: it is a draft again."""
    found = await _handed_in(desk)
    if found is None:
        return
    number = found.bulletin.number
    if not await desk.transaction.bulletins.step(number, State.DRAFT, from_state=State.SUBMITTED):
        await _say_moved_on(desk, found)
        return
    _ = desk.words
    await _decided(desk, _("Sent back."))
    words = await desk.words_of(found.author_chat_id)
    _ = words
    await desk.bot.send_message(
        found.author_chat_id,
        _("{name} sends your notice {number} back.").format(
            name=name_in(desk, desk.officer, words), number=number
        ),
        reply_markup=InlineKeyboardMarkup([[button(_.plain("✏ Change it"), "change", number)]]),
    )


async def _handed_in(desk: Desk) -> BulletinOnFile | None:
    """The bulletin whose button was pressed, if whoever pressed may decide now; else None, and the
    press is answered."""
    found = await bulletin_of_press(desk)
    _ = desk.words
    try:
        if found is not None:
            check_approval(found.bulletin, officer=desk.visitor.officer or "")
    except NotASecondPerson:
        text = _.plain("A second person must approve it, not the author.")
        await desk.answer_press(text, is_alert=True)
        return None
    except BulletinRefused:
        pass
    if found is None or found.bulletin.state is not State.SUBMITTED:
        await _say_moved_on(desk, found)
        return None
    return found


async def _say_moved_on(desk: Desk, found: BulletinOnFile | None) -> None:
    """It is too late for this button: how the notice stands now takes its place."""
    text = desk.words.plain("This has moved on. Please use the newest message.")
    await desk.answer_press(text, is_alert=True)
    if found is not None:
        await desk.bot.edit_message_text(
            _where_it_stands(found.bulletin, desk.words),
            chat_id=desk.chat_id,
            message_id=desk.message.message_id,
        )


def _where_it_stands(bulletin: Bulletin, words: Words) -> Markup:
    _, number = words, bulletin.number
    return {
        State.DRAFT: _("Notice {number} is being changed. It comes again when it is handed in."),
        State.SUBMITTED: _("Notice {number} was changed. A newer message asks about it."),
        State.APPROVED: _("Notice {number} is approved already."),
    }.get(bulletin.state, _("Notice {number} has been decided.")).format(number=number)


async def _decided(desk: Desk, text: str, offered: InlineKeyboardMarkup | None = None) -> None:
    await desk.answer_press()
    await desk.bot.edit_message_text(
        text,
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=offered,
    )


async def change(desk: Desk) -> None:
    """The author changes it: it is a draft again and needs a new yes."""
    found = await draft_of_press(desk, State.DRAFT, State.SUBMITTED, State.APPROVED)
    if found is None:
        return
    number, state = found.bulletin.number, found.bulletin.state
    if state is not State.DRAFT:
        await desk.transaction.bulletins.step(number, State.DRAFT, from_state=state)
    desk.transaction.bulletins.approve(number, None)
    await desk.answer_press()
    await show_draft(desk, number)
