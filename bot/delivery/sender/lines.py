"""Without this module a broadcast would keep an officer's answer waiting.

Which chats the sender must look at, and when: ready (a line for each lane), resting, waiting for a
time, or with a call in flight. Memory holds chats only; what is promised is on file.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from heapq import heappop, heappush

from bot.delivery.pace import Pace
from storage.outbox import Lane, Promise

#: Calls under way at once: more connections would only queue at Telegram's side.
CALLS_AT_ONCE = 100
#: Of these, what notifications and broadcasts may take: an answer always finds a free place.
LOW_CALLS_AT_ONCE = 75
#: The clock may be moved: while somebody waits for a moment it is looked at this often.
CLOCK_LOOK_SECONDS = 1.0
#: Chats waiting for a broadcast that are kept in memory; the others stay on file for now.
BROADCASTS_REMEMBERED = 10_000


class Lines:
    """Chats by what they wait for."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._ready: dict[Lane, OrderedDict[int, None]] = {lane: OrderedDict() for lane in Lane}
        self._lane_of: dict[int, Lane] = {}  # of ready chats; of those in flight, what came since
        self._resting: dict[int, tuple[float, Lane]] = {}
        self._rests: list[tuple[float, int]] = []
        self._moments: dict[int, datetime] = {}
        self._dates: list[tuple[datetime, int]] = []
        self._in_flight: dict[int, Promise] = {}
        self._low_calls = 0
        #: There are chats on file that had no place here.
        self.is_behind = False

    # --- what happens to a chat

    def wake(self, chat_id: int, lane: Lane) -> None:
        """The chat has something on file, in this lane or a later one."""
        resting = self._resting.get(chat_id)
        if resting is not None:
            self._resting[chat_id] = (resting[0], min(lane, resting[1]))
            return
        known = self._lane_of.get(chat_id)
        if known is not None and known <= lane:
            return
        if chat_id in self._in_flight:
            self._lane_of[chat_id] = lane
            return
        if lane is Lane.BROADCAST and len(self._ready[lane]) >= BROADCASTS_REMEMBERED:
            self.is_behind = True
            return
        self._put(chat_id, lane)

    def wake_all(self, chats: Mapping[int, Lane]) -> None:
        """`wake` for each."""
        for chat_id, lane in chats.items():
            self.wake(chat_id, lane)

    def _put(self, chat_id: int, lane: Lane) -> None:
        self._moments.pop(chat_id, None)
        known = self._lane_of.get(chat_id)
        if known is not None:
            self._ready[known].pop(chat_id, None)
        self._lane_of[chat_id] = lane
        self._ready[lane][chat_id] = None

    def freed(self, promise: Promise) -> None:
        """The chat's call is over and about to be recorded: it may go on in the same step."""
        known = self._lane_of.pop(promise.chat_id, promise.lane)
        self._put(promise.chat_id, min(known, promise.lane))

    def begin(self, promise: Promise) -> None:
        """A call to the chat is made."""
        chat_id = promise.chat_id
        known = self._lane_of.get(chat_id)
        if known is not None:
            self._ready[known].pop(chat_id, None)
        self._in_flight[chat_id] = promise
        self._low_calls += promise.lane >= Lane.NOTIFICATION

    def end(self, promise: Promise) -> None:
        """The chat's call is recorded."""
        del self._in_flight[promise.chat_id]
        self._low_calls -= promise.lane >= Lane.NOTIFICATION
        came = self._lane_of.get(promise.chat_id)
        if came is not None:
            self._put(promise.chat_id, came)

    def rest(self, chat_id: int, seconds: float, lane: Lane) -> None:
        """Look at the chat again after this time."""
        until = self._pace.now() + seconds
        self._resting[chat_id] = (until, lane)
        heappush(self._rests, (until, chat_id))

    def wait_for(self, chat_id: int, moment: datetime) -> None:
        """Look at the chat again at this moment of the clock, unless something comes before."""
        if not self.is_known(chat_id):
            self._moments[chat_id] = moment
            heappush(self._dates, (moment, chat_id))

    # --- what to look at

    def choose(self, freed: Collection[Promise]) -> dict[int, Lane]:
        """Chats to look at now, first lanes first; ``freed`` are calls whose place is free again.
        They are out of all lines: whoever cannot look at them wakes them again."""
        places = {promise.chat_id for promise in freed}
        room = CALLS_AT_ONCE - len(self._in_flight) + len(places)
        low = self.low_room + sum(promise.lane >= Lane.NOTIFICATION for promise in freed)
        chosen: dict[int, Lane] = {}
        for lane, line in self._ready.items():
            if lane > Lane.URGENT:
                room = min(room, self._pace.room())
            if lane >= Lane.NOTIFICATION:
                room = min(room, len(chosen) + low)
            if lane.is_bulk:
                room = min(room, len(chosen) + self._pace.bulk_room())
            while line and len(chosen) < room:
                chat_id, _ = line.popitem(last=False)
                del self._lane_of[chat_id]
                self._decide(chat_id, lane, chosen, places)
        return chosen

    def _decide(
        self, chat_id: int, lane: Lane, chosen: dict[int, Lane], places: Collection[int]
    ) -> None:
        if chat_id in self._in_flight and chat_id not in places:
            return  # it is looked at when its call is over
        wait = self._pace.wait_seconds(chat_id)
        if wait > 0:
            self.rest(chat_id, wait, lane)
        else:
            chosen[chat_id] = lane

    # --- what others ask

    @property
    def in_flight(self) -> Mapping[int, Promise]:
        """The call under way, or not recorded yet, by chat."""
        return self._in_flight

    @property
    def low_room(self) -> int:
        """How many more notifications and broadcasts may be under way."""
        return LOW_CALLS_AT_ONCE - self._low_calls

    @property
    def can_choose(self) -> bool:
        """Whether `choose` may find somebody."""
        urgent, dialogues, notifications, alerts, broadcasts = self._ready.values()
        if len(self._in_flight) >= CALLS_AT_ONCE:
            return False
        if urgent or self._pace.room() <= 0:
            return bool(urgent)
        if dialogues:
            return True
        has_broadcasts = bool(alerts or broadcasts) and self._pace.bulk_room() > 0
        return self.low_room > 0 and (bool(notifications) or has_broadcasts)

    @property
    def wants_more(self) -> bool:
        """Whether chats that are only on file should be read."""
        return self.is_behind and len(self._ready[Lane.BROADCAST]) < BROADCASTS_REMEMBERED // 2

    def is_known(self, chat_id: int) -> bool:
        """Whether the chat will be looked at again without being told."""
        return chat_id in self._lane_of or chat_id in self._resting or chat_id in self._in_flight

    # --- times

    def ripen(self, moment: datetime) -> None:
        """Chats whose rest is over, or whose moment has come, are ready. Call it with now."""
        now = self._pace.now()
        while self._rests and self._rests[0][0] <= now:
            until, chat_id = heappop(self._rests)
            resting = self._resting.get(chat_id)
            if resting is not None and resting[0] <= until:
                del self._resting[chat_id]
                self.wake(chat_id, resting[1])
        while self._dates and self._dates[0][0] <= moment:
            due, chat_id = heappop(self._dates)
            if self._moments.get(chat_id) == due:
                self.wake(chat_id, Lane.URGENT)

    def until_next(self, moment: datetime) -> float | None:
        """Seconds until `ripen` may find something, None for never. Call it with now."""
        now = self._pace.now()
        waits = []
        if self._rests:
            waits.append(self._rests[0][0] - now)
        if self._dates:
            until = (self._dates[0][0] - moment).total_seconds()
            waits.append(min(until, CLOCK_LOOK_SECONDS))
        if len(self._in_flight) < CALLS_AT_ONCE:
            waits += self._waits_for_room()
        return max(0.0, min(waits)) if waits else None

    def _waits_for_room(self) -> Iterator[float]:
        """How long the ready lines wait for the pace that all share, 0 when it does not hold them:
        room may have come since `can_choose` was asked."""
        _, dialogues, notifications, alerts, broadcasts = self._ready.values()
        wait = self._pace.room_wait_seconds()
        if dialogues or (notifications and self.low_room > 0):
            yield wait
        if (alerts or broadcasts) and self.low_room > 0:
            yield max(wait, self._pace.bulk_wait_seconds())
