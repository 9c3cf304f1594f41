"""Alerts: from a template in a minute, before everything else in danger, and never too many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Any

import pytest

from bot.texts import Words
from handlers.bulletins.templates import HOLES, TEMPLATES, filled
from tests.front_door import Person, Town
from tests.publishing import approved, button, crowd, published, sent, texts_of, written
from tests.stations import at_work, five_areas, officer, registered
from tests.test_bulletin_weeks import SHANGHAI, comes, is_scheduled, scheduled

PEOPLE = 12


@pytest.mark.parametrize("code", sorted(TEMPLATES))
@pytest.mark.parametrize("language", ["en", "zh", "ar"])
def test_every_template_says_everything_in_every_language(code: str, language: str) -> None:
    """Each hole has a name to ask for it by, and what is filled in is escaped and not lost."""
    template = TEMPLATES[code]
    assert template.holes
    assert set(template.holes) <= set(HOLES)
    values = {hole: f"<{hole}>" for hole in template.holes}
    text = str(filled(template, values, Words(language, SHANGHAI)))
    assert all(f"&lt;{hole}&gt;" in text for hole in template.holes)
    assert language == "en" or text != str(filled(template, values, Words("en", SHANGHAI)))


def test_there_are_twenty() -> None:
    """As many as two rows of a phone's screen hold, and no fewer than were asked for."""
    assert len(TEMPLATES) == 20


async def from_template(here: Town, code: str, *lines: str) -> None:
    """Li makes a draft from a template."""
    li = officer(here, "li")
    await li.says("/bulletin")
    await li.presses(await li.sees(button("kind:alert")), "kind:alert")
    await li.presses(await li.sees(button(f"template:1:{code}")), f"template:1:{code}")
    prompt = await li.sees("one line for each")
    await li.says("\n".join(lines), reply_to_message_id=prompt["message_id"])


async def test_a_template_is_an_alert_in_all_languages_at_once(station: Town) -> None:
    """Two lines from the officer, and everybody reads it in the own language."""
    ana = await registered(station, 101, "Ana")
    lin = await registered(station, 102, "Lin", "hillside", "zh")
    omar = await registered(station, 103, "Omar", "riverside", "ar")
    li, sun = officer(station, "li"), officer(station, "sun")
    await from_template(station, "burglary", "Riverside 3–5", "last night")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send")), "send")
    await ana.sees("Homes were broken into in Riverside 3–5, last night.")
    await lin.sees("发生入室盗窃")
    await omar.sees("اقتُحمت منازل")


async def test_a_template_with_a_line_missing_is_asked_again(station: Town) -> None:
    """No alert goes out with an empty place."""
    li = officer(station, "li")
    await from_template(station, "burglary", "Riverside")
    await li.sees("2 lines are needed, 1 came.")
    prompt = await li.sees("one line for each")
    await li.says("Riverside\nlast night", reply_to_message_id=prompt["message_id"])
    await li.sees(button("bulletins:submit:1"))


# --- danger


@pytest.fixture
async def slow(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station whose notices go out six a second."""
    async with at_work(sqlite_url, five_areas(tmp_path), bulk_per_second=6.0) as here:
        yield here


async def test_danger_overtakes_a_notice_that_is_going_out(slow: Town) -> None:
    """Its first delivery within a second, and everybody has it before the notice is through."""
    people = await crowd(slow, PEOPLE)
    li, sun = officer(slow, "li"), officer(slow, "sun")
    number = await written(li, "alert", "Gas! Leave your homes")
    for _severity in ("warning", "danger"):
        await li.presses(await li.sees(button(f"severity:{number}")), "severity")
        await li.sees(button(f"Severity: {_severity}"))
    await approved(li, sun, number)
    await sent(slow)
    await slow.until(lambda: somebody_has(people, "bicycles"), "the notice goes out")
    pressed_at = time()
    await li.presses(await li.sees(button(f"send:{number}")), "send")
    for person in people:
        await person.sees("Gas! Leave your homes")
    danger = await calls_with(slow, "Gas!")
    notices = await calls_with(slow, "bicycles")
    assert danger[0]["at"] - pressed_at < 1.0
    assert sum(each["at"] < danger[-1]["at"] for each in notices) < PEOPLE
    assert {each["params"].get("disable_notification") for each in danger} == {False}


async def somebody_has(people: list[Person], words: str) -> bool:
    return any([await texts_of(each, words) for each in people])


async def calls_with(here: Town, words: str) -> list[dict[str, Any]]:
    """Calls that brought these words to residents, as they were made."""
    calls = await here.calls("sendMessage")
    return [
        each
        for each in calls
        if words in str(each["params"].get("text")) and 201 <= each["params"]["chat_id"] < 300
    ]


# --- how long, and how often


async def test_an_alert_that_is_over_goes_to_nobody_any_more(station: Town) -> None:
    """Good for six hours, sent after seven: said so in its text, delivered to nobody."""
    ana = await registered(station, 101, "Ana")
    li, sun = officer(station, "li"), officer(station, "sun")
    number = await written(li, "alert", "A storm comes")
    await li.presses(await li.sees(button(f"expiry:{number}")), "expiry")
    await li.sees("Good until")
    await approved(li, sun, number)
    await station.control("clock", shift_seconds=timedelta(hours=7).total_seconds())
    await li.presses(await li.sees(button(f"send:{number}")), "send")
    await li.sees("Did not want it any more: 1")
    assert await texts_of(ana, "storm") == []


async def test_a_fourth_notice_in_a_week_waits_for_the_weekly_issue(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Three notices a week, the rest together on Friday; a warning comes at any time."""
    async with at_work(sqlite_url, scheduled(tmp_path)) as here:
        ana, li = await registered(here, 101, "Ana"), officer(here, "li")
        await is_scheduled(here)
        await comes(here)
        await officer(here, "sun").sees("Nothing went out.")
        for place in range(1, 5):
            await published(here, "alert", f"Alert no. {place}")
        await ana.sees("Alert no. 3")
        assert await texts_of(ana, "Alert no. 4") == []
        await approved(li, officer(here, "sun"), await written(li))
        await comes(here)
        await ana.sees("bicycles")
        await ana.sees("Alert no. 4")
