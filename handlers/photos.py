"""Without this module copies of passports would reach officers who only have to look at them.

A picture or a file that is sent while something is booked is taken for a document: unless the
service takes pictures, it goes to nobody, and a word says where to show it. What shows something
else goes on by a button. In a request, pictures are evidence and go on as ever, with no word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters

from bot.context import (
    REFUSED_PHOTOS,
    RESIDENTS,
    SENT_ON,
    Arrived,
    Button,
    Desk,
    Feature,
    button_data,
    number_in,
)
from bot.delivery.content import content_kind
from bot.domain.photos import KEPT_FOR, SHOWING, is_refused
from storage.timers import Timer

#: Buttons under a message about an appointment carry its number behind feature and action.
_OF_APPOINTMENTS = "appointments:"


def _is_of_booking(desk: Desk) -> bool:
    """A picture or a file for a service that takes none, or under a message about an appointment;
    from somebody who cries for help or has asked for somebody at once it is no document."""
    kind = content_kind(desk.raw_message)
    if kind not in SHOWING or desk.is_cry or desk.visitor.is_urgent:
        return False
    if "reply_to_message" in desk.raw_message and not _answers_question(desk):
        return _appointment_replied_to(desk) is not None
    service = _service_asked_about(desk) or desk.visitor.held_service
    return service is not None and is_refused(kind, desk.roster.service(service))


def _replied_to(desk: Desk) -> Mapping[str, Any]:
    replied = desk.raw_message.get("reply_to_message")
    return replied if isinstance(replied, Mapping) else {}


def _answers_question(desk: Desk) -> bool:
    dialogue = desk.visitor.dialogue
    return dialogue is not None and _replied_to(desk).get("message_id") == dialogue.message_id


def _service_asked_about(desk: Desk) -> str | None:
    """What the open question belongs to, if it is one of a booking."""
    dialogue = desk.visitor.dialogue
    return None if dialogue is None else dialogue.data.get("service")


def _appointment_replied_to(desk: Desk) -> int | None:
    """The number of the appointment whose message is replied to."""
    for data in _carried_by(_replied_to(desk)):
        number = number_in("".join(data.split(":")[2:3]))
        if data.startswith(_OF_APPOINTMENTS) and number is not None:
            return number
    return None


def _carried_by(message: Mapping[str, Any]) -> Iterator[str]:
    """What the buttons under a message carry."""
    markup = message.get("reply_markup")
    rows = markup.get("inline_keyboard", ()) if isinstance(markup, Mapping) else ()
    for row in rows:
        for button in row:
            yield str(button.get("callback_data", ""))


async def look(desk: Desk) -> None:
    """Refused, unless the appointment replied to takes pictures: then it goes on at once."""
    number = None if _answers_question(desk) else _appointment_replied_to(desk)
    if number is not None:
        found = await desk.transaction.appointments.find(number)
        service = None if found is None else desk.roster.service(found.slot.service)
        if not is_refused(content_kind(desk.raw_message), service):
            _send_on(desk, desk.parcel, [_kept(desk)])
            return
    await _refuse(desk)


def _kept(desk: Desk) -> dict[str, Any]:
    return {
        "message_id": desk.message.message_id,
        "content": desk.content,
        "date": int(desk.raw_message["date"]),
    }


def _send_on(desk: Desk, key: str, messages: list[dict[str, Any]]) -> None:
    """To the officer, as any message (feature cases)."""
    desk.transaction.timers.set(
        SENT_ON, key, due_at=desk.now, chat_key=str(desk.chat_id), payload={"messages": messages}
    )


async def _refuse(desk: Desk) -> None:
    """One word for an album; what it was can be sent on as long as it is kept."""
    before = await desk.transaction.timers.find(REFUSED_PHOTOS, desk.parcel)
    kept = [] if before is None else before.payload["messages"]
    shown = await _say_no(desk) if before is None else before.payload["shown"]
    desk.transaction.timers.set(
        REFUSED_PHOTOS,
        desk.parcel,
        due_at=desk.now + KEPT_FOR,
        chat_key=str(desk.chat_id),
        payload={"messages": [*kept, _kept(desk)], "shown": shown},
    )


async def _say_no(desk: Desk) -> int:
    _ = desk.words
    name = desk.parcel.partition(":")[2]
    other = InlineKeyboardButton(
        _.plain("➡ No document: send it"), callback_data=button_data("photos", "send_on", name)
    )
    sent = await desk.bot.send_message(
        desk.chat_id,
        _("🪪 Pictures and files of documents are not taken here. Nobody has received this one."
          " Please show the document at the community police office.\n\nDoes it show"
          " something else? Press below, and your officer gets it."),
        reply_parameters=ReplyParameters(
            desk.message.message_id, allow_sending_without_reply=True
        ),
        reply_markup=InlineKeyboardMarkup([[other]]),
    )  # fmt: skip
    return sent.message_id


async def send_on(desk: Desk) -> None:
    """*No document*: the officer gets it, all of an album."""
    key = ":".join((str(desk.chat_id), *(desk.press.arguments if desk.press else ())))
    refused = await desk.transaction.timers.find(REFUSED_PHOTOS, key)
    _ = desk.words
    if refused is None:
        await desk.answer_press(_.plain("This has moved on."))
        return
    desk.transaction.timers.clear(REFUSED_PHOTOS, key)
    _send_on(desk, key, refused.payload["messages"])
    await desk.answer_press()
    await desk.bot.edit_message_text(
        _("Your officer gets it."), chat_id=desk.chat_id, message_id=desk.message.message_id
    )


async def forget(desk: Desk, timer: Timer) -> None:
    """`REFUSED_PHOTOS`: nobody said that it shows something else; the button goes with it."""
    await desk.bot.edit_message_reply_markup(
        chat_id=desk.chat_id, message_id=timer.payload["shown"], reply_markup=None
    )


FEATURE = Feature(
    name="photos",
    routes=(
        Button("photos", "send_on", send_on, RESIDENTS),
        Arrived("message", look, RESIDENTS, _is_of_booking),
    ),
    timers={REFUSED_PHOTOS: forget},
)
