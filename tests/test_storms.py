"""Storms: people do whatever they do, in any order, and every message still finds its person."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.front_door import Person, Town
from tests.stations import officer, registered

#: Whoever may get a message from riverside, hillside or market.
STAFF = ("li", "wang", "chen", "zhao")
AREAS = ("riverside", "hillside", "market")
STEPS = 150


def is_card(message: dict[str, Any]) -> bool:
    """Number and area stand in a card's first line; a notice begins with the number too."""
    return message["text"].startswith("C-") and " · " in message["text"].splitlines()[0]


def words_of(message: dict[str, Any]) -> str:
    """What was written, without the word for what was changed or comes late."""
    return str(message["text"].removeprefix(sign_of(message)))


def sign_of(message: dict[str, Any]) -> str:
    """The line that says that a message was edited, or when it was written."""
    first, _, rest = message["text"].partition("\n")
    return f"{first}\n" if rest and first.startswith(("⏳", "✎")) else ""


@dataclass
class Storm:
    """What was done so far: by text, for it is on the texts that one sees who got what."""

    here: Town
    chance: random.Random
    residents: list[Person]
    staff: list[Person]
    written: dict[str, Person] = field(default_factory=dict)
    changed: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    answered: dict[str, tuple[Person, int, str]] = field(default_factory=dict)
    deaf: set[str] = field(default_factory=set)

    async def step(self) -> None:
        """Somebody does something."""
        doing = self.chance.choices(
            [
                self.write,
                self.change,
                self.answer,
                self.press,
                self.leave,
                self.block,
                self.trouble,
            ],
            [10, 3, 8, 2, 1, 1, 1],
        )[0]
        await doing()

    async def write(self) -> None:
        """A resident writes one to three messages at once."""
        person = self.chance.choice(self.residents)
        for _ in range(self.chance.randint(1, 3)):
            text = f"{person.name} writes {300 + len(self.ids)}"  # no number to call
            self.written[text] = person
            await person.blocks(False)
            self.ids[text] = await person.says(text)

    async def change(self) -> None:
        """A resident changes a message, however old: the new version must come, the old may."""
        if not self.written:
            return
        text = self.chance.choice(list(self.written))
        person = self.written.pop(text)
        self.written[f"{text}+"] = self.changed[text] = person
        self.ids[f"{text}+"] = self.ids[text]
        await person.blocks(False)
        await person.edits(self.ids[text], text=f"{text}+")

    async def answer(self) -> None:
        """Somebody of the staff replies to any copy or card in the own chat, however old."""
        staff = self.chance.choice(self.staff)
        theirs = [each for each in await staff.got() if self.whose(each)]
        if not theirs:
            return
        message = self.chance.choice(theirs)
        person = self.whose(message)
        text = f"answer {len(self.answered):03} to {person}"
        await staff.blocks(False)
        answer = await staff.says(text, reply_to_message_id=message["message_id"])
        self.answered[text] = (staff, answer, person)

    def whose(self, message: dict[str, Any]) -> str:
        """The name of the resident that a copy or card in an officer's chat is about."""
        if is_card(message):
            return str(message["text"].splitlines()[1].partition(" · ")[0])
        person = (self.written | self.changed).get(words_of(message))
        return person.name if person else ""

    async def press(self) -> None:
        """Somebody presses any button under any card."""
        staff = self.chance.choice(self.staff)
        cards = [each for each in await staff.got() if each["buttons"]]
        if cards:
            card = self.chance.choice(cards)
            button = self.chance.choice([one for row in card["buttons"] for one in row])
            await staff.blocks(False)
            await staff.forges(card["message_id"], button["callback_data"])

    async def leave(self) -> None:
        """Somebody of the staff goes away or comes back."""
        staff = self.chance.choice(self.staff)
        await staff.blocks(False)
        await staff.says(self.chance.choice(("/away", "/back")))

    async def block(self) -> None:
        """Anybody blocks the bot, and hears no more of what became of the answers given before."""
        person = self.chance.choice(self.residents + self.staff)
        self.deaf |= {text for text, (staff, *_) in self.answered.items() if staff is person}
        await person.blocks()

    async def trouble(self) -> None:
        """Telegram has a bad moment, or none."""
        await self.here.control("faults", p5xx=self.chance.choice((0, 0, 0.1)))

    async def calm(self) -> None:
        """Everybody is back and Telegram is well."""
        await self.here.control("faults", p5xx=0)
        for person in self.residents + self.staff:
            await person.blocks(False)
        for staff in self.staff:
            await staff.says("/back")

    async def all_came(self) -> bool:
        """Every message is in somebody's chat, and of every answer is known what became of it."""
        copied = {words_of(each) for staff in self.staff for each in await staff.got()}
        replied = {
            (staff.chat_id, each["reply_to"]) for staff in self.staff for each in await staff.got()
        }
        reached = {each["text"] for person in self.residents for each in await person.got()}
        return self.written.keys() <= copied and all(
            text in reached | self.deaf or (staff.chat_id, message_id) in replied
            for text, (staff, message_id, _) in self.answered.items()
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_people_do_every_message_finds_its_person_and_nobody_else(
    station: Town, seed: int
) -> None:
    """Writing, answering old and new messages, closing, going away, blocking, Telegram failing:
    every message is read by staff, in order under its card; every answer is read by the resident
    it was for, once, or refused to its writer; nothing is in anybody else's chat."""
    storm = Storm(
        station,
        random.Random(seed),
        [
            await registered(station, 101 + place, f"R{place}", AREAS[place % 3])
            for place in range(6)
        ],
        [officer(station, code) for code in STAFF],
    )
    for _ in range(STEPS):
        await storm.step()
    await storm.calm()
    await station.until(storm.all_came, "every message and every answer has come")
    for person in storm.residents:
        await only_own_answers_came(storm, person)
    for staff in storm.staff:
        await copies_are_under_their_cards(storm, staff)


async def only_own_answers_came(storm: Storm, person: Person) -> None:
    """What a resident reads: nobody's messages, no answer to another, none twice."""
    texts = [each["text"] for each in await person.got()]
    assert not storm.ids.keys() & set(texts)
    answers = [text for text in texts if text in storm.answered]
    assert {storm.answered[text][2] for text in answers} <= {person.name}
    assert len(answers) == len(set(answers))


async def copies_are_under_their_cards(storm: Storm, staff: Person) -> None:
    """What an officer reads: copies under a card of whoever wrote them, in the order written, and
    changes under what was changed."""
    got = await staff.got()
    by_id = {each["message_id"]: each for each in got}
    under: dict[int, list[str]] = {}
    for each in got:
        if words_of(each) in storm.ids:
            assert storm.whose(by_id[each["reply_to"]]) == storm.whose(each)
            if not sign_of(each):
                assert is_card(by_id[each["reply_to"]])
                if not each["text"].endswith("+"):
                    under.setdefault(each["reply_to"], []).append(each["text"])
    assert not storm.answered.keys() & {each["text"] for each in got}
    for texts in under.values():
        assert texts == sorted(texts, key=lambda text: text.rpartition(" ")[2])
