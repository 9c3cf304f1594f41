"""The rules of the house that a machine can check and no linter knows."""

from __future__ import annotations

import ast
import logging
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "handlers", "storage", "locales")
#: What may lie at the top level besides hidden files.
TOP_LEVEL = {
    *ROOMS,
    "tests",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "requirements.lock",
}
#: What tools and a running bot leave at the top level; git ignores it.
LEFT_BY_TOOLS = re.compile(r"__pycache__|build|dist|.*\.egg-info|.*\.db.*|beatline\.toml|.*\.lock")
#: Names that say how code is sorted instead of what it is about.
NAMES_OF_NOTHING = {
    "common",
    "constants",
    "core",
    "helpers",
    "keyboards",
    "managers",
    "misc",
    "models",
    "services",
    "states",
    "utils",
}
MODULE_LINES = 300
FUNCTION_LINES = 60
#: Where everything may be caught, and why.
WIDE_NETS = {
    "bot/app/patience.py": "the edge of the bot: a loop that fails is begun again from the file",
    "bot/command_line/faults.py": "the edge of the command line: a sentence instead of a traceback",
    "bot/delivery/dispatcher/__init__.py": "the edge of handling: whatever a handler raises undoes "
    "its transaction and is counted against that update alone",
    "bot/delivery/sender/calls.py": "one promise that cannot be made must not stop all others",
    "bot/delivery/dispatcher/failures.py": "telling people of a dead letter must not keep it alive",
}
#: Nouns whose drawer has no rule or handler of the same name, and why.
DRAWERS_ALONE = {
    "blobs": "files waiting for upload, beneath the outbox",
    "database": "the seam",
    "dialogues": "kept for whatever feature leads one",
    "engines": "chooses the engine behind the seam",
    "invitations": "made by the command line, used where officers join",
    "known_answers": "what Telegram told us about ourselves",
    "people": "whom all features serve",
    "postgres": "an engine",
    "runs": "once per period, for every job",
    "sqlite": "an engine",
    "transaction": "the drawers around one unit",
    "unreachable": "written by the sender, read by all",
    "visitors": "what several drawers know about whoever writes",
}


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_migration(path: Path) -> bool:
    return "versions" in path.parts


every_module = pytest.mark.parametrize("path", modules(*ROOMS), ids=name_of)
every_file = pytest.mark.parametrize("path", modules(*ROOMS, "tests"), ids=name_of)


def test_the_top_level_holds_the_rooms_and_nothing_else() -> None:
    """A newcomer sees five rooms and the papers that belong to them."""
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert {name for name in found - TOP_LEVEL if not LEFT_BY_TOOLS.fullmatch(name)} == set()
    assert TOP_LEVEL - found == set()


def test_the_office_imports_nothing_when_it_is_named() -> None:
    """`bot/__init__.py` must cost nothing: every room may be asked for alone."""
    tree = tree_of(ROOT / "bot" / "__init__.py")
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


@every_file
def test_no_module_is_named_after_nothing(path: Path) -> None:
    """A module is named for its noun, not for the sort of code in it."""
    assert path.stem not in NAMES_OF_NOTHING
    assert path.parent.name not in NAMES_OF_NOTHING


def test_one_noun_has_one_name_in_every_room() -> None:
    """A drawer is called like its rule, its handler or its queue; the others have a reason."""
    elsewhere = {
        path.stem if path.stem != "__init__" else path.parent.name
        for path in modules("bot", "handlers")
    }
    drawers = {path.stem for path in (ROOT / "storage").glob("[a-z]*.py")} | {
        path.parent.name for path in (ROOT / "storage").glob("*/__init__.py")
    }
    known = elsewhere | set(DRAWERS_ALONE) | {"migrations", "backup"}
    assert {noun for noun in drawers if noun not in known} == set()


@every_module
def test_a_module_fits_in_a_head(path: Path) -> None:
    """Past 300 lines a module becomes a package of its name; migrations only ever grow."""
    if not is_migration(path):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


@every_module
def test_a_function_fits_on_a_screen(path: Path) -> None:
    """None longer than 60 lines; a migration lists tables and is read once."""
    if is_migration(path):
        return
    too_long = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    }
    assert too_long == {}


@every_module
def test_a_module_says_what_would_be_missed_without_it(path: Path) -> None:
    """Every module has a docstring; an empty file that only marks a room needs none."""
    tree = tree_of(path)
    assert ast.get_docstring(tree) or not tree.body


@every_file
def test_nothing_is_left_for_later(path: Path) -> None:
    """What is not done stands in an issue, not in the code."""
    words = "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"))
    assert not re.findall(rf"\b({words})\b", path.read_text(encoding="utf-8"))


@every_module
def test_everything_is_caught_at_the_edges_only(path: Path) -> None:
    """`except Exception`, or a bare `except`, hides faults anywhere else. Catching BaseException
    to undo something is fine when it is raised again."""
    wide = [
        node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and _catches(node) & {"", "Exception", "BaseException"}
        and not _raises_again(node)
    ]
    assert not wide or name_of(path) in WIDE_NETS


def _catches(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {""}
    return {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_every_wide_net_is_still_there() -> None:
    """The list of edges shrinks with the code."""
    for name in WIDE_NETS:
        assert "except Exception" in (ROOT / name).read_text(encoding="utf-8")


#: Campaigns keep an even rate and look at processes of their own from outside: they must wait.
_TESTS = [path for path in modules("tests") if "load" not in path.parts]


@pytest.mark.parametrize("path", _TESTS, ids=name_of)
def test_tests_do_not_sleep(path: Path) -> None:
    """A test waits for an event or moves the clock; a nap is slow on good days and short on bad
    ones."""
    naps = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("asyncio.sleep", "time.sleep", "sleep")
        and [ast.unparse(each) for each in node.args] != ["0"]
    ]
    assert naps == []


@pytest.mark.parametrize("path", modules("tests"), ids=name_of)
def test_every_test_states_its_promise(path: Path) -> None:
    """A test's docstring is the promise it keeps."""
    silent = [
        node.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


@every_module
def test_a_log_line_never_fails_for_the_name_of_a_field(path: Path) -> None:
    """`extra={"name": …}` raises inside logging, at the worst moment: these names are taken."""
    taken = {*vars(logging.LogRecord("", 0, "", 0, "", (), None)), "message", "asctime"}
    assert set(_fields_logged(tree_of(path))) & taken == set()


def _fields_logged(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.keyword)
            and node.arg == "extra"
            and isinstance(node.value, ast.Dict)
        ):
            for key in node.value.keys:
                if isinstance(key, ast.Constant):
                    yield str(key.value)


def test_the_lock_file_names_no_registry() -> None:
    """Whoever installs decides from where; every package is locked by hash."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--index-url" not in lock
    packages = re.findall(r"^[a-z0-9]\S*==", lock, re.MULTILINE)
    hashed = re.findall(r"^[a-z0-9]\S*==.*\\\n\s+--hash=sha256:", lock, re.MULTILINE)
    assert len(packages) == len(hashed) > 30


def test_the_lock_file_holds_everything_that_is_asked_for() -> None:
    """A dependency added without locking it again would be missing on the next machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["postgres"],
        *project["dependency-groups"]["dev"],
    ]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").casefold()
    lock = re.sub(r"\[.*\]==", "==", lock)
    names = {re.split(r"[\[<>=;, ]", each)[0].casefold() for each in asked}
    assert {name for name in names if f"\n{name}==" not in lock} == set()
