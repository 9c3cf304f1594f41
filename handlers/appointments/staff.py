"""What people of the station read when appointments are displaced, and whom they must telephone."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from bot.context import Desk
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.displaced import Why
from bot.domain.roster import Role
from bot.texts import Words
from handlers.appointments.discreet import send_to_staff
from handlers.appointments.reminding import name_of_resident
from handlers.appointments.wording import heading, service_name


async def tell_what_changed(
    desk: Desk,
    officer: str,
    why: Why,
    *,
    moved: Sequence[Appointment],
    restored: Sequence[Appointment],
) -> None:
    """The officer reads all of it in one message, without a sound; somebody who is at work reads
    whom to telephone."""
    for chat_id in await _reachable(desk, [officer]):
        for appointments, are_kept in ((moved, False), (restored, True)):
            if appointments:
                await _send_summary(desk, chat_id, appointments, are_kept=are_kept)
    for appointments, are_kept in ((moved, False), (restored, True)):
        guests = [each for each in appointments if each.resident_chat_id is None]
        if guests:
            for chat_id in await who_is_at_work(desk, officer, why):
                await _send_numbers(desk, chat_id, guests, are_kept=are_kept)


async def _send_summary(
    desk: Desk, chat_id: int, appointments: Sequence[Appointment], *, are_kept: bool
) -> None:
    words = await desk.words_of(chat_id)
    _ = words
    count = len(appointments)
    head = (
        _.many(
            "📅 {count} appointment stands again.", "📅 {count} appointments stand again.", count
        )
        if are_kept
        else _.many(
            "📅 {count} appointment cannot be kept. The resident is told now.",
            "📅 {count} appointments cannot be kept. The residents are told now.",
            count,
        )
    )
    lines = [await _line(desk, each, words) for each in appointments]
    text = Markup("\n").join([head.format(count=count), *lines])
    await send_to_staff(desk, chat_id, text, is_silent=True)


async def _line(desk: Desk, appointment: Appointment, words: Words) -> Markup:
    return Markup("{} · {} · {}").format(
        words.day_and_time(appointment.slot.starts),
        service_name(desk, appointment.slot.service, words),
        await name_of_resident(desk, appointment),
    )


async def _send_numbers(
    desk: Desk, chat_id: int, guests: Sequence[Appointment], *, are_kept: bool
) -> None:
    """Names and numbers, each number alone on its line."""
    words = await desk.words_of(chat_id)
    _ = words
    head = (
        _("☎ These people have no Telegram. Please call: the appointment stands again.")
        if are_kept
        else _("☎ These people have no Telegram. Please call: the appointment cannot be kept.")
    )
    parts = [
        Markup("{}\n{}").format(
            await _line(desk, each, words), words.telephone(each.guest.phone if each.guest else "")
        )
        for each in guests
    ]
    await send_to_staff(desk, chat_id, Markup("\n\n").join([head, *parts]))


async def tell_at_work(desk: Desk, appointment: Appointment, text: str) -> None:
    """One sentence about one appointment, with a hole for the name, to whoever can act on it; the
    number of somebody who was booked for, on Telegram by now or not."""
    why = Why.ABSENCE if appointment.reason == Why.ABSENCE else Why.HOURS
    name = await name_of_resident(desk, appointment)
    for chat_id in await who_is_at_work(desk, appointment.slot.officer, why):
        words = await desk.words_of(chat_id)
        lines = [words(text).format(name=name), heading(desk, appointment.slot, words)]
        if appointment.guest is not None:
            lines.append(escape(words.telephone(appointment.guest.phone)))
        await send_to_staff(desk, chat_id, Markup("\n").join(lines))


async def who_is_at_work(desk: Desk, officer: str, why: Why) -> list[int]:
    """The chats of those who can call somebody: the duty desk for whoever is away, else the
    officer; each where the other cannot be reached, and supervisors at last."""
    desks = list(desk.roster.station.duty_desk)
    bosses = [each.code for each in desk.roster.officers if each.role is Role.SUPERVISOR]
    first, second = (desks, [officer]) if why is Why.ABSENCE else ([officer], desks)
    for codes in (first, second, bosses):
        found = await _reachable(desk, codes)
        if found:
            return found
    return []


async def _reachable(desk: Desk, codes: Sequence[str]) -> list[int]:
    states = await desk.transaction.officers.states()
    found = [states[code] for code in codes if code in states]
    return [each.chat_id for each in found if each.is_reachable and each.chat_id is not None]
