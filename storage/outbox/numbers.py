"""Without this module two promises could have one number, and a reply would find the wrong one."""

from __future__ import annotations

from storage.database import Database, Row, Unit

#: Numbers taken from the counter at once: one write for many promises.
NUMBERS_BLOCK = 10_000
#: A block is renewed when fewer numbers are left; no single group makes as many promises.
NUMBERS_RESERVE = 2_000


class PromiseNumbers:
    """Numbers for promises, taken from the file in blocks: rising, never given out twice."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next = 0
        self._end = 0

    async def ensure(self) -> None:
        """Have enough numbers for one group. Outside any unit, since it writes one of its own."""
        if self._end - self._next >= NUMBERS_RESERVE:
            return
        [row] = await self._database.run(_take_block)
        self._next, self._end = row["next"] - NUMBERS_BLOCK + 1, row["next"] + 1

    def take(self) -> int:
        """The next number. Raises LookupError when `ensure` was not called in time."""
        if self._next >= self._end:
            raise LookupError("no promise numbers left in this group")
        self._next += 1
        return self._next - 1


async def _take_block(unit: Unit) -> list[Row]:
    return await unit.fetch(
        "INSERT INTO counter (name, next) VALUES ('promise', :block)"
        " ON CONFLICT (name) DO UPDATE SET next = counter.next + :block RETURNING next",
        block=NUMBERS_BLOCK,
    )
