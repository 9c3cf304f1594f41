"""A bulletin to a town: at Telegram's pace without a 429, fast where nothing limits it, and to a
million recipients who are written down while people go on talking."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import Any

from storage.engines import sqlite_path
from tests.load.campaigns.breaking import LIFE_SECONDS
from tests.load.databases import calls_under_way
from tests.load.figures import Figures, percentile
from tests.load.stage import FIRST_RESIDENT, LOOK_EVERY_SECONDS, Stage, stage
from tests.load.station import FIRST_FOLLOWER, FIRST_OFFICER

LANGUAGES = ("en", "zh", "ar")
#: What issue 5 asks: deliveries a second without a limit, and the share of the pace with one.
FAST, FAST_RATE = 1_000.0, 900.0
SLOW, SLOW_SHARE = 27.0, 0.99
MORE_MIB = 10.0
#: Writing down a million recipients: seconds, and how much longer a dialogue may take meanwhile.
MILLION, PREPARED_SECONDS, DIALOGUE_TIMES = 1_000_000, 60.0, 2.0
#: Dialogues that are timed before, and when sending begins: of fewer the p99 is the slowest one.
PROBES = 200
#: From one answer to the next question, and how often it is looked whether an answer is there.
PROBE_EVERY_SECONDS, LOOK_FOR_ANSWER_SECONDS = 0.05, 0.01
TEXT = "Three bicycles were stolen near the market. Please lock both wheels."
#: Chats that are looked into when there are too many to look into all.
LOOKED_AT = 500
#: How many have the text that is corrected and taken back.
MENDED, RIGHT_TEXT = 10_000, "Two scooters were stolen near the market."
#: What is killed: a broadcast of half a minute; and how long Telegram is away after it.
STRUCK, STRUCK_RATE, KILLS, OUTAGE_SECONDS = 6_000, 200.0, 20, 5.0
#: What issue 5 asks beyond that, too long for every day.
LONG_SECONDS, LONG_OUTAGE_SECONDS = 600.0, 3_600.0
#: An author, a second person, and whoever is left.
OFFICERS = 3

_PEOPLE = (
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)"
    " INSERT INTO person (chat_id, language, name, area, introduced_at, mark_explained_at,"
    " first_seen_at) SELECT :first + i, CASE i % 3 WHEN 0 THEN 'en' WHEN 1 THEN 'zh' ELSE 'ar' END,"
    " 'Follower ' || i, 'a0', :moment, :moment, :moment FROM n"
)


async def broadcast(*, engine: str = "sqlite", count: int = 100_000) -> list[Figures]:
    """The same notice five times: at its fastest, at Telegram's pace, killed, mended, to many."""
    if engine != "sqlite":
        raise ValueError("broadcast lays its people straight into a SQLite file")
    return [await fast(count), await slow(), await struck(), await mended(), await million()]


async def broadcast_long(*, engine: str = "sqlite") -> list[Figures]:
    """Ten minutes at Telegram's pace; an hour without Telegram. Played by hand."""
    if engine != "sqlite":
        raise ValueError("broadcast lays its people straight into a SQLite file")
    return [await slow(LONG_SECONDS), await struck(outage_seconds=LONG_OUTAGE_SECONDS)]


def _settle(path: Path, count: int) -> None:
    """So many residents in three languages, straight into the rows."""
    moment = "2026-01-01 12:00:00.000000+00:00"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute(_PEOPLE, {"count": count, "first": FIRST_FOLLOWER, "moment": moment})
        connection.execute("COMMIT")


@dataclass
class _Desk:
    """An author and a second person, who press what they are shown."""

    here: Stage

    async def _newest(self, chat_id: int, part: str, *, above: int = 0) -> Mapping[str, Any]:
        while True:
            found = await self.here.get("chat", chat_id=chat_id)
            for message in reversed(found["messages"]):
                says = f"{message['text']}{message['buttons']}" if message["from_bot"] else ""
                if part in says and message["message_id"] > above:
                    return dict(message)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def press(self, chat_id: int, data: str) -> None:
        """Press the newest button whose data begins so."""
        message = await self._newest(chat_id, data)
        (whole, *_others) = [
            button["callback_data"]
            for row in message["buttons"]
            for button in row
            if button.get("callback_data", "").startswith(data)
        ]
        await self.here.control(
            "press", user_id=chat_id, message_id=message["message_id"], data=whole, forge=True
        )

    async def publish(self) -> None:
        """Written, approved by a colleague, sent."""
        author, second = FIRST_OFFICER, FIRST_OFFICER + 1
        await self.here.says(author, "/bulletin")
        await self.press(author, "bulletins:kind:tips")
        prompt = await self._newest(author, "Reply to this message")
        await self.here.says(author, TEXT, reply_to_message_id=prompt["message_id"])
        await self.press(author, "bulletins:submit:1")
        await self.press(second, "bulletins:approve:1")
        await self.press(author, "bulletins:send:1")

    async def correct(self) -> None:
        """Another text, read by the colleague."""
        author, second = FIRST_OFFICER, FIRST_OFFICER + 1
        first = (await self._newest(author, "Reply to this message"))["message_id"]
        await self.press(author, "bulletins:correct:1")
        await self.press(author, "bulletins:retext:1:en")
        prompt = await self._newest(author, "Reply to this message", above=first)
        await self.here.says(author, RIGHT_TEXT, reply_to_message_id=prompt["message_id"])
        await self.press(author, "bulletins:hand_in:1")
        await self.press(second, "bulletins:accept:1")

    async def take_back(self) -> None:
        """Asked once more, then gone."""
        await self.press(FIRST_OFFICER, "bulletins:recall:1")
        await self.press(FIRST_OFFICER, "bulletins:recalled:1")


def _one(path: Path, question: str) -> tuple[Any, ...]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return tuple(connection.execute(question).fetchone())


async def _asked(path: Path, question: str) -> tuple[Any, ...]:
    return await asyncio.to_thread(_one, path, question)


async def _sent(here: Stage) -> int:
    totals = (await here.get("calls", limit=0))["totals"]
    return int(totals.get("sendMessage", 0))


async def _begun(here: Stage, count: int) -> Path:
    """Officers are greeted, the town is on file, and the bot has nothing to do."""
    path = sqlite_path(here.database)
    await asyncio.to_thread(_settle, path, count)
    await here.officers_start()
    await here.bot.start()
    await here.until_spoken_to(FIRST_OFFICER + here.officers - 1)
    await here.until_quiet()
    return path


async def _until_state(path: Path, *states: str) -> float:
    """Wait until the bulletin is in one of these; when that was (monotonic)."""
    while True:
        (state,) = await _asked(path, "SELECT coalesce(max(state), '') FROM bulletin")
        if state in states:
            return monotonic()
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def fast(count: int) -> Figures:
    """No limit but our own of 1,000 a second."""
    figures = Figures(f"broadcast, {count:,} at {FAST:g}/s")
    settings = {"BEATLINE_BULK_PER_SECOND": str(FAST)}
    async with stage(
        officers=OFFICERS, settings=settings, followers=count, languages=LANGUAGES
    ) as here:
        path = await _begun(here, count)
        idle_mib, before = here.bot.rss_mib, await _sent(here)
        cpu = here.bot.cpu_seconds
        await _Desk(here).publish()
        pressed = monotonic()
        prepared = await _until_state(path, "sending", "sent")
        most_mib = 0.0
        while await _sent(here) - before < count:
            here.bot.check()
            most_mib = max(most_mib, here.bot.rss_mib)
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        figures.rate = round(count / (monotonic() - prepared), 1)
        await _until_state(path, "sent")
        await here.until_quiet()
        figures.cpu_ms_per_message = round((here.bot.cpu_seconds - cpu) / count * 1000, 3)
        await _count(figures, here, path, count, step=max(1, count // LOOKED_AT))
        figures.more["seconds to write recipients down"] = round(prepared - pressed, 1)
        figures.more["MiB above idle"] = round(most_mib - idle_mib, 1)
        figures.rss_mib = round(most_mib, 1)
    figures.must_reach("deliveries a second", figures.rate, FAST_RATE)
    figures.must_not_exceed("MiB above idle", most_mib - idle_mib, MORE_MIB)
    figures.must_be_whole()
    return figures


async def _count(figures: Figures, here: Stage, path: Path, count: int, *, step: int) -> None:
    """Every recipient's row says sent, and every chat (every ``step``-th) has the notice once."""
    rows = await _asked(path, "SELECT count(*), sum(state = 'sent') FROM delivery")
    figures.sent, figures.delivered = count, int(rows[1] or 0)
    figures.lost = count - figures.delivered
    for place in range(0, count, step):
        found = await here.get("chat", chat_id=FIRST_FOLLOWER + place)
        times = sum("bicycles" in message["text"] for message in found["messages"])
        figures.lost += times == 0
        figures.duplicated += max(times - 1, 0)


async def struck(
    count: int = STRUCK, kills: int = KILLS, outage_seconds: float = OUTAGE_SECONDS
) -> Figures:
    """kill -9 at random moments, then Telegram is away: everybody has it once, but for the calls
    that were under way."""
    figures = Figures(f"broadcast, {kills} kills, {outage_seconds:g} s away")
    settings = {"BEATLINE_BULK_PER_SECOND": str(STRUCK_RATE)}
    chance = random.Random(1)
    async with stage(
        officers=OFFICERS, settings=settings, followers=count, languages=LANGUAGES
    ) as here:
        path = await _begun(here, count)
        await _Desk(here).publish()
        under_way = 0
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(*LIFE_SECONDS))
            await here.bot.end(by_kill=True)
            under_way += await calls_under_way(here.database)
            await here.bot.start()
        await here.control("faults", outage_seconds=outage_seconds)
        under_way += await calls_under_way(here.database)
        await _until_state(path, "sent")
        await here.until_quiet()
        await _count(figures, here, path, count, step=1)
        report = await _asked(path, "SELECT total, taken FROM bulletin")
    figures.more["calls under way at the kills"] = under_way
    figures.must_not_exceed("what the report misses", count - min(report), 0)
    figures.must_be_whole(allowed_duplicates=under_way)
    return figures


async def mended(count: int = MENDED) -> Figures:
    """Everybody has it; it is corrected where it stands, and then taken back."""
    figures = Figures(f"broadcast, {count:,} mended")
    settings = {"BEATLINE_BULK_PER_SECOND": str(FAST)}
    async with stage(
        officers=OFFICERS, settings=settings, followers=count, languages=LANGUAGES
    ) as here:
        path = await _begun(here, count)
        desk, begun = _Desk(here), monotonic()
        await desk.publish()
        await _until_state(path, "sent")
        figures.more["seconds to send"] = round(monotonic() - begun, 1)
        begun = monotonic()
        await desk.correct()
        await _until_revised(path, 2)
        figures.more["seconds to correct"] = round(monotonic() - begun, 1)
        texts = await _texts(here, count)
        figures.sent, figures.delivered = count, count
        wrong = sum(TEXT in text for text in texts)
        missing = sum(RIGHT_TEXT not in text for text in texts)
        begun = monotonic()
        await desk.take_back()
        await _until_revised(path, 3)
        figures.more["seconds to take back"] = round(monotonic() - begun, 1)
        left = sum(RIGHT_TEXT in text for text in await _texts(here, count))
    figures.must_not_exceed("chats with the wrong text", wrong, 0)
    figures.must_not_exceed("chats without the right text", missing, 0)
    figures.must_not_exceed("chats that still have it", left, 0)
    return figures


async def _until_revised(path: Path, revision: int) -> None:
    """Wait until everybody has this revision and nothing is on its way."""
    question = (
        f"SELECT (SELECT revision FROM bulletin) = {revision} AND NOT EXISTS"  # noqa: S608 - our own number
        f" (SELECT 1 FROM delivery WHERE revision < {revision} OR state = 'promised')"
    )
    while True:
        (is_done,) = await _asked(path, question)
        if is_done:
            return
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _texts(here: Stage, count: int) -> list[str]:
    """What stands in every so many chats."""
    texts = []
    for place in range(0, count, max(1, count // LOOKED_AT)):
        found = await here.get("chat", chat_id=FIRST_FOLLOWER + place)
        texts.append(" ".join(message["text"] for message in found["messages"]))
    return texts


async def slow(seconds: float = 60.0) -> Figures:
    """Telegram's own limits, enforced by the simulator."""
    figures = Figures(f"broadcast, {seconds:g} s at {SLOW:g}/s")
    count = int(SLOW * seconds * 1.5)
    settings = {"BEATLINE_BULK_PER_SECOND": str(SLOW), "BEATLINE_CHAT_PER_SECOND": "1"}
    async with stage(
        officers=OFFICERS, settings=settings, followers=count, languages=LANGUAGES
    ) as here:
        path = await _begun(here, count)
        await here.control("faults", enforce_limits=True)
        await _Desk(here).publish()
        await _until_state(path, "sending")
        await asyncio.sleep(2.0)
        before, since = await _delivered(path), monotonic()
        await asyncio.sleep(seconds)
        figures.rate = round((await _delivered(path) - before) / (monotonic() - since), 2)
        calls = (await here.get("calls"))["calls"]
        refused = sum(call["status"] == 429 for call in calls)
        figures.sent = figures.delivered = await _delivered(path)
        figures.more["refused with a 429"] = refused
        figures.rss_mib = round(here.bot.rss_mib, 1)
    figures.must_reach("share of the pace", figures.rate / SLOW, SLOW_SHARE)
    figures.must_not_exceed("429s", refused, 0)
    return figures


async def _delivered(path: Path) -> int:
    (found,) = await _asked(path, "SELECT count(*) FROM delivery WHERE state = 'sent'")
    return int(found)


async def million(count: int = MILLION) -> Figures:
    """Everybody of a large town is written down while a resident goes on talking."""
    figures = Figures(f"broadcast, {count:,} written down")
    settings = {"BEATLINE_BULK_PER_SECOND": str(SLOW)}
    async with stage(
        officers=OFFICERS, settings=settings, followers=5_000, languages=LANGUAGES
    ) as here:
        path = await _begun(here, count)
        await here.says(FIRST_RESIDENT, "/start a-a1")
        await here.says(FIRST_RESIDENT, "hello")
        await here.until_quiet()
        idle_mib, idle = here.bot.rss_mib, await _probes(here, lambda: True, at_least=PROBES)
        await _Desk(here).publish()
        pressed = monotonic()
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(_until_state(path, "sending"))
            busy = await _probes(here, watching.done, at_least=PROBES)
        ended_at = watching.result()
        figures.more["seconds to write recipients down"] = round(ended_at - pressed, 1)
        during = await _probes(here, lambda: True, at_least=PROBES)
        waits = [percentile(sorted(each), 0.99) for each in (idle, busy, during)]
        figures.more["dialogue p99 ms: idle, writing down, sending"] = [round(x) for x in waits]
        figures.more["MiB above idle"] = round(here.bot.rss_mib - idle_mib, 1)
        figures.rss_mib = round(here.bot.rss_mib, 1)
        figures.note_latencies(busy)
        figures.sent = figures.delivered = await _delivered(path)
    figures.must_not_exceed("seconds", ended_at - pressed, PREPARED_SECONDS)
    figures.must_not_exceed("times the idle p99", max(waits) / waits[0], DIALOGUE_TIMES)
    figures.must_not_exceed("MiB above idle", figures.rss_mib - idle_mib, MORE_MIB)
    return figures


async def _probes(here: Stage, is_over: Callable[[], bool], *, at_least: int) -> list[float]:
    """A resident asks for help now and then until it is over; how long each answer takes, in
    milliseconds."""
    took: list[float] = []
    while len(took) < at_least or not is_over():
        took.append(await _probe(here))
        await asyncio.sleep(PROBE_EVERY_SECONDS)
    return took


async def _probe(here: Stage) -> float:
    """From the question to the call that answers it, as the log of calls has it."""
    since, asked_at = (await here.get("calls", limit=0))["last"], time()
    await here.says(FIRST_RESIDENT, "/help")
    while True:
        found = await here.get(
            "calls", since=since, chat_id=FIRST_RESIDENT, method="sendMessage", limit=1
        )
        for call in found["calls"]:
            return float(call["at"] - asked_at) * 1000
        await asyncio.sleep(LOOK_FOR_ANSWER_SECONDS)
