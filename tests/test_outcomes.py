"""Outcomes: what Telegram means by "no", sorted in one place."""

from __future__ import annotations

import pytest

from bot.delivery.outcomes import Kind, outcome_of, pause_before, sorted_out
from bot.delivery.telegram import (
    ApiRefusedError,
    ConnectionFailedError,
    NoAnswerError,
    OutcomeUnknownError,
)
from storage.outbox import Form

SEND = Form("sendMessage", {"chat_id": 1, "text": "x"})
IN_TOPIC = Form("sendMessage", {"chat_id": -1, "text": "x", "message_thread_id": 5})
COPY = Form("copyMessage", {"chat_id": 1, "from_chat_id": 2, "message_id": 3})
COMMANDS = Form("setMyCommands", {"commands": []})


@pytest.mark.parametrize(
    ("form", "code", "description", "kind"),
    [
        (SEND, 400, "Bad Request: chat not found", Kind.CHAT_NEVER),
        (SEND, 400, "Bad Request: user not found", Kind.CHAT_NEVER),
        (SEND, 400, "Bad Request: PEER_ID_INVALID", Kind.CHAT_NEVER),
        (COPY, 400, "Bad Request: chat not found", Kind.MESSAGE_NEVER),
        (COPY, 400, "Bad Request: message to copy not found", Kind.MESSAGE_NEVER),
        (SEND, 400, "Bad Request: can't parse entities", Kind.MESSAGE_NEVER),
        (SEND, 400, "Bad Request: message is not modified: specified new", Kind.SENT),
        (IN_TOPIC, 400, "Bad Request: message thread not found", Kind.MOVED),
        (IN_TOPIC, 400, "Bad Request: TOPIC_DELETED", Kind.MOVED),
        (SEND, 400, "Bad Request: message thread not found", Kind.MESSAGE_NEVER),
        (SEND, 403, "Forbidden: bot was blocked by the user", Kind.CHAT_NEVER),
        (COPY, 403, "Forbidden: user is deactivated", Kind.CHAT_NEVER),
        (COMMANDS, 403, "Forbidden", Kind.MESSAGE_NEVER),
        (SEND, 401, "Unauthorized", Kind.NOTHING_GOES),
        (SEND, 404, "Not Found", Kind.NOTHING_GOES),
        (SEND, 413, "Request Entity Too Large", Kind.MESSAGE_NEVER),
        (SEND, 429, "Too Many Requests: retry after 3", Kind.LATER),
        (SEND, 500, "Internal Server Error", Kind.LATER),
        (SEND, 502, "Bad Gateway", Kind.LATER),
    ],
)
def test_every_refusal_has_its_meaning(form: Form, code: int, description: str, kind: Kind) -> None:
    """About the chat, about the message, about us, or about the moment. What names two chats, or
    none, never makes somebody unreachable."""
    assert sorted_out(ApiRefusedError(code, description), form).kind is kind


@pytest.mark.parametrize(
    "error",
    [ConnectionFailedError("x"), OutcomeUnknownError("x"), NoAnswerError(403, b"<html>")],
)
def test_an_outage_and_somebody_elses_page_count_against_nobody(
    error: ConnectionFailedError | OutcomeUnknownError,
) -> None:
    """A proxy that forbids is no resident who blocked us."""
    outcome = sorted_out(error, SEND)
    assert (outcome.kind, outcome.is_counted, outcome.pause_seconds) == (Kind.LATER, False, None)


def test_telegram_names_the_time_to_wait_and_the_new_id() -> None:
    """Hours are believed, a mistake is not; a time that is missing is a second."""

    def wait(seconds: int | None) -> float | None:
        error = ApiRefusedError(429, "Too Many Requests", retry_after=seconds)
        return sorted_out(error, SEND).pause_seconds

    assert [wait(7), wait(5_000), wait(10**400), wait(None)] == [7.0, 5_000.0, 86_400.0, 1.0]
    moved = ApiRefusedError(400, "group chat was upgraded", migrate_to_chat_id=-1005)
    assert sorted_out(moved, SEND).new_chat_id == -1005


def test_only_server_errors_count() -> None:
    """A 429 or an outage never gives a message up."""
    assert sorted_out(ApiRefusedError(502, "Bad Gateway"), SEND).is_counted
    assert not sorted_out(ApiRefusedError(429, "Too Many Requests"), SEND).is_counted


def test_a_reason_fits_every_column() -> None:
    """Short, without what a database refuses."""
    reason = sorted_out(ApiRefusedError(400, "bad \ud800\0 " + "x" * 999), SEND).reason
    assert len(reason) <= 200
    assert reason.encode()
    assert "\0" not in reason


@pytest.mark.parametrize(
    ("result", "message_id"),
    [({"message_id": 5}, 5), ([{"message_id": 7}, {"message_id": 8}], 7), (True, None), ([], None)],
)
def test_what_was_sent_is_known_by_its_first_message(
    result: object, message_id: int | None
) -> None:
    """An album is known by its first item, a mark by nothing."""
    outcome = outcome_of(result)
    assert (outcome.kind, outcome.message_id) == (Kind.SENT, message_id)


def test_pauses_grow_and_end_somewhere() -> None:
    """Half a second at first, never more than half a minute."""
    pauses = [pause_before(attempt) for attempt in range(100)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.5, 30.0)
