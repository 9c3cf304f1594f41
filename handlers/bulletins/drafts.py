"""The draft on its author's screen: one message that shows the bulletin and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from hashlib import sha256

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data, number_in
from bot.domain.bulletins import Bulletin, BulletinRefused, Kind, Severity, State, check_ready
from bot.domain.roster import Role
from bot.texts import Words, language_name
from handlers.bulletins.wording import heading, title
from storage.bulletins import BulletinOnFile

#: Who writes bulletins and lets them out.
AUTHORS = frozenset({Role.OFFICER, Role.AUXILIARY, Role.SUPERVISOR, Role.ADMINISTRATOR})
#: 64 bits: with 32 an author could find two texts of one mark in a minute, have the harmless one
#: read and send the other. A button holds 64 bytes in all.
MARK_DIGITS = 16


def button(text: str, action: str, *arguments: object) -> InlineKeyboardButton:
    """A button of this feature."""
    return InlineKeyboardButton(text, callback_data=button_data("bulletins", action, *arguments))


def mark_of(whole: object) -> str:
    """Stands for exactly this in a button: a yes to anything else counts for nothing. What ``repr``
    says of ``whole`` must be all of it."""
    return sha256(repr(whole).encode()).hexdigest()[:MARK_DIGITS]


#: Who may steer what others have published: an author may be away or gone.
STEERERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


def may_steer(desk: Desk, found: BulletinOnFile) -> bool:
    """Whether whoever came may hold, correct or take back what went out."""
    return found.bulletin.author == desk.visitor.officer or desk.role in STEERERS


async def steered_by_press(desk: Desk, *states: State) -> BulletinOnFile | None:
    """As `draft_of_press`, for what went out: supervisors may steer it too."""
    return await _pressed(desk, may_steer, states)


def _is_author(desk: Desk, found: BulletinOnFile) -> bool:
    return found.bulletin.author == desk.visitor.officer


async def draft_of_press(desk: Desk, *states: State) -> BulletinOnFile | None:
    """The bulletin whose button its author pressed, if it is (still) in one of ``states``; else
    the press is answered here and None returned."""
    return await _pressed(desk, _is_author, states)


async def _pressed(
    desk: Desk, may: Callable[[Desk, BulletinOnFile], bool], states: Collection[State]
) -> BulletinOnFile | None:
    found = await bulletin_of_press(desk)
    _ = desk.words
    if found is None or not may(desk, found):
        await desk.answer_press(_.plain("This button is not for you."), is_alert=True)
        return None
    if found.bulletin.state not in states:
        await desk.answer_press(
            _.plain("This has moved on. Please use the newest message."), is_alert=True
        )
        return None
    return found


async def bulletin_of_press(desk: Desk) -> BulletinOnFile | None:
    """The bulletin that the pressed button names."""
    number = number_in(desk.argument(0))
    return None if number is None else await desk.transaction.bulletins.find(number)


async def send_draft(desk: Desk, number: int) -> None:
    """Show the draft below everything else."""
    found = await desk.transaction.bulletins.find(number)
    if found is not None:
        text, markup = await _shown(desk, found)
        await desk.bot.send_message(desk.chat_id, text, reply_markup=markup)


async def show_draft(desk: Desk, number: int) -> None:
    """Show the draft in the message whose button was pressed."""
    found = await desk.transaction.bulletins.find(number)
    if found is not None:
        text, markup = await _shown(desk, found)
        await desk.bot.edit_message_text(
            text,
            chat_id=desk.chat_id,
            message_id=desk.message.message_id,
            reply_markup=markup,
        )


async def _shown(desk: Desk, found: BulletinOnFile) -> tuple[str, InlineKeyboardMarkup]:
    bulletin, _ = found.bulletin, desk.words
    lines = [
        Markup("<b>{}</b>").format(title(bulletin, desk.words)),
        _("Languages: {languages}").format(languages=_languages(bulletin.versions, desk.words)),
        _("Pictures: {count}").format(count=len(bulletin.pictures)),
        _("For: {audience}").format(audience=audience_line(desk, bulletin, desk.words)),
        _state_line(found, desk.words),
    ]
    machine_made = [each for each in bulletin.versions.values() if each.is_machine_made]
    if machine_made:
        names = _languages([each.language for each in machine_made], desk.words)
        lines.append(_("Translated by a machine, read by nobody: {languages}").format(
            languages=names
        ))  # fmt: skip
    if bulletin.expires_at is not None:
        when = desk.words.day_and_time(bulletin.expires_at)
        lines.append(_("Good until {when}.").format(when=when))
    own = bulletin.versions.get(desk.own_language)
    if own is not None:
        lines += [Markup(""), Markup(own.text)]  # noqa: S704 - escaped when it was written
    return Markup("\n").join(lines), _buttons(desk, found)


def _state_line(found: BulletinOnFile, words: Words) -> Markup:
    _ = words
    return {
        State.DRAFT: _("Draft. Nobody else sees it."),
        State.SUBMITTED: _("A second person looks at it."),
        State.APPROVED: _("Approved."),
    }.get(found.bulletin.state, heading(found.bulletin, words))


def _languages(languages: Iterable[str], words: Words) -> str:
    names = [language_name(each) for each in sorted(languages)]
    return words.series(names) or "–"


def audience_line(desk: Desk, bulletin: Bulletin, words: Words) -> str:
    """Whom it is for, in a few words."""
    _, audience = words, bulletin.audience
    if bulletin.follows is not None:
        return _.plain("whoever has notice {number}").format(number=bulletin.follows)
    parts = []
    areas = [desk.roster.area(code) for code in sorted(audience.areas)]
    names = [desk.name_of(area.name, words) for area in areas if area is not None]
    parts.append(words.series(names) or _.plain("everybody"))
    if audience.languages:
        parts.append(_languages(audience.languages, words))
    if audience.is_for_businesses_only:
        parts.append(_.plain("businesses only"))
    return " · ".join(parts)


def _buttons(desk: Desk, found: BulletinOnFile) -> InlineKeyboardMarkup:
    bulletin, _ = found.bulletin, desk.words
    number = bulletin.number
    if bulletin.state is State.APPROVED:
        rows = [[button(_.plain("📢 Send now"), "send", number)]]
        if bulletin.kind is not Kind.ALERT:
            rows += [[button(_.plain("✏ Change it"), "change", number)]]
        return InlineKeyboardMarkup(rows)
    if bulletin.state is not State.DRAFT:
        return InlineKeyboardMarkup([[button(_.plain("✏ Change it"), "change", number)]])
    rows = [
        [
            button(_.plain("✏ Text"), "text", number, desk.own_language),
            button(_.plain("🌐 Languages"), "languages", number),
        ],
        [button(_.plain("🖼 Pictures"), "pictures", number)],
    ]
    if bulletin.follows is None:
        rows[-1].append(button(_.plain("👥 Who gets it"), "audience", number))
    if bulletin.kind is Kind.ALERT:
        rows.append([button(_severity(bulletin.severity, desk.words), "severity", number)])
        rows.append([button(_.plain("⏳ Good for how long"), "expiry", number)])
    if _is_ready(desk, found):
        rows.append(
            [
                button(_.plain("👁 Preview"), "preview", number),
                button(_.plain("✔ Hand in"), "submit", number),
            ]
        )
    rows.append([button(_.plain("✖ Throw away"), "discard", number)])
    return InlineKeyboardMarkup(rows)


def _severity(severity: Severity, words: Words) -> str:
    _ = words
    return {
        Severity.NOTICE: _.plain("🔔 Severity: notice"),
        Severity.WARNING: _.plain("🔔 Severity: warning"),
        Severity.DANGER: _.plain("🔔 Severity: danger"),
    }[severity]


def _is_ready(desk: Desk, found: BulletinOnFile) -> bool:
    try:
        check_ready(found.bulletin, own_language=desk.own_language)
    except BulletinRefused:
        return False
    return True
