"""Bulletins: written on a phone, read by a second person, delivered to whom they concern, once."""

from __future__ import annotations

from tests.front_door import Town
from tests.publishing import approved, are_answered, button, told, written
from tests.stations import officer, registered


async def test_a_notice_reaches_everybody_once_after_a_second_person_said_yes(
    station: Town,
) -> None:
    """From the officer's phone to the residents', each in their language; whoever blocked the bot
    is counted, and the author's one message says how it went."""
    ana = await registered(station, 101, "Ana")
    lin = await registered(station, 102, "Lin", "hillside", "zh")
    bob = await registered(station, 103, "Bob")
    await bob.blocks()
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li)
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send")), "send")
    await li.sees("Delivered: 2 of 2")
    got = await ana.sees("bicycles")
    assert "<Lock> both wheels." in got["text"]
    assert "There is no English version yet." in got["text"]
    assert "警情公告" in (await lin.sees("bicycles"))["text"]
    for person in (ana, lin):
        assert len([each for each in await person.got() if "bicycles" in each["text"]]) == 1
    assert not [each for each in await bob.got() if "bicycles" in each["text"]]
    progress = await li.sees("Everybody has it.")
    assert "100 %" in progress["text"]


async def test_nothing_goes_out_that_only_its_author_has_read(station: Town) -> None:
    """A forged press sends nothing; a notice that is sent back is a draft again, and a change after
    the yes needs a new one."""
    ana = await registered(station, 101, "Ana")
    li, sun, wang = (officer(station, code) for code in ("li", "sun", "wang"))
    await written(li)
    draft = await li.sees(button("bulletins:submit"))
    forged = [f"bulletins:{action}:1" for action in ("send", "approve")]
    for forger in (li, wang, sun):
        for data in forged:
            await forger.forges(draft["message_id"], data)
    await station.until(lambda: are_answered(station, 7), "every forged press is answered")
    await li.presses(draft, "submit")
    await li.forges(draft["message_id"], "bulletins:approve:1")
    await sun.presses(await sun.sees(button("bulletins:reject")), "reject")
    await li.presses(await li.sees("sends your notice 1 back"), "change")
    await li.presses(await li.sees(button("bulletins:submit")), "submit")
    await sun.presses(await sun.sees(button("bulletins:approve")), "approve")
    ready = await li.sees("has approved your notice 1")
    await li.presses(ready, "change")
    await li.sees("Draft. Nobody else sees it.")
    await li.forges(ready["message_id"], "bulletins:send:1")
    await ana.says("Hello")
    await ana.sees("Kept.")
    assert not [each for each in await ana.got() if "bicycles" in each["text"]]


async def test_the_weekly_notice_is_a_form(station: Town) -> None:
    """Six lines, and there is a text in every language, the number to call alone on its line."""
    ana = await registered(station, 101, "Ana")
    li, sun = officer(station, "li"), officer(station, "sun")
    await li.says("/bulletin")
    await li.presses(await li.sees(button("kind:incident")), "kind:incident")
    await li.presses(await li.sees(button("template:1:week")), "template:1:week")
    prompt = await li.sees("one line for each")
    lines = (
        "3",
        "stolen bicycles",
        "market, evenings",
        "lock both wheels",
        "1",
        "+86 10 5555 0111",
    )
    await li.says("\n".join(lines), reply_to_message_id=prompt["message_id"])
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send")), "send")
    notice = await ana.sees("Reported this week: 3")
    assert "+86 10 5555 0111" in notice["text"].splitlines()
    assert "There is no English version" not in notice["text"]


async def test_a_notice_is_made_of_what_was_written_to_nobody(station: Town) -> None:
    """The question *to whom?* has everybody too: bold stays bold, the picture goes along, and only
    the newest question counts."""
    ana = await registered(station, 101, "Ana")
    li, sun = officer(station, "li"), officer(station, "sun")
    await ana.says("Hello")
    await li.sees("Hello")
    bold = [{"type": "bold", "offset": 0, "length": 4}]
    await li.says("Lock <your> doors", entities=bold)
    first = await li.sees("To whom? 1 message")
    await li.sends(photo=True, caption="like this")
    question = await li.sees("To whom? 2 messages")
    await li.forges(question["message_id"], "bulletins:from:1:999")
    await station.until(lambda: told(station, "This has moved on."), "an old question is none")
    assert first["message_id"] == question["message_id"]
    await li.presses(question, "bulletins:from")
    await li.presses(await li.sees(button("kind:tips")), "kind:tips")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send")), "send")
    notice = await ana.sees("Lock <your> doors\n\nlike this")
    assert any(each["type"] == "bold" and each["length"] == 4 for each in notice["entities"])
    assert [each for each in await ana.got() if each["kind"] == "photo"]


async def test_places_that_give_somebody_away_are_pointed_at_before_the_yes(
    station: Town,
) -> None:
    """The second person sees them too; nothing is decided by the check."""
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, text="Call 13812345678, the criminal lives in flat 12.")
    await li.presses(await li.sees(button("bulletins:submit")), "submit")
    places = await sun.sees("Please look at these places again:")
    for words in ("13812345678", "the criminal", "flat 12"):
        assert words in places["text"]


async def test_it_goes_only_to_whom_it_is_for(station: Town) -> None:
    """Areas and languages are ticked on the draft; an audience of nobody is said to be so."""
    ana = await registered(station, 101, "Ana", "riverside")
    eve = await registered(station, 102, "Eve", "hillside")
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:audience:1")), "audience")
    await li.presses(await li.sees(button("audience:1:area:market")), "area:market")
    await li.sees(button("✔ Market"))
    await li.presses(await li.sees(button("✔ Market")), "draft")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send")), "send")
    await station.until(lambda: told(station, "Nobody would get it"), "the author is told")
    await li.presses(await li.sees(button("bulletins:change")), "change")
    await li.presses(await li.sees(button("bulletins:audience:1")), "audience")
    await li.presses(await li.sees(button("✔ Market")), "area:riverside")
    await li.presses(await li.sees(button("✔ Riverside")), "draft")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send")), "send")
    await li.sees("Everybody has it.")
    await ana.sees("bicycles")
    assert not [each for each in await eve.got() if "bicycles" in each["text"]]


async def test_the_author_sees_how_many_people_an_audience_has(station: Town) -> None:
    """The number changes with every tick."""
    await registered(station, 101, "Ana", "riverside")
    await registered(station, 102, "Eve", "hillside")
    li = officer(station, "li")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:audience:1")), "audience")
    await li.presses(await li.sees("2 people"), "area:riverside")
    await li.presses(await li.sees("For: Riverside\n1 person"), "area:market")
    await li.presses(await li.sees(button("✔ Market")), "area:riverside")
    await li.sees("For: Market\n0 people")


async def test_a_text_that_is_too_long_is_asked_for_again(station: Town) -> None:
    """4096 characters leave no room for heading and number; 3500 with bold and emoji do."""
    ana = await registered(station, 101, "Ana")
    li, sun = officer(station, "li"), officer(station, "sun")
    await li.says("/bulletin")
    await li.presses(await li.sees(button("kind:tips")), "kind:tips")
    prompt = await li.sees("language: 中文")
    await li.says("x" * 4096, reply_to_message_id=prompt["message_id"])
    await li.sees("This text has 4096 characters; 3500 fit.")
    text = "<&>" * 1000 + "🚲" * 250
    bold = [{"type": "bold", "offset": 0, "length": 3000}]
    await li.says(text, entities=bold, reply_to_message_id=prompt["message_id"])
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send")), "send")
    notice = await ana.sees("🚲")
    assert text in notice["text"]


async def test_pictures_come_before_the_text(station: Town) -> None:
    """An album can carry no buttons: the text with them follows it."""
    ana = await registered(station, 101, "Ana")
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li)
    await li.presses(await li.sees(button("bulletins:pictures")), "pictures")
    prompt = await li.sees("up to 10 pictures")
    for count in (1, 2):
        await li.sends(photo=True, reply_to_message_id=prompt["message_id"])
        await li.sees(f"Pictures: {count}")
    await li.presses(await li.sees("Pictures: 2"), "draft")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send")), "send")
    text = await ana.sees("bicycles")
    album = [each for each in await ana.got() if each["kind"] == "photo"]
    assert len(album) == 2
    assert len({each["media_group_id"] for each in album}) == 1
    assert max(each["message_id"] for each in album) < text["message_id"]
