"""The campaigns. Each is a function that plays on a stage and returns its figures."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from tests.load.figures import Figures, Sent, compare, note_latencies
from tests.load.stage import FIRST_OFFICER, FIRST_RESIDENT, PEOPLE, Stage, stage

#: What one Bot API call takes in every campaign unless it says otherwise.
CALL_MILLISECONDS = 30

Campaign = Callable[..., Awaitable[Figures]]


async def opened(here: Stage) -> None:
    """The bot runs, everybody is registered, and everybody's case is open."""
    await here.start_bot()
    await here.register()
    opening = await here.residents_write(PEOPLE, tag="opening")
    await here.until_arrived(opening)
    await here.control("faults", latency_ms=CALL_MILLISECONDS)


async def arrivals(here: Stage, since: int) -> dict[tuple[int, int], float]:
    """When each copied message was accepted: (chat of origin, message id) → monotonic seconds."""
    found: dict[tuple[int, int], float] = {}
    while True:
        page = await here.get("calls", since=since, method="copyMessage", limit=20_000)
        for call in page["calls"]:
            if call["status"] == 200:
                origin = (call["params"]["from_chat_id"], call["params"]["message_id"])
                found.setdefault(origin, call["at"] + call["milliseconds"] / 1000)
        if len(page["calls"]) < 20_000:
            return found
        since = page["calls"][-1]["number"]


async def relay(*, count: int = 5_000, database: str | None = None) -> Figures:
    """Messages at once."""
    figures = Figures("relay")
    async with stage(database=database) as here:
        await opened(here)
        cpu = here.cpu_seconds()
        started = monotonic()
        sent = await here.residents_write(count, tag="relay")
        ended = await here.until_arrived(sent)
        figures.rate = round(count / (ended - started), 1)
        figures.cpu_ms_per_message = round((here.cpu_seconds() - cpu) / count * 1000, 3)
        figures.rss_mib = round(here.rss_mib(), 1)
        compare(figures, sent, await here.officers_texts())
        await _latencies(here, figures, sent)
        figures.more["writing_seconds"] = round(max(s.at for s in sent) - started, 2)
    figures.must_be_whole()
    return figures


async def _latencies(here: Stage, figures: Figures, sent: Sequence[Sent]) -> None:
    """From each send to the moment Telegram accepted the copy, by the texts' origins."""
    accepted = await arrivals(here, 0)
    by_text: dict[str, float] = {}
    for place in range(PEOPLE):
        chat_id = FIRST_RESIDENT + place
        found = await here.get("chat", chat_id=chat_id, limit=20_000)
        for message in found["messages"]:
            at = accepted.get((chat_id, message["message_id"]))
            if at is not None:
                by_text[message["text"]] = at
    note_latencies(
        figures,
        ((by_text[each.text] - each.at) * 1000 for each in sent if each.text in by_text),
    )


async def paced(*, per_second: float = 20, seconds: float = 60) -> Figures:
    """An even rate, as on a busy evening."""
    figures = Figures(f"paced {per_second:g}/s")
    async with stage() as here:
        await opened(here)
        cpu = here.cpu_seconds()
        count = int(per_second * seconds)
        sent = await here.residents_write(count, tag="paced", per_second=per_second)
        await here.until_arrived(sent)
        figures.rate = per_second
        figures.cpu_ms_per_message = round((here.cpu_seconds() - cpu) / count * 1000, 3)
        figures.rss_mib = round(here.rss_mib(), 1)
        compare(figures, sent, await here.officers_texts())
        await _latencies(here, figures, sent)
    figures.must_be_whole()
    return figures


async def crash(
    *, count: int = 10_000, kills: int = 50, database: str | None = None, seed: int = 1
) -> Figures:
    """kill -9 at random moments while messages come in, start-up included."""
    figures = Figures("crash")
    chance = random.Random(seed)
    async with stage(database=database) as here:
        await opened(here)
        stop = asyncio.Event()

        async def killer() -> int:
            done = 0
            while done < kills:
                await asyncio.sleep(chance.uniform(0.05, 1.5))
                await here.end_bot(by_kill=True)
                done += 1
                await here.start_bot()
            stop.set()
            return done

        async with asyncio.TaskGroup() as group:
            killing = group.create_task(killer())
            sent = await here.residents_write(count, tag="crash", per_second=count / (kills * 1.0))
        ended = await here.until_arrived(sent)
        compare(figures, sent, await here.officers_texts())
        figures.more["kills"] = killing.result()
        figures.more["ended_at"] = round(ended, 1)
    # At each kill one call for each of the officers' chats may be in flight.
    figures.must_be_whole(allowed_duplicates=kills * PEOPLE)
    return figures


__all__ = ["FIRST_OFFICER", "crash", "paced", "relay"]
