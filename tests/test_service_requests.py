"""Service requests: a time outside the slots that one side proposes and the other answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.engines import open_database
from storage.transaction import Transaction
from tests.bookings import data_of
from tests.front_door import Person, Town, town
from tests.stations import at_work, comes_late, five_areas, officer, on_duty, on_file, registered
from tests.test_officers import joins
from tests.test_rooms import at

SERVICES = """
[[service]]
code = "residence"
name = { zh = "居住登记", en = "Residence registration" }
minutes = 20
ways = ["room", "phone", "visit"]
bring = [{ zh = "护照", en = "Passport" }]

[[service]]
code = "permit"
name = { zh = "许可", en = "Permit" }
minutes = 30
ways = ["room"]
"""


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station with two services, whose bot does not run yet."""
    roster = five_areas(tmp_path)
    roster.write_text(roster.read_text(encoding="utf-8") + SERVICES, encoding="utf-8")
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, roster, here.clock)
        await on_duty(here)
        yield here


@pytest.fixture
async def station(house: Town) -> AsyncIterator[Town]:
    """The same with a running bot."""
    async with house.bot():
        yield house


def has(data: str) -> Any:
    """A message with a button whose data contains this."""
    return lambda message: data in str(message["buttons"])


async def pick(
    person: Person, message: dict[str, Any], *, day: int = 3, time: int = -1
) -> datetime:
    """From the question for the day to a time, by default the latest of the fourth day; which."""
    await person.forges(message["message_id"], data_of(message, ":day:")[day])
    times = await person.sees(
        lambda each: each["message_id"] == message["message_id"] and has(":at:")(each)
    )
    data = data_of(times, ":at:")[time]
    await person.forges(times["message_id"], data)
    return datetime.fromtimestamp(int(data.rpartition(":")[2]) * 60, UTC)


async def chooses(person: Person, service: str = "permit", way: str = "") -> dict[str, Any]:
    """`/request`, the service and the way: the question for the day."""
    await person.says("/request")
    await person.presses(
        await person.sees("For what do you need another time?"), f":service:{service}"
    )
    if way:
        await person.presses(await person.sees("How would you like it?"), f":{service}:{way}")
    return await person.sees(has(":day:"))


async def asks(person: Person, *, day: int = 3, time: int = -1) -> datetime:
    """A permit is wanted at a time outside the slots; which."""
    return await pick(person, await chooses(person), day=day, time=time)


async def answer_to(person: Person, message: dict[str, Any], data: str) -> str:
    """Press, and read the word that pops up."""
    before = len(await person.town.calls("answerCallbackQuery"))
    await person.forges(message["message_id"], data)

    async def answered() -> bool:
        return len(await person.town.calls("answerCallbackQuery")) > before

    await person.town.until(answered, f"{data} is answered")
    return str((await person.town.calls("answerCallbackQuery"))[before]["params"].get("text", ""))


async def counters(person: Person, message: dict[str, Any], *, day: int = 4) -> datetime:
    """*Another time* and two taps; which."""
    await person.presses(message, ":days:")
    shown = await person.sees(
        lambda each: each["message_id"] == message["message_id"] and has(":day:")(each)
    )
    return await pick(person, shown, day=day)


async def stored(here: Town, read: Any) -> Any:
    """What is on file."""
    database = open_database(here.database_url)
    try:
        return await database.run(lambda unit: read(Transaction(unit)))
    finally:
        await database.close()


# --- yes


async def test_four_taps_ask_and_one_agrees(station: Town) -> None:
    """The resident asks for an evening, the officer says yes with one tap: both read so, it is an
    appointment in the agenda, the resident gets everything to know, and both are reminded."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    starts = await asks(ana)
    await ana.sees("Sent to Li.")
    card = await li.sees("Ana asks for this time:")
    assert "Permit" in card["text"]
    assert "22:00" in card["text"]
    await li.presses(card, ":accept:")
    await li.sees("✔ Agreed with Ana.")
    await ana.sees("✔ Agreed with Li.")
    assert "22:00" in (await ana.sees("✔ Booked."))["text"]
    await li.says("/agenda")
    await li.presses(await li.sees("appointments today"), ":agenda:week")
    assert "Ana" in (await li.sees("Your appointments this week:"))["text"]
    await station.moves_to(starts - timedelta(minutes=59))
    await ana.sees("⏰ Your appointment is near.")
    await li.sees("⏰ Appointment with Ana.")


async def test_each_side_has_one_message(station: Town) -> None:
    """What is pressed changes in place; what is news comes as a new message that rings, and the one
    before it goes."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    card = await li.sees("Ana asks for this time:")
    await counters(li, card)
    await li.sees("Sent to Ana.")
    proposed = await ana.sees("Li proposes this time:")
    assert not [each for each in await ana.got() if "Sent to Li" in each["text"]]
    await ana.presses(proposed, ":accept:")
    await ana.sees("✔ Agreed with Li.")
    await li.sees("✔ Agreed with Ana.")
    assert not [each for each in await li.got() if "Sent to Ana" in each["text"]]


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("zh", ("您想为哪项业务另约时间？", "已发给li警官", "其他工作")),
        ("ar", ("لأي خدمة تحتاج وقتًا آخر؟", "أُرسل إلى", "عمل آخر")),
    ],
)
async def test_everybody_reads_the_own_language(
    station: Town, language: str, texts: tuple[str, str, str]
) -> None:
    """Question, receipt and the officer's reason, which was tapped in another language."""
    question, receipt, reason = texts
    ana, li = await registered(station, 101, "Ana", language=language), officer(station, "li")
    await ana.says("/request")
    await ana.presses(await ana.sees(question), ":service:permit")
    await pick(ana, await ana.sees(has(":day:")))
    await ana.sees(receipt)
    await li.presses(await li.sees("Ana asks for this time:"), ":decline:")
    await li.presses(await li.sees("Why not?"), ":reason:1:1:duty")
    await li.sees("✖ Declined.")
    await ana.sees(reason)


async def test_where_no_time_suits_there_is_a_way_on(station: Town) -> None:
    """Under the days that can be booked: a time outside the hours, in the same message."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.says("/book")
    await ana.presses(await ana.sees("What would you like"), ":service:permit")
    days = await ana.sees("On which day?")
    await ana.presses(days, "service_requests:service:permit")
    await pick(ana, await ana.sees(has("service_requests:day:")))
    assert (await ana.sees("Sent to Li."))["message_id"] == days["message_id"]
    await li.sees("Ana asks for this time:")


# --- no


async def test_a_no_has_a_reason_in_own_words(station: Town) -> None:
    """The officer replies with the reason; the resident reads it and may ask again at once."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    await li.presses(await li.sees("Ana asks for this time:"), ":decline:")
    await li.presses(await li.sees("Why not?"), ":explain:")
    prompt = await li.sees("Reply to this message with the reason.")
    await li.says("The <b>match</b> is on", reply_to_message_id=prompt["message_id"])
    await li.sees("✖ Declined.")
    told = await ana.sees("✖ Li declined this.")
    assert "Why: The <b>match</b> is on" in told["text"]
    await ana.presses(told, ":start")
    await ana.sees("For what do you need another time?")


async def test_a_reason_for_what_has_moved_on_changes_nothing(station: Town) -> None:
    """Whoever went away before the reply has passed it on: the deputy answers now."""
    ana = await registered(station, 101, "Ana")
    li, wang = officer(station, "li"), officer(station, "wang")
    await asks(ana)
    await li.presses(await li.sees("Ana asks for this time:"), ":decline:")
    await li.presses(await li.sees("Why not?"), ":explain:")
    prompt = await li.sees("Reply to this message with the reason.")
    await li.says("/away")
    await wang.sees("Ana asks for this time:")
    await li.says("Busy", reply_to_message_id=prompt["message_id"])
    await li.sees("This request is not yours (any more).")
    assert not [each for each in await ana.got() if "declined" in each["text"]]


# --- another time


async def test_old_buttons_show_what_is_proposed_now(station: Town) -> None:
    """A button of the first proposal accepts nothing after the second; whoever pressed it reads the
    present time. The side that proposed cannot say yes to itself."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    await counters(li, await li.sees("Ana asks for this time:"))
    sent = await li.sees("Sent to Ana.")
    proposed = await ana.sees("Li proposes this time:")
    assert await answer_to(ana, proposed, "service_requests:accept:1:1") == (
        "Another time has been proposed since."
    )
    assert await answer_to(li, sent, "service_requests:accept:1:2") == (
        "This waits for the other side's answer."
    )
    await counters(ana, proposed, day=5)
    back = await li.sees("Ana asks for this time:")
    await li.forges(back["message_id"], "service_requests:accept:1:1")
    await li.sees("Ana asks for this time:")
    await li.presses(back, ":accept:1:3")
    await li.sees("✔ Agreed with Ana.")


async def test_the_talk_by_buttons_has_an_end(station: Town) -> None:
    """After six times there is no button for a seventh, and a forged one gets a word; yes and no
    are still possible."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    for turn in range(2, 7):
        side, other = (ana, "Li proposes") if turn % 2 else (li, "Ana asks")
        shown = await side.sees(
            lambda each, turn=turn, other=other: (
                other in each["text"] and has(f":accept:1:{turn - 1}")(each)
            )
        )
        await counters(side, shown, day=turn)
    last = await ana.sees(has(":accept:1:6"))
    assert "please telephone" in last["text"]
    assert "+86 10 5555 0110" in last["text"].splitlines()
    assert not data_of(last, ":days:")
    minutes = int((station.clock.now() + timedelta(days=2)).timestamp()) // 60
    forged = f"service_requests:at:1:6:{minutes}"
    assert await answer_to(ana, last, forged) == "After 6 proposals a call is quicker."
    await ana.presses(last, ":accept:1:6")
    await ana.sees("✔ Agreed with Li.")


async def test_a_time_can_be_typed(station: Town) -> None:
    """What no button offers; nonsense gets a word and another try."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    days = await chooses(ana)
    await ana.forges(days["message_id"], data_of(days, ":day:")[2])
    await ana.presses(await ana.sees(has(":type:")), ":type:")
    prompt = await ana.sees("reply to this message with the time")
    await ana.says("in the evening", reply_to_message_id=prompt["message_id"])
    await ana.sees("That is no time of the day.")
    await ana.says("٢٣.١٥", reply_to_message_id=prompt["message_id"])
    await ana.sees("Sent to Li.")
    assert "23:15" in (await li.sees("Ana asks for this time:"))["text"]


async def test_a_typed_time_that_the_clocks_leave_out_is_the_next_there_is(
    sqlite_url: str, tmp_path: Path
) -> None:
    """In Berlin there is no half past two on 28 March 2027."""
    roster = five_areas(tmp_path)
    text = roster.read_text(encoding="utf-8").replace("Asia/Shanghai", "Europe/Berlin")
    roster.write_text(text + SERVICES, encoding="utf-8")
    async with at_work(sqlite_url, roster) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        await li.sees("come here as cards")
        await at(here, "2027-03-25 20:00")
        days = await chooses(ana)
        sunday = next(each for each in data_of(days, ":day:") if each.endswith(":270328"))
        await ana.forges(days["message_id"], sunday)
        await ana.presses(await ana.sees(has(":type:")), ":type:")
        prompt = await ana.sees("reply to this message with the time")
        await ana.says("02:30", reply_to_message_id=prompt["message_id"])
        assert "03:00" in (await li.sees("Ana asks for this time:"))["text"]


async def test_an_officer_types_a_time_too(station: Town) -> None:
    """And whoever goes back is asked nothing any more: a reply is a message like any other."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    await li.presses(await li.sees("Ana asks for this time:"), ":days:")
    days = await li.sees(has(":day:"))
    await li.forges(days["message_id"], data_of(days, ":day:")[2])
    await li.presses(await li.sees(has(":type:")), ":type:")
    prompt = await li.sees("reply to this message with the time")
    await li.says("7:05", reply_to_message_id=prompt["message_id"])
    await li.sees("Sent to Ana.")
    shown = await ana.sees("Li proposes this time:")
    assert "07:05" in shown["text"]
    await ana.presses(shown, ":days:")
    days = await ana.sees(has(":day:"))
    await ana.forges(days["message_id"], data_of(days, ":day:")[2])
    await ana.presses(await ana.sees(has(":type:")), ":type:")
    await ana.presses(await ana.sees("reply to this message with the time"), ":days:")
    days = await ana.sees(has(":day:"))
    await ana.says("18:00 is too late", reply_to_message_id=days["message_id"])
    await li.sees("18:00 is too late")


# --- never mind, and nobody answers


async def test_the_resident_withdraws_and_may_ask_again(station: Town) -> None:
    """The officer is told and can do nothing more; the way is free for another request."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    await li.sees("Ana asks for this time:")
    await ana.presses(await ana.sees("Sent to Li."), ":withdraw:")
    over = await li.sees("✖ Ana withdrew this.")
    assert await answer_to(li, over, "service_requests:accept:1:1") == "This has moved on."
    await asks(ana, day=5)
    await li.sees("Ana asks for this time:")


async def test_one_request_waits_at_a_time(station: Town) -> None:
    """`/request` shows what waits instead; an older choice of a time is told so."""
    ana = await registered(station, 101, "Ana")
    starts = await asks(ana)
    sent = await ana.sees("Sent to Li.")
    forged = f"service_requests:at:permit:r:{int(starts.timestamp()) // 60}"
    assert await answer_to(ana, sent, forged) == "Your last request still waits for an answer."
    await ana.says("/request")
    again = await ana.sees(lambda each: "Sent to Li." in each["text"]
                           and each["message_id"] != sent["message_id"])  # fmt: skip
    await ana.forges(again["message_id"], "service_requests:start")
    await ana.presses(again, ":withdraw:")
    await ana.sees("✖ Withdrawn.")


async def test_what_nobody_answers_is_over_before_its_time(station: Town) -> None:
    """Half an hour before, both are told, the resident with the number to call."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    starts = await asks(ana, day=2)
    card = await li.sees("Ana asks for this time:")
    await station.moves_to(starts - timedelta(minutes=29))
    told = await ana.sees("✖ Nobody answered in time.")
    assert "+86 10 5555 0110" in told["text"].splitlines()
    await li.sees("✖ Nobody answered in time.")
    assert await answer_to(li, card, "service_requests:accept:1:1") == "This has moved on."


async def test_nobody_waits_two_weeks_for_a_word(station: Town) -> None:
    """A day far ahead: three days without an answer are the end; an answer begins them anew."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana, day=13)
    card = await li.sees("Ana asks for this time:")
    await station.control("clock", shift_seconds=2 * 24 * 3600)
    await counters(li, card, day=10)
    await ana.sees("Li proposes this time:")
    await station.control("clock", shift_seconds=2 * 24 * 3600)
    await ana.says("/request")
    await ana.sees("Li proposes this time:")
    await station.control("clock", shift_seconds=24 * 3600 + 60)
    await ana.sees("✖ Nobody answered in time.")


# --- a visit


async def test_a_visit_needs_an_address(station: Town) -> None:
    """Typed as a reply; the officer reads it, and it stands in the appointment."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await pick(ana, await chooses(ana, "residence", "v"))
    prompt = await ana.sees("Where shall the officer come?")
    assert not [each for each in await li.got() if "asks for this time" in each["text"]]
    await ana.says("Binjiang Road 7, <3rd> floor", reply_to_message_id=prompt["message_id"])
    await ana.sees("Sent to Li.")
    card = await li.sees("Ana asks for this time:")
    assert "Binjiang Road 7, <3rd> floor" in card["text"]
    await li.presses(card, ":accept:")
    await ana.sees("✔ Booked.")
    booked = await stored(station, lambda transaction: transaction.appointments.find(1))
    assert (booked.place, booked.slot.way) == ("Binjiang Road 7, <3rd> floor", "visit")


async def test_numbers_that_are_no_place_are_an_address(station: Town) -> None:
    """Typed like a place, and off the globe: the officer reads them, no map is promised."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await pick(ana, await chooses(ana, "residence", "v"))
    prompt = await ana.sees("Where shall the officer come?")
    await ana.says("123.45678, 456.12345", reply_to_message_id=prompt["message_id"])
    assert "123.45678, 456.12345" in (await li.sees("Ana asks for this time:"))["text"]
    await li.says("/me")
    await li.sees("badge")
    assert not await station.calls("sendLocation")


async def test_a_call_shows_the_number_that_was_shared(station: Town) -> None:
    """By telephone: the officer reads where to call, if the resident allowed it."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await ana.sends(contact={"phone_number": "+8613800000000", "first_name": "Ana", "user_id": 101})
    await li.sees(lambda each: "contact" in str(each))
    await pick(ana, await chooses(ana, "residence", "p"))
    card = await li.sees("Ana asks for this time:")
    assert "+8613800000000" in card["text"].splitlines()
    await li.presses(card, ":accept:")
    await ana.sees("✔ Booked.")
    booked = await stored(station, lambda transaction: transaction.appointments.find(1))
    assert booked.phone == "+8613800000000"


async def test_a_call_without_a_number_asks_for_one(station: Town) -> None:
    """Once it is agreed, as for any appointment by phone."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await pick(ana, await chooses(ana, "residence", "p"))
    await li.presses(await li.sees("Ana asks for this time:"), ":accept:")
    asked = await ana.sees("Where may the officer call you?")
    await ana.says("+86 138 0000 0000", reply_to_message_id=asked["message_id"])
    assert "+86 138 0000 0000" in (await li.sees("Ana can be called"))["text"]


async def test_a_closed_room_rings_no_phone(station: Town) -> None:
    """The officer reads at night what came, but only the resident's phone makes a sound."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await at(station, "2026-12-07 23:00")
    await asks(ana)
    await li.sees("Ana asks for this time:")
    await at(station, "2026-12-08 10:00")
    await counters(li, await li.sees("Ana asks for this time:"))
    await counters(ana, await ana.sees("Li proposes this time:"))
    await li.sees(has(":accept:1:3"))
    sent = [each["params"] for each in await station.calls("sendMessage")]
    asked = [each for each in sent if "Ana asks for this time:" in each["text"]]
    assert [bool(each.get("disable_notification")) for each in asked] == [True, False]
    proposed = [each for each in sent if "Li proposes this time:" in each["text"]]
    assert [bool(each.get("disable_notification")) for each in proposed] == [False]


async def test_a_place_may_be_shared(station: Town) -> None:
    """The officer gets it as a place to tap; it goes to nobody else, opens no case, and stands in
    the appointment."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await pick(ana, await chooses(ana, "residence", "v"))
    await ana.sees("Where shall the officer come?")
    await ana.sends(location={"latitude": 30.005, "longitude": 100.005})
    await ana.sees("Sent to Li.")
    card = await li.sees("Ana asks for this time:")
    await li.sees(lambda each: "location" in str(each.get("content")))
    assert await li.copies() == []
    await li.presses(card, ":accept:")
    await ana.sees("✔ Booked.")
    booked = await stored(station, lambda transaction: transaction.appointments.find(1))
    assert (booked.location, booked.place) == ((30.005, 100.005), "")


# --- who answers


async def test_whoever_goes_away_passes_it_on(station: Town) -> None:
    """Officer Li is away: the deputy gets it at once, Li reads who answers now, and so does the
    resident; Li's old button does nothing."""
    ana = await registered(station, 101, "Ana")
    li, wang = officer(station, "li"), officer(station, "wang")
    await asks(ana)
    card = await li.sees("Ana asks for this time:")
    await li.says("/away")
    await wang.sees("Ana asks for this time:")
    assert "Wang answers this now." in (await li.sees("answers this now"))["text"]
    await ana.sees("Sent to Wang.")
    assert await answer_to(li, card, "service_requests:accept:1:1") == (
        "This request is not yours (any more)."
    )
    await wang.presses(await wang.sees("Ana asks for this time:"), ":accept:")
    await ana.sees("✔ Agreed with Wang.")


async def test_a_new_phone_shows_what_waits_for_an_answer(station: Town) -> None:
    """The officer joins from another account: the request comes there, and is answered there."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    old = await li.sees("Ana asks for this time:")
    new = station.person(901, "Li's new phone")
    await joins(new, "li")
    card = await new.sees("Ana asks for this time:")
    assert await answer_to(li, old, "service_requests:accept:1:1") != ""
    await new.presses(card, ":accept:")
    await ana.sees("✔ Booked.")
    assert not [each for each in await station.calls("deleteMessage") if _is_in(each, new)]


def _is_in(call: dict[str, Any], person: Person) -> bool:
    return str(call["params"]["chat_id"]) == str(person.chat_id)


async def test_whoever_leaves_the_roster_passes_it_on(house: Town, tmp_path: Path) -> None:
    """Officer Li works elsewhere now: the deputy gets what waits."""
    ana, wang = house.person(101, "Ana"), officer(house, "wang")
    async with house.bot():
        await registered(house, 101, "Ana")
        await asks(ana)
        await officer(house, "li").sees("Ana asks for this time:")
        roster = five_areas(tmp_path)
        text = roster.read_text(encoding="utf-8").replace('code = "li"', 'code = "qian"')
        roster.write_text(text.replace("900001", "900009") + SERVICES, encoding="utf-8")
        await house.imports(roster)
        await wang.sees("Ana asks for this time:")


async def test_what_the_resident_has_to_answer_stays(station: Town) -> None:
    """Li proposed a time and went away, nobody knows until when: that proposal is not offered to
    the deputy, a yes to it gets a word, and another time goes to the deputy."""
    ana = await registered(station, 101, "Ana")
    li, wang = officer(station, "li"), officer(station, "wang")
    await asks(ana)
    await counters(li, await li.sees("Ana asks for this time:"))
    proposed = await ana.sees("Li proposes this time:")
    await li.says("/away")
    await li.sees("You are away")
    assert not [each for each in await wang.got() if "Ana asks" in each["text"]]
    assert await answer_to(ana, proposed, "service_requests:accept:1:2") == (
        "The officer is away at that time. Choose another."
    )
    await counters(ana, proposed, day=5)
    await wang.sees("Ana asks for this time:")
    await li.sees("Wang answers this now.")


async def test_a_yes_needs_an_officer_who_reads_it(station: Town) -> None:
    """Li proposed a time and has blocked the bot since: nobody would come."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    await counters(li, await li.sees("Ana asks for this time:"))
    proposed = await ana.sees("Li proposes this time:")
    await li.blocks()

    async def is_known() -> bool:
        states = await stored(station, lambda transaction: transaction.officers.states())
        return not states["li"].is_reachable

    await station.until(is_known, "it is on file that Li has blocked the bot")
    assert await answer_to(ana, proposed, "service_requests:accept:1:2") == (
        "The officer is away at that time. Choose another."
    )
    await counters(ana, proposed, day=5)
    await officer(station, "wang").sees("Ana asks for this time:")


async def test_a_leave_that_covers_the_time_is_no_time_for_a_yes(station: Town) -> None:
    """Who is on leave then is not asked; who declared it since gets a word, and proposes another
    time."""
    ana = await registered(station, 101, "Ana")
    li, wang = officer(station, "li"), officer(station, "wang")
    starts = await asks(ana)
    card = await li.sees("Ana asks for this time:")
    day = (starts + timedelta(hours=8)).date().isoformat()
    await li.says(f"/away {day} {day}")
    await li.sees("You will be away")
    assert await answer_to(li, card, "service_requests:accept:1:1") == (
        "The officer is away at that time. Choose another."
    )
    minutes = int(starts.timestamp()) // 60
    assert await answer_to(li, card, f"service_requests:at:1:1:{minutes}") == (
        "The officer is away at that time. Choose another."
    )
    bo = await registered(station, 102, "Bo")
    await asks(bo)
    await wang.sees("Bo asks for this time:")


async def test_an_officer_who_cannot_be_reached_is_passed_over(station: Town) -> None:
    """Li has blocked the bot: the deputy gets it; when everybody has, the resident is told at once
    and has the number to call."""
    ana, bo = await registered(station, 101, "Ana"), await registered(station, 102, "Bo")
    li, wang, zhao = (officer(station, code) for code in ("li", "wang", "zhao"))
    await station.control(
        "faults",
        next=[{
            "method": "sendMessage", "chat_id": li.chat_id, "error_code": 403,
            "description": "Forbidden: bot was blocked by the user", "times": 1,
        }],
    )  # fmt: skip
    await asks(ana)
    await wang.sees("Ana asks for this time:")
    await ana.sees("Sent to Wang.")
    await wang.blocks()
    await zhao.sees("Ana asks for this time:")
    await zhao.blocks()
    told = await ana.sees("✖ Nobody answered in time.")
    assert "+86 10 5555 0110" in told["text"].splitlines()
    days = await chooses(bo)
    await bo.forges(days["message_id"], data_of(days, ":day:")[3])
    times = await bo.sees(has(":at:"))
    assert await answer_to(bo, times, data_of(times, ":at:")[0]) == (
        "Nobody can come then. Choose another time, or telephone."
    )


async def test_the_officer_knows_that_the_resident_hears_nothing(station: Town) -> None:
    """A resident who has blocked the bot: each answer that does not arrive is told."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    card = await li.sees("Ana asks for this time:")
    await ana.blocks()
    await counters(li, card)
    await li.sees("Ana cannot be reached: messages do not get through.")


async def test_an_agreed_time_that_the_resident_does_not_hear_of(station: Town) -> None:
    """The officer would wait in vain otherwise."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    card = await li.sees("Ana asks for this time:")
    await ana.blocks()
    await li.presses(card, ":accept:")
    await li.sees("Ana cannot be reminded: messages do not get through.")


async def test_who_is_expected_elsewhere_gets_a_word_and_it_stays_open(station: Town) -> None:
    """Two residents want the same evening: after the first yes the second is refused by the
    officer's diary, and another time is agreed instead."""
    ana, bo = await registered(station, 101, "Ana"), await registered(station, 102, "Bo")
    li = officer(station, "li")
    await asks(ana)
    await asks(bo)
    await li.presses(await li.sees("Ana asks for this time:"), ":accept:")
    await ana.sees("✔ Booked.")
    card = await li.sees("Bo asks for this time:")
    assert await answer_to(li, card, "service_requests:accept:2:1") == (
        "You are busy then. Propose another time."
    )
    await counters(li, card)
    proposed = await bo.sees("Li proposes this time:")
    await bo.presses(proposed, ":accept:")
    await bo.sees("✔ Booked.")


async def test_the_resident_cannot_be_at_two_places(station: Town) -> None:
    """A time of an own appointment cannot be asked for, nor agreed by either side."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    starts = await asks(ana)
    await li.presses(await li.sees("Ana asks for this time:"), ":accept:")
    await ana.sees("✔ Booked.")
    days = await chooses(ana)
    await ana.forges(days["message_id"], data_of(days, ":day:")[3])
    times = await ana.sees(has(":at:"))
    assert await answer_to(ana, times, data_of(times, ":at:")[-1]) == (
        "You have another appointment at that time."
    )
    await ana.forges(times["message_id"], data_of(times, ":at:")[0])
    card = await li.sees("Ana asks for this time:")
    busy = f"at:2:1:{int(starts.timestamp()) // 60}"
    await li.forges(card["message_id"], f"service_requests:{busy}")
    shown = await ana.sees("Li proposes this time:")
    assert await answer_to(ana, shown, "service_requests:accept:2:2") == (
        "You have another appointment at that time."
    )


async def test_another_time_is_one_that_the_officer_has(station: Town) -> None:
    """What the diary holds is not offered, to neither side; a new request may go to others."""
    ana, bo = await registered(station, 101, "Ana"), await registered(station, 102, "Bo")
    li = officer(station, "li")
    starts = await asks(ana)
    await li.presses(await li.sees("Ana asks for this time:"), ":accept:")
    await ana.sees("✔ Booked.")
    await asks(bo, time=0)
    card = await li.sees("Bo asks for this time:")
    await li.presses(card, ":days:")
    days = await li.sees(has(":day:2:1:"))
    await li.forges(days["message_id"], data_of(days, ":day:")[3])
    times = await li.sees(has(":at:2:1:"))
    minutes = int(starts.timestamp()) // 60
    assert f"service_requests:at:2:1:{minutes - 30}" in data_of(times, ":at:")
    assert f"service_requests:at:2:1:{minutes}" not in data_of(times, ":at:")


async def test_whoever_has_the_residents_case_is_asked(station: Town) -> None:
    """The owner, not the one responsible for the area; the appointment names the case."""
    li, wang = officer(station, "li"), officer(station, "wang")
    ana = await registered(station, 101, "Ana")
    await li.says("/away")
    await li.sees("You are away")
    await ana.says("Hello")
    await wang.sees("Hello")
    await li.says("/back")
    await li.sees("You are back")
    await asks(ana)
    await wang.presses(await wang.sees("Ana asks for this time:"), ":accept:")
    await ana.sees("✔ Agreed with Wang.")
    booked = await stored(station, lambda transaction: transaction.appointments.find(1))
    assert booked.case_number == 1001


# --- bad input


async def test_forged_presses_get_a_word_and_change_nothing(station: Town) -> None:
    """Other people's requests, ids that are none, times that are past or years away, ways that the
    service does not have."""
    ana, bo = await registered(station, 101, "Ana"), await registered(station, 102, "Bo")
    li, wang = officer(station, "li"), officer(station, "wang")
    await asks(ana)
    card = await li.sees("Ana asks for this time:")
    theirs, not_yours = (await bo.got())[-1], "This request is not yours (any more)."
    for data in ("accept:1:1", "withdraw:1", "days:1:1", "at:1:1:29000000", "show:1"):
        assert await answer_to(bo, theirs, f"service_requests:{data}") == not_yours
    for data in ("accept:1:1", "decline:1:1", "reason:1:1:duty", "explain:1:1", "show:1"):
        shown = (await wang.got())[-1]
        assert await answer_to(wang, shown, f"service_requests:{data}") == not_yours
    for data in (
        "accept:9:1", "accept:x", "accept", "show:" + "9" * 19, "days:permit:v", "days:nothing:r",
        "days::", "service:nothing", "at:permit:r:x", "at:permit:r:9999999999", "type:permit:r:x",
    ):  # fmt: skip
        assert await answer_to(bo, theirs, f"service_requests:{data}") == "This has moved on."
    for data in ("reason:1:1:other", "days:permit:r"):
        assert await answer_to(li, card, f"service_requests:{data}") == "This has moved on."
    now = int(station.clock.now().timestamp()) // 60
    for minutes, word in ((now - 9, "too soon"), (now + 20, "too soon"), (now * 2, "too far")):
        forged = f"service_requests:at:permit:r:{minutes}"
        assert word in await answer_to(bo, theirs, forged)
    request = await stored(station, lambda transaction: transaction.service_requests.find(1))
    assert (request.state, request.proposal.number, request.officer) == ("open", 1, "li")
    assert await stored(station, lambda each: each.service_requests.open_of(102)) is None


async def test_a_dialogue_swallows_nothing(station: Town) -> None:
    """While an address is awaited, a message that is no answer to it reaches the officer; so does a
    place sent as a reply to something else."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await pick(ana, await chooses(ana, "residence", "v"))
    prompt = await ana.sees("Where shall the officer come?")
    await ana.says("My neighbour shouts")
    card = await li.sees("My neighbour shouts")
    await li.says("Where?", reply_to_message_id=card["message_id"])
    asked = await ana.sees("Where?")
    await ana.sends(
        location={"latitude": 30.0, "longitude": 100.0}, reply_to_message_id=asked["message_id"]
    )
    await station.until(lambda: at_least(li, 2), "the place is copied")
    await ana.says("Binjiang Road 7", reply_to_message_id=prompt["message_id"])
    await li.sees("Ana asks for this time:")


async def test_a_cry_is_no_address(station: Town) -> None:
    """A cry for help in reply to the question for the address asks nobody to come there: it goes to
    the officer and the duty desk, and the address can still be given."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await pick(ana, await chooses(ana, "residence", "v"))
    prompt = await ana.sees("Where shall the officer come?")
    await ana.says("help me, he has a knife", reply_to_message_id=prompt["message_id"])
    await ana.sees("Nobody is coming unless you call.")
    await li.sees("help me, he has a knife")
    await officer(station, "zhao").sees("help me, he has a knife")
    await ana.says("Hill Lane 7", reply_to_message_id=prompt["message_id"])
    card = await li.sees("Ana asks for this time:")
    assert "Hill Lane 7" in card["text"]
    assert "knife" not in card["text"]


async def at_least(person: Person, count: int) -> bool:
    """Whether so many copies came."""
    return len(await person.copies()) >= count


async def test_what_was_called_off_meanwhile_is_not_booked(station: Town) -> None:
    """Agreed, and called off before the resident was told: only that is said."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    await asks(ana)
    card = await li.sees("Ana asks for this time:")
    await li.presses(card, ":accept:")
    await ana.sees("✔ Booked.")
    await li.forges(card["message_id"], "appointments:cancel:1")
    await ana.sees("your appointment was cancelled")
    await comes_late(station, "appointments.agreed", "1", chat_id=ana.chat_id)
    assert len([each for each in await ana.got() if "✔ Booked." in each["text"]]) == 1


async def test_a_restart_in_the_middle_costs_nothing(house: Town) -> None:
    """The day was chosen before, the time after; the address was asked for before, and typed
    after; the answer comes after another one."""
    async with house.bot():
        ana, li = await registered(house, 101, "Ana"), officer(house, "li")
        days = await chooses(ana, "residence", "v")
    async with house.bot():
        await pick(ana, days)
        prompt = await ana.sees("Where shall the officer come?")
    async with house.bot():
        await ana.says("Binjiang Road 7", reply_to_message_id=prompt["message_id"])
        card = await li.sees("Ana asks for this time:")
    async with house.bot():
        await li.presses(card, ":accept:")
        await ana.sees("✔ Booked.")


async def test_what_ran_out_meanwhile_is_told_after_a_restart(house: Town) -> None:
    """The bot was down when the time for an answer ended: both hear it at the start, once."""
    async with house.bot():
        ana, li = await registered(house, 101, "Ana"), officer(house, "li")
        starts = await asks(ana)
        await li.sees("Ana asks for this time:")
    await house.moves_to(starts)
    async with house.bot():
        await ana.sees("✖ Nobody answered in time.")
        await li.sees("✖ Nobody answered in time.")
        await ana.says("/request")
        await ana.sees("For what do you need another time?")
    told = [each for each in await ana.got() if "Nobody answered" in each["text"]]
    assert len(told) == 1


async def test_before_an_area_is_chosen_it_is_asked_for(station: Town) -> None:
    """Nobody could be asked otherwise."""
    ana = station.person(101, "Ana")
    await ana.says("/request")
    await ana.sees("In which area do you live")
