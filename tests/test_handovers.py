"""Handovers: somebody is always responsible, one person at a time, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handlers.cases.copies import HANDED_OVER
from tests.front_door import Person, Town, town
from tests.stations import OFFICERS, five_areas, officer, on_duty, on_file, registered


async def copied_to(staff: Person) -> list[str]:
    """The words of what this officer has of residents, in order."""
    return [each["text"] for each in await staff.copies()]


async def holders(here: Town, number: str) -> list[str]:
    """Who has a card of this case with buttons on it."""
    return [
        code
        for code in OFFICERS
        for each in await officer(here, code).got()
        if number in each["text"] and each["buttons"]
    ]


async def card_of(staff: Person) -> dict[str, Any]:
    """The newest card in this officer's chat."""
    return await staff.sees(lambda each: "C-1001" in each["text"] and bool(each["buttons"]))


@pytest.mark.parametrize("why", ["blocked", "deactivated", "never started"])
async def test_when_the_officer_cannot_be_reached_the_next_gets_everything_unanswered(
    sqlite_url: str, tmp_path: Path, why: str
) -> None:
    """The deputy gets the card and what was written since the last answer, in order; nobody else
    gets anything; the receipt says who it is now."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        li, wang = officer(here, "li"), officer(here, "wang")
        await (on_duty(here) if why != "never started" else wang.says("/start"))
        async with here.bot():
            ana = await registered(here, 101, "Ana")
            answered = []
            if why != "never started":
                await ana.says("answered")
                copy = await li.sees("answered")
                await li.says("Good day", reply_to_message_id=copy["message_id"])
                await ana.sees("Answered.")
                await here.control("block", user_id=li.chat_id, **{why: True})
                answered = ["answered"]
            for text in ("one", "two", "three"):
                await ana.says(text)
            await wang.sees("three")
            assert await copied_to(wang) == ["one", "two", "three"]
            assert await copied_to(li) == answered
            assert not await officer(here, "zhao").copies()
            receipt = await ana.sees("Sent to the officer's phone")
            assert "Officer Wang, badge 0900002, stands in for your officer." in receipt["text"]
            copy = await wang.sees("two")
            await wang.says("I am Wang", reply_to_message_id=copy["message_id"])
            await ana.sees("I am Wang")


async def test_one_after_the_other_is_tried_and_the_resident_is_told_once_when_nobody_is_left(
    station: Town,
) -> None:
    """Officer, deputy, duty desk: one recipient at a time. Then the request is held, and goes to
    the first who can be reached again, whole and in order."""
    ana = await registered(station, 101, "Ana")
    li, wang, zhao = (officer(station, code) for code in ("li", "wang", "zhao"))
    await ana.says("one")
    await li.sees("one")
    written = ["one"]
    for staff, next_, text in ((li, wang, "two"), (wang, zhao, "three")):
        await station.control("block", user_id=staff.chat_id, deactivated=True)
        await ana.says(text)
        written.append(text)
        await next_.sees(text)
        assert await copied_to(next_) == written
    await station.control("block", user_id=zhao.chat_id, deactivated=True)
    for text in ("four", "five"):
        await ana.says(text)
    told = await ana.sees("Your request is kept.")
    assert "+86 10 5555 0110" in told["text"].splitlines()
    receipt = await ana.sees("Kept.")
    assert "Nobody at the station can be reached" in receipt["text"]
    await station.control("block", user_id=wang.chat_id, deactivated=False)
    await wang.says("/back")
    await wang.sees("five")
    assert (await copied_to(wang))[-5:] == ["one", "two", "three", "four", "five"]
    assert "Wang" in (await ana.sees("Sent to the officer's phone"))["text"]
    assert len([each for each in await ana.got() if "Your request is kept." in each["text"]]) == 1
    assert await copied_to(zhao) == ["one", "two", "three"]


async def test_who_blocks_the_bot_with_something_unanswered_is_not_responsible_any_more(
    station: Town,
) -> None:
    """The request goes on at once, not with the resident's next message; what is answered stays."""
    ana, bob, li, wang = (
        await registered(station, 101, "Ana"), await registered(station, 102, "Bob"),
        officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await bob.says("from Bob")
    copy = await li.sees("from Bob")
    await li.says("Good day", reply_to_message_id=copy["message_id"])
    await bob.sees("Answered.")
    await ana.says("from Ana")
    await ana.sees("Sent to the officer's phone")
    await li.blocks()
    await wang.sees("from Ana")
    assert await copied_to(wang) == ["from Ana"]


async def test_a_request_taken_over_belongs_to_one_person_only(station: Town) -> None:
    """The former owner's card says who has it and has no buttons; replies and presses are refused
    with the name of whoever is responsible, and go nowhere."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await ana.says("one")
    old = await li.sees("one")
    card = await card_of(li)
    await li.says("/away")
    await li.sees("You are away")
    await ana.says("two")
    await wang.sees("two")
    released = await li.sees("Wang is responsible now.")
    assert released["message_id"] == card["message_id"]
    assert await holders(station, "C-1001") == ["wang"]
    refused = await li.says("too late", reply_to_message_id=old["message_id"])
    told = await li.sees("C-1001 is with Wang now. Your answer was not sent.")
    assert told["reply_to"] == refused
    for data in ("cases:seen:1001", "cases:close:1001", "cases:reopen:1001"):
        await li.forges(card["message_id"], data)
    answer = await wang.sees("one")
    await wang.says("I take over", reply_to_message_id=answer["message_id"])
    await ana.sees("I take over")
    await ana.sees("Answered.")
    assert not [each for each in await ana.got() if "too late" in each["text"]]
    assert not [each for each in await ana.got() if "closed" in each["text"]]


async def test_a_lost_card_is_made_anew(station: Town) -> None:
    """Telegram refuses the card itself: the copies come without it, and a new card with them."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await station.control(
        "faults", next=[{"method": "sendMessage", "chat_id": li.chat_id, "error_code": 400}]
    )
    await ana.says("Hello")
    copy = await li.sees("Hello")
    card = await card_of(li)
    assert copy["reply_to"] is None
    await li.presses(card, "seen")
    await ana.sees("Seen by the officer.")
    await li.says("Good day", reply_to_message_id=card["message_id"])
    await ana.sees("Good day")
    assert await holders(station, "C-1001") == ["li"]


@pytest.mark.parametrize("phone", [None, "+861055550199"])
async def test_a_resident_who_cannot_be_reached_is_reported_with_the_phone_if_it_was_shared(
    station: Town, phone: str | None
) -> None:
    """The officer learns that the answer did not arrive and whom to call; a foreign contact card is
    no own number; the notice causes no further notice, and nobody else learns anything."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.sends(contact={"phone_number": "+861055550111", "first_name": "Bo"})
    if phone is not None:
        own = {"phone_number": phone, "first_name": "Ana", "user_id": ana.chat_id}
        await ana.sends(contact=own)
    await ana.says("Call me")
    copy = await li.sees("Call me")
    await ana.blocks()
    answer = await li.says("Hello?", reply_to_message_id=copy["message_id"])
    told = await li.sees("cannot be reached here any more")
    assert told["reply_to"] == answer
    assert ("+861055550199" in told["text"].splitlines()) is (phone is not None)
    assert "+861055550111" not in told["text"]
    await li.says("/me")
    await li.sees("badge")
    notices = [each for each in await li.got() if "cannot be reached" in each["text"]]
    assert len(notices) == 1
    assert "Answered" not in (await card_of(li))["text"]
    for code in OFFICERS.keys() - {"li"}:
        assert len(await officer(station, code).got()) == 1  # how it works, at the start


async def test_a_resident_who_comes_back_goes_on_where_it_stopped(station: Town) -> None:
    """Unblocking and writing is enough: same case, same officer, and answers arrive again."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("one")
    copy = await li.sees("one")
    await ana.blocks()
    await li.says("Hello?", reply_to_message_id=copy["message_id"])
    await li.sees("cannot be reached here any more")
    await ana.blocks(False)
    await ana.says("I am back")
    back = await li.sees("I am back")
    await li.says("Welcome", reply_to_message_id=back["message_id"])
    await ana.sees("Welcome")
    await ana.sees("Answered.")
    assert len([each for each in await li.got() if "C-100" in each["text"]]) == 2  # card, notice


async def test_an_edit_while_the_owner_is_away_reaches_whoever_stands_in(station: Town) -> None:
    """What is changed is handed over like what is written: once, in its newest version."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    message = await ana.says("at 5")
    await li.sees("at 5")
    await li.says("/away")
    await li.sees("You are away")
    await ana.edits(message, text="at 6")
    await wang.sees("at 6")
    await ana.says("please")
    await wang.sees("please")
    assert await copied_to(wang) == ["at 6", "please"]
    assert await copied_to(li) == ["at 5"]


async def test_everything_held_finds_somebody_however_much_it_is(station: Town) -> None:
    """Many requests wait; whoever comes gets all that are theirs, and the rest goes on waiting for
    the duty desk."""
    for code in ("li", "wang", "chen", "zhao"):
        await officer(station, code).blocks()
    people = [
        await registered(
            station, 101 + number, f"R{number}", "market" if number < 6 else "hillside"
        )
        for number in range(12)
    ]
    for person in people:
        await person.says(f"from {person.name}")
    for person in people:
        await person.sees("can be reached here right now")
    for code, first in (("wang", 6), ("zhao", 0)):
        staff = officer(station, code)
        await staff.blocks(False)
        wanted = {f"from R{number}" for number in range(first, first + 6)}
        await staff.sees(lambda each, wanted=wanted: each["text"] in wanted, count=6)
        assert set(await copied_to(staff)) == wanted


async def test_more_than_can_be_handed_over_at_once_is_said(station: Town) -> None:
    """A thousand unanswered messages are copied; of those before, the new owner is told."""
    for code in ("li", "wang", "zhao"):
        await officer(station, code).blocks()
    ana, wang = await registered(station, 101, "Ana"), officer(station, "wang")
    texts = [f"message {number}" for number in range(HANDED_OVER + 2)]
    for text in texts:
        await ana.says(text)
    await ana.says("/me")
    await station.until(lambda: last_is(ana, "waits for an officer"), "all is kept")
    await wang.blocks(False)
    await station.until(lambda: last_is(wang, texts[-1]), "the last is copied")
    await wang.sees("2 earlier messages are on file")
    assert await copied_to(wang) == texts[2:]


async def last_is(person: Person, text: str) -> bool:
    """Whether the newest message in a long chat holds this."""
    newest = await person.town.get("chat", chat_id=person.chat_id, limit=1)
    return text in newest["messages"][0]["text"]
