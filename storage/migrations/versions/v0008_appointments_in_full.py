"""What else is known of an appointment: a guest and a code, a place, a case, what is ready.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WORDS = ("place", "phone", "reason", "situation")


def upgrade() -> None:
    for name in ("guest_name", "guest_phone", "code"):
        op.add_column("appointment", sa.Column(name, sa.Text))
    op.add_column("appointment", sa.Column("case_number", sa.BigInteger))
    for name in ("latitude", "longitude"):
        op.add_column("appointment", sa.Column(name, sa.Float))
    for name in ("late_minutes", "version"):
        op.add_column(
            "appointment", sa.Column(name, sa.Integer, nullable=False, server_default="0")
        )
    for name in _WORDS:
        op.add_column("appointment", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for name in ("ticked", "answers"):
        op.add_column("appointment", sa.Column(name, sa.Text, nullable=False, server_default="[]"))
    op.create_index("appointment_by_code", "appointment", ["code"], unique=True)


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
