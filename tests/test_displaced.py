"""Displaced appointments: an officer is pulled away, a room closes, and nobody stands before a
closed door without having read why, and what can be had instead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from bot.domain.appointments.booking import Appointment, Guest, Side, State
from bot.domain.appointments.guests import book_for
from bot.domain.appointments.service import Way
from bot.domain.appointments.slots import Slot
from bot.domain.service_requests import Proposal, RequestState, ServiceRequest
from storage.database import Unit
from storage.engines import open_database
from storage.transaction import Transaction
from tests.front_door import Person, Town, town
from tests.stations import five_areas, officer, on_duty, on_file, registered
from tests.test_appointments import SERVICE
from tests.test_rooms import SHANGHAI, at

MONDAY, TUESDAY = "2026-12-07", "2026-12-08"
#: Longer than an absence waits for a choice.
CHOICE_SECONDS = 3 * 60 + 1
#: What the offer says first, by language.
SORRY = {
    "en": "We are sorry: your officer cannot be there at this time.",
    "zh": "很抱歉，您的社区民警在这个时间不能到场。",
    "ar": "نأسف، لا يستطيع الشرطي المسؤول الحضور في هذا الوقت.",
}
CLOSED = "We are sorry: the community police office is closed at this time."
STANDS = "✔ Your appointment can be kept after all."


def roster_of(folder: Path, *, hours: str = "Mo-Fr 09:00-12:00,13:30-18:00") -> Path:
    """A roster with a service and these hours."""
    roster = five_areas(folder)
    text = roster.read_text(encoding="utf-8") + SERVICE
    known = "Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00"
    assert known in text
    roster.write_text(text.replace(known, hours), encoding="utf-8")
    return roster


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station on a Monday at eight, whose bot does not run yet."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, roster_of(tmp_path), here.clock)
        await at(here, f"{MONDAY} 08:00")
        await on_duty(here)
        yield here


@pytest.fixture
async def station(house: Town) -> AsyncIterator[Town]:
    """The same with a running bot."""
    async with house.bot():
        yield house


def moment(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)


def offers(action: str) -> Any:
    """A message with such a button."""
    return lambda message: f"appointments:{action}:" in f"{message['buttons']}".replace("'", ":")


async def asks_for(person: Person, local: str) -> None:
    """A time that lies ahead is held for this resident."""
    await person.says("/book")
    menu = await person.sees(offers("service"))
    minutes = int(moment(local).timestamp()) // 60
    await person.forges(menu["message_id"], f"appointments:time:residence:r:{minutes}")
    await person.sees(offers("confirm"))


async def booked(
    here: Town, chat_id: int, name: str, local: str = f"{MONDAY} 10:00", language: str = "en"
) -> Person:
    """A resident of Riverside who has booked this time with Officer Li."""
    person = await registered(here, chat_id, name, language=language)
    await asks_for(person, local)
    await person.presses(await person.sees(offers("confirm")), ":confirm:")
    await person.sees(offers("move"))
    return person


async def goes_away(staff: Person) -> dict[str, Any]:
    """The panel of an absence from now on, with its choice for appointments."""
    await staff.says("/away")
    return await staff.sees(lambda message: "absences:booked:" in str(message["buttons"]))


async def goes_on(staff: Person) -> dict[str, Any]:
    """The panel once who ordered it is known."""
    return await staff.sees(lambda message: "Director Gao" in (message["text"] or ""))


async def nobody_chooses(here: Town) -> None:
    """The absence waits for a choice, and the time for it passes."""

    async def waits() -> bool:
        async with aiosqlite.connect(here.database_url.removeprefix("sqlite:///")) as file:
            sql = "SELECT 1 FROM timer WHERE kind = 'appointments.displace' AND key = 'li:1'"
            return bool(await file.execute_fetchall(sql))

    await here.until(waits, "a choice is waited for")
    everybody = [each["text"] for each in await here.person(101, "Ana").got()]
    assert not [text for text in everybody if SORRY["en"] in text]
    await here.control("clock", shift_seconds=CHOICE_SECONDS)


async def closes_today(here: Town) -> Person:
    """Officer Wang says that the room stays closed for the rest of today."""
    wang = officer(here, "wang")
    await wang.says("/here")
    shown = await wang.sees(lambda message: "rooms:change" in str(message["buttons"]))
    await wang.presses(shown, "rooms:change:east")
    choices = await wang.sees(lambda message: "rooms:say:east:today" in str(message["buttons"]))
    await wang.presses(choices, "rooms:say:east:today")
    return wang


async def has_guest(here: Town, local: str) -> None:
    """Ines, who has no Telegram, is booked with Officer Li."""
    slot = Slot("li", "residence", Way.ROOM, moment(local), 20)
    ines = Guest("Ines", "+86 100 0000 0009", "4829-1364")

    async def work(unit: Unit) -> None:
        await Transaction(unit).appointments.book(book_for(slot, ines, now=here.clock.now()))

    database = open_database(here.database_url)
    try:
        await database.run(work)
    finally:
        await database.close()


async def agreed(here: Town, chat_id: int, local: str) -> None:
    """A visit in the evening that the resident asked for and Officer Li agreed to."""
    starts = moment(local)
    slot = Slot("li", "residence", Way.ROOM, starts, 20)
    proposal = Proposal(1, Side.RESIDENT, starts, here.clock.now())
    request = ServiceRequest(
        None, chat_id, "li", "residence", Way.ROOM, 20, RequestState.OPEN, proposal
    )

    async def work(unit: Unit) -> None:
        transaction = Transaction(unit)
        asked = await transaction.service_requests.open(request)
        await transaction.service_requests.change(asked, replace(asked, state=RequestState.AGREED))
        await transaction.appointments.book(
            Appointment(None, slot, State.BOOKED, chat_id, here.clock.now())
        )

    database = open_database(here.database_url)
    try:
        await database.run(work)
    finally:
        await database.close()


async def test_an_officer_is_pulled_away_with_three_appointments(house: Town) -> None:
    """One choice for all three. Each resident reads one message in the own language, never why; one
    goes to the deputy, one to another time, one cancels. A restart in the middle costs nothing, and
    what was moved is reminded of as it is now."""
    li, wang = officer(house, "li"), officer(house, "wang")
    async with house.bot():
        ana = await booked(house, 101, "Ana", f"{MONDAY} 10:00", "zh")
        bob = await booked(house, 102, "Bob", f"{MONDAY} 10:20", "en")
        cem = await booked(house, 103, "Cem", f"{MONDAY} 10:40", "ar")
        panel = await goes_away(li)
        assert "📅 3 appointments fall in this time." in panel["text"]
        await li.presses(panel, "absences:reason:1:pulled_away")
        question = await li.sees("Who ordered it?")
        await li.says("Director Gao", reply_to_message_id=question["message_id"])
        await li.presses(await goes_on(li), "absences:booked:1:deputy")
    async with house.bot():
        for person in (ana, bob, cem):
            offer = await person.sees(SORRY[person.language])
            assert "Gao" not in offer["text"]
            assert "appointments:with:" in str(offer["buttons"])
        await li.sees("📅 3 appointments cannot be kept. The residents are told now.")
        await ana.presses(await ana.sees(SORRY["zh"]), ":with:")
        await wang.sees("📅 Ana keeps the time. It is with Wang now.")
        kept = await ana.sees("✔ 时间不变，现由wang警官接待您。")
        assert "wang警官" in kept["text"]
    async with house.bot():
        await bob.presses(await bob.sees(SORRY["en"]), ":moveto:")
        assert "With Wang" in (await bob.sees("✔ Moved."))["text"]
        await cem.presses(await cem.sees(SORRY["ar"]), ":cancel:")
        await li.sees("Cem cancelled the appointment.")
        await at(house, f"{MONDAY} 09:05")
        await ana.sees("⏰")
        await wang.sees("⏰ Appointment with Ana.")
        assert not [each for each in await li.got() if "⏰" in each["text"]]
        assert not [each for each in await cem.got() if "⏰" in each["text"]]


async def test_without_a_choice_residents_choose_and_another_day_is_one_of_the_choices(
    station: Town,
) -> None:
    """After three minutes every resident is asked; any free time of any day will do. Nobody is told
    before that: whoever goes away often says right after that it is only for an hour."""
    ana, li = await booked(station, 101, "Ana"), officer(station, "li")
    await goes_away(li)
    await nobody_chooses(station)
    await ana.presses(await ana.sees(SORRY["en"]), ":move:")
    days = await ana.sees("On which day?")
    await ana.presses(days, ":keep:")
    await ana.presses(await ana.sees(SORRY["en"]), ":move:")
    await ana.presses(await ana.sees("On which day?"), f":{TUESDAY.replace('-', '')}")
    await ana.presses(await ana.sees("at what time?"), ":moveto:")
    told = await ana.sees("✔ Moved.")
    assert "Tue, Dec 8" in told["text"]
    assert "With Wang" in told["text"]
    await officer(station, "wang").sees("Ana moved the appointment.")


async def test_cancelled_with_an_apology_and_the_guest_is_called(station: Town) -> None:
    """Whoever has Telegram reads sorry and the way to another time; for whoever has none the duty
    desk reads name and number."""
    await has_guest(station, f"{MONDAY} 11:00")
    ana, li = await booked(station, 101, "Ana"), officer(station, "li")
    panel = await goes_away(li)
    assert "📅 2 appointments fall in this time." in panel["text"]
    await li.presses(panel, "absences:booked:1:cancel")
    sorry = await ana.sees("We are sorry: your appointment was cancelled.")
    assert offers("services")(sorry)
    to_call = await officer(station, "zhao").sees("☎")
    assert "Ines" in to_call["text"]
    assert "+86 100 0000 0009" in to_call["text"].splitlines()
    assert "Ana" not in to_call["text"]
    await li.forges(panel["message_id"], "absences:booked:1:deputy")
    await li.sees(lambda message: "You are away" in message["text"] and "📅" not in message["text"])


async def test_whoever_is_back_early_keeps_the_appointment_after_all(station: Town) -> None:
    """Before the resident chose: it stands again, with a word to both and its reminders, and an old
    button changes nothing."""
    ana, li = await booked(station, 101, "Ana"), officer(station, "li")
    await li.presses(await goes_away(li), "absences:booked:1:deputy")
    offer = await ana.sees(SORRY["en"])
    await li.says("/back")
    stands = await ana.sees(STANDS)
    assert "With Li" in stands["text"]
    await li.sees("📅 1 appointment stands again.")
    await ana.presses(offer, ":with:")
    await ana.sees(
        lambda each: each["message_id"] == offer["message_id"] and "With Li" in each["text"]
    )
    await at(station, f"{MONDAY} 09:05")
    await ana.sees("⏰")
    await li.sees("⏰ Appointment with Ana.")


async def test_nobody_who_never_answers_is_forgotten(station: Town) -> None:
    """When the old time comes without an answer, the resident reads an apology and the duty desk
    knows; until then no reminder speaks as if nothing had happened."""
    ana, li = await booked(station, 101, "Ana"), officer(station, "li")
    await li.presses(await goes_away(li), "absences:booked:1:new_time")
    offer = await ana.sees(SORRY["en"])
    assert "appointments:with:" not in str(offer["buttons"])
    await at(station, f"{MONDAY} 10:01")
    await ana.sees("no other time was chosen")
    told = await officer(station, "zhao").sees("Ana chose no other time")
    assert "10:00" in told["text"]
    assert not [each for each in await ana.got() if "⏰" in each["text"]]
    await ana.presses(offer, ":moveto:")
    await ana.sees(
        lambda each: each["message_id"] == offer["message_id"] and offers("services")(each)
    )


async def test_whoever_cannot_be_told_is_named_to_the_duty_desk(station: Town) -> None:
    """A resident who has blocked the bot would come in vain."""
    ana, li = await booked(station, 101, "Ana"), officer(station, "li")
    await ana.blocks()
    await li.presses(await goes_away(li), "absences:booked:1:deputy")
    told = await officer(station, "zhao").sees(
        "Ana does not know that this appointment is not kept"
    )
    assert "Residence registration" in told["text"]


async def test_an_account_that_is_gone_is_noticed_when_the_word_is_refused(station: Town) -> None:
    """Telegram says so only then: the duty desk knows all the same."""
    ana, li = await booked(station, 101, "Ana"), officer(station, "li")
    await station.control("block", user_id=ana.chat_id, deactivated=True)
    await li.presses(await goes_away(li), "absences:booked:1:deputy")
    await officer(station, "zhao").sees("Ana does not know that this appointment is not kept")


async def test_what_was_agreed_outside_the_hours_is_not_held_against_the_hours(
    house: Town,
) -> None:
    """Both sides wanted an evening: no new roster displaces it; an absence does, like any other."""
    await house.person(101, "Ana").says("/start a-riverside")
    await agreed(house, 101, f"{MONDAY} 20:00")
    li = officer(house, "li")
    async with house.bot():
        ana = house.person(101, "Ana")
        await ana.sees("Riverside")
        await closes_today(house)
        await li.presses(await goes_away(li), "absences:booked:1:new_time")
        await ana.sees(SORRY["en"])
        assert not [each for each in await ana.got() if CLOSED in each["text"]]


async def test_a_supervisor_who_sets_somebody_away_has_the_same_choice(station: Town) -> None:
    """And the residents are asked the same way; the officer reads what became of the day."""
    ana, sun = await booked(station, 101, "Ana"), officer(station, "sun")
    await sun.says("/team")
    await sun.presses(await sun.sees("Who is away?"), "absences:for:li")
    panel = await sun.sees(lambda message: "absences:booked:" in str(message["buttons"]))
    assert "📅 1 appointment falls in this time." in panel["text"]
    await sun.presses(panel, "absences:booked:1:deputy")
    await sun.sees("Everybody concerned is told now.")
    await ana.sees(SORRY["en"])
    told = await officer(station, "li").sees("📅 1 appointment cannot be kept.")
    assert "Ana" in told["text"]


async def test_a_time_that_is_being_confirmed_is_let_go_with_a_word(station: Town) -> None:
    """A just-declared absence covers the slot that a resident holds: the message says so at once,
    and confirming it comes too late."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks_for(ana, f"{MONDAY} 10:00")
    question = await ana.sees(offers("confirm"))
    await li.says("/away")
    await ana.sees(
        lambda each: "This time is not free" in each["text"] and offers("services")(each)
    )
    await ana.presses(question, ":confirm:")
    await ana.says("/book")
    await ana.sees(offers("service"), count=1)
    assert not [each for each in await ana.got() if "✔ Booked." in each["text"]]


async def test_a_time_on_the_screen_that_an_absence_covers_is_refused(station: Town) -> None:
    """A resident stands in the middle of choosing: the press gets a word and the nearest times."""
    ana, li, wang = (
        await registered(station, 101, "Ana"), officer(station, "li"), officer(station, "wang"),
    )  # fmt: skip
    await ana.says("/book")
    await ana.presses(await ana.sees(offers("service")), ":service:residence")
    await ana.presses(await ana.sees("On which day?"), f":{MONDAY.replace('-', '')}")
    times = await ana.sees("at what time?")
    for staff in (li, wang):
        await staff.says(f"/away {MONDAY} {MONDAY}")
        await staff.sees("until Tue, Dec 8 00:00.")
    await ana.presses(times, ":time:")
    nearest = await ana.sees("These are the nearest.")
    assert "Tue, Dec 8" in str(nearest["buttons"])
    assert "Mon, Dec 7" not in str(nearest["buttons"])


async def test_hours_that_change_after_booking_are_told_and_may_change_back(station: Town) -> None:
    """The room closes for today: residents of today are asked at once, those of tomorrow hear
    nothing; opened again, the appointment stands."""
    ana, bob = (
        await booked(station, 101, "Ana"), await booked(station, 102, "Bob", f"{TUESDAY} 10:00"),
    )  # fmt: skip
    await has_guest(station, f"{MONDAY} 11:00")
    wang = await closes_today(station)
    offer = await ana.sees(CLOSED)
    assert "appointments:with:" not in str(offer["buttons"])
    assert "Mon, Dec 7" not in str(offer["buttons"])
    await officer(station, "li").sees("📅 2 appointments cannot be kept.")
    await officer(station, "li").sees("+86 100 0000 0009")
    choices = await wang.sees(lambda message: "rooms:say:east:usual" in str(message["buttons"]))
    await wang.presses(choices, "rooms:say:east:usual")
    await ana.sees(STANDS)
    assert not [each for each in await bob.got() if CLOSED in each["text"]]


async def test_a_new_roster_with_other_hours_is_compared_with_what_is_booked(
    station: Town, tmp_path: Path
) -> None:
    """A running bot notices the import; what was booked for a time that is closed now is offered
    anew, and what lies in the new hours stays."""
    ana, bob = (
        await booked(station, 101, "Ana"), await booked(station, 102, "Bob", f"{TUESDAY} 15:10"),
    )  # fmt: skip
    await station.imports(roster_of(tmp_path, hours="Mo-Fr 14:00-18:00"))
    await ana.presses(await ana.sees(CLOSED), ":moveto:")
    assert "14:00" in (await ana.sees("✔ Moved."))["text"]
    assert not [each for each in await bob.got() if CLOSED in each["text"]]


async def test_an_officer_who_is_not_on_the_roster_any_more_leaves_nobody_waiting(
    station: Town, tmp_path: Path
) -> None:
    """The appointment is offered with whoever is responsible now."""
    ana = await booked(station, 101, "Ana")
    roster = roster_of(tmp_path)
    text = roster.read_text(encoding="utf-8").replace('code = "li"', 'code = "guo"')
    roster.write_text(text.replace("900001", "900008"), encoding="utf-8")
    await station.imports(roster)
    await ana.presses(await ana.sees(SORRY["en"]), ":with:")
    kept = await ana.sees("✔ The time stays the same. Li takes care of you now.")
    assert "Moved" not in kept["text"]


async def test_a_holiday_that_is_loaded_later_is_compared_with_what_is_booked(
    station: Town, tmp_path: Path
) -> None:
    """`beatline calendar import` with a bot that runs: the resident does not come on a holiday."""
    ana = await booked(station, 101, "Ana", f"{TUESDAY} 10:00")
    table = tmp_path / "calendar.toml"
    table.write_text(f'[[day]]\ndate = {TUESDAY}\nkind = "holiday"\n', encoding="utf-8")
    process = await station.command("calendar", "import", str(table))
    assert await process.wait() == 0
    offer = await ana.sees(CLOSED)
    assert "Tue, Dec 8 10" not in str(offer["buttons"])


async def test_book_shows_a_displaced_appointment_as_what_it_is(station: Town) -> None:
    """Whoever looks it up reads what can be had instead, not that everything is as it was."""
    ana, li = await booked(station, 101, "Ana"), officer(station, "li")
    await li.presses(await goes_away(li), "absences:booked:1:deputy")
    await ana.sees(SORRY["en"])
    await ana.says("/book")
    await ana.sees(SORRY["en"], count=2)


async def test_a_stranger_cannot_take_what_was_offered_to_somebody_else(station: Town) -> None:
    """A forged press changes nothing, and neither does one that names nobody's deputy."""
    ana, li = await booked(station, 101, "Ana"), officer(station, "li")
    await li.presses(await goes_away(li), "absences:booked:1:deputy")
    offer = await ana.sees(SORRY["en"])
    minutes = int(moment(f"{MONDAY} 10:00").timestamp()) // 60
    bob = await registered(station, 102, "Bob")
    await bob.forges((await bob.got())[-1]["message_id"], f"appointments:with:1:{minutes}:wang")
    await ana.forges(offer["message_id"], f"appointments:with:1:{minutes}:sun")
    await ana.forges(offer["message_id"], f"appointments:with:1:{minutes}:li")
    await ana.presses(offer, ":with:")
    await ana.sees("✔ The time stays the same. Wang takes care of you now.")
    assert not [each for each in await bob.got() if "The time stays" in each["text"]]


async def agenda(staff: Person, head: str) -> dict[str, Any]:
    """The officer's agenda of the week, or of today, as it is now."""
    asked = await staff.says("/agenda")
    shown = await staff.sees(
        lambda each: each["message_id"] > asked and "ppointments today" in each["text"]
    )
    await staff.forges(
        shown["message_id"], f"appointments:agenda:{'week' if 'week' in head else 'today'}:0"
    )
    return await staff.sees(
        lambda each: each["message_id"] == shown["message_id"] and head in each["text"]
    )


async def test_the_agenda_marks_what_cannot_be_kept(station: Town) -> None:
    """From the moment of the absence on, and also while the resident chooses; what stays as it is
    has no mark, and neither has what the deputy keeps."""
    ana, li = await booked(station, 101, "Ana"), officer(station, "li")
    await booked(station, 102, "Bob", f"{TUESDAY} 10:00")
    await li.says(f"/away {MONDAY} {MONDAY}")
    panel = await li.sees(lambda message: "absences:booked:" in str(message["buttons"]))
    week = await agenda(li, "appointments this week:")
    of_ana, of_bob = week["text"].splitlines()[1:]
    assert of_ana.endswith("Ana · ⚠ cannot be kept")
    assert of_bob.endswith("Bob")
    assert week["buttons"][0][0]["text"] == "⚠ 10:00 Ana"
    await li.presses(week, ":entry:1:")
    await li.sees("⚠ This cannot be kept. The resident is told soon.")
    await li.presses(panel, "absences:booked:1:deputy")
    offer = await ana.sees(SORRY["en"])
    week = await agenda(li, "appointments this week:")
    assert "Ana · ⚠ cannot be kept" in week["text"]
    await li.presses(week, ":entry:1:")
    await li.sees("⚠ This cannot be kept. The resident is choosing what suits instead.")
    await ana.presses(offer, ":with:")
    await officer(station, "wang").sees("Ana")
    today = await agenda(officer(station, "wang"), "appointments today:")
    assert "10:00 · Residence registration · Ana" in today["text"]
    assert "⚠" not in today["text"]


async def test_the_desk_sees_what_an_officer_who_left_the_roster_has_ahead(
    station: Town, tmp_path: Path
) -> None:
    """Nobody else would: marked, with the resident and the guest who has to be called."""
    ana = await booked(station, 101, "Ana")
    await has_guest(station, f"{MONDAY} 11:00")
    roster = roster_of(tmp_path)
    text = roster.read_text(encoding="utf-8").replace('code = "li"', 'code = "guo"')
    roster.write_text(text.replace("900001", "900008"), encoding="utf-8")
    await station.imports(roster)
    await ana.sees(SORRY["en"])
    zhao = officer(station, "zhao")
    today = await agenda(zhao, "appointments today:")
    assert "Ana · li · ⚠ cannot be kept" in today["text"]
    assert "Ines · li · ⚠ cannot be kept" in today["text"]
    await zhao.presses(today, ":entry:2:")
    await zhao.sees("⚠ This cannot be kept. Somebody has to call.")
