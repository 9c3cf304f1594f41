"""Reading: a notice is noted as read, asked about by a reply, and found again in the archive."""

from __future__ import annotations

from tests.front_door import Town
from tests.publishing import button, published, told
from tests.stations import officer, registered


async def test_who_has_read_it_is_counted_once(station: Town) -> None:
    """*I have read this* twice is one reader; the author sees the count in the same message."""
    ana = await registered(station, 101, "Ana")
    await published(station)
    notice = await ana.sees("bicycles")
    await ana.presses(notice, "bulletins:read")
    await station.until(lambda: told(station, "Thank you."), "Ana is thanked")
    await ana.presses(notice, "bulletins:read")
    await station.until(lambda: told(station, "Noted already."), "the second is none")
    li = officer(station, "li")
    await li.presses(await li.sees("Everybody has it."), "report")
    report = await li.sees("Read: 1")
    assert report["message_id"] == (await li.sees("Everybody has it."))["message_id"]


async def test_a_reply_to_a_notice_is_a_question_that_names_it(station: Town) -> None:
    """The officer reads which notice it is about, and answers like any other message."""
    ana = await registered(station, 101, "Ana")
    await published(station)
    notice = await ana.sees("bicycles")
    await ana.says("Where exactly?", reply_to_message_id=notice["message_id"])
    li = officer(station, "li")
    copy = await li.sees("Where exactly?")
    assert copy["text"] == "📢 About notice 1\nWhere exactly?"
    await li.says("At the north gate", reply_to_message_id=copy["message_id"])
    await ana.sees("At the north gate")
    await li.presses(await li.sees("Everybody has it."), "report")
    await li.sees("asked: 1")


async def test_a_reply_to_what_came_out_of_the_archive_names_the_notice(station: Town) -> None:
    """It is asked about like the notice itself, also by somebody who came after it."""
    await registered(station, 101, "Ana")
    await published(station)
    bob = await registered(station, 102, "Bob")
    await bob.says("/bulletins")
    await bob.presses(await bob.sees(button("bulletins:open:1")), "open:1")
    shown = await bob.sees(button("bulletins:read:1"))
    await bob.says("And where?", reply_to_message_id=shown["message_id"])
    copy = await officer(station, "li").sees("And where?")
    assert copy["text"] == "📢 About notice 1\nAnd where?"


async def test_a_question_from_before_any_area_still_names_its_notice(station: Town) -> None:
    """Somebody who has no area yet gets notices too; the reply waits for its officer."""
    eve = station.person(102, "Eve")
    await eve.says("/start")
    await eve.sees("In which area")
    await published(station)
    notice = await eve.sees("bicycles")
    await eve.says("Is it safe?", reply_to_message_id=notice["message_id"])
    await eve.sees("Your message is kept.")
    await eve.says("/start a-riverside")
    assert (await officer(station, "li").sees("Is it safe?"))["text"].startswith(
        "📢 About notice 1"
    )


async def test_the_archive_opens_what_went_out_in_the_readers_language(station: Town) -> None:
    """Newest first, eight at a time; a draft is not in it."""
    lin = await registered(station, 102, "Lin", "hillside", "zh")
    await lin.says("/bulletins")
    await lin.sees("还没有通报。")
    await published(station)
    await officer(station, "li").says("/bulletin")
    await officer(station, "li").sees("What do you want to publish?")
    await lin.says("/bulletins")
    shown = await lin.sees(button("bulletins:open:1"))
    assert [row[0]["text"].split(" · ")[:2] for row in shown["buttons"]] == [["1", "警情公告"]]
    await lin.presses(shown, "open:1")
    assert "警情公告" in (await lin.sees("bicycles", count=2))["text"]
    await lin.forges(shown["message_id"], "bulletins:open:2")
    await station.until(lambda: told(station, "请使用最新"), "a draft is not opened")
