"""What all tests share: a clock, and an empty database on each engine.

`database` and `database_url` run a test twice, on SQLite and on PostgreSQL; `sqlite_…` and
`postgres_…` are for what concerns one engine. Each test's database is fresh: a copy of one that
was migrated once for the whole session.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest

from bot.clock import Clock
from storage.database import Database
from storage.engines import open_database
from tests.engines import ENGINES, PostgresServer, bring_up_to_date, postgres_server
from tests.front_door import Town
from tests.offices import Office
from tests.simulated import Wire, simulated
from tests.stations import at_work, five_areas

#: A busy machine is no fault of a rule: what hangs is ended by pytest-timeout.
hypothesis.settings.register_profile("beatline", deadline=None)
hypothesis.settings.load_profile("beatline")


@pytest.fixture
def clock() -> Clock:
    """The one clock for facts."""
    return Clock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the current schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "beatline.db"
    bring_up_to_date(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite file."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'beatline.db')}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the session; each worker of pytest-xdist has its own."""
    with postgres_server() as server:
        server.make_template()
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of a fresh PostgreSQL database."""
    url = postgres.make_database()
    yield url
    postgres.drop(url)


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """A fresh SQLite file, closed afterwards."""
    opened = open_database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[Database]:
    """A fresh database on PostgreSQL, closed afterwards."""
    opened = open_database(postgres_url)
    yield opened
    await opened.close()


@pytest.fixture
async def other_process(postgres_url: str) -> AsyncIterator[Database]:
    """The same database as `postgres_database`, as another process sees it."""
    opened = open_database(postgres_url)
    yield opened
    await opened.close()


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it, on one engine after the other."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.make_database(template="template1")
    yield url
    server.drop(url)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, on one engine after the other."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database, on one engine after the other, closed afterwards."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def beatline(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Office:
    """`beatline …` in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return Office(monkeypatch, capsys)


@pytest.fixture
async def station(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A station with five areas, six officers who have met the bot, and the bot running."""
    async with at_work(sqlite_url, five_areas(tmp_path)) as here:
        yield here


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """A simulated Telegram, and a wire to it."""
    async with simulated() as made:
        yield made
