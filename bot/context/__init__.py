"""Without this module nothing that people can do would be known by name.

A `Feature` says what people can do and whom it serves; a `Desk` is what its handlers have before
them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from bot.context.desk import (
    OFFICER_LEFT,
    PAGE_COMMAND_FAILED,
    REFUSED_PHOTOS,
    SCHEDULES,
    SENT_ON,
    SHIFTS,
    SOMEBODY_CAME,
    TRANSLATED,
    Desk,
    Press,
    argument_in,
    current_desk,
    number_in,
    press_of,
)
from bot.domain.roster import Role
from bot.texts import said_in_any
from storage.timers import Timer

__all__ = [
    "EVERYBODY",
    "OFFICER_LEFT",
    "PAGE_COMMAND_FAILED",
    "REFUSED_PHOTOS",
    "RESIDENTS",
    "SCHEDULES",
    "SENT_ON",
    "SHIFTS",
    "SOMEBODY_CAME",
    "STAFF",
    "TRANSLATED",
    "Action",
    "Answer",
    "Arrived",
    "Button",
    "Command",
    "Desk",
    "Feature",
    "Noticed",
    "Press",
    "Route",
    "TimerAction",
    "Typed",
    "are_typed",
    "argument_in",
    "button_data",
    "current_desk",
    "is_no_cry",
    "number_in",
    "press_of",
    "whom",
]

#: Everybody who is not on the roster.
RESIDENTS = frozenset({Role.RESIDENT})
#: People who answer residents.
STAFF = frozenset(Role) - RESIDENTS
#: Everybody.
EVERYBODY = frozenset(Role)

Action = Callable[[Desk], Awaitable[None]]
TimerAction = Callable[[Desk, Timer], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """``/name`` or ``/name argument`` in a new message."""

    name: str
    action: Action
    serves: frozenset[Role]

    kinds = ("message",)

    def fits(self, desk: Desk) -> bool:
        """Whether this command was typed."""
        return desk.command == self.name


@dataclass(frozen=True, slots=True)
class Button:
    """A press on an inline button ``<feature>:<name>[:<argument>…]``."""

    feature: str
    name: str
    action: Action
    serves: frozenset[Role]

    kinds = ("callback_query",)

    def fits(self, desk: Desk) -> bool:
        """Whether this button was pressed."""
        press = desk.press
        return press is not None and press.feature == self.feature and press.action == self.name


@dataclass(frozen=True, slots=True)
class Typed:
    """Plain words: the whole text of a new message is one of ``texts`` in any offered language
    (a catalog may give several ways, see `said_in_any`). A reply is meant for whoever wrote what it
    replies to: "3" may answer an officer's "how many?"."""

    texts: tuple[str, ...]
    action: Action
    serves: frozenset[Role]

    kinds = ("message",)

    def fits(self, desk: Desk) -> bool:
        """Whether exactly these words were typed, and not as a reply."""
        message = desk.raw.get("message", {})
        return "reply_to_message" not in message and are_typed(self.texts, desk)


@dataclass(frozen=True, slots=True)
class Noticed:
    """A message, new or edited, that ``when`` notices in passing: the action is taken, and the
    message goes on to whomever it is for."""

    action: Action
    serves: frozenset[Role]
    when: Callable[[Desk], bool]

    kinds = ("message", "edited_message")

    def fits(self, desk: Desk) -> bool:
        """Whether a message came and ``when`` agrees."""
        return bool(desk.raw_message) and self.when(desk)


@dataclass(frozen=True, slots=True)
class Answer:
    """A new text that replies to the message of the visitor's dialogue of this kind and that
    ``when`` agrees to; a picture or a voice message is no answer to a question about words."""

    kind: str
    action: Action
    serves: frozenset[Role]
    when: Callable[[Desk], bool] = lambda _desk: True

    kinds = ("message",)

    def fits(self, desk: Desk) -> bool:
        """Whether this dialogue's question was replied to."""
        dialogue = desk.visitor.dialogue
        message = desk.raw.get("message", {})
        replied = message.get("reply_to_message")
        return (
            dialogue is not None
            and dialogue.kind == self.kind
            and "text" in message
            and isinstance(replied, Mapping)
            and dialogue.message_id is not None
            and replied.get("message_id") == dialogue.message_id
            and self.when(desk)
        )


@dataclass(frozen=True, slots=True)
class Arrived:
    """Whatever else came as ``kind``: ``message``, ``edited_message``, ``my_chat_member``."""

    kind: str
    action: Action
    serves: frozenset[Role]
    when: Callable[[Desk], bool] = lambda _desk: True

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of updates this waits for."""
        return (self.kind,)

    def fits(self, desk: Desk) -> bool:
        """Whether an update of this kind came and ``when`` agrees."""
        return isinstance(desk.raw.get(self.kind), Mapping) and self.when(desk)


Route = Command | Button | Typed | Noticed | Answer | Arrived


@dataclass(frozen=True, slots=True)
class Feature:
    """What people can do in one room: routes in the order they are tried, timers by kind."""

    name: str
    routes: Sequence[Route]
    timers: Mapping[str, TimerAction] = field(default_factory=dict)


def is_no_cry(desk: Desk) -> bool:
    """Whether the message may be an answer such as an address: a cry for help goes to people."""
    return not desk.is_cry


def are_typed(texts: tuple[str, ...], desk: Desk) -> bool:
    """Whether the whole text of a new message is one of ``texts`` in any offered language."""
    return desk.typed is not None and desk.typed in _ways(texts, desk.roster.station.languages)


@cache
def _ways(texts: tuple[str, ...], languages: tuple[str, ...]) -> frozenset[str]:
    return said_in_any(texts, languages)


def button_data(feature: str, action: str, *arguments: object) -> str:
    """What a button carries: at most 64 bytes at Telegram, checked here."""
    data = ":".join((feature, action, *(str(argument) for argument in arguments)))
    if len(data.encode()) > 64:
        raise ValueError(f"button data longer than 64 bytes: {feature}:{action}")
    return data


def whom(features: Iterable[Feature]) -> list[tuple[Feature, Route]]:
    """Every route with its feature, in the order they are tried."""
    return [(feature, route) for feature in features for route in feature.routes]
