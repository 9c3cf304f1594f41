"""Without this module an administrator would copy files under a running bot, and restore half.

A backup holds everything on file, whichever engine it came from, and goes back into either.
"""

from __future__ import annotations

from pathlib import Path

import typer

from bot.command_line.opening import finish
from bot.config import load_settings
from storage.backup import Contents, restore_backup, write_backup


def write(config: Path | None, file: Path) -> int:
    """Write everything on file into ``file``, consistent while the bot runs; the exit status."""
    settings = load_settings(config)
    written = finish(write_backup(settings.database, file))
    typer.echo(f"{file} holds {_what(written)}. It is personal data: keep it safe.")
    return 0


def restore(config: Path | None, file: Path, *, is_forced: bool) -> int:
    """Put a backup in place; ``is_forced``: also of what is on file. The exit status."""
    settings = load_settings(config)
    restored = finish(restore_backup(file, settings.database, is_forced=is_forced))
    typer.echo(f"Restored {_what(restored)}. What was under way then may be sent once more.")
    return 0


def _what(found: Contents) -> str:
    return f"{found.rows:,} rows ({found.size / 1e6:,.1f} MB, schema {found.revision})"
