"""What a case says: the resident's receipt, the officer's card, and the buttons under it."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.cases import Case, CaseState, Stage, label
from bot.domain.routing import Reason
from bot.texts import Words

#: What Telegram calls a person's language, shown on a card in that language itself.
_LANGUAGE_NAMES: Mapping[str, str] = {"zh": "中文", "en": "English", "ar": "العربية"}


def receipt(desk: Desk, case: Case, words: Words) -> str:
    """One text that says where the matter stands, edited in place as it goes on."""
    _ = words
    lines: list[str] = [_stage_line(desk, case, words)]
    if case.state is not CaseState.HELD:
        lines += [officer_line(desk, case, words)]
    else:
        lines += [_("You can also call the station:"), escape(desk.roster.station.hotline)]
    lines += ["", emergency_lines(desk, words), ""]
    number = _("Request {number}").format(number=label(case.number))
    lines += [Markup("<i>{}</i>").format(number)]
    return "\n".join(lines)


def _stage_line(desk: Desk, case: Case, words: Words) -> Markup:
    _ = words
    if case.state is CaseState.HELD:
        return _("<b>Kept.</b> Nobody at the station can be reached here right now. Your message"
                 " waits for the first who can.")  # fmt: skip
    return {
        Stage.KEPT: _("<b>Kept.</b> It is on its way to the officer."),
        Stage.SENT: _("<b>Sent to the officer's phone.</b> Not read yet."),
        Stage.SEEN: _("<b>Seen by the officer.</b>"),
        Stage.ANSWERED: _("<b>Answered.</b>"),
    }[case.stage]


def officer_line(desk: Desk, case: Case, words: Words) -> Markup:
    """Who is responsible, with the badge, and why when it is not the usual officer."""
    _ = words
    officer = desk.roster.officer(case.owner or "")
    if officer is None:
        return _("The station answers.")
    name = desk.name_of(officer.name, words)
    return {
        Reason.DEPUTY.value: _("Officer {name}, badge {badge}, stands in for your officer."),
        Reason.DUTY_DESK.value: _("Duty desk: {name}, badge {badge}."),
    }.get(case.owner_reason or "", _("Officer {name}, badge {badge}.")).format(
        name=name, badge=officer.badge or "–"
    )


def emergency_lines(desk: Desk, words: Words) -> Markup:
    """The first number to call, alone on its line: people tap it, and it must stand out."""
    _ = words
    number = next(each.number for each in desk.roster.station.emergency if each.by == "call")
    return Markup("{}\n{}").format(_("In danger? Call now:"), number)


def card(desk: Desk, case: Case, *, name: str, language: str, words: Words) -> str:
    """The message in the officer's chat that stands for a case."""
    _ = words
    area = desk.roster.area(case.area) if case.area else None
    place = desk.name_of(area.name, words) if area else _.plain("no area chosen")
    head = Markup("<b>{number}</b> · {place}").format(number=label(case.number), place=place)
    who = Markup("{name} · {language}").format(
        name=name, language=_LANGUAGE_NAMES.get(language, language)
    )
    return "\n".join([head, who, "", _card_line(desk, case, words)])


def _card_line(desk: Desk, case: Case, words: Words) -> Markup:
    _ = words
    if case.state is CaseState.CLOSED:
        return _("Closed. A new message from this person opens a new request.")
    if case.stage is Stage.ANSWERED:
        return _("Answered. Reply to a message below to write again.")
    if case.stage is Stage.SEEN:
        return _("The resident knows that you have read it. Reply to a message below to answer.")
    return _reason_line(case, words)


def _reason_line(case: Case, words: Words) -> Markup:
    _ = words
    return {
        Reason.DEPUTY.value: _("You stand in for the responsible officer. Reply below to answer."),
        Reason.DUTY_DESK.value: _("Nobody else can be reached. Reply below to answer."),
    }.get(case.owner_reason or "", _("Reply to a message below to answer."))


def card_buttons(case: Case, words: Words) -> InlineKeyboardMarkup:
    """What the officer can do with one thumb."""
    _ = words
    if case.state is CaseState.CLOSED:
        return InlineKeyboardMarkup([[_button(_.plain("↩ Open again"), "reopen", case.number)]])
    row = [_button(_.plain("✔ Close"), "close", case.number)]
    if case.stage in (Stage.KEPT, Stage.SENT):
        row.insert(0, _button(_.plain("👁 I have read it"), "seen", case.number))
    return InlineKeyboardMarkup([row])


def _button(text: str, action: str, *arguments: object) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=button_data("cases", action, *arguments))


def recipient_lines(
    cases: list[tuple[Case, str]], dialogue_id: int, version: int, words: Words
) -> InlineKeyboardMarkup:
    """*To whom?*: one open case a row (number, name, last words), and the way to the rest."""
    _ = words
    rows = [
        [
            _button(
                " · ".join(part for part in (label(case.number), name, case.last_words) if part),
                "pick",
                dialogue_id,
                version,
                case.number,
            )
        ]
        for case, name in cases
    ]
    rows.append([_button(_.plain("🔍 Search"), "search", dialogue_id, version)])
    rows.append([_button(_.plain("✖ Send to nobody"), "drop", dialogue_id, version)])
    return InlineKeyboardMarkup(rows)
