"""For whom the external command is due, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.call_outs.paging import CallOut, after_paging, take
from storage.database import Database
from storage.page_commands import CommandState, PageCommand
from storage.transaction import Transaction
from tests.test_storage_call_outs import NOW, changed, opened, page, wanted


async def due(database: Database, *, limit: int = 9) -> list[PageCommand]:
    async with database.reading() as unit:
        return await Transaction(unit).page_commands.due(limit=limit)


async def asked(database: Database, call_out: CallOut, officer: str, promise: int) -> None:
    """Somebody is asked, by the command as well."""
    made = page(call_out, officer, promise, paged_at=NOW + timedelta(seconds=promise))
    async with database.unit() as unit:
        Transaction(unit).call_outs.note_page(made, is_command_due=True)


async def ended(database: Database, of: PageCommand, how: CommandState, status: int | None) -> None:
    async with database.unit() as unit:
        Transaction(unit).page_commands.ended(of, how, status=status)


async def ends(database: Database) -> list[tuple[str, str | None, int | None]]:
    """How it ended for whom."""
    async with database.reading() as unit:
        rows = await unit.fetch(
            "SELECT officer, command, command_status FROM call_out_page ORDER BY officer"
        )
    return [(row["officer"], row["command"], row["command_status"]) for row in rows]


async def test_the_command_is_due_until_it_was_run(database: Database) -> None:
    """For each page, oldest first, as the call-out stands then; how it ended stays on file."""
    made = await opened(database, wanted())
    await asked(database, made, "wang", 2)
    await asked(database, made, "li", 1)
    async with database.unit() as unit:
        Transaction(unit).call_outs.note_page(page(made, "chen", 3), is_command_due=False)
    first, second = await due(database)
    assert (first.officer, first.promise, first.asked_at) == ("li", 1, NOW)
    assert (second.officer, second.state) == ("wang", made.state)
    assert await due(database, limit=1) == [first]
    paged = after_paging(made)
    taken = take(paged, "li", now=NOW)
    assert await changed(database, made, paged)
    assert await changed(database, paged, taken)
    assert await due(database) == [replace(each, state=taken.state) for each in (first, second)]
    await ended(database, first, CommandState.FAILED, 3)
    await ended(database, second, CommandState.NOT_RUN, None)
    assert await due(database) == []
    assert await ends(database) == [
        ("chen", None, None), ("li", "failed", 3), ("wang", "not_run", None),
    ]  # fmt: skip


async def test_the_end_of_an_older_run_says_nothing_of_a_newer_page(database: Database) -> None:
    """Whoever is asked once more is paged once more, and the older status is gone."""
    made = await opened(database, wanted())
    await asked(database, made, "li", 1)
    (older,) = await due(database)
    await ended(database, older, CommandState.FAILED, 3)
    await asked(database, made, "li", 4)
    await ended(database, older, CommandState.DONE, 0)
    assert await ends(database) == [("li", "due", None)]
    (newer,) = await due(database)
    assert (newer.promise, newer.chat_id, newer.call_out) == (4, older.chat_id, made.id)
    await ended(database, newer, CommandState.DONE, 0)
    assert await ends(database) == [("li", "done", 0)]
