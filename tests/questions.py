"""The question *to whom?* as an officer sees it, for tests."""

from __future__ import annotations

from typing import Any

from tests.front_door import Person, Town
from tests.stations import officer, registered


def rows_of(question: dict[str, Any]) -> list[str]:
    """The texts of the cases offered, one per row."""
    assert all(len(row) == 1 for row in question["buttons"])
    return [row[0]["text"] for row in question["buttons"] if ":pick:" in row[0]["callback_data"]]


async def question_in(staff: Person, count: int) -> dict[str, Any]:
    """The open question, once it asks about ``count`` messages."""
    return await staff.sees(
        lambda each: each["text"].startswith(f"To whom? {count} message") and each["buttons"]
    )


async def wrote(here: Town, chat_id: int, name: str, text: str = "Hello") -> Person:
    """A resident of riverside whose message the officer has."""
    person = await registered(here, chat_id, name)
    await person.says(text)
    await officer(here, "li").sees(text)
    return person
