"""One message about one absence: who answers meanwhile, and buttons for what may be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.absences import (
    CHOICE_WITHIN,
    LONGEST,
    Absence,
    AbsenceReason,
    OpenCases,
    ReofferPlan,
    appointments_in,
    covers,
)
from bot.domain.appointments.booking import Actor
from bot.domain.duty_hours import first_moment
from bot.domain.roster import Role
from bot.texts import Words
from handlers.duty import when
from handlers.menus import N_
from storage.appointments import DISPLACE

_REASONS = {
    AbsenceReason.LEAVE: N_("🌴 Leave"),
    AbsenceReason.SICK: N_("🤒 Ill"),
    AbsenceReason.TRAINING: N_("🎓 Training"),
    AbsenceReason.PULLED_AWAY: N_("📤 Other duty"),
    AbsenceReason.OTHER: N_("Other reason"),
}
_PLANS = {
    ReofferPlan.DEPUTY: N_("📅 Appointments to the deputy"),
    ReofferPlan.NEW_TIME: N_("📅 Offer other times"),
    ReofferPlan.CANCEL: N_("📅 Cancel with an apology"),
}


def actor(desk: Desk) -> Actor:
    """Whoever came, for the rules; supervisors act for all."""
    return Actor(officer=desk.visitor.officer, may_act_for_all=desk.role is Role.SUPERVISOR)


def midnight(desk: Desk, day: date) -> datetime:
    """When a day of the station begins, UTC. Raises OverflowError for one before all time."""
    return first_moment(datetime.combine(day, time.min), desk.zone)


def day_of(desk: Desk, moment: datetime) -> date:
    """The local day of a moment."""
    return moment.astimezone(desk.zone).date()


async def tell_officer(desk: Desk, officer: str, *texts: str, now: Absence | None = None) -> None:
    """Somebody else, whose ``{name}`` is in the first text, said it: the officer must know.
    ``now``: from when until when, as it is after this."""
    state = (await desk.transaction.officers.states()).get(officer)
    if officer == desk.visitor.officer or state is None or state.chat_id is None:
        return
    if state.is_reachable:
        words = await desk.words_of(state.chat_id)
        by = desk.name_of(desk.officer.name, words) if desk.officer is not None else "…"
        lines = [words(text).format(name=by) for text in texts]
        lines += [] if now is None else [_from_to(desk, now, words)]
        await desk.bot.send_message(state.chat_id, Markup("\n").join(lines))


async def show(desk: Desk, absence: Absence, *, is_new: bool = False) -> None:
    """The absence as it stands with everything that can be said of it: in the pressed message, or
    ``is_new``."""
    text = Markup("\n").join(await _lines(desk, absence))
    plans = await _plans(desk, absence)
    buttons = InlineKeyboardMarkup([*plans, *_buttons(desk, absence)])
    if is_new:
        await desk.bot.send_message(desk.chat_id, text, reply_markup=buttons)
    else:
        await desk.bot.edit_message_text(
            text, chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=buttons
        )


async def _lines(desk: Desk, absence: Absence) -> list[Markup]:
    _ = desk.words
    name = _name(desk, absence)
    is_own = absence.officer == desk.visitor.officer
    lines = [
        _head(absence, desk.words, name=name, is_own=is_own, is_ahead=absence.starts > desk.now),
        _from_to(desk, absence, desk.words, name=None if is_own else name),
    ]
    lines.append(_("Why: {reason}").format(reason=_reason(absence, desk.words)))
    known = await desk.transaction.absences.known(desk.now)
    for cover in covers(desk.roster, known, absence):
        area, stand_in = desk.roster.area(cover.area), desk.roster.officer(cover.officer)
        if area is not None and stand_in is not None:
            lines.append(
                _("{area}: {name} answers.").format(
                    area=desk.name_of(area.name, desk.words),
                    name=desk.name_of(stand_in.name, desk.words),
                )
            )
    return [*lines, *await _appointment_lines(desk, absence)]


def _name(desk: Desk, absence: Absence) -> str:
    officer = desk.roster.officer(absence.officer)
    return desk.name_of(officer.name, desk.words) if officer else absence.officer


def _head(absence: Absence, words: Words, *, name: str, is_own: bool, is_ahead: bool) -> Markup:
    _ = words
    if is_own:
        return (
            _("You will be away: what residents write goes to your deputies then.")
            if is_ahead
            else _("You are away: what residents write goes to your deputies. /back when you are"
                   " here again.")
        )  # fmt: skip
    text = (
        _("{name} will be away: what residents write goes to the deputies then.")
        if is_ahead
        else _("{name} is away: what residents write goes to the deputies.")
    )
    return text.format(name=name)


async def how_many_booked(desk: Desk, absence: Absence) -> int:
    """How many appointments lie in it that nobody was told about yet."""
    ahead = await desk.transaction.appointments.of_officer(
        absence.officer, since=desk.now, until=desk.now + LONGEST
    )
    return len(appointments_in(absence, ahead, now=desk.now))


def choice_of(absence: Absence) -> str:
    """The key of the timer `DISPLACE` that waits for the choice (feature appointments)."""
    return f"{absence.officer}:{absence.id}"


async def _is_chosen(desk: Desk, absence: Absence) -> bool:
    timer = await desk.transaction.timers.find(DISPLACE, choice_of(absence))
    return timer is not None and timer.due_at <= desk.now


async def _appointment_lines(desk: Desk, absence: Absence) -> list[Markup]:
    count = await how_many_booked(desk, absence)
    if not count:
        return []
    _ = desk.words
    lines = [
        _.many(
            "📅 {count} appointment falls in this time.",
            "📅 {count} appointments fall in this time.",
            count,
        ).format(count=count)
    ]
    if await _is_chosen(desk, absence):
        return [*lines, _("Everybody concerned is told now.")]
    minutes = int(CHOICE_WITHIN.total_seconds()) // 60
    wait = _.many(
        "Without a word from you, residents choose in {count} minute.",
        "Without a word from you, residents choose in {count} minutes.",
        minutes,
    )
    return [*lines, wait.format(count=minutes)]


async def _plans(desk: Desk, absence: Absence) -> list[list[InlineKeyboardButton]]:
    """What may become of all its appointments, for as long as nobody has chosen."""
    if not await how_many_booked(desk, absence) or await _is_chosen(desk, absence):
        return []
    _ = desk.words
    return [
        [button(_.plain(text), "booked", absence.id or 0, plan.value)]
        for plan, text in _PLANS.items()
    ]


def _from_to(desk: Desk, absence: Absence, words: Words, *, name: str | None = None) -> Markup:
    """From when until when; ``name``: whose it is, if not the reader's."""
    _ = words
    starts = when(desk, absence.starts, words)
    if absence.ends is None and name is not None:
        return _("From {start}, until {name} says /back.").format(start=starts, name=name)
    if absence.ends is None:
        return _("From {start}, until you say /back.").format(start=starts)
    return _("From {start} until {end}.").format(start=starts, end=when(desk, absence.ends, words))


def _reason(absence: Absence, words: Words) -> str:
    text = words.plain(_REASONS[absence.reason])
    return f"{text} ({absence.ordered_by})" if absence.ordered_by else text


def _buttons(desk: Desk, absence: Absence) -> Sequence[Sequence[InlineKeyboardButton]]:
    _ = desk.words
    number = absence.id or 0
    reasons = [
        button(_.plain(text), "reason", number, reason.value)
        for reason, text in _REASONS.items()
        if reason is not absence.reason
    ]
    today, starts = day_of(desk, desk.now), day_of(desk, absence.starts)
    first = max(today, starts)
    tonight = button(_.plain("until tonight"), "until", number, today + timedelta(days=1))
    untils = [
        *([tonight] if first == today else []),
        button(_.plain("3 days"), "until", number, first + timedelta(days=3)),
        button(_.plain("a week"), "until", number, first + timedelta(days=7)),
    ]
    hand_over = button(_.plain("📂 Open requests to the deputy"), "cases", number, "to_deputy")
    later = button(_.plain("🗓 Only from tomorrow"), "start", number, today.isoformat())
    come = button(_.plain("↩ Back now"), "back", number)
    rows = [reasons[:2], reasons[2:], untils, *([[later]] if starts == today else []), [come]]
    return [*rows, [hand_over]] if absence.open_cases is OpenCases.STAY else rows


def button(text: str, action: str, *arguments: object) -> InlineKeyboardButton:
    """A button of this feature."""
    return InlineKeyboardButton(text, callback_data=button_data("absences", action, *arguments))
