"""A bulletin on its way: its recipients written down, its deliveries promised a few at a time.

Nothing here runs long: each step is a timer's action in a short transaction that sets the next one,
so a crash continues where it was, and a dialogue waits for one step at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.context import Desk
from bot.domain.bulletins import Recipient, State, concerns
from handlers.bulletins.channels import write_channels
from handlers.bulletins.progress import keep_showing, show_progress
from handlers.bulletins.promising import promise_some
from storage.bulletins import BulletinOnFile, Delivery
from storage.outbox import FollowUp
from storage.timers import Timer

#: Recipients written down in one transaction: some milliseconds; a dialogue waits for several.
PREPARED_AT_ONCE = 150
#: Promises of one bulletin that are on their way at once.
OUTSTANDING_LIMIT = 500
#: Deliveries promised in one transaction, 2 ms of the writer; the last of them, when it is over,
#: calls for the next. Of 100 at once a dialogue waited longer, and no more went out in a second.
FED_AT_ONCE = 25
#: If no call for more comes (a crash, an outage) the bulletin is looked at again after this.
LOOK_AGAIN = timedelta(seconds=2)
#: Below every chat's id: channels and groups have ids below zero (64 bits, signed).
LOWEST_CHAT = -(2**62)
PREPARE, FEED = "bulletins.prepare", "bulletins.feed"
#: It went out, as a whole or in part, and stands.
OUT = (State.PREPARING, State.SENDING, State.PAUSED, State.SENT, State.STOPPED)
#: Recipients are (still) written down.
_OPEN = (State.PREPARING, State.SENDING)
#: Whoever has none yet has a turn.
_FRESH = (State.SENDING, State.SENT, State.RECALLED)
#: A bulletin corrected later than this brings its new text only to who has the old one: by then
#: the next issue is out, and it is in the archive.
NEWS_FOR = timedelta(days=7)


def _queue(number: int) -> str:
    """Steps of one bulletin wait in a line of their own, beside everybody's dialogues."""
    return f"bulletin-{number}"


async def begin(desk: Desk, number: int, *, issue: str | None = None) -> bool:
    """Let an approved bulletin out. False when somebody was first."""
    bulletins = desk.transaction.bulletins
    if not await bulletins.step(number, State.PREPARING, from_state=State.APPROVED):
        return False
    bulletins.start(number, issue=issue, now=desk.now)
    _soon(desk, PREPARE, number)
    return True


def _soon(desk: Desk, kind: str, number: int, *, after: timedelta = timedelta()) -> None:
    desk.transaction.timers.set(kind, str(number), due_at=desk.now + after, chat_key=_queue(number))


async def join_issue(desk: Desk, found: BulletinOnFile, issue: str) -> None:
    """An alert goes out again as part of a weekly issue, to those who had had enough notices."""
    bulletins, number = desk.transaction.bulletins, found.bulletin.number
    if await bulletins.step(number, State.SENDING, from_state=State.SENT):
        bulletins.join(number, issue)
        _soon(desk, FEED, number)


def go_on(desk: Desk, found: BulletinOnFile) -> None:
    """Promise deliveries again, after a pause, a correction or a recall. Preparing comes first: it
    goes on where it was, and ends at once when everybody is written down."""
    is_open = found.bulletin.state in _OPEN
    _soon(desk, PREPARE if is_open else FEED, found.bulletin.number)


def look_for_newcomers(desk: Desk, found: BulletinOnFile) -> None:
    """A correction: whoever has come since, or wants it only now, gets it as well, and only with
    the new text. Everybody is looked at once more, beside the deliveries."""
    bulletin, number = found.bulletin, found.bulletin.number
    is_over = bulletin.expires_at is not None and bulletin.expires_at <= desk.now
    is_old = found.started_at is None or found.started_at + NEWS_FOR <= desk.now
    if bulletin.follows or found.prepared_to is None or is_over or is_old:
        return
    if bulletin.state in (State.SENDING, State.PAUSED, State.SENT):
        desk.transaction.bulletins.prepared_to(number, 0, count=0)
    if bulletin.state in (State.SENDING, State.SENT):
        _soon(desk, PREPARE, number)
        _soon(desk, FEED, number)


async def hold_back(desk: Desk, number: int) -> None:
    """Take back what is promised and not under way yet: it is promised again later, or never."""
    deliveries = desk.transaction.deliveries
    promised = await deliveries.on_their_way(number, limit=OUTSTANDING_LIMIT)
    numbers = [each for one in promised for each in (one.text, one.pictures) if each is not None]
    cancelled = await desk.transaction.outbox.cancel(numbers, now=desk.now)
    count = await deliveries.put_back(number, promised, cancelled=frozenset(cancelled))
    desk.transaction.bulletins.took(number, -count)


async def prepare(desk: Desk, timer: Timer) -> None:
    """``bulletins.prepare``: write some recipients down, then the next ones."""
    found = await desk.transaction.bulletins.find(int(timer.key))
    if found is None or found.bulletin.state not in (*_OPEN, State.SENT):
        return
    number = found.bulletin.number
    if found.prepared_to is None and not found.bulletin.follows:
        write_channels(desk, found)
    last = await (_follow(desk, found) if found.bulletin.follows else _choose(desk, found))
    if last is not None:
        _soon(desk, PREPARE, number)
    else:
        await desk.transaction.bulletins.step(number, State.SENDING, from_state=State.PREPARING)
        _soon(desk, FEED, number)


async def _choose(desk: Desk, found: BulletinOnFile) -> int | None:
    """Some more of those whom it concerns; the last chat id looked at, None after the last."""
    bulletin = found.bulletin
    people = await desk.transaction.subscriptions.recipients(
        after=found.prepared_to or 0, limit=PREPARED_AT_ONCE
    )
    wanted = [
        each
        for each in people
        if concerns(bulletin.audience, bulletin.kind.value, each, desk.roster)
    ]
    count = await _write(desk, found, wanted)
    return _noted(desk, found, [each.chat_id for each in people], count=count)


async def _write(desk: Desk, found: BulletinOnFile, wanted: Sequence[Recipient]) -> int:
    """Write these down; how many were not yet. Some may be only after a correction."""
    deliveries, number = desk.transaction.deliveries, found.bulletin.number
    if found.revision == 1:
        deliveries.write(number, wanted)
        return len(wanted)
    new, again = await deliveries.write_missing(number, wanted)
    desk.transaction.bulletins.took(number, -again)
    return new


async def _follow(desk: Desk, found: BulletinOnFile) -> int | None:
    """Some more of exactly those who received the bulletin that this one follows."""
    written = await desk.transaction.deliveries.write_after(
        found.bulletin.number,
        found.bulletin.follows or 0,
        after=LOWEST_CHAT if found.prepared_to is None else found.prepared_to,
        limit=PREPARED_AT_ONCE,
    )
    return _noted(desk, found, written, count=len(written))


def _noted(
    desk: Desk, found: BulletinOnFile, looked_at: Sequence[int], *, count: int
) -> int | None:
    if not looked_at:
        return None
    desk.transaction.bulletins.prepared_to(found.bulletin.number, looked_at[-1], count=count)
    return looked_at[-1]


async def feed(desk: Desk, timer: Timer) -> None:
    """``bulletins.feed``: promise some more deliveries, or notice that all are done."""
    found = await desk.transaction.bulletins.find(int(timer.key))
    if found is None or found.started_at is None or found.bulletin.state is State.PREPARING:
        return
    number = found.bulletin.number
    deliveries = desk.transaction.deliveries
    under_way = await deliveries.outstanding(number, limit=OUTSTANDING_LIMIT)
    room = min(OUTSTANDING_LIMIT - under_way, FED_AT_ONCE)
    batch = await _next_batch(desk, found, room) if room > 0 else []
    if batch:
        more = FollowUp(FEED, str(number), _queue(number))
        await promise_some(desk, found, batch, more=more)
    elif under_way == 0 and await desk.transaction.timers.find(PREPARE, timer.key) is None:
        await _finish(desk, found)
        return
    await keep_showing(desk, found)
    _soon(desk, FEED, number, after=timedelta() if len(batch) == FED_AT_ONCE else LOOK_AGAIN)


async def _next_batch(desk: Desk, found: BulletinOnFile, room: int) -> list[Delivery]:
    """Whoever has an older text comes first: a wrong one must not stand a minute longer. Who has
    none yet has a turn only while the bulletin goes out, or after a correction (or, recalled, is
    passed over)."""
    deliveries, number = desk.transaction.deliveries, found.bulletin.number
    batch = []
    if found.revision > 1:
        batch = await deliveries.outdated(number, revision=found.revision, limit=room)
    if len(batch) < room and found.bulletin.state in _FRESH:
        is_in_issue = found.bulletin.issue is not None
        fresh = await deliveries.next_waiting(
            number, limit=room - len(batch), is_in_issue=is_in_issue
        )
        desk.transaction.bulletins.took(number, sum(each.state == "waiting" for each in fresh))
        batch += fresh
    return batch


async def _finish(desk: Desk, found: BulletinOnFile) -> None:
    """Everybody has it, or never will; a pause ends nothing."""
    bulletins, number = desk.transaction.bulletins, found.bulletin.number
    if found.bulletin.state is not State.PAUSED:
        await bulletins.step(number, State.SENT, from_state=State.SENDING)
        bulletins.end(number, desk.now)
    ended = await bulletins.find(number)
    if ended is not None:
        await show_progress(desk, ended)
