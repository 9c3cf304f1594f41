"""Without this module the roster could not get from its file into the office."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.clock import Clock
from bot.command_line.faults import CommandError
from bot.command_line.opening import finish, opened, opened_with
from bot.config import Settings, load_settings
from bot.delivery.telegram import TelegramClient, TelegramError
from bot.domain.roster import Roster
from bot.roster.checking import check_roster
from bot.roster.exporting import FIRST_LINE, roster_text
from bot.roster.faults import RosterError, nearest
from bot.roster.importing import Imported, import_roster
from storage.database import Database
from storage.invitations import VALID_FOR
from storage.transaction import Transaction

_SEE_ROSTER = "see beatline roster export."


def check(file: Path) -> int:
    """Name every fault in a roster file; the exit status."""
    typer.echo(f"{file} is in order: {_size(check_roster(file))}.")
    return 0


def load(config: Path | None, file: Path) -> int:
    """Put a roster file in force; with a fault in it nothing changes."""
    try:
        roster = check_roster(file)
    except RosterError as error:
        raise CommandError(f"{error}\nNothing was changed.") from error
    imported = finish(_load(config, roster))
    typer.echo(
        f"In force now: {_size(roster)}."
        if imported.is_new
        else f"In force already: {_size(roster)}."
    )
    if imported.linked:
        typer.echo(f"Linked by their Telegram ids: {', '.join(imported.linked)}.")
    if imported.unlinked:
        typer.echo(f"Not on the roster any more, linked no longer: {', '.join(imported.unlinked)}.")
    return 0


async def _load(config: Path | None, roster: Roster) -> Imported:
    async with opened_with(config) as database:
        return await import_roster(database, roster, Clock())


def _size(roster: Roster) -> str:
    counts = (("room", roster.rooms), ("area", roster.areas), ("officer", roster.officers))
    return ", ".join(f"{len(each)} {noun}{'s'[: len(each) != 1]}" for noun, each in counts)


def write(config: Path | None, file: Path | None) -> int:
    """Write the roster in force, to a file or to the terminal."""
    text = roster_text(finish(_in_force(config)))
    if file is None:
        typer.echo(text, nl=False)
        return 0
    if file.exists() and not file.read_bytes().startswith(FIRST_LINE.encode()):
        raise CommandError(f"{file} is there and was not written by this command: name another.")
    file.write_text(text, encoding="utf-8", newline="\n")
    typer.echo(f"Written to {file}.")
    return 0


async def _in_force(config: Path | None) -> Roster:
    async with opened_with(config) as database, database.reading() as unit:
        return _found(await Transaction(unit).roster.current())


def _found(current: tuple[int, Roster] | None) -> Roster:
    if current is None:
        raise CommandError("There is no roster: load one with beatline roster import FILE.")
    return current[1]


def invite(config: Path | None, code: str) -> int:
    """Print a link by which the officer with this code joins."""
    link = finish(_invite(load_settings(config), code))
    typer.echo(link)
    typer.echo(f"It works once, within {VALID_FOR.days} days; the next invitation is another one.")
    return 0


async def _invite(settings: Settings, code: str) -> str:
    async with opened(settings) as database:
        async with database.reading() as unit:
            roster = _found(await Transaction(unit).roster.current())
        if roster.officer(code) is None:
            hint = nearest(code, (each.code for each in roster.officers), otherwise=_SEE_ROSTER)
            raise CommandError(f'There is no officer "{code}" in the roster: {hint}')
        username = await _username(settings, database)
        async with database.unit() as unit:
            invitation = Transaction(unit).invitations.invite(code, Clock().now())
    return f"https://t.me/{username}?start=i-{invitation}"


async def _username(settings: Settings, database: Database) -> str:
    """The bot's name in links: from the file, the first time from Telegram."""
    async with database.reading() as unit:
        me = await Transaction(unit).known_answers.get("getMe")
    if me is None:
        client = TelegramClient(settings.token_value, settings.api_url)
        try:
            me = await client.call("getMe", {})
        except TelegramError as error:
            raise CommandError(
                "Telegram does not say what the bot is called: see beatline doctor."
            ) from error
        finally:
            await client.close()
        async with database.unit() as unit:
            Transaction(unit).known_answers.keep("getMe", me)
    return str(me["username"])
