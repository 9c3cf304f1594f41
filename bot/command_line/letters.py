"""Without this module a message that failed would stay on file and nobody would know.

Dead letters for administrators: what kind of update, when, how often tried, why it failed, and its
shape. What was written is personal data and shown only on request.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from bot.command_line.faults import CommandError
from bot.command_line.opening import finish, opened_with
from storage.inbox import InboxDrawer, Letter

#: Lines of shape shown: more than any update has that Telegram sends today.
SHAPE_LINES = 200
#: A key longer than this is not one of Telegram's, and may be what somebody typed.
KEY_LENGTH = 40


def print_list(config: Path | None) -> int:
    """One line for each dead letter, oldest first."""
    letters = finish(_dead_letters(config))
    if not letters:
        typer.echo("There are no dead letters.")
        return 0
    typer.echo(f"{'ID':>8}  {'received (UTC)':<19}  {'kind':<20}  tries  error")
    for letter in letters:
        typer.echo(
            f"{letter.sequence:>8}  {letter.received_at:%Y-%m-%d %H:%M:%S}  "
            f"{_kind(_parsed(letter)):<20}  {letter.attempts:>5}  {letter.error or ''}"
        )
    return 0


async def _dead_letters(config: Path | None) -> list[Letter]:
    async with opened_with(config) as database, database.reading() as unit:
        return await InboxDrawer(unit).dead_letters()


def show(config: Path | None, number: int, *, with_content: bool) -> int:
    """Everything about one dead letter but what was written; ``with_content`` that too."""
    letter = finish(_letter(config, number))
    update = _parsed(letter)
    for name, value in (
        ("number", letter.sequence),
        ("update", letter.update_id or "not known"),
        ("kind", _kind(update)),
        ("received", f"{letter.received_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("tries", letter.attempts),
        ("error", letter.error or "none noted"),
    ):
        typer.echo(f"{name:<9} {value}")
    if with_content:
        typer.echo(_content(letter, update))
    else:
        typer.echo("shape     (what was written: --content)")
        for line in _lines(update):
            typer.echo(f"  {line}")
    return 0


async def _letter(config: Path | None, number: int) -> Letter:
    async with opened_with(config) as database, database.reading() as unit:
        letter = await InboxDrawer(unit).letter(number)
    if letter is None:
        raise _unknown([number])
    return letter


def replay(config: Path | None, numbers: Sequence[int] | None) -> int:
    """Put these dead letters (None: all) at the tail of the inbox; all of them or none."""
    replayed = finish(_replayed(config, numbers))
    if replayed:
        typer.echo(f"Waiting again: {', '.join(str(each) for each in replayed)}.")
    else:
        typer.echo("There are no dead letters.")
    return 0


async def _replayed(config: Path | None, numbers: Sequence[int] | None) -> list[int]:
    async with opened_with(config) as database, database.unit() as unit:
        drawer = InboxDrawer(unit)
        if numbers is None:
            numbers = [letter.sequence for letter in await drawer.dead_letters()]
        wanted = sorted(set(numbers))
        replayed = await drawer.replay(wanted)
        if missing := sorted(set(wanted) - set(replayed)):
            raise _unknown(missing)  # leaving the unit this way undoes the others
        return replayed


def _unknown(numbers: Sequence[int]) -> CommandError:
    named = ", ".join(str(each) for each in numbers)
    return CommandError(f"There is no dead letter {named}: see beatline letters list.")


def _parsed(letter: Letter) -> Any:
    try:
        return json.loads(letter.payload)
    except ValueError:
        return None


def _kind(update: Any) -> str:
    """The update's kind is its one key besides the number."""
    if not isinstance(update, Mapping):
        return "unreadable"
    return next((_key(name) for name in update if name != "update_id"), "nothing")


def _content(letter: Letter, update: Any) -> str:
    if update is None:
        return letter.payload.decode("utf-8", "backslashreplace")
    return json.dumps(update, indent=2, ensure_ascii=True)


def _lines(update: Any) -> Iterator[str]:
    if update is None:
        yield "not JSON"
        return
    for count, line in enumerate(_shape("", update)):
        if count == SHAPE_LINES:
            yield "…"
            return
        yield line


def _shape(path: str, value: Any) -> Iterator[str]:
    """Every leaf by path, type and length; no value."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _shape(f"{path}.{_key(name)}" if path else _key(name), each)
    elif isinstance(value, list):
        yield f"{path}: list of {len(value)}"
        if value:
            yield from _shape(f"{path}[0]", value[0])
    elif isinstance(value, str):
        yield f"{path}: text of {len(value)} characters"
    else:
        yield f"{path}: {type(value).__name__}"


def _key(name: str) -> str:
    is_telegrams = name.isascii() and name.isidentifier() and len(name) <= KEY_LENGTH
    return name if is_telegrams else "?"
