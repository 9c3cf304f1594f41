"""Closed hours: what waits for an officer's opening, and when somebody of the roster was seen.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "waiting",
        sa.Column("case_number", sa.BigInteger, sa.ForeignKey("cases.number"), primary_key=True),
        sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.add_column("officer_link", sa.Column("seen_at", Moment))


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
