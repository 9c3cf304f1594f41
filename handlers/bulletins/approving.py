"""Nothing goes to a thousand people that a second person has not read."""

from __future__ import annotations

import html
import re

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import (
    Bulletin,
    BulletinRefused,
    Finding,
    NotASecondPerson,
    State,
    check_approval,
    check_ready,
    findings,
)
from bot.domain.roster import Officer, Role
from bot.texts import Words
from handlers.bulletins.drafts import bulletin_of_press, button, draft_of_press, show_draft
from handlers.bulletins.wording import text_for
from storage.bulletins import BulletinOnFile

#: Who may be the second person, besides being another one than the author.
APPROVERS = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Places pointed at in one message: more would not be read.
FLAGS_SHOWN = 12

_TAG = re.compile(r"<[^>]+>")


async def preview(desk: Desk) -> None:
    """Exactly what residents will see, in every language that is offered."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    await desk.answer_press()
    for language in desk.roster.station.languages:
        words = desk.words_in(language)
        await desk.bot.send_message(
            desk.chat_id, text_for(found.bulletin, words, roster=desk.roster)
        )
    await _point_at_places(desk, found.bulletin, desk.chat_id, desk.words)


async def submit(desk: Desk) -> None:
    """*Hand in*: supervisors get it with the places to look at; without one, other officers."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    try:
        check_ready(found.bulletin, own_language=desk.own_language)
    except BulletinRefused:
        await desk.answer_press(desk.words.plain("The text is missing."), is_alert=True)
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
    for chat_id in second:
        await ask_second(desk, found.bulletin, chat_id, ("approve", number), ("reject", number))
    await show_draft(desk, found.bulletin.number)


async def second_persons(desk: Desk, author: str) -> list[int]:
    """Chats of supervisors other than ``author`` (a code); if none can be reached, of everybody
    else who may approve."""
    states = await desk.transaction.officers.states()

    def chats(*roles: Role) -> list[int]:
        found = []
        for officer in desk.roster.officers:
            state = states.get(officer.code)
            if officer.role not in roles or officer.code == author or state is None:
                continue
            if state.chat_id is not None and state.is_reachable:
                found.append(state.chat_id)
        return found

    return chats(Role.SUPERVISOR) or chats(*APPROVERS)


async def ask_second(
    desk: Desk, bulletin: Bulletin, chat_id: int, *offered: tuple[object, ...]
) -> None:
    """Show somebody the texts and the places to look at, and ask; ``offered``: the buttons, each an
    action (``reject``, else a yes) with its arguments."""
    words = await desk.words_of(chat_id)
    _ = words
    author = desk.roster.officer(bulletin.author)
    lead = _("{name} hands in a notice. Please read it before it goes out.").format(
        name=_name(desk, author, words)
    )
    await desk.bot.send_message(chat_id, lead)
    for language in sorted(bulletin.versions):
        text = text_for(bulletin, desk.words_in(language), roster=desk.roster)
        await desk.bot.send_message(chat_id, text)
    await _point_at_places(desk, bulletin, chat_id, words)
    await desk.bot.send_message(
        chat_id,
        _("May it go out?"),
        reply_markup=InlineKeyboardMarkup(
            [
                [
                    button(
                        _.plain("↩ Send back") if action == "reject" else _.plain("✔ Approve"),
                        str(action), *arguments,
                    )
                    for action, *arguments in offered
                ]
            ]
        ),
    )  # fmt: skip


def _name(desk: Desk, officer: Officer | None, words: Words) -> str:
    return "–" if officer is None else desk.name_of(officer.name, words)


async def _point_at_places(desk: Desk, bulletin: Bulletin, chat_id: int, words: Words) -> None:
    """Places that may give somebody away, for a person to look at."""
    _ = words
    flags = [
        flag
        for version in bulletin.versions.values()
        for flag in findings(html.unescape(_TAG.sub("", version.text)))
    ]
    if not flags:
        return
    lines = [_("Please look at these places again:")]
    lines += [
        Markup("• {}: {}").format(_finding(flag.finding, words), flag.words)
        for flag in flags[:FLAGS_SHOWN]
    ]
    await desk.bot.send_message(chat_id, Markup("\n").join(lines))


def _finding(finding: Finding, words: Words) -> Markup:
    _ = words
    return {
        Finding.IDENTITY_NUMBER: _("identity number"),
        Finding.PHONE: _("phone number"),
        Finding.PLATE: _("number plate"),
        Finding.FLAT: _("flat"),
        Finding.NAME: _("name"),
        Finding.NATIONALITY: _("nationality"),
        Finding.MINOR: _("minor"),
        Finding.GUILT: _("guilt before a verdict"),
    }[finding]


async def approve(desk: Desk) -> None:
    """A second person says yes; the author may send it."""
    found = await _handed_in(desk)
    if found is None:
        return
    number = found.bulletin.number
    if not await desk.transaction.bulletins.step(
        number, State.APPROVED, from_state=found.bulletin.state
    ):
        await _say_moved_on(desk)
        return
    desk.transaction.bulletins.approve(number, desk.visitor.officer)
    _ = desk.words
    await _decided(desk, _("Approved."))
    words = await desk.words_of(found.author_chat_id)
    _ = words
    name = _name(desk, desk.officer, words)
    await desk.bot.send_message(
        found.author_chat_id,
        _("{name} has approved your notice {number}.").format(name=name, number=number),
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
        await _say_moved_on(desk)
        return
    _ = desk.words
    await _decided(desk, _("Sent back."))
    words = await desk.words_of(found.author_chat_id)
    _ = words
    await desk.bot.send_message(
        found.author_chat_id,
        _("{name} sends your notice {number} back.").format(
            name=_name(desk, desk.officer, words), number=number
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
        found = None
    if found is None or found.bulletin.state is not State.SUBMITTED:
        await _say_moved_on(desk)
        return None
    return found


async def _say_moved_on(desk: Desk) -> None:
    text = desk.words.plain("This has moved on. Please use the newest message.")
    await desk.answer_press(text, is_alert=True)


async def _decided(desk: Desk, text: str) -> None:
    await desk.answer_press()
    await desk.bot.edit_message_text(text, chat_id=desk.chat_id, message_id=desk.message.message_id)


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
