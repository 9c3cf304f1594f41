"""Without this module a call would be made and nobody would remember what became of it.

What each outcome means on file, in the sender's transaction.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from bot.delivery.outcomes import COUNTED_ATTEMPTS, Kind, Outcome
from bot.delivery.uploads import FileIds
from storage.blobs import BlobsDrawer
from storage.cases import CasesDrawer
from storage.database import Unit
from storage.outbox import OutboxDrawer, Promise
from storage.unreachable import UnreachableDrawer

_log = logging.getLogger("beatline.sender")


@dataclass(frozen=True, slots=True)
class Finished:
    """A call that is over. ``file_ids``: what Telegram calls the files it took, by hash."""

    promise: Promise
    outcome: Outcome
    file_ids: FileIds = ()


async def record(unit: Unit, each: Finished, now: datetime) -> bool:
    """Write down what became of a promise; whether a follow-up is due now."""
    promise, outcome, outbox = each.promise, each.outcome, OutboxDrawer(unit)
    for name, file_id in each.file_ids:
        BlobsDrawer(unit).note_file_id(name, file_id)
    if outcome.kind is Kind.SENT:
        outbox.sent(promise, outcome.message_id, now)
        return promise.on_sent is not None
    if outcome.kind is Kind.CHAT_NEVER:
        await UnreachableDrawer(unit).mark(promise.chat_id, outcome.reason, now)
        outbox.failed(promise, outcome.reason, now)
        waited = await outbox.give_up_chat(promise.chat_id, outcome.reason, now)
        CasesDrawer(unit).lose_owner([promise.id, *waited])
        return True
    if outcome.kind is Kind.MESSAGE_NEVER and promise.otherwise:
        outbox.next_form(promise, outcome.reason, now)
    elif outcome.kind is Kind.MESSAGE_NEVER or _is_given_up(promise, outcome):
        outbox.failed(promise, outcome.reason, now)
        return promise.on_never is not None
    else:
        _not_now(outbox, promise, outcome, now)
    return False


def _not_now(outbox: OutboxDrawer, promise: Promise, outcome: Outcome, now: datetime) -> None:
    if outcome.new_chat_id is not None:
        outbox.moved(promise, outcome.new_chat_id, now)
    elif outcome.kind is Kind.MOVED:
        outbox.out_of_topic(promise, outcome.reason, now)
    else:
        outbox.later(promise, error=outcome.reason, is_counted=outcome.is_counted, now=now)


def _is_given_up(promise: Promise, outcome: Outcome) -> bool:
    return outcome.is_counted and promise.attempts + 1 >= COUNTED_ATTEMPTS


def log_outcome(each: Finished) -> None:
    """One line for each call: numbers and reasons, never what was said or to whom."""
    promise, outcome = each.promise, each.outcome
    fields = {"promise": promise.id, "method": promise.form.method, "lane": promise.lane.name}
    if outcome.kind is Kind.SENT:
        _log.info("sent", extra=fields)
    else:
        fields |= {"outcome": outcome.kind.value, "reason": outcome.reason}
        _log.warning("not_sent", extra=fields)
