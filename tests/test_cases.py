"""Cases: a resident writes, the responsible officer answers, and nobody else has a part in it."""

from __future__ import annotations

from typing import Any

from tests.front_door import Person, Town
from tests.stations import officer, registered


async def card_of(staff: Person, number: str = "C-1001") -> dict[str, Any]:
    """The card of a case as it is now."""
    return await staff.sees(lambda each: number in each["text"] and bool(each["buttons"]))


async def test_a_message_reaches_the_responsible_officer_and_the_answer_comes_back(
    station: Town,
) -> None:
    """A resident writes once; the responsible officer reads it under a card, replies to the copy or
    to the card, and the resident reads the answer. Neither sees the other's account."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message = await ana.says("Somebody broke the lamp")
    copy, card = await li.sees("Somebody broke the lamp"), await card_of(li)
    assert copy["reply_to"] == card["message_id"]
    assert copy["protect_content"]
    assert card["text"].splitlines()[:2] == ["C-1001 · Riverside", "Ana · English"]
    await li.says("I come at five", reply_to_message_id=copy["message_id"])
    await li.says("Wait there", reply_to_message_id=card["message_id"])
    answer = await ana.sees("I come at five")
    assert answer["reply_to"] == message
    assert (await ana.sees("Wait there"))["forward_origin"] is None
    assert copy["forward_origin"] is answer["forward_origin"] is None
    await li.sees("Answered. Reply to a message below to write again.")


async def test_closing_ends_the_case_and_the_next_message_opens_a_new_one(station: Town) -> None:
    """*Close* on the card: the resident is told and can simply write again; old buttons are old."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    old = await card_of(li)
    await li.presses(old, "close")
    told = await ana.sees("has closed your request")
    assert told["text"].splitlines()[-1] == "Request C-1001"
    closed = await li.sees("Closed. A new message from this person opens a new request.")
    assert closed["message_id"] == old["message_id"]
    await ana.says("One more thing")
    copy = await li.sees("One more thing")
    assert copy["reply_to"] == (await card_of(li, "C-1002"))["message_id"]
    for data in ("cases:seen:1001", "cases:close:1001", "cases:reopen:1001"):
        await li.forges(old["message_id"], data)
    await li.says("I see it", reply_to_message_id=copy["message_id"])
    await ana.sees("I see it")
    await ana.sees(lambda each: "C-1002" in each["text"] and "Answered." in each["text"])
    assert len([each for each in await ana.got() if "closed" in each["text"]]) == 1
    assert "Closed." in (await card_of(li))["text"]


async def test_a_closed_case_can_be_opened_again(station: Town) -> None:
    """By its button: what the resident writes then belongs to it, under the same card."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    card = await card_of(li)
    await li.presses(card, "close")
    await li.presses(await li.sees("Closed. A new message"), "reopen")
    await ana.sees("has opened your request again")
    await ana.says("Thank you")
    assert (await li.sees("Thank you"))["reply_to"] == card["message_id"]
    assert not [each for each in await li.got() if "C-1002" in each["text"]]


async def test_an_answer_opens_a_closed_case_again(station: Town) -> None:
    """Whoever answers has not ended it; the resident's next message is part of it."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    copy, card = await li.sees("Hello"), await card_of(li)
    await li.presses(card, "close")
    await ana.sees("has closed your request")
    await li.says("One question", reply_to_message_id=copy["message_id"])
    await ana.sees("One question")
    await li.sees("Answered. Reply to a message below")
    await ana.says("Yes?")
    assert (await li.sees("Yes?"))["reply_to"] == card["message_id"]


async def test_an_answer_to_an_old_case_reaches_its_resident_and_leaves_the_new_one_alone(
    station: Town,
) -> None:
    """The target is the message that was replied to, whatever was opened since."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    first = await ana.says("Hello")
    old = await li.sees("Hello")
    await li.presses(await card_of(li), "close")
    await ana.sees("has closed your request")
    await ana.says("Something new")
    await card_of(li, "C-1002")
    await li.says("About the old one", reply_to_message_id=old["message_id"])
    assert (await ana.sees("About the old one"))["reply_to"] == first
    receipt = await ana.sees(lambda each: each["text"].endswith("Request C-1002"))
    assert "Answered" not in receipt["text"]
    assert "Closed." in (await card_of(li))["text"]


async def test_an_answer_and_close_right_after_it_stay_in_that_order(station: Town) -> None:
    """An answer that is still on its way does not open what was closed after it."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    copy, card = await li.sees("Hello"), await card_of(li)
    await station.control("faults", latency_ms=100)
    await li.says("All done", reply_to_message_id=copy["message_id"])
    await li.presses(card, "close")
    await ana.sees("has closed your request")
    await station.control("faults", latency_ms=0)
    await ana.sees("Answered.")
    await ana.says("Something new")
    await card_of(li, "C-1002")
    assert "Closed." in (await card_of(li))["text"]


async def test_forged_presses_and_presses_by_others_change_nothing(station: Town) -> None:
    """A forged client can send any data, for any case: rights are checked on every press."""
    ana, bob, li, chen = (
        await registered(station, 101, "Ana"), await registered(station, 102, "Bob", "market"),
        officer(station, "li"), officer(station, "chen"),
    )  # fmt: skip
    await ana.says("Hello")
    await bob.says("Hi")
    card, other = await card_of(li), await card_of(chen, "C-1002")
    for who, message in ((chen, other), (ana, (await ana.got())[0]), (bob, (await bob.got())[0])):
        for action in ("seen", "close", "reopen"):
            await who.forges(message["message_id"], f"cases:{action}:1001")
    for data in (
        "cases:close", "cases:close:", "cases:close:C-", "cases:close:9999", "cases:close:-1001",
        "cases:close:99999999999999999999", "cases:nothing:1001", "nothing:close:1001", ":",
    ):  # fmt: skip
        await li.forges(card["message_id"], data)
    await li.forges(card["message_id"], "cases:close:1002")
    await ana.says("still open?")
    assert (await li.sees("still open?"))["reply_to"] == card["message_id"]
    await bob.says("mine too?")
    assert (await chen.sees("mine too?"))["reply_to"] == other["message_id"]
    for person in (ana, bob):
        assert "Sent to the officer's phone" in (await person.sees("Request C-100"))["text"]
        assert not [each for each in await person.got() if "closed" in each["text"]]
    assert not [each for each in await li.got() if "Something went wrong" in each["text"]]


async def test_a_reply_to_a_message_of_somebody_elses_chat_goes_nowhere(station: Town) -> None:
    """The ids of messages are looked up in the chat they were written in: a reply that names a copy
    in another officer's chat asks to whom."""
    ana, bob, li, chen = (
        await registered(station, 101, "Ana"), await registered(station, 102, "Bob", "market"),
        officer(station, "li"), officer(station, "chen"),
    )  # fmt: skip
    await ana.says("Hello")
    await bob.says("Hi")
    copy = await li.sees("Hello")
    await chen.sees("Hi")
    own = {each["message_id"] for each in await chen.got()}
    foreign = next(each for each in range(copy["message_id"], 100_000) if each not in own)
    await replies_to_nothing_of_its_own(station, chen, copy, foreign)
    await chen.sees("To whom? 1 message")
    assert not [each for each in await ana.got() + await bob.got() if "for whom" in each["text"]]


async def replies_to_nothing_of_its_own(
    here: Town, staff: Person, copy: dict[str, Any], message_id: int
) -> None:
    """A client that somebody wrote replies to a message that is not in its chat."""
    chat = {"id": staff.chat_id, "type": "private", "first_name": staff.name}
    sender = {"id": staff.chat_id, "is_bot": False, "first_name": staff.name}
    replied = {"message_id": message_id, "date": 1, "chat": chat, "text": copy["text"]}
    message = {
        "message_id": 100_001, "date": 1, "chat": chat, "from": sender, "text": "for whom?",
        "reply_to_message": replied,
    }  # fmt: skip
    await here.control("raw", update={"message": message})


async def test_an_officers_own_message_and_the_bots_words_are_nobodys(station: Town) -> None:
    """A reply to the own answer, or to a word of the bot, names no resident: it asks."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    copy = await li.sees("Hello")
    own = await li.says("Good day", reply_to_message_id=copy["message_id"])
    await ana.sees("Good day")
    welcome = (await li.got())[0]
    await li.says("for whom 1", reply_to_message_id=own)
    await li.says("for whom 2", reply_to_message_id=welcome["message_id"])
    await li.sees("To whom? 2 messages")
    assert not [each for each in await ana.got() if "for whom" in each["text"]]


async def test_a_card_shows_the_present_name_and_nothing_it_could_break(station: Town) -> None:
    """Names are what people type: HTML is text, sixty-four emoji are one line, and a new name is
    shown from then on."""
    ana, li = await registered(station, 101, "<b>Ana</b> & \u202eBob"), officer(station, "li")
    await ana.says("Hello")
    card = await card_of(li)
    assert card["text"].splitlines()[1] == "<b>Ana</b> & Bob · English"
    ana.name = "🦉" * 64
    await ana.says("me again")
    await li.sees("me again")
    await li.presses(card, "seen")
    seen = await li.sees("The resident knows that you have read it.")
    assert seen["text"].splitlines()[1] == f"{'🦉' * 64} · English"
    await li.says("to nobody in particular")
    question = await li.sees("To whom?")
    assert question["buttons"][0][0]["text"] == f"C-1001 · {'🦉' * 19}… · me again"
