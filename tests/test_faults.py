"""Faults of Telegram: whatever it answers, or does not, nothing is lost and the bot lives on.

The log says what is wrong, and that it is over.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage.engines import open_database
from storage.inbox import InboxDrawer
from tests.front_door import Person, Town, town
from tests.stations import five_areas, officer, on_duty, on_file, registered

#: Residents of one officer and of another one, and what each writes.
RESIDENTS, MESSAGES = 8, 12


@pytest.fixture
async def quiet(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    """A station with its roster; the bot does not run yet."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        yield here


@pytest.fixture
async def station(quiet: Town) -> AsyncIterator[Town]:
    """The same with a running bot."""
    async with quiet.bot():
        yield quiet


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the bot says of itself."""
    caplog.set_level(logging.INFO, logger="beatline")
    return caplog


def said(log: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    """The lines of this event."""
    return [vars(record) for record in log.records if record.getMessage() == event]


async def until_said(here: Town, log: pytest.LogCaptureFixture, event: str) -> dict[str, Any]:
    """Wait for a line of the log."""

    async def is_said() -> bool:
        return bool(said(log, event))

    await here.until(is_said, f"the log says {event}")
    return said(log, event)[0]


async def neighbours(here: Town) -> list[Person]:
    """Residents of two areas, each with an officer of its own, whose cases are open."""
    areas = ("riverside", "hillside")
    people = [
        await registered(here, 101 + number, f"R{number}", areas[number % 2])
        for number in range(RESIDENTS)
    ]
    for person in people:
        await person.says(f"{person.name} opens")
        await person.sees("Sent to the officer's phone")
    return people


async def all_arrive_in_order(here: Town, people: list[Person]) -> Counter[str]:
    """Everybody's messages are with the right officer, in order; how often each came."""
    counted: Counter[str] = Counter()
    for number, person in enumerate(people):
        staff = officer(here, "li" if number % 2 == 0 else "wang")
        wanted = [f"{person.name}:{place}" for place in range(MESSAGES)]
        for text in wanted:
            await staff.sees(text)
        came = [each["text"] for each in await staff.got() if each["text"] in wanted]
        counted.update(came)
        assert list(dict.fromkeys(came)) == wanted
        other = officer(here, "wang" if number % 2 == 0 else "li")
        assert not [each for each in await other.got() if each["text"] in wanted]
    return counted


async def all_write(people: list[Person]) -> None:
    """Everybody at once, one message after the other."""

    async def writes(person: Person) -> None:
        for place in range(MESSAGES):
            await person.says(f"{person.name}:{place}")

    await asyncio.gather(*(writes(person) for person in people))


@pytest.mark.parametrize(
    "faults",
    [{"p429": 0.05}, {"p5xx": 0.1}, {"cut_before": 0.1}, {"outage_seconds": 3}],
    ids=["429", "502", "cut before", "outage"],
)
async def test_what_telegram_refuses_for_now_arrives_once_and_in_order(
    station: Town, faults: dict[str, Any]
) -> None:
    """Too many requests, server errors, connections cut before anything happened, no Telegram at
    all for a while: everything comes, once, in order, to the right officer."""
    people = await neighbours(station)
    await station.control("faults", **faults)
    await all_write(people)
    counted = await all_arrive_in_order(station, people)
    assert counted.total() == RESIDENTS * MESSAGES


async def test_a_connection_cut_after_the_effect_is_the_only_cause_of_a_duplicate(
    station: Town,
) -> None:
    """Nobody can know whether a call whose answer was lost was done: it is repeated. Nothing else
    comes twice, nothing is lost or out of order."""
    people = await neighbours(station)
    await station.control("faults", cut=0.05, methods=["copyMessage"])
    await all_write(people)
    counted = await all_arrive_in_order(station, people)
    copies = await station.calls("copyMessage")
    cut = sum(call["status"] == -1 for call in copies)
    assert counted.total() <= RESIDENTS * MESSAGES + cut


async def test_an_outage_is_said_and_its_end_too(
    station: Town, log: pytest.LogCaptureFixture
) -> None:
    """Whoever reads the log knows that Telegram was away, and since when it is back."""
    ana = await registered(station, 101, "Ana")
    await station.control("faults", outage_seconds=1.5)
    failed = await until_said(station, log, "polling_failed")
    assert failed["cause"].startswith(("ConnectionFailedError", "OutcomeUnknownError"))
    await until_said(station, log, "polling_recovered")
    await ana.says("still there?")
    await officer(station, "li").sees("still there?")


@pytest.mark.parametrize("status", [401, 500])
async def test_a_start_without_an_identity_stores_what_comes_and_handles_it_later(
    quiet: Town, log: pytest.LogCaptureFixture, status: int
) -> None:
    """The first getMe fails: updates are stored, the process lives and says what is wrong; as soon
    as Telegram says who we are, they are handled."""
    await quiet.control("faults", get_me=status)
    ana = quiet.person(101, "Ana")
    async with quiet.bot():
        await ana.says("/start a-riverside")
        line = await until_said(quiet, log, "identity_unknown")
        assert str(status) in line["cause"]
        assert ("token" in line["cause"]) == (status == 401)

        async def is_stored() -> bool:
            return int((await quiet.get("state"))["waiting_updates"]) == 0

        await quiet.until(is_stored, "Telegram is told that the update is stored")
        assert await ana.got() == []
        await quiet.control("faults", get_me=None)
        await ana.sees("Your officer")


async def test_a_later_start_needs_no_answer_to_who_we_are(quiet: Town) -> None:
    """The first getMe is on file: with Telegram refusing it, everything is handled all the same."""
    async with quiet.bot():
        ana = await registered(quiet, 101, "Ana")
    await quiet.control("faults", get_me=500)
    async with quiet.bot():
        await ana.says("Hello again")
        await officer(quiet, "li").sees("Hello again")


async def test_a_refused_token_stops_all_sending_until_telegram_knows_us_again(
    station: Town, log: pytest.LogCaptureFixture
) -> None:
    """401 is about us, not about a message: nothing is given up, nobody is hammered."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await station.control(
        "faults",
        get_me=401,
        next=[{"method": "sendMessage", "error_code": 401, "times": 1}],
    )
    await ana.says("Hello")
    await until_said(station, log, "nothing_goes")
    refused = len([each for each in await station.calls("sendMessage") if each["status"] == 401])
    assert refused == 1
    await station.control("faults", get_me=None)
    await until_said(station, log, "sending_again")
    await li.sees("Hello")


async def test_a_method_that_telegram_does_not_know_is_given_up_alone(station: Town) -> None:
    """404 may be about the method: then it is that call that can never be made, not all others."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("first")
    await li.sees("first")
    await station.control(
        "faults", next=[{"method": "setMessageReaction", "error_code": 404, "times": 9}]
    )
    await ana.says("second")
    await li.sees("second")

    async def is_given_up() -> bool:
        return len(await station.calls("setMessageReaction")) == 2

    await station.until(is_given_up, "the mark is tried twice")
    await ana.says("third")
    await li.sees("third")


async def test_another_poller_is_named_and_waited_for(
    station: Town, log: pytest.LogCaptureFixture
) -> None:
    """A second program with our token makes our poll end with 409: said, with what to do."""
    ana = await registered(station, 101, "Ana")
    url = f"{station.telegram.url}/bot{station.telegram.token}/getUpdates"
    async with station.session.post(url, json={"timeout": 0}) as answer:
        assert answer.status == 200
    line = await until_said(station, log, "polling_failed")
    assert "409" in line["cause"]
    assert "another program" in line["hint"]
    await ana.says("Hello")
    await officer(station, "li").sees("Hello")


@pytest.mark.parametrize("body", ['{"update_id": 500999999, "message": ', "no JSON at all"])
async def test_an_update_that_is_no_json_is_put_aside_and_the_next_one_comes(
    station: Town, log: pytest.LogCaptureFixture, body: str
) -> None:
    """One spoiled update spoils the whole answer: it is kept as the bytes it is, as a dead letter,
    and what people wrote after it arrives."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("before")
    await li.sees("before")
    if "update_id" in body:
        await station.control("raw", next_update_id=500999999)
    await station.control("raw", text=body)
    await ana.says("after")
    await li.sees("after")
    await until_said(station, log, "dead_letter")
    database = open_database(station.database_url)
    try:
        async with database.reading() as unit:
            [letter] = await InboxDrawer(unit).dead_letters()
    finally:
        await database.close()
    assert body.encode() in letter.payload
