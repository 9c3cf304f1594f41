"""Without these rules two people would each wait for the other's answer about a time.

Extended hours (延时服务) and visits at other times: the resident proposes, the officer accepts,
proposes another time or declines. One proposal is open at a time, and the other side answers it;
what is agreed becomes an appointment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.appointments.booking import Actor, Side
from bot.domain.appointments.service import Way
from bot.domain.spans import Span, meets_any

#: After so many proposals people should telephone.
MOST_PROPOSALS = 6
#: A proposal is answered at least this long before its time; then it has expired.
ANSWER_BEFORE = timedelta(minutes=30)
#: Whoever asks for a day far ahead is not left without a word for so long: a weekend passes.
ANSWER_WITHIN = timedelta(days=3)
#: Further ahead nobody knows what will be.
FARTHEST = timedelta(days=60)


class RequestState(StrEnum):
    """Open: one side has to answer. The others are the end."""

    OPEN = "open"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class RequestRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """Something cannot be done with this service request now."""


class OneIsOpen(RequestRefused):
    """The resident has a request that waits for an answer; ``request``: its id."""

    def __init__(self, request: int | None) -> None:
        super().__init__(request)
        self.request = request


class NotYourRequest(RequestRefused):
    """It is between other people."""


class NotYourTurn(RequestRefused):
    """The other side has to answer first."""


class ProposalOutdated(RequestRefused):
    """Another time has been proposed since; ``starts`` is that time."""

    def __init__(self, starts: datetime) -> None:
        super().__init__(starts)
        self.starts = starts


class RequestIsOver(RequestRefused):
    """It was agreed, declined or withdrawn, or has expired; ``state`` says which."""

    def __init__(self, state: RequestState) -> None:
        super().__init__(state)
        self.state = state


class ProposalTooSoon(RequestRefused):
    """Nobody could answer in time; ``earliest`` can be proposed now."""

    def __init__(self, earliest: datetime) -> None:
        super().__init__(earliest)
        self.earliest = earliest


class ProposalTooFar(RequestRefused):
    """``latest`` can be proposed now."""

    def __init__(self, latest: datetime) -> None:
        super().__init__(latest)
        self.latest = latest


class ProposalDuringAbsence(RequestRefused):
    """The officer is on leave or pulled away at ``starts``."""

    def __init__(self, starts: datetime) -> None:
        super().__init__(starts)
        self.starts = starts


class NoSuchService(RequestRefused):
    """The roster has the service no more."""


class NobodyCanCome(RequestRefused):
    """Everybody who could is away at ``starts``, or cannot be reached."""

    def __init__(self, starts: datetime) -> None:
        super().__init__(starts)
        self.starts = starts


class TooManyProposals(RequestRefused):
    """``limit`` times were proposed: a telephone call is shorter."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time one side proposes; ``number`` counts from 1, so that an old button is known as old."""

    number: int
    side: Side
    starts: datetime
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """Something asked for outside the slots. ``proposal``: the last one, open while the state is.
    ``reason``: what the officer said when declining. Times aware UTC."""

    id: int | None
    resident_chat_id: int
    officer: str
    service: str
    way: Way
    minutes: int
    state: RequestState
    proposal: Proposal
    case_number: int | None = None
    place: str = ""
    reason: str = ""


def ask(request: ServiceRequest, own: Iterable[ServiceRequest], *, now: datetime) -> ServiceRequest:
    """A resident's new request, with its first proposal. Raises `OneIsOpen`, `ProposalTooSoon`,
    `ProposalTooFar`."""
    for other in own:
        if other.state is RequestState.OPEN and not has_expired(other, now=now):
            raise OneIsOpen(other.id)
    _check_time(request.proposal.starts, now)
    return request


def side_of(request: ServiceRequest, actor: Actor) -> Side:
    """Which side of the request the actor is on. Raises `NotYourRequest`."""
    if actor.officer is not None:
        if actor.officer == request.officer or actor.may_act_for_all:
            return Side.OFFICER
    elif actor.chat_id == request.resident_chat_id:
        return Side.RESIDENT
    raise NotYourRequest


def check_turn(request: ServiceRequest, actor: Actor, answers: int, now: datetime) -> Side:
    """The side that may answer proposal number ``answers`` now, if that is the actor's. Raises
    `NotYourRequest`, `NotYourTurn`, `ProposalOutdated`, `RequestIsOver`."""
    side = side_of(request, actor)
    _check_open(request, now)
    if answers != request.proposal.number:
        raise ProposalOutdated(request.proposal.starts)
    if side is request.proposal.side:
        raise NotYourTurn
    return side


def propose(
    request: ServiceRequest, actor: Actor, *, answers: int, starts: datetime, now: datetime
) -> ServiceRequest:
    """Another time instead of proposal number ``answers``. Raises `NotYourRequest`, `NotYourTurn`,
    `ProposalOutdated`, `RequestIsOver`, `ProposalTooSoon`, `ProposalTooFar`, `TooManyProposals`."""
    side = check_turn(request, actor, answers, now)
    if request.proposal.number >= MOST_PROPOSALS:
        raise TooManyProposals(MOST_PROPOSALS)
    _check_time(starts, now)
    return replace(request, proposal=Proposal(answers + 1, side, starts, now))


def accept(
    request: ServiceRequest,
    actor: Actor,
    *,
    answers: int,
    absent: Sequence[Span],
    now: datetime,
) -> ServiceRequest:
    """Agreed, unless the officer is ``absent`` then: the hours do not matter, that is the point;
    that the officer's time is free is storage's to decide, by the appointment's cells. Raises
    `NotYourRequest`, `NotYourTurn`, `ProposalOutdated`, `RequestIsOver`,
    `ProposalDuringAbsence`."""
    check_turn(request, actor, answers, now)
    if meets_any(time_of(request), absent):
        raise ProposalDuringAbsence(request.proposal.starts)
    return replace(request, state=RequestState.AGREED)


def decline(
    request: ServiceRequest, actor: Actor, *, answers: int, reason: str, now: datetime
) -> ServiceRequest:
    """Turned down, with what was said for it. Raises like `accept`."""
    check_turn(request, actor, answers, now)
    return replace(request, state=RequestState.DECLINED, reason=reason)


def withdraw(request: ServiceRequest, actor: Actor, *, now: datetime) -> ServiceRequest:
    """The resident does not need it any more, at any turn. Raises `NotYourRequest`,
    `RequestIsOver`."""
    if side_of(request, actor) is not Side.RESIDENT:
        raise NotYourRequest
    _check_open(request, now)
    return replace(request, state=RequestState.WITHDRAWN)


def time_of(request: ServiceRequest) -> Span:
    """The time that is proposed, from its start to its end."""
    starts = request.proposal.starts
    return Span(starts, starts + timedelta(minutes=request.minutes))


def has_expired(request: ServiceRequest, *, now: datetime) -> bool:
    """Whether nobody answered in time."""
    return request.state is RequestState.OPEN and now >= expires_at(request)


def expires_at(request: ServiceRequest) -> datetime:
    """Until when the open proposal can be answered."""
    proposal = request.proposal
    return min(proposal.starts - ANSWER_BEFORE, proposal.made_at + ANSWER_WITHIN)


def expire(request: ServiceRequest) -> ServiceRequest:
    """Over without an answer; both sides are told. See `has_expired`."""
    return replace(request, state=RequestState.EXPIRED)


def _check_open(request: ServiceRequest, now: datetime) -> None:
    if request.state is not RequestState.OPEN:
        raise RequestIsOver(request.state)
    if has_expired(request, now=now):
        raise RequestIsOver(RequestState.EXPIRED)


def _check_time(starts: datetime, now: datetime) -> None:
    if starts - ANSWER_BEFORE <= now:
        raise ProposalTooSoon(now + ANSWER_BEFORE + timedelta(minutes=1))
    if starts > now + FARTHEST:
        raise ProposalTooFar(now + FARTHEST)
