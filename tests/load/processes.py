"""The programs of a campaign as processes: started on a core of their own, measured from outside,
ended gently or not."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time

#: The bot has the last core for itself; everything else of a campaign shares the first.
BOT_CORE, OTHER_CORE = (os.cpu_count() or 1) - 1, 0
_TICKS = os.sysconf("SC_CLK_TCK")


def pin(pid: int, core: int) -> None:
    """Keep a process (0: this one) on one core, where the machine can."""
    if hasattr(os, "sched_setaffinity") and BOT_CORE != OTHER_CORE:
        os.sched_setaffinity(pid, {core})


def cpu_seconds_of(pid: int) -> float:
    """User and system time of a running process so far; 0 for one that has ended."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0


def rss_mib_of(pid: int) -> float:
    """Resident memory of a running process."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


class BotEndedError(Exception):
    """The bot has ended by itself; says what it said last."""


@dataclass
class Bot:
    """The bot, one process after the other. ``program``: what Python is given to start it."""

    folder: Path
    environment: Mapping[str, str]
    program: tuple[str, ...] = ("-m", "bot", "run")
    started_at: float = 0.0
    _process: asyncio.subprocess.Process | None = None
    _cpu_of_ended: float = field(default=0.0)

    @property
    def log(self) -> Path:
        """What all its processes wrote."""
        return self.folder / "bot.log"

    async def start(self) -> None:
        """Start it; ``started_at`` is the Unix time of that."""
        with self.log.open("ab") as log:
            self.started_at = time()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self.program, env=dict(self.environment),
                stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip
        pin(self._process.pid, BOT_CORE)

    async def end(self, *, by_kill: bool = False) -> None:
        """End it: SIGTERM, or kill -9."""
        if self._process is None:
            return
        self._cpu_of_ended += cpu_seconds_of(self._process.pid)
        with suppress(ProcessLookupError):
            self._process.kill() if by_kill else self._process.terminate()
        await self._process.wait()
        self._process = None

    def check(self) -> None:
        """Raise when it has ended without being asked to."""
        if self._process is not None and self._process.returncode is not None:
            last_words = "\n".join(self.log.read_text().splitlines()[-5:])
            raise BotEndedError(f"the bot ended with {self._process.returncode}:\n{last_words}")

    def signal(self, number: int) -> None:
        """Send a signal to the running process."""
        if self._process is not None:
            self._process.send_signal(number)

    @property
    def cpu_seconds(self) -> float:
        """What all its processes have used so far."""
        return self._cpu_of_ended + (cpu_seconds_of(self._process.pid) if self._process else 0.0)

    @property
    def rss_mib(self) -> float:
        """Resident memory of the running process."""
        return rss_mib_of(self._process.pid) if self._process else 0.0
