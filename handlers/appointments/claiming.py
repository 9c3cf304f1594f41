"""Somebody who was booked for has the appointment in the own chat, by the code that was read out.

A code that nobody has and one that is somebody else's get the same word: nobody learns by guessing
who has an appointment. Wrong ones are counted on file, and after a few of them none opens anything.
"""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup

from bot.context import Desk, argument_in
from bot.domain.appointments import guests
from bot.domain.appointments.booking import Appointment, State
from bot.domain.appointments.codes import LINK_PREFIX, check_attempts, code_in, looks_like_code
from bot.domain.appointments.refusals import (
    AlreadyOver,
    AlreadyStarted,
    AppointmentRefused,
    TooManyAttempts,
)
from handlers.appointments.pressed import standing_words
from handlers.appointments.prompts import is_asked
from handlers.appointments.questions import ask_next
from handlers.appointments.reminding import set_reminders
from handlers.appointments.settling import let_lapse
from handlers.appointments.telling import tell_claimed
from handlers.appointments.wording import button, edit_pressed, keyboard
from handlers.areas import ask_area
from handlers.introduction import introduce

#: The dialogue of the question for the code.
CODE = "appointments.code"
#: Whoever looks for the note with the code finds it in this time, or asks again.
_KEPT = timedelta(hours=1)


async def claim(desk: Desk) -> None:
    """``/claim CODE``; without a code it is asked for."""
    await introduce(desk)
    typed = argument_in(desk)
    if typed:
        await _claim(desk, typed)
    else:
        _ = desk.words
        await _ask(desk, _("Which code were you given? Please send its eight digits."))


def brings_code(desk: Desk) -> bool:
    """Whether somebody came by the link of a booking."""
    return desk.command == "start" and argument_in(desk).startswith(LINK_PREFIX)


async def open_link(desk: Desk) -> None:
    """The link that belongs to the code does the same."""
    await introduce(desk)
    await _claim(desk, argument_in(desk).removeprefix(LINK_PREFIX))


def sends_code(desk: Desk) -> bool:
    """Eight digits while they are asked for; a reply is meant for whoever wrote what it replies
    to."""
    message = desk.raw_message
    is_reply = "reply_to_message" in message
    return is_asked(desk, CODE) and not is_reply and looks_like_code(str(message.get("text", "")))


async def take_code(desk: Desk) -> None:
    """The answer to the question."""
    await _claim(desk, str(desk.raw_message.get("text", "")))


async def stop(desk: Desk) -> None:
    """Whoever has no code at hand goes on with something else."""
    await desk.answer_press()
    _stop_asking(desk)
    _ = desk.words
    await edit_pressed(desk, _("✖ Not now. When you have the code: /claim"))


async def _ask(desk: Desk, text: Markup) -> None:
    """The question is open, with the way out of it."""
    _ = desk.words
    asked = await desk.bot.send_message(
        desk.chat_id,
        text,
        reply_markup=keyboard([button(_.plain("✖ Not now"), "no_code")], in_row=1),
    )
    await desk.await_reply(CODE, asked.message_id, data={}, kept=_KEPT)


def _stop_asking(desk: Desk) -> None:
    dialogue = desk.visitor.dialogue
    if dialogue is not None and dialogue.kind == CODE:
        desk.transaction.dialogues.end(dialogue.id)


# --- what the code opens


async def _claim(desk: Desk, typed: str) -> None:
    """What cannot be a code counts as no guess: whoever guesses would not send it."""
    _ = desk.words
    code = code_in(typed)
    if code is None:
        await _ask(
            desk, _("This is not the code: it has eight digits. Please check it and send it again.")
        )
        return
    found = await desk.transaction.appointments.find_by_code(code)
    if found is not None and found.resident_chat_id == desk.chat_id:
        await _say_how_it_stands(desk, found)
        return
    try:
        after = await _taken(desk, found)
    except AppointmentRefused as refusal:
        await _refuse(desk, refusal)
    else:
        await _go_on(desk, after)


async def _taken(desk: Desk, found: Appointment | None) -> Appointment | None:
    """On file as this chat's; None if somebody changed it first. Raises `AppointmentRefused`."""
    check_attempts(await desk.transaction.codes.wrong_of(desk.chat_id, desk.now))
    claimed = guests.claim(found, chat_id=desk.chat_id, now=desk.now)
    return await desk.transaction.appointments.change(claimed, claimed)  # by number and version


async def _refuse(desk: Desk, refusal: AppointmentRefused) -> None:
    _ = desk.words
    hotline = desk.words.telephone(desk.roster.station.hotline)
    if isinstance(refusal, TooManyAttempts):
        text = _("Too many wrong codes. Please try again tomorrow, or call:\n{hotline}")
        await _close(desk, text.format(hotline=hotline))
        return
    desk.transaction.codes.note_wrong(desk.chat_id, desk.now)
    if isinstance(refusal, AlreadyOver | AlreadyStarted):
        await _close(desk, _what_is_over(desk, refusal))
    else:
        text = _(
            "There is no appointment for this code (any more). Please check it and send it again,"
            " or call:\n{hotline}"
        )
        await _ask(desk, text.format(hotline=hotline))


def _what_is_over(desk: Desk, refusal: AlreadyOver | AlreadyStarted) -> Markup:
    """Nothing can be had with the code: not even what it was for is said."""
    _ = desk.words
    if isinstance(refusal, AlreadyOver) and refusal.state == State.CANCELLED:
        return _("This appointment was cancelled.\n/book – another one")
    return _("This appointment is over.\n/book – another one")


async def _close(desk: Desk, text: Markup) -> None:
    _stop_asking(desk)
    await desk.bot.send_message(desk.chat_id, text)


async def _go_on(desk: Desk, after: Appointment | None) -> None:
    """From now on it is like one that was booked here: listed, moved, cancelled, reminded of."""
    if after is None:
        _ = desk.words
        await _ask(desk, _("This has moved on. Please send the code once more."))
        return
    if after.state is State.DISPLACED:
        let_lapse(desk, after)
    await set_reminders(desk, after)
    await _say_how_it_stands(desk, after)
    await tell_claimed(desk, after)
    if desk.area is None:
        await ask_area(desk)
    elif after.state is State.BOOKED:
        await ask_next(desk, after)


async def _say_how_it_stands(desk: Desk, found: Appointment) -> None:
    """As a new message: with everything to know and to do while it is ahead."""
    _stop_asking(desk)
    text, markup = await standing_words(desk, found)
    await desk.bot.send_message(desk.chat_id, text, reply_markup=markup)
