"""An urgent call at night and what is written meanwhile: one request, one taker, no two stories."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.front_door import Town
from tests.stations import (
    at_work,
    everybody_came,
    five_areas,
    officer,
    registered,
)
from tests.test_call_outs import (
    MONDAY,
    NIGHT,
    calls_out,
    hears,
    later,
    offers,
    presses,
)
from tests.test_rooms import at


@pytest.fixture
async def night(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station as the roster has it by default, closed; desk and supervisor have said to hear."""
    async with at_work(sqlite_url, five_areas(tmp_path, is_quiet=True)) as here:
        await everybody_came(here)
        await at(here, f"{MONDAY} 08:30")
        await hears(here, "zhao", "sun")
        await at(here, NIGHT)
        yield here


async def test_who_takes_the_request_has_taken_the_call(night: Town) -> None:
    """*I take it* stands under the alarm and under the call: either ends the asking."""
    ana, zhao = await registered(night, 101, "Ana"), officer(night, "zhao")
    await calls_out(ana)
    await ana.says("a man with a knife is at my door")
    await zhao.presses(await zhao.sees(offers("cases:take")), "cases:take")
    await ana.sees("Taken by the duty desk (Zhao), 02:13.")
    await zhao.sees(offers("call_outs:settled"))
    await later(night, 91)
    await ana.says("he is gone")
    await zhao.sees("he is gone")
    assert not [each for each in await officer(night, "sun").got() if "Who takes" in each["text"]]


async def test_what_another_has_taken_stays_with_the_taker(night: Town) -> None:
    """The desk that presses *I take it* under the alarm after somebody else took the call, or
    answers there, does not get between."""
    ana, zhao, sun = (
        await registered(night, 101, "Ana"),
        officer(night, "zhao"),
        officer(night, "sun"),
    )
    await calls_out(ana)
    await ana.says("a man with a knife is at my door")
    alarm = await zhao.sees(offers("cases:take"))
    await later(night, 91)
    await presses(sun, await sun.sees("Who takes it?"), "call_outs:take")
    await sun.sees("C-1001")
    assert "Sun is responsible now." in await presses(zhao, alarm, "cases:take")
    shown = await zhao.sees("a man with a knife")
    await zhao.says("where?", reply_to_message_id=shown["message_id"])
    await zhao.sees("C-1001 is with Sun now. Your answer was not sent.")
    await ana.says("he is gone")
    await sun.sees("he is gone")


async def test_what_is_written_meanwhile_is_said_to_wait_for_no_opening(night: Town) -> None:
    """Whoever waits for help at night reads that it reaches those who are asked, and nothing of
    an office that opens in the morning; the desk has the words below the call, with one button."""
    ana, zhao = await registered(night, 101, "Ana"), officer(night, "zhao")
    await calls_out(ana)
    page = await zhao.sees("Who takes it?")
    await ana.says("the alarm of the shop does not stop")
    assert (await zhao.sees("the alarm of the shop"))["reply_to"] == page["message_id"]
    told = await ana.sees("Whoever is asked in your urgent call gets it now.")
    assert not [each for each in await ana.got() if "not read yet" in each["text"].lower()]
    assert not [each for each in await zhao.got() if "opening hours" in each["text"]]
    await ana.presses(await ana.sees(offers("call_outs:withdraw")), "call_outs:withdraw")
    waits = await ana.sees("Not read yet: it waits until the community police office opens.")
    assert waits["message_id"] == told["message_id"]
    await ana.says("tomorrow is soon enough")
    await ana.sees("It opens 09:00.")
    await zhao.sees("tomorrow is soon enough")


async def test_who_answers_and_does_not_take_it_is_reminded_once(night: Town) -> None:
    """Words alone end no asking: whoever wrote them finds the button again below them."""
    ana, zhao, sun = (
        await registered(night, 101, "Ana"), officer(night, "zhao"), officer(night, "sun"),
    )  # fmt: skip
    await calls_out(ana)
    await ana.says("the alarm of the shop does not stop")
    shown = await zhao.sees("the alarm of the shop")
    await zhao.says("which shop?", reply_to_message_id=shown["message_id"])
    await ana.sees("which shop?")
    again = await zhao.sees("The call stays open until somebody takes it.")
    assert "Who takes it?" in again["text"]
    await zhao.says("and where?", reply_to_message_id=shown["message_id"])
    await ana.sees("and where?")
    await later(night, 91)
    await sun.sees("Who takes it?")
    await presses(zhao, again, "call_outs:take")
    await ana.sees("Taken by the duty desk (Zhao)")
    assert len([each for each in await zhao.got() if "Urgent call" in each["text"]]) == 2
