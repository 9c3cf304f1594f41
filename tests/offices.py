"""What backups are tested with: the command line, something in every drawer, all rows there are."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.command_line.program import run_program
from bot.domain.cases import CopyKind
from storage.database import Database, Unit
from storage.engines import is_postgres, open_database
from storage.inbox import Arrival
from storage.outbox import Form, Lane, Promise
from storage.people import Person
from storage.transaction import Transaction

ANA, LI = 101, 900001
#: What `fill` writes.
ROWS = 12


class Office:
    """The command line with a database of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    async def does(self, url: str, *arguments: str | Path) -> tuple[int, str]:
        """Run `beatline …` against the database at ``url``; exit status and what was said."""
        self._monkeypatch.setenv("BEATLINE_DATABASE", url)
        status = await asyncio.to_thread(run_program, [str(each) for each in arguments])
        said = self._capsys.readouterr()
        return status, said.out + said.err


async def fill(database: Database, now: datetime) -> None:
    """Something in many drawers: texts of every script, bytes, times, truths, nothing."""

    async def work(unit: Unit) -> None:
        file = Transaction(unit)
        await file.inbox.keep([Arrival(7, "101", bytes(range(256))), Arrival(None, "x", b"")], now)
        file.people.meet(Person(ANA, "ar", "آنا 安娜 👮🏽", "riverside", None, now, None, now))
        file.officers.link("li", LI, now)
        case = await file.cases.open(resident_chat_id=ANA, area=None, now=now)
        file.cases.assign(case.number, owner="li", chat_id=LI, reason="area", card=3, now=now)
        file.messages.keep(
            case_number=case.number, resident_chat_id=ANA, chat_id=ANA, message_id=1, author=None,
            kind="text", content={"text": "灯坏了"}, is_edit=True, words="灯坏了", now=now,
        )  # fmt: skip
        file.copies.note(promise=3, case_number=case.number, chat_id=LI, kind=CopyKind.CARD)
        file.outbox.promise(
            Promise(3, LI, Lane.NOTIFICATION, Form("sendMessage", {"text": "%s \\ 'x'"})), now
        )
        file.timers.set("k", "1", due_at=now + timedelta(days=1), chat_key="5", payload={"a": 1})
        file.blobs.keep(b"\x00\xff" * 1000, "lamp.jpg", now)
        dialogue = await file.dialogues.start(
            chat_id=ANA, user_id=ANA, kind="k", step="s", data={}, expires_at=now
        )
        file.dialogues.end(dialogue.id)

    await database.run(work)


async def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, whatever engine they are in."""
    database = open_database(url)
    names = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    if not is_postgres(url):
        names = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%'"
            " ESCAPE '!'"
        )
    found = {}
    async with database.reading() as unit:
        for row in await unit.fetch(names):
            rows = await unit.fetch(f'SELECT * FROM "{row["name"]}"')  # noqa: S608 - names of tables
            found[row["name"]] = sorted((tuple(each) for each in rows), key=repr)
    await database.close()
    return {name: rows for name, rows in sorted(found.items()) if rows}
