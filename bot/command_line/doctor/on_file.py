"""Without this module a full disk or an empty roster would be found by the first resident."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.command_line.doctor.findings import Finding, Level
from bot.config import Settings
from bot.domain.roster import Roster
from bot.texts import has_catalog
from storage.database import Database, StorageError
from storage.engines import open_database
from storage.transaction import Transaction


class _UndoneError(Exception):
    """Raised to leave a unit without keeping what it wrote."""


async def on_file(settings: Settings) -> AsyncIterator[Finding]:
    """The database, the roster in it, and the queues."""
    database = open_database(settings.database)
    try:
        yield await _database(database)
        async with database.reading() as unit:
            transaction = Transaction(unit)
            found = await transaction.roster.current()
            linked = {
                code
                for code, state in (await transaction.officers.states()).items()
                if state.chat_id is not None
            }
            letters = await transaction.inbox.counts()
        if found is None:
            says = "none: load one with beatline roster import FILE."
            yield Finding(Level.FAIL, "roster", says)
        else:
            for finding in _roster(found[1], linked):
                yield finding
        yield _letters(letters)
    except StorageError as error:
        yield Finding(Level.FAIL, "database", f"{error}")
    finally:
        await database.close()


async def _database(database: Database) -> Finding:
    """Opens, is sound, takes a row (which is undone)."""
    if database.engine == "sqlite":
        async with database.reading() as unit:
            rows = await unit.fetch("PRAGMA quick_check")
        if [tuple(row) for row in rows] != [("ok",)]:
            return Finding(Level.FAIL, "database", "damaged: restore a backup.")
    try:
        async with database.unit() as unit:
            await unit.fetch(
                "INSERT INTO run (job, period, ran_at) VALUES ('doctor', '', :now) RETURNING job",
                now=Clock().now(),
            )
            raise _UndoneError
    except _UndoneError:
        return Finding(Level.OK, "database", f"{database.engine}: sound, current, takes rows")


def _roster(roster: Roster, linked: set[str]) -> Iterator[Finding]:
    station = roster.station
    says = f"{len(roster.rooms)} rooms, {len(roster.areas)} areas, {len(roster.officers)} officers"
    yield Finding(Level.OK, "roster", says)
    codes = {officer.code for officer in roster.officers}
    count = len(linked & codes)
    says = f"{count} of {len(codes)} linked"
    if count == 0:
        says += ": nobody would read a message; invite somebody with beatline invite CODE."
        yield Finding(Level.FAIL, "officers", says)
    elif count < len(codes):
        missing = ", ".join(sorted(codes - linked))
        yield Finding(Level.WARN, "officers", f"{says}; not yet: {missing}.")
    else:
        yield Finding(Level.OK, "officers", says)
    unspoken = [language for language in station.languages if not has_catalog(language)]
    if unspoken:
        says = f"no catalog for {', '.join(unspoken)}: people would read English."
        yield Finding(Level.FAIL, "catalogs", says)
    else:
        yield Finding(Level.OK, "catalogs", ", ".join(station.languages))
    yield _time_zone(station.timezone)


def _time_zone(name: str) -> Finding:
    local = Clock().now().astimezone(ZoneInfo(name))
    return Finding(Level.OK, "time zone", f"{name}, where it is {local:%H:%M}")


def _letters(counts: dict[str, int]) -> Finding:
    if dead := counts.get("dead", 0):
        return Finding(Level.WARN, "letters", f"{dead} dead: see beatline letters list.")
    return Finding(Level.OK, "letters", f"none dead, {counts.get('waiting', 0)} waiting")
