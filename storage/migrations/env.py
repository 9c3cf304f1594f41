"""Without this file Alembic would not know where to run; it executes it, nobody imports it.

The connection is open and in a transaction: see `storage.migrations.upgrade`.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
