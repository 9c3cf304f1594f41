"""Appointments, and the five minutes of an officer that each of them takes.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)
Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("travel_minutes", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("resident_chat_id", sa.BigInteger),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("held_until", Moment),
        sa.Column("ended_by", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("appointment_of_officer", "appointment", ["officer", "starts_at"])
    op.create_index("appointment_of_resident", "appointment", ["resident_chat_id", "starts_at"])
    op.create_table(
        "slot_cell",
        sa.Column("officer", sa.Text, primary_key=True),
        sa.Column("cell", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("appointment_id", sa.BigInteger, sa.ForeignKey("appointment.id"), nullable=False),
    )
    op.create_index("slot_cell_of_appointment", "slot_cell", ["appointment_id"])


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
