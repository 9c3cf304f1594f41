"""Without this module one chat's flood would keep everybody else waiting.

What waits in memory: a line for each chat, first in first out, chats taking turns. Nothing is kept
for an idle chat.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

from bot.delivery.dispatcher.items import Item
from storage.inbox import Letter

#: Items that may share one transaction: beyond this the commit is no longer what costs, and the
#: sender, which has outcomes to write in between, waits longer than a call takes.
GROUP_LIMIT = 12

Name = int | tuple[str, str]


def name_of(item: Item) -> Name:
    """What tells an item from all others: a letter's number, a timer's kind and key."""
    return item.sequence if isinstance(item, Letter) else (item.kind, item.key)


class Queues:
    """Lines of items by chat."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[Item]] = OrderedDict()
        self._known: set[Name] = set()
        self._paused: set[str] = set()
        self.letters = 0

    @property
    def timers(self) -> int:
        """How many timers are in memory, those in hand included."""
        return len(self._known) - self.letters

    def add(self, item: Item) -> None:
        """At the end of its chat's line, unless it is known already."""
        name = name_of(item)
        if name not in self._known:
            self._known.add(name)
            self.letters += isinstance(item, Letter)
            self._lines.setdefault(item.chat_key, deque()).append(item)

    def forget(self, item: Item) -> None:
        """It is done with."""
        name = name_of(item)
        if name in self._known:
            self._known.remove(name)
            self.letters -= isinstance(item, Letter)

    def take_back(self, items: Iterable[Item]) -> None:
        """Put items that were taken back at the head of their lines: nothing happened to them."""
        for item in reversed(list(items)):
            self._lines.setdefault(item.chat_key, deque()).appendleft(item)

    def pause(self, chat_key: str) -> None:
        """Nothing of this chat until `resume`."""
        self._paused.add(chat_key)

    def resume(self, chat_key: str) -> None:
        """The chat goes on."""
        self._paused.discard(chat_key)

    def next_group(self, may_go: Callable[[Item], bool]) -> list[Item]:
        """Up to `GROUP_LIMIT` items, chats taking turns, each chat's in its order. An item that
        failed before goes alone: it must not undo the work of others again and again."""
        group: list[Item] = []
        while len(group) < GROUP_LIMIT:
            taken = self._one_turn(group, may_go)
            if not taken or group[-1].attempts:
                break
        return group

    def _one_turn(self, group: list[Item], may_go: Callable[[Item], bool]) -> bool:
        """One item of each chat that may go; whether there was any."""
        before = len(group)
        for chat_key in list(self._lines):
            line = self._lines[chat_key]
            item = line[0]
            if chat_key in self._paused or (item.attempts and group) or not may_go(item):
                continue
            group.append(line.popleft())
            self._lines.move_to_end(chat_key)
            if not line:
                del self._lines[chat_key]
            if item.attempts or len(group) == GROUP_LIMIT:
                break
        return len(group) > before
