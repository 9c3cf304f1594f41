"""The simulated Telegram's changes: edits, reactions, answers to presses, pins, deletions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulated import ANA, BOB, Wire

BUTTONS = {"inline_keyboard": [[{"text": "Take", "callback_data": "take"}]]}
TOO_OLD = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"


async def sent(wire: Wire, **more: Any) -> dict[str, Any]:
    """Where a message of the bot is: chat and id."""
    await wire.says(ANA)
    message = await wire.call("sendMessage", chat_id=ANA, **{"text": "old", **more})
    return {"chat_id": ANA, "message_id": message["message_id"]}


# --- edits ---------------------------------------------------------------------------------------


async def test_an_edit_changes_text_and_buttons_in_place(wire: Wire) -> None:
    """Buttons that are not named go; the old version stays in the history."""
    where = await sent(wire, reply_markup=BUTTONS)
    edited = await wire.call("editMessageText", **where, text="new")
    assert "edit_date" in edited
    shown = (await wire.chat(ANA))[-1]
    assert (shown["text"], shown["buttons"]) == ("new", [])
    assert shown["edits"][0]["text"] == "old"
    assert shown["edits"][0]["buttons"] == BUTTONS["inline_keyboard"]
    await wire.call("editMessageReplyMarkup", **where, reply_markup=BUTTONS)
    assert (await wire.chat(ANA))[-1]["buttons"] == BUTTONS["inline_keyboard"]


async def test_an_edit_to_the_same_is_refused(wire: Wire) -> None:
    """Which a bot takes for success."""
    where = await sent(wire)
    refusal = await wire.refusal("editMessageText", **where, text="old")
    assert refusal.startswith("400 Bad Request: message is not modified: ")
    refusal = await wire.refusal("editMessageReplyMarkup", **where)
    assert refusal.startswith("400 Bad Request: message is not modified: ")


async def test_what_is_not_there_cannot_be_edited(wire: Wire) -> None:
    """Deleted, never there, not named, inline."""
    where = await sent(wire)
    await wire.does("delete", user_id=ANA, message_id=where["message_id"])
    for given, why in (
        (where, "message to edit not found"),
        ({"chat_id": ANA, "message_id": 999}, "message to edit not found"),
        ({"chat_id": ANA}, "message identifier is not specified"),
        ({"inline_message_id": "x"}, "MESSAGE_ID_INVALID"),
    ):
        refusal = await wire.refusal("editMessageText", **given, text="new")
        assert refusal == f"400 Bad Request: {why}"


async def test_only_own_plain_messages_can_be_edited(wire: Wire) -> None:
    """Neither a person's, nor one with a keyboard below, nor a forwarded one."""
    theirs = await wire.says(ANA)
    below = (await sent(wire, reply_markup={"keyboard": [["a"]]}))["message_id"]
    source = {"chat_id": ANA, "from_chat_id": ANA, "message_id": theirs}
    forwarded = (await wire.call("forwardMessage", **source))["message_id"]
    for message_id in (theirs, below, forwarded):
        where = {"chat_id": ANA, "message_id": message_id}
        assert await wire.refusal("editMessageText", **where, text="new") == (
            "400 Bad Request: message can't be edited"
        )


async def test_an_edit_takes_inline_buttons_only(wire: Wire) -> None:
    """What stands under the writing field belongs to new messages."""
    where = await sent(wire)
    markup = {"keyboard": [["a"]]}
    refusal = await wire.refusal("editMessageText", **where, text="new", reply_markup=markup)
    assert refusal == "400 Bad Request: inline keyboard expected"


async def test_captions_and_pictures_change(wire: Wire) -> None:
    """Each where it is."""
    await wire.does("say", user_id=ANA, photo=True)
    (picture,) = await wire.chat(ANA)
    file_id = picture["file"]["file_id"]
    photo = await wire.call("sendPhoto", chat_id=ANA, photo=file_id, caption="old")
    where = {"chat_id": ANA, "message_id": photo["message_id"]}
    assert (await wire.call("editMessageCaption", **where, caption="new"))["caption"] == "new"
    media = {"type": "photo", "media": file_id, "caption": "newer"}
    assert (await wire.call("editMessageMedia", **where, media=media))["caption"] == "newer"
    assert "no text" in await wire.refusal("editMessageText", **where, text="x")
    assert "is not specified" in await wire.refusal("editMessageMedia", **where)
    text = await sent(wire)
    assert "no caption" in await wire.refusal("editMessageCaption", **text, caption="x")


async def test_a_live_place_moves(wire: Wire) -> None:
    """A place that was not live stays."""
    await wire.says(ANA)
    place = {"latitude": 30.0, "longitude": 100.0}
    live = await wire.call("sendLocation", chat_id=ANA, **place, live_period=60)
    where = {"chat_id": ANA, "message_id": live["message_id"]}
    moved = await wire.call(
        "editMessageLiveLocation", **where, latitude=31.0, longitude=100.0, heading=90
    )
    assert moved["location"]["latitude"] == 31.0
    still = await wire.call("sendLocation", chat_id=ANA, **place)
    where["message_id"] = still["message_id"]
    assert "can't be edited" in await wire.refusal("editMessageLiveLocation", **where, **place)


# --- reactions -----------------------------------------------------------------------------------


async def test_the_bot_puts_one_reaction_and_takes_it_away(wire: Wire) -> None:
    """With and without the sign some keyboards write after it."""
    message_id = await wire.says(ANA)
    where = {"chat_id": ANA, "message_id": message_id}
    for emoji in ("✍", "✍\ufe0f", "👌"):
        reaction = [{"type": "emoji", "emoji": emoji}]
        assert await wire.call("setMessageReaction", **where, reaction=reaction) is True
        (shown,) = await wire.chat(ANA)
        assert [one["emoji"] for one in shown["reactions"]] == [emoji.rstrip("\ufe0f")]
    await wire.call("setMessageReaction", **where, reaction=[])
    assert (await wire.chat(ANA))[0]["reactions"] == []


@pytest.mark.parametrize(
    ("reaction", "why"),
    [
        ([{"type": "emoji", "emoji": "✅"}], "REACTION_INVALID"),
        ([{"type": "emoji", "emoji": "📨"}], "REACTION_INVALID"),
        ([{"type": "custom_emoji", "custom_emoji_id": "5"}], "REACTION_INVALID"),
        ([{"type": "emoji", "emoji": "✍"}] * 2, "REACTIONS_TOO_MANY"),
        ([{"emoji": "✍"}], "can't parse reaction type"),
    ],
)
async def test_reactions_are_limited_to_telegrams_list(
    wire: Wire, reaction: list[Any], why: str
) -> None:
    """One, and of those there are."""
    where = {"chat_id": ANA, "message_id": await wire.says(ANA)}
    refusal = await wire.refusal("setMessageReaction", **where, reaction=reaction)
    assert refusal == f"400 Bad Request: {why}"


async def test_a_reaction_needs_its_message(wire: Wire) -> None:
    """A deleted message takes none."""
    where = {"chat_id": ANA, "message_id": await wire.says(ANA)}
    await wire.does("delete", user_id=ANA, message_id=where["message_id"])
    refusal = await wire.refusal("setMessageReaction", **where, reaction=[])
    assert refusal == "400 Bad Request: message to react not found"


# --- presses -------------------------------------------------------------------------------------


async def test_a_press_brings_who_where_and_what(wire: Wire) -> None:
    """By the button's data or its words; the answer counts once."""
    where = await sent(wire, reply_markup=BUTTONS)
    press = await wire.does("press", user_id=ANA, message_id=where["message_id"], text="Take")
    query = (await wire.updates())[-1]["callback_query"]
    assert query["id"] == press["callback_query_id"]
    assert (query["data"], query["from"]["id"]) == ("take", ANA)
    assert query["message"]["reply_markup"] == BUTTONS
    answer = {"callback_query_id": query["id"], "text": "done", "show_alert": True}
    assert await wire.call("answerCallbackQuery", **answer) is True
    assert await wire.refusal("answerCallbackQuery", **answer) == TOO_OLD


async def test_an_answer_comes_within_150_seconds_and_200_characters(wire: Wire) -> None:
    """Later it is too old, longer it is too long."""
    where = await sent(wire, reply_markup=BUTTONS)
    press = {"user_id": ANA, "message_id": where["message_id"], "data": "take"}
    query = {"callback_query_id": (await wire.does("press", **press))["callback_query_id"]}
    refusal = await wire.refusal("answerCallbackQuery", **query, text="x" * 201)
    assert refusal == "400 Bad Request: MESSAGE_TOO_LONG"
    await wire.does("clock", shift_seconds=151)
    assert await wire.refusal("answerCallbackQuery", **query) == TOO_OLD
    assert await wire.refusal("answerCallbackQuery", callback_query_id="1") == TOO_OLD


async def test_an_unanswered_press_may_come_again(wire: Wire) -> None:
    """The same press with a new update_id, until somebody answers it."""
    where = await sent(wire, reply_markup=BUTTONS)
    press = {"user_id": ANA, "message_id": where["message_id"], "data": "take"}
    first = await wire.does("press", **press)
    again = await wire.does("press", again=first["callback_query_id"])
    told = [update for update in await wire.updates() if "callback_query" in update]
    assert [update["update_id"] for update in told] == [first["update_id"], again["update_id"]]
    assert told[0]["callback_query"] == told[1]["callback_query"]
    await wire.call("answerCallbackQuery", callback_query_id=first["callback_query_id"])
    refusal = await wire.cannot("press", again=first["callback_query_id"])
    assert "waits for an answer" in refusal


async def test_a_forged_press_carries_any_data(wire: Wire) -> None:
    """Also for a message without buttons, or for none at all; no honest phone can do that."""
    where = await sent(wire)
    honest = {"user_id": ANA, "message_id": where["message_id"], "data": "close:7"}
    assert "no such button" in await wire.cannot("press", **honest)
    await wire.does("press", **honest, forge=True)
    assert (await wire.updates())[-1]["callback_query"]["data"] == "close:7"
    await wire.does("press", **{**honest, "message_id": 999}, forge=True)
    assert (await wire.updates())[-1]["callback_query"]["message"]["date"] == 0
    too_long = {**honest, "data": "x" * 65, "forge": True}
    assert "at most 64 bytes" in await wire.cannot("press", **too_long)


# --- pins and deletions --------------------------------------------------------------------------


async def test_messages_are_pinned_and_unpinned(wire: Wire) -> None:
    """The newest first, one, or all."""
    ids = [(await sent(wire, text=text))["message_id"] for text in "abc"]
    for message_id in ids:
        await wire.call("pinChatMessage", chat_id=ANA, message_id=message_id)
    await wire.call("unpinChatMessage", chat_id=ANA)
    await wire.call("unpinChatMessage", chat_id=ANA, message_id=ids[0])
    pinned = [one["message_id"] for one in await wire.chat(ANA) if one["pinned"]]
    assert pinned == [ids[1]]
    assert (await wire.call("getChat", chat_id=ANA))["pinned_message"]["text"] == "b"
    assert "not found" in await wire.refusal("unpinChatMessage", chat_id=ANA, message_id=ids[0])
    assert "not found" in await wire.refusal("pinChatMessage", chat_id=ANA, message_id=999)
    await wire.call("unpinAllChatMessages", chat_id=ANA)
    assert not any(one["pinned"] for one in await wire.chat(ANA))


async def test_messages_are_deleted_within_48_hours(wire: Wire) -> None:
    """In a private chat also the person's; what is gone is not found."""
    theirs = await wire.says(ANA)
    where = await sent(wire)
    await wire.call("deleteMessage", **where)
    assert await wire.refusal("deleteMessage", **where) == (
        "400 Bad Request: message to delete not found"
    )
    await wire.does("clock", shift_seconds=48 * 3600 + 1)
    assert await wire.refusal("deleteMessage", chat_id=ANA, message_id=theirs) == (
        "400 Bad Request: message can't be deleted for everyone"
    )


async def test_many_are_deleted_at_once(wire: Wire) -> None:
    """Those that are gone are passed over; the list has its limits."""
    ids = [await wire.says(ANA) for _ in range(3)]
    await wire.call("deleteMessages", chat_id=ANA, message_ids=[*ids[:2], 999])
    assert [one["message_id"] for one in await wire.chat(ANA)] == ids[2:]
    for given, why in (
        ([], "not specified"),
        (list(range(101)), "too many"),
        (["a"], "Array of Integer"),
    ):
        assert why in await wire.refusal("deleteMessages", chat_id=ANA, message_ids=given)


# --- what people change --------------------------------------------------------------------------


async def test_people_edit_their_own_messages_only(wire: Wire) -> None:
    """Words of a text, words under a picture, a live place; nothing else."""
    text = await wire.says(ANA)
    photo = (await wire.does("say", user_id=ANA, photo=True, caption="a"))["message_id"]
    place = {"latitude": 30.0, "longitude": 100.0, "live_period": 600}
    live = (await wire.does("location", user_id=ANA, **place))["message_id"]
    await wire.does("edit", user_id=ANA, message_id=photo, caption="b https://a.example")
    await wire.does("edit", user_id=ANA, message_id=live, location={"latitude": 31.0})
    _, shown_photo, shown_live = await wire.chat(ANA)
    assert shown_photo["text"] == "b https://a.example"
    assert shown_live["content"]["location"] == {**place, "latitude": 31.0}
    bot = (await sent(wire))["message_id"]
    for message_id, change in (
        (text, {"caption": "x"}),
        (photo, {"text": "x"}),
        (text, {"location": {}}),
        (live, {"location": 5}),
        (text, {"text": "x", "caption": "y"}),
        (bot, {"text": "x"}),
    ):
        assert await wire.cannot("edit", user_id=ANA, message_id=message_id, **change)


async def test_people_take_reactions_back(wire: Wire) -> None:
    """The bot hears the old and the new one."""
    await wire.updates(allowed_updates=["message_reaction"])
    where = {"user_id": ANA, "message_id": await wire.says(ANA)}
    await wire.does("react", **where, emoji="❤")
    await wire.does("react", **where, emoji=None)
    update = (await wire.updates())[-1]["message_reaction"]
    assert update["old_reaction"] == [{"type": "emoji", "emoji": "❤"}]
    assert update["new_reaction"] == []


async def test_nobody_acts_in_a_strangers_chat(wire: Wire) -> None:
    """A private chat has one person in it."""
    await wire.says(ANA)
    assert "somebody else" in await wire.cannot("say", user_id=BOB, chat_id=ANA, text="x")
