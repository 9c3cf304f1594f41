"""Somebody without Telegram calls or stands at the door: a member of the station books for them.

Name and number by one reply, then officer, service, way, day and time by buttons; whatever has only
one choice is not asked. What was chosen is on file with the dialogue, so that no button carries a
name or a number.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from markupsafe import Markup
from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.appointments.guests import guest_in
from bot.domain.appointments.refusals import AppointmentRefused, NoName, TooLong
from bot.domain.appointments.service import Service, Way
from bot.domain.roster import Officer, Role
from handlers.appointments import calendar
from handlers.appointments.calendar import Calendar, day_in
from handlers.appointments.discreet import send_to_staff
from handlers.appointments.offering import room_of_officer, who_can_be_told
from handlers.appointments.pressed import actor
from handlers.appointments.wording import back, button, edit_pressed, keyboard
from handlers.ways import way_name
from storage.dialogues import Dialogue

#: The dialogue: who it is for was asked, and what has been chosen since.
GUEST = "appointments.guest"
#: The step in which a visit's address is asked for.
PLACE = "place"
#: A caller waits no longer; a name and a number are not kept for nothing.
_KEPT = timedelta(hours=1)
#: What is chosen one after the other; whatever is chosen again makes the later ones open.
_ORDER = ("officer", "service", "way")
#: Name and number, and what has been chosen.
Choices = dict[str, Any]


async def begin(desk: Desk) -> None:
    """``/book`` by people of the station: for whom?"""
    _ = desk.words
    if not desk.roster.services:
        await desk.bot.send_message(desk.chat_id, _("Nothing can be booked here yet."))
    elif not await _officers(desk):
        await desk.bot.send_message(desk.chat_id, _("There is nobody you can book for here."))
    else:
        await ask_who(desk, _("For whom? Reply with the name and the number to call back."))


async def ask_who(desk: Desk, text: Markup) -> None:
    """The question, as a new message that is open for a reply."""
    _ = desk.words
    placeholder = _.plain("Wang Fang 138 0000 0000")
    asked = await desk.bot.send_message(
        desk.chat_id, text, reply_markup=ForceReply(input_field_placeholder=placeholder)
    )
    await desk.await_reply(GUEST, asked.message_id, data={}, kept=_KEPT, step="who")


async def take_name(desk: Desk, dialogue: Dialogue) -> None:
    """Name and number, or a word on what is missing."""
    try:
        guest = guest_in(str(desk.raw_message.get("text", "")))
    except AppointmentRefused as refusal:
        await ask_who(desk, _what_is_wrong(desk, refusal))
        return
    data: Choices = {"name": guest.name, "phone": guest.phone}
    after = await desk.transaction.dialogues.advance(dialogue, step="choosing", data=data)
    if after is not None:
        text, markup = await _question(desk, after)
        await send_to_staff(desk, desk.chat_id, text, markup=markup)


def _what_is_wrong(desk: Desk, refusal: AppointmentRefused) -> Markup:
    _ = desk.words
    if isinstance(refusal, TooLong):
        return _(
            "The name is too long: at most {count} characters. Please reply once more."
        ).format(count=refusal.limit)
    if isinstance(refusal, NoName):
        return _("The name is missing. Please reply once more, with the name before the number.")
    return _(
        "There is no phone number in it. Please reply once more, with the name and the number."
    )


async def _officers(desk: Desk) -> list[Officer]:
    """Into whose diary this person may book: the own one; of all officers, for the duty desk and
    supervisors; of those of the own room, for auxiliaries."""
    receiving = [each for each in desk.roster.officers if each.areas]
    if desk.officer is None:
        return []
    if not actor(desk).may_act_for_all:
        is_auxiliary = desk.role is Role.AUXILIARY
        receiving = [
            each
            for each in receiving
            if each.code == desk.officer.code or (is_auxiliary and _shares_room(desk, each))
        ]
    return await who_can_be_told(desk, receiving)


def _shares_room(desk: Desk, other: Officer) -> bool:
    room = room_of_officer(desk, other.code)
    return desk.officer is not None and room is not None and room.code == desk.officer.room


# --- choosing


async def opened(desk: Desk) -> Dialogue | None:
    """The dialogue of the pressed button, as its message shows it; None after a word on why not."""
    dialogue = desk.visitor.dialogue
    known = None if dialogue is None else (str(dialogue.id), str(dialogue.version))
    is_meant = known == (desk.argument(0), desk.argument(1))
    if dialogue is None or dialogue.kind != GUEST or not is_meant or dialogue.step == "who":
        _ = desk.words
        await desk.answer_press(_.plain("This has moved on."), is_alert=True)
        return None
    return dialogue


async def choose_officer(desk: Desk) -> None:
    """Whose diary."""
    await _choose(desk, "officer", [each.code for each in await _officers(desk)])


async def choose_service(desk: Desk) -> None:
    """What for."""
    await _choose(desk, "service", [each.code for each in desk.roster.services])


async def choose_way(desk: Desk) -> None:
    """At the room, by phone, at home."""
    await _choose(desk, "way", [each.value for each in Way])


async def _choose(desk: Desk, name: str, possible: list[str]) -> None:
    dialogue = await opened(desk)
    if dialogue is None:
        return
    chosen = desk.argument(2)
    kept = {key: value for key, value in dialogue.data.items() if key not in _later(name)}
    await _go_on(desk, dialogue, {**kept, name: chosen} if chosen in possible else kept)


async def go_back(desk: Desk) -> None:
    """One choice before is open again, or the name and the number."""
    dialogue = await opened(desk)
    if dialogue is None:
        return
    name = desk.argument(2)
    if name == "days":
        await _go_on(desk, dialogue, dict(dialogue.data))
        return
    if name in _ORDER:
        again = {key: value for key, value in dialogue.data.items() if key not in _later(name)}
        await _go_on(desk, dialogue, again)
        return
    _ = desk.words
    await desk.answer_press()
    await edit_pressed(desk, _("Not booked."))
    if name == "who":
        await ask_who(desk, _("For whom? Reply with the name and the number to call back."))
    else:
        desk.transaction.dialogues.end(dialogue.id)


def _later(name: str) -> tuple[str, ...]:
    """This choice and those after it; all that is not one of them stays."""
    return _ORDER[_ORDER.index(name) :]


async def _go_on(desk: Desk, dialogue: Dialogue, data: Choices) -> None:
    after = await desk.transaction.dialogues.advance(dialogue, step="choosing", data=data)
    if after is None:
        return
    await desk.answer_press()
    wanted = await wanted_of(desk, after)
    if wanted is None:
        await edit_pressed(desk, *await _question(desk, after))
    else:
        await calendar.show_days(desk, wanted)


async def _question(desk: Desk, dialogue: Dialogue) -> tuple[Markup, InlineKeyboardMarkup]:
    """The next thing to choose, with its buttons and the way back."""
    _ = desk.words
    officers, data = await _officers(desk), dialogue.data
    known = (dialogue.id, dialogue.version)
    has_officer = len(officers) == 1 or "officer" in data
    service = desk.roster.service(data.get("service"))
    if not has_officer:
        text, last = _("With whom?"), "who"
        buttons = [
            button(desk.name_of(each.name, desk.words), "whose", *known, each.code)
            for each in officers
        ]
    elif service is None:
        text, last = _("What for?"), "who" if len(officers) == 1 else "officer"
        buttons = [
            button(desk.name_of(each.name, desk.words), "what", *known, each.code)
            for each in desk.roster.services
        ]
    else:
        text, last = _("In which way?"), "service"
        buttons = [
            button(way_name(each, desk.words), "how", *known, each.value) for each in service.ways
        ]
    rows = [*keyboard(buttons, in_row=1).inline_keyboard, last_row(desk, dialogue, last)]
    return _for(data, text), InlineKeyboardMarkup(rows)


def _for(data: Any, text: Markup) -> Markup:
    return Markup("<b>{}</b> · {}\n{}").format(data["name"], data["phone"], text)


def last_row(desk: Desk, dialogue: Dialogue, last: str) -> list[InlineKeyboardButton]:
    """One step back, and out of it."""
    _ = desk.words
    known = (dialogue.id, dialogue.version)
    return [
        back(desk, "for_back", *known, last),
        button(_.plain("✖ Do not book"), "for_back", *known, "stop"),
    ]


async def wanted_of(desk: Desk, dialogue: Dialogue) -> Calendar | None:
    """What times are looked for; None as long as something is not chosen, or no longer possible."""
    officers, data = await _officers(desk), dialogue.data
    codes = [each.code for each in officers]
    officer = data.get("officer", codes[0] if len(codes) == 1 else None)
    service = desk.roster.service(data.get("service"))
    way = None if service is None else _way_of(service, data)
    if officer not in codes or service is None or way is None:
        return None
    last = "service" if len(service.ways) == 1 else "way"
    return Calendar(
        service,
        way,
        day="for_day",
        time="for_time",
        back=back(desk, "for_back", dialogue.id, dialogue.version, last),
        arguments=(dialogue.id, dialogue.version),
        officer=officer,
    )


def _way_of(service: Service, data: Any) -> Way | None:
    if len(service.ways) == 1:
        return service.ways[0]
    return next((each for each in service.ways if each.value == data.get("way")), None)


async def show_times(desk: Desk) -> None:
    """The times of one day."""
    found = await wanted(desk)
    if found is None:
        return
    times, day = found[1], day_in(desk.argument(2))
    if day is None:
        await desk.answer_press()
        await calendar.show_days(desk, times)
        return
    await calendar.show_times(desk, times, day, back(desk, "for_days", *times.arguments))


async def show_days(desk: Desk) -> None:
    """Back to the days."""
    found = await wanted(desk)
    if found is not None:
        await desk.answer_press()
        await calendar.show_days(desk, found[1])


async def wanted(desk: Desk) -> tuple[Dialogue, Calendar] | None:
    """The open dialogue and its times; None after a word, or the question that is open."""
    dialogue = await opened(desk)
    if dialogue is None:
        return None
    times = await wanted_of(desk, dialogue)
    if times is None:
        await desk.answer_press()
        await edit_pressed(desk, *await _question(desk, dialogue))
        return None
    return dialogue, times
