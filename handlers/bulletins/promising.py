"""The calls of a delivery: who gets one now, and whether it sends, changes or takes away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.context import Desk
from bot.domain.bulletins import (
    Audience,
    Bulletin,
    Kind,
    QuietHours,
    Severity,
    State,
    concerns,
    is_quiet,
    is_tired_of_notices,
)
from handlers.bulletins.channels import NOT_POSTED, channels_for, is_channel
from handlers.bulletins.recalling import may_be_deleted, take_pictures_away
from handlers.bulletins.wording import shared_params
from storage.bulletins import BulletinOnFile, Delivery, Promised
from storage.outbox import PAYLOAD, FollowUp, Form, Lane

#: The window in which notices are counted against fatigue.
WEEK = timedelta(days=7)


async def promise_some(
    desk: Desk, found: BulletinOnFile, batch: Sequence[Delivery], *, more: FollowUp
) -> None:
    """Promise these deliveries, except to who wants it no more or cannot be reached. ``more`` is
    due when the last of them is over."""
    bulletin = found.bulletin
    going, skipped, tired, never = await _sorted_out(desk, found, batch)
    _keep_texts(desk, found, going)
    deliveries = desk.transaction.deliveries
    deliveries.end(bulletin.number, [each.recipient.chat_id for each in skipped], "skipped")
    deliveries.end(bulletin.number, [each.recipient.chat_id for each in tired], "tired")
    for each in skipped:
        if found.bulletin.state is State.RECALLED:  # held back between the pictures and the text
            await take_pictures_away(desk, found, each, lane=_lane(found))
    lost = [each.recipient.chat_id for each in never]
    deliveries.end(bulletin.number, lost, "never")
    deliveries.leave(bulletin.number, lost, revision=found.revision)
    promised = []
    for each in going:
        pictures = await _pictures_of(desk, found, each)
        text = await _promise(desk, found, each, more=more if each is going[-1] else None)
        promised.append(Promised(each.recipient.chat_id, text, pictures))
    deliveries.promised(bulletin.number, promised, revision=found.revision)


def _keep_texts(desk: Desk, found: BulletinOnFile, going: Sequence[Delivery]) -> None:
    """What readers of one language have in common is stored once, and named by each delivery."""
    kept: set[str] = set()
    for each in going:
        name = _payload_name(found, each)
        if name not in kept:
            kept.add(name)
            words = desk.words_in(each.recipient.language)
            bot = desk.bot.username if is_channel(each) else None
            params = shared_params(found, words, roster=desk.roster, public_through=bot)
            desk.transaction.payloads.keep(name, params, desk.now)


def _payload_name(found: BulletinOnFile, delivery: Delivery) -> str:
    public = ":public" if is_channel(delivery) else ""
    language = delivery.recipient.language
    return f"bulletin:{found.bulletin.number}:{language}:{found.revision}{public}"


async def _sorted_out(
    desk: Desk, found: BulletinOnFile, batch: Sequence[Delivery]
) -> tuple[list[Delivery], list[Delivery], list[Delivery], list[Delivery]]:
    """Who gets it now, who wants it no more, who has had enough notices this week (it joins the
    weekly issue for them), who cannot be reached. A correction goes to everybody who has the first
    text."""
    bulletin = found.bulletin
    # A follow-up is for whoever has the first, wherever they live by now; off is off all the same.
    audience = Audience() if bulletin.follows else bulletin.audience
    going: list[Delivery] = []
    skipped: list[Delivery] = []
    tired: list[Delivery] = []
    never: list[Delivery] = []
    is_over = bulletin.expires_at is not None and bulletin.expires_at <= desk.now
    is_recalled = bulletin.state is State.RECALLED
    counts, channels = await _notices(desk, found, batch), channels_for(desk, bulletin)
    for each in batch:
        is_new = each.message_id is None
        is_tired = is_tired_of_notices(
            bulletin.severity, notices_in_week=counts.get(each.recipient.chat_id, 0)
        )
        wants = (
            bool(bulletin.follows) or each.recipient.chat_id in channels
            if is_channel(each)
            else concerns(audience, bulletin.kind.value, each.recipient, desk.roster)
        )
        if not each.is_reachable and not is_channel(each):  # nobody says that a channel is back
            never.append(each)
        elif is_new and (is_over or is_recalled or not wants):
            skipped.append(each)
        elif is_new and is_tired:
            tired.append(each)
        else:
            going.append(each)
    return going, skipped, tired, never


async def _notices(desk: Desk, found: BulletinOnFile, batch: Sequence[Delivery]) -> dict[int, int]:
    """How many notices each had this week; counted only where a limit stands."""
    bulletin = found.bulletin
    is_limited = bulletin.kind is Kind.ALERT and bulletin.severity is Severity.NOTICE
    if not is_limited or bulletin.issue is not None:
        return {}
    chats = [each.recipient.chat_id for each in batch if not is_channel(each)]
    return await desk.transaction.deliveries.notices_since(chats, desk.now - WEEK)


async def _promise(
    desk: Desk, found: BulletinOnFile, delivery: Delivery, *, more: FollowUp | None
) -> int:
    """One delivery: the text anew, or the changed text in the message that is there."""
    form, *otherwise = _forms(desk, found, delivery)
    number, chat_id = found.bulletin.number, delivery.recipient.chat_id
    never = more
    if is_channel(delivery):
        never = FollowUp(NOT_POSTED, f"{number}:{chat_id}", f"bulletin-{number}")
    return await desk.promise(
        form, otherwise=otherwise, lane=_lane(found), on_sent=more, on_never=never
    )


def _lane(found: BulletinOnFile) -> Lane:
    return Lane.ALERT if found.bulletin.severity is Severity.DANGER else Lane.BROADCAST


def _forms(desk: Desk, found: BulletinOnFile, delivery: Delivery) -> list[Form]:
    bulletin, chat_id = found.bulletin, delivery.recipient.chat_id
    name = _payload_name(found, delivery)
    if delivery.message_id is None:
        hours = delivery.recipient.subscription.quiet or QuietHours()
        is_silent = is_quiet(hours, bulletin.severity, now=desk.now, zone=desk.zone)
        params = {"chat_id": chat_id, "disable_notification": is_silent, PAYLOAD: name}
        return [Form("sendMessage", params)]
    place = {"chat_id": chat_id, "message_id": delivery.message_id}
    edit = Form("editMessageText", {**place, PAYLOAD: name})
    if bulletin.state is not State.RECALLED or not may_be_deleted(desk, delivery):
        return [edit]
    return [Form("deleteMessage", place), edit]


async def _pictures_of(desk: Desk, found: BulletinOnFile, delivery: Delivery) -> int | None:
    """Promise the pictures that are still due, or take away those of a recalled bulletin; the
    promise that brings or brought them."""
    if delivery.message_id is None and delivery.pictures is None:
        chat_id = delivery.recipient.chat_id
        return await promise_pictures(desk, found.bulletin, chat_id, lane=_lane(found))
    if found.bulletin.state is State.RECALLED:
        await take_pictures_away(desk, found, delivery, lane=_lane(found))
    return delivery.pictures


async def promise_pictures(
    desk: Desk, bulletin: Bulletin, chat_id: int, *, lane: Lane
) -> int | None:
    """Pictures go before the text, which alone carries buttons: an album can have none."""
    pictures = bulletin.pictures
    if not pictures:
        return None
    params: dict[str, Any] = {"chat_id": chat_id, "disable_notification": True}
    if len(pictures) == 1:
        return await desk.promise(Form("sendPhoto", {**params, "photo": pictures[0]}), lane=lane)
    media = [{"type": "photo", "media": each} for each in pictures]
    return await desk.promise(Form("sendMediaGroup", {**params, "media": media}), lane=lane)
