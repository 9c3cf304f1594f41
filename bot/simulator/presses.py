"""Without this module no button could be pressed, rightly or forged."""

from __future__ import annotations

from typing import Any

from bot.simulator import views
from bot.simulator.errors import ControlError
from bot.simulator.limits import CALLBACK_DATA_BYTES, words
from bot.simulator.requests import (
    Request,
    chat_for,
    check_awake,
    check_fields,
    integer,
    message_in,
    person_of,
)
from bot.simulator.telegram import Telegram
from bot.simulator.world import Chat, Press


def press(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Somebody presses a button under a message, named by its ``data`` or its ``text``. With
    ``forge`` any data goes, as from a client somebody wrote."""
    check_fields(request, words("user_id chat_id message_id data text forge again"))
    if request.get("again") is not None:
        return _again(telegram, str(request["again"]))
    person = person_of(telegram, request)
    chat = chat_for(telegram, request, person)
    check_awake(person, chat)
    forged = bool(request.get("forge"))
    data = _forged(request) if forged else _data(chat, request)
    world = telegram.world
    made = Press(
        id=world.next_press(),
        person=person,
        chat=chat,
        message_id=integer(request, "message_id"),
        at=telegram.clock.now().timestamp(),
    )
    world.add_press(made)
    made.update = {
        "id": made.id,
        "from": views.user(person),
        "message": _message(chat, made.message_id),
        "chat_instance": str(abs(chat.id) * 7919),
        "data": data,
    }
    return _tell(telegram, made)


def _again(telegram: Telegram, press_id: str) -> dict[str, Any]:
    """The same press once more, as Telegram does while nobody has answered it."""
    made = telegram.world.presses.get(press_id)
    if made is None or made.is_answered:
        raise ControlError(f"there is no press {press_id} that waits for an answer")
    return _tell(telegram, made)


def _tell(telegram: Telegram, made: Press) -> dict[str, Any]:
    update_id = telegram.updates.add("callback_query", made.update, "presses")
    return {"update_id": update_id, "callback_query_id": made.id}


def _data(chat: Chat, request: Request) -> str:
    message = message_in(chat, request)
    rows = (message.markup or {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    for button in buttons:
        data: str | None = button.get("callback_data")
        if data is not None and (
            data == request.get("data") or button["text"] == request.get("text")
        ):
            return data
    names = ", ".join(f"{one['text']!r} ({one.get('callback_data')})" for one in buttons)
    raise ControlError(
        f"message {message.id} has no such button; it has {names or 'none'}"
        " (forge: true presses what is not there)"
    )


def _forged(request: Request) -> str:
    data = request.get("data")
    if not isinstance(data, str) or len(data.encode()) > CALLBACK_DATA_BYTES:
        raise ControlError("forged data is a string of at most 64 bytes")
    return data


def _message(chat: Chat, message_id: int) -> dict[str, Any]:
    message = chat.messages.get(message_id)
    if message is not None:
        return views.message(message)
    return {"chat": views.chat(chat), "message_id": message_id, "date": 0}
