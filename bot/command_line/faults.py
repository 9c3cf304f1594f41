"""Without this module an administrator would read a traceback instead of a sentence.

The very edge: whatever a command raises ends here, as one sentence on standard error and an exit
status. 2 is wrong use (the command line, the settings), 1 is failure.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import typer
from typer.exceptions import TyperException

#: Exit statuses, as shells and supervisors know them.
FAILURE, WRONG_USE, INTERRUPTED = 1, 2, 130
#: The packages whose exceptions end in a sentence for people.
_OURS = ("bot", "handlers", "storage")

_log = logging.getLogger("beatline.command_line")


class CommandError(Exception):
    """A command cannot do what it was asked; its sentence says what, where, and what to do."""


def status_after(command: Callable[[], int | None]) -> int:
    """Run a command to its end; its exit status, whatever happens."""
    try:
        return command() or 0
    except TyperException as wrong_use:
        _say(f"{wrong_use.format_message().rstrip('.')}. See beatline --help.")
        return WRONG_USE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except Exception as error:  # the one wide net, at the very edge
        return _status_of(_first_in(error))


def _status_of(error: Exception) -> int:
    is_ours = type(error).__module__.partition(".")[0] in _OURS
    if is_ours and type(error).__name__.endswith("Error") and str(error):
        _say(str(error))
        return WRONG_USE if type(error).__name__ == "SettingsError" else FAILURE
    if isinstance(error, OSError) and error.strerror:
        _say(_about_system(error))
        return FAILURE
    if logging.getLogger().handlers:  # without our formatter a log would show values
        _log.critical("unexpected_fault", exc_info=error)
    _say(f"An unexpected fault: {type(error).__name__}{_place(error)}. Please report it.")
    return FAILURE


def _about_system(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "The port is taken by another program: name another one with --port."
    about = f"{error.filename}: " if error.filename else ""
    return f"{about}{error.strerror}."


def _place(error: Exception) -> str:
    """Where in our own rooms it passed last."""
    root = Path(__file__).parents[2]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(root) and file.relative_to(root).parts[0] in _OURS:
            return f" at {file.relative_to(root)}:{frame.lineno}"
    return ""


def _first_in(error: Exception) -> Exception:
    """A nursery raises a group: what went wrong first is what to say."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _say(sentences: str) -> None:
    typer.echo(sentences, err=True)
