"""Without this module the roster could not get from its file into the office."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.clock import Clock
from bot.command_line.faults import CommandError
from bot.command_line.opening import finish, opened
from bot.config import Settings, load_settings
from bot.delivery.telegram import TelegramClient, TelegramError
from storage.database import Database
from storage.invitations import VALID_FOR
from storage.transaction import Transaction


def invite(config: Path | None, code: str) -> int:
    """Print a link by which the officer with this code joins."""
    link = finish(_invite(load_settings(config), code))
    typer.echo(link)
    typer.echo(f"It works once, within {VALID_FOR.days} days; the next invitation is another one.")
    return 0


async def _invite(settings: Settings, code: str) -> str:
    async with opened(settings) as database:
        async with database.reading() as unit:
            found = await Transaction(unit).roster.current()
        if found is None:
            raise CommandError("There is no roster: load one with beatline roster import FILE.")
        if code not in {officer.code for officer in found[1].officers}:
            raise CommandError(
                f"There is no officer {code!r} in the roster: see beatline roster export."
            )
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
