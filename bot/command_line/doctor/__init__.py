"""Without this module an administrator would learn from residents what is missing.

Looks at everything the bot needs and says one line about each: ok, warn (it works, but look) or
FAIL. Changes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import typer

from bot.command_line.doctor.findings import Finding, Level
from bot.command_line.doctor.on_file import on_file
from bot.command_line.doctor.page_command import page_command
from bot.command_line.doctor.telegram import at_telegram
from bot.command_line.faults import FAILURE
from bot.command_line.opening import finish
from bot.config import Settings, SettingsError, load_settings


def examine(config: Path | None) -> int:
    """Print a line for each finding as it is made; the exit status."""
    try:
        settings = load_settings(config)
    except SettingsError as error:
        for fault in error.faults:
            _print(Finding(Level.FAIL, "settings", fault))
        return FAILURE
    _print(Finding(Level.OK, "settings", "readable, nothing misspelt, all in bounds"))
    return finish(_examine(settings))


async def _examine(settings: Settings) -> int:
    has_failed = False
    async for finding in _findings(settings):
        _print(finding)
        has_failed |= finding.level is Level.FAIL
    return FAILURE if has_failed else 0


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    async for finding in at_telegram(settings):
        yield finding
    for finding in page_command(settings.page_command):
        yield finding
    async for finding in on_file(settings):
        yield finding


def _print(finding: Finding) -> None:
    typer.echo(f"{finding.level:<5} {finding.about:<9} {finding.says}")
