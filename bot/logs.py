"""Without this module the log would tell strangers what residents wrote, and under which token.

One line for each event, as JSON or as text: `time` (UTC), `level`, `event`, then the fields given
as ``extra``. Rules that hold for every record, whoever writes it:

* An exception shows its type and the places it passed. Its message is shown only when the class is
  ours; what others put into a message may be what somebody typed. An `OSError` shows its errno.
* A library is heard from WARNING on, and by its template only: what is filled in stays out.
* Whatever looks like a bot token or a password in an address is blacked out, last of all.
"""

from __future__ import annotations

import errno
import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

#: Our loggers start with this name; every other one is a library's.
OURS = "beatline"
#: Packages whose exceptions carry sentences of our own making.
OUR_PACKAGES = frozenset({"bot", "handlers", "storage"})
#: Libraries that say at WARNING what we handle ourselves, and what they may still say.
QUIETER = {
    "aiohttp.access": logging.CRITICAL,  # the paths it prints hold the token
    "aiosqlite": logging.WARNING,  # at DEBUG it prints every statement with its parameters
    "apscheduler": logging.ERROR,  # late ticks are made good by the timers on file
    "telegram": logging.CRITICAL,  # its errors are raised to us and logged there
}
#: A library's template longer than this is not one.
TEMPLATE_LENGTH = 200
#: Frames shown of a traceback, innermost last: enough to find the place, short enough to read.
FRAMES_SHOWN = 12
#: How far causes are followed; a longer chain is a loop or noise.
CAUSES_SHOWN = 5

_STANDARD_ATTRIBUTES = frozenset(
    {*vars(logging.LogRecord("", 0, "", 0, "", (), None)), "message", "asctime", "taskName"}
)
_SECRETS = (
    (re.compile(r"/bot\d+:[^/\s\"']+"), "/bot[token]"),
    (re.compile(r"(?<![\w-])\d+:[A-Za-z0-9_-]{20,}"), "[token]"),
    (re.compile(r"(\w://[^/\s:@\"]*):[^/\s@\"]+@"), r"\1:[password]@"),
)


def start_logging(log_format: Literal["text", "json"], output: TextIO | None = None) -> None:
    """Write all records to ``output`` (standard error) from now on, in this format."""
    handler = logging.StreamHandler(output or sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(logging.INFO)
    for name, level in QUIETER.items():
        logging.getLogger(name).setLevel(level)
    # When a line cannot be written, logging would print the record with its arguments instead.
    logging.raiseExceptions = False


class JsonFormatter(logging.Formatter):
    """One JSON object a line, ASCII only, so that no output can refuse it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        return redacted(json.dumps(_facts(record), default=str))


class TextFormatter(logging.Formatter):
    """A line for people: time, level, event, ``field=value``; a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        facts = _facts(record)
        trace = facts.pop("trace", [])
        head = f"{facts.pop('time')} {facts.pop('level'):<7} {facts.pop('event')}"
        fields = [f"{name}={_readable(value)}" for name, value in facts.items()]
        return redacted("\n    ".join([" ".join([head, *fields]), *trace]))


def redacted(text: str) -> str:
    """``text`` without bot tokens and passwords."""
    for shape, replacement in _SECRETS:
        text = shape.sub(replacement, text)
    return text


def error_of(error: BaseException) -> str:
    """What may be said of an error: its type; its message only when the class is ours."""
    kind = type(error)
    if kind.__module__.partition(".")[0] in OUR_PACKAGES:
        return f"{kind.__name__}: {error}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{kind.__name__} [{errno.errorcode.get(error.errno, error.errno)}]"
    return kind.__name__


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    fields = {k: v for k, v in vars(record).items() if k not in _STANDARD_ATTRIBUTES}
    facts: dict[str, Any] = {
        **dict.fromkeys(("time", "level", "event")),  # first in the line, and never overwritten
        **fields,
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": _event(record),
    }
    if not _is_ours(record):
        facts["library"] = record.name
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        facts["error"] = " < ".join(error_of(each) for each in _causes(error))
        facts["trace"] = list(_places(error))
    return facts


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name == OURS or record.name.startswith(f"{OURS}.")


def _event(record: logging.LogRecord) -> str:
    if _is_ours(record):
        return record.getMessage()
    first_line = str(record.msg).partition("\n")[0]  # asyncio repeats the exception further down
    return first_line[:TEMPLATE_LENGTH]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on; of a group, each error in it."""
    following: BaseException | None = error
    for _ in range(CAUSES_SHOWN):
        if following is None:
            return
        yield following
        if isinstance(following, BaseExceptionGroup):
            yield from following.exceptions[:CAUSES_SHOWN]
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)


def _places(error: BaseException) -> Iterator[str]:
    """Where the error passed, innermost last. Source lines and values stay out."""
    for frame in traceback.extract_tb(error.__traceback__)[-FRAMES_SHOWN:]:
        yield f"{frame.filename}:{frame.lineno} in {frame.name}"


def _readable(value: Any) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r"[\s\"=]", text) or not text else text
