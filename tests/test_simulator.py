"""The simulated Telegram at its front door: methods, updates, the control API, events."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
import telegram

from bot.clock import Clock
from bot.simulator import SimulatedTelegram
from bot.simulator.errors import ControlError
from bot.simulator.events import EventHub
from bot.simulator.files import FileStore
from bot.simulator.limits import EVENTS_WAITING, FILE_BYTES_KEPT
from tests.simulated import ANA, BOB, TOKEN, Wire, simulated

# --- methods -------------------------------------------------------------------------------------


async def test_get_me_tells_who_the_bot_is(wire: Wire) -> None:
    """The first call of every bot works."""
    me = await wire.call("getMe")
    assert me["id"] == 123456
    assert me["is_bot"] is True
    assert me["username"]


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [("1:another", 401, "Unauthorized"), ("nonsense", 404, "Not Found")],
)
async def test_another_token_opens_nothing(
    wire: Wire, token: str, status: int, description: str
) -> None:
    """A foreign token is unauthorized, a malformed one is not found, as at Telegram."""
    async with wire.session.get(f"{wire.telegram.url}/bot{token}/getMe") as response:
        body = await response.json()
    assert (response.status, body["description"]) == (status, description)


async def test_an_unknown_method_is_an_error(wire: Wire) -> None:
    """A misspelt method never looks as if it had worked."""
    assert await wire.refusal("sendMesage") == "404 Not Found: method not found"


async def test_an_unknown_parameter_is_an_error(wire: Wire) -> None:
    """A misspelt parameter shows, where Telegram would ignore it."""
    await wire.says(ANA)
    refusal = await wire.refusal("sendMessage", chat_id=ANA, text="hi", txet="hi")
    assert refusal.startswith("400 Bad Request: sendMessage has no parameter txet")
    assert "no parameter offse" in await wire.refusal("getUpdates", offse=1)


async def test_method_names_do_not_mind_their_case(wire: Wire) -> None:
    """Telegram takes getme for getMe."""
    assert (await wire.call("GETME"))["is_bot"] is True


async def test_json_forms_and_queries_are_read_alike(wire: Wire) -> None:
    """Numbers and objects as text mean the same."""
    await wire.says(ANA)
    markup = json.dumps({"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]})
    params = {"chat_id": str(ANA), "text": "hi", "reply_markup": markup}
    async with wire.session.post(f"{wire.bot_url}/sendMessage", data=params) as response:
        by_form = (await response.json())["result"]
    async with wire.session.get(f"{wire.bot_url}/sendMessage", params=params) as response:
        by_query = (await response.json())["result"]
    assert by_form["reply_markup"] == by_query["reply_markup"] == json.loads(markup)


async def test_a_body_that_is_no_object_is_refused(wire: Wire) -> None:
    """Broken JSON is the caller's fault."""
    headers = {"Content-Type": "application/json"}
    for body in ("{", "[1]", '"\\ud800"'):
        async with wire.session.post(
            f"{wire.bot_url}/getMe", data=body, headers=headers
        ) as response:
            assert response.status == 400


async def test_python_telegram_bot_speaks_with_it() -> None:
    """The library our office uses parses every answer."""
    async with SimulatedTelegram(token=TOKEN) as made:
        made.control("say", user_id=ANA, text="/start a-riverside", language_code="ar")
        bot = telegram.Bot(TOKEN, base_url=f"{made.url}/bot", base_file_url=f"{made.url}/file/bot")
        async with bot:
            (update,) = await bot.get_updates(timeout=0)
            assert update.message is not None
            assert update.message.from_user is not None
            assert update.message.from_user.language_code == "ar"
            sent = await bot.send_photo(ANA, b"\xff\xd8 a picture", caption="look")
            downloaded = await (await sent.photo[-1].get_file()).download_as_bytearray()
            assert bytes(downloaded) == b"\xff\xd8 a picture"
            assert (await bot.get_chat(ANA)).first_name == f"Person {ANA}"
            assert (await bot.get_chat_member(ANA, ANA)).status == "member"
            with pytest.raises(telegram.error.BadRequest, match="Chat not found"):
                await bot.send_message(1, "hello")


# --- the control API -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "request_", "words"),
    [
        ("say", {"user_id": ANA}, "no kind"),
        ("say", {"user_id": ANA, "text": ""}, "not empty"),
        ("say", {"user_id": ANA, "text": "x" * 4097}, "longer than 4096"),
        ("say", {"user_id": ANA, "text": "a", "photo": True}, "more than one kind"),
        ("say", {"user_id": ANA, "tekst": "a"}, "no field tekst"),
        ("say", {"text": "a"}, "user_id must be a whole number"),
        ("say", {"user_id": ANA, "text": "a", "extra": 5}, "extra must be an object"),
        ("say", {"user_id": ANA, "photo": True, "content": "§"}, "not base64"),
        ("say", {"user_id": ANA, "chat_id": -5, "text": "a"}, "no chat -5"),
        ("say", {"user_id": ANA, "contact": True, "caption": "a"}, "no caption"),
        ("start", {"user_id": ANA, "parameter": "a b"}, "start parameter"),
        ("press", {"user_id": ANA, "message_id": 99, "data": "a"}, "no message 99"),
        ("edit", {"user_id": ANA, "message_id": 99, "text": "a"}, "no message 99"),
        ("clock", {"shift_seconds": "soon"}, "number of seconds"),
        ("faults", {"p429": 2}, "probability"),
        ("faults", {"p42": 1}, "no field p42"),
        ("group", {"type": "channel"}, "group or supergroup"),
        ("raw", {}, "an update"),
    ],
)
async def test_wrong_control_requests_get_a_sentence(
    wire: Wire, what: str, request_: dict[str, Any], words: str
) -> None:
    """Whoever writes a test learns what was wrong with it."""
    assert words in await wire.cannot(what, **request_)


async def test_an_unknown_control_request_is_not_found(wire: Wire) -> None:
    """Neither verb nor name is guessed."""
    async with wire.session.post(f"{wire.telegram.url}/sim/shout", json={}) as response:
        assert response.status == 404
    async with wire.session.get(f"{wire.telegram.url}/sim/say") as response:
        assert response.status == 404


async def test_calls_are_on_record(wire: Wire) -> None:
    """A test sees what the bot called, with what, and what came of it."""
    await wire.says(ANA)
    sent = await wire.call("sendMessage", chat_id=ANA, text="hi")
    await wire.refusal("sendMessage", chat_id=BOB, text="hi")
    record = await wire.look("calls", method="sendMessage")
    good, bad = record["calls"]
    assert good["message_id"] == sent["message_id"]
    assert (good["status"], bad["status"]) == (200, 400)
    assert bad["params"] == {"chat_id": BOB, "text": "hi"}
    assert record["totals"] == {"sendMessage": 2}
    assert record["failures"] == {"sendMessage": 1}
    assert (await wire.look("calls", since=record["last"]))["calls"] == []
    assert len((await wire.look("calls", chat_id=ANA))["calls"]) == 1


async def test_the_clock_is_shared() -> None:
    """Messages are dated by the clock that was handed in, and moving one moves both."""
    clock = Clock()
    async with simulated(clock=clock) as wire:
        before = clock.now()
        await wire.does("clock", shift_seconds=86400)
        assert (clock.now() - before).total_seconds() >= 86400
        await wire.says(ANA)
        (shown,) = await wire.chat(ANA)
        assert shown["date"] >= before.timestamp() + 86399


async def test_a_reset_empties_the_world(wire: Wire) -> None:
    """Nobody, nothing, no faults; and message ids begin anew."""
    await wire.says(ANA)
    await wire.does("faults", p5xx=1)
    await wire.does("reset")
    assert await wire.look("chats") == []
    assert await wire.updates() == []
    assert await wire.says(ANA) == 1


async def test_control_works_without_http_too() -> None:
    """A test in the same process needs no wire to act for people."""
    async with SimulatedTelegram(token=TOKEN) as made:
        made.control("say", user_id=ANA, text="hi")
        assert made.control("chat", chat_id=ANA)["messages"][0]["text"] == "hi"
        with pytest.raises(ControlError, match="no kind"):
            made.control("say", user_id=ANA)


async def test_commands_are_shown_as_the_person_sees_them(wire: Wire) -> None:
    """The narrowest scope wins, and a language before none."""
    await wire.says(ANA)

    def commands(name: str) -> list[dict[str, str]]:
        return [{"command": name, "description": name}]

    await wire.call("setMyCommands", commands=commands("all"))
    await wire.call("setMyCommands", commands=commands("arabic"), language_code="ar")
    scope = {"type": "chat", "chat_id": ANA}
    await wire.call("setMyCommands", commands=commands("officer"), scope=scope)
    assert await wire.look("commands", chat_id=ANA) == commands("officer")
    assert await wire.look("commands", chat_id=BOB) == commands("all")
    assert await wire.look("commands", chat_id=BOB, language_code="ar") == commands("arabic")
    assert await wire.call("getMyCommands", scope=scope) == commands("officer")
    await wire.call("deleteMyCommands", scope=scope)
    assert await wire.look("commands", chat_id=ANA) == commands("all")
    assert len(await wire.look("commands")) == 2
    wrong = await wire.refusal("setMyCommands", commands=commands("No!"))
    assert wrong == "400 Bad Request: BOT_COMMAND_INVALID"


async def test_the_bot_has_names_and_descriptions_per_language(wire: Wire) -> None:
    """What was not set for a language falls back to none."""
    await wire.call("setMyDescription", description="A bot")
    await wire.call("setMyDescription", description="机器人", language_code="zh")
    assert await wire.call("getMyDescription", language_code="zh") == {"description": "机器人"}
    assert await wire.call("getMyDescription", language_code="ar") == {"description": "A bot"}
    assert "too long" in await wire.refusal("setMyShortDescription", short_description="x" * 121)
    assert "too long" in await wire.refusal("setMyName", name="x" * 65)


# --- events and page -----------------------------------------------------------------------------


async def test_listeners_hear_everything(wire: Wire) -> None:
    """The page needs no polling: messages, edits, reactions, answers, deletions, the clock."""
    heard: list[tuple[str, dict[str, Any]]] = []
    timeout = aiohttp.ClientTimeout(total=None)
    async with wire.session.get(f"{wire.telegram.url}/sim/events", timeout=timeout) as stream:
        await stream.content.readline()  # the stream is open
        await _everything_happens(wire)
        while not heard or heard[-1][0] != "clock":
            line = (await stream.content.readline()).decode().strip()
            if line.startswith("event: "):
                data = (await stream.content.readline()).decode().removeprefix("data: ")
                heard.append((line.removeprefix("event: "), json.loads(data)))
    kinds = [kind for kind, _ in heard]
    assert kinds == [
        "chat",
        "chat",
        "message",
        "message",
        "edit",
        "reaction",
        "callback_answer",
        "chat_action",
        "delete",
        "clock",
    ]
    told = dict(heard)
    assert told["edit"]["text"] == "changed"
    assert told["reaction"]["reactions"] == [{"emoji": "✍", "user_id": 123456}]
    assert told["callback_answer"]["text"] == "done"


async def _everything_happens(wire: Wire) -> None:
    message_id = await wire.says(ANA)
    buttons = {"inline_keyboard": [[{"text": "Take", "callback_data": "take"}]]}
    sent = await wire.call("sendMessage", chat_id=ANA, text="x", reply_markup=buttons)
    mine = {"chat_id": ANA, "message_id": sent["message_id"]}
    await wire.call("editMessageText", **mine, text="changed", reply_markup=buttons)
    reaction = [{"type": "emoji", "emoji": "✍"}]
    await wire.call("setMessageReaction", chat_id=ANA, message_id=message_id, reaction=reaction)
    press = await wire.does("press", user_id=ANA, message_id=sent["message_id"], text="Take")
    query = {"callback_query_id": press["callback_query_id"], "text": "done"}
    await wire.call("answerCallbackQuery", **query)
    await wire.call("sendChatAction", chat_id=ANA, action="typing")
    await wire.call("deleteMessage", **mine)
    await wire.does("clock", shift_seconds=1)


async def test_stopping_ends_open_polls_and_streams() -> None:
    """The demo stops at once, whoever listens."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(10):
        async with SimulatedTelegram(token=TOKEN) as made:
            stream = await session.get(f"{made.url}/sim/events")
            await stream.content.readline()
            poll = asyncio.ensure_future(
                session.get(f"{made.url}/bot{TOKEN}/getUpdates", params={"timeout": 50})
            )
        assert b"event" not in await stream.content.read()
        await asyncio.wait([poll])
        if poll.exception() is None:
            poll.result().release()


async def test_nothing_but_the_page_is_served(wire: Wire) -> None:
    """No path leads out of the page's folder."""
    for path in ("/../server.py", "/%2e%2e/server.py", "/nothing.html", "/__init__.py"):
        url = aiohttp.client.URL(f"{wire.telegram.url}{path}", encoded=True)
        async with wire.session.get(url) as response:
            assert response.status == 404


# --- memory: a soak must not grow without bound --------------------------------------------------


async def test_a_listener_that_never_listens_is_sent_away() -> None:
    """It would otherwise keep everything that ever happened; the browser comes back by itself."""
    hub = EventHub()
    stream = hub.listen()
    assert await anext(stream) == b"retry: 1000\n\n"
    for number in range(EVENTS_WAITING + 1):
        hub.publish("clock", {"number": number})
    assert not hub.has_listeners
    heard = [line async for line in stream]
    assert len(heard) == EVENTS_WAITING - 1
    assert b'"number":1}' in heard[0]


async def test_old_files_are_forgotten_before_memory_is_full() -> None:
    """The contents first, the oldest first; their ids can still be sent."""
    files = FileStore()
    size = FILE_BYTES_KEPT // 4
    kept = [files.add("document", bytes(size)) for _ in range(5)]
    assert [len(files.content(one)) for one in kept] == [0, *[size] * 4]
    assert files.get(kept[0].file_id) == kept[0]


# --- links and menus -----------------------------------------------------------------------------


async def test_a_link_starts_the_bot_with_its_parameter(wire: Wire) -> None:
    """As Telegram does after Start is tapped; without a parameter it is the plain command."""
    await wire.does("start", user_id=ANA, parameter="a-riverside", language_code="zh")
    await wire.does("start", user_id=ANA)
    texts = [update["message"]["text"] for update in await wire.updates()]
    assert texts == ["/start a-riverside", "/start"]
    for parameter in ("x" * 65, "a=b", "ü"):
        assert "1 to 64" in await wire.cannot("start", user_id=ANA, parameter=parameter)


async def test_the_menu_button_is_kept_per_chat(wire: Wire) -> None:
    """A chat's own before the one for all."""
    await wire.says(ANA)
    assert await wire.call("getChatMenuButton", chat_id=ANA) == {"type": "commands"}
    await wire.call("setChatMenuButton", menu_button={"type": "default"})
    await wire.call("setChatMenuButton", chat_id=ANA, menu_button={"type": "commands"})
    assert await wire.call("getChatMenuButton") == {"type": "default"}
    assert await wire.call("getChatMenuButton", chat_id=ANA) == {"type": "commands"}
    wrong = await wire.refusal("setChatMenuButton", menu_button={"type": "x"})
    assert wrong == "400 Bad Request: unsupported menu button type"
