"""Receipts: the writer knows what became of a message, in one place, and is never flattered."""

from __future__ import annotations

from typing import Any

from tests.front_door import Person, Town
from tests.stations import officer, registered

STAGES = {
    "Kept.": "kept",
    "Sent to the officer's phone.": "sent",
    "Seen by the officer.": "seen",
    "Answered.": "answered",
}


async def receipt_of(person: Person, stage: str) -> dict[str, Any]:
    """The receipt once it says ``stage``."""
    words = next(words for words, named in STAGES.items() if named == stage)
    return await person.sees(words)


def versions_of(receipt: dict[str, Any]) -> list[str]:
    """The stages that a receipt has said, in order."""
    texts = [*(each["text"] for each in receipt["edits"]), receipt["text"]]
    return [STAGES[text.split("\n")[0].partition(" It ")[0].partition(" Not ")[0]]
            for text in texts]  # fmt: skip


async def test_one_receipt_says_kept_sent_seen_answered_and_whom_to_call(station: Town) -> None:
    """One message edited in place: officer with badge, the emergency number alone on its line, the
    number of the request in small print."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    await receipt_of(ana, "sent")
    hello = await li.sees("Hello")
    await li.presses(await li.sees("C-1001"), "seen")
    await receipt_of(ana, "seen")
    await li.says("Good day", reply_to_message_id=hello["message_id"])
    receipt = await receipt_of(ana, "answered")
    assert versions_of(receipt) == ["kept", "sent", "seen", "answered"]
    assert "Officer Li, badge 0900001." in receipt["text"]
    assert "110" in receipt["text"].splitlines()
    small = receipt["text"].splitlines()[-1]
    assert small == "Request C-1001"
    assert f"<i>{small}</i>" in receipt["html"]
    assert len([each for each in await ana.got() if "C-1001" in each["text"]]) == 1


async def test_a_receipt_never_says_more_than_is_true(station: Town) -> None:
    """While Telegram takes nothing for the officer it says kept, whatever else happens; while it
    takes nothing for the resident the answer is no answer yet."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await station.control("faults", p5xx=1, chats=[li.chat_id])
    await ana.says("Hello")
    await receipt_of(ana, "kept")
    await ana.says("Anybody there?")
    await ana.sees("means: it is kept")
    await station.control("faults", p5xx=0, chats=None)
    receipt = await receipt_of(ana, "sent")
    hello = await li.sees("Hello")
    assert versions_of(receipt) == ["kept", "sent"]
    await station.control("faults", p5xx=1, methods=["copyMessage"], chats=[ana.chat_id])
    await li.says("Good day", reply_to_message_id=hello["message_id"])
    await li.says("/me")
    await li.sees("open request")
    assert "Answered" not in (await receipt_of(ana, "sent"))["text"]
    assert "Answered" not in (await li.sees("C-1001"))["text"]
    await station.control("faults", p5xx=0, methods=None, chats=None)
    await receipt_of(ana, "answered")
    await li.sees("Answered.")
    texts = [each["text"] for each in await ana.got()]
    assert texts.count("Good day") == 1


async def test_seen_before_sent_is_known_stays_seen(station: Town) -> None:
    """The stages only go forward, however the officer's tap and Telegram's answers meet."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await station.control("faults", p5xx=1, methods=["copyMessage"], chats=[li.chat_id])
    await ana.says("Hello")
    card = await li.sees("C-1001")
    await li.presses(card, "seen")
    await receipt_of(ana, "seen")
    await station.control("faults", p5xx=0, methods=None, chats=None)
    await li.sees("Hello")
    await ana.says("/me")
    await ana.sees("is with Li")
    assert versions_of(await receipt_of(ana, "seen")) == ["kept", "seen"]


async def test_later_messages_get_a_silent_mark_on_the_newest_of_a_burst(station: Town) -> None:
    """No message for each message: one ✍ by the bot, on the newest, explained once, without a
    sound."""
    ana = await registered(station, 101, "Ana")
    first = await ana.says("one")
    burst = [await ana.says(text) for text in ("two", "three", "four")]

    async def is_marked() -> bool:
        return await marked(ana) == [burst[-1]]

    await station.control("clock", shift_seconds=2)
    await station.until(is_marked, "the newest is marked")
    later = await ana.says("five")
    await station.control("clock", shift_seconds=2)

    async def is_marked_too() -> bool:
        return await marked(ana) == [burst[-1], later]

    await station.until(is_marked_too, "the later one is marked")
    assert first not in await marked(ana)
    explained = [each for each in await ana.got() if "means: it is kept" in each["text"]]
    assert [each["silent"] for each in explained] == [True]
    assert len(await ana.got()) == 3  # introduction, receipt, what the mark means


async def marked(person: Person) -> list[int]:
    """The messages that the bot put its mark on."""
    return [
        each["message_id"]
        for each in await person.chat()
        if [reaction["emoji"] for reaction in each["reactions"]] == ["✍"]
    ]


async def test_a_receipt_speaks_the_writers_language(station: Town) -> None:
    """The whole receipt, right to left, with the number alone on its line."""
    ana = await registered(station, 101, "Ana", language="ar")
    await ana.says("مرحبا")
    receipt = await ana.sees("أُرسلت إلى هاتف الشرطي")
    assert "110" in receipt["text"].splitlines()
    assert "C-1001" in receipt["text"].splitlines()[-1]
