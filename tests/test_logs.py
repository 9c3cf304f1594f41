"""What the log says, and above all what it never says."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.logs import start_logging
from storage.database import StorageDownError

TOKEN = "123456789:AAF-not-a-real-token_0123456789abcde"
TYPED = "my husband hits me"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Logging is global: what a test sets is taken back."""
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    levels = {name: logger.level for name, logger in _known_loggers()}
    yield
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)
    for name, logger in _known_loggers():
        logger.setLevel(levels.get(name, logging.NOTSET))


def _known_loggers() -> list[tuple[str, logging.Logger]]:
    loggers = logging.getLogger().manager.loggerDict.items()
    return [(name, each) for name, each in loggers if isinstance(each, logging.Logger)]


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


def facts_in(output: io.StringIO) -> dict[str, Any]:
    (line,) = output.getvalue().splitlines()
    facts: dict[str, Any] = json.loads(line)
    return facts


def test_an_event_is_one_json_line(output: io.StringIO) -> None:
    """time in UTC, level, event, then the fields."""
    start_logging("json", output)
    logging.getLogger("beatline.sender").info(
        "promise_sent", extra={"promise": 7, "lane": "urgent"}
    )
    facts = facts_in(output)
    assert list(facts) == ["time", "level", "event", "promise", "lane"]
    assert datetime.fromisoformat(facts["time"]).tzinfo == UTC
    assert (facts["level"], facts["event"], facts["promise"]) == ("info", "promise_sent", 7)


def test_a_field_never_replaces_time_level_or_event(output: io.StringIO) -> None:
    """Whatever a caller names its fields, the three first facts are the record's."""
    start_logging("json", output)
    logging.getLogger("beatline").warning("real", extra={"event": "faked", "level": "faked"})
    facts = facts_in(output)
    assert (facts["level"], facts["event"]) == ("warning", "real")


def test_text_is_one_line_whatever_is_in_a_field(output: io.StringIO) -> None:
    """A field with line breaks cannot fake a second event."""
    start_logging("text", output)
    logging.getLogger("beatline").info(
        "roster_imported", extra={"file": "a b\n2026 ERROR x", "n": 2}
    )
    (line,) = output.getvalue().splitlines()
    assert line.endswith(r'info    roster_imported file="a b\n2026 ERROR x" n=2')


@pytest.mark.parametrize("log_format", ["json", "text"])
@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        f"https://api.telegram.org/bot{TOKEN}/sendMessage",
        "http://localhost:8081/bot1:short/getMe",
        "postgresql://me:AAF-not-a-real-token@host/db",
    ],
)
def test_tokens_and_passwords_are_blacked_out(
    output: io.StringIO, log_format: Any, secret: str
) -> None:
    """Belt and braces: even if somebody logs one, in the event or in a field."""
    start_logging(log_format, output)
    logging.getLogger("beatline").error("called %s", secret, extra={"address": secret})
    assert "not-a-real-token" not in output.getvalue()
    assert "1:short" not in output.getvalue()
    assert "error" in output.getvalue()


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_what_somebody_typed_is_not_in_a_traceback(output: io.StringIO, log_format: Any) -> None:
    """A foreign exception shows type and places; message, source line and cause's message stay
    out."""
    start_logging(log_format, output)
    try:
        try:
            raise KeyError(TYPED)
        except KeyError as error:
            raise ValueError(f"cannot parse {TYPED}") from error
    except ValueError:
        logging.getLogger("beatline").exception("letter_failed")
    said = output.getvalue()
    assert "ValueError < KeyError" in said
    assert "test_logs.py:" in said
    assert TYPED not in said


def test_our_own_errors_keep_their_sentence(output: io.StringIO) -> None:
    """Their messages are made by us, of facts and never of texts; an OSError shows its errno."""
    start_logging("json", output)
    try:
        try:
            raise OSError(28, "No space left on device", f"{TYPED}.jpg")
        except OSError as error:
            raise StorageDownError("SQLite: disk full") from error
    except StorageDownError:
        logging.getLogger("beatline").exception("storage_down")
    assert facts_in(output)["error"] == "StorageDownError: SQLite: disk full < OSError [ENOSPC]"
    assert TYPED not in output.getvalue()


def test_an_error_group_names_every_error_in_it(output: io.StringIO) -> None:
    """The nursery raises groups; the log says what was in them."""
    start_logging("json", output)
    group = ExceptionGroup("nursery", [ValueError(TYPED), TypeError(TYPED)])
    logging.getLogger("beatline").error("stopped", exc_info=group)
    assert facts_in(output)["error"] == "ExceptionGroup < ValueError < TypeError"


def test_a_chain_of_causes_ends(output: io.StringIO) -> None:
    """An error that is its own cause does not hang the log."""
    start_logging("json", output)
    error = ValueError()
    error.__cause__ = error
    logging.getLogger("beatline").error("odd", exc_info=error)
    assert facts_in(output)["error"].count("ValueError") == 5


def test_libraries_are_heard_by_their_template_only(output: io.StringIO) -> None:
    """What a library fills into its warning may be what somebody wrote."""
    start_logging("json", output)
    logging.getLogger("somelib").warning("cannot parse %s", TYPED)
    facts = facts_in(output)
    assert (facts["event"], facts["library"]) == ("cannot parse %s", "somelib")
    assert TYPED not in output.getvalue()


def test_asyncio_does_not_repeat_an_exception(output: io.StringIO) -> None:
    """asyncio writes the exception's repr below its first line: only that line is kept."""
    start_logging("json", output)
    logging.getLogger("asyncio").error(f"Task exception was never retrieved\nValueError({TYPED!r})")
    assert facts_in(output)["event"] == "Task exception was never retrieved"


@pytest.mark.parametrize(
    ("library", "level"),
    [
        ("aiosqlite", logging.DEBUG),
        ("aiohttp.access", logging.WARNING),
        ("apscheduler.executors.default", logging.WARNING),
        ("telegram.ext.Application", logging.ERROR),
        ("httpx", logging.INFO),
        ("alembic.runtime.migration", logging.INFO),
    ],
)
def test_chatter_of_libraries_stays_off(output: io.StringIO, library: str, level: int) -> None:
    """Statements with parameters, paths with tokens, late ticks: none of it is an event."""
    start_logging("json", output)
    logging.getLogger(library).log(level, "chatter")
    assert output.getvalue() == ""


def test_what_cannot_be_encoded_is_logged_all_the_same() -> None:
    """A lone surrogate in a field neither raises nor loses the line."""
    raw = io.BytesIO()
    start_logging("json", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    logging.getLogger("beatline").info("kept", extra={"field": "\ud83d 河"})
    assert json.loads(raw.getvalue())["field"] == "\ud83d 河"


def test_a_line_that_cannot_be_written_is_not_printed_elsewhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the log's pipe closed, logging would print the arguments to standard error."""
    output = io.StringIO()
    start_logging("text", output)
    output.close()
    logging.getLogger("beatline").info("kept", extra={"field": TYPED})
    assert capsys.readouterr().err == ""
