"""Writing an alert in a minute: a template, a few words in its holes, all languages at once."""

from __future__ import annotations

from datetime import timedelta

from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import State, Version
from handlers.bulletins.drafts import button, draft_of_press, show_draft
from handlers.bulletins.templates import FORM, HOLES, TEMPLATES, WEEKLY, Template, filled
from handlers.bulletins.writing import (
    ask,
    ask_first_text,
    asked_about,
    go_on_with_draft,
    is_refused_as_too_long,
)
from storage.bulletins import BulletinOnFile

#: The question for what stands in the holes.
FILLING = "bulletins.filling"
#: How long an alert may be good for, in the order of presses; then it has no end again.
EXPIRIES = (timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=7))


async def offer_templates(desk: Desk, number: int) -> None:
    """Twenty beginnings, two in a row, and own words."""
    _ = desk.words
    names = [
        button(_.plain(template.name), "template", number, code)
        for code, template in TEMPLATES.items()
    ]
    rows = [names[place : place + 2] for place in range(0, len(names), 2)]
    rows.append([button(_.plain("✏ In my own words"), "template", number)])
    await desk.bot.send_message(
        desk.chat_id, _("What is it about?"), reply_markup=InlineKeyboardMarkup(rows)
    )


async def offer_form(desk: Desk, number: int) -> None:
    """The weekly notice has a form: the figures, and what follows from them."""
    _ = desk.words
    rows = [
        [button(_.plain("📋 Fill in the form"), "template", number, FORM)],
        [button(_.plain("✏ In my own words"), "template", number)],
    ]
    await desk.bot.send_message(
        desk.chat_id, _("How do you want to write it?"), reply_markup=InlineKeyboardMarkup(rows)
    )


async def choose_template(desk: Desk) -> None:
    """A template was chosen: what belongs in its holes is asked for, one line each."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    await desk.answer_press()
    number, code = found.bulletin.number, desk.argument(1)
    template = _template(code)
    if template is None:
        await ask_first_text(desk, number)
        return
    _ = desk.words
    lines = [_("Reply to this message, one line for each of these:")]
    lines += [_(HOLES[hole]) for hole in template.holes]
    data = {"number": number, "template": code}
    await ask(desk, "\n".join(lines), kind=FILLING, data=data)


def _template(code: str) -> Template | None:
    return WEEKLY if code == FORM else TEMPLATES.get(code)


async def fill(desk: Desk) -> None:
    """The holes are filled: there is a text in every language of the station."""
    found, data = await asked_about(desk, FILLING)
    if found is None:
        return
    template = _template(data["template"])
    if template is None:
        return
    lines = [line.strip() for line in (desk.message.text or "").splitlines() if line.strip()]
    if len(lines) != len(template.holes):
        _ = desk.words
        await desk.bot.send_message(
            desk.chat_id,
            _("{wanted} lines are needed, {came} came. Please reply to the question again.").format(
                wanted=len(template.holes), came=len(lines)
            ),
        )
        return
    values = dict(zip(template.holes, lines, strict=True))
    versions = [
        Version(language, str(filled(template, values, desk.words_in(language))))
        for language in desk.roster.station.languages
    ]
    for version in versions:
        if await is_refused_as_too_long(desk, version.text):
            return
    for version in versions:
        desk.transaction.bulletins.set_version(found.bulletin.number, version)
    await go_on_with_draft(desk, found)


async def turn_expiry(desk: Desk) -> None:
    """The next of the times after which it is not sent any more."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    await desk.answer_press()
    bulletin = found.bulletin
    later = _next_expiry(desk, found)
    expires_at = None if later is None else desk.now + later
    desk.transaction.bulletins.set_severity(bulletin.number, bulletin.severity, expires_at)
    await show_draft(desk, bulletin.number)


def _next_expiry(desk: Desk, found: BulletinOnFile) -> timedelta | None:
    expires_at = found.bulletin.expires_at
    left = timedelta() if expires_at is None else expires_at - desk.now
    return next((each for each in EXPIRIES if each > left), None)
