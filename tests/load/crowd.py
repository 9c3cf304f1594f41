"""The people of a campaign: many who write at once, each one message after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic, time

from tests.load.figures import Sent
from tests.load.stage import FIRST_RESIDENT, PEOPLE, Stage

#: People who write at the same moment: requests under way to the simulator.
WRITERS = 32


async def residents_write(
    here: Stage, count: int, *, tag: str, first: int = 0, per_second: float | None = None
) -> list[Sent]:
    """``count`` messages, residents taking turns; at once, or at an even rate. ``first``: how many
    with this tag there have been."""
    wanted = [_from_resident(here, number, tag) for number in range(first, first + count)]
    await _write(here, wanted, per_second=per_second)
    return wanted


def _from_resident(here: Stage, number: int, tag: str) -> Sent:
    line, place = number % PEOPLE, number // PEOPLE
    return Sent(
        text=f"{tag}:{line}:{place}",
        author=FIRST_RESIDENT + line,
        target=here.officer_of(line),
        line=line,
        place=place,
    )


async def officers_answer(
    here: Stage, count: int, *, tag: str, to: dict[int, int], first: int = 0
) -> list[Sent]:
    """``count`` replies of officers taking turns; ``to``: line → the copy replied to."""
    wanted = [
        Sent(
            text=f"{tag}:{number % PEOPLE}:{number // PEOPLE}",
            author=here.officer_of(number % PEOPLE),
            target=FIRST_RESIDENT + number % PEOPLE,
            line=number % PEOPLE,
            place=number // PEOPLE,
            reply_to=to[number % PEOPLE],
        )
        for number in range(first, first + count)
    ]
    await _write(here, wanted)
    return wanted


async def _write(here: Stage, wanted: list[Sent], *, per_second: float | None = None) -> None:
    lines = [asyncio.Lock() for _ in range(PEOPLE)]

    async def write(each: Sent) -> None:
        async with lines[each.line]:  # a person writes one message after the other
            more = {} if each.reply_to is None else {"reply_to_message_id": each.reply_to}
            each.at = time()
            each.message_id = await here.says(each.author, each.text, **more)

    if per_second is None:
        await _many_at_once(write, wanted)
    else:
        await _evenly(write, wanted, per_second)


async def _many_at_once(write: Callable[[Sent], Awaitable[None]], wanted: Iterable[Sent]) -> None:
    waiting = iter(wanted)

    async def writer() -> None:
        for each in waiting:
            await write(each)

    async with asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(writer())


async def _evenly(
    write: Callable[[Sent], Awaitable[None]], wanted: Iterable[Sent], per_second: float
) -> None:
    started = monotonic()
    async with asyncio.TaskGroup() as group:
        for number, each in enumerate(wanted):
            await asyncio.sleep(max(0.0, started + number / per_second - monotonic()))
            group.create_task(write(each))  # type: ignore[arg-type]
