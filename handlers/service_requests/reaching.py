"""Who answers a request: the one responsible, then whoever stands in; and both are told when
nobody does."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from bot.context import Desk
from bot.domain.appointments.booking import Side
from bot.domain.routing import NobodyReachable, Recipient, route
from bot.domain.service_requests import (
    RequestState,
    ServiceRequest,
    expire,
    has_expired,
    time_of,
)
from bot.domain.spans import Span, meets_any
from handlers.service_requests.telling import chat_of, number_of, tell, update
from handlers.service_requests.wording import officer_name, resident_name, view
from storage.timers import Timer

#: A request whose officer is not there goes to the next: the key is its number.
NEXT_PERSON = "service_requests.pass_on"


async def absences_of(desk: Desk, officer: str) -> list[Span]:
    """When somebody is away."""
    known = await desk.transaction.absences.known(desk.now)
    return [each.span for each in known if each.officer == officer]


async def who_answers(
    desk: Desk,
    then: Span,
    *,
    area: str | None,
    owner: str | None,
    without: frozenset[str] = frozenset(),
) -> Recipient | None:
    """The first who can be reached, and is not away now or ``then``."""
    known = await desk.transaction.absences.known(desk.now)
    away = {each.officer for each in known if meets_any(then, [each.span])}
    found = route(
        desk.roster,
        area,
        owner_code=owner,
        officers=await desk.transaction.officers.states(),
        tried=without | away,
    )
    return None if isinstance(found, NobodyReachable) else found


async def pass_on(desk: Desk, request: ServiceRequest) -> None:
    """The officer is not there: the next one gets it; with nobody left both sides are told."""
    person = await desk.transaction.people.find(request.resident_chat_id)
    found = await who_answers(
        desk,
        time_of(request),
        area=None if person is None else person.area,
        owner=None,
        without=frozenset({request.officer}),
    )
    if found is None:
        await end_unanswered(desk, request)
        return
    after = replace(request, officer=found.code)
    if await desk.transaction.service_requests.change(request, after):
        await release(desk, request, after)
        await tell(desk, after, Side.OFFICER)
        await update(desk, after, Side.RESIDENT)  # who answers now stands in it


async def release(desk: Desk, before: ServiceRequest, after: ServiceRequest) -> None:
    """The message of the one before says who answers now, and has no buttons."""
    drawer = desk.transaction.service_requests
    message_id = await drawer.message_of(number_of(before), Side.OFFICER)
    drawer.set_message(number_of(before), Side.OFFICER, None)
    chat_id = await chat_of(desk, before, Side.OFFICER)
    if message_id is None or chat_id is None:
        return
    if not await desk.transaction.unreachable.is_reachable(chat_id):
        return
    words = await desk.words_of(chat_id)
    _ = words
    text, _buttons = await view(desk, before, Side.OFFICER, words)
    now = _("{name} answers this now.").format(name=officer_name(desk, after.officer, words))
    await desk.bot.edit_message_text(
        Markup("{}\n\n{}").format(text, now), chat_id=chat_id, message_id=message_id
    )


async def end_unanswered(desk: Desk, request: ServiceRequest) -> None:
    """Over without an answer: both are told."""
    after = expire(request)
    if await desk.transaction.service_requests.change(request, after):
        await tell(desk, after, Side.RESIDENT)
        await tell(desk, after, Side.OFFICER)


async def time_is_over(desk: Desk, timer: Timer) -> None:
    """``service_requests.expire``: nobody answered the proposal in time."""
    request = await desk.transaction.service_requests.find(int(timer.key))
    if request is not None and has_expired(request, now=desk.now):
        await end_unanswered(desk, request)


async def somebody_left(desk: Desk, timer: Timer) -> None:
    """`OFFICER_LEFT`: what waits for the answer of somebody who is not there goes to whoever stands
    in, and what was shown on another phone to the one of now; each in its resident's line."""
    for request in await desk.transaction.service_requests.waiting_for_officers():
        if not await is_there(desk, request.officer) or not await _is_shown(desk, request):
            desk.transaction.timers.set(
                NEXT_PERSON,
                str(request.id),
                due_at=desk.now,
                chat_key=str(request.resident_chat_id),
            )


async def time_to_pass_on(desk: Desk, timer: Timer) -> None:
    """``service_requests.pass_on``: one of them, if it still waits for somebody who is not there.
    What the resident has to answer stays: the resident may still say yes to that officer."""
    request = await desk.transaction.service_requests.find(int(timer.key))
    if request is None or request.state is not RequestState.OPEN:
        return
    if request.proposal.side is not Side.RESIDENT:
        return
    if not await is_there(desk, request.officer):
        await pass_on(desk, request)
    elif not await _is_shown(desk, request):
        await tell(desk, request, Side.OFFICER)


async def _is_shown(desk: Desk, request: ServiceRequest) -> bool:
    """Whether the officer's chat of now has a message about it."""
    drawer = desk.transaction.service_requests
    return await drawer.message_of(number_of(request), Side.OFFICER) is not None


async def is_there(desk: Desk, officer: str) -> bool:
    """Whether somebody is linked, can be reached and is not away now."""
    state = (await desk.transaction.officers.states()).get(officer)
    return (
        state is not None
        and state.chat_id is not None
        and state.is_reachable
        and not state.is_absent
    )


async def undelivered(desk: Desk, timer: Timer) -> None:
    """``service_requests.undelivered``: a proposal cannot reach its officer: the next one gets it,
    or it is over when only this message cannot be brought. What cannot reach the resident, the
    officer is told."""
    number, side, officer, proposal = timer.key.split(":")
    request = await desk.transaction.service_requests.find(int(number))
    if request is None:
        return
    if side == Side.RESIDENT:
        await _tell_unreachable(desk, request)
        return
    is_same = request.officer == officer and request.proposal.number == int(proposal)
    if request.state is not RequestState.OPEN or not is_same:
        return
    if await is_there(desk, officer):
        await end_unanswered(desk, request)
    else:
        await pass_on(desk, request)


async def _tell_unreachable(desk: Desk, request: ServiceRequest) -> None:
    chat_id = await chat_of(desk, request, Side.OFFICER)
    if chat_id is None:
        return
    words = await desk.words_of(chat_id)
    _ = words
    line = _("{name} cannot be reached: messages do not get through.").format(
        name=await resident_name(desk, request)
    )
    text, _buttons = await view(desk, request, Side.OFFICER, words)
    await desk.bot.send_message(chat_id, Markup("{}\n\n{}").format(line, text))
