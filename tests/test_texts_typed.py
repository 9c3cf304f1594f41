"""Texts as people and machines write them: every character arrives, and none breaks anything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.delivery.inbox import arrival_of
from storage.engines import open_database
from storage.inbox import InboxDrawer
from tests.front_door import TOKEN, Person, Town, town
from tests.stations import five_areas, officer, on_duty, on_file, registered

HOTLINE = "+86 10 5555 0110"
BOLD = [{"type": "bold", "offset": 3 * place, "length": 2} for place in range(100)]
TEXTS: dict[str, dict[str, Any]] = {
    "as long as can be": {"text": "滨" * 4096},
    "as long as can be in UTF-16": {"text": "🦉" * 2048},
    "with a hundred entities": {"text": ("ab " * 100).strip(), "entities": BOLD},
    "like HTML": {"text": "<b>bold <i>x</b> & &lt; <a href='x'>y</a> <script>"},
    "like Markdown": {"text": "*bold _x [y](z) ``` `code \\_ ~s~ ||spoiler"},
    "like holes": {"text": "{name} {0} %s %(x)s {{}} ${y}"},
    "right to left": {"text": "شكرا 110 جدا \u200f(abc)\u200f"},
    "turned around": {"text": "\u202eabc\u2066def"},
    "of many scripts": {"text": "👩‍👩‍👧‍👦 Zürich नमस्ते 𝔘𝔫𝔦 한국어 ไทย \u0301"},
    "like a button's data": {"text": "cases:close:1001"},
    "of blank lines": {"text": "one\n\n\n\ntwo\ttabs"},
}


@pytest.mark.parametrize("what", TEXTS)
async def test_every_text_arrives_as_it_was_written(station: Town, what: str) -> None:
    """Both ways, letter for letter, with its formatting; also edited, and sent again from the
    file when Telegram does not copy it."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    written = TEXTS[what]
    await ana.sends(**written)
    copy = await li.sees(lambda each: each["text"] == written["text"])
    await li.sends(**written, reply_to_message_id=copy["message_id"])
    answer = await ana.sees(lambda each: each["text"] == written["text"])
    refused = {"method": "copyMessage", "chat_id": li.chat_id, "error_code": 400, "times": 2}
    await station.control("faults", next=[refused])
    message = await ana.sends(**written)
    again = await li.sees(lambda each: each["text"] == written["text"], count=2)
    for each in (copy, answer, again):
        assert [one for one in each["entities"] if one["type"] == "bold"] == written.get(
            "entities", []
        )
    await ana.edits(message, **{**written, "text": written["text"][:-1] + "!"})
    await li.sees(lambda each: each["text"].endswith(written["text"][:-1] + "!"))


async def test_characters_that_nothing_can_store_are_replaced_and_the_rest_arrives(
    station: Town,
) -> None:
    """Half a character and NUL, in a text and in a name: nothing breaks, the officer gets it."""
    ana, li = await registered(station, 101, "A\ud800na\x00"), officer(station, "li")
    await raw_message(station, ana, 5001, text="half \ud83d of it and \x00", first_name="A\ud800na")
    await raw_message(station, ana, 5002, text="only \x00")
    await ana.says("whole")
    await li.sees("whole")
    assert not [each for each in await ana.got() if "Something went wrong" in each["text"]]
    assert "C-1001" in (await li.got())[1]["text"]


async def raw_message(here: Town, person: Person, message_id: int, **fields: Any) -> None:
    """An update that no proper client would cause."""
    name = fields.pop("first_name", person.name)
    sender = {"id": person.chat_id, "is_bot": False, "first_name": name, "language_code": "en"}
    chat = {"id": person.chat_id, "type": "private", "first_name": name}
    message = {"message_id": message_id, "date": 1_790_000_000, "chat": chat, "from": sender}
    await here.control("raw", update={"message": {**message, **fields}})


async def test_an_update_that_does_not_parse_is_kept_and_everybody_is_told(station: Town) -> None:
    """The writer gets a reference and the number to call, administrators how to look at it; what
    was written before and after goes on. Also when it is the first that somebody sends."""
    ana, li, admin = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "admin"),
    )  # fmt: skip
    await ana.says("before")
    await raw_message(station, ana, 5001, text="odd", entities=[{"type": "bold"}])
    await ana.says("after")
    await li.sees("after")
    assert [each["text"] for each in await li.copies()] == ["before", "after"]
    told = await ana.sees("Something went wrong with your last message")
    assert told["text"].splitlines()[-1] == HOTLINE
    reference = told["text"].partition("reference ")[2].partition(".")[0]
    await admin.sees(f"beatline letters show {reference}")
    bob = station.person(102, "Bob")
    await station.control("person", user_id=bob.chat_id, first_name="Bob")
    await bob.says("/start")
    await bob.sees("In which area")
    await raw_message(station, bob, 5002, text="odd", photo="none")
    await bob.sees("Something went wrong with your last message")


async def test_kinds_of_updates_that_nobody_knows_disturb_nothing(station: Town) -> None:
    """Telegram's next version: an update, a field, a message of a kind we have never heard of."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    chat = {"id": ana.chat_id, "type": "private", "first_name": "Ana"}
    sender = {"id": ana.chat_id, "is_bot": False, "first_name": "Ana"}
    for update in (
        {"telepathy": {"from": sender, "chat": chat, "thought": "…"}},
        {"telepathy": "a string"},
        {"purchased_paid_media": {"from": sender, "paid_media_payload": "x"}},
        {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0}},
        {},
    ):
        await station.control("raw", update=update)
    await ana.says("hello", extra={"aura": {"colour": "blue"}})
    await raw_message(station, ana, 5001, hologram={"file_id": "x"})
    await ana.says("still here")
    await li.sees("still here")
    assert [each["text"] for each in await li.copies()] == [
        "hello", "A message that Telegram does not pass on: hologram", "still here",
    ]  # fmt: skip
    assert not [each for each in await ana.got() if "Something went wrong" in each["text"]]


async def updates_of(here: Town) -> list[dict[str, Any]]:
    """What Telegram has for a bot that does not run, taking nothing away."""
    async with here.session.post(f"{here.telegram.url}/bot{TOKEN}/getUpdates") as response:
        return list((await response.json())["result"])


async def bury(here: Town, update: dict[str, Any]) -> None:
    """An earlier program could not handle this update."""
    database = open_database(here.database_url)
    try:
        async with database.unit() as unit:
            drawer = InboxDrawer(unit)
            (letter,) = await drawer.keep([arrival_of(update)], here.clock.now())
            drawer.bury(letter.sequence, "KeyError at handlers/x.py:3", here.clock.now())
    finally:
        await database.close()


async def replay_all(here: Town) -> None:
    """`beatline letters replay --all`."""
    process = await here.command("letters", "replay", "--all")
    assert await process.wait() == 0


def written(message: dict[str, Any]) -> str:
    """The time of a message on the clock of `five_areas`."""
    return f"{datetime.fromtimestamp(message['date'], ZoneInfo('Asia/Shanghai')):%H:%M}"


async def test_a_replayed_letter_arrives_and_says_when_it_was_written(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Replayed while the bot runs: to the officer and to the resident, text and sticker, in order,
    each with the time it was written; the day too when it is another."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        async with here.bot():
            ana, li = await registered(here, 101, "Ana"), officer(here, "li")
            await ana.says("hello")
            hello = await li.sees("hello")
        await ana.says("late <b>text")
        await ana.sends(sticker=True)
        await li.says("late answer", reply_to_message_id=hello["message_id"])
        for update in await updates_of(here):
            await bury(here, update)
        async with here.bot():
            await ana.says("new")
            await li.sees("new")
            await replay_all(here)
            answer = await ana.sees("late answer")
            word = await li.sees(lambda each: each["text"].startswith("⏳"), count=2)
            chat = await li.chat()
        text, sticker = [each for each in await ana.chat() if not each["from_bot"]][-3:-1]
        own_answer = next(each for each in chat if each["text"] == "late answer")
        assert answer["text"] == f"⏳ delayed, written {written(own_answer)}\nlate answer"
        assert [each["text"] for each in chat if each["from_bot"]][-3:] == [
            f"⏳ delayed, written {written(text)}\nlate <b>text", "",
            f"⏳ delayed, written {written(sticker)}",
        ]  # fmt: skip
        assert word["reply_to"] == chat[-2]["message_id"]
        await ana.says("a day later")
        (update,) = await updates_of(here)
        await bury(here, update)
        await here.control("clock", shift_seconds=86_400)
        async with here.bot():
            await li.says("/me")
            await li.sees("Responsible for")  # whoever is seen here is there at any hour
            await replay_all(here)
            late = await li.sees("a day later")
        day = datetime.fromtimestamp(update["message"]["date"], ZoneInfo("Asia/Shanghai"))
        assert f"{day:%a}, {day:%b} {day.day} {day:%H:%M}" in late["text"]
