"""Edits: both versions are seen and kept, and nothing is changed behind anybody's back."""

from __future__ import annotations

from storage.cases.messages import MessagesDrawer
from storage.engines import open_database
from tests.front_door import Person, Town
from tests.stations import officer, registered


async def versions_on_file(here: Town, writer: Person, message_id: int) -> list[str]:
    """Every version of a message that is on file."""
    database = open_database(here.database_url)
    try:
        async with database.reading() as unit:
            kept = await MessagesDrawer(unit).between(writer.chat_id, message_id, message_id)
    finally:
        await database.close()
    return [each.content.get("text") or each.content.get("caption") or "" for each in kept]


async def test_an_edited_message_comes_as_a_new_copy_that_answers_the_old_one(
    station: Town,
) -> None:
    """It says edited, keeps its formatting, and every version is on file."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message = await ana.says("at 5")
    copy = await li.sees("at 5")
    bold = [{"type": "bold", "offset": 3, "length": 1}]
    await ana.edits(message, text="at 6", entities=bold)
    edited = await li.sees("edited\nat 6")
    assert edited["reply_to"] == copy["message_id"]
    assert edited["html"].endswith("at <b>6</b>")
    assert edited["protect_content"]
    await ana.edits(message, text="at 7")
    again = await li.sees("edited\nat 7")
    assert again["reply_to"] == edited["message_id"]
    assert (await li.sees("at 5"))["text"] == "at 5"
    assert await versions_on_file(station, ana, message) == ["at 5", "at 6", "at 7"]
    await li.says("At 7 then", reply_to_message_id=again["message_id"])
    await ana.sees("At 7 then")


async def test_an_edit_right_after_the_message_comes_after_it(station: Town) -> None:
    """While the first copy is still on its way nothing is lost and nothing is turned around."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message = await ana.says("at 5")
    await ana.edits(message, text="at 6")
    await ana.says("please")
    await li.sees("please")
    copies = await li.copies()
    assert copies[1]["text"] == "✎ edited\nat 6"
    assert copies[1]["reply_to"] == copies[0]["message_id"]
    assert [each["text"] for each in copies[2:]] == ["please"]
    assert await versions_on_file(station, ana, message) == ["at 5", "at 6"]


async def test_what_was_edited_while_nobody_could_be_reached_comes_in_its_newest_version(
    station: Town,
) -> None:
    """Whoever comes first reads each message once; the versions before are on file."""
    for code in ("li", "wang", "zhao"):
        await officer(station, code).blocks()
    ana = await registered(station, 101, "Ana")
    message = await ana.says("at 5")
    await ana.sees("can be reached here right now")
    await ana.edits(message, text="at 6")
    await ana.says("please")
    await ana.sees("means: it is kept")
    wang = officer(station, "wang")
    await wang.blocks(False)
    await wang.sees("please")
    assert [each["text"] for each in await wang.copies()] == ["at 6", "please"]
    assert await versions_on_file(station, ana, message) == ["at 5", "at 6"]


async def test_a_caption_is_changed_like_a_text_and_what_has_no_words_is_followed_by_the_word(
    station: Town,
) -> None:
    """A picture comes again with its new caption; a text that leaves no room is followed by the
    word, and a reply to the word is an answer too."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    picture = await ana.sends(photo=True, caption="the lamp")
    before = await li.sees("the lamp")
    await ana.edits(picture, caption="the broken lamp")
    after = await li.sees("✎ edited\nthe broken lamp")
    assert (after["kind"], after["reply_to"]) == ("photo", before["message_id"])
    assert after["file"]["file_id"] == before["file"]["file_id"]
    long = await ana.says("a" * 4096)
    await li.sees("a" * 4096)
    await ana.edits(long, text="b" * 4096)
    copy = await li.sees("b" * 4096)
    word = await li.sees(lambda each: each["text"] == "✎ edited")
    assert word["reply_to"] == copy["message_id"]
    assert word["silent"]
    await li.says("I see", reply_to_message_id=word["message_id"])
    await ana.sees("I see")


async def test_an_edit_of_what_was_no_message_is_a_message(station: Town) -> None:
    """Somebody types a command or a plain word and then what was meant: the officer gets it."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    mistyped = await ana.says("/me")
    await ana.sees("Your area")
    await ana.edits(mistyped, text="/hoours")
    await ana.edits(mistyped, text="Please call me")
    copy = await li.sees("Please call me")
    assert copy["text"] == "Please call me"
    assert [each["text"] for each in await li.copies()] == ["Please call me"]


async def test_an_edit_in_a_closed_case_reaches_whoever_was_responsible(station: Town) -> None:
    """Evidence does not stop with the case, and an edit opens no new one."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    message = await ana.says("at 5")
    await li.sees("at 5")
    await li.presses(await li.sees("C-1001"), "close")
    await ana.sees("has closed your request")
    await ana.edits(message, text="at 6")
    await li.sees("edited\nat 6")
    assert not [each for each in await li.got() if "C-1002" in each["text"]]


async def test_an_edit_that_the_former_officer_cannot_get_is_a_message_to_whoever_is_next(
    station: Town,
) -> None:
    """Closed, and the officer is gone: what is true now opens a new request."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    message = await ana.says("at 5")
    await li.sees("at 5")
    await li.presses(await li.sees("C-1001"), "close")
    await ana.sees("has closed your request")
    await li.blocks()
    await ana.edits(message, text="at 6")
    copy = await wang.sees("at 6")
    assert copy["reply_to"] == (await wang.sees("C-1002"))["message_id"]


async def test_an_edit_that_never_came_is_handed_over_although_something_was_answered(
    station: Town,
) -> None:
    """The officer answers the old version and is lost before the new one comes."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    message = await ana.says("at 5")
    copy = await li.sees("at 5")
    await ana.sees("Sent to the officer's phone")
    await station.control("faults", p5xx=1, methods=["sendMessage"], chats=[li.chat_id])
    await ana.edits(message, text="at 6")
    await li.says("Good", reply_to_message_id=copy["message_id"])
    await ana.sees("Answered.")
    await li.blocks()
    await station.control("faults", p5xx=0, methods=None, chats=None)
    await wang.sees("at 6")


async def test_an_officers_edit_reaches_the_resident_as_a_new_copy(station: Town) -> None:
    """The resident sees both versions; of what somebody else answers by now nothing changes."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("Hello")
    hello = await li.sees("Hello")
    answer = await li.says("I come at 5", reply_to_message_id=hello["message_id"])
    first = await ana.sees("I come at 5")
    await li.edits(answer, text="I come at 6")
    edited = await ana.sees("✎ edited\nI come at 6")
    assert edited["reply_to"] == first["message_id"]
    assert await versions_on_file(station, li, answer) == ["I come at 5", "I come at 6"]
    await li.says("/away")
    await li.sees("You are away")
    await ana.says("Are you coming?")
    await officer(station, "wang").sees("Are you coming?")
    await li.edits(answer, text="I come at 7")
    told = await li.sees("is with Wang now")
    assert told["reply_to"] == answer
    assert not [each for each in await ana.got() if "at 7" in each["text"]]


async def test_a_live_place_is_copied_now_and_then(station: Town) -> None:
    """A moving place does not fill the officer's chat: one copy in half a minute, the newest."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    place = {"latitude": 30.1, "longitude": 100.1, "live_period": 3600}
    message = await ana.sends(location=place)
    await li.sees(lambda each: each["kind"] == "location")
    for step in range(1, 6):
        await ana.edits(message, location={"latitude": 30 + step})
    await ana.says("I am on my way")
    await li.sees("I am on my way")
    assert len([each for each in await li.got() if each["kind"] == "location"]) == 1
    await station.control("clock", shift_seconds=31)
    newest = await li.sees(lambda each: each["kind"] == "location", count=2)
    assert newest["content"]["location"]["latitude"] == 35
    await li.says("I see you", reply_to_message_id=newest["message_id"])
    await ana.sees("I see you")
    assert len([each for each in await li.got() if each["kind"] == "location"]) == 2
