"""Crowds: many people at once, and everything in the right chat, in order."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.simulator.limits import PRIVATE_BURST
from tests.front_door import Person, Town, town
from tests.stations import (
    OFFICERS,
    RESPONSIBLE,
    five_areas,
    officer,
    on_duty,
    on_file,
    registered,
)

AREAS = sorted(RESPONSIBLE)
MESSAGES = 10


def written_by(person: Person) -> list[str]:
    """What each resident of the crowd writes."""
    return [f"{person.name} {number}" for number in range(MESSAGES)]


async def writes(person: Person) -> None:
    """Through the area's link and ten messages, without waiting for anything."""
    area = AREAS[person.chat_id % len(AREAS)]
    await person.says(f"/start a-{area}")
    for text in written_by(person):
        await person.says(text)


async def answers_everything(staff: Person, residents: list[Person]) -> None:
    """The officer replies to each last copy, and to each card."""
    got = await staff.got()
    for person in residents:
        last = next(each for each in got if each["text"] == written_by(person)[-1])
        card = next(each for each in got if each["message_id"] == last["reply_to"])
        await staff.says(f"to {person.name}", reply_to_message_id=last["message_id"])
        await staff.says(f"again to {person.name}", reply_to_message_id=card["message_id"])


async def test_twenty_residents_write_ten_messages_each_and_everybody_gets_what_is_theirs(
    database_url: str, tmp_path: Path
) -> None:
    """Every copy is in the right officer's chat, in order per resident, under that resident's card;
    every answer reaches the right resident; nothing else is in any chat."""
    async with town(database_url) as here:
        await on_file(database_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        crowd = [here.person(100 + number, f"R{number}") for number in range(20)]
        of_code: dict[str, list[Person]] = {}
        for person in crowd:
            code = RESPONSIBLE[AREAS[person.chat_id % len(AREAS)]]
            of_code.setdefault(code, []).append(person)
        async with here.bot():
            await asyncio.gather(*(writes(person) for person in crowd))
            for code, residents in of_code.items():
                await everything_came(officer(here, code), residents)
            for code in OFFICERS.keys() - of_code.keys():
                assert not await officer(here, code).copies()
            await asyncio.gather(
                *(answers_everything(officer(here, code), of_code[code]) for code in of_code)
            )
            for person in crowd:
                await person.sees(f"again to {person.name}")
                await person.sees("Answered.")
                introduction, *others = [each["text"] for each in await person.got()]
                assert "Your officer" in introduction
                assert others[-2:] == [f"to {person.name}", f"again to {person.name}"]
                assert len(others) == 4  # and the receipt, and what the mark means


async def everything_came(staff: Person, residents: list[Person]) -> None:
    """All copies of these residents, and no others, each person's in order under one card."""
    wanted = {text for person in residents for text in written_by(person)}
    await staff.sees(lambda each: each["text"] in wanted, count=len(wanted))
    copies = await staff.copies()
    assert len(copies) == len(wanted)
    cards = {each["message_id"] for each in await staff.got() if "C-1" in each["text"]}
    assert len(cards) == len(residents)
    for person in residents:
        own = [each for each in copies if each["text"] in written_by(person)]
        assert [each["text"] for each in own] == written_by(person)
        assert len({each["reply_to"] for each in own}) == 1
        assert own[0]["reply_to"] in cards


async def test_two_first_messages_at_once_make_one_case_with_both(station: Town) -> None:
    """Two quick first messages never open two cases, and keep their order."""
    ana, li = await registered(station, 101, "Ana"), officer(station, "li")
    for text in ("one", "two"):
        await ana.says(text)
    await li.sees("two")
    cards = [each for each in await li.got() if "C-1" in each["text"]]
    assert len(cards) == 1
    assert [each["text"] for each in await li.copies()] == ["one", "two"]
    await ana.sees("Sent to the officer's phone")
    receipts = [each for each in await ana.got() if "C-1001" in each["text"]]
    assert len(receipts) == 1


async def test_a_burst_keeps_its_order_and_telegrams_pace(sqlite_url: str, tmp_path: Path) -> None:
    """More messages at once than Telegram takes for one chat: all arrive in order, and Telegram
    never has to say that we are too fast."""
    texts = [f"message {number}" for number in range(PRIVATE_BURST + 1)]
    async with town(sqlite_url, chat_per_second=4) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        async with here.bot():
            ana, li = await registered(here, 101, "Ana"), officer(here, "li")
            await here.control("faults", enforce_limits=True)
            for text in texts:
                await ana.says(text)
            await li.sees(texts[-1])
            assert [each["text"] for each in await li.copies()] == texts
        assert {call["status"] for call in await here.calls()} == {200}
