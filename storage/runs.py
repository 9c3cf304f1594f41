"""Without this drawer what must happen once a week could happen twice, or with two processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.database import Unit

#: Longer than anything that is done once lasts: an absence begins within a year and lasts a year.
KEPT = timedelta(days=800)


class RunsDrawer:
    """The rows of table ``run`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def claim(self, job: str, period: str, now: datetime) -> bool:
        """Whether this transaction is the one that does ``job`` for ``period``. The primary key
        decides; written in the transaction that does the work, so both happen or neither."""
        row = await self._unit.fetch_one(
            "INSERT INTO run (job, period, ran_at) VALUES (:job, :period, :now)"
            " ON CONFLICT (job, period) DO NOTHING RETURNING job",
            job=job,
            period=period,
            now=now,
        )
        return row is not None

    async def claim_again(self, job: str, of: str, now: datetime, *, after: timedelta) -> bool:
        """Whether this transaction is the one that does ``job`` for what ``of`` names: nobody has
        done it in the time of ``after``, counted from when it was done last. See `claim`."""
        row = await self._unit.fetch_one(
            "INSERT INTO run (job, period, ran_at) VALUES (:job, :period, :now)"
            " ON CONFLICT (job, period) DO UPDATE SET ran_at = excluded.ran_at"
            " WHERE run.ran_at <= :before RETURNING job",
            job=job,
            period=of,
            now=now,
            before=now - after,
        )
        return row is not None

    def purge(self, now: datetime) -> None:
        """Forget what was done so long ago that it cannot come again."""
        self._unit.write("DELETE FROM run WHERE ran_at <= :before", before=now - KEPT)
