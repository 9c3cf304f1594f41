"""Without this module an update on file would be a row of bytes that nobody reads.

The office handles items inside the transaction it is given: parses, looks up who came, lets
python-telegram-bot choose the handler, and marks the letter done.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from telegram.ext import ExtBot

from bot.clock import Clock
from bot.config import BULK_PER_SECOND
from bot.context import Desk, Feature, current_desk, press_of
from bot.delivery.dispatcher import (
    Handled,
    Item,
    UnreadableLetterError,
    UnreadableTimerError,
    chat_in,
)
from bot.delivery.outbox import Promising, promising
from bot.domain.call_outs.paging import STEP
from bot.domain.roster import Roster
from bot.office.application import Refusal, application_of
from bot.office.counter import Counter, chats_of, greet
from bot.office.letters import kind_of, parsed, private_user, update_from
from storage.database import Unit
from storage.inbox import Letter
from storage.outbox import PromiseNumbers
from storage.roster import ROSTER_CHANGED
from storage.timers import Timer
from storage.transaction import Transaction
from storage.visitors import Visitor

_log = logging.getLogger("beatline.office")

#: What is in an update that must not overtake the outcome of a call to its chat.
_REFERRING = (b'"reply_to_message"', b'"callback_query"', b'"my_chat_member"')

Burial = Callable[[Desk, Letter], Awaitable[None]]


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
        bulk_per_second: float = BULK_PER_SECOND,
        has_translator: bool = False,
        call_out_step: timedelta = STEP,
        has_page_command: bool = False,
    ) -> None:
        self._application = application_of(features, refuse, bot)
        self._timers = {
            kind: action for feature in features for kind, action in feature.timers.items()
        }
        self._bury = bury
        self._bot = bot
        self._clock = clock
        self._numbers = numbers
        self._bulk_per_second = bulk_per_second
        self._has_translator = has_translator
        self._call_out_step = call_out_step
        self._has_page_command = has_page_command
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
        promises = self._promises_in(transaction)
        with promising(promises):
            counter = Counter(transaction, self._clock.now(), chats_of(items))
            for item in items:
                if isinstance(item, Letter):
                    await self._handle_letter(transaction, roster, item, counter)
                else:
                    await self._handle_timer(transaction, roster, item)
                    counter.look_again()
        return _handled(promises, transaction, self._clock.now())

    def _promises_in(self, transaction: Transaction) -> Promising:
        return Promising(
            outbox=transaction.outbox,
            blobs=transaction.blobs,
            numbers=self._numbers,
            now=self._clock.now(),
        )

    async def bury(self, unit: Unit, letter: Letter, error: str) -> Handled:
        """See `Handling`."""
        transaction = Transaction(unit)
        roster = await self._roster_on_file(transaction)
        promises = self._promises_in(transaction)
        with promising(promises):
            chat_id = chat_in(letter.chat_key) or 0
            visitor = await transaction.visitors.at(chat_id, self._clock.now())
            desk = self._desk(transaction, roster, visitor)
            desk.letter = letter
            self._recognise(desk, letter)
            await self._bury(desk, letter)
        return _handled(promises, transaction, self._clock.now())

    def _recognise(self, desk: Desk, letter: Letter) -> None:
        """Whoever wrote what cannot be handled, if that much can be read: to be told about it."""
        try:
            desk.raw = parsed(letter.payload)
        except UnreadableLetterError:
            return
        user = private_user(desk.raw)
        if user is not None and user["id"] == desk.chat_id:
            greet(desk, user)

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
            bulk_per_second=self._bulk_per_second,
            has_translator=self._has_translator,
            call_out_step=self._call_out_step,
            has_page_command=self._has_page_command,
        )

    async def _handle_letter(
        self, transaction: Transaction, roster: Roster, letter: Letter, counter: Counter
    ) -> None:
        raw = parsed(letter.payload)
        user = private_user(raw)
        if user is None:
            _log.info("update_ignored", extra={"letter": letter.sequence, "kind": kind_of(raw)})
            return
        desk = self._desk(transaction, roster, await counter.visitor(user["id"]))
        desk.letter, desk.raw = letter, raw
        desk.update = update_from(raw, self._bot)
        desk.press = press_of(desk.update.callback_query)
        greet(desk, user)
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
        if not timer.is_readable:
            raise UnreadableTimerError
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


def _handled(promises: Promising, transaction: Transaction, now: datetime) -> Handled:
    earliest = transaction.timers.earliest
    return Handled(
        chats_with_promises=promises.chats,
        direct=tuple(promises.direct),
        is_timer_due=earliest is not None and earliest <= now,
    )
