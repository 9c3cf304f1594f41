"""The simulated Telegram's bad days: too many requests, server errors, cuts, outages, limits."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.simulator.methods import METHODS
from tests.simulated import ANA, BOB, Wire, simulated


@pytest.fixture
async def talking(wire: Wire) -> Wire:
    """Ana and Bob have met the bot."""
    await wire.says(ANA)
    await wire.says(BOB)
    return wire


async def sends(wire: Wire, chat_id: int = ANA) -> int:
    """The status of one message of the bot; 0 when the connection was cut."""
    try:
        status, _ = await wire.answer("sendMessage", chat_id=chat_id, text="x")
    except aiohttp.ClientError:
        return 0
    return status


async def written(wire: Wire, chat_id: int = ANA) -> int:
    """How many messages of the bot are in a chat."""
    return sum(one["from_bot"] for one in await wire.chat(chat_id))


# --- by chance -----------------------------------------------------------------------------------


async def test_too_many_requests_name_the_seconds_to_wait(talking: Wire) -> None:
    """In the description and as a number, and nothing is sent."""
    await talking.does("faults", p429=1, retry_after=7)
    status, body = await talking.answer("sendMessage", chat_id=ANA, text="x")
    assert (status, body["description"]) == (429, "Too Many Requests: retry after 7")
    assert body["parameters"] == {"retry_after": 7}
    assert await written(talking) == 0


async def test_server_errors_have_no_effect(talking: Wire) -> None:
    """500 and 502, by turns of a seeded chance."""
    await talking.does("faults", p5xx=1)
    assert {await sends(talking) for _ in range(12)} == {500, 502}
    assert await written(talking) == 0


async def test_a_cut_leaves_the_outcome_unknown(talking: Wire) -> None:
    """After the effect the message is there; before it, it is not; nobody is told which."""
    await talking.does("faults", cut=1)
    assert await sends(talking) == 0
    await talking.does("faults", cut=0, cut_before=1)
    assert await sends(talking) == 0
    await talking.does("faults", cut_before=0)
    assert await written(talking) == 1
    calls = (await talking.look("calls", method="sendMessage"))["calls"]
    assert [call["status"] for call in calls] == [-1, 0]


async def test_chance_can_be_repeated_and_narrowed(talking: Wire) -> None:
    """The same seed gives the same faults; other methods and chats are spared."""
    runs = []
    for _ in range(2):
        await talking.does("faults", p5xx=0.5, seed=3)
        runs.append([await sends(talking) for _ in range(10)])
    assert runs[0] == runs[1]
    assert {200, 500, 502} >= set(runs[0]) > {200}
    await talking.does("faults", p5xx=1, chats=[BOB], methods=["SendMessage"])
    assert await sends(talking) == 200
    assert await sends(talking, BOB) >= 500
    assert (await talking.answer("sendDice", chat_id=BOB))[0] == 200
    shown = await talking.does("faults", chats=None, methods=None)
    assert (shown["chats"], shown["methods"]) == (None, None)


async def test_a_slow_telegram_is_slow(talking: Wire) -> None:
    """Latency concerns calls, not polls."""
    await talking.does("faults", latency_ms=120)
    clock = asyncio.get_running_loop().time
    began = clock()
    await talking.updates()
    polled = clock()
    await sends(talking)
    assert polled - began < 0.12 <= clock() - polled


async def test_an_outage_cuts_everything_and_ends(talking: Wire) -> None:
    """The open poll too; the control API stays within reach."""
    poll = asyncio.ensure_future(talking.updates(offset=10**9, timeout=50))
    await talking.is_polled()
    await talking.does("faults", outage_seconds=60)
    with pytest.raises(aiohttp.ClientError):
        await poll
    assert await sends(talking) == 0
    url = f"{talking.telegram.url}/file/bot{talking.telegram.token}/x"
    with pytest.raises(aiohttp.ClientError):
        await talking.session.get(url)
    assert (await talking.look("faults"))["outage_seconds"] > 50
    await talking.does("faults", outage_seconds=0)
    assert await sends(talking) == 200


@pytest.mark.parametrize("code", [401, 404, 500, 502])
async def test_get_me_can_fail_alone(talking: Wire, code: int) -> None:
    """A wrong token or a sick Telegram, at start-up."""
    await talking.does("faults", get_me=code)
    assert (await talking.answer("getMe"))[0] == code
    assert await sends(talking) == 200
    await talking.does("faults", get_me=None)
    assert (await talking.answer("getMe"))[0] == 200


# --- by script -----------------------------------------------------------------------------------


async def test_a_scripted_fault_meets_the_next_calls_that_fit(talking: Wire) -> None:
    """By method, chat and number of times, with any error."""
    error = {"error_code": 400, "description": "Bad Request: x", "parameters": {"a": 1}}
    script = {"method": "sendMessage", "chat_id": BOB, "times": 2, **error}
    await talking.does("faults", next=[script])
    assert await sends(talking, ANA) == 200
    status, body = await talking.answer("sendMessage", chat_id=BOB, text="x")
    assert (status, body["description"], body["parameters"]) == (400, "Bad Request: x", {"a": 1})
    assert (await talking.look("faults"))["next"] == 1
    assert [await sends(talking, BOB), await sends(talking, BOB)] == [400, 200]


async def test_a_scripted_error_may_come_after_the_effect(talking: Wire) -> None:
    """A 502 of a gateway says nothing about the message."""
    await talking.does("faults", next=[{"error_code": 502, "after_effect": True}, {"cut": True}])
    assert [await sends(talking), await sends(talking)] == [502, 0]
    assert await written(talking) == 2
    await talking.does("faults", next=[{"cut_before": True}])
    assert await sends(talking) == 0
    assert await written(talking) == 2


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({"p5xx": -1}, "p5xx is a probability"),
        ({"p5xx": True}, "p5xx is a probability"),
        ({"latency_ms": -1}, "latency_ms is a number"),
        ({"outage_seconds": "long"}, "outage_seconds is a number"),
        ({"get_me": 418}, "get_me is one of"),
        ({"next": ["x"]}, "a scripted fault has the fields"),
        ({"next": [{"eror_code": 500}]}, "a scripted fault has the fields"),
        ({"next": [{"method": "sendMessage"}]}, "needs error_code, cut or cut_before"),
        ({"next": [{"cut": True}] * 10_001}, "more than 10000"),
    ],
)
async def test_wrong_faults_are_refused(wire: Wire, faults: dict[str, Any], words: str) -> None:
    """A fault that would never happen would make a test that cannot fail."""
    assert words in await wire.cannot("faults", **faults)


# --- limits --------------------------------------------------------------------------------------


async def test_a_private_chat_takes_a_burst_and_then_one_a_second() -> None:
    """Enforced when asked for; the refusal says how long to wait."""
    async with simulated(enforce_limits=True) as wire:
        await wire.says(ANA)
        assert [await sends(wire) for _ in range(20)] == [200] * 20
        status, body = await wire.answer("sendMessage", chat_id=ANA, text="x")
        assert (status, body["parameters"]) == (429, {"retry_after": 1})
        await wire.does("reset")
        await wire.says(ANA)
        assert await sends(wire) == 200


async def test_a_group_takes_twenty_a_minute() -> None:
    """Its limit is stricter, and counts every message of an album."""
    async with simulated(enforce_limits=True) as wire:
        chat = await wire.does("group", members=[ANA])
        await wire.does("say", user_id=ANA, photo=True)
        file_id = (await wire.chat(ANA))[0]["file"]["file_id"]
        album = [{"type": "photo", "media": file_id}] * 10
        await wire.call("sendMediaGroup", chat_id=chat["chat_id"], media=album)
        await wire.call("sendMediaGroup", chat_id=chat["chat_id"], media=album)
        _, body = await wire.answer("sendMessage", chat_id=chat["chat_id"], text="x")
        assert body["parameters"]["retry_after"] == 3


async def test_all_chats_together_take_thirty_a_second() -> None:
    """However many there are."""
    async with simulated() as wire:
        for user_id in range(1, 41):
            await wire.says(user_id)
        await wire.does("faults", enforce_limits=True)
        answers = [await sends(wire, user_id) for user_id in range(1, 41)]
        assert answers[:30] == [200] * 30
        assert 429 in answers[30:]
        assert (await wire.look("faults"))["enforce_limits"] is True


# --- whatever is sent ----------------------------------------------------------------------------

#: Values no method expects in most places.
ODD: list[Any] = [
    True,
    -1,
    10**30,
    1e300,
    "",
    "--5",
    "²",
    "x" * 5000,
    "[]",
    [],
    {},
    [[]],
    [None],
    [{}],
    {"type": ["x"]},
    [{"type": ["x"], "offset": 0, "length": "1"}],
    {"inline_keyboard": [[{"text": "a", "web_app": ["x"]}]]},
    {"keyboard": [[5]]},
    {"message_id": 1, "quote": 5},
]


async def test_no_call_breaks_the_simulator(talking: Wire) -> None:
    """Whatever a bot sends, the answer has Telegram's form: a crash here would look like a 500 of
    Telegram's, and a test would go on as if that were weather."""
    sent = await talking.call("sendMessage", chat_id=ANA, text="x")
    fitting = {"chat_id": ANA, "from_chat_id": ANA, "message_id": sent["message_id"], "text": "y"}
    tried = 0
    for method in METHODS.values():
        known = {name: fitting[name] for name in method.parameters & fitting.keys()}
        for number, name in enumerate(sorted(method.parameters)):
            for odd in ODD[number % 4 :: 4]:
                await _answers_in_form(talking, method.name, {**known, name: odd})
                tried += 1
    assert tried > 1000


async def _answers_in_form(wire: Wire, method: str, params: dict[str, Any]) -> None:
    async with wire.session.post(f"{wire.bot_url}/{method}", json=params) as response:
        assert response.status in (200, 400, 403, 404, 409), (method, params)
        assert (await response.json())["ok"] is (response.status == 200)
