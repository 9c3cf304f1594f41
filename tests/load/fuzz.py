"""Mutated real updates: `python -m tests.load fuzz` plays 50,000, the test suite a few hundred.

Real updates of every kind are recorded from people's own doings; then parts of them are dropped,
exchanged, blown up or made nonsense of, and the bot gets them as Telegram's. None may stop it: each
is handled or becomes a dead letter, and whoever writes properly in between is served.
"""

from __future__ import annotations

import copy
import json
import logging
import random
import re
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

from bot.simulator.kinds import KINDS
from storage.inbox import InboxDrawer
from tests.front_door import Person, Town, town
from tests.load.databases import looking_into, new_database
from tests.load.figures import Figures
from tests.stations import OFFICERS, RESPONSIBLE, five_areas, officer, on_duty, registered

#: Residents whose updates are recorded; more lines in parallel, fewer that wait for a retry.
RESIDENTS = 40
#: Officers cause one update in so many; the others come from residents, every second of them from
#: somebody else: a line that waits for a retry must not keep the rest of the campaign waiting.
OFFICERS_EVERY, STRANGERS = 12, range(60_000, 65_000)
#: Whoever writes properly was never heard of before; the newest messages are looked through.
FIRST_NEWCOMER, NEWEST = 1_000_000, 500
#: One in so many is no JSON at all: each of those holds up the poll for a moment.
BROKEN_EVERY = 2_000
#: Updates given to Telegram at once.
AT_ONCE = 500
#: Somebody writes properly after so many.
CHECK_EVERY = 500
#: No more than so many changes to one update, or nothing would be left of it.
CHANGES = 4

#: What nobody expects, anywhere.
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 64, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 2**70, 0.5, 1e308,
    "", " ", "\0", "\ud800", "\u202eabc", "a" * 5_000, "<b>&amp;*_`[", "/start", "/start a-market",
    "/start i-nobody", "cases:close:1001", "cases:pick:1:1:1001", "regis:choose", "🚔" * 60, "١٢٣",
    [], {}, [[]], [None], {"id": 1}, {"": ""}, {"id": "x"}, {"id": 101, "type": "private"},
    {"message_id": -5}, [{"type": "bold", "offset": -1, "length": 2**40}],
)  # fmt: skip
#: Kinds of updates, known and unknown to us, to the library, and to nobody.
KINDS_OF_UPDATES = (
    "message", "edited_message", "callback_query", "my_chat_member", "channel_post", "poll",
    "inline_query", "message_reaction", "chat_join_request", "business_message", "newer_than_us",
)  # fmt: skip


async def fuzz(*, engine: str = "sqlite", count: int = 50_000, seed: int = 1) -> list[Figures]:
    """Play ``count`` mutated updates."""
    figures = Figures("fuzz", sent=count)
    with tempfile.TemporaryDirectory(prefix="beatline-fuzz-") as name:
        folder = Path(name)
        with new_database(engine, folder) as url:
            async with town(url) as here:
                await here.imports(five_areas(folder))
                await play(here, figures, chance=random.Random(seed))
    return [figures]


async def play(here: Town, figures: Figures, *, chance: random.Random) -> None:
    """The roster is on file. Mutated updates in, figures out."""

    async def is_all_handled() -> bool:
        return not (await _states(here)).get("waiting")

    log = _Log()
    logging.getLogger("beatline").addHandler(log)
    try:
        await on_duty(here)
        async with here.bot():
            people = await _cases_are_open(here)
        seeds = await _recorded(here, people)
        began = monotonic()
        async with here.bot():
            await _mutated_updates_come(here, people, seeds, figures, chance)
            await _patiently(here, is_all_handled, "everything is handled")
    finally:
        logging.getLogger("beatline").removeHandler(log)
    figures.rate = round(figures.sent / (monotonic() - began), 1)
    await _count(here, figures, log)


async def _cases_are_open(here: Town) -> list[Person]:
    areas = sorted(RESPONSIBLE)
    people = []
    for number in range(RESIDENTS):
        person = await registered(here, 101 + number, f"R{number}", areas[number % len(areas)])
        await person.says(f"{person.name} opens")
        people.append(person)
    for person in people:
        await person.sees("Sent to the officer's phone")
    return people


async def _recorded(here: Town, people: list[Person]) -> list[dict[str, Any]]:
    """What Telegram tells of people's doings while the bot is away."""
    for number, kind in enumerate(sorted(KINDS - {"text"})):
        await people[number % len(people)].sends(**{kind: True})
    for person in people:
        message = await person.says("where is the police? <b>*_` @li 110")
        await person.edits(message, text="edited")
        await person.says("/start a-market")
        await person.forges((await person.got())[0]["message_id"], "cases:close:1001")
    for code in OFFICERS:
        staff = officer(here, code)
        for copied in (await staff.copies())[:10]:
            await staff.says("an answer", reply_to_message_id=copied["message_id"])
            await staff.forges(
                copied["message_id"], f"cases:seen:{1001 + copied['message_id'] % 9}"
            )
        await staff.says("to nobody")
        await staff.says("/help")
    await people[0].blocks()
    await people[0].blocks(False)
    updates = here.telegram.telegram.updates
    recorded = [json.loads(each.body) for each in updates.waiting()]
    updates.clear()
    return recorded


async def _mutated_updates_come(
    here: Town,
    people: list[Person],
    seeds: list[dict[str, Any]],
    figures: Figures,
    chance: random.Random,
) -> None:
    updates = here.telegram.telegram.updates

    async def has_room() -> bool:
        return len(updates) < AT_ONCE // 2

    staff = [seed for seed in seeds if _author(seed) in OFFICERS.values()]
    others = [seed for seed in seeds if _author(seed) not in OFFICERS.values()]
    for number in range(figures.sent):
        seed = chance.choice(others if number % OFFICERS_EVERY else staff)
        if number % 2:
            seed = _by_somebody_else(seed, chance.choice(STRANGERS))
        update = mutated(seed, chance)
        if number % BROKEN_EVERY == BROKEN_EVERY - 1:
            text = json.dumps(update)
            updates.add_text(text[: chance.randrange(1, len(text))])
        else:
            update.pop("update_id", None)
            updates.add_raw(update)
        if number % AT_ONCE == AT_ONCE - 1:
            await _patiently(here, has_room, "updates are fetched")
        if number % CHECK_EVERY == CHECK_EVERY - 1:
            await _somebody_is_served(here, number)


def _author(update: dict[str, Any]) -> int:
    content = next(each for key, each in update.items() if key != "update_id")
    return int(content["from"]["id"])


def _by_somebody_else(update: dict[str, Any], user_id: int) -> dict[str, Any]:
    """The same update by another resident; an officer's stays the officer's."""
    author = _author(update)
    if author in OFFICERS.values():
        return update
    text = re.sub(rf'"id": {author}\b', f'"id": {user_id}', json.dumps(update))
    return dict(json.loads(text))


async def _somebody_is_served(here: Town, number: int) -> None:
    """Somebody new comes through a link, writes, and is heard by an officer: which one, depends on
    what the nonsense before said of officers who went away."""
    person = here.person(FIRST_NEWCOMER + number, f"N{number}")
    await person.says("/start a-market")
    await person.says(f"properly {number}")

    chats = here.telegram.telegram.world.chats

    async def is_heard() -> bool:
        newest = (
            islice(reversed(chats[each].messages.values()), NEWEST) for each in OFFICERS.values()
        )
        return any(each.text == f"properly {number}" for chat in newest for each in chat)

    await _patiently(here, is_heard, f"somebody hears message {number}")


def mutated(update: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A copy with a few parts that are no longer what they were."""
    changed: dict[str, Any] = copy.deepcopy(update)
    for _ in range(chance.randint(1, CHANGES)):
        places = [each for each in _places(changed) if each[1] != "update_id"]
        holder, key = chance.choice(places or [(changed, "nothing")])
        _change(holder, key, chance)
    if chance.random() < 0.05:
        kinds = [key for key in changed if key != "update_id"]
        for kind in kinds[:1]:
            changed[chance.choice(KINDS_OF_UPDATES)] = changed.pop(kind)
    return changed


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in it: what holds it, and where."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in list(pairs):
        yield value, key
        if isinstance(each, dict | list):
            yield from _places(each)


def _change(holder: Any, key: Any, chance: random.Random) -> None:
    what = chance.randrange(6)
    if what == 0 and isinstance(holder, dict):
        holder.pop(key, None)
    elif what == 1 and isinstance(holder, dict):
        holder[chance.choice(("new_field", "chat", "from", "text", "reply_to_message"))] = (
            copy.deepcopy(chance.choice(JUNK))
        )
    elif what == 2:
        holder[key] = (
            [copy.deepcopy(holder[key])] * chance.randint(1, 3) if _has(holder, key) else []
        )
    elif what == 3:
        other, elsewhere = chance.choice(list(_places(holder)))
        if _has(holder, key) and _has(other, elsewhere):
            holder[key] = copy.deepcopy(other[elsewhere])
    else:
        holder[key] = copy.deepcopy(chance.choice(JUNK))


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else key < len(holder)


class _Log(logging.Handler):
    """Counts what the bot says; nothing of it is shown."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.events: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.events[record.getMessage()] += 1


async def _patiently(here: Town, is_so: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for as long as there is progress: nonsense makes much work, and machines are slow."""
    while True:
        before = await _states(here)
        try:
            await here.until(is_so, what)
        except AssertionError:
            if await _states(here) == before:
                raise
        else:
            return


async def _states(here: Town) -> dict[str, int]:
    async with looking_into(here.database_url) as database, database.reading() as unit:
        return await InboxDrawer(unit).counts()


async def _count(here: Town, figures: Figures, log: _Log) -> None:
    async with looking_into(here.database_url) as database, database.reading() as unit:
        counts = await InboxDrawer(unit).counts()
        dead = await InboxDrawer(unit).dead_letters()
    figures.delivered = min(figures.sent, counts.get("done", 0) + counts.get("dead", 0))
    figures.lost = figures.sent - figures.delivered
    causes = Counter((letter.error or "").partition(":")[0] for letter in dead)
    figures.more["dead letters"] = len(dead)
    figures.more["causes"] = dict(causes.most_common(20))
    figures.must_be_whole()
    for event in ("begun_again", "call_impossible", "dead_letter_untold"):
        if log.events[event]:
            figures.broken.append(f"{log.events[event]} × {event}")
