"""Without these figures an author would not know how far a bulletin has come."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Unit

_OF_IT = "(SELECT count(*) FROM delivery d WHERE d.bulletin = b.number AND d."
_COUNTS = (
    f"SELECT b.total AS total, b.taken AS taken, {_OF_IT}state = 'promised') AS promised,"  # noqa: S608 - our own constant
    f" {_OF_IT}state = 'never') AS never, {_OF_IT}state IN ('skipped', 'tired')) AS skipped,"
    f" {_OF_IT}read_at IS NOT NULL) AS read, {_OF_IT}answered_at IS NOT NULL) AS answered,"
    f" {_OF_IT}complained_at IS NOT NULL) AS complained"
    " FROM bulletin b WHERE b.number = :bulletin"
)


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """How a bulletin stands. ``total``: for whom it is written down; ``taken``: whose turn came."""

    total: int = 0
    taken: int = 0
    promised: int = 0
    never: int = 0
    skipped: int = 0
    read: int = 0
    answered: int = 0
    complained: int = 0

    @property
    def sent(self) -> int:
        """Who has it, and nothing newer is on its way there."""
        return self.taken - self.promised - self.never - self.skipped

    @property
    def done(self) -> int:
        """Who has it or never will."""
        return self.taken - self.promised


async def counts_of(unit: Unit, bulletin: int) -> DeliveryCounts:
    """How it stands now. What was sent is not counted but taken from the rest: a million rows
    would take longer than anybody may hold the database."""
    row = await unit.fetch_one(_COUNTS, bulletin=bulletin)
    return DeliveryCounts() if row is None else DeliveryCounts(**dict(row))
