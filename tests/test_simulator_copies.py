"""The simulated Telegram's copies: what goes again without its author, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator.kinds import KINDS, SERVICE
from tests.simulated import ANA, BOB, Wire

#: What Telegram never copies besides service messages: paid and special ones.
SPECIAL = {"paid_media", "invoice", "giveaway", "giveaway_winners"}
COPYABLE = sorted(KINDS - set(SERVICE) - SPECIAL)


@pytest.fixture
async def both(wire: Wire) -> Wire:
    """Ana and Bob have both met the bot."""
    await wire.says(BOB, "/start")
    return wire


async def said(wire: Wire, kind: str, **more: Any) -> int:
    """Ana sends a message of this kind; its id."""
    value = "hello" if kind == "text" else True
    answer = await wire.does("say", user_id=ANA, **{kind: value}, **more)
    return int(answer["message_id"])


def copy(message_id: int, **more: Any) -> dict[str, Any]:
    """From Ana to Bob."""
    return {"chat_id": BOB, "from_chat_id": ANA, "message_id": message_id, **more}


@pytest.mark.parametrize("kind", COPYABLE)
async def test_every_copyable_kind_is_copied_as_it_is(both: Wire, kind: str) -> None:
    """Same kind, same content, from the bot, without the author's name."""
    message_id = await said(both, kind)
    answer = await both.call("copyMessage", **copy(message_id))
    assert answer.keys() == {"message_id"}
    (original,), copied = await both.chat(ANA), (await both.chat(BOB))[-1]
    assert copied["message_id"] == answer["message_id"]
    for name in ("kind", "text", "content", "entities"):
        assert copied[name] == original[name]
    assert (copied["from_bot"], copied["forward_origin"]) == (True, None)


@pytest.mark.parametrize("kind", sorted(SPECIAL | set(SERVICE)))
async def test_service_and_paid_messages_are_not_copied(both: Wire, kind: str) -> None:
    """Whoever relays must say in words what it was."""
    message_id = await said(both, kind)
    assert await both.refusal("copyMessage", **copy(message_id)) == (
        "400 Bad Request: message can't be copied"
    )
    assert await both.refusal("forwardMessage", **copy(message_id)) == (
        "400 Bad Request: message can't be forwarded"
    )


async def test_a_copy_can_answer_a_message(both: Wire) -> None:
    """As a reply to the card, silent and protected."""
    card = await both.call("sendMessage", chat_id=BOB, text="card")
    reply = {"message_id": card["message_id"]}
    message_id = await said(both, "text")
    marks = {"disable_notification": True, "protect_content": True}
    await both.call("copyMessage", **copy(message_id, reply_parameters=reply, **marks))
    copied = (await both.chat(BOB))[-1]
    assert copied["reply_to"] == card["message_id"]
    assert (copied["silent"], copied["protect_content"]) == (True, True)


async def test_a_copy_can_be_refused_as_a_reply_alone(both: Wire) -> None:
    """Telegram re-sends a copy with a reply by its content and may refuse it; without it passes."""
    card = await both.call("sendMessage", chat_id=BOB, text="card")
    message_id = await said(both, "photo")
    script = {"method": "copyMessage", "with_reply": True, "error_code": 400, "times": 2}
    await both.does("faults", next=[{**script, "description": "Bad Request: CHAT_SEND_FAILED"}])
    await both.call("copyMessage", **copy(message_id))
    reply = {"message_id": card["message_id"]}
    refusal = await both.refusal("copyMessage", **copy(message_id, reply_parameters=reply))
    assert refusal == "400 Bad Request: CHAT_SEND_FAILED"
    await both.call("copyMessage", **copy(message_id))


async def test_a_copy_of_nothing_is_refused(both: Wire) -> None:
    """A deleted message, and a chat that is none."""
    message_id = await said(both, "text")
    await both.does("delete", user_id=ANA, message_id=message_id)
    assert await both.refusal("copyMessage", **copy(message_id)) == (
        "400 Bad Request: message to copy not found"
    )
    assert await both.refusal("forwardMessage", **copy(message_id)) == (
        "400 Bad Request: message to forward not found"
    )
    elsewhere = {"chat_id": BOB, "from_chat_id": 99, "message_id": 1}
    assert await both.refusal("copyMessage", **elsewhere) == "400 Bad Request: chat not found"


async def test_a_copy_may_have_another_caption(both: Wire) -> None:
    """In place of the old one with its entities; a text has no caption to change."""
    message_id = await said(both, "photo", caption="see https://a.example")
    await both.call("copyMessage", **copy(message_id, caption="new"))
    copied = (await both.chat(BOB))[-1]
    assert (copied["text"], copied["entities"]) == ("new", [])
    await both.call("copyMessage", **copy(await said(both, "text"), caption="new"))
    assert (await both.chat(BOB))[-1]["text"] == "hello"


async def test_a_quiz_is_copied_only_when_its_answer_is_known(both: Wire) -> None:
    """The bot sees the answer of its own quiz only."""
    quiz = {"poll": {"type": "quiz"}}
    answer = await both.does("say", user_id=ANA, **quiz)
    refusal = await both.refusal("copyMessage", **copy(answer["message_id"]))
    assert refusal == "400 Bad Request: message can't be copied"


async def test_many_are_copied_with_their_albums(both: Wire) -> None:
    """Albums stay together, what cannot be copied is passed over."""
    ids = [await said(both, "photo", media_group_id="1") for _ in range(2)]
    ids.append(await said(both, "new_chat_title"))
    ids.append(await said(both, "photo", media_group_id="2", caption="last"))
    many = {"chat_id": BOB, "from_chat_id": ANA, "message_ids": [*ids, 999]}
    answer = await both.call("copyMessages", **many)
    copies = (await both.chat(BOB))[-3:]
    assert [one["message_id"] for one in answer] == [one["message_id"] for one in copies]
    albums = [one["media_group_id"] for one in copies]
    assert albums[0] == albums[1] != albums[2]
    await both.call("copyMessages", **many, remove_caption=True)
    assert (await both.chat(BOB))[-1]["text"] == ""


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        ([], "message identifiers are not specified"),
        (list(range(1, 102)), "too many message identifiers specified"),
        ([2, 1], "must be in a strictly increasing order"),
        ([1, 1], "must be in a strictly increasing order"),
        (["a"], "Array of Integer"),
        ([99], "there are no messages to"),
    ],
)
@pytest.mark.parametrize("method", ["copyMessages", "forwardMessages"])
async def test_wrong_lists_of_messages_are_refused(
    both: Wire, method: str, ids: list[Any], why: str
) -> None:
    """One to a hundred ids, rising."""
    await said(both, "text")
    many = {"chat_id": BOB, "from_chat_id": ANA, "message_ids": ids}
    assert why in await both.refusal(method, **many)


async def test_a_forwarded_message_names_its_author(both: Wire) -> None:
    """And keeps naming the first one, however often it is passed on."""
    message_id = await said(both, "text")
    forwarded = await both.call("forwardMessage", **copy(message_id))
    assert forwarded["forward_origin"]["sender_user"]["id"] == ANA
    again = {"chat_id": ANA, "from_chat_id": BOB, "message_ids": [forwarded["message_id"]]}
    await both.call("forwardMessages", **again)
    assert (await both.chat(ANA))[-1]["forward_origin"]["sender_user"]["id"] == ANA


async def test_a_protected_message_is_not_forwarded(both: Wire) -> None:
    """What must stay with the officer stays."""
    sent = await both.call("sendMessage", chat_id=BOB, text="x", protect_content=True)
    one = {"chat_id": BOB, "from_chat_id": BOB}
    assert await both.refusal("forwardMessage", **one, message_id=sent["message_id"]) == (
        "400 Bad Request: message can't be forwarded"
    )
    many = {**one, "message_ids": [sent["message_id"]]}
    assert "no messages to forward" in await both.refusal("forwardMessages", **many)
