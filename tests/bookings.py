"""What tests of appointments share: a station with services, and the way to a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.front_door import Person, Town
from tests.stations import at_work, everybody_came, five_areas

Message = dict[str, Any]

SERVICES = """
[[service]]
code = "residence"
name = { zh = "居住登记", en = "Residence registration" }
minutes = 20
ways = ["room"]
bring = [{ zh = "护照", en = "Passport" }]

[[service]]
code = "advice"
name = { zh = "防盗咨询", en = "Advice on burglary" }
minutes = 30
ways = ["room", "phone", "visit"]
travel_minutes = 30
"""


@asynccontextmanager
async def station_with(
    database_url: str, folder: Path, services: str = SERVICES, **changes: str
) -> AsyncIterator[Town]:
    """A station whose officers can be told; ``changes``: old words of its roster and new ones."""
    roster = five_areas(folder)
    text = roster.read_text(encoding="utf-8") + services
    for old, new in changes.items():
        text = text.replace(old, new)
    roster.write_text(text, encoding="utf-8")
    async with at_work(database_url, roster) as here:
        await everybody_came(here)
        yield here


async def days(person: Person, service: str = "residence", way: str = "") -> Message:
    """The message with the days on which something can be had."""
    asked = await person.says("/book")
    shown = await person.sees(
        lambda each: each["message_id"] > asked and "What would you like" in each["text"]
    )
    await person.presses(shown, f"service:{service}")
    if way:
        await person.presses(
            await _becomes(person, shown, "How would you"), f":way:{service}:{way}"
        )
    return await _becomes(person, shown, "On which day")


async def _becomes(person: Person, shown: Message, part: str) -> Message:
    """The same message, when it says this."""
    number = shown["message_id"]
    return await person.sees(lambda each: each["message_id"] == number and part in each["text"])


async def times(person: Person, service: str = "residence", way: str = "") -> Message:
    """The message with the times of the last day that is offered."""
    shown = await days(person, service, way)
    await person.forges(shown["message_id"], shown["buttons"][-2][-1]["callback_data"])
    return await _becomes(person, shown, "at what time")


def data_of(message: Message, data_part: str) -> list[str]:
    """What the buttons carry whose data contains this."""
    return [
        button["callback_data"]
        for row in message["buttons"]
        for button in row
        if data_part in button.get("callback_data", "")
    ]


async def book(person: Person) -> Message:
    """The message of a booked appointment, at the last day's first time."""
    await person.presses(await times(person), ":time:")
    await person.presses(await person.sees("Shall it be booked"), ":confirm:")
    return await person.sees("✔ Booked.")


async def says_pressed(here: Town, part: str, *, count: int = 1) -> None:
    """Wait until so many presses, of all there were, have been answered with these words."""

    async def answered() -> bool:
        calls = await here.calls("answerCallbackQuery")
        found = [call for call in calls if part in (call["params"].get("text") or "")]
        return len(found) >= count

    await here.until(answered, f"{count} presses are answered {part!r}")
