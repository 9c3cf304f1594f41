"""One message on each side that says how a request stands: in place where somebody pressed, new
where somebody must hear of it."""

from __future__ import annotations

from datetime import timedelta

from bot.context import Desk
from bot.delivery.outbox import terms
from bot.domain.appointments.booking import Side
from bot.domain.duty_hours import closes_at
from bot.domain.service_requests import ServiceRequest, expires_at
from handlers.duty import hours_of
from handlers.service_requests.wording import point_in, view
from storage.outbox import FollowUp

#: The dialogues that wait for a reply: a time, an address, a reason.
TIME, PLACE, REASON = (f"service_requests.{what}" for what in ("time", "place", "reason"))
QUESTIONS = frozenset({TIME, PLACE, REASON})
#: How long they wait.
ASKED_FOR = timedelta(hours=12)
#: Nobody answered a proposal in time.
EXPIRE = "service_requests.expire"
#: What was to be told cannot reach its side.
UNDELIVERED = "service_requests.undelivered"


def number_of(request: ServiceRequest) -> int:
    """The number under which it is on file. Raises LookupError for one that is not."""
    if request.id is None:
        raise LookupError("this request is not on file")
    return request.id


async def chat_of(desk: Desk, request: ServiceRequest, side: Side) -> int | None:
    """Where one side reads; None for an officer who is not linked."""
    if side is Side.RESIDENT:
        return request.resident_chat_id
    state = (await desk.transaction.officers.states()).get(request.officer)
    return None if state is None else state.chat_id


def set_expiry(desk: Desk, request: ServiceRequest) -> None:
    """The proposal that waits now has its own end."""
    desk.transaction.timers.set(
        EXPIRE,
        str(request.id),
        due_at=expires_at(request),
        chat_key=str(request.resident_chat_id),
    )


def forget_question(desk: Desk, message_id: int) -> None:
    """The message asks nothing any more: a reply to it is no answer."""
    dialogue = desk.visitor.dialogue
    is_ours = dialogue is not None and dialogue.kind in QUESTIONS
    if dialogue is not None and is_ours and dialogue.message_id == message_id:
        desk.transaction.dialogues.end(dialogue.id)


async def show_at(desk: Desk, request: ServiceRequest, side: Side, message_id: int) -> None:
    """The message of whoever pressed or replied says how it stands now."""
    forget_question(desk, message_id)
    text, markup = await view(desk, request, side, desk.words)
    await desk.bot.edit_message_text(
        text, chat_id=desk.chat_id, message_id=message_id, reply_markup=markup
    )


async def update(desk: Desk, request: ServiceRequest, side: Side) -> None:
    """One side's message says how it stands now: no news to ring for."""
    message_id = await desk.transaction.service_requests.message_of(number_of(request), side)
    chat_id = await chat_of(desk, request, side)
    if message_id is None or chat_id is None:
        return
    text, markup = await view(desk, request, side, await desk.words_of(chat_id))
    await desk.bot.edit_message_text(
        text, chat_id=chat_id, message_id=message_id, reply_markup=markup
    )


async def tell(desk: Desk, request: ServiceRequest, side: Side) -> None:
    """A new message, since an edit makes no sound; the one before it goes, so that one stands. An
    officer's phone stays silent while the room is closed."""
    chat_id = await chat_of(desk, request, side)
    if chat_id is None:
        return
    drawer = desk.transaction.service_requests
    before = await drawer.message_of(number_of(request), side)
    if before is not None:
        await desk.bot.delete_message(chat_id, before)
    text, markup = await view(desk, request, side, await desk.words_of(chat_id))
    sent = await desk.bot.send_message(
        chat_id,
        text,
        reply_markup=markup,
        protect_content=side is Side.OFFICER,
        disable_notification=side is Side.OFFICER and await _is_closed(desk, request),
        api_kwargs=terms(
            on_never=FollowUp(
                kind=UNDELIVERED,
                key=f"{request.id}:{side}:{request.officer}:{request.proposal.number}",
                chat_key=str(request.resident_chat_id),
            )
        ),
    )
    drawer.set_message(number_of(request), side, sent.message_id)
    if side is Side.OFFICER and before is None:
        await _show_on_map(desk, request, chat_id)


async def _show_on_map(desk: Desk, request: ServiceRequest, chat_id: int) -> None:
    """A shared place as one to tap, for an officer who sees the request for the first time."""
    point = point_in(request.place)
    if point is not None:
        await desk.bot.send_location(
            chat_id,
            latitude=point[0],
            longitude=point[1],
            disable_notification=True,
            protect_content=True,
        )


async def _is_closed(desk: Desk, request: ServiceRequest) -> bool:
    person = await desk.transaction.people.find(request.resident_chat_id)
    room = desk.roster.room_of(person.area or "") if person is not None else None
    return room is not None and closes_at(await hours_of(desk, room), at=desk.now) is None
