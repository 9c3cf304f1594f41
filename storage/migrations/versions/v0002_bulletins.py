"""Bulletins: what is written, who gets it, what everybody wants, and what goes out once for many.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    _bulletins()
    _deliveries()
    _subscriptions()


def _bulletins() -> None:
    op.create_table(
        "bulletin",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("author_chat_id", sa.BigInteger, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("pictures", sa.Text, nullable=False, server_default="[]"),
        sa.Column("fields", sa.Text, nullable=False, server_default="{}"),
        sa.Column("approved_by", sa.Text),
        sa.Column("issue", sa.Text),
        sa.Column("follows", sa.BigInteger, sa.ForeignKey("bulletin.number")),
        sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
        sa.Column("progress", sa.BigInteger),
        sa.Column("prepared_to", sa.BigInteger),
        sa.Column("total", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("taken", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment),
        sa.Column("started_at", Moment),
        sa.Column("ended_at", Moment),
    )
    op.create_index("bulletin_state", "bulletin", ["state", "kind", "room"])
    op.create_table(
        "bulletin_version",
        sa.Column("bulletin", sa.BigInteger, sa.ForeignKey("bulletin.number"), primary_key=True),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("is_machine_made", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "payload",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("stored_at", Moment, nullable=False),
    )


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("bulletin", sa.BigInteger, sa.ForeignKey("bulletin.number"), primary_key=True),
        sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("promise", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("delivered_at", Moment),
        sa.Column("read_at", Moment),
        sa.Column("answered_at", Moment),
        sqlite_with_rowid=False,
    )
    op.create_index("delivery_state", "delivery", ["bulletin", "state", "revision", "chat_id"])
    promised = sa.text("promise IS NOT NULL")
    op.create_index(
        "delivery_promise", "delivery", ["promise"], sqlite_where=promised,
        postgresql_where=promised,
    )  # fmt: skip
    on_its_way = sa.text("state = 'promised'")
    op.create_index(
        "delivery_on_its_way", "delivery", ["chat_id"], sqlite_where=on_its_way,
        postgresql_where=on_its_way,
    )  # fmt: skip
    for name, column in (("delivery_read", "read_at"), ("delivery_answered", "answered_at")):
        noted = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "delivery", ["bulletin"], sqlite_where=noted, postgresql_where=noted)
    sent = sa.text("message_id IS NOT NULL")
    op.create_index(
        "delivery_place", "delivery", ["chat_id", "message_id"], sqlite_where=sent,
        postgresql_where=sent,
    )  # fmt: skip


def _subscriptions() -> None:
    op.create_table(
        "subscription",
        sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("is_on", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("kinds_off", sa.Text, nullable=False, server_default="[]"),
        sa.Column("areas", sa.Text, nullable=False, server_default="[]"),
        sa.Column("quiet_start", sa.Text),
        sa.Column("quiet_end", sa.Text),
        sa.Column("is_business", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
