"""Without this drawer everybody would get every bulletin, at any hour, whatever they asked for."""

from __future__ import annotations

import json
from datetime import time

from bot.domain.bulletins import QuietHours, Recipient, Subscription
from storage.database import Row, Unit

_COLUMNS = "s.is_on, s.kinds_off, s.areas, s.quiet_start, s.quiet_end, s.is_business"


def subscription_from(row: Row) -> Subscription:
    """What somebody wants, from a row with the columns of table ``subscription``, all None for
    somebody who never chose: on, for the own area."""
    if row["is_on"] is None:
        return Subscription()
    quiet = None
    if row["quiet_start"] is not None:
        quiet = QuietHours(
            time.fromisoformat(row["quiet_start"]), time.fromisoformat(row["quiet_end"])
        )
    return Subscription(
        is_on=bool(row["is_on"]),
        kinds_off=frozenset(json.loads(row["kinds_off"])),
        areas=frozenset(json.loads(row["areas"])),
        quiet=quiet,
    )


class SubscriptionsDrawer:
    """The rows of table ``subscription`` inside one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def recipient(self, chat_id: int) -> Recipient | None:
        """Somebody who wrote before, with what they want."""
        row = await self._unit.fetch_one(f"{_RECIPIENTS} WHERE p.chat_id = :id", id=chat_id)
        return None if row is None else recipient_from(row)

    async def recipients(self, *, after: int, limit: int) -> list[Recipient]:
        """Residents with a chat id above ``after`` who can be reached, in order of chat ids."""
        rows = await self._unit.fetch(
            f"{_RECIPIENTS} WHERE p.chat_id > :after AND NOT EXISTS"  # noqa: S608 - our own constant
            " (SELECT 1 FROM unreachable u WHERE u.chat_id = p.chat_id) AND NOT EXISTS"
            " (SELECT 1 FROM officer_link l WHERE l.chat_id = p.chat_id)"
            " ORDER BY p.chat_id LIMIT :limit",
            after=after,
            limit=limit,
        )
        return [recipient_from(row) for row in rows]

    def set(self, chat_id: int, subscription: Subscription, *, is_business: bool) -> None:
        """What somebody wants from now on, and whether it is a shop or an organisation."""
        quiet = subscription.quiet
        self._unit.write(
            "INSERT INTO subscription (chat_id, is_on, kinds_off, areas, quiet_start, quiet_end,"
            " is_business) VALUES (:chat_id, :is_on, :kinds_off, :areas, :start, :end,"
            " :is_business) ON CONFLICT (chat_id) DO UPDATE SET is_on = excluded.is_on,"
            " kinds_off = excluded.kinds_off, areas = excluded.areas,"
            " quiet_start = excluded.quiet_start, quiet_end = excluded.quiet_end,"
            " is_business = excluded.is_business",
            chat_id=chat_id,
            is_on=subscription.is_on,
            kinds_off=json.dumps(sorted(subscription.kinds_off)),
            areas=json.dumps(sorted(subscription.areas)),
            start=None if quiet is None else quiet.start.isoformat(),
            end=None if quiet is None else quiet.end.isoformat(),
            is_business=is_business,
        )


_RECIPIENTS = (
    f"SELECT p.chat_id, p.language, p.area, {_COLUMNS} FROM person p"  # noqa: S608 - our own constant
    " LEFT JOIN subscription s ON s.chat_id = p.chat_id"
)


def recipient_from(row: Row) -> Recipient:
    """Somebody who may get bulletins."""
    return Recipient(
        chat_id=row["chat_id"],
        language=row["language"],
        area=row["area"],
        is_business=bool(row["is_business"]),
        subscription=subscription_from(row),
    )
