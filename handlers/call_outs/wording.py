"""What an urgent call says: to the resident at each step, to those who are asked, to the
supervisors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.call_outs.ladder import StepKind
from bot.domain.call_outs.paging import CallOut, CallOutState
from bot.texts import Words
from handlers.duty import when
from handlers.introduction import emergency_lines, emergency_numbers
from handlers.menus import N_
from storage.people import Person

#: How a resident reads who was asked.
_KINDS = {
    StepKind.OFFICER: N_("your officer"),
    StepKind.DEPUTY: N_("the deputy"),
    StepKind.DUTY_DESK: N_("the duty desk"),
    StepKind.ON_CALL: N_("the officer on call"),
    StepKind.SUPERVISOR: N_("the supervisor"),
}


def button(text: str, action: str, *arguments: object) -> list[InlineKeyboardButton]:
    """One row with one button."""
    return [InlineKeyboardButton(text, callback_data=button_data("call_outs", action, *arguments))]


def numbers_first(desk: Desk, words: Words) -> Markup:
    """The first tap: call yourself, or ask for somebody of the station by a second one."""
    _ = words
    ask = _("Nobody in danger, but it cannot wait? Press below. Somebody at the station is asked"
            " now.")  # fmt: skip
    return Markup("{}\n\n{}").format(emergency_numbers(desk, words), ask)


def who(desk: Desk, code: str | None, words: Words) -> Markup:
    """Somebody of the roster as others read it."""
    _ = words
    officer = desk.roster.officer(code)
    if officer is None:
        return _("the station")
    name = desk.name_of(officer.name, words)
    if officer.code in desk.roster.station.duty_desk:
        return _("the duty desk ({name})").format(name=name)
    return _("Officer {name}").format(name=name)


# --- to the resident


def status(desk: Desk, call_out: CallOut, words: Words) -> Markup:
    """Where it stands, and what can be done meanwhile."""
    _ = words
    line = status_line(desk, call_out, words)
    write = _("Write here what has happened, and where. Or send your location.")
    if call_out.state is CallOutState.PAGING:
        parts = [line, *_asked_line(call_out, words), write, emergency_lines(desk, words)]
    elif call_out.state is CallOutState.TAKEN:
        parts = [line, write, emergency_lines(desk, words)]
    elif call_out.state is CallOutState.UNANSWERED:
        hotline = _("The station's telephone:\n{hotline}").format(
            hotline=words.telephone(desk.roster.station.hotline)
        )
        still = _("Somebody may still take it. Then you read it here.")
        parts = [line, emergency_numbers(desk, words), hotline, still]
    else:
        parts = [line, _("If you need somebody again: /urgent")]
    return Markup("\n\n").join(parts)


def status_line(desk: Desk, call_out: CallOut, words: Words) -> Markup:
    """Where it stands, and no more than is true."""
    _ = words
    if call_out.taker is not None and call_out.taken_at is not None:
        by, time = who(desk, call_out.taker, words), when(desk, call_out.taken_at, words)
        if call_out.state is CallOutState.TAKEN:
            return _("✅ <b>Taken by {who}, {time}.</b>").format(who=by, time=time)
        if call_out.state is CallOutState.ENDED:
            return _("Settled, says {who}.").format(who=by)
    return {
        CallOutState.UNANSWERED: _("<b>Nobody has answered. Nobody is on the way.</b>"),
        CallOutState.ENDED: _("This urgent call is over."),
        CallOutState.WITHDRAWN: _("You need nobody any more. All who were asked know it."),
    }.get(call_out.state, _("🚨 <b>Nobody is on the way yet.</b>"))


def _asked_line(call_out: CallOut, words: Words) -> list[Markup]:
    _ = words
    kinds = dict.fromkeys(step.kind for step in call_out.ladder.steps[: call_out.paged])
    if not kinds:
        return []
    asked = words.series(words.plain(_KINDS[kind]) for kind in kinds)
    return [_("Asked so far: {who}.").format(who=asked)]


def status_buttons(call_out: CallOut, words: Words) -> InlineKeyboardMarkup | None:
    """What the resident can do about it."""
    if call_out.state in (CallOutState.ENDED, CallOutState.WITHDRAWN):
        return None
    _ = words
    text = _.plain("✖ I need nobody any more")
    return InlineKeyboardMarkup([button(text, "withdraw", call_out.id)])


# --- to those who are asked


@dataclass(frozen=True, slots=True)
class About:
    """The resident as those who are asked know them; ``can_be_reached``: by the bot, here."""

    person: Person | None
    can_be_reached: bool = True


def head(desk: Desk, call_out: CallOut, about: About, words: Words) -> Markup:
    """Whose call it is, where, since when, and how to ring back."""
    _ = words
    person = about.person
    area = desk.roster.area(person.area) if person else None
    lines = [
        _("🚨 <b>Urgent call</b> · {name} · {place} · {time}").format(
            name=person.name if person else "…",
            place=desk.name_of(area.name, words) if area else _.plain("no area chosen"),
            time=when(desk, call_out.asked_at, words),
        )
    ]
    if person and person.phone:
        lines += [_("You can call:"), escape(words.telephone(person.phone))]
    if not about.can_be_reached:
        lines.append(_("This person cannot be reached here any more."))
    return Markup("\n").join(lines)


def page(
    desk: Desk, call_out: CallOut, officer: str, about: About, words: Words, *, note: Markup | None
) -> Markup:
    """What somebody who is asked reads, as it stands now; ``note``: why it comes (again)."""
    notes = [] if note is None else [note]
    return Markup("\n\n").join(
        [head(desk, call_out, about, words), *notes, _page_line(desk, call_out, officer, words)]
    )


def _page_line(desk: Desk, call_out: CallOut, officer: str, words: Words) -> Markup:
    _ = words
    by = who(desk, call_out.taker, words)
    if call_out.state is CallOutState.TAKEN and call_out.taken_at is not None:
        time = when(desk, call_out.taken_at, words)
        if call_out.taker == officer:
            return _("<b>You have it</b>, since {time}. The resident reads your name.").format(
                time=time
            )
        return _("Taken by {who}, {time}.").format(who=by, time=time)
    return {
        CallOutState.ENDED: (
            _("Settled, says {who}.").format(who=by) if call_out.taker else _("It is over.")
        ),
        CallOutState.WITHDRAWN: _("The resident needs nobody any more."),
        CallOutState.UNANSWERED: _("<b>Nobody has taken it.</b> Who goes?"),
    }.get(
        call_out.state,
        _("<b>Nobody is on the way yet.</b> What the resident writes comes below. Who takes it?"),
    )


def page_buttons(call_out: CallOut, officer: str, words: Words) -> InlineKeyboardMarkup | None:
    """What somebody who was asked can do with one thumb."""
    _ = words
    rows: list[list[InlineKeyboardButton]] = []
    if call_out.state in (CallOutState.PAGING, CallOutState.UNANSWERED):
        rows = [button(_.plain("✋ I take it"), "take", call_out.id)]
    elif call_out.state is CallOutState.TAKEN and call_out.taker == officer:
        rows = [
            button(_.plain("✅ It is settled"), "settled", call_out.id),
            button(_.plain("↩ I cannot after all"), "give_back", call_out.id),
        ]
    return InlineKeyboardMarkup(rows) if rows else None


def unheard_note(words: Words) -> Markup:
    """Why somebody is asked who has not said to hear it."""
    _ = words
    return _("⚠ You have not said that you hear this phone. Nobody else has either.")


def nobody_answered_note(words: Words) -> Markup:
    """To whoever is alarmed at the end."""
    _ = words
    return _("‼ <b>Everybody was asked, and nobody has answered.</b>")


def words_sent_note(words: Words) -> Markup:
    """To whoever answered the resident without taking the call."""
    _ = words
    return _("⚠ Your answer was sent. The call stays open until somebody takes it.")


def cannot_after_all_note(desk: Desk, code: str, words: Words) -> Markup:
    """To those who were asked before, when the taker gives it back."""
    _ = words
    return _("{who} cannot go after all.").format(who=who(desk, code, words))


def unheard_warning(
    desk: Desk, call_out: CallOut, about: About, codes: Sequence[str], words: Words
) -> Markup:
    """To the supervisors: who was left out because nobody knows whether they hear it."""
    _ = words
    names = (who(desk, code, words).unescape() for code in codes)
    line = _("⚠ These have not said today that they hear the phone: {names}.").format(
        names=words.series(names)
    )
    return Markup("{}\n\n{}").format(head(desk, call_out, about, words), line)
