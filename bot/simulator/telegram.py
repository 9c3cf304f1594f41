"""Without this module methods and people would act on different worlds.

`Telegram` is everything behind the HTTP server: the world, the updates, the events, the faults, and
what the bot has told about itself.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from bot.simulator import views
from bot.simulator.events import EventHub
from bot.simulator.faults import Faults
from bot.simulator.flood import FloodControl
from bot.simulator.limits import CALLS_KEPT
from bot.simulator.updates import UpdateQueue
from bot.simulator.webhooks import Webhook
from bot.simulator.world import Chat, Message, Person, World

#: The bot's name when nobody chose another.
USERNAME = "BeatlineDemoBot"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of the Bot API, as /sim/calls tells it."""

    number: int
    method: str
    params: dict[str, Any]
    chat_id: int | None
    status: int
    description: str | None
    message_id: int | None
    at: float
    milliseconds: float

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class CallLog:
    """The recent calls, and counts of all of them."""

    records: deque[CallRecord] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    totals: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    last: int = 0


@dataclass(slots=True)
class Profile:
    """What the bot says of itself, per language and scope."""

    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[int, dict[str, Any]] = field(default_factory=dict)


class Telegram:
    """One bot's Telegram."""

    def __init__(self, clock: Clock, token: str) -> None:
        self.clock = clock
        self.token = token
        self.events = EventHub()
        #: What the page is told of the people, links and places of whoever set the stage.
        self.scene: dict[str, Any] = {}
        self.faults = Faults()
        self.flood = FloodControl()
        self.updates = UpdateQueue(clock)
        self.webhook = Webhook(self.updates, self.faults, clock)
        self.forget()

    def forget(self) -> None:
        """Begin with an empty world; the bot stays the same."""
        bot_id = int(self.token.partition(":")[0])
        bot = Person(bot_id, "Beatline", username=USERNAME, is_bot=True)
        self.world = World(clock=self.clock, bot=bot)
        self.profile = Profile()
        self.calls = CallLog()
        self.faults.clear()
        self.flood.clear()
        self.updates.clear()

    def enforce_limits(self, is_wanted: bool) -> None:
        """Switch flood control and the slowing of repeated offsets."""
        self.flood.is_enforced = is_wanted
        self.updates.is_limited = is_wanted

    def tell(self, kind: str, message: Message) -> None:
        """Publish an event about a message."""
        if self.events.has_listeners:
            self.events.publish(kind, views.transcript(message))

    def tell_chat(self, chat: Chat) -> None:
        """Publish that a chat is new or changed."""
        if self.events.has_listeners:
            self.events.publish("chat", views.chat_summary(chat))
