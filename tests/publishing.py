"""What officers do to publish something, for tests: write, hand in, approve, send."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiosqlite

from tests.front_door import Person, Town
from tests.stations import officer

TEXT = "Three bicycles were stolen near the market. <Lock> both wheels."


def button(data: str) -> Callable[[dict[str, Any]], bool]:
    """A message that has this button."""

    def has_it(message: dict[str, Any]) -> bool:
        return data in str(message.get("buttons"))

    return has_it


async def crowd(here: Town, count: int) -> list[Person]:
    """So many residents of Riverside."""
    people = [here.person(201 + place, f"Resident {place}") for place in range(count)]
    for person in people:
        await person.says("/start a-riverside")
    for person in people:
        await person.sees("Riverside")
    return people


async def texts_of(person: Person, words: str) -> list[str]:
    """What stands in this chat now with these words."""
    return [each["text"] for each in await person.got() if words in each["text"]]


async def corrected(here: Town, text: str, number: int = 1) -> None:
    """Li corrects the text in the station's language, and Sun says yes."""
    sun = officer(here, "sun")
    await corrects(officer(here, "li"), text, number)
    await sun.presses(await sun.sees(button(f"bulletins:accept:{number}")), "accept")
    await sun.sees("Approved.")


async def corrects(author: Person, text: str, number: int = 1) -> None:
    """The text in the station's language is corrected and handed in."""
    since = await newest(author)
    steering = await author.sees(button(f"bulletins:correct:{number}"))
    await author.presses(steering, "bulletins:correct")
    await author.presses(await sees_new(author, "retext", since), f"retext:{number}:zh")
    prompt = await sees_new(author, "language: 中文", since)
    await author.says(text, reply_to_message_id=prompt["message_id"])
    await author.presses(await sees_new(author, "hand_in", since), "hand_in")


async def newest(person: Person) -> int:
    """The id of what came last: what is asked after this has a higher one."""
    return max((each["message_id"] for each in await person.got()), default=0)


async def sees_new(person: Person, what: str, since: int) -> dict[str, Any]:
    """A message above ``since`` with these words or this button."""
    return await person.sees(
        lambda each: each["message_id"] > since and what in f"{each['text']}{each['buttons']}"
    )


async def written(author: Person, kind: str = "incident", text: str = TEXT) -> int:
    """A draft with a text in the station's own language; its number."""
    since = await newest(author)
    await author.says("/bulletin")
    await author.presses(await sees_new(author, f"bulletins:kind:{kind}", since), f"kind:{kind}")
    if kind in ("alert", "incident"):
        offered = await sees_new(author, "In my own words", since)
        await author.forges(offered["message_id"], offered["buttons"][-1][0]["callback_data"])
    prompt = await sees_new(author, "language: 中文", since)
    await author.says(text, reply_to_message_id=prompt["message_id"])
    draft = await sees_new(author, "bulletins:submit", since)
    return int(str(draft["buttons"]).partition("bulletins:submit:")[2].partition("'")[0])


async def approved(author: Person, second: Person, number: int = 1) -> None:
    """Handed in and approved: the author may send it."""
    await author.presses(await author.sees(button(f"bulletins:submit:{number}")), "submit")
    await second.presses(await second.sees(button(f"bulletins:approve:{number}")), "approve")
    await author.sees(button(f"bulletins:send:{number}"))


async def sent(here: Town, kind: str = "incident", text: str = TEXT) -> int:
    """Li writes, Sun approves, Li sends; its number."""
    li, sun = officer(here, "li"), officer(here, "sun")
    number = await written(li, kind, text)
    await approved(li, sun, number)
    await li.presses(await li.sees(button(f"bulletins:send:{number}")), "send")
    return number


async def published(here: Town, kind: str = "incident", text: str = TEXT) -> dict[str, Any]:
    """The same; the message with the bar when everybody has it."""
    number = await sent(here, kind, text)
    return await officer(here, "li").sees(
        lambda each: (
            "Everybody has it." in each["text"]
            and f"bulletins:report:{number}" in str(each["buttons"])
        )
    )


async def are_answered(here: Town, count: int) -> bool:
    """Whether so many presses have been answered."""
    return len(await here.calls("answerCallbackQuery")) >= count


async def told(here: Town, words: str) -> bool:
    """Whether somebody saw these words after a press."""
    calls = await here.calls("answerCallbackQuery")
    return any(words in str(call["params"].get("text")) for call in calls)


async def in_force(here: Town, roster: Path) -> None:
    """The roster is imported, and the running bot has read it."""
    await here.imports(roster)

    async def is_read() -> bool:
        async with aiosqlite.connect(here.database_url.removeprefix("sqlite:///")) as file:
            rows = await file.execute_fetchall("SELECT 1 FROM timer WHERE kind = 'roster.changed'")
        return not rows

    await here.until(is_read, "the roster is in force")
