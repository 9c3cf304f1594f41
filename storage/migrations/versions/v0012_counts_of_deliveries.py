"""Who read, answered and complained is counted without looking at everybody.

Revision ID: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

#: By the moment too: SQLite takes an index of the bulletin alone for no better than the table.
_COUNTED = (
    ("delivery_read", "read_at"),
    ("delivery_answered", "answered_at"),
    ("delivery_complained", "complained_at"),
)


def upgrade() -> None:
    for name, moment in _COUNTED:
        op.drop_index(name, "delivery")
        noted = sa.text(f"{moment} IS NOT NULL")
        op.create_index(
            name, "delivery", ["bulletin", moment], sqlite_where=noted, postgresql_where=noted
        )


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
