"""Without this module there would be nobody to talk to.

People, chats and messages as Telegram's server knows them. `World` keeps them; what may be done to
them is decided by the methods (the bot's side) and by the control API (the people's side).
"""

from __future__ import annotations

import random
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from bot.simulator.entities import Entity
from bot.simulator.files import FileStore
from bot.simulator.limits import EDITS_KEPT, MESSAGES_KEPT_PER_CHAT, PRESSES_KEPT

#: Ids of supergroups start here and go down, as at Telegram.
FIRST_SUPERGROUP = -1_001_000_000_001
FIRST_GROUP = -4_000_001


@dataclass(slots=True)
class Person:
    """Somebody with a phone, or the bot itself."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    #: Whether the private chat with the bot is open: somebody must write first.
    has_started: bool = False
    has_blocked: bool = False
    is_deactivated: bool = False


@dataclass(slots=True)
class Topic:
    """A thread of a forum."""

    id: int
    name: str
    is_closed: bool = False


@dataclass(slots=True)
class Message:
    """One message; ``content`` holds the fields of its kind as the Bot API names them and is
    replaced, never changed in place, so copies may share it."""

    id: int
    chat: Chat
    date: int
    sender: Person
    kind: str
    content: dict[str, Any]
    reply_to: Message | None = None
    reply_fields: dict[str, Any] = field(default_factory=dict)
    thread_id: int | None = None
    markup: dict[str, Any] | None = None
    reply_keyboard: dict[str, Any] | None = None
    is_silent: bool = False
    is_protected: bool = False
    edited_at: int | None = None
    edits: list[dict[str, Any]] = field(default_factory=list)
    reactions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    media_group_id: str | None = None
    origin: dict[str, Any] | None = None
    is_deleted: bool = False

    @property
    def text(self) -> str:
        """Its text or caption."""
        content = self.content
        text: str = content.get("text") or content.get("caption") or ""
        return text

    @property
    def entities(self) -> list[Entity]:
        """The entities of its text or caption."""
        content = self.content
        entities: list[Entity] = content.get("entities") or content.get("caption_entities") or []
        return entities

    @property
    def is_from_bot(self) -> bool:
        """Whether our bot wrote it."""
        return self.sender.is_bot

    def revise(
        self, content: dict[str, Any], *, markup: dict[str, Any] | None, edited_at: int
    ) -> None:
        """Put new content in its place; the old version joins the history."""
        before = {
            "date": self.edited_at or self.date,
            "text": self.text,
            "entities": self.entities,
            "content": self.content,
            "markup": self.markup,
        }
        self.edits = [*self.edits[-EDITS_KEPT + 1 :], before]
        self.content = content
        self.markup = markup
        self.edited_at = edited_at


@dataclass(slots=True)
class Chat:
    """A private chat, a group or a supergroup (perhaps with topics)."""

    id: int
    type: str
    person: Person | None = None
    title: str = ""
    username: str = ""
    is_forum: bool = False
    #: What the bot is in it: member, administrator, left, kicked.
    bot_status: str = "member"
    migrated_to: int | None = None
    members: dict[int, str] = field(default_factory=dict)
    messages: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 0
    #: The keyboard under the writing field, as the last message left it.
    keyboard: dict[str, Any] | None = None

    @property
    def is_private(self) -> bool:
        """Whether one person talks with the bot here."""
        return self.type == "private"


@dataclass(slots=True)
class Press:
    """A pressed button that waits for an answer."""

    id: str
    person: Person
    chat: Chat
    message_id: int
    at: float
    is_answered: bool = False
    #: What the bot was told of it.
    update: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """Everything that exists."""

    clock: Clock
    bot: Person
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    files: FileStore = field(default_factory=FileStore)
    presses: OrderedDict[str, Press] = field(default_factory=OrderedDict)
    #: Dice and the like; seeded, so that a run can be repeated.
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - dice
    #: Private chats and basic groups of one account share a counter; supergroups have their own.
    last_id: int = 0
    last_group: int = 0
    last_album: int = 0
    last_press: int = 0
    last_poll: int = 0

    def now(self) -> int:
        """Unix time in seconds by the clock, as messages are dated."""
        return int(self.clock.now().timestamp())

    def chat_of(self, person: Person) -> Chat:
        """The private chat with this person, made when it is new."""
        chat = self.chats.get(person.id)
        if chat is None:
            chat = self.chats[person.id] = Chat(id=person.id, type="private", person=person)
        return chat

    def next_id(self, chat: Chat) -> int:
        """The id of the next message there."""
        if chat.type == "supergroup":
            chat.last_id += 1
            return chat.last_id
        self.last_id += 1
        return self.last_id

    def next_album(self) -> str:
        """A new media_group_id."""
        self.last_album += 1
        return str(13_500_000_000_000_000 + self.last_album)

    def next_poll(self) -> int:
        """A number for a new poll."""
        self.last_poll += 1
        return self.last_poll

    def next_press(self) -> str:
        """A new callback_query id."""
        self.last_press += 1
        return str(4_382_000_000_000_000_000 + self.last_press)

    def add(self, message: Message) -> Message:
        """Put a message into its chat; the oldest goes when the chat is full."""
        messages = message.chat.messages
        messages[message.id] = message
        if len(messages) > MESSAGES_KEPT_PER_CHAT:
            _, oldest = messages.popitem(last=False)
            oldest.is_deleted = True
            oldest.reply_to = None  # a chain of replies must not keep everything ever written
        return message

    def remove(self, message: Message) -> None:
        """Delete a message for everybody."""
        message.is_deleted = True
        message.chat.messages.pop(message.id, None)
        if message.id in message.chat.pinned:
            message.chat.pinned.remove(message.id)

    def add_press(self, press: Press) -> None:
        """Remember that a button was pressed."""
        self.presses[press.id] = press
        if len(self.presses) > PRESSES_KEPT:
            self.presses.popitem(last=False)
