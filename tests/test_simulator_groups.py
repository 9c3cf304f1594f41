"""The simulated Telegram's groups: who is in them, what the bot hears, topics, an upgrade."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulated import ANA, BOB, TOKEN, Wire

BOT = int(TOKEN.partition(":")[0])


async def group(wire: Wire, **fields: Any) -> int:
    """A group with Ana in it; its id."""
    made = await wire.does("group", **{"members": [ANA], **fields})
    return int(made["chat_id"])


async def forum(wire: Wire) -> tuple[int, int]:
    """A forum the bot administers, and a topic in it."""
    chat_id = await group(wire, is_forum=True, bot="administrator")
    topic = await wire.call("createForumTopic", chat_id=chat_id, name="Lamps")
    return chat_id, int(topic["message_thread_id"])


# --- who is in it --------------------------------------------------------------------------------


async def test_a_group_knows_its_members(wire: Wire) -> None:
    """The bot is told when it comes, and can ask who is there."""
    members = [ANA, {"user_id": BOB, "first_name": "Bob", "status": "creator"}]
    chat_id = await group(wire, title="Watch", username="watch", members=members)
    (update,) = await wire.updates()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "member"
    chat = await wire.call("getChat", chat_id="@watch")
    assert (chat["id"], chat["title"], chat["type"]) == (chat_id, "Watch", "supergroup")
    assert await wire.call("getChatMemberCount", chat_id=chat_id) == 3
    assert [one["user"]["id"] for one in await wire.call(
        "getChatAdministrators", chat_id=chat_id
    )] == [BOB]  # fmt: skip
    for user_id, status in ((ANA, "member"), (BOB, "creator"), (BOT, "member")):
        member = await wire.call("getChatMember", chat_id=chat_id, user_id=user_id)
        assert member["status"] == status
    refusal = await wire.refusal("getChatMember", chat_id=chat_id, user_id=99)
    assert refusal == "400 Bad Request: PARTICIPANT_ID_INVALID"


async def test_a_private_chat_is_no_group(wire: Wire) -> None:
    """It has no administrators, two members, and nobody leaves it."""
    await wire.says(ANA)
    assert await wire.call("getChatMemberCount", chat_id=ANA) == 2
    assert (await wire.call("getChatMember", chat_id=ANA, user_id=ANA))["status"] == "member"
    for method in ("getChatAdministrators", "leaveChat"):
        assert (await wire.refusal(method, chat_id=ANA)).startswith("400")
    assert "private chat" in await wire.cannot("group", chat_id=ANA, title="x")


@pytest.mark.parametrize(
    ("bot", "why"),
    [
        ("kicked", "403 Forbidden: bot was kicked from the supergroup chat"),
        ("left", "403 Forbidden: bot is not a member of the supergroup chat"),
    ],
)
async def test_a_group_without_the_bot_is_shut(wire: Wire, bot: str, why: str) -> None:
    """Kicked and gone are told apart; it hears nothing more, either."""
    chat_id = await group(wire)
    await wire.does("group", chat_id=chat_id, bot=bot)
    assert await wire.refusal("sendMessage", chat_id=chat_id, text="x") == why
    assert await wire.refusal("getChat", chat_id=chat_id) == why
    answer = await wire.does("say", user_id=ANA, chat_id=chat_id, text="/help")
    assert answer["update_id"] is None


async def test_the_bot_can_leave(wire: Wire) -> None:
    """And is out then."""
    chat_id = await group(wire)
    await wire.call("leaveChat", chat_id=chat_id)
    assert (await wire.refusal("sendMessage", chat_id=chat_id, text="x")).startswith("403")


async def test_privacy_mode_hides_what_is_not_for_the_bot(wire: Wire) -> None:
    """Commands, replies, mentions and pictures come; small talk comes to administrators only."""
    chat_id = await group(wire)
    sent = await wire.call("sendMessage", chat_id=chat_id, text="x")
    heard = {"user_id": ANA, "chat_id": chat_id}

    async def is_told(**said: Any) -> bool:
        return (await wire.does("say", **heard, **said))["update_id"] is not None

    assert not await is_told(text="small talk")
    assert await is_told(text="/help")
    assert await is_told(text="yes", reply_to_message_id=sent["message_id"])
    assert await is_told(text="@BeatlineDemoBot help")
    assert await is_told(photo=True)
    await wire.does("group", chat_id=chat_id, bot="administrator")
    assert await is_told(text="small talk")


async def test_only_administrators_pin_and_delete(wire: Wire) -> None:
    """The bot needs the right."""
    chat_id = await group(wire)
    theirs = (await wire.does("say", user_id=ANA, chat_id=chat_id, text="/x"))["message_id"]
    where = {"chat_id": chat_id, "message_id": theirs}
    assert "not enough rights" in await wire.refusal("pinChatMessage", **where)
    assert "can't be deleted" in await wire.refusal("deleteMessage", **where)
    await wire.does("group", chat_id=chat_id, bot="administrator")
    await wire.call("pinChatMessage", **where)
    await wire.call("deleteMessage", **where)


async def test_wrong_groups_are_refused(wire: Wire) -> None:
    """Whoever writes a test learns what was wrong with it."""
    for fields, words in (
        ({"type": "group", "is_forum": True}, "only a supergroup"),
        ({"chat_id": 5}, "below 0"),
        ({"bot": "friend"}, "bot is one of"),
        ({"members": [{"user_id": ANA, "status": "king"}]}, "no member status king"),
        ({"type": "supergroup", "upgrade": True}, "no basic group"),
        ({"delete_topic": 9}, "no topic 9"),
    ):
        assert words in await wire.cannot("group", **fields)


# --- topics --------------------------------------------------------------------------------------


async def test_a_topic_is_made_named_closed_and_opened(wire: Wire) -> None:
    """Each change once; the same again is refused."""
    chat_id, topic = await forum(wire)
    where = {"chat_id": chat_id, "message_thread_id": topic}
    sent = await wire.call("sendMessage", **where, text="x")
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic, True)
    for method, more in (
        ("editForumTopic", {"name": "Lamps 2"}),
        ("closeForumTopic", {}),
        ("reopenForumTopic", {}),
    ):
        assert await wire.call(method, **where, **more) is True
        refusal = await wire.refusal(method, **where, **more)
        assert refusal == "400 Bad Request: TOPIC_NOT_MODIFIED"
    await wire.says(ANA, "in it", chat_id=chat_id, thread_id=topic)
    assert (await wire.updates())[-1]["message"]["message_thread_id"] == topic


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": ""}, "TOPIC_TITLE_EMPTY"),
        ({"name": "x" * 129}, "at most 128 characters"),
        ({"name": "x", "icon_color": 1}, "icon color"),
    ],
)
async def test_a_topic_needs_a_name_of_1_to_128(
    wire: Wire, fields: dict[str, Any], why: str
) -> None:
    """And one of six colours."""
    chat_id, _ = await forum(wire)
    assert why in await wire.refusal("createForumTopic", chat_id=chat_id, **fields)


async def test_a_deleted_topic_is_not_found(wire: Wire) -> None:
    """By whomever it was deleted; its messages are gone with it."""
    chat_id, topic = await forum(wire)
    other = (await wire.call("createForumTopic", chat_id=chat_id, name="Other"))[
        "message_thread_id"
    ]
    await wire.call("sendMessage", chat_id=chat_id, message_thread_id=topic, text="x")
    await wire.does("group", chat_id=chat_id, delete_topic=topic)
    await wire.call("deleteForumTopic", chat_id=chat_id, message_thread_id=other)
    assert await wire.chat(chat_id) == []
    for gone in (topic, other):
        where = {"chat_id": chat_id, "message_thread_id": gone}
        for method in ("sendMessage", "deleteForumTopic"):
            params = {"text": "x"} if method == "sendMessage" else {}
            refusal = await wire.refusal(method, **where, **params)
            assert refusal == "400 Bad Request: message thread not found"
    assert "no topic" in await wire.cannot(
        "say", user_id=ANA, chat_id=chat_id, thread_id=topic, text="x"
    )


async def test_topics_need_a_forum_and_the_right(wire: Wire) -> None:
    """Neither a plain group nor a plain member will do."""
    plain = await group(wire, bot="administrator")
    refusal = await wire.refusal("createForumTopic", chat_id=plain, name="x")
    assert refusal == "400 Bad Request: the chat is not a forum"
    member = await group(wire, is_forum=True)
    refusal = await wire.refusal("createForumTopic", chat_id=member, name="x")
    assert "not enough rights" in refusal


async def test_a_closed_topic_is_for_administrators(wire: Wire) -> None:
    """A bot that is no administrator any more meets TOPIC_CLOSED."""
    chat_id, topic = await forum(wire)
    where = {"chat_id": chat_id, "message_thread_id": topic}
    await wire.call("closeForumTopic", **where)
    await wire.call("sendMessage", **where, text="x")
    await wire.does("group", chat_id=chat_id, bot="member")
    assert await wire.refusal("sendMessage", **where, text="x") == ("400 Bad Request: TOPIC_CLOSED")


# --- an upgrade ----------------------------------------------------------------------------------


async def test_an_upgraded_group_names_its_new_id(wire: Wire) -> None:
    """The old id is refused with migrate_to_chat_id; both chats tell so."""
    chat_id = await group(wire, type="group")
    await wire.call("sendMessage", chat_id=chat_id, text="x")
    new = (await wire.does("group", chat_id=chat_id, upgrade=True))["chat_id"]
    status, body = await wire.answer("sendMessage", chat_id=chat_id, text="x")
    assert status == 400
    assert body["description"] == ("Bad Request: group chat was upgraded to a supergroup chat")
    assert body["parameters"] == {"migrate_to_chat_id": new}
    await wire.call("sendMessage", chat_id=new, text="x")
    told = [update["message"] for update in await wire.updates() if "message" in update]
    assert told[0]["migrate_to_chat_id"] == new
    assert told[1]["migrate_from_chat_id"] == chat_id
    assert "has become" in await wire.cannot("say", user_id=ANA, chat_id=chat_id, text="x")


async def test_commands_may_differ_in_a_group_and_for_one_member(wire: Wire) -> None:
    """The member's own list before the chat's before the groups'."""
    chat_id = await group(wire)
    member = {"type": "chat_member", "chat_id": chat_id, "user_id": ANA}
    for name, scope in (
        ("all", {"type": "all_group_chats"}),
        ("one", {"type": "chat", "chat_id": chat_id}),
        ("mine", member),
    ):
        listed = [{"command": name, "description": name}]
        await wire.call("setMyCommands", commands=listed, scope=scope)
    seen = {"chat_id": chat_id}
    assert (await wire.look("commands", **seen, user_id=ANA))[0]["command"] == "mine"
    assert (await wire.look("commands", **seen, user_id=BOB))[0]["command"] == "one"
    refusal = await wire.refusal("setMyCommands", commands=[], scope={"type": "all"})
    assert "unsupported type" in refusal
