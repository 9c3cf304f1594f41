"""Whom an urgent call pages now: the roster, the hours, who is on call, and who can hear it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.context import Desk
from bot.domain.call_outs.ladder import (
    Ladder,
    Readiness,
    can_hear,
    duty_day,
    duty_starts,
    ladder,
    on_call,
    shift_starts,
)
from bot.domain.duty_hours import is_open
from bot.domain.presences import Whereabouts
from bot.domain.routing import OfficerState
from handlers.duty import hours_of
from storage.call_outs import Hearing


async def ladder_of(desk: Desk, area: str | None) -> Ladder:
    """The steps for a call from this area; without one, and while its room is closed, it starts at
    the duty desk."""
    room = desk.roster.room_of(area or "")
    hours = None if room is None else await hours_of(desk, room)
    is_in_shift = hours is not None and is_open(hours, at=desk.now)
    duty = duty_starts(duty_day(desk.now, desk.zone), desk.zone)
    starts = dict.fromkeys((each.code for each in desk.roster.officers), duty)
    if hours is not None and is_in_shift:
        shift = shift_starts(hours, at=desk.now, zone=desk.zone)
        starts |= dict.fromkeys(_of_the_room(desk, area or ""), shift)
    hearings = await desk.transaction.call_outs.hearings()
    return ladder(
        desk.roster,
        area,
        is_in_shift=is_in_shift,
        people=await _people(desk, hearings, starts),
        on_call=on_call(desk.roster.on_call, at=desk.now, zone=desk.zone),
        opted_in=await _opted_in(desk, hearings),
    )


def _of_the_room(desk: Desk, area: str) -> list[str]:
    around = [each.code for each in desk.roster.path_up(area)]
    usual = [each.code for each in desk.roster.usual_officers(area)]
    return usual + [each.code for code in around for each in desk.roster.deputies_of(code)]


async def _people(
    desk: Desk, hearings: Mapping[str, Hearing], starts: Mapping[str, datetime]
) -> dict[str, Readiness]:
    states = await desk.transaction.officers.states()
    return {
        code: _readiness(desk, state, hearings[code], starts[code])
        for code, state in states.items()
        if code in starts
    }


def _readiness(desk: Desk, state: OfficerState, hearing: Hearing, shift: datetime) -> Readiness:
    hears = can_hear(hearing.heard_at, shift_starts=shift, seen_at=hearing.seen_at, now=desk.now)
    return Readiness(
        state.chat_id,
        is_reachable=state.is_reachable,
        is_absent=state.is_absent,
        can_hear=hears,
    )


async def _opted_in(desk: Desk, hearings: Mapping[str, Hearing]) -> frozenset[str]:
    """Who chose to be paged outside the shifts; whoever says to be at work now did so, too."""
    chosen = {code for code, each in hearings.items() if each.opted_in_at is not None}
    believed = await desk.transaction.presences.believed(desk.now)
    at_work = {each.officer for each in believed if each.whereabouts is not Whereabouts.AWAY}
    return frozenset(chosen | at_work)
