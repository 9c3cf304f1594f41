"""A time is chosen: a new request goes to the officer, or another time to the other side."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk, number_in
from bot.domain.appointments.booking import Side
from bot.domain.appointments.refusals import AppointmentRefused
from bot.domain.appointments.service import Way
from bot.domain.duty_hours import first_moment
from bot.domain.service_requests import (
    NobodyCanCome,
    NoSuchService,
    Proposal,
    RequestRefused,
    RequestState,
    ServiceRequest,
    ask,
    has_expired,
    propose,
    time_of,
)
from handlers.service_requests.agreeing import check_officer_is_there, check_resident_may_ask
from handlers.service_requests.choosing import (
    Errand,
    actor,
    day_of,
    errand_of,
)
from handlers.service_requests.reaching import end_unanswered, is_there, release, who_answers
from handlers.service_requests.refusing import moved_on, refuse, say
from handlers.service_requests.telling import (
    ASKED_FOR,
    PLACE,
    TIME,
    number_of,
    set_expiry,
    show_at,
    tell,
)
from handlers.service_requests.wording import button, heading, place_of

#: An address is a line.
_PLACE_LENGTH = 200


async def choose_time(desk: Desk) -> None:
    """A time was pressed."""
    errand = await errand_of(desk, desk.argument(0), desk.argument(1))
    if errand is None:
        return
    starts = _moment_of(desk.argument(2))
    if starts is None:
        await moved_on(desk)
        return
    await _go_on(desk, errand, starts, desk.message.message_id)


def _moment_of(text: str) -> datetime | None:
    minutes = number_in(text) if len(text) <= 9 else None  # until the year 3871
    return None if minutes is None else datetime.fromtimestamp(minutes * 60, UTC)


async def _go_on(desk: Desk, errand: Errand, starts: datetime, message_id: int) -> None:
    """What comes after the time: an address, or the other side reads it."""
    try:
        if errand.request is not None:
            await _propose(desk, errand.request, starts, message_id)
            return
        request = await _new_request(desk, errand.service, errand.way, starts)
        if errand.way is Way.VISIT:
            await _ask_place(desk, errand, starts, message_id)
        else:
            await _send(desk, request, message_id)
    except (RequestRefused, AppointmentRefused) as refusal:
        await refuse(desk, refusal, errand.request)


# --- a time that is typed


async def ask_for_typing(desk: Desk) -> None:
    """The reply to this message is a time."""
    errand = await errand_of(desk, desk.argument(0), desk.argument(1))
    day = day_of(desk.argument(2))
    if errand is None:
        return
    if day is None:
        await moved_on(desk)
        return
    await desk.answer_press()
    data = {
        "arguments": errand.arguments, "service": errand.service, "day": desk.argument(2)
    }  # fmt: skip
    await desk.await_reply(TIME, desk.message.message_id, data=data, kept=ASKED_FOR)
    _ = desk.words
    await _prompt(
        desk, errand, desk.message.message_id,
        _("{day}: reply to this message with the time, such as 18:30.").format(
            day=desk.words.day(day)
        ),
    )  # fmt: skip


async def _prompt(desk: Desk, errand: Errand, message_id: int, question: Markup) -> None:
    _ = desk.words
    head = heading(desk, errand.service, errand.way, desk.words)
    await desk.bot.edit_message_text(
        Markup("{}\n{}").format(head, question),
        chat_id=desk.chat_id,
        message_id=message_id,
        reply_markup=InlineKeyboardMarkup([[button(_.plain("◀ Back"), "days", *errand.arguments)]]),
    )


async def take_typed(desk: Desk) -> None:
    """The reply: a time of that day, or the word that it is none; then a reply is awaited still."""
    dialogue = desk.visitor.dialogue
    if dialogue is None or dialogue.message_id is None:
        return
    day, clock = day_of(dialogue.data["day"]), _clock_time_of(desk.typed or "")
    if day is None or clock is None:
        _ = desk.words
        await say(desk, _("That is no time of the day. Reply again, such as 18:30."))
        return
    errand = await errand_of(desk, *dialogue.data["arguments"])
    if errand is None:
        desk.transaction.dialogues.end(dialogue.id)
        return
    starts = first_moment(datetime.combine(day, clock), desk.zone)
    await _go_on(desk, errand, starts, dialogue.message_id)


def _clock_time_of(text: str) -> time | None:
    """18:30, 18.30, 18：30 in any script's digits."""
    hours, _, minutes = text.replace("：", ":").replace(".", ":").partition(":")
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        return None


# --- a visit's place


async def _ask_place(desk: Desk, errand: Errand, starts: datetime, message_id: int) -> None:
    data = {"service": errand.service, "starts": starts.isoformat()}
    await desk.answer_press()
    await desk.await_reply(PLACE, message_id, data=data, kept=ASKED_FOR)
    _ = desk.words
    question = _("Where shall the officer come? Reply with the address, or share the place.")
    line = desk.words.day_and_time(starts)
    await _prompt(desk, errand, message_id, Markup("{}\n\n{}").format(line, question))


def shares_a_place(desk: Desk) -> bool:
    """The place that was just asked for; a reply to somebody else's message is not."""
    dialogue = desk.visitor.dialogue
    replied = desk.raw_message.get("reply_to_message")
    return (
        dialogue is not None
        and dialogue.kind == PLACE
        and "location" in desk.raw_message
        and (replied is None or replied.get("message_id") == dialogue.message_id)
    )


async def take_place(desk: Desk) -> None:
    """The address, or the place on the map: now the officer can be asked."""
    dialogue = desk.visitor.dialogue
    if dialogue is None or dialogue.message_id is None:
        return
    service, starts = dialogue.data["service"], datetime.fromisoformat(dialogue.data["starts"])
    desk.transaction.dialogues.end(dialogue.id)
    try:
        request = await _new_request(desk, service, Way.VISIT, starts)
        await _send(desk, replace(request, place=_place_in(desk)), dialogue.message_id)
    except (RequestRefused, AppointmentRefused) as refusal:
        await refuse(desk, refusal)


def _place_in(desk: Desk) -> str:
    """An address as typed; a shared place as a latitude and a longitude, to the metre."""
    shared = desk.raw_message.get("location")
    if shared is None:
        return " ".join(str(desk.raw_message.get("text", "")).split())[:_PLACE_LENGTH]
    return place_of(shared["latitude"], shared["longitude"])


# --- to the other side


async def _new_request(desk: Desk, code: str, way: Way, starts: datetime) -> ServiceRequest:
    """The request as it would be sent now. Raises `RequestRefused`, `AppointmentRefused`."""
    service = desk.roster.service(code)
    if service is None:
        raise NoSuchService
    before = await desk.transaction.service_requests.open_of(desk.chat_id)
    if before is not None and has_expired(before, now=desk.now):
        await end_unanswered(desk, before)
    case = desk.visitor.case
    request = ServiceRequest(
        id=None,
        resident_chat_id=desk.chat_id,
        officer="",
        service=code,
        way=way,
        minutes=service.minutes,
        state=RequestState.OPEN,
        proposal=Proposal(1, Side.RESIDENT, starts, desk.now),
        case_number=None if case is None else case.number,
    )
    request = await _with_an_officer(desk, request, owner=None if case is None else case.owner)
    await check_resident_may_ask(desk, request)
    return ask(request, [] if before is None else [before], now=desk.now)


async def _with_an_officer(
    desk: Desk, request: ServiceRequest, *, owner: str | None
) -> ServiceRequest:
    """The same, for the first who could come. Raises `NobodyCanCome`."""
    area = None if desk.area is None else desk.area.code
    found = await who_answers(desk, time_of(request), area=area, owner=owner)
    if found is None:
        raise NobodyCanCome(request.proposal.starts)
    return replace(request, officer=found.code)


async def _send(desk: Desk, request: ServiceRequest, message_id: int) -> None:
    """Raises `RequestRefused`."""
    drawer = desk.transaction.service_requests
    sent = await drawer.open(request)
    await desk.answer_press()
    drawer.set_message(number_of(sent), Side.RESIDENT, message_id)
    await show_at(desk, sent, Side.RESIDENT, message_id)
    set_expiry(desk, sent)
    await tell(desk, sent, Side.OFFICER)


async def _propose(desk: Desk, request: ServiceRequest, starts: datetime, message_id: int) -> None:
    """Raises `RequestRefused`, `AppointmentRefused`."""
    after = propose(
        request, actor(desk), answers=request.proposal.number, starts=starts, now=desk.now
    )
    side = after.proposal.side
    if side is Side.OFFICER:
        await check_officer_is_there(desk, after)
    else:
        await check_resident_may_ask(desk, after)
        if not await is_there(desk, after.officer):
            after = await _with_an_officer(desk, after, owner=None)
    if not await desk.transaction.service_requests.change(request, after):
        await moved_on(desk)
        return
    await desk.answer_press()
    if after.officer != request.officer:
        await release(desk, request, after)
    set_expiry(desk, after)
    await show_at(desk, after, side, message_id)
    await tell(desk, after, Side.RESIDENT if side is Side.OFFICER else Side.OFFICER)
