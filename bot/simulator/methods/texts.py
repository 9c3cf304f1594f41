"""Without this module the bot would be mute: getMe, sendMessage, and small things without files."""

from __future__ import annotations

from typing import Any

from bot.simulator import views
from bot.simulator.entities import utf16_length
from bot.simulator.errors import bad_request
from bot.simulator.limits import (
    CHAT_ACTIONS,
    DICE,
    POLL_OPTION_LENGTH,
    POLL_OPTIONS,
    POLL_QUESTION_LENGTH,
    words,
)
from bot.simulator.methods.method import Method
from bot.simulator.parameters import Call
from bot.simulator.polls import poll
from bot.simulator.sending import (
    SEND,
    chat_named,
    check_writable,
    put,
    read_target,
    read_text,
    text_content,
)
from bot.simulator.telegram import Telegram


def get_me(telegram: Telegram, _call: Call) -> dict[str, Any]:
    """Who the bot is."""
    return {
        **views.user(telegram.world.bot),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


def send_message(telegram: Telegram, call: Call) -> dict[str, Any]:
    """A text."""
    text, entities = read_text(call)
    call.record("link_preview_options")
    target = read_target(telegram, call)
    return views.message(put(telegram, target, "text", text_content(text, entities)))


def send_location(telegram: Telegram, call: Call) -> dict[str, Any]:
    """A place on the map."""
    content = {"location": read_location(call)}
    return views.message(put(telegram, read_target(telegram, call), "location", content))


def read_location(call: Call) -> dict[str, Any]:
    """Latitude and longitude, within the world."""
    latitude, longitude = call.number("latitude"), call.number("longitude")
    if not -90 <= latitude <= 90 or not -180 <= longitude <= 180:
        raise bad_request("wrong latitude or longitude specified")
    location: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
    if call.given("horizontal_accuracy"):
        accuracy = call.number("horizontal_accuracy")
        if not 0 <= accuracy <= 1500:
            raise bad_request("wrong horizontal accuracy specified")
        location["horizontal_accuracy"] = accuracy
    for name, bounds in _LIVE.items():
        if call.given(name):
            if (value := call.integer(name)) not in bounds and value != 0x7FFFFFFF:
                raise bad_request(f"wrong {name} specified")
            location[name] = value
    return location


_LIVE = {
    "live_period": range(60, 86401),
    "heading": range(1, 361),
    "proximity_alert_radius": range(1, 100_001),
}


def send_venue(telegram: Telegram, call: Call) -> dict[str, Any]:
    """A place with a name and an address."""
    title, address = call.text("title"), call.text("address")
    if not title or not address:
        raise bad_request(f"{'address' if title else 'title'} must be non-empty")
    location = read_location(call)
    content = {
        "venue": {"location": location, "title": title, "address": address},
        "location": location,
    }
    return views.message(put(telegram, read_target(telegram, call), "venue", content))


def send_contact(telegram: Telegram, call: Call) -> dict[str, Any]:
    """A name and a phone number."""
    contact = {
        name: value
        for name in ("phone_number", "first_name", "last_name", "vcard")
        if (value := call.text(name))
    }
    if "phone_number" not in contact:
        raise bad_request("phone number must be non-empty")
    if "first_name" not in contact:
        raise bad_request("first name must be non-empty")
    return views.message(
        put(telegram, read_target(telegram, call), "contact", {"contact": contact})
    )


def send_poll(telegram: Telegram, call: Call) -> dict[str, Any]:
    """A question with answers to choose from."""
    question = call.text("question")
    if not 1 <= utf16_length(question) <= POLL_QUESTION_LENGTH:
        raise bad_request("poll question length must not exceed 300 and not be empty")
    options = [_option(option) for option in call.array("options") or ()]
    if len(options) not in POLL_OPTIONS:
        raise bad_request(f"poll must have {POLL_OPTIONS.start}-{POLL_OPTIONS.stop - 1} options")
    kind = call.text("type", "regular")
    if kind not in ("regular", "quiz"):
        raise bad_request("unsupported poll type specified")
    fields: dict[str, Any] = {
        "type": kind,
        "is_closed": call.flag("is_closed"),
        "is_anonymous": call.flag("is_anonymous", default=True),
        "allows_multiple_answers": call.flag("allows_multiple_answers"),
        "allows_revoting": call.flag("allows_revoting", default=kind == "regular"),
    }
    if kind == "quiz":
        fields["correct_option_ids"] = _correct(call, len(options))
    content = {"poll": poll(telegram.world.next_poll(), question, options, **fields)}
    return views.message(put(telegram, read_target(telegram, call), "poll", content))


def _correct(call: Call, options_count: int) -> list[int]:
    ids = call.array("correct_option_ids") or []
    if call.given("correct_option_id"):
        ids = [call.integer("correct_option_id")]
    if not ids or not all(isinstance(one, int) and 0 <= one < options_count for one in ids):
        raise bad_request("wrong correct option ID specified")
    return ids


def _option(given: Any) -> str:
    text = given.get("text") if isinstance(given, dict) else given
    if not isinstance(text, str) or not 1 <= utf16_length(text) <= POLL_OPTION_LENGTH:
        raise bad_request("poll options length must not exceed 100 and not be empty")
    return text


def send_dice(telegram: Telegram, call: Call) -> dict[str, Any]:
    """A die, thrown by the simulator's seeded chance."""
    emoji = call.text("emoji", "🎲")
    if emoji not in DICE:
        raise bad_request("wrong dice emoji specified")
    value = telegram.world.chance.randint(1, DICE[emoji])
    target = read_target(telegram, call)
    return views.message(put(telegram, target, "dice", {"dice": {"emoji": emoji, "value": value}}))


def send_chat_action(telegram: Telegram, call: Call) -> bool:
    """typing… and the like; not kept."""
    chat = chat_named(telegram, call)
    check_writable(chat)
    if (action := call.text("action")) not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    if telegram.events.has_listeners:
        telegram.events.publish("chat_action", {"chat_id": chat.id, "action": action})
    return True


METHODS = (
    Method("getMe", get_me),
    Method(
        "sendMessage", send_message, SEND | words("text parse_mode entities link_preview_options")
    ),
    Method(
        "sendLocation",
        send_location,
        SEND
        | words(
            "latitude longitude horizontal_accuracy live_period heading proximity_alert_radius"
        ),
    ),
    Method(
        "sendVenue",
        send_venue,
        SEND
        | words(
            "latitude longitude title address foursquare_id foursquare_type google_place_id"
            " google_place_type"
        ),
    ),
    Method("sendContact", send_contact, SEND | words("phone_number first_name last_name vcard")),
    Method(
        "sendPoll",
        send_poll,
        SEND
        | words(
            "question question_parse_mode question_entities options is_anonymous type"
            " allows_multiple_answers allows_revoting correct_option_id correct_option_ids"
            " explanation explanation_parse_mode"
            " explanation_entities open_period close_date is_closed"
        ),
    ),
    Method("sendDice", send_dice, SEND | words("emoji")),
    Method("sendChatAction", send_chat_action, words("chat_id message_thread_id action")),
)
