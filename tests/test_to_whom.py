"""To whom?: an officer's message that replies to nothing goes nowhere by itself."""

from __future__ import annotations

from typing import Any

from handlers.cases.to_whom import WAITING_MESSAGES
from tests.front_door import Person, Town
from tests.questions import question_in, rows_of, wrote
from tests.stations import officer


async def test_what_waits_shares_one_question_in_order_also_an_album(station: Town) -> None:
    """An album and two texts to nobody in particular: one question that counts, one choice, the
    items in order."""
    ana, li = await wrote(station, 101, "Ana"), officer(station, "li")
    await li.says("See these")
    for _ in range(4):
        await li.sends(photo=True, media_group_id="four")
    await li.says("all of them")
    await li.sends(location={"latitude": 30, "longitude": 100})
    question = await question_in(li, 7)
    assert len([each for each in await li.got() if each["text"].startswith("To whom?")]) == 1
    await li.presses(question, "pick")
    await li.sees("Goes to Ana")
    await station.control("clock", shift_seconds=11)
    await ana.sees(lambda each: each["kind"] == "location")
    kinds = [each["kind"] for each in await ana.got()][-7:]
    assert kinds == ["text", "photo", "photo", "photo", "photo", "text", "location"]


async def test_a_message_much_later_moves_the_question_down(station: Town) -> None:
    """The question is where the officer looks; there is never more than one."""
    _ana, li = await wrote(station, 101, "Ana"), officer(station, "li")
    await li.says("one")
    first = await question_in(li, 1)
    await station.control("clock", shift_seconds=3600)
    await li.says("two")
    second = await question_in(li, 2)
    assert second["message_id"] > first["message_id"]
    await li.forges(second["message_id"], first["buttons"][0][0]["callback_data"])
    await li.presses(second, "drop")
    await li.sees("Sent to nobody.")
    assert not [each for each in await li.got() if each["buttons"] and "To whom" in each["text"]]


async def test_six_are_offered_and_the_rest_is_found_by_number_name_or_words(
    station: Town,
) -> None:
    """One per row, the latest written to first; only a reply to the search question is a search."""
    names = ("Ana", "Bob", "Cem", "Dilnur", "Eva", "Farid", "Gul", "Hoa")
    people = [
        await wrote(station, 101 + place, name, f"{name} writes about {name.lower()}ish things")
        for place, name in enumerate(names)
    ]
    li = officer(station, "li")
    await li.says("I come at five")
    question = await question_in(li, 1)
    assert [row.split(" · ")[1] for row in rows_of(question)] == list(reversed(names[2:]))
    for wanted, fits in (("c-1002", "Bob"), ("ana", "Ana"), ("BOBish", "Bob")):
        found = await searched(li, question, wanted)
        assert [row.split(" · ")[1] for row in rows_of(found)] == [fits]
        prompt = await prompt_after(li, found)
        await li.says("no reply, so no search")
        await li.presses(await question_in(li, 2), "drop")
        await li.says("I come at five")
        question = await question_in(li, 1)
        assert prompt["message_id"] not in {each["message_id"] for each in await li.got()}
    none = await searched(li, question, "Zoe")
    assert none["text"] == "No open request fits. To whom?"
    assert len(rows_of(none)) == 6
    await li.presses(none, "pick")
    await li.sees("Goes to Hoa")
    await station.control("clock", shift_seconds=11)
    await people[-1].sees("I come at five")


async def prompt_after(staff: Person, question: dict[str, Any]) -> dict[str, Any]:
    """Press *search*; the prompt that comes."""
    await staff.presses(question, "search")
    return await staff.sees(
        lambda each: (
            each["text"].startswith("Reply to this message with")
            and each["message_id"] > question["message_id"]
        )
    )


async def searched(staff: Person, question: dict[str, Any], wanted: str) -> dict[str, Any]:
    """The question that shows what a search has found."""
    prompt = await prompt_after(staff, question)
    await staff.says(wanted, reply_to_message_id=prompt["message_id"])
    return await staff.sees(
        lambda each: each["buttons"] and each["message_id"] > prompt["message_id"]
    )


async def test_an_edit_of_what_waits_changes_what_goes(station: Town) -> None:
    """Before the choice and in the ten seconds: the resident gets the newest version, once; what
    was taken back does not come as an edit."""
    ana, li = await wrote(station, 101, "Ana"), officer(station, "li")
    message = await li.says("at 5")
    await question_in(li, 1)
    await li.edits(message, text="at 6")
    await li.presses(await question_in(li, 1), "pick")
    going = await li.sees("Goes to Ana")
    await li.edits(message, text="at 7")
    await li.presses(going, "undo")
    await li.presses(await li.sees("Taken back. To whom?"), "pick")
    await li.sees("Goes to Ana")
    await station.control("clock", shift_seconds=11)
    await ana.sees("at 7")
    await li.sees("Sent to Ana")
    brought = [each["text"] for each in await ana.got() if "at " in each["text"]][-1:]
    assert brought == ["at 7"]
    assert not [each for each in await ana.got() if "edited" in each["text"]]


async def test_buttons_that_are_old_forged_or_somebody_elses_change_nothing(
    station: Town,
) -> None:
    """Rights and state are looked at on every press."""
    ana, li, wang = (
        await wrote(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await li.says("for Ana only")
    question = await question_in(li, 1)
    _, _, dialogue, version, _ = question["buttons"][0][0]["callback_data"].split(":")
    for data in (
        f"cases:pick:{dialogue}:{version}",
        f"cases:pick:{dialogue}:{version}:9999",
        f"cases:pick:{dialogue}:99:1001",
        "cases:pick", "cases:search", "cases:drop:1:2:3", "cases:undo", "cases:undo:1:x",
        "cases:undo:0:99999999999999999",
    ):  # fmt: skip
        await li.forges(question["message_id"], data)
    await wang.forges(question["message_id"], f"cases:pick:{dialogue}:{version}:1001")
    await wang.forges(question["message_id"], "cases:undo:0:99999999999999999")
    await ana.forges(question["message_id"], f"cases:pick:{dialogue}:{version}:1001")
    await li.presses(await question_in(li, 1), ":1001")
    await li.sees("Goes to Ana")
    await wang.forges(question["message_id"], "cases:undo:0:99999999999999999")
    await wang.says("/me")
    await wang.sees("badge")
    await station.control("clock", shift_seconds=11)
    await ana.sees("for Ana only")
    assert [each["text"] for each in await ana.got()].count("for Ana only") == 1


async def test_who_has_no_open_request_is_told_that_it_goes_to_nobody(station: Town) -> None:
    """No question without an answer; and what Telegram never copies is not asked about."""
    chen = officer(station, "chen")
    await chen.says("Hello?")
    await chen.sees("goes to nobody")
    await chen.sends(invoice=True)
    await chen.sees("Telegram does not pass on messages of this kind")
    assert not [each for each in await chen.got() if "To whom?" in each["text"]]


async def test_a_case_that_was_closed_meanwhile_is_not_chosen_any_more(station: Town) -> None:
    """The question is asked again, without it; the message goes on waiting."""
    ana, bob = await wrote(station, 101, "Ana"), await wrote(station, 102, "Bob", "Hi there")
    li = officer(station, "li")
    await li.says("I come at five")
    question = await question_in(li, 1)
    await li.presses(await li.sees("C-1002 · Riverside"), "close")
    await bob.sees("has closed your request")
    await li.presses(question, ":1002")
    again = await li.sees(
        lambda each: each["text"].startswith("To whom?") and len(rows_of(each)) == 1
    )
    assert rows_of(again) == ["C-1001 · Ana · Hello"]
    await li.presses(again, "pick")
    await li.sees("Goes to Ana")
    await station.control("clock", shift_seconds=11)
    await ana.sees("I come at five")
    assert not [each for each in await bob.got() if "five" in each["text"]]


async def test_more_than_a_thumb_can_mean_is_refused_in_words(station: Town) -> None:
    """Fifty messages wait for a choice; the next is not swallowed but said not to be kept."""
    ana, li = await wrote(station, 101, "Ana"), officer(station, "li")
    for number in range(WAITING_MESSAGES + 1):
        await li.says(f"part {number}")
    await li.sees("This one is not kept")
    await li.presses(await question_in(li, WAITING_MESSAGES), "pick")
    await li.sees("Goes to Ana")
    await station.control("clock", shift_seconds=11)
    await ana.sees(f"part {WAITING_MESSAGES - 1}")
    await li.sees("Sent to Ana")
    parts = [each["text"] for each in await ana.got() if each["text"].startswith("part ")]
    assert parts == [f"part {number}" for number in range(WAITING_MESSAGES)]
