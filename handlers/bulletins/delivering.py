"""A bulletin on its way: its recipients written down, its deliveries promised a few at a time.

Nothing here runs long: each step is a timer's action in a short transaction that sets the next one,
so a crash continues where it was, and a dialogue waits for one step at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.context import Desk
from bot.delivery.outbox import terms
from bot.domain.bulletins import (
    Kind,
    QuietHours,
    Severity,
    State,
    concerns,
    is_quiet,
    is_tired_of_notices,
)
from handlers.bulletins.progress import show_progress
from handlers.bulletins.wording import shared_params
from storage.bulletins import BulletinOnFile, Delivery
from storage.outbox import PAYLOAD, FollowUp, Form, Lane
from storage.timers import Timer

#: Recipients written down in one transaction: about 10 ms of the database (50 ms is the limit).
PREPARED_AT_ONCE = 500
#: Promises of one bulletin that are on their way at once.
OUTSTANDING_LIMIT = 500
#: Deliveries promised in one transaction; the last of them, when it is over, calls for the next.
FED_AT_ONCE = 100
#: If no call for more comes (a crash, an outage) the bulletin is looked at again after this.
LOOK_AGAIN = timedelta(seconds=2)
#: The window in which notices are counted against fatigue.
WEEK = timedelta(days=7)

PREPARE, FEED = "bulletins.prepare", "bulletins.feed"
_GOING_ON = (State.PREPARING, State.SENDING, State.RECALLED)


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


def go_on(desk: Desk, number: int) -> None:
    """Promise deliveries again, after a pause, a correction or a recall. Preparing comes first: it
    goes on where it was, and ends at once when everybody is written down."""
    _soon(desk, PREPARE, number)


async def prepare(desk: Desk, timer: Timer) -> None:
    """``bulletins.prepare``: write some recipients down, then the next ones."""
    found = await desk.transaction.bulletins.find(int(timer.key))
    if found is None or found.bulletin.state not in _GOING_ON:
        return
    number = found.bulletin.number
    last = await (_follow(desk, found) if found.bulletin.follows else _choose(desk, found))
    if last is not None:
        _soon(desk, PREPARE, number)
    elif await desk.transaction.bulletins.step(number, State.SENDING, from_state=State.PREPARING):
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
    desk.transaction.deliveries.write(bulletin.number, wanted)
    return _noted(desk, found, [each.chat_id for each in people], count=len(wanted))


async def _follow(desk: Desk, found: BulletinOnFile) -> int | None:
    """Some more of exactly those who received the bulletin that this one follows."""
    written = await desk.transaction.deliveries.write_after(
        found.bulletin.number,
        found.bulletin.follows or 0,
        after=found.prepared_to or 0,
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
    if found is None or found.bulletin.state not in _GOING_ON:
        return
    number = found.bulletin.number
    deliveries = desk.transaction.deliveries
    under_way = await deliveries.outstanding(number, limit=OUTSTANDING_LIMIT)
    room = min(OUTSTANDING_LIMIT - under_way, FED_AT_ONCE)
    batch = await _next_batch(desk, found, room) if room > 0 else []
    if batch:
        await _promise_some(desk, found, batch)
    elif under_way == 0:
        await _finish(desk, found)
        return
    await show_progress(desk, found)
    _soon(desk, FEED, number, after=timedelta() if len(batch) == FED_AT_ONCE else LOOK_AGAIN)


async def _next_batch(desk: Desk, found: BulletinOnFile, room: int) -> list[Delivery]:
    """Whoever has an older text comes first: a wrong one must not stand a minute longer."""
    deliveries, number = desk.transaction.deliveries, found.bulletin.number
    batch = []
    if found.revision > 1:
        batch = await deliveries.outdated(number, revision=found.revision, limit=room)
    if len(batch) < room:
        fresh = await deliveries.next_waiting(number, limit=room - len(batch))
        desk.transaction.bulletins.took(number, len(fresh))
        batch += fresh
    return batch


async def _promise_some(desk: Desk, found: BulletinOnFile, batch: Sequence[Delivery]) -> None:
    bulletin = found.bulletin
    going, skipped, never = await _sorted_out(desk, found, batch)
    _keep_texts(desk, found, {each.recipient.language for each in going})
    deliveries = desk.transaction.deliveries
    deliveries.end(bulletin.number, [each.recipient.chat_id for each in skipped], "skipped")
    deliveries.end(bulletin.number, [each.recipient.chat_id for each in never], "never")
    promised = [
        (each.recipient.chat_id, await _promise(desk, found, each, is_last=each is going[-1]))
        for each in going
    ]
    deliveries.promised(bulletin.number, promised, revision=found.revision)


def _keep_texts(desk: Desk, found: BulletinOnFile, languages: set[str]) -> None:
    """What readers of one language have in common is stored once, and named by each delivery."""
    for language in languages:
        params = shared_params(found.bulletin, desk.words_in(language), roster=desk.roster)
        desk.transaction.payloads.keep(_payload_name(found, language), params, desk.now)


def _payload_name(found: BulletinOnFile, language: str) -> str:
    return f"bulletin:{found.bulletin.number}:{language}:{found.revision}"


async def _sorted_out(
    desk: Desk, found: BulletinOnFile, batch: Sequence[Delivery]
) -> tuple[list[Delivery], list[Delivery], list[Delivery]]:
    """Who gets it now, who wants it no more, who cannot be reached. A correction goes to everybody
    who has the first text."""
    bulletin = found.bulletin
    going: list[Delivery] = []
    skipped: list[Delivery] = []
    never: list[Delivery] = []
    is_over = bulletin.expires_at is not None and bulletin.expires_at <= desk.now
    is_recalled = bulletin.state is State.RECALLED
    counts = await _notices(desk, found, batch)
    for each in batch:
        is_new = each.message_id is None
        is_tired = is_tired_of_notices(
            bulletin.severity, notices_in_week=counts.get(each.recipient.chat_id, 0)
        )
        wants = bool(bulletin.follows) or concerns(
            bulletin.audience, bulletin.kind.value, each.recipient, desk.roster
        )
        if not each.is_reachable:
            never.append(each)
        elif is_new and (is_over or is_recalled or not wants or is_tired):
            skipped.append(each)
        else:
            going.append(each)
    return going, skipped, never


async def _notices(desk: Desk, found: BulletinOnFile, batch: Sequence[Delivery]) -> dict[int, int]:
    """How many notices each had this week; counted only where a limit stands."""
    bulletin = found.bulletin
    if bulletin.kind is not Kind.ALERT or bulletin.severity is not Severity.NOTICE:
        return {}
    chats = [each.recipient.chat_id for each in batch]
    return await desk.transaction.deliveries.notices_since(chats, desk.now - WEEK)


async def _promise(desk: Desk, found: BulletinOnFile, delivery: Delivery, *, is_last: bool) -> int:
    """One delivery: the text anew, or the changed text in the message that is there."""
    bulletin = found.bulletin
    chat_id = delivery.recipient.chat_id
    name = _payload_name(found, delivery.recipient.language)
    lane = Lane.ALERT if bulletin.severity is Severity.DANGER else Lane.BROADCAST
    more = FollowUp(FEED, str(bulletin.number), _queue(bulletin.number)) if is_last else None
    if delivery.message_id is not None:
        form = Form(
            "editMessageText",
            {"chat_id": chat_id, "message_id": delivery.message_id, PAYLOAD: name},
        )
        return await desk.promise(form, lane=lane, on_sent=more, on_never=more)
    await promise_pictures(desk, found, chat_id, lane=lane)
    hours = delivery.recipient.subscription.quiet or QuietHours()
    is_silent = is_quiet(hours, bulletin.severity, now=desk.now, zone=desk.zone)
    form = Form(
        "sendMessage", {"chat_id": chat_id, "disable_notification": is_silent, PAYLOAD: name}
    )
    return await desk.promise(form, lane=lane, on_sent=more, on_never=more)


async def promise_pictures(desk: Desk, found: BulletinOnFile, chat_id: int, *, lane: Lane) -> None:
    """Pictures go before the text, which alone carries buttons: an album can have none."""
    pictures = found.bulletin.pictures
    if len(pictures) == 1:
        await desk.bot.send_photo(
            chat_id, pictures[0], disable_notification=True, api_kwargs=terms(lane=lane)
        )
    elif pictures:
        media = [{"type": "photo", "media": each} for each in pictures]
        params = {"chat_id": chat_id, "media": media, "disable_notification": True}
        await desk.promise(Form("sendMediaGroup", params), lane=lane)


async def _finish(desk: Desk, found: BulletinOnFile) -> None:
    """Everybody has it, or never will."""
    bulletins = desk.transaction.bulletins
    number = found.bulletin.number
    await bulletins.step(number, State.SENT, from_state=State.SENDING)
    bulletins.end(number, desk.now)
    await show_progress(desk, found, is_over=True)
