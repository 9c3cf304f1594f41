"""Without this module a full disk or an empty roster would be found by the first resident."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.command_line.doctor.findings import Finding, Level
from bot.command_line.doctor.page_command import numbers
from bot.config import Settings
from bot.domain.roster import Roster
from bot.texts import has_catalog
from storage.database import Database, StatementError, StorageError
from storage.engines import is_postgres, open_database, sqlite_path
from storage.migrations import known_revisions
from storage.transaction import Transaction


class _UndoneError(Exception):
    """Raised to leave a unit without keeping what it wrote."""


async def on_file(settings: Settings) -> AsyncIterator[Finding]:
    """The database, the roster in it, and the queues."""
    try:
        absent = _absent(settings.database)
        database = open_database(settings.database)
    except StorageError as error:
        yield Finding(Level.FAIL, "database", str(error))
        return
    if absent is not None:
        yield absent
        return
    try:
        async for finding in _inside(database, settings):
            yield finding
    except StorageError as error:
        yield Finding(Level.FAIL, "database", str(error))
    finally:
        await database.close()


def _absent(url: str) -> Finding | None:
    """Opening a file that is not there would make it: looking must change nothing."""
    if is_postgres(url) or sqlite_path(url).exists():
        return None
    says = f"{sqlite_path(url)} is not there yet: beatline roster import FILE makes it."
    return Finding(Level.FAIL, "database", says)


async def _inside(database: Database, settings: Settings) -> AsyncIterator[Finding]:
    schema = await _schema(database)
    yield schema
    if schema.level is Level.FAIL:
        return
    yield await _soundness(database)
    async with database.reading() as unit:
        transaction = Transaction(unit)
        found = await transaction.roster.current()
        states = await transaction.officers.states()
        inbox, outbox = await transaction.inbox.counts(), await transaction.outbox.counts()
        aside = await transaction.timers.count_aside()
    if found is None:
        says = "none: load one with beatline roster import FILE."
        yield Finding(Level.FAIL, "roster", says)
    else:
        linked = {code for code, state in states.items() if state.chat_id is not None}
        for finding in _roster(found[1], linked):
            yield finding
        if settings.page_command is not None:
            yield numbers(found[1])
    for finding in _queues(inbox, outbox, aside):
        yield finding


async def _schema(database: Database) -> Finding:
    try:
        async with database.reading() as unit:
            row = await unit.fetch_one("SELECT version_num FROM alembic_version")
    except StatementError:
        row = None
    revision = row["version_num"] if row else "none"
    if revision == known_revisions()[-1]:
        return Finding(Level.OK, "schema", f"{revision}, current")
    if revision in (*known_revisions(), "none"):
        says = f"{revision}, older than this program: the next beatline run brings it up to date."
        return Finding(Level.FAIL, "schema", says)
    says = f"{revision}, newer than this program: install the version that wrote it."
    return Finding(Level.FAIL, "schema", says)


async def _soundness(database: Database) -> Finding:
    """Sound, and takes a row (which is undone)."""
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
        return Finding(Level.OK, "database", f"{database.engine}: sound, takes rows")


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


def _queues(inbox: dict[str, int], outbox: dict[str, int], aside: int) -> Iterator[Finding]:
    if dead := inbox.get("dead", 0):
        yield Finding(Level.WARN, "letters", f"{dead} dead: see beatline letters list.")
    else:
        yield Finding(Level.OK, "letters", "none dead")
    if aside:
        says = f"{aside} set aside after too many failures: the log says why (timer_set_aside)."
        yield Finding(Level.WARN, "timers", f"{says} Each start tries them once more.")
    else:
        yield Finding(Level.OK, "timers", "none set aside")
    yield Finding(
        Level.OK,
        "queues",
        f"{inbox.get('waiting', 0)} to handle, {outbox.get('waiting', 0)} to send,"
        f" {outbox.get('failed', 0)} could not be sent",
    )
