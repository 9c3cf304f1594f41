"""Complaints about bulletins, where their pictures stand, and texts that wait for a translator.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("delivery", sa.Column("complained_at", Moment))
    noted = sa.text("complained_at IS NOT NULL")
    op.create_index(
        "delivery_complained", "delivery", ["bulletin"], sqlite_where=noted,
        postgresql_where=noted,
    )  # fmt: skip
    op.add_column("delivery", sa.Column("first_picture", sa.BigInteger))
    op.execute(
        "UPDATE delivery SET first_picture = (SELECT o.message_id FROM outbox o"
        " WHERE o.id = delivery.pictures) WHERE pictures IS NOT NULL"
    )
    op.create_table(
        "translation",
        sa.Column("bulletin", sa.BigInteger, sa.ForeignKey("bulletin.number"), primary_key=True),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("not_before", Moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    )


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
