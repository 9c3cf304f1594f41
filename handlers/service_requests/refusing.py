"""Why something cannot be done with a request now: a word to whoever tried, and how it stands."""

from __future__ import annotations

from bot.context import Desk
from bot.domain.appointments.booking import Side
from bot.domain.appointments.refusals import (
    AppointmentRefused,
    SlotTaken,
    TooManyAppointments,
)
from bot.domain.roster import Role
from bot.domain.service_requests import (
    NobodyCanCome,
    NoSuchService,
    NotYourRequest,
    NotYourTurn,
    OneIsOpen,
    ProposalDuringAbsence,
    ProposalOutdated,
    ProposalTooFar,
    ProposalTooSoon,
    RequestIsOver,
    RequestRefused,
    ServiceRequest,
    TooManyProposals,
)
from handlers.duty import when
from handlers.service_requests.telling import show_at

#: After these the button pressed is old: the message under it is brought up to date.
_MOVED_ON = (OneIsOpen, NotYourTurn, ProposalOutdated, RequestIsOver, TooManyProposals)


async def moved_on(desk: Desk) -> None:
    """An old or forged button, or a reply that comes too late."""
    _ = desk.words
    await say(desk, _.plain("This has moved on."))


async def say(desk: Desk, text: str) -> None:
    """A word to whoever pressed, or a message to whoever replied."""
    if desk.press is not None:
        await desk.answer_press(text, is_alert=True)
    else:
        await desk.bot.send_message(desk.chat_id, text)


async def refuse(
    desk: Desk,
    refusal: RequestRefused | AppointmentRefused,
    request: ServiceRequest | None = None,
) -> None:
    """The word for it. Whoever pressed on what has moved on sees how ``request`` stands now."""
    await say(desk, _why(desk, refusal))
    if isinstance(refusal, OneIsOpen):
        request = await desk.transaction.service_requests.open_of(desk.chat_id)
    if request is not None and desk.press is not None and isinstance(refusal, _MOVED_ON):
        await show_at(desk, request, side_of_desk(desk), desk.message.message_id)


def side_of_desk(desk: Desk) -> Side:
    """Which side of the counter somebody stands on."""
    return Side.RESIDENT if desk.role is Role.RESIDENT else Side.OFFICER


def _why(desk: Desk, refusal: RequestRefused | AppointmentRefused) -> str:
    _ = desk.words
    match refusal:
        case OneIsOpen():
            return _.plain("Your last request still waits for an answer.")
        case NotYourRequest():
            return _.plain("This request is not yours (any more).")
        case NotYourTurn():
            return _.plain("This waits for the other side's answer.")
        case ProposalOutdated():
            return _.plain("Another time has been proposed since.")
        case TooManyProposals():
            return _.plain("After {count} proposals a call is quicker.").format(count=refusal.limit)
        case RequestIsOver() | NoSuchService():
            return _.plain("This has moved on.")
    return _why_not_then(desk, refusal)


def _why_not_then(desk: Desk, refusal: RequestRefused | AppointmentRefused) -> str:
    """What stands against the time itself."""
    _ = desk.words
    match refusal:
        case ProposalTooSoon():
            return _.plain("That is too soon. Choose a time after {time}.").format(
                time=when(desk, refusal.earliest)
            )
        case ProposalTooFar():
            return _.plain("That is too far ahead. Choose a time before {time}.").format(
                time=when(desk, refusal.latest)
            )
        case ProposalDuringAbsence():
            return _.plain("The officer is away at that time. Choose another.")
        case NobodyCanCome():
            return _.plain("Nobody can come then. Choose another time, or telephone.")
        case TooManyAppointments():
            return _.plain("You have {count} appointments ahead. Cancel one first.").format(
                count=refusal.limit
            )
    return _why_not_free(desk, refusal)


def _why_not_free(desk: Desk, refusal: RequestRefused | AppointmentRefused) -> str:
    """Somebody is expected elsewhere then."""
    _ = desk.words
    is_resident = side_of_desk(desk) is Side.RESIDENT
    if isinstance(refusal, SlotTaken):
        if is_resident:
            return _.plain("The officer is busy then. Propose another time.")
        return _.plain("You are busy then. Propose another time.")
    if is_resident:
        return _.plain("You have another appointment at that time.")
    return _.plain("The resident has another appointment then.")
