"""Hours: one-off changes, holidays that an administrator loads, and where people say they are.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Rowids on SQLite must be declared INTEGER to number themselves.
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hours_change",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("starts", Moment, nullable=False),
        sa.Column("ends", Moment, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("declared_by", sa.Text, nullable=False),
        sa.Column("declared_at", Moment, nullable=False),
        sa.Column("withdrawn_at", Moment),
        sqlite_autoincrement=True,
    )
    op.create_index("hours_change_of_room", "hours_change", ["room", "ends"])
    op.create_table("announced_year", sa.Column("year", sa.Integer, primary_key=True))
    op.create_table(
        "special_day",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default="{}"),
    )
    op.create_table(
        "presence",
        sa.Column("officer", sa.Text, primary_key=True),
        sa.Column("whereabouts", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("said_at", Moment, nullable=False),
        sa.Column("until", Moment, nullable=False),
    )


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
