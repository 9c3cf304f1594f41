"""Without this module a program of the administrator's that hangs would stay for ever.

Runs one program: no shell, nothing read from it and nothing of it kept, and never longer than it
may take.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

#: How long a program that is told to end has for it; then it is ended.
END_SECONDS = 1.0


class How(StrEnum):
    """How a program ended: by itself, ended by us because it took too long, or never begun."""

    ENDED = "ended"
    TOO_SLOW = "too_slow"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True)
class Ending:
    """``status``: its exit status where it ended by itself; negative: the signal that did it."""

    how: How
    status: int | None = None

    @property
    def has_worked(self) -> bool:
        """Whether it says that it did what it is for."""
        return self.status == 0


async def run_program(
    argv: Sequence[str], *, environment: Mapping[str, str], limit_seconds: float
) -> Ending:
    """Run ``argv`` to its end, or for ``limit_seconds``; then, and when this is cancelled, it is
    ended together with whatever it has started. What it prints is thrown away."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *argv,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # a group of its own, to end it with all its children
        )
    )
    try:
        async with asyncio.timeout(limit_seconds):
            # Shielded: cut off in its start, a program would be ended without its children.
            process = await asyncio.shield(starting)
            return Ending(How.ENDED, await process.wait())
    except TimeoutError:
        return Ending(How.TOO_SLOW)
    except OSError:
        return Ending(How.NOT_STARTED)
    finally:
        with suppress(OSError):
            await _end(await starting)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End it with its children, unless it has ended by itself."""
    if process.returncode is not None:
        return
    _signal(process, signal.SIGTERM)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
    finally:
        _signal(process, signal.SIGKILL)  # also children that outlived it
    await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
