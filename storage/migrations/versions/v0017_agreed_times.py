"""What an officer has agreed outside the slots is found without looking at every request.

Revision ID: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_agreed = sa.text("state = 'agreed'")
    op.create_index(
        "service_request_agreed", "service_request", ["officer", "starts_at"],
        sqlite_where=is_agreed, postgresql_where=is_agreed,
    )  # fmt: skip


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
