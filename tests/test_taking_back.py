"""Taking back: what an officer sent without a reply can be stopped for ten seconds."""

from __future__ import annotations

from pathlib import Path

from tests.front_door import Town, town
from tests.questions import question_in, rows_of, wrote
from tests.stations import five_areas, officer, on_duty, on_file


async def test_nothing_goes_anywhere_until_the_officer_chooses_and_it_can_be_taken_back(
    station: Town,
) -> None:
    """A choice, ten seconds, the answer once; what was taken back never arrives."""
    ana, bob = await wrote(station, 101, "Ana"), await wrote(station, 102, "Bob", "Hi there")
    li = officer(station, "li")
    await li.says("I come at five")
    question = await question_in(li, 1)
    assert rows_of(question) == ["C-1002 · Bob · Hi there", "C-1001 · Ana · Hello"]
    await li.presses(question, ":1002")
    going = await li.sees("Goes to Bob (C-1002) in 10 seconds.")
    assert going["message_id"] == question["message_id"]
    await li.presses(going, "undo")
    await li.presses(await li.sees("Taken back. To whom?"), ":1001")
    await li.sees("Goes to Ana (C-1001)")
    await station.control("clock", shift_seconds=11)
    await ana.sees("I come at five")
    done = await li.sees("Sent to Ana (C-1001).")
    assert done["message_id"] == question["message_id"]
    assert not done["buttons"]
    await ana.sees("Answered.")
    assert [each["text"] for each in await ana.got()].count("I come at five") == 1
    assert not [each for each in await bob.got() if "five" in each["text"]]


async def test_after_ten_seconds_it_says_that_it_was_sent(station: Town) -> None:
    """The button of a message that is gone says so and takes nothing back."""
    ana, li = await wrote(station, 101, "Ana"), officer(station, "li")
    await li.says("I come at five")
    await li.presses(await question_in(li, 1), "pick")
    going = await li.sees("Goes to Ana")
    undo = going["buttons"][0][0]["callback_data"]
    await station.control("clock", shift_seconds=11)
    await ana.sees("I come at five")
    await li.sees("Sent to Ana")
    await li.forges(going["message_id"], undo)
    await li.sees("It was sent already.")


async def test_other_messages_meanwhile_do_not_take_the_way_back(station: Town) -> None:
    """A second question is asked while the first answer can still be taken back; both wait then for
    one choice, in the order they were written."""
    ana, li = await wrote(station, 101, "Ana"), officer(station, "li")
    await li.says("first")
    await li.presses(await question_in(li, 1), "pick")
    going = await li.sees("Goes to Ana")
    await li.says("second")
    question = await question_in(li, 1)
    await li.presses(going, "undo")
    both = await li.sees("Taken back. To whom?")
    await li.presses(both, "pick")
    await li.sees("Goes to Ana")
    await station.control("clock", shift_seconds=11)
    await ana.sees("second")
    answers = [each["text"] for each in await ana.got() if each["text"] in ("first", "second")]
    assert answers == ["first", "second"]
    assert question["message_id"] not in {each["message_id"] for each in await li.got()}


async def test_the_question_and_the_way_back_survive_a_restart(
    sqlite_url: str, tmp_path: Path
) -> None:
    """What is asked, kept and still to be sent is on file."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        li = officer(here, "li")
        async with here.bot():
            ana = await wrote(here, 101, "Ana")
            await li.says("I come at five")
            question = await question_in(li, 1)
        async with here.bot():
            await li.presses(question, "pick")
            going = await li.sees("Goes to Ana")
        async with here.bot():
            await li.presses(going, "undo")
            await li.presses(await li.sees("Taken back. To whom?"), "pick")
            await li.sees("Goes to Ana")
        await here.control("clock", shift_seconds=11)
        async with here.bot():
            await ana.sees("I come at five")
            await li.sees("Sent to Ana")


async def test_what_could_not_be_delivered_is_not_called_sent(station: Town) -> None:
    """The resident blocked the bot meanwhile: the question says so, its old button too."""
    ana, li = await wrote(station, 101, "Ana"), officer(station, "li")
    await li.says("I come at five")
    await li.presses(await question_in(li, 1), "pick")
    going = await li.sees("Goes to Ana")
    await ana.blocks()
    await station.control("clock", shift_seconds=11)
    await li.sees("cannot be reached here any more")
    await li.sees("It could not be delivered.")
    await li.forges(going["message_id"], going["buttons"][0][0]["callback_data"])
    await li.says("/me")
    await li.sees("badge")
    assert not [each for each in await li.got() if "sent already" in each["text"]]
    assert not [each for each in await li.got() if "Sent to Ana" in each["text"]]
