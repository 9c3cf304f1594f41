"""Messages on a good day: residents' to their officers, at once and evenly, and officers' back."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from time import time

from tests.load.arrivals import Arrivals, copied_at, count_arrivals
from tests.load.crowd import officers_answer, residents_write
from tests.load.figures import Figures, Sent
from tests.load.stage import CALL_MILLISECONDS, PEOPLE, Stage, stage

#: What issue 3 asks of a relay; on PostgreSQL half of it.
RATE = {"sqlite": 1_000.0, "postgres": 500.0}
RSS_MIB = 100.0
#: An even rate → the p50 and the p99 in milliseconds that it must not exceed.
PACES: dict[float, tuple[float | None, float]] = {20: (40.0, 80.0), 100: (None, 120.0)}
PACED_SECONDS: dict[float, float] = {20: 60.0, 100: 30.0}


async def opened(here: Stage, figures: Figures) -> None:
    """The bot runs, everybody is registered, everybody's case is open, calls take their time."""
    await here.officers_start()
    await here.residents_start()
    await here.bot.start()
    await here.until_all_spoken_to()
    figures.start_seconds = await here.seconds_to_first_poll()
    opening = await residents_write(here, PEOPLE, tag="opening")
    await Arrivals(here).wait_for(opening)
    await here.until_quiet()
    await here.control("faults", latency_ms=CALL_MILLISECONDS)


async def relay(*, engine: str = "sqlite", count: int = 5_000) -> list[Figures]:
    """Everything is waiting at Telegram when the bot is let loose on it."""
    figures = Figures("relay")
    async with stage(engine=engine) as here:
        await opened(here, figures)
        await relay_on(here, figures, count)
    figures.must_be_whole()
    figures.must_reach("messages a second", figures.rate, RATE[engine])
    figures.must_not_exceed("MiB", figures.rss_mib, RSS_MIB)
    return [figures]


async def relay_on(here: Stage, figures: Figures, count: int) -> None:
    """The work of `relay` on a stage whose cases are open."""
    here.bot.signal(signal.SIGSTOP)
    sent = await residents_write(here, count, tag="relay")
    cpu, cpu_of_telegram = here.bot.cpu_seconds, here.telegram_cpu_seconds
    released = time()
    here.bot.signal(signal.SIGCONT)
    await _measured(here, figures, sent, since=released)
    figures.cpu_ms_per_message = _milliseconds_each(here.bot.cpu_seconds - cpu, count)
    figures.more["CPU ms of the simulator"] = _milliseconds_each(
        here.telegram_cpu_seconds - cpu_of_telegram, count
    )


async def paced(
    *, engine: str = "sqlite", seconds: dict[float, float] | None = None
) -> list[Figures]:
    """An even rate, as on a busy evening."""
    played = []
    for per_second, (p50, p99) in PACES.items():
        figures = Figures(f"paced, {per_second:g} a second")
        async with stage(engine=engine) as here:
            await opened(here, figures)
            cpu = here.bot.cpu_seconds
            count = int(per_second * (seconds or PACED_SECONDS)[per_second])
            sent = await residents_write(here, count, tag="paced", per_second=per_second)
            await _measured(here, figures, sent, since=0.0)
            figures.cpu_ms_per_message = _milliseconds_each(here.bot.cpu_seconds - cpu, count)
        figures.must_be_whole()
        if p50 is not None:
            figures.must_not_exceed("p50 ms", figures.p50, p50)
        figures.must_not_exceed("p99 ms", figures.p99, p99)
        played.append(figures)
    return played


async def answers(*, engine: str = "sqlite", count: int = 2_000) -> list[Figures]:
    """Officers reply to the copies in their chats; residents read it."""
    figures = Figures("answers")
    async with stage(engine=engine) as here:
        await opened(here, figures)
        copies = {line: await copy_in(here, here.officer_of(line)) for line in range(PEOPLE)}
        here.bot.signal(signal.SIGSTOP)
        sent = await officers_answer(here, count, tag="answer", to=copies)
        cpu, released = here.bot.cpu_seconds, time()
        here.bot.signal(signal.SIGCONT)
        await _measured(here, figures, sent, since=released)
        figures.cpu_ms_per_message = _milliseconds_each(here.bot.cpu_seconds - cpu, count)
    figures.must_be_whole()
    figures.must_reach("messages a second", figures.rate, RATE[engine])
    return [figures]


async def copy_in(here: Stage, officer: int) -> int:
    """The copy of a resident's message in an officer's chat."""
    messages = (await here.get("chat", chat_id=officer))["messages"]
    return int(next(each["message_id"] for each in reversed(messages) if each["reply_to"]))


async def _measured(here: Stage, figures: Figures, sent: Sequence[Sent], *, since: float) -> None:
    """Wait for all of it and count; latencies from the send, or from ``since`` if that is later."""
    await count_arrivals(here, figures, sent)
    accepted = await copied_at(here)
    found = [(each, accepted.get((each.author, each.message_id))) for each in sent]
    arrived = [(max(since, each.at), at) for each, at in found if at is not None]
    figures.note_latencies((at - written) * 1000 for written, at in arrived)
    if arrived:
        first, last = min(written for written, _ in arrived), max(at for _, at in arrived)
        figures.rate = round(len(arrived) / (last - first), 1)
    figures.rss_mib = round(here.bot.rss_mib, 1)


def _milliseconds_each(seconds: float, count: int) -> float:
    return round(seconds / count * 1000, 3)
