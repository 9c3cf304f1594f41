"""Service requests: times outside the slots that one side proposes and the other answers.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)
Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "service_request",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("resident_chat_id", sa.BigInteger, nullable=False),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("proposal_number", sa.Integer, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("proposed_at", Moment, nullable=False),
        sa.Column("case_number", sa.BigInteger),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("resident_message", sa.BigInteger),
        sa.Column("officer_message", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "service_request_open",
        "service_request",
        ["resident_chat_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
