"""The first files: three queues, people, the roster, cases, and what was said where.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Rowids on SQLite must be declared INTEGER to number themselves.
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    _queues()
    _people()
    _cases()


def _queues() -> None:
    op.create_table(
        "inbox",
        sa.Column("sequence", Number, primary_key=True, autoincrement=True),
        sa.Column("update_id", sa.BigInteger, unique=True),
        sa.Column("chat_key", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("error", sa.Text),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("handled_at", Moment),
        sa.Column("is_delayed", sa.Boolean, nullable=False, server_default=sa.false()),
        sqlite_autoincrement=True,
    )
    op.create_index("inbox_state", "inbox", ["state", "sequence"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("otherwise", sa.Text),
        sa.Column("needs", sa.BigInteger),
        sa.Column("not_before", Moment),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.Column("dedup_key", sa.Text, unique=True),
        sa.Column("replace_key", sa.Text),
        sa.Column("on_sent", sa.Text),
        sa.Column("on_never", sa.Text),
        sa.Column("promised_at", Moment, nullable=False),
        sa.Column("finished_at", Moment),
    )
    for name, columns, condition in (
        ("outbox_waiting", ["chat_id", "lane", "id"], "state = 'waiting'"),
        ("outbox_sending", ["chat_id"], "state = 'sending'"),
        ("outbox_finished", ["finished_at"], "finished_at IS NOT NULL"),
        ("outbox_needs", ["needs"], "needs IS NOT NULL AND state = 'waiting'"),
    ):
        where = sa.text(condition)
        op.create_index(name, "outbox", columns, sqlite_where=where, postgresql_where=where)
    waiting = sa.text("state = 'waiting' AND replace_key IS NOT NULL")
    op.create_index(
        "outbox_replace", "outbox", ["replace_key"], unique=True,
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip
    op.create_table(
        "timer",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("chat_key", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False, server_default="{}"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("error", sa.Text),
    )
    op.create_index("timer_due", "timer", ["due_at"])
    op.create_table(
        "run",
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("ran_at", Moment, nullable=False),
    )
    op.create_table(
        "blob",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("file_id", sa.Text),
        sa.Column("stored_at", Moment, nullable=False),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "known_answer",
        sa.Column("method", sa.Text, primary_key=True),
        sa.Column("result", sa.Text, nullable=False),
    )


def _people() -> None:
    op.create_table(
        "roster",
        sa.Column("version", Number, primary_key=True, autoincrement=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("imported_at", Moment, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "officer_link",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("chat_id", sa.BigInteger, nullable=False, unique=True),
        sa.Column("linked_at", Moment, nullable=False),
        sa.Column("away_since", Moment),
    )
    op.create_table(
        "invitation",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("used_at", Moment),
        sa.Column("used_by", sa.BigInteger),
    )
    op.create_table(
        "person",
        sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("area", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("introduced_at", Moment),
        sa.Column("mark_explained_at", Moment),
        sa.Column("first_seen_at", Moment, nullable=False),
    )
    op.create_table(
        "unreachable",
        sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "dialogue",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("expires_at", Moment, nullable=False),
        sa.UniqueConstraint("chat_id", "user_id"),
        sqlite_autoincrement=True,
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("resident_chat_id", sa.BigInteger, nullable=False),
        sa.Column("area", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("owner_chat_id", sa.BigInteger),
        sa.Column("owner_reason", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("card", sa.BigInteger),
        sa.Column("receipt", sa.BigInteger),
        sa.Column("last_words", sa.Text, nullable=False, server_default=""),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("active_at", Moment, nullable=False),
        sa.Column("answered_at", Moment),
        sa.Column("closed_at", Moment),
        sa.Column("closed_by", sa.Text),
    )
    unclosed = sa.text("state <> 'closed'")
    op.create_index(
        "cases_one_per_resident", "cases", ["resident_chat_id"], unique=True,
        sqlite_where=unclosed, postgresql_where=unclosed,
    )  # fmt: skip
    op.create_index(
        "cases_of_owner", "cases", ["owner", "active_at"],
        sqlite_where=unclosed, postgresql_where=unclosed,
    )  # fmt: skip
    op.create_table(
        "case_tried",
        sa.Column("case_number", sa.BigInteger, sa.ForeignKey("cases.number"), primary_key=True),
        sa.Column("officer", sa.Text, primary_key=True),
        sa.Column("tried_at", Moment, nullable=False),
    )
    op.create_table(
        "message",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("case_number", sa.BigInteger, sa.ForeignKey("cases.number")),
        sa.Column("resident_chat_id", sa.BigInteger, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("author", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("is_edit", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("written_at", Moment, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("message_of_case", "message", ["case_number", "id"])
    op.create_index("message_origin", "message", ["chat_id", "message_id"])
    unplaced = sa.text("case_number IS NULL")
    op.create_index(
        "message_held", "message", ["resident_chat_id", "id"],
        sqlite_where=unplaced, postgresql_where=unplaced,
    )  # fmt: skip
    op.create_table(
        "copy",
        sa.Column("promise", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("case_number", sa.BigInteger, sa.ForeignKey("cases.number"), nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("origin_chat_id", sa.BigInteger),
        sa.Column("origin_message_id", sa.BigInteger),
    )
    op.create_index("copy_place", "copy", ["chat_id", "message_id"])
    op.create_index("copy_origin", "copy", ["origin_chat_id", "origin_message_id"])
    op.create_index("copy_of_case", "copy", ["case_number"])


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
