"""Who has the file of which appointment: a calendar that has it needs another when it is over.

Revision ID: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_file",
        sa.Column("appointment_id", sa.BigInteger, sa.ForeignKey("appointment.id"), nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("asked_in", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("appointment_id", "chat_id"),
    )


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
