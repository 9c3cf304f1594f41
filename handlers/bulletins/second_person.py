"""Whoever reads a bulletin before it goes out, and what is shown to them."""

from __future__ import annotations

import html
import re

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import Bulletin, Finding, Kind, State, findings
from bot.domain.roster import Officer, Role
from bot.texts import Words
from handlers.bulletins.audience import reach
from handlers.bulletins.drafts import audience_line, button
from handlers.bulletins.promising import promise_pictures
from handlers.bulletins.wording import text_for
from storage.outbox import Lane

#: Who may be the second person, besides being another one than the author.
APPROVERS = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Places pointed at in one message: more would not be read.
FLAGS_SHOWN = 12

_TAG = re.compile(r"<[^>]+>")


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


#: Sending back a notice, and a correction of one that is out.
NOES = frozenset({"reject", "refuse"})


async def ask_second(
    desk: Desk, bulletin: Bulletin, chat_id: int, *offered: tuple[object, ...]
) -> None:
    """Show somebody pictures, texts and the places to look at, and ask; ``offered``: the buttons,
    each an action (one of `NOES`, else a yes) with its arguments. What has gone out is corrected.
    """
    words = await desk.words_of(chat_id)
    _ = words
    await desk.bot.send_message(chat_id, _lead(desk, bulletin, words))
    await promise_pictures(desk, bulletin, chat_id, lane=Lane.DIALOGUE)
    for language in desk.roster.station.languages:
        if language not in bulletin.versions:
            continue
        text = text_for(bulletin, desk.words_in(language), roster=desk.roster)
        await desk.bot.send_message(chat_id, text)
    await point_at_places(desk, bulletin, chat_id, words)
    await desk.bot.send_message(
        chat_id,
        Markup("\n").join(
            [
                _("For: {audience}").format(audience=audience_line(desk, bulletin, words)),
                await reach(desk, bulletin, words),
                _("May it change in every chat?") if _is_out(bulletin) else _("May it go out?"),
            ]
        ),
        reply_markup=InlineKeyboardMarkup(
            [
                [
                    button(
                        _.plain("↩ Send back") if action in NOES else _.plain("✔ Approve"),
                        str(action), *arguments,
                    )
                    for action, *arguments in offered
                ]
            ]
        ),
    )  # fmt: skip


def _is_out(bulletin: Bulletin) -> bool:
    return bulletin.state not in (State.DRAFT, State.SUBMITTED, State.APPROVED)


def _lead(desk: Desk, bulletin: Bulletin, words: Words) -> Markup:
    """Who asks, and for what."""
    _, name = words, name_in(desk, desk.roster.officer(bulletin.author), words)
    if not _is_out(bulletin):
        return _("{name} hands in a notice. Please read it before it goes out.").format(name=name)
    return _(
        "{name} corrects notice {number}, which people have. Please read the new text."
    ).format(name=name, number=bulletin.number)


def name_in(desk: Desk, officer: Officer | None, words: Words) -> str:
    """Somebody's name in the reader's language."""
    return "–" if officer is None else desk.name_of(officer.name, words)


async def point_at_places(desk: Desk, bulletin: Bulletin, chat_id: int, words: Words) -> None:
    """Places that may give somebody away, for a person to look at; each once, in however many
    languages it stands."""
    _, places = words, _places(desk, bulletin)
    if not places:
        return
    lines = [_("Please look at these places again:")]
    lines += [
        Markup("• ") + _("{what}: {words}").format(what=_finding(finding, words), words=said)
        for finding, said in places[:FLAGS_SHOWN]
    ]
    more = len(places) - FLAGS_SHOWN
    if more > 0:
        lines.append(_.many("And {count} more place", "And {count} more places", more).format(
            count=more
        ))  # fmt: skip
    if bulletin.kind is Kind.SOLVED and any(finding is Finding.NAME for finding, _said in places):
        lines.append(_("Name nobody in a notice about what was solved."))
    await desk.bot.send_message(chat_id, Markup("\n").join(lines))


def _places(desk: Desk, bulletin: Bulletin) -> list[tuple[Finding, str]]:
    """What was found and its words. The station's own numbers give nobody away."""
    rooms = (room.phone for room in desk.roster.rooms)
    ours = {_digits(number) for number in (desk.roster.station.hotline, *rooms)}
    flags = [
        flag
        for version in bulletin.versions.values()
        for flag in findings(html.unescape(_TAG.sub("", version.text)))
        if flag.finding is not Finding.PHONE
        or not any(number.endswith(_digits(flag.words)) for number in ours)
    ]
    return list(dict.fromkeys((flag.finding, flag.words) for flag in flags))


def _digits(number: str) -> str:
    """Its digits; the 0 before an area's code is not dialled from abroad."""
    return "".join(each for each in number if each.isdigit()).lstrip("0")


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
