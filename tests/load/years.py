"""A station that has served for years: many residents with closed cases, laid straight into the
rows. SQLite only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

#: Chats of these residents; nobody of a campaign is among them.
FIRST_OF_OLD = 50_000_000
#: Numbers of their promises, far above those a campaign hands out.
FIRST_PROMISE = 1_000_000_000
_MOMENT = "2026-01-01 12:00:00.000000+00:00"

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
_STATEMENTS = (
    f"{_NUMBERS} INSERT INTO person (chat_id, language, name, area, introduced_at,"  # noqa: S608 - our own numbers
    " mark_explained_at, first_seen_at) SELECT :resident + i, 'en', 'Resident ' || i,"
    " 'a' || (i % :officers), :moment, :moment, :moment FROM n",
    f"{_NUMBERS} INSERT INTO cases (number, resident_chat_id, area, owner, owner_chat_id,"  # noqa: S608 - our own numbers
    " owner_reason, state, stage, last_words, opened_at, active_at, answered_at, closed_at,"
    " closed_by) SELECT :number + i, :resident + i, 'a' || (i % :officers),"
    " 'o' || (i % :officers), :officer + i % :officers, 'responsible', 'closed', 'answered',"
    " 'a few words about what it was', :moment, :moment, :moment, :moment, 'o' || (i % :officers)"
    " FROM n",
    f"{_NUMBERS} INSERT INTO message (case_number, resident_chat_id, chat_id, message_id, kind,"  # noqa: S608 - our own numbers
    " content, written_at) SELECT :number + i, :resident + i, :resident + i, i, 'text',"
    """ '{"kind": "text", "text": "a few words about what it was"}', :moment FROM n""",
    f"{_NUMBERS} INSERT INTO copy (promise, case_number, chat_id, message_id, kind,"  # noqa: S608 - our own numbers
    " origin_chat_id, origin_message_id) SELECT :promise + i, :number + i,"
    " :officer + i % :officers, -i, 'copy', :resident + i, i FROM n",
)


def lay_down(path: Path, count: int, *, officers: int, first_officer: int) -> None:
    """``count`` residents, each with one closed case, one message and its copy, in the database
    file at ``path``, whose schema is there."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        for statement in _STATEMENTS:
            connection.execute(
                statement,
                {
                    "count": count, "officers": officers, "officer": first_officer,
                    "resident": FIRST_OF_OLD, "number": FIRST_OF_OLD, "promise": FIRST_PROMISE,
                    "moment": _MOMENT,
                },
            )  # fmt: skip
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
