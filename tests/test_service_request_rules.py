"""Hours outside the slots: one proposal at a time, answered by the other side, agreed once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.appointments.booking import Actor, Side
from bot.domain.appointments.service import Way
from bot.domain.service_requests import (
    ANSWER_BEFORE,
    ANSWER_WITHIN,
    FARTHEST,
    MOST_PROPOSALS,
    NotYourRequest,
    NotYourTurn,
    OneIsOpen,
    Proposal,
    ProposalDuringAbsence,
    ProposalOutdated,
    ProposalTooFar,
    ProposalTooSoon,
    RequestIsOver,
    RequestRefused,
    RequestState,
    ServiceRequest,
    TooManyProposals,
    accept,
    ask,
    decline,
    expire,
    expires_at,
    has_expired,
    propose,
    withdraw,
)
from bot.domain.spans import Span

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENING = NOON + timedelta(hours=8)
LATER = NOON + timedelta(hours=9)
ANA, BEN, LI = Actor(chat_id=101), Actor(chat_id=102), Actor(officer="li")
DESK = Actor(officer="zhao", may_act_for_all=True)


def a_request(
    starts: datetime = EVENING, state: RequestState = RequestState.OPEN
) -> ServiceRequest:
    """Ana asks officer Li for half an hour in the evening."""
    first = Proposal(1, Side.RESIDENT, starts, NOON)
    return ServiceRequest(5, 101, "li", "permit", Way.ROOM, 30, state, first)


def refused(change: Callable[[], object]) -> RequestRefused:
    with pytest.raises(RequestRefused) as refusal:
        change()
    return refusal.value


def test_one_request_waits_at_a_time() -> None:
    """A second one is refused while the first waits; what is over or expired does not count."""
    new = a_request()
    assert ask(new, [], now=NOON) == new
    busy = refused(lambda: ask(new, [a_request()], now=NOON))
    assert isinstance(busy, OneIsOpen)
    assert busy.request == 5
    old = a_request(NOON - timedelta(days=1))
    assert ask(new, [a_request(state=RequestState.DECLINED), old], now=NOON) == new


def test_a_time_can_still_be_answered_and_is_not_years_away() -> None:
    """Refused with what would do."""
    soon = refused(lambda: ask(a_request(NOON + ANSWER_BEFORE), [], now=NOON))
    assert isinstance(soon, ProposalTooSoon)
    assert ask(a_request(soon.earliest), [], now=NOON)
    far = refused(lambda: ask(a_request(NOON + FARTHEST + timedelta(minutes=1)), [], now=NOON))
    assert isinstance(far, ProposalTooFar)
    assert far.latest == NOON + FARTHEST


def test_the_other_side_accepts() -> None:
    """The officer, or the desk for the officer; never the side that proposed, never a stranger."""
    for actor in (LI, DESK):
        agreed = accept(a_request(), actor, answers=1, absent=(), now=NOON)
        assert agreed.state is RequestState.AGREED
    assert isinstance(refused(lambda: accept(a_request(), ANA, answers=1, absent=(), now=NOON)),
                      NotYourTurn)  # fmt: skip
    for other in (BEN, Actor(officer="wang"), Actor()):
        refusal = refused(lambda o=other: accept(a_request(), o, answers=1, absent=(), now=NOON))
        assert isinstance(refusal, NotYourRequest)


def test_a_time_in_an_absence_cannot_be_agreed() -> None:
    """Extended hours are outside the hours, not inside a leave."""
    away = Span(EVENING + timedelta(minutes=29), LATER)
    absent = refused(lambda: accept(a_request(), LI, answers=1, absent=[away], now=NOON))
    assert isinstance(absent, ProposalDuringAbsence)
    assert absent.starts == EVENING


def test_another_time_is_proposed_back_and_forth() -> None:
    """Each answers the last proposal; an old button is told the present time."""
    countered = propose(a_request(), LI, answers=1, starts=LATER, now=NOON)
    assert countered.proposal == Proposal(2, Side.OFFICER, LATER, NOON)
    old = refused(lambda: accept(countered, ANA, answers=1, absent=(), now=NOON))
    assert isinstance(old, ProposalOutdated)
    assert old.starts == LATER
    assert accept(countered, ANA, answers=2, absent=(), now=NOON).state is RequestState.AGREED
    assert isinstance(
        refused(lambda: propose(countered, LI, answers=2, starts=EVENING, now=NOON)), NotYourTurn
    )


def test_after_six_times_people_should_telephone() -> None:
    """A talk by buttons has an end."""
    request = a_request()
    for number in range(1, MOST_PROPOSALS):
        actor = LI if number % 2 else ANA
        request = propose(request, actor, answers=number, starts=LATER, now=NOON)
    many = refused(
        lambda: propose(request, LI if MOST_PROPOSALS % 2 else ANA, answers=MOST_PROPOSALS,
                        starts=LATER, now=NOON)
    )  # fmt: skip
    assert isinstance(many, TooManyProposals)
    assert many.limit == MOST_PROPOSALS


def test_declining_says_why_and_is_the_end() -> None:
    """What is over stays over."""
    declined = decline(a_request(), LI, answers=1, reason="night duty", now=NOON)
    assert (declined.state, declined.reason) == (RequestState.DECLINED, "night duty")
    over = refused(lambda: accept(declined, LI, answers=1, absent=(), now=NOON))
    assert isinstance(over, RequestIsOver)
    assert over.state is RequestState.DECLINED


def test_only_the_resident_withdraws_at_any_turn() -> None:
    """Also while the own proposal waits for the officer."""
    assert withdraw(a_request(), ANA, now=NOON).state is RequestState.WITHDRAWN
    assert isinstance(refused(lambda: withdraw(a_request(), LI, now=NOON)), NotYourRequest)


def test_what_nobody_answered_expires_before_its_time() -> None:
    """Half an hour before: a yes at the last minute helps nobody."""
    request = a_request()
    assert not has_expired(request, now=NOON)
    assert has_expired(request, now=expires_at(request))
    late = refused(lambda: accept(request, LI, answers=1, absent=(), now=expires_at(request)))
    assert isinstance(late, RequestIsOver)
    assert late.state is RequestState.EXPIRED
    assert expire(request).state is RequestState.EXPIRED
    assert not has_expired(expire(request), now=EVENING)


def test_a_day_far_ahead_is_answered_within_days() -> None:
    """Nobody waits two weeks for a word; each proposal gives its answer three days."""
    far = a_request(NOON + timedelta(days=14))
    assert expires_at(far) == NOON + ANSWER_WITHIN
    assert has_expired(far, now=NOON + ANSWER_WITHIN)
    later = NOON + timedelta(days=2)
    countered = propose(far, LI, answers=1, starts=far.proposal.starts, now=later)
    assert expires_at(countered) == later + ANSWER_WITHIN
