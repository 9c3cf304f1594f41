"""Without these rules a call-out would have two takers, or a resident who waits for nobody.

paging → taken → ended; paging → unanswered, which can still be taken; what is not over can be
withdrawn, and whoever took it can give it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.call_outs.ladder import Ladder, Step

#: How long a step has before the next one is paged as well (a setting).
STEP = timedelta(seconds=90)
#: However many steps: by then everybody was paged, and the resident knows how it ended.
LIMIT = timedelta(minutes=5)
#: A call-out that nobody ends is over after this: the resident may need another one.
OVER_AFTER = timedelta(hours=12)
#: The second tap belongs to the first one for so long: numbers were read, and it is meant.
SECOND_TAP_WITHIN = timedelta(minutes=10)


class CallOutState(StrEnum):
    """Where a call-out stands. Unanswered can still be taken; ended and withdrawn are over."""

    PAGING = "paging"
    TAKEN = "taken"
    UNANSWERED = "unanswered"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class CallOutRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """Something cannot be done with this call-out now."""


class OneIsUnderWay(CallOutRefused):
    """The resident has a call-out already (``call_out``: its id): more words are added to it."""

    def __init__(self, call_out: int | None) -> None:
        super().__init__(call_out)
        self.call_out = call_out


class AlreadyTaken(CallOutRefused):
    """``taker`` was first, at ``taken_at``; it may be the same person's second tap."""

    def __init__(self, taker: str, taken_at: datetime | None) -> None:
        super().__init__(taker, taken_at)
        self.taker = taker
        self.taken_at = taken_at


class NotPaged(CallOutRefused):
    """Somebody who was not asked cannot take it, end it or give it back."""


class CallOutIsOver(CallOutRefused):
    """It was withdrawn or has ended; ``state`` says which."""

    def __init__(self, state: CallOutState) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True, slots=True)
class CallOut:
    """An urgent request. ``asked_at``: the second tap. ``paged``: so many steps were paged.
    ``supervisors``: alarmed when nobody answers. ``resumed_at``: the taker gave it back then, and
    the steps count from there, from number ``resumed_step`` on. Times aware UTC."""

    id: int | None
    resident_chat_id: int
    ladder: Ladder
    asked_at: datetime
    supervisors: tuple[str, ...] = ()
    step: timedelta = STEP
    paged: int = 0
    state: CallOutState = CallOutState.PAGING
    taker: str | None = None
    taken_at: datetime | None = None
    case_number: int | None = None
    resumed_at: datetime | None = None
    resumed_step: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Page the people of this step now, mark it by `after_paging`, and ask again."""

    step: Step


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nobody took it: the resident gets the numbers and the hot line again, and ``alarm`` is
    alarmed: the supervisors, and whoever was left out for want of the tap, for want of better."""

    alarm: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is to be done any more by itself."""


def is_meant(first_tap_at: datetime | None, *, now: datetime) -> bool:
    """Whether a tap is the second one, which pages; the first shows the emergency numbers."""
    return first_tap_at is not None and now - first_tap_at < SECOND_TAP_WITHIN


def check_may_ask(own: Iterable[CallOut]) -> None:
    """Raise `OneIsUnderWay` if the resident with these call-outs has one that pages or is taken."""
    for each in own:
        if each.state in (CallOutState.PAGING, CallOutState.TAKEN):
            raise OneIsUnderWay(each.id)


def next_step(
    call_out: CallOut, *, now: datetime, unreached: frozenset[str] = frozenset()
) -> Page | Wait | GiveUp | Rest:
    """What is to be done now. After a standstill all steps that are overdue come at once, one call
    after the other, and then the end. Whoever is ``unreached`` gets nothing: no step waits for
    them alone."""
    if call_out.state is not CallOutState.PAGING:
        return Rest()
    steps = call_out.ladder.steps
    due_at = _due_at(call_out, call_out.paged)
    if now < due_at and not _is_lost(call_out, unreached):
        return Wait(due_at)
    if call_out.paged < len(steps):
        return Page(steps[call_out.paged])
    return GiveUp(_alarm(call_out))


def _is_lost(call_out: CallOut, unreached: frozenset[str]) -> bool:
    """Nobody of the last step got it; at the end, nobody at all."""
    if not unreached or call_out.paged == 0:
        return False
    is_end = call_out.paged == len(call_out.ladder.steps)
    waited_for = asked(call_out) if is_end else call_out.ladder.steps[call_out.paged - 1].people
    return unreached.issuperset(waited_for)


def _due_at(call_out: CallOut, number: int) -> datetime:
    """When step ``number`` is paged; after the last one, when it has failed."""
    count = len(call_out.ladder.steps) - call_out.resumed_step
    length = call_out.step
    if (count - 1) * length >= LIMIT:
        length = LIMIT / count  # so that the last step has as long as the others
    since = call_out.resumed_at or call_out.asked_at
    return since + min((number - call_out.resumed_step) * length, LIMIT)


def _alarm(call_out: CallOut) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*call_out.supervisors, *call_out.ladder.unheard)))


def after_paging(call_out: CallOut) -> CallOut:
    """One more step was paged."""
    return replace(call_out, paged=call_out.paged + 1)


def after_giving_up(call_out: CallOut) -> CallOut:
    """Everybody was paged and the time is over; whoever was alarmed may still take it."""
    return replace(call_out, state=CallOutState.UNANSWERED)


def asked(call_out: CallOut) -> tuple[str, ...]:
    """Everybody who was paged or alarmed so far: who may take it, and is told who did."""
    paged = (code for step in call_out.ladder.steps[: call_out.paged] for code in step.people)
    is_alarmed = call_out.state is CallOutState.UNANSWERED
    return tuple(dict.fromkeys((*paged, *(_alarm(call_out) if is_alarmed else ()))))


def is_looked_for(state: CallOutState) -> bool:
    """Whether somebody can still take it, and nobody has."""
    return state in (CallOutState.PAGING, CallOutState.UNANSWERED)


def is_waited_for(state: CallOutState, *, asked_at: datetime, now: datetime) -> bool:
    """Whether whoever was paged is still to come: nobody has taken it, and it is not over (a bot
    that stood still for `OVER_AFTER` has not yet said so)."""
    return is_looked_for(state) and now - asked_at < OVER_AFTER


def take(call_out: CallOut, officer: str, *, now: datetime) -> CallOut:
    """Taken by exactly one of those who were asked, also after everybody was given up. Raises
    `AlreadyTaken`, `CallOutIsOver`, `NotPaged`."""
    if call_out.taker is not None:
        raise AlreadyTaken(call_out.taker, call_out.taken_at)
    _check_not_over(call_out)
    if officer not in asked(call_out):
        raise NotPaged
    return replace(call_out, state=CallOutState.TAKEN, taker=officer, taken_at=now)


def give_back(call_out: CallOut, officer: str, *, now: datetime) -> CallOut:
    """The taker cannot go after all: the next step is paged at once, and the time of the rest
    counts from now; after the last step there is one step's time left. Raises `NotPaged`,
    `CallOutIsOver`."""
    _check_taker(call_out, officer)
    last = max(len(call_out.ladder.steps) - 1, 0)
    return replace(
        call_out,
        state=CallOutState.PAGING,
        taker=None,
        taken_at=None,
        resumed_at=now,
        resumed_step=min(call_out.paged, last),
    )


def lapse(call_out: CallOut, *, now: datetime) -> CallOut:
    """Over because so much time has passed (`OVER_AFTER`) and nobody said so. Raises
    `CallOutIsOver`."""
    _check_not_over(call_out)
    is_due = now >= call_out.asked_at + OVER_AFTER
    return replace(call_out, state=CallOutState.ENDED) if is_due else call_out


def end(call_out: CallOut, officer: str) -> CallOut:
    """The taker has settled it. Raises `NotPaged`, `CallOutIsOver`."""
    _check_taker(call_out, officer)
    return replace(call_out, state=CallOutState.ENDED)


def withdraw(call_out: CallOut, *, chat_id: int) -> CallOut:
    """The resident does not need anybody any more. Raises `NotPaged`, `CallOutIsOver`."""
    if chat_id != call_out.resident_chat_id:
        raise NotPaged
    _check_not_over(call_out)
    return replace(call_out, state=CallOutState.WITHDRAWN)


def _check_taker(call_out: CallOut, officer: str) -> None:
    _check_not_over(call_out)
    if call_out.taker != officer:
        raise NotPaged


def _check_not_over(call_out: CallOut) -> None:
    if call_out.state in (CallOutState.ENDED, CallOutState.WITHDRAWN):
        raise CallOutIsOver(call_out.state)
