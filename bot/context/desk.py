"""Without this module every handler would have to find its own transaction, language and rights.

A `Desk` is what a handler has before it: who came, what is on file, whose words to use, and a bot
whose calls are promises.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from telegram import CallbackQuery, Message, Update
from telegram.ext import ExtBot

from bot.config import BULK_PER_SECOND
from bot.delivery.content import content_of
from bot.delivery.outbox import current_promises
from bot.domain.call_outs.paging import STEP
from bot.domain.roster import Area, Officer, Role, Roster
from bot.texts import Words, as_typed, negotiate
from storage.inbox import Letter
from storage.outbox import Form, Lane
from storage.transaction import Transaction
from storage.visitors import Visitor

#: The mark for "kept": not 👍 (reads as consent), not 👀 (reads as seen).
KEPT_MARK = "✍"
#: The mark on a burst waits this long, so that only its newest message gets one.
MARK_AFTER = timedelta(seconds=1)
#: Plain words are short; a longer text is a message for the officer.
TYPED_LENGTH = 40
#: All numbers of so many digits fit into 64 bits with a sign.
NUMBER_DIGITS = 18
#: Timer set whenever somebody who may answer can be reached (again): held cases find an owner.
SOMEBODY_CAME = "cases.place"
#: Timer set when somebody who may answer went away, blocked the bot, left the roster or a phone:
#: what waits for that answer goes to the next person, or to the new phone.
OFFICER_LEFT = "service_requests.left"
#: Timer set when the roster changed and at every start: the hours of weekly issues are looked at.
SCHEDULES = "bulletins.schedules"
#: Timer set when the translator has answered, or never will.
TRANSLATED = "bulletins.translated"
#: Timer of a picture or an album that was refused (`Desk.parcel`): due when it is forgotten.
REFUSED_PHOTOS = "photos.refused"
#: Timer set when what was refused is to reach the officer after all.
SENT_ON = "cases.sent_on"
#: Timer set when the roster changed and at every start: when somebody is asked to hear the phone.
SHIFTS = "call_outs.shifts"
#: Timer set when the external command of urgent calls has failed: who can mend it is told.
PAGE_COMMAND_FAILED = "call_outs.page_command_failed"


@dataclass(slots=True)
class Press:
    """A pressed button: ``arguments`` are what its data says after feature and action."""

    query: CallbackQuery
    feature: str
    action: str
    arguments: tuple[str, ...]


@dataclass
class Desk:
    """What is before a handler. ``raw`` is the update as it came; times are aware UTC; ``about`` is
    the bulletin that the message replies to."""

    transaction: Transaction
    now: datetime
    roster: Roster
    visitor: Visitor
    bot: ExtBot[None]
    raw: Mapping[str, Any] = field(default_factory=dict)
    update: Update | None = None
    letter: Letter | None = None
    press: Press | None = None
    #: Whoever came writes of a danger: nothing of it waits for opening hours.
    is_emergency: bool = False
    #: This very message is a cry for help: it is nobody's address.
    is_cry: bool = False
    #: How messages reach each owner now, as far as it was looked up (see handlers.cases.shifts).
    manners: dict[str, str] = field(default_factory=dict)
    about: int | None = None
    #: How fast a broadcast goes, in messages a second.
    bulk_per_second: float = BULK_PER_SECOND
    #: Whether somebody can be asked for texts in other languages.
    has_translator: bool = False
    #: Settings of urgent calls: the time of a step, and whether a command pages as well.
    call_out_step: timedelta = STEP
    has_page_command: bool = False

    @property
    def chat_id(self) -> int:
        """The private chat of whoever came."""
        return self.visitor.chat_id

    @property
    def message(self) -> Message:
        """The message that came, new or edited."""
        if self.update is None or self.update.effective_message is None:
            raise LookupError("this update has no message")
        return self.update.effective_message

    @property
    def raw_message(self) -> Mapping[str, Any]:
        """The message as it came, with whatever the library does not know."""
        message = self.raw.get("message") or self.raw.get("edited_message") or {}
        return message if isinstance(message, Mapping) else {}

    def argument(self, place: int) -> str:
        """What the pressed button carries at this place after its action; "" for nothing."""
        arguments = self.press.arguments if self.press else ()
        return arguments[place] if place < len(arguments) else ""

    @property
    def parcel(self) -> str:
        """The key of the album that the message belongs to, or of itself when it came alone."""
        name = self.raw_message.get("media_group_id") or self.message.message_id
        return f"{self.chat_id}:{name}"

    @cached_property
    def command(self) -> str | None:
        """The command a new message starts with, without its slash and the bot's name."""
        text = self.raw.get("message", {}).get("text")
        if not isinstance(text, str) or not text.startswith("/"):
            return None
        words = text[1:].split(maxsplit=1)
        return words[0].split("@")[0].casefold() if words else None

    @cached_property
    def typed(self) -> str | None:
        """A short new text as it is compared with plain words; None for everything else."""
        text = self.raw.get("message", {}).get("text")
        if not isinstance(text, str) or len(text) > TYPED_LENGTH:
            return None
        return as_typed(text)

    @property
    def content(self) -> dict[str, Any]:
        """What is kept of the message that came."""
        content = content_of(self.raw_message)
        return content if self.about is None else {**content, "bulletin": self.about}

    @cached_property
    def role(self) -> Role:
        """What the roster says about whoever came."""
        officer = self.officer
        return Role.RESIDENT if officer is None else officer.role

    @cached_property
    def officer(self) -> Officer | None:
        """Whoever came, if on the roster."""
        return None if self.visitor.officer is None else self.roster.officer(self.visitor.officer)

    @property
    def area(self) -> Area | None:
        """The area the visitor chose, unless it is not on the roster any more."""
        person = self.visitor.person
        return self.roster.area(person.area) if person else None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The station's time zone."""
        return ZoneInfo(self.roster.station.timezone)

    @cached_property
    def words(self) -> Words:
        """The visitor's language."""
        person = self.visitor.person
        return self.words_in(person.language if person else self.own_language)

    @property
    def own_language(self) -> str:
        """The station's own language."""
        return self.roster.station.languages[0]

    def words_in(self, language: str) -> Words:
        """One language's words at this station."""
        return Words(language, self.zone)

    async def words_of(self, chat_id: int) -> Words:
        """The language of somebody else; the station's own for somebody who never wrote."""
        case = self.visitor.case
        if case is not None and chat_id == case.owner_chat_id:
            return self.words_in(self.visitor.owner_language or self.own_language)
        if chat_id == self.chat_id:
            return self.words
        person = await self.transaction.people.find(chat_id)
        return self.words_in(person.language if person else self.own_language)

    def name_of(self, names: Mapping[str, str], words: Words) -> str:
        """A name of the roster in somebody's language or the nearest to it, as in `negotiate`; the
        station's own is the last resort."""
        if words.language in names:
            return names[words.language]
        own = [self.own_language] if self.own_language in names else []
        return names[negotiate(words.language, [*own, *names])]

    async def answer_press(self, text: str | None = None, *, is_alert: bool = False) -> None:
        """Answer the pressed button right after the commit; what matters also stands in a
        message, since this answer may come too late to be shown."""
        if self.press is not None:
            await self.press.query.answer(text, show_alert=is_alert)

    async def await_reply(
        self,
        kind: str,
        message_id: int,
        *,
        data: Mapping[str, Any],
        kept: timedelta,
        step: str = "asked",
    ) -> None:
        """From now on a reply to this message answers a question of this ``kind`` (see
        `bot.context.Answer`), for so long; whatever was asked here before is not asked any more."""
        dialogue = await self.transaction.dialogues.start(
            chat_id=self.chat_id,
            user_id=self.chat_id,
            kind=kind,
            step=step,
            data=data,
            expires_at=self.now + kept,
        )
        self.transaction.dialogues.set_message(dialogue.id, message_id)

    async def promise(self, form: Form, **terms_: Any) -> int:
        """Promise a call that is not written as one of the bot's; its number."""
        return await current_promises().promise(form, **terms_)

    async def mark_as_kept(self) -> None:
        """The bot's silent ✍ on the newest message of a burst."""
        # Once for every message: by the library's own method it costs four times as much.
        mark = [{"type": "emoji", "emoji": KEPT_MARK}]
        await self.promise(
            Form(
                "setMessageReaction",
                {"chat_id": self.chat_id, "message_id": self.message.message_id, "reaction": mark},
            ),
            lane=Lane.NOTIFICATION,
            not_before=self.now + MARK_AFTER,
            replace_key=f"mark:{self.chat_id}",
        )


#: The desk of the item in hand; set by the office for each item, read by the routing handlers.
current_desk: ContextVar[Desk] = ContextVar("current_desk")


def argument_in(desk: Desk) -> str:
    """What follows the command in a new message."""
    text = desk.raw.get("message", {}).get("text")
    parts = text.split(maxsplit=1) if isinstance(text, str) else []
    return parts[1].strip() if len(parts) > 1 else ""


def number_in(text: str) -> int | None:
    """The number on file that a button names; None for what is none, or is longer than both engines
    can hold: anybody may forge a press."""
    is_number = text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS
    return int(text) if is_number else None


def press_of(query: CallbackQuery | None) -> Press | None:
    """A pressed button, taken apart; one without data (a game) is none."""
    if query is None or query.data is None:
        return None
    feature, _, rest = query.data.partition(":")
    action, *arguments = rest.split(":")
    return Press(query=query, feature=feature, action=action, arguments=tuple(arguments))
