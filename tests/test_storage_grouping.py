"""Grouped writes on PostgreSQL: what travels together has the outcome of one after the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.postgres.grouping import Grouping, Write

#: Each statement with what its parameters are drawn from.
NUMBER = st.integers(0, 3)
STATEMENTS: dict[str, tuple[st.SearchStrategy[int], ...]] = {
    "INSERT INTO parent (id, value) VALUES (?, ?)": (NUMBER, NUMBER),
    "INSERT INTO parent (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = 9": (
        NUMBER, NUMBER,
    ),
    "UPDATE parent SET value = value * 2 + ? WHERE id = ?": (NUMBER, NUMBER),
    "DELETE FROM parent WHERE id = ?": (NUMBER,),
    "INSERT INTO child (parent, value) VALUES (?, ?)": (NUMBER, NUMBER),
    "UPDATE child SET parent = ? WHERE parent = ?": (NUMBER, NUMBER),
    "DELETE FROM child WHERE parent = ?": (NUMBER,),
    "INSERT INTO other (value) SELECT count(*) FROM child WHERE value >= ?": (NUMBER,),
    "UPDATE other SET value = value * 2 + ?": (NUMBER,),
    "WITH low AS (SELECT ? AS id) DELETE FROM parent WHERE id < (SELECT id FROM low)": (NUMBER,),
}  # fmt: skip
SCHEMA = """
PRAGMA foreign_keys = ON;
CREATE TABLE parent (id INTEGER PRIMARY KEY, value INTEGER);
CREATE TABLE child (id INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER REFERENCES parent (id),
                    value INTEGER);
CREATE TABLE other (id INTEGER PRIMARY KEY AUTOINCREMENT, value INTEGER);
INSERT INTO parent VALUES (0, 0), (1, 1);
BEGIN;
"""

writes = st.lists(
    st.sampled_from(list(STATEMENTS)).flatmap(
        lambda sql: st.tuples(st.just(sql), st.tuples(*STATEMENTS[sql]))
    ),
    max_size=14,
)


def outcome(steps: Iterable[Write]) -> list[list[Any]] | None:
    """What is in the tables after these writes; None when one of them is refused."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.executescript(SCHEMA)
        try:
            for sql, arguments in steps:
                database.execute(sql, arguments)
        except sqlite3.IntegrityError:
            return None
        return [
            database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608 - the tables above
            for table in ("parent", "child", "other")
        ]


@given(writes)
def test_any_writes_in_groups_have_the_outcome_of_one_after_the_other(steps: list[Write]) -> None:
    """Whatever they are: the same rows, or the same refusal."""
    groups = Grouping([("child", "parent")]).groups(steps)
    assert sorted(steps) == sorted((each.sql, sets) for each in groups for sets in each.sets)
    assert outcome((each.sql, sets) for each in groups for sets in each.sets) == outcome(steps)


@pytest.mark.parametrize(
    ("steps", "groups"),
    [
        ("a1 b1 a2 b2 a3 b3", "a1a2a3 b1b2b3"),
        ("a1 A1 a2 A2", "a1 A1 a2 A2"),
        ("a1 c1 a2 c2", "a1 c1 a2 c2"),
        ("p1 k1 p2 k2", "p1 k1 p2 k2"),
        ("k1 u1 k2 u2", "k1k2 u1u2"),
        ("a1 ?1 a2", "a1 ?1 a2"),
        ("o1 O1 o2 O2", "o1o2 O1O2"),
        ("o1 X1 o2", "o1 X1 o2"),
    ],
    ids=[
        "other tables are passed", "never another write to the same table",
        "never who looks at the table", "never the row that is referred to",
        "a row referred to may change", "never what cannot be told",
        "rows of their own are passed", "also rows of their own are looked at",
    ],
)  # fmt: skip
def test_a_write_is_moved_ahead_only_of_what_it_has_nothing_to_do_with(
    steps: str, groups: str
) -> None:
    """Each letter is a statement, each number a row."""
    statements = {
        "a": "INSERT INTO a (id) VALUES ($1)",
        "A": "UPDATE a SET x = 1 WHERE id = $1",
        "b": "INSERT INTO b (id) VALUES ($1)",
        "c": "INSERT INTO c (id) SELECT max(id) FROM a WHERE id > $1",
        "p": "INSERT INTO parent (id) VALUES ($1)",
        "k": "INSERT INTO kid (parent_id) VALUES ($1)",
        "u": "UPDATE parent SET value = 1 WHERE id = $1",
        "o": "INSERT INTO o /* own rows */ (id) VALUES ($1)",
        "O": "INSERT INTO o /* own rows */ (id) VALUES ($1) ON CONFLICT (id) DO NOTHING",
        "X": "UPDATE o SET x = 1 WHERE id = $1",
        "?": "SELECT write_something($1)",
    }
    letters = {sql: letter for letter, sql in statements.items()}
    found = Grouping([("kid", "parent")]).groups(
        [(statements[step[0]], (step[1],)) for step in steps.split()]
    )
    assert groups == " ".join(
        "".join(f"{letters[each.sql]}{row}" for (row,) in each.sets) for each in found
    )
