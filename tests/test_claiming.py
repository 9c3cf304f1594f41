"""Claiming: whoever was booked for without Telegram has the appointment in the own chat later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.domain.appointments.codes import MOST_ATTEMPTS_A_DAY, code_of
from tests.bookings import SERVICES, Message, data_of
from tests.front_door import Person, Town, town
from tests.stations import five_areas, officer, on_duty, on_file, registered
from tests.test_booking_for_others import becomes, books, code_in, names, to_times
from tests.test_displaced import nobody_chooses
from tests.test_rooms import at

HAVE = "✔ Booked."
UNKNOWN = "There is no appointment for this code"
NO_CODE = "This is not the code"
TOO_MANY = "Too many wrong codes."
ASKED = "Which code were you given?"
TOLD = "has used the code that Wang Fang was given."


@asynccontextmanager
async def on_monday(database_url: str, folder: Path) -> AsyncIterator[Town]:
    """A station on Monday, 14 December, at eight in the morning, whose bot does not run yet."""
    roster = five_areas(folder)
    roster.write_text(roster.read_text(encoding="utf-8") + SERVICES, encoding="utf-8")
    async with town(database_url) as here:
        await on_file(database_url, roster, here.clock)
        await at(here, "2026-12-14 08:00")
        await on_duty(here)
        yield here


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """The station on one engine after the other."""
    async with on_monday(database_url, tmp_path) as here:
        yield here


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """The station with a running bot, on SQLite alone."""
    async with on_monday(sqlite_url, tmp_path) as here, here.bot():
        yield here


def wrong(code: str) -> str:
    """A code that is well formed and nobody's."""
    number = int(code.replace("-", "")[:7])
    return code_of((number + 1) % 10**7)


async def claims(person: Person, typed: str, then: str = HAVE) -> Message:
    """What answers ``/claim`` with this."""
    sent = await person.says(f"/claim {typed}")
    return await person.sees(lambda each: each["message_id"] > sent and then in each["text"])


async def times_told(person: Person, part: str = TOLD) -> int:
    """How often somebody was told."""
    return len([each for each in await person.got() if part in (each["text"] or "")])


async def test_whoever_was_booked_for_has_it_by_the_code_like_an_own_one(station: Town) -> None:
    """All there is to know, once; the officer reads who used it, without a sound, and reaches them
    there; /book lists it."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    code = code_in(await books(li))
    mine = await claims(ana, code)
    for part in ("Residence registration", "Dec 15 09:00", "With Li.", "East Police Room",
                 "Passport"):  # fmt: skip
        assert mine["text"].count(part) == 1
    told = await li.sees(f"Ana {TOLD}")
    assert told["silent"]
    assert "\n138 0000 0000" in told["text"]
    await ana.says("/book")
    listed = await ana.sees("With Li.", count=2)
    assert data_of(listed, ":cancel:")


@pytest.mark.parametrize(
    "written",
    [
        lambda code: code.replace("-", ""),
        lambda code: f"  {code[:4]} {code[5:]} ",
        lambda code: code.translate({ord("0") + each: 0x0660 + each for each in range(10)}),
        lambda code: code.translate({ord("0") + each: 0xFF10 + each for each in range(10)}),
        lambda code: "\u2068" + code.replace("-", "－") + "\u2069",
    ],
    ids=["no dash", "blanks", "Arabic", "full width", "copied"],
)
async def test_a_code_is_known_however_it_is_written(station: Town, written: object) -> None:
    """Without the dash, with blanks, in Arabic or full-width digits, in what a phone copies."""
    assert callable(written)
    ana = await registered(station, 101, "Ana")
    await claims(ana, written(code_in(await books(officer(station, "li")))))


async def test_without_a_code_it_is_asked_for_and_there_is_a_way_out(station: Town) -> None:
    """Out: what comes then goes to the officer. Asked again: what is no code gets its word, words
    for the officer go there all the same, and the eight digits need no reply."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    code = code_in(await books(li))
    await ana.says("/claim")
    asked = await ana.sees(ASKED)
    await ana.presses(asked, ":no_code")
    await becomes(ana, asked, "Not now")
    await ana.says(wrong(code))
    await li.sees(wrong(code))
    await ana.says("/claim")
    await ana.sees(ASKED)
    await ana.says("Is the door on the left?")
    await li.sees("Is the door on the left?")
    await ana.says("12345678")
    await ana.sees(NO_CODE)
    await ana.says(code)
    await ana.sees(HAVE)
    assert not [each for each in await li.copies() if each["text"] in ("12345678", code)]


async def test_a_reply_to_the_question_is_the_answer(station: Town) -> None:
    """What is no code at all gets a word, and its reply is the next try; a reply to somebody else
    is for them."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    code = code_in(await books(li))
    await ana.says("Hello")
    copy = await li.sees("Hello")
    await li.says("Which flat?", reply_to_message_id=copy["message_id"])
    question = await ana.sees("Which flat?")
    await ana.says("/claim")
    asked = await ana.sees(ASKED)
    await ana.says("12 345 678", reply_to_message_id=question["message_id"])
    await li.sees("12 345 678")
    await ana.says("I lost it", reply_to_message_id=asked["message_id"])
    asked = await ana.sees(NO_CODE)
    await ana.says(code, reply_to_message_id=asked["message_id"])
    await ana.sees(HAVE)


async def test_a_cry_for_help_is_no_code(station: Town) -> None:
    """Written as the answer to the question: the numbers come, and the officer reads it."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("/claim")
    asked = await ana.sees(ASKED)
    await ana.says("help me", reply_to_message_id=asked["message_id"])
    await ana.sees("Nobody is coming unless you call.")
    await li.sees("help me")
    assert not [each for each in await ana.got() if NO_CODE in each["text"]]


async def test_the_link_brings_somebody_new_to_the_appointment(station: Town) -> None:
    """The officer reads it with the code, and again in the agenda until it is used. Somebody who
    never wrote before has the appointment at once, is told who answers here, and is then asked for
    the area; /book shows the appointment before that, too."""
    li, eve = officer(station, "li"), station.person(102, "Eve")
    booked = await books(li)
    link = booked["text"].split("?start=")[1].split()[0]
    assert link == f"b-{code_in(booked)}"
    await eve.says(f"/start {link}")
    mine = await eve.sees(HAVE)
    intro = await eve.sees("Here you write to the community officer")
    where = await eve.sees("In which area do you live")
    assert intro["message_id"] < mine["message_id"] < where["message_id"]
    await eve.says("/book")
    await eve.sees("With Li.", count=2)
    await eve.sees("In which area do you live", count=2)
    entry = await _entry(li)
    assert "?start=" not in entry["text"]
    assert code_in(booked) not in entry["text"]


async def _entry(person: Person) -> Message:
    await person.says("/agenda")
    day = await person.sees("No appointments today.")
    await person.presses(day, ":agenda:week")
    await person.presses(await becomes(person, day, "appointments this week"), ":entry:")
    return await person.sees(
        lambda each: each["message_id"] == day["message_id"] and bool(data_of(each, ":why:"))
    )


async def test_the_code_can_be_read_out_again_while_it_is_not_used(station: Town) -> None:
    """Who calls again has lost it: it stands with the appointment."""
    li = officer(station, "li")
    code = code_in(await books(li))
    assert code_in(await _entry(li)) == code


async def test_reminders_come_to_whoever_has_claimed_in_the_own_language(station: Town) -> None:
    """A day and an hour before, each once, to both."""
    ana, li = await registered(station, 101, "Ana", language="zh"), officer(station, "li")
    await claims(ana, code_in(await books(li)), "✔ 已预约。")
    for moment, count in (("2026-12-14 09:01", 1), ("2026-12-15 08:01", 2)):
        await at(station, moment)
        reminded = await ana.sees("⏰", count=count)
        assert "居住登记" in reminded["text"]
        await li.sees("⏰ Appointment with Ana.", count=count)
    assert await times_told(ana, "⏰") == await times_told(li, "⏰") == 2


async def test_what_was_claimed_is_prepared_moved_and_cancelled(station: Town) -> None:
    """By the buttons under it; the officer reads of both, and the time is free again."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    mine = await claims(ana, code_in(await books(li)))
    await ana.presses(mine, ":tick:")
    await ana.presses(await becomes(ana, mine, "☑ Passport"), ":move:")
    await ana.presses(await becomes(ana, mine, "On which day"), "20261216")
    await ana.presses(await becomes(ana, mine, "at what time"), ":moveto:")
    await ana.presses(await becomes(ana, mine, "✔ Moved."), ":cancel:")
    await becomes(ana, mine, "✖ Cancelled.")
    await li.sees("Ana moved the appointment.")
    await li.sees("Ana cancelled the appointment.")


async def test_without_any_area_it_is_moved_within_the_officers_own_time(station: Town) -> None:
    """Who is new has an officer with whom the appointment is: the times are that officer's."""
    eve, li = station.person(102, "Eve"), officer(station, "li")
    mine = await claims(eve, code_in(await books(li)))
    await eve.presses(mine, ":move:")
    await eve.presses(await becomes(eve, mine, "On which day"), "20261216")
    await eve.presses(await becomes(eve, mine, "at what time"), ":moveto:")
    assert "With Li." in (await becomes(eve, mine, "✔ Moved."))["text"]
    await li.sees("Eve moved the appointment.")


async def test_whoever_claimed_and_left_is_called(station: Town) -> None:
    """Telegram takes no reminder any more: the officer reads the number that was given."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await claims(ana, code_in(await books(li)))
    await ana.blocks()
    await at(station, "2026-12-15 08:01")
    told = await li.sees("Ana cannot be reminded")
    assert "138 0000 0000" in told["text"].splitlines()


async def test_however_many_were_booked_for_one_each_can_be_moved(station: Town) -> None:
    """A neighbour claims for the whole house: more than one may book here, and all stay movable."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    for _each in range(4):
        mine = await claims(ana, code_in(await books(li)))
    await ana.presses(mine, ":move:")
    await ana.presses(await becomes(ana, mine, "On which day"), "20261216")
    await ana.presses(await becomes(ana, mine, "at what time"), ":moveto:")
    await becomes(ana, mine, "✔ Moved.")


async def test_the_same_code_twice_is_harmless(station: Town) -> None:
    """It stands as it did; nobody is told again, and it is no wrong code however often it comes."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    code = code_in(await books(li))
    for _each in range(MOST_ATTEMPTS_A_DAY + 2):
        mine = await claims(ana, code)
    await ana.presses(mine, ":cancel:")
    await becomes(ana, mine, "✖ Cancelled.")
    await claims(ana, code, "✖ Cancelled.")
    await li.sees("Ana cancelled the appointment.")
    assert await times_told(li) == 1


async def test_whoever_booked_is_told_too_and_everybody_once(station: Town) -> None:
    """The desk booked into Officer Li's diary: both read it, each in one message."""
    ana, li, zhao = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "zhao"),
    )  # fmt: skip
    shown = await names(zhao, then="With whom?")
    await zhao.presses(shown, ":li")
    await zhao.presses(await to_times(zhao, await becomes(zhao, shown, "What for?")), ":for_time:")
    booked = await becomes(zhao, shown, "✔ Booked for")
    await claims(ana, code_in(booked))
    told = await zhao.sees(f"Ana {TOLD}")
    assert told["text"].count("With Li.") == 1
    assert "With Li." not in (await li.sees(f"Ana {TOLD}"))["text"]
    for each in (zhao, li):
        await each.says("/hours")
        await each.sees("12 Binjiang Road")
    assert await times_told(zhao) == await times_told(li) == 1


async def test_a_used_code_reads_like_one_that_never_was(station: Town) -> None:
    """Word for word: nobody learns by guessing who has an appointment."""
    ana, eve = await registered(station, 101, "Ana"), await registered(station, 102, "Eve")
    code = code_in(await books(officer(station, "li")))
    await claims(ana, code)
    used = await claims(eve, code, UNKNOWN)
    unknown = await claims(eve, wrong(code), UNKNOWN)
    assert used["text"] == unknown["text"]
    assert "+86 10 5555 0110" in used["text"].splitlines()
    await eve.says("/book")
    await eve.sees("What would you like")
    assert not [each for each in await eve.got() if "With Li." in each["text"]]


async def test_a_code_that_is_worth_nothing_any_more_says_only_that(station: Town) -> None:
    """Cancelled, or its time has come: which, in a word, and not what it was for."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    first = code_in(await books(li))
    entry = await _entry(li)
    await li.presses(entry, ":why:")
    await li.presses(await becomes(li, entry, "Cancel it, and why?"), ":elsewhere")
    await becomes(li, entry, "✖ Cancelled.")
    second = code_in(await books(li, "Okoye 010 5555"))
    cancelled = await claims(ana, first, "This appointment was cancelled.")
    await at(station, "2026-12-15 09:00")
    past = await claims(ana, second, "This appointment is over.")
    for said in (cancelled, past):
        assert not said["buttons"]
        assert "Residence" not in said["text"]


async def test_after_five_wrong_codes_none_opens_anything_for_a_day(house: Town) -> None:
    """On file: a restart forgives nothing. What is no code at all is a slip and does not count;
    somebody else may go on."""
    ana, eve, li = house.person(101, "Ana"), house.person(102, "Eve"), officer(house, "li")
    async with house.bot():
        code = code_in(await books(li))
        for each in range(1, MOST_ATTEMPTS_A_DAY + 1):
            await claims(eve, "1234", NO_CODE)
            await claims(eve, code_of(each), UNKNOWN)
    async with house.bot():
        await claims(eve, code, TOO_MANY)
        await eve.says(code)
        await claims(ana, wrong(code), UNKNOWN)
        await house.control("clock", shift_seconds=24 * 3600 - 600)
        refused = await claims(eve, code, TOO_MANY)
        assert "+86 10 5555 0110" in refused["text"].splitlines()
        await house.control("clock", shift_seconds=601)
        await claims(eve, code)
        await li.sees(f"Eve {TOLD}")
        assert await times_told(li) == 1


async def test_of_eight_who_send_the_same_code_at_once_one_has_it(house: Town) -> None:
    """The others read what everybody reads whose code opens nothing."""
    people = [house.person(100 + number, f"P{number}") for number in range(8)]
    async with house.bot():
        li = officer(house, "li")
        code = code_in(await books(li))
        await asyncio.gather(*(each.says(f"/claim {code}") for each in people))
        said = [
            await each.sees(lambda one: HAVE in one["text"] or UNKNOWN in one["text"])
            for each in people
        ]
        assert sum(HAVE in each["text"] for each in said) == 1
        await li.sees(TOLD)
        assert await times_told(li) == 1


async def test_people_of_the_station_claim_nothing(station: Town) -> None:
    """They book for others: a command and a link say so, and the code stays good."""
    ana, li, zhao = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "zhao"),
    )  # fmt: skip
    code = code_in(await books(li))
    await claims(zhao, code, "This is for residents.")
    await li.says(f"/start b-{code}")
    await li.sees("This link is for whoever was booked for.")
    await claims(ana, code)


async def test_what_is_displaced_is_claimed_with_the_choice_of_another_time(station: Town) -> None:
    """Officer Li is away on Tuesday: the guest who uses the code then reads sorry and chooses; who
    does not choose reads at the old time that it is over."""
    ana, eve, li = (
        await registered(station, 101, "Ana"), await registered(station, 102, "Eve"),
        officer(station, "li"),
    )  # fmt: skip
    first, second = code_in(await books(li)), code_in(await books(li, "Okoye 010 5555"))
    await goes_away(li)
    sorry = "We are sorry: your officer cannot be there"
    offer = await claims(ana, first, sorry)
    await claims(eve, second, sorry)
    await ana.presses(offer, ":moveto:")
    await becomes(ana, offer, "✔ Moved.")
    await at(station, "2026-12-15 09:21")
    await eve.sees("this appointment was not kept")
    assert await times_told(ana, "this appointment was not kept") == 0


async def goes_away(person: Person) -> None:
    """From now on until somebody says otherwise; the appointments are offered anew."""
    await person.says("/away")
    await person.sees("You are away")
    await nobody_chooses(person.town)
    await person.sees("appointments cannot be kept")


async def test_an_old_way_out_changes_nothing(station: Town) -> None:
    """Pressed again after the code was used: the appointment stays."""
    ana = await registered(station, 101, "Ana")
    code = code_in(await books(officer(station, "li")))
    await ana.says("/claim")
    asked = await ana.sees(ASKED)
    await ana.says(code)
    await ana.sees(HAVE)
    await ana.presses(asked, ":no_code")
    await becomes(ana, asked, "Not now")
    await claims(ana, code)


async def test_no_code_stands_in_a_log(station: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a right one nor a wrong one, typed or in a link."""
    ana, eve = await registered(station, 101, "Ana"), station.person(102, "Eve")
    with caplog.at_level(logging.DEBUG):
        code = code_in(await books(officer(station, "li")))
        other = wrong(code)
        await claims(ana, other, UNKNOWN)
        await claims(ana, code)
        await eve.says(f"/start b-{other}")
        await eve.sees(UNKNOWN)
    ours = [each for each in caplog.records if each.name.startswith("beatline")]
    said = " ".join(f"{each.getMessage()} {each.__dict__}" for each in ours)
    assert ours
    for secret in (code, other, code.replace("-", ""), other.replace("-", "")):
        assert secret not in said
