"""What a case says: the resident's receipt, the officer's card, the buttons under it, and what
messages are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.cases import Case, CaseState, NotTheOwner, Stage, label
from bot.domain.routing import Reason
from bot.texts import Words, language_name
from handlers.introduction import emergency_lines
from handlers.menus import N_

#: What people call the kinds of messages; a kind that is newer than this keeps Telegram's name.
_KIND_NAMES: Mapping[str, str] = {
    "text": N_("text"), "photo": N_("picture"), "video": N_("video"), "audio": N_("music"),
    "animation": N_("animation"), "document": N_("file"), "voice": N_("voice message"),
    "video_note": N_("video message"), "sticker": N_("sticker"), "contact": N_("contact"),
    "location": N_("place"), "venue": N_("place"), "poll": N_("poll"), "dice": N_("dice"),
    "story": N_("story"), "game": N_("game"), "checklist": N_("checklist"),
    "paid_media": N_("paid picture or video"), "invoice": N_("invoice"),
    "giveaway": N_("giveaway"), "giveaway_winners": N_("giveaway"),
}  # fmt: skip
#: A button shows about 40 characters: a longer name would hide what was written.
_BUTTON_NAME_LENGTH = 20


def kind_name(kind: str, words: Words) -> str:
    """What people call a kind of message."""
    name = _KIND_NAMES.get(kind)
    return kind.replace("_", " ") if name is None else words.plain(name)


def cannot_be_passed_on(words: Words) -> Markup:
    """To whoever wrote something of a kind that Telegram never copies."""
    _ = words
    return _("Telegram does not pass on messages of this kind. Please write it as text or send a"
             " picture.")  # fmt: skip


def not_passed_on_by_telegram(kind: str, words: Words) -> Markup:
    """In place of a message that nothing can carry: what it was."""
    _ = words
    return _("A message that Telegram does not pass on: {kind}").format(kind=kind_name(kind, words))


def never_passed_on(words: Words, *, hotline: str) -> Markup:
    """To a resident whose message is kept but cannot be brought to the officer."""
    _ = words
    return _("This message could not be passed on. Please write it again in other words, or call:"
             "\n{hotline}").format(hotline=hotline)  # fmt: skip


def only_on_file(words: Words, count: int) -> Markup:
    """To a new owner of a case with more unanswered messages than can be copied."""
    _ = words
    return _.many(
        "{count} earlier message is on file and not shown here.",
        "{count} earlier messages are on file and not shown here.",
        count,
    ).format(count=count)


def nobody_left(words: Words, *, hotline: str) -> Markup:
    """To a resident whose officer cannot be reached any more, nor anybody else."""
    _ = words
    return _("Nobody at the station can be reached here right now. Your request is kept. You can"
             " also call:\n{hotline}").format(hotline=hotline)  # fmt: skip


def answer_not_sent(desk: Desk, refusal: NotTheOwner) -> Markup:
    """To somebody who answered a case that is not theirs (any more): whose it is."""
    _ = desk.words
    officer = desk.roster.officer(refusal.owner)
    if officer is None:
        text = _("{number}: nobody is responsible for this request now. Your answer was not sent.")
        return text.format(number=label(refusal.number))
    return _("{number} is with {name} now. Your answer was not sent.").format(
        number=label(refusal.number), name=desk.name_of(officer.name, desk.words)
    )


def not_delivered(case: Case, words: Words, *, is_reachable: bool, phone: str | None) -> Markup:
    """To an officer whose answer did not arrive, with the phone number if there is one."""
    _ = words
    if is_reachable:
        return _("{number}: this answer could not be delivered. Please write it as text.").format(
            number=label(case.number)
        )
    text = _("{number}: the resident cannot be reached here any more. Your answer did not"
             " arrive.").format(number=label(case.number))  # fmt: skip
    return Markup("\n").join([text, _("You can call:"), words.telephone(phone)]) if phone else text


def could_not_be_delivered(words: Words) -> Markup:
    """In place of the question *to whom?* when what it was about did not arrive."""
    _ = words
    return _("It could not be delivered.")


def sent_to(case: Case, name: str, words: Words) -> Markup:
    """In place of the question *to whom?* when what it was about has arrived."""
    _ = words
    return _("Sent to {name} ({number}).").format(name=name, number=label(case.number))


def receipt(desk: Desk, case: Case, words: Words) -> str:
    """One text that says where the matter stands, edited in place as it goes on."""
    _ = words
    lines: list[str] = [_stage_line(desk, case, words)]
    if case.state is not CaseState.HELD:
        lines += [officer_line(desk, case, words)]
    else:
        lines += [
            _("You can also call the station:"),
            escape(words.telephone(desk.roster.station.hotline)),
        ]
    lines += ["", emergency_lines(desk, words), ""]
    number = _("Request {number}").format(number=label(case.number))
    lines += [Markup("<i>{}</i>").format(number)]
    return "\n".join(lines)


def _stage_line(desk: Desk, case: Case, words: Words) -> Markup:
    _ = words
    if case.state is CaseState.HELD:
        return _("<b>Kept.</b> Nobody at the station can be reached here right now. Your message"
                 " waits for the first who can.")  # fmt: skip
    if case.card is None and case.stage is Stage.KEPT:
        if desk.visitor.is_urgent and desk.visitor.chat_id == case.resident_chat_id:
            return _("<b>Kept.</b> Whoever is asked in your urgent call gets it now.")
        return _("<b>Kept.</b> Not read yet: it waits until the community police office opens.")
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


def card(case: Case, *, head: str, words: Words) -> str:
    """The message in the officer's chat that stands for a case."""
    return f"{head}\n\n{_card_line(case, words)}"


def card_head(desk: Desk, case: Case, *, name: str, language: str, words: Words) -> str:
    """Number, area and whose case it is."""
    _ = words
    area = desk.roster.area(case.area) if case.area else None
    place = desk.name_of(area.name, words) if area else _.plain("no area chosen")
    head = Markup("<b>{number}</b> · {place}").format(number=label(case.number), place=place)
    who = Markup("{name} · {language}").format(name=name, language=language_name(language))
    return f"{head}\n{who}"


def released_card(desk: Desk, case: Case, *, head: str, words: Words) -> str:
    """The card in the chat of somebody who is not responsible any more."""
    _ = words
    owner = desk.roster.officer(case.owner)
    name = desk.name_of(owner.name, words) if owner else ""
    return f"{head}\n\n{_('{name} is responsible now.').format(name=name)}"


def _card_line(case: Case, words: Words) -> Markup:
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
        Reason.DUTY_DESK.value: _("The duty desk has this request. Reply below to answer."),
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


def _recipient(case: Case, name: str) -> str:
    short = name if len(name) <= _BUTTON_NAME_LENGTH else f"{name[: _BUTTON_NAME_LENGTH - 1]}…"
    return " · ".join(part for part in (label(case.number), short, case.last_words) if part)


def recipient_lines(
    cases: Sequence[tuple[Case, str]],
    dialogue_id: int,
    version: int,
    words: Words,
    *,
    may_publish: bool,
) -> InlineKeyboardMarkup:
    """*To whom?*: one open case a row (number, name, last words), the way to the rest, and to
    everybody."""
    _ = words
    rows = [
        [
            _button(
                _recipient(case, name),
                "pick",
                dialogue_id,
                version,
                case.number,
            )
        ]
        for case, name in cases
    ]
    rows.append([_button(_.plain("🔍 Search"), "search", dialogue_id, version)])
    if may_publish:
        data = button_data("bulletins", "from", dialogue_id, version)
        rows.append([InlineKeyboardButton(_.plain("📢 Make a notice of it"), callback_data=data)])
    rows.append([_button(_.plain("✖ Send to nobody"), "drop", dialogue_id, version)])
    return InlineKeyboardMarkup(rows)
