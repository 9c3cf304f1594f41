"""Rights: every door is tried by everybody it does not serve, and accounts stay hidden."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from bot.context import Button, Command, whom
from bot.domain.roster import Role
from handlers.features import FEATURES
from tests.front_door import Person, Town, town
from tests.stations import OFFICERS, at_work, five_areas, officer, on_duty, on_file, registered

INTERPRETER = 900007
#: One of each role who has nothing to do with Ana's request.
STRANGERS = {
    Role.RESIDENT: 102, Role.OFFICER: OFFICERS["wang"], Role.AUXILIARY: OFFICERS["zhao"],
    Role.INTERPRETER: INTERPRETER, Role.SUPERVISOR: OFFICERS["sun"],
    Role.ADMINISTRATOR: OFFICERS["admin"],
}  # fmt: skip
#: What a forged press may say after feature and action.
ARGUMENTS = (
    "",
    ":1001",
    ":C-1001",
    ":1:1",
    ":1:1:1001",
    ":market",
    ":market:0",
    ":ar",
    ":-1",
    ":x",
)
#: Queues and counters, which move by themselves; everything else is a fact about somebody.
NO_FACTS = {"inbox", "outbox", "timer", "known_answer", "counter", "run", "alembic_version", "blob"}


DOORS = [route for _, route in whom(FEATURES) if isinstance(route, Button | Command)]


#: What only people of the station may do, and what only residents do; a new door of theirs is
#: added here, so that serving too many is a change that somebody reads.
STAFF_ONLY = {"agenda", "away", "back", "cases:seen", "cases:close", "cases:reopen", "cases:pick",
              "cases:undo", "cases:drop", "cases:search", "cases:take", "cases:show",
              "cases:accept", "here", "presences:where", "presences:say", "rooms:change",
              "rooms:say", "team", "absences:for", "absences:reason", "absences:until",
              "absences:start", "absences:cases", "absences:back", "absences:booked"}  # fmt: skip
RESIDENTS_ONLY = {"languages:ask", *(
    f"registration:{name}" for name in ("page", "choose", "stay", "move", "search", "keep")
)}  # fmt: skip
STAFF_ONLY |= {"bulletin", *(
    f"bulletins:{name}" for name in (
        "kind", "draft", "text", "languages", "pictures", "audience", "severity", "discard",
        "preview", "submit", "change", "approve", "reject", "send", "pause", "resume", "stop",
        "from", "template", "expiry", "late", "skip", "report", "recall", "recalled", "correct",
        "retext", "hand_in", "accept", "solved", "translate", "vouch",
    )
)}  # fmt: skip
RESIDENTS_ONLY |= {*(
    f"appointments:{name}"
    for name in ("services", "service", "day", "time", "confirm", "release", "no_code")
)}  # fmt: skip
RESIDENTS_ONLY |= {"claim", "request", *(
    f"service_requests:{name}" for name in ("start", "service", "withdraw")
)}  # fmt: skip
STAFF_ONLY |= {f"service_requests:{name}" for name in ("decline", "reason", "explain")}
STAFF_ONLY |= {
    f"appointments:{name}"
    for name in (
        "agenda", "entry", "request", "why", "late", "came", "missed", "whose", "what", "how",
        "for_days", "for_day", "for_time", "for_back",
    )
}  # fmt: skip
STAFF_ONLY |= {"on_call", *(
    f"call_outs:{name}" for name in ("take", "give_back", "settled", "heard", "opt")
)}  # fmt: skip
RESIDENTS_ONLY |= {"photos:send_on"}
RESIDENTS_ONLY |= {"urgent", *(f"call_outs:{name}" for name in ("urgent", "page", "withdraw"))}
RESIDENTS_ONLY |= {"alerts", *(
    f"subscriptions:{name}"
    for name in ("show", "turn", "kind", "quiet", "business", "back", "areas", "area")
)}  # fmt: skip


def refused(role: Role, serves: frozenset[Role]) -> str:
    """What somebody of a role reads who comes to a door that serves others."""
    if role is Role.RESIDENT:
        return "This is for staff of the station only."
    is_of_staff = serves != frozenset({Role.RESIDENT})
    return "Somebody else at the station does this." if is_of_staff else "This is for residents."


def doors(kind: type[Button | Command]) -> dict[str, frozenset[Role]]:
    """Whom every command or button serves, whatever the number of its routes."""
    served: dict[str, frozenset[Role]] = {}
    for door in DOORS:
        if isinstance(door, kind):
            name = f"{door.feature}:{door.name}" if isinstance(door, Button) else door.name
            served[name] = served.get(name, frozenset()) | door.serves
    return served


@dataclass
class Stage:
    """A running station with Ana's open request at Officer Li."""

    here: Town
    path: str
    ana: Person
    li: Person

    async def facts_of_others(self, actor: Person) -> dict[str, list[tuple[Any, ...]]]:
        """Every row on file that does not name the actor's chat."""
        found = {}
        async with aiosqlite.connect(self.path) as file:
            tables = await file.execute_fetchall(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            for (table,) in tables:
                if table not in NO_FACTS:
                    rows = await file.execute_fetchall(f"SELECT * FROM {table}")  # noqa: S608
                    found[table] = [tuple(row) for row in rows if actor.chat_id not in tuple(row)]
        return found

    async def presses(self, actor: Person, data: list[str]) -> list[dict[str, Any]]:
        """Press all of these on the actor's own newest message; how each was answered."""
        message_id = (await actor.got())[-1]["message_id"]
        before = len(await self.here.calls("answerCallbackQuery"))
        for each in data:
            await actor.forges(message_id, each)

        async def all_answered() -> bool:
            return len(await self.here.calls("answerCallbackQuery")) >= before + len(data)

        await self.here.until(all_answered, f"{len(data)} presses are answered")
        answers = await self.here.calls("answerCallbackQuery")
        return [each["params"] for each in answers[before:]]

    async def spoken_to(self, since: int) -> set[int]:
        """Whose chats were written to after call number ``since``."""
        calls = (await self.here.get("calls", since=since))["calls"]
        return {call["chat_id"] for call in calls if call["chat_id"] is not None}


@pytest.fixture
async def stage(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Somebody of every role, linked and greeted; one open request between Ana and Li."""
    async with town(sqlite_url) as here:
        roster = five_areas(tmp_path)
        text = roster.read_text(encoding="utf-8")
        text += (
            '\n[[officer]]\ncode = "hua"\nname = { zh = "华", en = "Hua" }\nrole = "interpreter"\n'
            f'badge = "0900007"\nlanguages = {{ zh = "native" }}\ntelegram_id = {INTERPRETER}\n'
        )
        roster.write_text(text, encoding="utf-8")
        await on_file(sqlite_url, roster, here.clock)
        await on_duty(here)
        await here.person(INTERPRETER, "Hua").says("/start")
        async with here.bot():
            ana, li = await registered(here, 101, "Ana"), officer(here, "li")
            await registered(here, STRANGERS[Role.RESIDENT], "Eve", "hillside")
            for role, chat_id in STRANGERS.items():
                await here.person(chat_id, role).sees("come here as cards" if role != "resident"
                                                      else "Just write here")  # fmt: skip
            await ana.says("A secret")
            await li.sees("A secret")
            await ana.sees("Sent to the officer's phone")

            async def all_told() -> bool:
                return len(await here.calls("setMyCommands")) == 4 + len(OFFICERS) + 1

            await here.until(all_told, "three languages, a default and all of the roster")
            yield Stage(here, sqlite_url.removeprefix("sqlite:///"), ana, li)


def test_the_doors_serve_whom_they_should() -> None:
    """The list of who may do what, written twice: here and where each door is registered."""
    served = {**doors(Command), **doors(Button)}
    of_staff = {name for name, roles in served.items() if Role.RESIDENT not in roles}
    of_residents = {name for name, roles in served.items() if roles == {Role.RESIDENT}}
    assert STAFF_ONLY - of_staff == set()
    assert RESIDENTS_ONLY - of_residents == set()


def forged(served: dict[str, frozenset[Role]]) -> Iterator[str]:
    for name in served:
        yield from (f"{name}{arguments}" for arguments in ARGUMENTS)


@pytest.mark.parametrize("role", list(STRANGERS))
async def test_a_button_of_others_is_refused_with_a_word(stage: Stage, role: Role) -> None:
    """Every button that does not serve a role, pressed by somebody of that role with whatever data:
    a word in answer that says whom it serves, nothing changed on file, nobody spoken to."""
    actor = stage.here.person(STRANGERS[role], role)
    others = {name: roles for name, roles in doors(Button).items() if role not in roles}
    assert others, "every role is kept out somewhere"
    before, since = await stage.facts_of_others(actor), await newest_call(stage.here)
    answers = await stage.presses(actor, list(forged(others)))
    expected = [refused(role, serves) for serves in others.values() for _each in ARGUMENTS]
    assert [answer.get("text") for answer in answers] == expected
    assert await stage.facts_of_others(actor) == before
    assert await stage.spoken_to(since) <= {actor.chat_id}


async def newest_call(here: Town) -> int:
    return int((await here.get("calls", limit=1))["last"])


@pytest.mark.parametrize("role", list(STRANGERS))
async def test_a_button_never_touches_what_is_somebody_elses(stage: Stage, role: Role) -> None:
    """The same by everybody whom the buttons do serve, with Ana's request in the data: what is
    somebody else's stays as it was, and Ana and Li hear nothing."""
    actor = stage.here.person(STRANGERS[role], role)
    served = {name: roles for name, roles in doors(Button).items() if role in roles}
    before, since = await stage.facts_of_others(actor), await newest_call(stage.here)
    await stage.presses(actor, list(forged(served)))
    assert await stage.facts_of_others(actor) == before
    assert await stage.spoken_to(since) <= {actor.chat_id}
    await stage.ana.says("Still open?")
    await stage.li.sees("Still open?")
    assert [message["text"] for message in await stage.li.copies()] == ["A secret", "Still open?"]


@pytest.mark.parametrize("role", list(STRANGERS))
async def test_a_command_of_others_is_refused_with_a_word(stage: Stage, role: Role) -> None:
    """Every command that does not serve a role: a word in answer, nothing changed on file."""
    actor = stage.here.person(STRANGERS[role], role)
    before, since = await stage.facts_of_others(actor), await newest_call(stage.here)
    others = {name: roles for name, roles in doors(Command).items() if role not in roles}
    said: Counter[str] = Counter()
    for name, serves in others.items():
        word = refused(role, serves)
        said[word] += 1
        await actor.says(f"/{name} 1001")
        await actor.sees(word, count=said[word])
    assert await stage.facts_of_others(actor) == before
    assert await stage.spoken_to(since) <= {actor.chat_id}


async def test_a_press_on_somebody_elses_message_is_nothing(stage: Stage) -> None:
    """Message ids of another chat mean nothing in one's own."""
    eve = stage.here.person(102, "Eve")
    card = await stage.li.sees("C-1001")
    await eve.forges(card["message_id"], card["buttons"][0][0]["callback_data"])
    await stage.ana.says("Still there?")
    await stage.li.sees("Still there?")
    assert not [message for message in await stage.ana.got() if "Seen" in message["text"]]


async def test_accounts_stay_hidden_from_each_other(sqlite_url: str, tmp_path: Path) -> None:
    """No id, no user name and no forward's header passes the counter, in either direction, whatever
    is sent, forwarded, changed or answered."""
    async with at_work(sqlite_url, five_areas(tmp_path)) as here:
        li, ana = officer(here, "li"), await registered(here, 700123456, "Ana")
        first = await ana.says("Hello", username="ana_account", last_name="Secretname")
        origin = {"type": "hidden_user", "sender_user_name": "Neighbour", "date": 1}
        await ana.says("as my neighbour wrote", forward_origin=origin)
        await ana.sends(photo=True, caption="look", username="ana_account")
        copy = await li.sees(lambda message: message["kind"] == "photo")
        await ana.edits(first, text="Hello there")
        await li.sees("Hello there")
        await li.says("I come", reply_to_message_id=copy["message_id"], username="li_account")
        await ana.sees("I come")
        await ana.says("/me")
        await ana.sees("Your open request")
        await hides(li, "700123456", "ana_account")
        await hides(ana, str(OFFICERS["li"]), "li_account")


async def hides(reader: Person, *secrets: str) -> None:
    """Nothing that the bot sent to ``reader`` names one of these, or was forwarded."""
    for message in await reader.got():
        assert message["forward_origin"] is None
        seen = json.dumps(
            [message[part] for part in ("text", "content", "buttons", "entities", "edits")]
        ).replace(f"badge 0{secrets[0]}", "")
        assert [secret for secret in secrets if secret in seen] == []
