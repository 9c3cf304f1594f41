"""Copies: whatever can be sent arrives on the other side as it is, and what cannot is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.front_door import Person, Town
from tests.stations import officer, registered

#: Every kind that Telegram copies, with what makes one.
COPIED: dict[str, Any] = {
    "text": "A text", "photo": True, "video": True, "animation": True, "audio": True,
    "document": True, "voice": True, "video_note": True, "sticker": True, "contact": True,
    "location": True, "venue": True, "poll": True, "dice": True, "story": True, "game": True,
    "checklist": True,
}  # fmt: skip
#: Kinds that Telegram never copies, and what a phone calls them.
NEVER_COPIED = {
    "paid_media": "paid picture or video", "giveaway": "giveaway", "invoice": "invoice",
    "giveaway_winners": "giveaway", "write_access_allowed": "write access allowed",
    "gift": "gift",
}  # fmt: skip
NOT_PASSED_ON = "Telegram does not pass on messages of this kind"


def content_of(message: dict[str, Any]) -> Any:
    """What a message holds, without what differs between a message and its copy."""
    content = {**message["content"]}
    content.pop("reply_parameters", None)
    return message["kind"], message["text"], content


async def same_in(staff: Person, writer: Person, message_ids: list[int]) -> None:
    """What the bot brought last is what was written, item by item, in order."""
    written = {each["message_id"]: each for each in await writer.chat()}
    wanted = [content_of(written[message_id]) for message_id in message_ids]
    copies = [content_of(each) for each in await staff.copies()][-len(wanted) :]
    assert copies == wanted


async def test_every_kind_that_telegram_copies_reaches_the_officer(station: Town) -> None:
    """Seventeen kinds, a live place, captions with formatting: all copied, in order, protected."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    sent = [await ana.sends(**{kind: content}) for kind, content in COPIED.items()]
    place = {"latitude": 30.1, "longitude": 100.1, "live_period": 3600}
    sent.append(await ana.sends(location=place))
    bold = [{"type": "bold", "offset": 0, "length": 4}]
    sent.append(await ana.sends(photo=True, caption="Look here", caption_entities=bold))
    await li.sees(lambda each: bool(each["reply_to"]), count=len(sent))
    await same_in(li, ana, sent)
    assert all(each["protect_content"] for each in await li.copies())
    assert not [each for each in await ana.got() if NOT_PASSED_ON in each["text"]]


async def test_every_kind_that_telegram_copies_reaches_the_resident(station: Town) -> None:
    """The way back is the same, and each answer is a reply to what it answers."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    question = await ana.says("Hello")
    copy = await li.sees("Hello")
    sent = [
        await li.sends(**{kind: content, "reply_to_message_id": copy["message_id"]})
        for kind, content in COPIED.items()
    ]
    await ana.sees(lambda each: each["reply_to"] == question, count=len(sent))
    await same_in(ana, li, sent)
    assert not any(each["protect_content"] for each in await ana.copies())


@pytest.mark.parametrize("who", ["resident", "officer"])
async def test_what_telegram_does_not_copy_is_said_in_a_plain_word_to_both(
    station: Town, who: str
) -> None:
    """Paid media, giveaways, invoices, service messages: one side learns what it was, the other
    that it did not go, and what follows goes on."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    hello = await li.sees("Hello")
    writer, reader = (ana, li) if who == "resident" else (li, ana)
    reply = {} if who == "resident" else {"reply_to_message_id": hello["message_id"]}
    for kind in NEVER_COPIED:
        await writer.sends(**{kind: True}, **reply)
    await writer.says("and this", **reply)
    await reader.sees("and this")
    told = [each["text"] for each in await reader.got() if "does not pass on" in each["text"]]
    assert [each.rpartition(": ")[2] for each in told] == list(NEVER_COPIED.values())
    await writer.sees(NOT_PASSED_ON, count=len(NEVER_COPIED))


async def test_a_first_message_that_cannot_be_copied_still_opens_a_case(station: Town) -> None:
    """The officer learns that there is somebody, and a reply to the plain word reaches them."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.sends(paid_media=True)
    word = await li.sees("does not pass on")
    await ana.sees("Sent to the officer's phone")
    await li.says("What was it?", reply_to_message_id=word["message_id"])
    await ana.sees("What was it?")


@pytest.mark.parametrize("who", ["resident", "officer"])
async def test_an_album_arrives_item_by_item_in_order(station: Town, who: str) -> None:
    """Ten pictures and films with one caption; Telegram may show the reply on the first item
    only, and the others go where it goes."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    hello_id = await ana.says("Hello")
    hello = await li.sees("Hello")
    writer, reader = (ana, li) if who == "resident" else (li, ana)
    reply = {} if who == "resident" else {"reply_to_message_id": hello["message_id"]}
    album = [await writer.sends(photo=True, caption="Ten", media_group_id="ten", **reply)]
    for number in range(9):
        kind = "photo" if number % 2 else "video"
        album.append(await writer.sends(**{kind: True}, media_group_id="ten"))
    files = {each["message_id"]: each["file"]["file_id"] for each in await writer.chat()
             if each["file"]}  # fmt: skip
    await reader.sees(lambda each: bool(each["file"]), count=10)
    brought = [each["file"]["file_id"] for each in await reader.got() if each["file"]]
    assert brought == [files[message_id] for message_id in album]
    if who == "officer":
        first = next(each for each in await ana.got() if each["file"])
        assert (first["reply_to"], first["text"]) == (hello_id, "Ten")
        assert not [each for each in await li.got() if "To whom?" in each["text"]]


async def test_a_copy_that_telegram_refuses_is_brought_in_another_way(station: Town) -> None:
    """As a reply, without it, sent again from what is on file; in its place in the line."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    await li.sees("Hello")
    refused = {"method": "copyMessage", "chat_id": li.chat_id, "error_code": 400,
               "description": "Bad Request: message can't be copied"}  # fmt: skip
    for times, content in (
        (1, {"text": "without the reply"}),
        (2, {"text": "sent again <b>&"}),
        (2, {"photo": True, "caption": "by its file"}),
        (2, {"contact": {"phone_number": "+861055550199", "first_name": "Bo"}}),
        (2, {"venue": True}),
    ):
        await station.control("faults", next=[{**refused, "times": times}])
        before = len(await li.got())
        await ana.sends(**content)
        await li.sees(lambda _each: True, count=before + 1)
    kinds = [(each["kind"], each["text"]) for each in (await li.got())[-5:]]
    assert kinds == [
        ("text", "without the reply"),
        ("text", "sent again <b>&"),
        ("photo", "by its file"),
        ("contact", ""),
        ("venue", ""),
    ]
    again = await li.sees("sent again")
    await li.says("I see", reply_to_message_id=again["message_id"])
    await ana.sees("I see")


async def test_what_nothing_can_carry_is_said_to_both(station: Town) -> None:
    """A poll that Telegram does not copy: the officer learns what it was, the writer that it did
    not arrive and whom to call."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await station.control(
        "faults",
        next=[{"method": "copyMessage", "chat_id": li.chat_id, "error_code": 400, "times": 2}],
    )
    await ana.sends(poll=True)
    await ana.says("after it")
    word = await li.sees("does not pass on: poll")
    told = await ana.sees("could not be passed on")
    assert "+86 10 5555 0110" in told["text"].splitlines()
    await li.sees("after it")
    await li.says("Which poll?", reply_to_message_id=word["message_id"])
    await ana.sees("Which poll?")


async def test_an_answer_that_nothing_can_carry_is_said_to_the_officer(station: Town) -> None:
    """The receipt does not say answered when no answer arrived."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    hello = await li.sees("Hello")
    await station.control(
        "faults",
        next=[{"method": "copyMessage", "chat_id": ana.chat_id, "error_code": 400, "times": 2}],
    )
    dice = await li.sends(dice=True, reply_to_message_id=hello["message_id"])
    told = await li.sees("could not be delivered")
    assert told["reply_to"] == dice
    assert not [each for each in await ana.got() if "Answered." in each["text"]]
    await li.says("Good day", reply_to_message_id=hello["message_id"])
    await ana.sees("Good day")
    await ana.sees("Answered.")


async def test_what_an_officer_who_is_lost_never_got_goes_on_although_the_case_was_closed(
    station: Town,
) -> None:
    """Closed before everything had come: the case is open again with whoever is next, and has all
    of it."""
    ana, li, wang = await closed_too_early(station)
    await li.blocks()
    await station.control("faults", p5xx=0, methods=None, chats=None)
    await wang.sees("too early")
    assert [each["text"] for each in await wang.copies()] == ["too early"]
    assert "C-1001" in (await wang.got())[1]["text"]
    receipt = await ana.sees("Sent to the officer's phone")
    assert "Wang" in receipt["text"]


async def test_what_never_came_in_a_closed_case_comes_with_the_newer_one_and_says_when(
    station: Town,
) -> None:
    """One unclosed case for one resident: what was left behind joins it, marked as late."""
    ana, li, wang = await closed_too_early(station)
    await ana.says("something new")
    await ana.sees("Request C-1002")
    await li.blocks()
    await station.control("faults", p5xx=0, methods=None, chats=None)
    await wang.sees("something new")
    late = await wang.sees("too early")
    assert late["text"].startswith("⏳ delayed, written ")
    assert not [each for each in await wang.got() if "C-1001" in each["text"]]


async def closed_too_early(station: Town) -> tuple[Person, Person, Person]:
    """Ana, Li and Wang; Li closed the case on its card before Ana's message came."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await station.control("faults", p5xx=1, methods=["copyMessage"], chats=[li.chat_id])
    await ana.says("too early")
    await li.presses(await li.sees("C-1001"), "close")
    await ana.sees("has closed your request")
    return ana, li, officer(station, "wang")


async def test_an_answer_to_one_message_does_not_answer_what_never_came(station: Town) -> None:
    """The next person gets what is on nobody's phone, although something was answered after it."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await ana.says("one")
    one = await li.sees("one")
    await station.control("faults", p5xx=1, methods=["copyMessage"], chats=[li.chat_id])
    await ana.says("two")
    await ana.sees("means: it is kept")
    await li.says("Good day", reply_to_message_id=one["message_id"])
    await ana.sees("Answered.")
    await li.blocks()
    await station.control("faults", p5xx=0, methods=None, chats=None)
    await wang.sees("two")
    assert [each["text"] for each in await wang.copies()] == ["two"]
