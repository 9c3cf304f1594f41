"""Without this module an update on file would be a row of bytes that nobody reads.

The office handles items inside the transaction it is given: parses, looks up who came, lets
python-telegram-bot choose the handler, and marks the letter done.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import orjson
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application, BaseHandler, CallbackContext, ExtBot

from bot.clock import Clock
from bot.context import (
    SOMEBODY_CAME,
    Button,
    Command,
    Desk,
    Feature,
    Noticed,
    Route,
    current_desk,
    press_of,
    whom,
)
from bot.delivery.dispatcher import Handled, Item, UnreadableLetterError, chat_in
from bot.delivery.outbox import Promising, promising
from bot.domain.roster import Role, Roster
from bot.texts import negotiate
from storage.database import Unit
from storage.inbox import Letter
from storage.outbox import PromiseNumbers
from storage.people import Person
from storage.roster import ROSTER_CHANGED
from storage.timers import Timer
from storage.transaction import Transaction
from storage.visitors import Visitor

_log = logging.getLogger("beatline.office")

#: What a person's name is cut to: Telegram allows 64, names on cards must stay on a line.
NAME_LENGTH = 64
#: The group of handlers that is tried before the others and keeps nothing from them.
_IN_PASSING = -1
#: Shown for somebody whose profile has no name at all.
NAMELESS = "…"

#: What is in an update that must not overtake the outcome of a call to its chat.
_REFERRING = (b'"reply_to_message"', b'"callback_query"', b'"my_chat_member"')

Refusal = Callable[[Desk, Route | None], Awaitable[None]]
Burial = Callable[[Desk, Letter], Awaitable[None]]
OurApplication = Application[
    ExtBot[None], CallbackContext[ExtBot[None], None, None, None], None, None, None, None
]


class RaisingApplication(Application):  # type: ignore[type-arg]  # parametrized in OurApplication
    """python-telegram-bot's base runs error handlers and goes on with later groups; here a failed
    update must fail as a whole, so that it is undone and tried again."""

    async def process_error(
        self, update: object, error: Exception, job: Any = None, coroutine: Any = None
    ) -> bool:
        raise error


class RouteHandler(BaseHandler[Update, Any, None]):
    """One route as python-telegram-bot knows it: right kind of update, right kind of person."""

    def __init__(self, route: Route) -> None:
        async def act(_update: Update, _context: object) -> None:
            await route.action(current_desk.get())

        super().__init__(act)
        self._route = route

    def check_update(self, update: object) -> bool:
        desk = current_desk.get()
        return desk.role in self._route.serves and self._route.fits(desk)


class RefusingHandler(BaseHandler[Update, Any, None]):
    """Commands and buttons that do not serve whoever used them get a word, not silence."""

    def __init__(self, routes: Sequence[Route], refuse: Refusal) -> None:
        async def act(_update: Update, _context: object) -> None:
            desk = current_desk.get()
            await refuse(desk, next(iter(self._fitting(desk)), None))

        super().__init__(act)
        self._doors = [route for route in routes if isinstance(route, Command | Button)]

    def _fitting(self, desk: Desk) -> list[Command | Button]:
        return [door for door in self._doors if door.fits(desk)]

    def check_update(self, update: object) -> bool:
        desk = current_desk.get()
        fitting = self._fitting(desk)
        if not fitting:
            return desk.press is not None
        return all(desk.role not in door.serves for door in fitting)


class Office:
    """`bot.delivery.dispatcher.Handling` for all features.

    ``refuse`` answers a command or button that does not serve whoever used it; ``bury`` tells
    people that a letter could not be handled.
    """

    def __init__(
        self,
        *,
        features: Sequence[Feature],
        refuse: Refusal,
        bury: Burial,
        bot: ExtBot[None],
        clock: Clock,
        numbers: PromiseNumbers,
    ) -> None:
        self._application = _application(features, refuse, bot)
        self._timers = {
            kind: action for feature in features for kind, action in feature.timers.items()
        }
        self._bury = bury
        self._bot = bot
        self._clock = clock
        self._numbers = numbers
        self._roster: Roster | None = None
        self._roster_readings = 0

    async def start(self) -> None:
        """Get ready; asks the bot who it is (answered from the file)."""
        await self._application.initialize()

    def may_wait_for_outcome(self, item: Item) -> bool:
        """Answers and presses refer to messages whose ids may just be coming in; and a refusal
        that is still coming must not make unreachable whoever has just unblocked us."""
        return isinstance(item, Letter) and any(part in item.payload for part in _REFERRING)

    async def handle(self, unit: Unit, items: list[Item]) -> Handled:
        """See `Handling`."""
        transaction = Transaction(unit)
        roster = await self._roster_on_file(transaction)
        promises = Promising(
            outbox=transaction.outbox,
            blobs=transaction.blobs,
            numbers=self._numbers,
            now=self._clock.now(),
        )
        with promising(promises):
            counter = _Counter(transaction, self._clock.now(), _chats_of(items))
            for item in items:
                if isinstance(item, Letter):
                    await self._handle_letter(transaction, roster, item, counter)
                else:
                    await self._handle_timer(transaction, roster, item)
                    counter.look_again()
        return _handled(promises)

    async def bury(self, unit: Unit, letter: Letter, error: str) -> Handled:
        """See `Handling`."""
        transaction = Transaction(unit)
        roster = await self._roster_on_file(transaction)
        promises = Promising(
            outbox=transaction.outbox,
            blobs=transaction.blobs,
            numbers=self._numbers,
            now=self._clock.now(),
        )
        with promising(promises):
            chat_id = chat_in(letter.chat_key) or 0
            visitor = await transaction.visitors.at(chat_id, self._clock.now())
            desk = self._desk(transaction, roster, visitor)
            desk.letter = letter
            await self._bury(desk, letter)
        return _handled(promises)

    async def _roster_on_file(self, transaction: Transaction) -> Roster:
        roster = self._roster
        if roster is None:
            reading = self._roster_readings = self._roster_readings + 1
            found = await transaction.roster.current()
            if found is None:
                raise LookupError("no roster is on file")
            roster = found[1]
            if reading == self._roster_readings:  # else it changed while we were reading
                self._roster = roster
        return roster

    def _forget_roster(self) -> None:
        """The roster on file changed: read it again for the next item."""
        self._roster = None
        self._roster_readings += 1

    def _desk(self, transaction: Transaction, roster: Roster, visitor: Visitor) -> Desk:
        return Desk(
            transaction=transaction,
            now=self._clock.now(),
            roster=roster,
            visitor=visitor,
            bot=self._bot,
        )

    async def _handle_letter(
        self, transaction: Transaction, roster: Roster, letter: Letter, counter: _Counter
    ) -> None:
        raw = parsed(letter.payload)
        user = _private_user(raw)
        if user is None:
            _log.info("update_ignored", extra={"letter": letter.sequence, "kind": kind_of(raw)})
            return
        desk = self._desk(transaction, roster, await counter.visitor(user["id"]))
        desk.letter, desk.raw = letter, raw
        desk.update = _update_from(raw, self._bot)
        desk.press = press_of(desk.update.callback_query)
        self._greet(desk, user)
        token = current_desk.set(desk)
        try:
            await self._application.process_update(desk.update)
        finally:
            current_desk.reset(token)
            counter.left(desk)
        _log.info("update_handled", extra={"letter": letter.sequence, "kind": kind_of(raw)})

    async def _handle_timer(self, transaction: Transaction, roster: Roster, timer: Timer) -> None:
        if not await transaction.timers.take(timer):
            return
        if timer.kind == ROSTER_CHANGED:
            self._forget_roster()
            roster = await self._roster_on_file(transaction)
        action = self._timers.get(timer.kind)
        if action is None:
            raise LookupError(f"no feature knows timers of kind {timer.kind!r}")
        chat_id = chat_in(timer.chat_key) or 0
        visitor = await transaction.visitors.at(chat_id, self._clock.now())
        await action(self._desk(transaction, roster, visitor), timer)
        _log.info("timer_acted", extra={"kind": timer.kind})

    def _greet(self, desk: Desk, user: Mapping[str, Any]) -> None:
        """Whoever writes is on file from now on, and can be reached."""
        visitor = desk.visitor
        person = visitor.person
        if person is None:
            person = Person(
                chat_id=visitor.chat_id,
                language=negotiate(user.get("language_code"), desk.roster.station.languages),
                name=_name_of(user),
                area=None,
                phone=None,
                introduced_at=None,
                mark_explained_at=None,
                first_seen_at=desk.now,
            )
            desk.transaction.people.meet(person)
        if visitor.is_unreachable and "my_chat_member" not in desk.raw:
            desk.transaction.unreachable.clear(visitor.chat_id)
            desk.transaction.timers.set(
                SOMEBODY_CAME, "everybody", due_at=desk.now, chat_key=SOMEBODY_CAME
            )
        desk.visitor = Visitor(
            chat_id=visitor.chat_id,
            person=person,
            officer=visitor.officer,
            is_unreachable=False,
            case=visitor.case,
            is_owner_present=visitor.is_owner_present,
            owner_language=visitor.owner_language,
            dialogue=visitor.dialogue,
        )


class _Counter:
    """Who stands at the counter: looked up for a whole group in one hop.

    A resident's item changes only what is on file about that resident. After anything else (an
    officer, a timer) or a second item of the same chat, visitors are looked up anew.
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
        if desk.role is not Role.RESIDENT:
            self.look_again()

    def look_again(self) -> None:
        """What was looked up may be true no more."""
        self._known, self._is_fresh = {}, False


def _chats_of(items: Sequence[Item]) -> frozenset[int]:
    chats = (chat_in(item.chat_key) for item in items if isinstance(item, Letter))
    return frozenset(chat_id for chat_id in chats if chat_id is not None)


def _application(features: Sequence[Feature], refuse: Refusal, bot: ExtBot[None]) -> OurApplication:
    application = (
        Application.builder()
        .application_class(RaisingApplication)
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .build()
    )
    routes = [route for _, route in whom(features)]
    in_passing = [route for route in routes if isinstance(route, Noticed)]
    application.add_handlers([RouteHandler(route) for route in in_passing], group=_IN_PASSING)
    application.add_handler(RefusingHandler(routes, refuse))
    application.add_handlers([RouteHandler(each) for each in routes if each not in in_passing])
    return cast(OurApplication, application)


def parsed(payload: bytes) -> Mapping[str, Any]:
    """The update in a stored payload, fit for storage and for sending again: lone surrogates and
    NUL, which people can type, are replaced. Raises `UnreadableLetterError`."""
    try:
        raw = orjson.loads(payload)
        if b"\\u0000" in payload:
            raw = _cleaned(raw)
    except orjson.JSONDecodeError:
        raw = _cleaned(_lenient(payload))
    if not isinstance(raw, Mapping):
        raise UnreadableLetterError("not an object")
    return raw


def _lenient(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError as error:
        raise UnreadableLetterError("not JSON") from error


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return (
            value.replace("\x00", "\ufffd")
            .encode("utf-16", "surrogatepass")
            .decode("utf-16", "replace")
        )
    if isinstance(value, Mapping):
        return {_cleaned(key): _cleaned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return value


def _update_from(raw: Mapping[str, Any], bot: ExtBot[None]) -> Update:
    try:
        return Update.de_json(dict(raw), bot)
    except (TelegramError, TypeError, KeyError, ValueError, AttributeError, OverflowError) as error:
        raise UnreadableLetterError(f"{type(error).__name__} while parsing") from error


def kind_of(raw: Mapping[str, Any]) -> str:
    """What kind of update this is, by its key."""
    return next((key for key in raw if key != "update_id"), "nothing")


def _private_user(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Who wrote or pressed in a private chat; None for groups, channels and unknown kinds."""
    content = raw.get(kind_of(raw))
    if not isinstance(content, Mapping):
        return None
    user = content.get("from")
    if not isinstance(user, Mapping) or not isinstance(user.get("id"), int) or user.get("is_bot"):
        return None
    place = content.get("message", content) if "data" in content else content
    chat = place.get("chat") if isinstance(place, Mapping) else None
    if isinstance(chat, Mapping) and chat.get("type") != "private":
        return None
    return user


def _name_of(user: Mapping[str, Any]) -> str:
    parts = (str(user.get("first_name") or ""), str(user.get("last_name") or ""))
    return " ".join(part for part in parts if part)[:NAME_LENGTH].strip() or NAMELESS


def _handled(promises: Promising) -> Handled:
    return Handled(
        chats_with_promises=promises.chats,
        direct=tuple(promises.direct),
    )
