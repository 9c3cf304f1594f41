"""Urgent calls: who was paged, who took one, and who has said to hear the phone.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)
Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "call_out",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("resident_chat_id", sa.BigInteger, nullable=False),
        sa.Column("ladder", sa.Text, nullable=False),
        sa.Column("supervisors", sa.Text, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("step_seconds", sa.Float, nullable=False),
        sa.Column("paged", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("taker", sa.Text),
        sa.Column("taken_at", Moment),
        sa.Column("case_number", sa.BigInteger),
        sa.Column("resumed_at", Moment),
        sa.Column("resumed_step", sa.Integer, nullable=False),
        sa.Column("told", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    under_way = sa.text("state IN ('paging', 'taken')")
    op.create_index(
        "call_out_one_per_resident", "call_out", ["resident_chat_id"], unique=True,
        sqlite_where=under_way, postgresql_where=under_way,
    )  # fmt: skip
    op.create_index("call_out_of_resident", "call_out", ["resident_chat_id", "id"])
    op.create_table(
        "call_out_page",
        sa.Column("call_out_id", Number, sa.ForeignKey("call_out.id"), primary_key=True),
        sa.Column("officer", sa.Text, primary_key=True),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("promise", sa.BigInteger, nullable=False),
        sa.Column("paged_at", Moment, nullable=False),
        sa.Column("is_unreached", sa.Boolean, nullable=False),
        sa.Column("command", sa.Text),
    )
    due = sa.text("command = 'due'")
    op.create_index(
        "call_out_page_due", "call_out_page", ["paged_at"],
        sqlite_where=due, postgresql_where=due,
    )  # fmt: skip
    op.create_table(
        "call_out_tap",
        sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tapped_at", Moment, nullable=False),
    )
    op.create_table(
        "hearing",
        sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("heard_at", Moment),
        sa.Column("opted_in_at", Moment),
    )


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
