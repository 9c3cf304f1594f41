"""What is still asked after booking: where to call, and the service's own questions."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup
from telegram import ForceReply

from bot.context import Desk
from bot.domain.appointments import preparing
from bot.domain.appointments.booking import Appointment, State
from bot.domain.appointments.refusals import AppointmentRefused, NoSuchChoice
from bot.domain.appointments.service import Service, Way
from handlers.appointments.pressed import actor, pressed, refuse
from handlers.appointments.prompts import (
    KEPT,
    PHONE,
    QUESTION,
    asked_for,
    is_asked,
    keep_answer,
    refuse_answer,
)
from handlers.appointments.telling import tell_number
from handlers.menus import contact_menu, menu


async def ask_next(desk: Desk, booked: Appointment) -> None:
    """What is still to be known of a booked appointment, one question at a time."""
    if booked.slot.way is Way.PHONE and not booked.phone:
        await _ask_phone(desk, booked)
    else:
        await _ask_question(desk, booked)


async def _ask_phone(desk: Desk, booked: Appointment) -> None:
    _ = desk.words
    prompt = await desk.bot.send_message(
        desk.chat_id,
        _("Where may the officer call you? Use the button, or reply to this message with a number."
          " Without a number the officer writes to you here."),
        reply_markup=contact_menu(desk.words),
    )  # fmt: skip
    data = {"id": booked.id, "service": booked.slot.service}
    await desk.await_reply(PHONE, prompt.message_id, data=data, kept=KEPT)


def sends_contact(desk: Desk) -> bool:
    """The own contact while it is asked for; somebody else's goes to the officer."""
    contact = desk.raw_message.get("contact")
    is_own = isinstance(contact, Mapping) and contact.get("user_id") == desk.chat_id
    return is_asked(desk, PHONE) and is_own


async def take_phone(desk: Desk) -> None:
    """The number that the officer may call, typed or from the own contact."""
    _dialogue, before = await asked_for(desk)
    contact = desk.raw_message.get("contact", {})
    typed = str(contact.get("phone_number") or desk.raw_message.get("text", ""))
    try:
        wanted = preparing.give_phone(before, actor(desk), typed=typed)
    except AppointmentRefused as refusal:
        await refuse_answer(desk, before, refusal)
        return
    after = await keep_answer(desk, before, wanted)
    if after is None:
        return
    _ = desk.words
    text = _("The officer will call you at:\n{phone}")
    await desk.bot.send_message(
        desk.chat_id,
        text.format(phone=desk.words.telephone(after.phone)),
        reply_markup=menu(desk.role, desk.words, asks_place=False),
    )
    await tell_number(desk, after)
    await _ask_question(desk, after)


async def _ask_question(desk: Desk, booked: Appointment) -> None:
    service = desk.roster.service(booked.slot.service)
    number = None if service is None else preparing.next_question(booked, service)
    if service is None or number is None:
        return
    _ = desk.words
    question = desk.name_of(service.questions[number], desk.words)
    text = Markup("<b>{}</b>\n{}").format(question, _("Please reply to this message."))
    prompt = await desk.bot.send_message(desk.chat_id, text, reply_markup=ForceReply())
    data = {"id": booked.id, "service": service.code, "number": number}
    await desk.await_reply(QUESTION, prompt.message_id, data=data, kept=KEPT)


async def ask_again(desk: Desk) -> None:
    """The button under a booked appointment: its next question."""
    booked = await pressed(desk)
    if booked is None:
        return
    if booked.state is not State.BOOKED:
        await refuse(desk, booked)
        return
    await desk.answer_press()
    await _ask_question(desk, booked)


async def take_answer(desk: Desk) -> None:
    """The answer to one of the service's questions, for the officer to see; then the next one."""
    dialogue, before = await asked_for(desk)
    service = desk.roster.service(before.slot.service)
    try:
        wanted = _answered(desk, before, service, number=dialogue.data["number"])
    except AppointmentRefused as refusal:
        await refuse_answer(desk, before, refusal)
        return
    after = await keep_answer(desk, before, wanted)
    if after is None or service is None:
        return
    if preparing.next_question(after, service) is None:
        _ = desk.words
        await desk.bot.send_message(desk.chat_id, _("Thank you. The officer will read it."))
    await _ask_question(desk, after)


def _answered(
    desk: Desk, before: Appointment, service: Service | None, *, number: int
) -> Appointment:
    """Raises `AppointmentRefused`."""
    if service is None:
        raise NoSuchChoice
    text = str(desk.raw_message.get("text", ""))
    return preparing.answer(before, actor(desk), service, number=number, text=text)
