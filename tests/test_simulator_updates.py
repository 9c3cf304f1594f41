"""The simulated Telegram's updates: kept, confirmed, forgotten and told as at Telegram."""

from __future__ import annotations

import asyncio

from tests.simulated import ANA, BOB, Wire, simulated


async def test_an_update_stays_until_the_offset_passes_it(wire: Wire) -> None:
    """Asking again without raising the offset loses nothing; raising it forgets."""
    for text in ("one", "two", "three"):
        await wire.says(ANA, text)
    first = await wire.updates()
    assert [update["message"]["text"] for update in first] == ["one", "two", "three"]
    assert await wire.updates() == first
    left = await wire.updates(offset=first[1]["update_id"])
    assert [update["message"]["text"] for update in left] == ["two", "three"]
    assert await wire.updates(offset=0) == left


async def test_a_negative_offset_keeps_only_the_newest(wire: Wire) -> None:
    """-1 asks for the last update and forgets the rest."""
    for text in ("one", "two", "three"):
        await wire.says(ANA, text)
    assert [update["message"]["text"] for update in await wire.updates(offset=-1)] == ["three"]
    assert len(await wire.updates()) == 1


async def test_at_most_a_hundred_updates_come_at_once(wire: Wire) -> None:
    """The limit holds, and a limit out of bounds is an error."""
    for _ in range(103):
        await wire.says(ANA)
    assert len(await wire.updates()) == 100
    assert len(await wire.updates(limit=5)) == 5
    assert (await wire.refusal("getUpdates", limit=101)).startswith("400")
    assert (await wire.refusal("getUpdates", timeout=51)).startswith("400")


async def test_a_long_poll_ends_with_the_first_update(wire: Wire) -> None:
    """Nobody waits for the timeout when somebody writes."""
    poll = asyncio.ensure_future(wire.updates(timeout=50))
    await wire.says(ANA, "finally")
    (update,) = await poll
    assert update["message"]["text"] == "finally"


async def test_a_second_poller_ends_the_first_ones_poll(wire: Wire) -> None:
    """The first gets 409 and can tell what is wrong; the second goes on."""
    first = asyncio.ensure_future(wire.refusal("getUpdates", timeout=50))
    while not first.done():
        assert await wire.updates() == []
    assert await first == (
        "409 Conflict: terminated by other getUpdates request;"
        " make sure that only one bot instance is running"
    )


async def test_a_repeated_offset_gets_one_update() -> None:
    """With limits enforced, the same offset within half a second slows the bot down."""
    async with simulated(enforce_limits=True) as wire:
        await wire.says(ANA)
        await wire.says(ANA)
        assert len(await wire.updates(offset=5)) == 2
        assert len(await wire.updates(offset=5)) == 1


async def test_updates_are_forgotten_in_time(wire: Wire) -> None:
    """Messages wait 24 hours, button presses 150 seconds, by the clock."""
    await wire.says(ANA)
    await wire.does("press", user_id=ANA, message_id=1, data="x", forge=True)
    assert len(await wire.updates()) == 2
    await wire.does("clock", shift_seconds=151)
    assert ["message" in update for update in await wire.updates()] == [True]
    await wire.does("clock", shift_seconds=24 * 3600)
    assert await wire.updates() == []


async def test_only_wanted_updates_are_queued(wire: Wire) -> None:
    """Reactions come only to a bot that asked for them; what was not asked for never comes."""
    message_id = await wire.says(ANA)
    reaction = {"user_id": ANA, "message_id": message_id, "emoji": "👍"}
    assert (await wire.does("react", **reaction))["update_id"] is None
    await wire.updates(allowed_updates=["message_reaction"])
    assert (await wire.does("react", **reaction))["update_id"] is not None
    assert (await wire.does("say", user_id=ANA, text="hi"))["update_id"] is None
    assert "unknown update kind" in await wire.refusal("getUpdates", allowed_updates=["mesage"])


async def test_anything_can_be_injected_as_an_update(wire: Wire) -> None:
    """Updates no library knows, and text that is no JSON, reach the bot as they are."""
    await wire.does("raw", update={"message_from_the_future": {"a": 1}})
    (update,) = await wire.updates()
    assert update["message_from_the_future"] == {"a": 1}
    await wire.does("raw", update={"update_id": 3, "message": "no object"})
    assert (await wire.updates())[0]["update_id"] == 3
    await wire.does("raw", text="{broken")
    async with wire.session.get(f"{wire.bot_url}/getUpdates") as response:
        assert "{broken" in await response.text()


async def test_ids_may_restart_lower(wire: Wire) -> None:
    """After a quiet week Telegram may begin anew with lower ids."""
    await wire.updates(offset=(await wire.does("say", user_id=ANA, text="a"))["update_id"] + 1)
    await wire.does("raw", next_update_id=17)
    assert (await wire.does("say", user_id=ANA, text="b"))["update_id"] == 17


async def test_text_with_lone_surrogates_and_nul_arrives(wire: Wire) -> None:
    """What people's broken apps send does not break the wire."""
    await wire.says(ANA, "a\ud800b\x00c")
    (update,) = await wire.updates()
    assert update["message"]["text"] == "a\ud800b\x00c"
    assert (await wire.chat(ANA))[0]["text"] == "a\ud800b\x00c"


async def test_updates_look_like_telegrams(wire: Wire) -> None:
    """Sender, chat, language, entities and the whole replied message are there."""
    first = await wire.says(ANA, "/start a-riverside", first_name="Ana", language_code="ar")
    await wire.says(ANA, "see https://example.org", reply_to_message_id=first)
    _, update = await wire.updates()
    message = update["message"]
    assert message["from"] == {
        "id": ANA,
        "is_bot": False,
        "first_name": "Ana",
        "language_code": "ar",
    }
    assert message["chat"] == {"id": ANA, "type": "private", "first_name": "Ana"}
    assert message["entities"] == [{"type": "url", "offset": 4, "length": 19}]
    answered = message["reply_to_message"]
    assert answered["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert "reply_to_message" not in answered


async def test_an_edit_comes_as_an_edited_message(wire: Wire) -> None:
    """The new text comes; the transcript keeps the old one."""
    message_id = await wire.says(ANA, "old")
    await wire.does("edit", user_id=ANA, message_id=message_id, text="new")
    edited = (await wire.updates())[-1]["edited_message"]
    assert edited["text"] == "new"
    assert "edit_date" in edited
    (shown,) = await wire.chat(ANA)
    assert [version["text"] for version in shown["edits"]] == ["old"]


async def test_blocking_tells_the_bot_and_shuts_the_chat(wire: Wire) -> None:
    """my_chat_member comes, sending is forbidden, unblocking opens again."""
    await wire.says(ANA)
    await wire.does("block", user_id=ANA, blocked=True)
    change = (await wire.updates())[-1]["my_chat_member"]
    assert change["new_chat_member"]["status"] == "kicked"
    refusal = await wire.refusal("sendMessage", chat_id=ANA, text="hi")
    assert refusal == "403 Forbidden: bot was blocked by the user"
    assert "has blocked the bot" in await wire.cannot("say", user_id=ANA, text="hi")
    await wire.does("block", user_id=ANA, blocked=False)
    await wire.call("sendMessage", chat_id=ANA, text="hi")


async def test_a_deleted_account_and_a_stranger_cannot_be_written_to(wire: Wire) -> None:
    """Three different reasons, in Telegram's words."""
    await wire.says(ANA)
    await wire.does("block", user_id=ANA, deactivated=True)
    await wire.does("person", user_id=BOB, first_name="Bob")
    refusals = [
        await wire.refusal("sendMessage", chat_id=chat_id, text="hi") for chat_id in (ANA, BOB, 9)
    ]
    assert refusals == [
        "403 Forbidden: user is deactivated",
        "403 Forbidden: bot can't initiate conversation with a user",
        "400 Bad Request: chat not found",
    ]
