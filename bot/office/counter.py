"""Without this module everybody would be a stranger at every message.

Who stands at the counter: looked up, put on file, and known to be reachable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.context import SOMEBODY_CAME, Desk
from bot.delivery.dispatcher import Item, chat_in
from bot.domain.people import name_of
from bot.domain.roster import Role
from bot.texts import negotiate
from storage.inbox import Letter
from storage.people import Person
from storage.transaction import Transaction
from storage.visitors import Visitor

#: How exactly it is known when somebody of the roster was here.
SEEN_EVERY = timedelta(minutes=1)


class Counter:
    """Who stands at the counter: looked up for a whole group in one hop.

    A resident's message changes only what is on file about that resident. After anything else (an
    officer, a timer, a command that may make somebody an officer), visitors are looked up anew.
    """

    def __init__(self, transaction: Transaction, now: datetime, chat_ids: frozenset[int]) -> None:
        self._visitors = transaction.visitors
        self._now = now
        self._chat_ids = chat_ids
        self._known: dict[int, Visitor] = {}
        self._is_fresh = len(chat_ids) > 1

    async def visitor(self, chat_id: int) -> Visitor:
        """What is on file about this chat now."""
        if self._is_fresh and not self._known:
            self._known = await self._visitors.at_all(self._chat_ids, self._now)
        found = self._known.pop(chat_id, None)
        return await self._visitors.at(chat_id, self._now) if found is None else found

    def left(self, desk: Desk) -> None:
        """Somebody has been served."""
        if desk.role is not Role.RESIDENT or desk.command is not None:
            self.look_again()

    def look_again(self) -> None:
        """What was looked up may be true no more."""
        self._known, self._is_fresh = {}, False


def chats_of(items: Sequence[Item]) -> frozenset[int]:
    """The chats whose letters are among the items."""
    chats = (chat_in(item.chat_key) for item in items if isinstance(item, Letter))
    return frozenset(chat_id for chat_id in chats if chat_id is not None)


def greet(desk: Desk, user: Mapping[str, Any]) -> None:
    """Whoever writes is on file from now on, under the present name, and can be reached."""
    visitor = desk.visitor
    name = name_of(str(user.get("first_name") or ""), str(user.get("last_name") or ""))
    person = visitor.person
    if person is None:
        person = _new_person(desk, user, name)
        desk.transaction.people.meet(person)
    elif person.name != name:
        person = replace(person, name=name)
        desk.transaction.people.set_name(person.chat_id, name)
    if visitor.is_unreachable and "my_chat_member" not in desk.raw:
        desk.transaction.unreachable.clear(visitor.chat_id)
        desk.transaction.timers.set(
            SOMEBODY_CAME, "everybody", due_at=desk.now, chat_key=SOMEBODY_CAME
        )
    if visitor.officer is not None and _is_news(visitor.seen_at, desk.now):
        desk.transaction.officers.seen(visitor.officer, desk.now)
    desk.visitor = replace(visitor, person=person, is_unreachable=False)


def _is_news(seen_at: datetime | None, now: datetime) -> bool:
    """Whether it is worth a write that somebody of the roster is here."""
    return seen_at is None or now - seen_at >= SEEN_EVERY


def _new_person(desk: Desk, user: Mapping[str, Any], name: str) -> Person:
    spoken = user.get("language_code")
    return Person(
        chat_id=desk.chat_id,
        language=negotiate(
            spoken if isinstance(spoken, str) else None, desk.roster.station.languages
        ),
        name=name,
        area=None,
        phone=None,
        introduced_at=None,
        mark_explained_at=None,
        first_seen_at=desk.now,
    )
