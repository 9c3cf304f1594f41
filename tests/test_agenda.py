"""The agenda: an officer sees who comes, says to be late with one tap, and who did not come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bookings import Message, data_of, says_pressed, station_with
from tests.front_door import Person, Town
from tests.stations import officer, registered
from tests.test_rooms import at


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station where residence can be registered by appointment."""
    async with station_with(sqlite_url, tmp_path) as here:
        yield here


async def booked(here: Town, chat_id: int = 101, name: str = "Ana") -> Person:
    """A resident who is expected on Tuesday, 15 December, at nine."""
    await at(here, "2026-12-14 08:00")
    person = await registered(here, chat_id, name)
    await person.says("/book")
    await person.presses(await person.sees("What would you like"), "service:residence")
    shown = await person.sees("On which day")
    await person.presses(shown, "20261215")
    await person.presses(await person.sees("at what time"), ":time:")
    await person.presses(await person.sees("Shall it be booked"), ":confirm:")
    await person.sees("✔ Booked.")
    return person


async def entry(person: Person, span: str = "today") -> Message:
    """The message about the one appointment of the agenda."""
    await person.says("/agenda")
    head = "Your appointments today:"
    if span == "week":
        await person.presses(await person.sees("No appointments today."), ":agenda:week")
        head = "Your appointments this week:"
    agenda = await person.sees(head)
    await person.presses(agenda, ":entry:")
    return await person.sees(
        lambda message: (
            message["message_id"] == agenda["message_id"] and bool(data_of(message, ":request:"))
        )
    )


async def test_today_and_the_week_are_one_message(station: Town) -> None:
    """What is tomorrow stands in the week, not in today; each line says when, what and who."""
    await booked(station)
    li = officer(station, "li")
    await li.says("/agenda")
    await li.presses(await li.sees("No appointments today."), ":agenda:week")
    week = await li.sees("Your appointments this week:")
    assert "Dec 15 09:00 · Residence registration · Ana" in week["text"]
    await li.presses(week, ":agenda:today")
    await li.sees("No appointments today.")


async def test_with_one_tap_the_resident_knows_that_the_officer_is_late(station: Town) -> None:
    """From two hours before; told once, in the resident's words, with the new time."""
    ana, li = await booked(station), officer(station, "li")
    assert data_of(await entry(li, "week"), ":late:") == []
    await at(station, "2026-12-15 08:50")
    await li.presses(await entry(li), ":20")
    told = await ana.sees("is running late and expects you at 09:20")
    assert "Li is running late" in told["text"]
    await li.sees("20 minutes late")


async def test_nobody_is_told_twice_of_the_same_delay_nor_of_a_time_that_has_passed(
    station: Town,
) -> None:
    """A second press, as an unanswered one comes twice, says it moved on; so does an old message
    pressed when the officer would have been there long ago. More delay is news again."""
    ana, li = await booked(station), officer(station, "li")
    await at(station, "2026-12-15 08:50")
    shown = await entry(li)
    (ten, twenty, thirty) = data_of(shown, ":late:")
    await li.forges(shown["message_id"], ten)
    await ana.sees("expects you at 09:10")
    await li.forges(shown["message_id"], ten)
    await says_pressed(station, "This has moved on.")
    await li.forges(shown["message_id"], twenty)
    await ana.sees("expects you at 09:20")
    await at(station, "2026-12-15 09:31")
    assert data_of(await entry(li), ":late:") == []
    await li.forges(shown["message_id"], thirty)
    await li.forges(shown["message_id"], data_of(await entry(li), ":came:")[0])
    await li.sees("✔ Came.")
    assert len([each for each in await ana.got() if "running late" in each["text"]]) == 2


async def test_the_hours_reminder_says_how_late_the_officer_is(station: Town) -> None:
    """What is known before the reminder stands in it, for both sides."""
    ana, li = await booked(station), officer(station, "li")
    await at(station, "2026-12-15 07:30")
    await li.presses(await entry(li), ":late:")
    await ana.sees("expects you at 09:10")
    await at(station, "2026-12-15 08:01")
    for person, line in ((ana, "Your appointment is near."), (li, "Appointment with Ana.")):
        reminder = await person.sees(
            lambda each, line=line: line in each["text"] and "minutes late" in each["text"]
        )
        assert "10 minutes late" in reminder["text"]


async def test_an_officer_knows_at_once_that_a_reminder_did_not_arrive(station: Town) -> None:
    """Ana has blocked the bot, and Telegram says so only when she is reminded; said once."""
    ana, li = await booked(station), officer(station, "li")
    await li.says("/agenda")
    await li.sees("No appointments today.")
    await station.control(
        "faults",
        next=[{
            "method": "sendMessage", "chat_id": ana.chat_id, "error_code": 403,
            "description": "Forbidden: bot was blocked by the user", "times": 1,
        }],
    )  # fmt: skip
    await at(station, "2026-12-15 08:01")
    told = await li.sees("Ana cannot be reminded")
    assert "Residence registration" in told["text"]


async def test_two_people_of_the_station_settle_it_once(station: Town) -> None:
    """The desk and the officer press at the same appointment: the first one's word stands, the
    second one reads that it moved on and how it stands."""
    ana, li, zhao = await booked(station), officer(station, "li"), officer(station, "zhao")
    await at(station, "2026-12-15 09:11")
    of_li, of_zhao = await entry(li), await entry(zhao)
    await li.presses(of_li, ":came:")
    await li.sees("✔ Came.")
    await zhao.presses(of_zhao, ":missed:")
    await zhao.sees("This appointment is over.")
    assert not [each for each in await ana.got() if "could not come" in each["text"]]


async def test_who_did_not_come_is_offered_another_time(station: Town) -> None:
    """Not before ten minutes have passed, the officer's own delay counted; and only once."""
    ana, li = await booked(station), officer(station, "li")
    await at(station, "2026-12-15 09:05")
    early = await entry(li)
    assert data_of(early, ":missed:") == []
    (came,) = data_of(early, ":came:")
    await li.forges(early["message_id"], came.replace(":came:", ":missed:"))
    await says_pressed(station, "It is too early for that")
    await at(station, "2026-12-15 09:11")
    late = await entry(li)
    await li.presses(late, ":missed:")
    await li.sees("Did not come.")
    told = await ana.sees("You could not come to your appointment")
    assert data_of(told, ":services")
    await li.forges(late["message_id"], came)
    await says_pressed(station, "This has moved on.")


async def test_an_outdated_button_tells_staff_how_it_stands_now(station: Town) -> None:
    """Like a resident: a word and the appointment as it is, in the officer's own language, and the
    way to the agenda. What is only too early leaves the message as it is."""
    ana, li = await booked(station), officer(station, "li")
    await li.forges((await li.got())[-1]["message_id"], "languages:set:zh")
    await li.says("/agenda")
    await li.presses(await li.sees("今天没有预约。"), ":agenda:week")
    week = await li.sees("您本周的预约：")
    (opened,) = data_of(week, ":entry:")
    why = opened.replace(":entry:", ":why:")
    await li.forges(week["message_id"], opened.replace(":entry:", ":came:"))
    await says_pressed(station, "现在还早")
    (still,) = [each for each in await li.got() if each["message_id"] == week["message_id"]]
    assert data_of(still, ":entry:") == [opened]
    await ana.presses(await ana.sees("✔ Booked."), ":move:")
    await ana.presses(await ana.sees("On which day"), "20261216")
    await ana.presses(await ana.sees("at what time"), ":moveto:")
    await ana.sees("✔ Moved.")
    await li.forges(week["message_id"], why)
    await says_pressed(station, "情况已变")
    shown = await li.sees(
        lambda each: each["message_id"] == week["message_id"] and "12月16日" in each["text"]
    )
    assert "Ana" in shown["text"]
    assert data_of(shown, ":agenda:")


async def test_who_came_hears_nothing_more(station: Town) -> None:
    """The agenda is shorter, and the resident's phone stays silent."""
    ana, li = await booked(station), officer(station, "li")
    await at(station, "2026-12-15 09:01")
    before = len(await ana.got())
    await li.presses(await entry(li), ":came:")
    await li.presses(await li.sees("✔ Came."), ":agenda:")
    await li.sees("No appointments today.")
    assert len(await ana.got()) == before


async def test_one_tap_leads_to_the_residents_request(station: Town) -> None:
    """The bot replies to the card of the case; without one it says so."""
    ana, li = await booked(station), officer(station, "li")
    shown = await entry(li, "week")
    await li.presses(shown, ":request:")
    await says_pressed(station, "You have no open request of this person.")
    await ana.says("what shall I bring?")
    await li.sees("what shall I bring?")
    await li.presses(shown, ":request:")
    jump = await li.sees("The request of Ana.")
    cards = [each["message_id"] for each in await li.got() if "C-1" in each["text"]]
    assert jump["reply_to"] in cards


async def test_the_desk_acts_for_every_officer_and_nobody_else_does(station: Town) -> None:
    """The desk's agenda names the officer; cancelled there, both are told. A colleague's forged
    press does nothing."""
    ana, li, wang = await booked(station), officer(station, "li"), officer(station, "wang")
    zhao = officer(station, "zhao")
    shown = await entry(li, "week")
    (why,) = data_of(shown, ":why:")
    cancel = why.replace(":why:", ":cancel:")
    await wang.says("/agenda")
    mine = await wang.sees("No appointments today.")
    await wang.forges(mine["message_id"], why)
    await wang.forges(mine["message_id"], cancel)
    await says_pressed(station, "This has moved on.", count=2)
    await zhao.says("/agenda")
    await zhao.presses(await zhao.sees("No appointments today."), ":agenda:week")
    week = await zhao.sees("Your appointments this week:")
    assert "Ana · Li" in week["text"]
    await zhao.presses(week, ":entry:")
    await zhao.presses(await zhao.sees(lambda each: bool(data_of(each, ":why:"))), ":why:")
    reasons = await zhao.sees("Cancel it, and why?")
    await zhao.presses(reasons, ":entry:")
    await zhao.presses(await zhao.sees(lambda each: bool(data_of(each, ":why:"))), ":why:")
    await zhao.presses(await zhao.sees("Cancel it, and why?"), ":elsewhere")
    told = await ana.sees("your appointment was cancelled")
    assert "The officer is needed elsewhere at that time." in told["text"]
    await li.sees("cancelled the appointment")


async def test_a_long_day_has_pages(station: Town) -> None:
    """Nine appointments of two officers on the desk's agenda: eight on the first page, then one."""
    for number in range(9):
        await booked(station, 200 + number, f"P{number}")
    zhao = officer(station, "zhao")
    await zhao.says("/agenda")
    await zhao.presses(await zhao.sees("appointments today"), ":agenda:week")
    week = await zhao.sees("Your appointments this week:")
    assert len(data_of(week, ":entry:")) == 8
    await zhao.presses(week, ":agenda:week:1")

    async def turned() -> bool:
        return len(data_of((await zhao.got())[-1], ":entry:")) == 1

    await station.until(turned, "the second page has one appointment")
