"""Who booked for somebody without Telegram, and who named a code that opened nothing.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("appointment", sa.Column("booked_by", sa.Text))
    op.create_table(
        "wrong_code",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("wrong_code_of_chat", "wrong_code", ["chat_id", "named_at"])
    op.create_index("wrong_code_by_time", "wrong_code", ["named_at"])


def downgrade() -> None:
    """Rows are evidence: a schema goes forward only; the way back is a backup."""
    raise RuntimeError("restore a backup instead")
