"""An appointment goes into the phone's own calendar, and out of it again when it is over.

The file comes when it is asked for: whoever keeps no calendar gets no second message. What an
officer takes names nobody and no address: calendars are copied to clouds and shown on locked
screens. Who comes stands in the agenda.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from bot.context import Desk
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.calendar_files import Entry, entry_to_add, entry_to_remove
from bot.domain.appointments.refusals import AlreadyStarted, AppointmentRefused
from bot.domain.appointments.service import Item, Way, to_bring
from bot.domain.roster import Room
from handlers.appointments.calendar_writing import Said, calendar_file, file_name
from handlers.appointments.offering import room_for, room_of_officer
from handlers.appointments.pressed import actor, pressed, refuse
from handlers.appointments.wording import (
    has_calendar_file,
    heading,
    officer_name,
    service_name,
    to_bring_line,
)
from handlers.ways import way_name


async def send_to_add(desk: Desk) -> None:
    """The file that puts it into a calendar, or changes what stands there."""
    _ = desk.words
    words = _("Open this file to put the appointment into your calendar.")
    await _send(desk, entry_to_add, words)


async def send_to_remove(desk: Desk) -> None:
    """The file that takes it out where the calendar understands it, for who took one before."""
    _ = desk.words
    words = _(
        "Open this file to take the appointment out of your calendar."
        " If it stays there, please delete it yourself."
    )
    await _send(desk, entry_to_remove, words)


async def _send(desk: Desk, entry_of: Callable[..., Entry], words: Markup) -> None:
    found = await pressed(desk)
    if found is None:
        return
    try:
        entry = entry_of(found, actor(desk), bot_id=desk.bot.id, now=desk.now)
    except AlreadyStarted:
        _ = desk.words
        await desk.answer_press(_.plain("It has begun already."), is_alert=True)
        return
    except AppointmentRefused as refusal:
        await refuse(desk, found, refusal)
        return
    if entry.is_cancelled and not await has_calendar_file(desk, found, desk.chat_id):
        await refuse(desk, found)
    elif not await _is_new(desk, found, entry):
        _ = desk.words
        await desk.answer_press(_.plain("The file is in this chat already."), is_alert=True)
    else:
        await desk.answer_press()
        await _send_file(desk, found, entry, words)


async def _is_new(desk: Desk, found: Appointment, entry: Entry) -> bool:
    """One press may come twice, and people press twice: one file."""
    return await desk.transaction.calendar_files.take(
        found.id or 0,
        desk.chat_id,
        sequence=entry.sequence,
        asked_in=desk.message.message_id,
    )


async def _send_file(desk: Desk, found: Appointment, entry: Entry, words: Markup) -> None:
    said = _for_resident(desk, found) if desk.officer is None else await _for_officer(desk, found)
    await desk.bot.send_document(
        desk.chat_id,
        calendar_file(entry, said),
        filename=file_name(entry.starts.astimezone(desk.zone)),
        caption=Markup("{}\n\n{}").format(heading(desk, found.slot, desk.words), words),
    )


# --- what stands in it


def _for_resident(desk: Desk, found: Appointment) -> Said:
    """Where to go, with whom, what to bring, and the way back to the bot."""
    _ = desk.words
    room = room_for(desk, found)
    place, location = _place(desk, found, room)
    if found.slot.way is Way.VISIT:
        place, location = found.place or place, found.location
    name = officer_name(desk, found.slot.officer, desk.words)
    lines = [_.plain("With {name}.").format(name=name)]
    if room is not None and room.phone:
        lines.append(desk.words.telephone(room.phone))
    lines += _to_bring(desk, found)
    lines.append(_.plain("To move or cancel it: {link}").format(link=desk.bot.link))
    return _said(desk, found, place=place, location=location, description="\n".join(lines))


async def _for_officer(desk: Desk, found: Appointment) -> Said:
    _ = desk.words
    place, location = _place(desk, found, await _room_of(desk, found))
    if found.slot.way is Way.VISIT:
        place = way_name(Way.VISIT, desk.words)
    description = _.plain("To see who is coming: /agenda, {link}").format(link=desk.bot.link)
    return _said(desk, found, place=place, location=location, description=description)


def _said(desk: Desk, found: Appointment, **rest: Any) -> Said:
    return Said(
        summary=service_name(desk, found.slot.service, desk.words),
        sender=desk.name_of(desk.roster.station.name, desk.words),
        link=desk.bot.link,
        **rest,
    )


async def _room_of(desk: Desk, found: Appointment) -> Room | None:
    """Where the officer receives this resident."""
    chat_id = found.resident_chat_id
    person = None if chat_id is None else await desk.transaction.people.find(chat_id)
    room = None
    if found.guest is None and person is not None and person.area is not None:
        room = desk.roster.room_of(person.area)
    return room or room_of_officer(desk, found.slot.officer)


def _place(
    desk: Desk, found: Appointment, room: Room | None
) -> tuple[str, tuple[float, float] | None]:
    """The room with its address and its place on the map; or how it is, when it is not there."""
    if found.slot.way is not Way.ROOM or room is None:
        return way_name(found.slot.way, desk.words), None
    names = (desk.name_of(each, desk.words) for each in (room.name, room.address))
    return desk.words.series(names), room.location


def _to_bring(desk: Desk, found: Appointment) -> list[str]:
    service = desk.roster.service(found.slot.service)
    items = () if service is None else to_bring(service, found.situation)
    head = [to_bring_line(found, desk.words).unescape()] if items else []
    return [*head, *(f"• {_item(desk, each)}" for each in items)]


def _item(desk: Desk, item: Item) -> str:
    _ = desk.words
    name = desk.name_of(item.text, desk.words)
    return name if item.is_needed else _.plain("{item} (if you have it)").format(item=name)
