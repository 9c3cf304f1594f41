"""Where the time of one relay goes: `python -m tests.load profile`.

The bot runs with a timer on its CPU time that looks at the main thread's stack. The looking itself
costs some percent, which are spread over all rows.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

from tests.load.campaigns.relaying import opened, relay_on
from tests.load.figures import Figures
from tests.load.stage import Stage, stage

#: How often the stacks are looked at.
LOOK_EVERY_SECONDS = 0.002
#: Rows below this share are summed up.
SMALLEST_SHARE = 0.01
#: Where the counts are left when the bot has ended, in its working directory.
COUNTS = "profile.json"

#: Where nothing of the others is on the stack.
LOOP = "event loop and sockets"
#: What the bot is doing, by the outermost of these on the stack.
_WORK = (
    ("bot/delivery/inbox.py", "fetch and file updates"),
    ("bot/delivery/dispatcher/", "handle updates"),
    ("bot/delivery/sender/", "record outcomes, claim promises"),
    ("bot/delivery/telegram.py", "make calls"),
)
#: The function of the sender below which a call is made.
_CALLING = "_made"
#: Whose code it is in, by the innermost of these on the stack.
_CODE = (
    ("site-packages/telegram/", "python-telegram-bot"),
    ("site-packages/aiohttp/", "aiohttp"),
    ("site-packages/aiosqlite/", "the hop to SQLite's thread"),
    ("site-packages/asyncpg/", "asyncpg"),
    ("site-packages/yarl/", "aiohttp"),
    ("site-packages/multidict/", "aiohttp"),
    ("/logging/", "the log"),
    ("bot/logs.py", "the log"),
    ("/handlers/", "handlers"),
    ("/storage/", "drawers and seam"),
    ("bot/domain/", "rules"),
    ("bot/texts.py", "texts"),
    ("bot/command_line/", LOOP),
    ("bot/", "our own code"),
)


async def profile(*, engine: str = "sqlite", count: int = 5_000) -> list[Figures]:
    """`relay` with a look at where the time goes; the table is in ``more``."""
    figures = Figures("profile")
    async with stage(engine=engine, program=("-m", "tests.load.profile")) as here:
        await opened(here, figures)
        here.bot.signal(signal.SIGUSR1)
        await relay_on(here, figures, count)
        here.bot.signal(signal.SIGUSR1)
        await here.bot.end()
        _tabulate(figures, _counts(here), count)
    figures.must_be_whole()
    return [figures]


def _counts(here: Stage) -> dict[str, float]:
    return dict(json.loads((here.folder / COUNTS).read_text()))


def _tabulate(figures: Figures, seconds: dict[str, float], count: int) -> None:
    total = sum(seconds.values())
    rest = 0.0
    for name, value in sorted(seconds.items(), key=lambda each: -each[1]):
        if value < total * SMALLEST_SHARE:
            rest += value
        else:
            figures.more[name] = _row(value, total, count)
    figures.more["everything else"] = _row(rest, total, count)
    figures.more["all of it"] = _row(total, total, count)


def _row(seconds: float, total: float, count: int) -> str:
    return f"{seconds / count * 1000:.3f} ms, {seconds / total:.0%}"


class Looking:
    """Looks at the stack at every tick of the process's CPU clock; begins and pauses with SIGUSR1.

    Each look counts as much as the main thread has computed since the look before.
    """

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._is_on = False
        self._main = time.thread_time()
        self._all = time.process_time()

    def toggle(self, _number: int, _frame: FrameType | None) -> None:
        """Begin, or pause."""
        self._is_on = not self._is_on
        self._used()
        every = LOOK_EVERY_SECONDS if self._is_on else 0.0
        signal.setitimer(signal.ITIMER_PROF, every, every)

    def look(self, _number: int, frame: FrameType | None) -> None:
        """What the main thread is doing; a signal's handler always runs in it."""
        main, others = self._used()
        self.seconds[_named(frame)] += main
        self.seconds["SQLite's threads"] += others

    def _used(self) -> tuple[float, float]:
        """CPU seconds since the last look: of this thread, and of all others."""
        main, everybody = time.thread_time(), time.process_time()
        of_main, of_all = main - self._main, everybody - self._all
        self._main, self._all = main, everybody
        return of_main, max(0.0, of_all - of_main)


def _named(frame: FrameType | None) -> str:
    work, code, is_calling = LOOP, LOOP, False
    while frame is not None:  # from the innermost outwards
        path = frame.f_code.co_filename
        if code == LOOP:
            code = next((name for part, name in _CODE if part in path), code)
        work = next((name for part, name in _WORK if part in path), work)
        is_calling = is_calling or frame.f_code.co_name == _CALLING
        frame = frame.f_back
    if is_calling or (work == LOOP and code == "aiohttp"):
        work = "make calls"
    return work if work == code else f"{work}: {code}"


def main() -> None:
    """`beatline run`, looked at."""
    looking = Looking()
    signal.signal(signal.SIGUSR1, looking.toggle)
    signal.signal(signal.SIGPROF, looking.look)
    from bot.command_line.program import run_program

    status = run_program(["run"])
    Path(COUNTS).write_text(json.dumps(looking.seconds))
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
