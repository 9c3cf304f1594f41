"""Without this module holidays that are announced elsewhere could not get into the office."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.clock import Clock
from bot.command_line.faults import CommandError
from bot.command_line.opening import finish, opened_with
from bot.roster.calendars import CalendarTable, read_calendar
from bot.roster.faults import RosterError
from storage.appointments import DISPLACE, EVERY_OFFICER
from storage.transaction import Transaction


def load(config: Path | None, file: Path) -> int:
    """Put a table of holidays and make-up days in force; with a fault in it nothing changes."""
    try:
        table = read_calendar(file)
    except RosterError as error:
        raise CommandError(f"{error}\nNothing was changed.") from error
    finish(_load(config, table))
    years = ", ".join(str(year) for year in table.years) or "no whole year"
    typer.echo(f"In force now: {years}; special days: {len(table.days)}.")
    return 0


async def _load(config: Path | None, table: CalendarTable) -> None:
    async with opened_with(config) as database, database.unit() as unit:
        transaction = Transaction(unit)
        transaction.hours.load(table.years, table.days)
        transaction.timers.set(  # a running bot sees within a second what was booked on a holiday
            DISPLACE, EVERY_OFFICER, due_at=Clock().now(), chat_key="appointments"
        )
