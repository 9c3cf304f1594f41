"""A machine proposes languages: outside of every transaction, never unmarked, never as danger."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.delivery.translator import (
    ANSWER_BYTES_LIMIT,
    Translator,
    TranslatorAwayError,
    TranslatorRefusedError,
)
from handlers.bulletins.machine_text import safe_html
from tests.front_door import Person, Town, town
from tests.publishing import approved, button, newest, sees_new, told, written
from tests.stations import five_areas, officer, on_duty, on_file, registered

KEY = "a-key-nobody-may-read"


@dataclass
class TranslatingServer:
    """LibreTranslate's way of speaking, at the wire: `answers` are given in turn, then the echo."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def translate(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.asked.append(asked)
        await self.may_answer.wait()
        if self.answers:
            return self.answers.pop(0)
        return web.json_response({"translatedText": f"[{asked['target']}] {asked['q']}"})


@pytest.fixture
async def machine() -> AsyncIterator[TranslatingServer]:
    """A translator on this machine."""
    server = TranslatingServer()
    server.may_answer.set()
    application = web.Application()
    application.router.add_post("/translate", server.translate)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path, machine: TranslatingServer) -> AsyncIterator[Town]:
    """A station with a translator; its bot does not run yet."""
    settings = {"translator_url": machine.url, "translator_key": KEY}
    async with town(sqlite_url, **settings) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        yield here


async def asked_for(here: Town, kind: str = "tips", text: str = "Lock <both> & all") -> None:
    """Li writes in Chinese and asks for the other languages."""
    li = officer(here, "li")
    await written(li, kind, text)
    await li.presses(await li.sees(button("bulletins:languages:1")), "languages")
    await li.presses(await li.sees(button("bulletins:translate:1")), "translate")
    await li.sees("The translator is asked.")


async def test_what_a_machine_made_says_so_to_author_and_residents(
    house: Town, machine: TranslatingServer
) -> None:
    """Both missing languages are proposed, with the markup that Telegram takes and no other; one
    that a person vouches for loses its mark, the other keeps it to the end."""
    machine.answers = [
        web.json_response({"translatedText": "<p>قفل <b>كل &lt;شيء&gt;</p>"}),
        web.json_response({"translatedText": "Lock <i>both</i> &amp; all"}),
    ]
    async with house.bot():
        ana = await registered(house, 101, "Ana")
        omar = await registered(house, 103, "Omar", "riverside", "ar")
        await asked_for(house)
        li, sun = officer(house, "li"), officer(house, "sun")
        await li.presses(await li.sees(button("vouch:1:en")), "vouch:1:en")
        draft = await li.sees(lambda each: "read by nobody: العربية" in each["text"])
        assert "read by nobody: English" not in draft["text"]
        await approved(li, sun)
        await li.presses(await li.sees(button("bulletins:send:1")), "send")
        assert "machine" not in (await ana.sees("Lock both & all"))["text"]
        got = await omar.sees("قفل كل <شيء>")
        assert "ترجمة آلية." in got["text"]
    assert [each["target"] for each in machine.asked] == ["ar", "en"]
    assert {each["api_key"] for each in machine.asked} == {KEY}
    assert machine.asked[0]["q"] == "Lock &lt;both&gt; &amp; all"


async def test_danger_needs_a_person_who_has_read_it(house: Town) -> None:
    """An unread machine's text is not even handed in as danger; a person's yes lets it."""
    async with house.bot():
        await asked_for(house, "alert", "Gas")
        li, sun = officer(house, "li"), officer(house, "sun")
        proposals = [await li.sees(button(f"vouch:1:{each}")) for each in ("en", "ar")]
        await li.presses(proposals[0], "draft")
        for severity in ("warning", "danger"):
            await li.presses(await li.sees(button("severity:1")), "severity")
            await li.sees(button(f"Severity: {severity}"))
        await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
        await house.until(lambda: told(house, "A person must read this language"), "it is said")
        for language in ("en", "ar"):
            message = proposals[1] if language == "ar" else await li.sees(button("severity:1"))
            data = next(
                each["callback_data"]
                for row in [*proposals[0]["buttons"], *proposals[1]["buttons"]]
                for each in row
                if f"vouch:1:{language}" in each["callback_data"]
            )
            await li.forges(message["message_id"], data)
        await house.until(lambda: is_read(li), "both are read")
        await approved(li, sun)


async def is_read(author: Any) -> bool:
    drafts = [each for each in await author.got() if "submit" in str(each["buttons"])]
    return any("read by nobody" not in each["text"] for each in drafts)


async def test_a_translator_that_fails_is_said_and_nothing_leaks(
    house: Town, machine: TranslatingServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A language it does not have, an answer that is none: the author writes it; no text and no
    key is in the log."""
    caplog.set_level(logging.DEBUG, logger="beatline")
    machine.answers = [
        web.json_response({"error": f"ar is not supported {KEY}"}, status=400),
        web.Response(text="<html>log in", content_type="text/html"),
    ]
    async with house.bot():
        await asked_for(house, text="Nobody may read this in a log")
        li = officer(house, "li")
        await li.sees("No translation into this language came: العربية.")
        await li.sees("No translation into this language came: English.")
    assert len(machine.asked) == 2
    assert "not_translated" in caplog.text
    assert KEY not in caplog.text
    assert "Nobody may read" not in caplog.text


async def test_a_translator_that_is_away_is_asked_three_times(
    house: Town, machine: TranslatingServer
) -> None:
    """A fault of its own is no answer: the second try brings the text."""
    machine.answers = [web.Response(status=503), web.Response(status=503)]
    async with house.bot():
        await asked_for(house)
        li = officer(house, "li")
        await house.until(lambda: was_asked(machine, 2), "both are tried")
        await house.control("clock", shift_seconds=20)
        await li.sees(button("vouch:1:en"))
        await li.sees(button("vouch:1:ar"))


async def was_asked(machine: TranslatingServer, times: int) -> bool:
    return len(machine.asked) >= times


async def test_what_was_asked_is_asked_again_after_a_restart(
    house: Town, machine: TranslatingServer
) -> None:
    """The translator thinks, the machine stops: nothing is lost, and other people are served
    meanwhile."""
    machine.may_answer.clear()
    async with house.bot():
        await asked_for(house)
        await house.until(lambda: was_asked(machine, 1), "the translator thinks")
        await registered(house, 101, "Ana")
    machine.may_answer.set()
    async with house.bot():
        await officer(house, "li").sees(button("vouch:1:en"))


async def writes(author: Person, code: str, language: str, text: str) -> dict[str, Any]:
    """A text in the language that the question calls so; the draft as it is then."""
    since = await newest(author)
    asked = await author.sees("The translator is asked.")
    await author.forges(asked["message_id"], f"bulletins:text:1:{code}")
    prompt = await sees_new(author, language, since)
    await author.says(text, reply_to_message_id=prompt["message_id"])
    return await sees_new(author, "submit", since)


async def test_a_proposal_never_takes_the_place_of_a_persons_text(
    house: Town, machine: TranslatingServer
) -> None:
    """Written while the translator thought, it stays; proposals go when the own text changes."""
    machine.may_answer.clear()
    async with house.bot():
        li = officer(house, "li")
        await asked_for(house)
        await house.until(lambda: was_asked(machine, 1), "the translator thinks")
        await writes(li, "ar", "العربية", "بيدي")
        machine.may_answer.set()
        await li.sees(button("vouch:1:en"))
        assert not [each for each in await li.got() if "vouch:1:ar" in str(each["buttons"])]
        shown = await writes(li, "zh", "中文", "Something else")
        assert "English" not in shown["text"]
        assert "read by nobody" not in shown["text"]


async def test_an_own_text_that_changes_meanwhile_is_proposed_anew(
    house: Town, machine: TranslatingServer
) -> None:
    """The author corrects the text while the translator thinks: what comes is of the new one."""
    machine.may_answer.clear()
    async with house.bot():
        li = officer(house, "li")
        await asked_for(house)
        await house.until(lambda: was_asked(machine, 1), "the translator thinks")
        await writes(li, "zh", "中文", "Lock your bicycle")
        machine.may_answer.set()
        for language in ("ar", "en"):
            proposal = await li.sees(button(f"vouch:1:{language}"))
            assert f"[{language}] Lock your bicycle" in proposal["text"]
        assert not [each for each in await li.got() if "No translation" in each["text"]]


async def test_without_an_address_nothing_is_offered_and_nothing_leaves(station: Town) -> None:
    """The button is not there; a forged press asks nobody."""
    li = officer(station, "li")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:languages:1")), "languages")
    shown = await li.sees(button("text:1:ar"))
    assert "translate" not in str(shown["buttons"])
    await li.forges(shown["message_id"], "bulletins:translate:1")
    await station.until(lambda: told(station, "There is nothing to translate."), "it is said")


async def test_no_connection_is_another_try_and_a_key_is_never_shown(
    unused_tcp_port: int,
) -> None:
    """What cannot be reached may be reached later."""
    translator = Translator(f"http://127.0.0.1:{unused_tcp_port}/", KEY)
    try:
        with pytest.raises(TranslatorAwayError) as failure:
            await translator.translated("x", source="zh", target="en")
    finally:
        await translator.close()
    assert KEY not in f"{translator!r} {failure.value}"


@pytest.mark.parametrize("url", ["http://a..example", f"http://{'x' * 64}.example", "http://[::1"])
async def test_an_address_that_is_none_stops_nobody(url: str) -> None:
    """Written wrong in the settings, it is a translator that is away, and the bot goes on."""
    translator = Translator(url)
    try:
        with pytest.raises(TranslatorAwayError):
            await translator.translated("x", source="zh", target="en")
    finally:
        await translator.close()


async def test_an_answer_is_read_to_its_end(machine: TranslatingServer) -> None:
    """It comes in pieces: all of them are the text, but for what is too long to be one."""
    translator = Translator(machine.url)
    text = "x" * (ANSWER_BYTES_LIMIT * 3 // 4)
    try:
        assert await translator.translated(text, source="zh", target="en") == f"[en] {text}"
        with pytest.raises(TranslatorRefusedError):
            await translator.translated(text + text, source="zh", target="en")
    finally:
        await translator.close()


@pytest.mark.parametrize(
    ("made", "safe"),
    [
        ("plain & <b>bold", "plain &amp; <b>bold</b>"),
        ("<b><i>x</b></i>", "<b><i>x</i></b>"),
        ("<b>a<b>b</b>c</b>", "<b>ab</b>c"),
        ("<script>x</script>", "x"),
        ('<a href="https://a.example/?x=1&y=2" onclick="z">a</a>',
         '<a href="https://a.example/?x=1&amp;y=2">a</a>'),
        ('<a href="javascript:x">a</a>', "a"),
        ("one<br>two\x00", "one\ntwo"),
        ("1 < 2 &lt; 3", "1 &lt; 2 &lt; 3"),
        ("</b>", ""),
    ],
)  # fmt: skip
def test_only_what_telegram_takes_is_left_of_markup(made: str, safe: str) -> None:
    """Tags are closed in order, nested once, and addresses are web addresses."""
    assert safe_html(made) == safe
