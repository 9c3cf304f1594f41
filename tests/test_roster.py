"""The roster in force: imported, seen by the running bot, written out again."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import Clock
from bot.command_line.program import run_program
from bot.domain.roster import Area, EmergencyNumber, Officer, Role, Room, Roster, Station
from bot.roster.checking import check_roster
from bot.roster.exporting import roster_text
from bot.roster.importing import Imported, import_roster
from bot.roster.sample import sample_roster_path
from storage.database import Database
from storage.engines import open_database
from storage.roster import ROSTER_CHANGED
from storage.transaction import Transaction
from tests.front_door import Town, town
from tests.stations import OFFICERS, five_areas, officer, on_duty, on_file, registered

NOBODY: frozenset[str] = frozenset()
NOTHING_NEW = Imported(is_new=False, linked=(), unlinked=())

# --- import


async def links(database: Database) -> dict[str, int | None]:
    """Who is in which chat."""
    async with database.reading() as unit:
        states = await Transaction(unit).officers.states()
    return {code: state.chat_id for code, state in states.items()}


async def joins(database: Database, code: str, chat_id: int, clock: Clock) -> None:
    """As an invitation does."""
    async with database.unit() as unit:
        Transaction(unit).officers.link(code, chat_id, clock.now())


#: Everything that an import may touch.
TOUCHED = (
    "SELECT * FROM roster ORDER BY version",
    "SELECT * FROM officer_link ORDER BY code",
    "SELECT * FROM timer ORDER BY kind, key",
)


async def touched_rows(database: Database) -> list[list[dict[str, object]]]:
    """All rows that an import may touch."""
    async with database.reading() as unit:
        return [[dict(row) for row in await unit.fetch(each)] for each in TOUCHED]


def roster_with(folder: Path, *linked: str, without: str = "", **ids: int) -> Roster:
    """`five_areas` with these officers linked, one left out, some with other Telegram ids."""
    text = five_areas(folder, linked=frozenset(linked)).read_text("utf-8")
    head, *officers = text.split("\n[[officer]]\n")
    for place, each in enumerate(officers):
        code = each.split('"')[1]
        if code in ids:
            officers[place] = f"{each}telegram_id = {ids[code]}\n"
    kept = [each for each in officers if not without or f'code = "{without}"' not in each]
    path = folder / "changed.toml"
    path.write_text("\n[[officer]]\n".join([head, *kept]), encoding="utf-8")
    return check_roster(path)


async def test_an_import_puts_the_roster_in_force_and_links_whom_it_names(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    """Officers with a Telegram id are linked to their chats, the others are not yet; the bot is
    told that there is something new."""
    roster = roster_with(tmp_path, "li", "zhao")
    assert await import_roster(database, roster, clock) == Imported(True, ("li", "zhao"), ())
    assert await links(database) == {"li": OFFICERS["li"], "zhao": OFFICERS["zhao"]}
    async with database.reading() as unit:
        assert await Transaction(unit).roster.current() == (1, roster)
        (timer,) = await Transaction(unit).timers.due(clock.now(), limit=9)
    assert timer.kind == ROSTER_CHANGED


async def test_the_same_roster_again_changes_nothing(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    """Not a row, however often an administrator runs it."""
    await import_roster(database, roster_with(tmp_path, "li"), clock)
    before = await touched_rows(database)
    assert await import_roster(database, roster_with(tmp_path, "li"), clock) == NOTHING_NEW
    assert await touched_rows(database) == before


async def test_a_new_roster_leaves_the_old_one_on_file(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    """The newest is in force; what was in force before can be looked up."""
    first, second = roster_with(tmp_path), roster_with(tmp_path, "li")
    await import_roster(database, first, clock)
    await import_roster(database, second, clock)
    assert await import_roster(database, first, clock) == Imported(True, (), ())
    async with database.reading() as unit:
        assert await Transaction(unit).roster.current() == (3, first)
        assert len(await unit.fetch("SELECT version FROM roster")) == 3


async def test_a_learned_link_stays_when_the_file_says_nothing(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    """Li joined by invitation; the file has no Telegram id for Li and never had."""
    await import_roster(database, roster_with(tmp_path), clock)
    await joins(database, "li", 5, clock)
    await import_roster(database, roster_with(tmp_path, "wang"), clock)
    assert await links(database) == {"li": 5, "wang": OFFICERS["wang"]}


async def test_a_telegram_id_in_the_file_wins_over_a_learned_link(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    """The file is the truth; who was away stays away."""
    await import_roster(database, roster_with(tmp_path), clock)
    await joins(database, "li", 5, clock)
    async with database.unit() as unit:
        Transaction(unit).officers.set_away("li", clock.now())
    assert (await import_roster(database, roster_with(tmp_path, "li"), clock)).linked == ("li",)
    async with database.reading() as unit:
        state = (await Transaction(unit).officers.states())["li"]
    assert (state.chat_id, state.is_absent) == (OFFICERS["li"], True)


async def test_a_chat_belongs_to_one_officer(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    """A phone handed on to a colleague, and two who swapped theirs."""
    await import_roster(database, roster_with(tmp_path), clock)
    await joins(database, "li", 5, clock)
    await import_roster(database, roster_with(tmp_path, wang=5), clock)
    assert await links(database) == {"wang": 5}
    await import_roster(database, roster_with(tmp_path, wang=5, li=6), clock)
    await import_roster(database, roster_with(tmp_path, wang=6, li=5), clock)
    assert await links(database) == {"wang": 6, "li": 5}


async def test_whoever_leaves_the_roster_is_linked_no_longer(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    """A learned link goes as well: the phone of somebody who has left hears nothing more."""
    await import_roster(database, roster_with(tmp_path, "li"), clock)
    await joins(database, "admin", 5, clock)
    left = await import_roster(database, roster_with(tmp_path, "li", without="admin"), clock)
    assert left == Imported(True, (), ("admin",))
    assert await links(database) == {"li": OFFICERS["li"]}


# --- the running bot


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """The five areas are on file; everybody of the roster has met the bot."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        await on_duty(here)
        yield here


def without_li(folder: Path) -> Path:
    """`five_areas` after Li has left: Chen has Riverside, Wang the harbour."""
    text = five_areas(folder).read_text("utf-8")
    head, _, rest = text.partition('\n[[officer]]\ncode = "li"')
    text = head + rest[rest.index("\n[[officer]]") :]
    text = text.replace('"hillside", "station"', '"hillside", "station", "harbour"')
    text = text.replace('["market"]', '["market", "riverside"]')
    path = folder / "without-li.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def imports(here: Town, roster: Path) -> None:
    """Import it, and wait until the running bot has seen it."""
    await here.imports(roster)
    database = open_database(here.database_url)
    try:

        async def is_seen() -> bool:
            async with database.reading() as unit:
                due = await Transaction(unit).timers.due(here.clock.now(), limit=9)
            return ROSTER_CHANGED not in {timer.kind for timer in due}

        await here.until(is_seen, "the bot sees the roster")
    finally:
        await database.close()


async def test_a_running_bot_sees_a_new_roster(house: Town, tmp_path: Path) -> None:
    """A new area has its link at once, and an area's new officer gets its next request."""
    async with house.bot():
        ana = await registered(house, 101, "Ana", "market")
        text = five_areas(tmp_path).read_text("utf-8").replace('"harbour"', '"dock"')
        text = text.replace('"riverside", "dock"', '"riverside", "dock", "market"')
        text = text.replace('areas = ["market"]', "areas = []")
        (tmp_path / "new.toml").write_text(text, encoding="utf-8")
        await imports(house, tmp_path / "new.toml")
        eve = house.person(102, "Eve")
        await eve.says("/start a-dock")
        await eve.sees("Your area: Harbour")
        await ana.says("Who answers now?")
        await officer(house, "li").sees("Who answers now?")


async def test_the_requests_of_somebody_who_left_go_to_the_next(
    house: Town, tmp_path: Path
) -> None:
    """Li leaves the roster with a question unanswered: who has the area now gets it, without the
    resident having to write again."""
    async with house.bot():
        ana, li = await registered(house, 101, "Ana"), officer(house, "li")
        await ana.says("Is anybody there?")
        await li.sees("Is anybody there?")
        await imports(house, without_li(tmp_path))
        copy = await officer(house, "chen").sees("Is anybody there?")
        await officer(house, "chen").says("I am", reply_to_message_id=copy["message_id"])
        await ana.sees("I am")


async def test_the_requests_of_a_new_phone_come_along(house: Town, tmp_path: Path) -> None:
    """The roster gives Li another account: what nobody has answered comes there as well."""
    async with house.bot():
        ana, li = await registered(house, 101, "Ana"), officer(house, "li")
        await ana.says("Is anybody there?")
        await li.sees("Is anybody there?")
        phone = house.person(900077, "Li")
        await phone.says("/start")
        text = five_areas(tmp_path).read_text("utf-8").replace("= 900001", "= 900077")
        (tmp_path / "new.toml").write_text(text, encoding="utf-8")
        await imports(house, tmp_path / "new.toml")
        await phone.sees("Is anybody there?")


# --- export


@pytest.fixture
def terminal(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, a database, and neither token nor network."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("BEATLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BEATLINE_DATABASE", sqlite_url)
    monkeypatch.setenv("BEATLINE_API_URL", "http://127.0.0.1:1")


@pytest.mark.usefixtures("terminal")
def test_what_is_exported_imports_as_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """The sample station, out and in again: nothing new. Neither needs a token or the network."""
    assert run_program(["roster", "import", str(sample_roster_path())]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "In force now: 2 rooms, 5 areas, 6 officers.",
        "Linked by their Telegram ids: li, wang, chen, zhao, sun, admin.",
    ]
    assert run_program(["roster", "export", "out.toml"]) == 0
    assert check_roster(Path("out.toml")) == check_roster(sample_roster_path())
    capsys.readouterr()
    assert run_program(["roster", "import", "out.toml"]) == 0
    assert capsys.readouterr().out == "In force already: 2 rooms, 5 areas, 6 officers.\n"
    assert run_program(["roster", "export"]) == 0
    assert capsys.readouterr().out == Path("out.toml").read_text("utf-8")


@pytest.mark.usefixtures("terminal")
def test_an_export_never_writes_over_somebodys_work(capsys: pytest.CaptureFixture[str]) -> None:
    """A file it wrote itself it writes again; any other, with its comments, stays."""
    run_program(["roster", "import", str(sample_roster_path())])
    Path("mine.toml").write_text("# by hand\n", encoding="utf-8")
    assert run_program(["roster", "export", "mine.toml"]) == 1
    assert "name another" in capsys.readouterr().err
    assert Path("mine.toml").read_text("utf-8") == "# by hand\n"
    assert [run_program(["roster", "export", "out.toml"]) for _ in range(2)] == [0, 0]


@pytest.mark.usefixtures("terminal")
def test_without_a_roster_there_is_nothing_to_export(capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence that says how to get one."""
    assert run_program(["roster", "export", "out.toml"]) == 1
    assert "beatline roster import" in capsys.readouterr().err
    assert not Path("out.toml").exists()


@pytest.mark.usefixtures("terminal")
def test_who_is_linked_no_longer_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The administrator reads whom an import cut off."""
    run_program(["roster", "import", str(five_areas(tmp_path))])
    roster_with(tmp_path, *OFFICERS, without="sun")
    capsys.readouterr()
    assert run_program(["roster", "import", "changed.toml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "In force now: 1 room, 5 areas, 5 officers.",
        "Not on the roster any more, linked no longer: sun.",
    ]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(str.strip)  # fmt: skip
NAMES = st.dictionaries(st.sampled_from(["zh", "en", "ar", "hmn"]), TEXTS).flatmap(
    lambda names: TEXTS.map(lambda own: {**names, "zh": own})
)
#: Latitudes and longitudes apart from each other: a pair that may be swapped is a fault.
LATITUDES, LONGITUDES = st.floats(20, 50), st.floats(95, 125)
PHONES = st.sampled_from(["+86 10 5555 0110", "+49 30 123456", "+1 202 555 0100"])
ROOM_CODES, AREA_CODES, OFFICER_CODES = ("r1", "r2"), ("a1", "a2", "a3"), ("o1", "o2", "o3")


@st.composite
def boundaries(draw: st.DrawFn) -> tuple[tuple[tuple[tuple[float, float], ...], ...], ...]:
    ring = st.lists(st.tuples(LONGITUDES, LATITUDES), min_size=3, max_size=5, unique=True)
    polygon = st.lists(ring, min_size=1, max_size=2)
    return tuple(
        tuple((*each, each[0]) for each in map(tuple, rings))
        for rings in draw(st.lists(polygon, max_size=2))
    )


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Any roster without a fault."""
    some_areas = st.lists(st.sampled_from(AREA_CODES), unique=True).map(tuple)
    station = Station(
        draw(NAMES), draw(PHONES), draw(st.sampled_from(["Asia/Shanghai", "Europe/Berlin"])),
        draw(st.sampled_from([("zh",), ("zh", "en", "ar")])),
        draw(st.lists(st.sampled_from(OFFICER_CODES), min_size=1, unique=True).map(tuple)),
        (
            EmergencyNumber("police", "110", "call", draw(st.just({}) | NAMES)),
            EmergencyNumber("other", "+86 12345", draw(st.sampled_from(["call", "sms"]))),
        ),
    )  # fmt: skip
    rooms = tuple(
        Room(
            code,
            draw(NAMES),
            draw(NAMES),
            draw(st.none() | st.tuples(LATITUDES, LONGITUDES)),
            draw(PHONES),
            draw(st.sampled_from(["24/7", "Mo-Fr 09:00-12:00; PH off"])),
        )
        for code in ROOM_CODES
    )
    areas = tuple(
        Area(
            code,
            draw(NAMES),
            draw(st.sampled_from(ROOM_CODES)),
            draw(st.sampled_from(["", *AREA_CODES[:place]])),
            draw(boundaries()),
        )
        for place, code in enumerate(AREA_CODES)
    )
    officers = tuple(
        Officer(code, draw(NAMES), draw(st.sampled_from(list(Role)[1:])),
                draw(st.sampled_from(["", f"0{place}", f'"{place}\n'])),
                draw(st.just("") | PHONES), draw(st.none() | st.just(place + 1)),
                draw(st.dictionaries(st.sampled_from(["zh", "nan"]),
                                     st.sampled_from(["native", "good", "basic"]))),
                AREA_CODES if place == 0 else draw(some_areas), draw(some_areas),
                draw(st.sampled_from(["", *ROOM_CODES])))
        for place, code in enumerate(OFFICER_CODES)
    )  # fmt: skip
    return Roster(station, rooms, areas, officers)


@settings(max_examples=60)
@given(roster=rosters())
def test_every_roster_comes_back_as_it_was_written(
    roster: Roster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever names hold (quotes, line breaks, any script), whatever shape areas have."""
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(roster_text(roster), encoding="utf-8", newline="\n")
    assert check_roster(path) == roster
