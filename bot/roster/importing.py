"""Without this module a checked roster would stay a file, and nobody would answer."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.roster import Roster
from storage.database import Database, Unit
from storage.roster import ROSTER_CHANGED
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed: ``is_new``, the roster itself; codes of officers linked by it, and
    of those who are not on it any more and are linked no longer."""

    is_new: bool
    linked: tuple[str, ...]
    unlinked: tuple[str, ...]


async def import_roster(database: Database, roster: Roster, clock: Clock) -> Imported:
    """Put a checked roster in force, in one transaction; the same one again changes nothing.

    Officers with a Telegram id are linked to that chat; the others keep the link they made by
    invitation; who is not on the roster any more is linked no longer. A running bot sees it
    within a second.
    """

    async def work(unit: Unit) -> Imported:
        return await _import(Transaction(unit), roster, clock)

    return await database.run(work)


async def _import(transaction: Transaction, roster: Roster, clock: Clock) -> Imported:
    now = clock.now()
    is_new = await transaction.roster.import_(roster, now)
    chats = {code: state.chat_id for code, state in (await transaction.officers.states()).items()}
    gone = tuple(sorted(code for code in chats if roster.officer(code) is None))
    for code in gone:
        transaction.officers.unlink(code)
    linked = []
    for officer in roster.officers:
        if officer.telegram_id is not None and chats.get(officer.code) != officer.telegram_id:
            transaction.officers.link(officer.code, officer.telegram_id, now)
            linked.append(officer.code)
    if is_new or linked or gone:
        transaction.timers.set(ROSTER_CHANGED, "roster", due_at=now, chat_key="roster")
    return Imported(is_new, tuple(linked), gone)
