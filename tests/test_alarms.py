"""Alarms: a cry for help is loud at the duty desk too, and whoever answers first has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.front_door import Person, Town
from tests.stations import everybody_came, officer, registered
from tests.test_rooms import at


async def alarms_of(staff: Person) -> list[dict[str, Any]]:
    return [each for each in await staff.got() if "writes of a danger" in each["text"]]


def offers(data: str) -> Callable[[dict[str, Any]], bool]:
    """A message with a button that says this."""
    return lambda each: data in str(each["buttons"])


async def test_a_cry_is_loud_at_the_duty_desk_and_stays_the_officers_request(
    station: Town,
) -> None:
    """The desk gets an alarm that makes a sound and the words below it; the officer has the request
    as before; a second cry in the same talk is shown without a second alarm."""
    ana = await registered(station, 101, "Ana")
    li, zhao = officer(station, "li"), officer(station, "zhao")
    await ana.says("Help me, somebody breaks in!")
    shown = await zhao.sees("somebody breaks in")
    (alarm,) = await alarms_of(zhao)
    assert shown["reply_to"] == alarm["message_id"]
    assert not alarm["silent"]
    assert "C-1001" in alarm["text"]
    assert "Riverside" in alarm["text"]
    assert "Li has this request" in alarm["text"]
    await li.sees("somebody breaks in")
    await ana.says("he has a knife")
    await zhao.sees("he has a knife")
    assert len(await alarms_of(zhao)) == 1
    copy = await li.sees("he has a knife")
    await li.says("I am coming", reply_to_message_id=copy["message_id"])
    await ana.sees("I am coming")


async def test_numbers_and_alarm_come_again_ten_minutes_after_they_came_last(
    station: Town,
) -> None:
    """Whatever the clock on the wall shows: two minutes later nothing is repeated, ten minutes
    later everything is."""
    ana = await registered(station, 101, "Ana")
    li, zhao = officer(station, "li"), officer(station, "zhao")

    async def cries(text: str) -> tuple[int, int]:
        """How often numbers and alarm have come, once this cry was heard and answered."""
        await ana.says(text)
        await zhao.sees(text)
        copy = await li.sees(text)
        await li.says(f"To {text!r}: yes", reply_to_message_id=copy["message_id"])
        await ana.sees(f"To {text!r}: yes")
        numbers = [each for each in await ana.got() if "Nobody is coming unless" in each["text"]]
        return len(numbers), len(await alarms_of(zhao))

    await everybody_came(station)
    await at(station, "2026-12-07 10:09")
    assert await cries("Help me, somebody breaks in!") == (1, 1)
    await at(station, "2026-12-07 10:11")
    assert await cries("help, he has a knife") == (1, 1)
    await at(station, "2026-12-07 10:20")
    assert await cries("help, he is hitting me") == (2, 2)


async def test_the_desk_takes_a_cry_by_answering_first(station: Town) -> None:
    """Whoever answers first has the request; the officer's card says who that is, and the desk's
    second answer goes the same way."""
    ana = await registered(station, 101, "Ana")
    li, zhao = officer(station, "li"), officer(station, "zhao")
    await ana.says("there is a fire in the stairs")
    shown = await zhao.sees("fire in the stairs")
    await zhao.says("Leave by the window", reply_to_message_id=shown["message_id"])
    await ana.sees("Leave by the window")
    await li.sees("Zhao is responsible now.")
    answered = await ana.sees("Answered.")
    assert "Duty desk: Zhao" in answered["text"]


async def test_the_desk_takes_a_cry_by_a_button_until_somebody_has_answered(station: Town) -> None:
    """Before the officer's answer the button takes the request, after it the desk is told that
    nothing waits."""
    ana, bob = await registered(station, 101, "Ana"), await registered(station, 102, "Bob")
    li, zhao = officer(station, "li"), officer(station, "zhao")
    await ana.says("help, he is hitting me")
    await zhao.presses(await zhao.sees("C-1001"), "cases:take")
    await li.sees("Zhao is responsible now.")
    await bob.says("help, there is smoke, fire!")
    copy = await li.sees("there is smoke")
    alarm = await zhao.sees("C-1002")
    await li.says("On my way", reply_to_message_id=copy["message_id"])
    await bob.sees("Answered.")
    await zhao.presses(alarm, "cases:take")

    async def told() -> bool:
        answers = await station.calls("answerCallbackQuery")
        return "nothing waits" in str(answers[-1]["params"].get("text"))

    await station.until(told, "the desk is told that nothing waits")
    assert "Officer Li" in (await bob.sees("Answered."))["text"]


@pytest.mark.parametrize("language", ["en", "zh", "ar"])
async def test_a_cry_before_an_area_is_chosen_is_at_the_desk_at_once(
    station: Town, language: str
) -> None:
    """Nobody waits five minutes in danger: numbers in the own language, and the desk has it, with
    the alarm that every cry has, which can be answered."""
    words = {"en": ("help me", "110"), "zh": ("救命", "110"), "ar": ("النجدة", "110")}[language]
    eve, zhao = station.person(102, "Eve", language), officer(station, "zhao")
    await eve.says(words[0])
    numbers = await eve.sees(lambda each: "12110" in each["text"])
    assert words[1] in numbers["text"].splitlines()
    await zhao.sees(words[0])
    alarm = await zhao.sees("Somebody writes of a danger.")
    assert not alarm["silent"]
    card = await zhao.sees("The duty desk has this request.")
    assert alarm["reply_to"] == card["message_id"]
    await eve.says(words[0])
    await zhao.sees(words[0], count=2)
    await zhao.says("Lock the door", reply_to_message_id=alarm["message_id"])
    await eve.sees("Lock the door")
    alarms = [each for each in await zhao.got() if "of a danger" in each["text"]]
    assert len(alarms) == 1


async def test_a_cry_in_a_dialogue_in_a_voices_caption_or_after_a_change_is_heard(
    station: Town,
) -> None:
    """A question never swallows a cry; a caption and a changed message count like any words."""
    zhao = officer(station, "zhao")
    ana = await registered(station, 101, "Ana")
    await ana.says("/me")
    await ana.presses(await ana.sees(offers("registration:move")), "registration:move")
    question = await ana.sees(offers("registration:search"))
    await ana.presses(question, "registration:search")
    prompt = await ana.sees("Reply to this message")
    await ana.says("help me please, he has a gun", reply_to_message_id=prompt["message_id"])
    await zhao.sees("he has a gun")
    await ana.sees("Nobody is coming unless you call.")
    bob = await registered(station, 102, "Bob")
    await bob.sends(voice=True, caption="please help me, he has a knife")
    await bob.sees("Nobody is coming unless you call.")
    eve = await registered(station, 103, "Eve")
    message = await eve.says("hello")
    await officer(station, "li").sees("hello")
    await eve.edits(message, text="hello, help me, somebody is in my flat")
    await eve.sees("Nobody is coming unless you call.")
    await zhao.sees("somebody is in my flat")


async def test_a_burst_of_cries_is_one_alarm_and_every_word(station: Town) -> None:
    """Numbers once and one alarm, whatever is typed in a minute; not a word is lost."""
    ana = await registered(station, 101, "Ana")
    zhao = officer(station, "zhao")
    for number in range(10):
        await ana.says(f"help me {number}")
    await zhao.sees("help me 9")
    copies = [each["text"] for each in await zhao.copies()]
    assert [text for text in copies if text.startswith("help me")] == [
        f"help me {number}" for number in range(10)
    ]
    assert len(await alarms_of(zhao)) == 1
    shown = [each for each in await ana.got() if "unless you call" in each["text"]]
    assert len(shown) == 1
