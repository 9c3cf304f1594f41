"""Absences: who is away, why, until when, and who said so.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: Rowids on SQLite must be declared INTEGER to number themselves.
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("starts", Moment, nullable=False),
        sa.Column("ends", Moment),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("ordered_by", sa.Text, nullable=False, server_default=""),
        sa.Column("open_cases", sa.Text, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("declared_at", Moment, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("absence_of_officer", "absence", ["officer", "ends"])


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
