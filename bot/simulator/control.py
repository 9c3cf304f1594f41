"""Without this module nobody could act as the people: the control API, `/sim/…`, JSON.

Wrong requests answer 400 and ``{"error": "a sentence"}``; a field that means nothing is an error.

People (POST). Somebody unknown is made on the fly; ``first_name``, ``last_name``, ``username`` and
``language_code`` are taken wherever they are given. ``chat_id`` is by default the private chat of
``user_id``, which the first message opens.

``/sim/say {user_id, chat_id, text | <kind>, …}`` → ``{message_id, update_id}``
    <kind> is one of `bot.simulator.kinds.KINDS`: photo video animation audio document voice
    video_note sticker · contact location venue poll dice story game checklist · paid_media invoice
    giveaway giveaway_winners · service messages such as new_chat_members. Its value is ``true`` or
    an object whose fields override what is made up. Files: ``content`` (base64, a data: URL too),
    ``file_name``, ``mime_type``. Besides: ``caption``, ``entities``, ``caption_entities``,
    ``reply_to_message_id``, ``media_group_id``, ``thread_id``, ``forward_origin``, ``extra`` (any
    further fields of the Bot API's Message). update_id is null when the bot does not get it.
``/sim/press {user_id, chat_id, message_id, data | text, forge | again}``
    → ``{update_id, callback_query_id}``; by the button's data or its text; ``forge: true``
    sends any ``data``, also for no button at all; ``again`` is the callback_query_id of a press
    without an answer: Telegram may tell it once more, with a new update_id.
``/sim/edit {user_id, chat_id, message_id, text | caption | location}``
``/sim/location {user_id, chat_id, latitude, longitude, horizontal_accuracy, live_period, heading}``
``/sim/delete {user_id, chat_id, message_id}`` · ``/sim/react {…, emoji | null}``
``/sim/block {user_id, blocked, deactivated}`` emits my_chat_member
``/sim/start {user_id, parameter}`` opens the bot's link ``?start=parameter``
``/sim/person {user_id, first_name, …}`` somebody who has not written yet
``/sim/group {chat_id, title, username, type, is_forum, members, bot, user_id, upgrade,
delete_topic}`` makes or changes a group; members are ids or ``{user_id, first_name, status}``;
    ``bot`` is member, administrator, left or kicked
``/sim/raw {update: {…}}`` any object as an update, an update_id is added when it has none;
    ``{text: "…"}`` puts text as it is into the answer of getUpdates, JSON or not;
    ``{next_update_id}`` sets the id of the next update

Faults and time (POST)

``/sim/faults {p429, p5xx, cut, cut_before, outage_seconds, latency_ms, enforce_limits, get_me,
retry_after, methods, chats, next, seed}`` → the present state
    p…, cut (after the effect) and cut_before are probabilities; methods and chats (lists, null:
    all) narrow them; ``get_me`` 401, 404, 500, 502 or null; ``next`` is a list of scripted faults
    ``{method, chat_id, with_reply, error_code, description, parameters, cut, cut_before,
    after_effect, times}``, each met by the next call that fits. What is not named stays as it is.
``/sim/clock {shift_seconds}`` moves the clock → ``{now, shift_seconds}`` (the whole shift so far)
``/sim/reset {}`` an empty world, no faults; clock, webhook and enforce_limits stay

Looking (GET)

``/sim/chat?chat_id=&after=&limit=`` the chat (as in ``/sim/chats``) and ``messages`` with ids above
    ``after``, the newest ``limit`` of them, each as `bot.simulator.views.transcript` shows it:
    message_id chat_id date from_bot from kind text entities html content file buttons
    reply_keyboard reply_to thread_id media_group_id edited edits reactions silent protect_content
    forward_origin pinned. ``text`` is the caption too; ``html`` is safe to show; ``file`` has
    file_id and ``url``; ``content`` has the fields of other kinds (location, contact,
    poll …); ``buttons`` are rows of Bot API inline buttons.
``/sim/chats`` all chats: chat_id type title user has_started blocked deactivated is_forum
    bot_status members topics reply_keyboard (the one under the writing field now) pinned
    messages_count last_message
``/sim/calls?since=&method=&chat_id=&limit=`` recent calls with number > since: number method params
    chat_id status (0: cut before, -1: cut after the effect) description message_id at milliseconds;
    and ``last``, ``totals``, ``failures`` per method (of all calls, never forgotten)
``/sim/commands`` all command lists; with ``chat_id``, ``user_id``, ``language_code`` the one seen
``/sim/state`` bot, clock, faults, webhook, how many updates wait, whether somebody polls
``/sim/faults`` · ``/sim/clock``
``/sim/file?file_id=`` the bytes
``/sim/scene`` what the page opens with, as whoever started the simulator set it; ``{}`` when nobody
    did: timezone, residents, officers, links, places, open (see `bot.demo`)
``/sim/events`` server-sent events, from now on: ``message``, ``edit``, ``reaction`` (data: the
    message as in a transcript), ``delete`` {chat_id, message_id}, ``callback_answer`` {chat_id,
    user_id, message_id, text, show_alert}, ``chat_action`` {chat_id, action}, ``chat`` (as in
    /sim/chats),
    ``commands``, ``clock``, ``faults``, ``reset``
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any

from bot.simulator import people, views
from bot.simulator.errors import ControlError
from bot.simulator.groups import group
from bot.simulator.limits import CALLS_KEPT, MESSAGES_KEPT_PER_CHAT, words
from bot.simulator.methods.profile import commands_for, shown
from bot.simulator.presses import press
from bot.simulator.requests import Request, check_fields, check_types, integer, known_chat
from bot.simulator.telegram import Telegram

#: A clock further off than this breaks dates of ten digits.
SHIFT_SECONDS = 100 * 365 * 86400

Doing = Callable[[Telegram, Request], Any]


def raw(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Queue anything as an update."""
    check_fields(request, words("update text next_update_id"))
    if "next_update_id" in request:
        telegram.updates.restart_ids(integer(request, "next_update_id"))
    if "text" in request:
        return {"update_id": telegram.updates.add_text(str(request["text"]))}
    update = request.get("update")
    if update is None and "next_update_id" in request:
        return {"update_id": None}
    if not isinstance(update, dict) or not isinstance(update.get("update_id", 0), int):
        raise ControlError("raw has an update (an object with a whole update_id) or a text")
    return {"update_id": telegram.updates.add_raw(update)}


def set_faults(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Change what goes wrong."""
    telegram.faults.set(request)
    if "enforce_limits" in request:
        telegram.enforce_limits(bool(request["enforce_limits"]))
    if telegram.faults.is_out:
        telegram.updates.wake()  # the open poll is cut too
    present = faults(telegram, {})
    if telegram.events.has_listeners:
        telegram.events.publish("faults", present)
    return present


def faults(telegram: Telegram, _request: Request) -> dict[str, Any]:
    """What goes wrong now."""
    return {**telegram.faults.shown(), "enforce_limits": telegram.flood.is_enforced}


def shift_clock(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Move the clock."""
    check_fields(request, words("shift_seconds"))
    seconds = request.get("shift_seconds")
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not is_number or abs(float(seconds or 0)) > SHIFT_SECONDS:
        raise ControlError("shift_seconds is a number of seconds, at most a hundred years")
    telegram.clock.shift(timedelta(seconds=float(seconds or 0)))
    present = clock(telegram, {})
    if telegram.events.has_listeners:
        telegram.events.publish("clock", present)
    return present


def clock(telegram: Telegram, _request: Request) -> dict[str, Any]:
    """What time it is."""
    return {
        "now": telegram.clock.now().isoformat(),
        "shift_seconds": telegram.clock.shift_by.total_seconds(),
    }


def reset(telegram: Telegram, _request: Request) -> dict[str, Any]:
    """An empty world."""
    telegram.forget()
    if telegram.events.has_listeners:
        telegram.events.publish("reset", {})
    return {}


def chat(telegram: Telegram, request: Request) -> dict[str, Any]:
    """One chat with its messages."""
    check_fields(request, words("chat_id after limit"))
    found = known_chat(telegram, integer(request, "chat_id"))
    after = integer(request, "after", 0)
    limit = integer(request, "limit", MESSAGES_KEPT_PER_CHAT)
    newest_first = (one for one in reversed(found.messages.values()) if one.id > after)
    messages = [views.transcript(one) for one in islice(newest_first, max(limit, 0))]
    return {**views.chat_summary(found), "messages": messages[::-1]}


def chats(telegram: Telegram, _request: Request) -> list[dict[str, Any]]:
    """All chats."""
    return [views.chat_summary(one) for one in telegram.world.chats.values()]


def calls(telegram: Telegram, request: Request) -> dict[str, Any]:
    """Recent calls of the Bot API."""
    check_fields(request, words("since method chat_id limit"))
    log = telegram.calls
    since = integer(request, "since", 0)
    method = str(request.get("method", "")).lower()
    chat_id = integer(request, "chat_id") if "chat_id" in request else None
    found = (
        record
        for record in log.records
        if record.number > since
        and (not method or record.method.lower() == method)
        and (chat_id is None or record.chat_id == chat_id)
    )
    limit = integer(request, "limit", CALLS_KEPT)
    return {
        "last": log.last,
        "totals": dict(log.totals),
        "failures": dict(log.failures),
        "calls": [record.shown() for record in islice(found, max(limit, 0))],
    }


def commands(telegram: Telegram, request: Request) -> list[dict[str, Any]]:
    """All command lists, or the one a person sees in a chat."""
    check_fields(request, words("chat_id user_id language_code"))
    if "chat_id" not in request:
        return shown(telegram.profile)
    chat_id = integer(request, "chat_id")
    seen = commands_for(
        telegram,
        chat_id=chat_id,
        user_id=integer(request, "user_id", chat_id),
        language=str(request.get("language_code", "")),
    )
    return [dict(one) for one in seen]


def state(telegram: Telegram, _request: Request) -> dict[str, Any]:
    """Everything small at once."""
    return {
        "bot": views.user(telegram.world.bot),
        "clock": clock(telegram, {}),
        "faults": faults(telegram, {}),
        "webhook": telegram.webhook.info(),
        "waiting_updates": len(telegram.updates),
        "is_polled": telegram.updates.is_polled,
        "names": telegram.profile.names,
        "descriptions": telegram.profile.descriptions,
        "short_descriptions": telegram.profile.short_descriptions,
    }


def scene(telegram: Telegram, _request: Request) -> dict[str, Any]:
    """What the page opens with."""
    return telegram.scene


POSTS: dict[str, Doing] = {
    "say": people.say,
    "press": press,
    "edit": people.edit,
    "location": people.location,
    "delete": people.delete,
    "react": people.react,
    "block": people.block,
    "person": people.person,
    "start": people.start,
    "group": group,
    "raw": raw,
    "faults": set_faults,
    "clock": shift_clock,
    "reset": reset,
}
GETS: dict[str, Doing] = {
    "chat": chat,
    "chats": chats,
    "calls": calls,
    "commands": commands,
    "faults": faults,
    "clock": clock,
    "state": state,
    "scene": scene,
}


def control(telegram: Telegram, verb: str, what: str, request: Any) -> Any:
    """Do one control request; raises `ControlError` for a wrong one and KeyError for none."""
    doing = (GETS if verb == "GET" else POSTS)[what]
    if not isinstance(request, dict):
        raise ControlError("a control request is a JSON object")
    check_types(request)
    return doing(telegram, request)
