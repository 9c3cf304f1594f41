"""Without this rule two people would answer, or nobody would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.roster import Area, Roster


class Reason(StrEnum):
    """Why somebody is the one who answers."""

    OWNER = "owner"
    RESPONSIBLE = "responsible"
    DEPUTY = "deputy"
    AUXILIARY = "auxiliary"
    AROUND = "around"
    DUTY_DESK = "duty_desk"


@dataclass(frozen=True, slots=True)
class OfficerState:
    """What is known of somebody of the roster now. ``seen_at``: wrote or pressed here last; None
    for somebody who never opened the bot, or has gone."""

    chat_id: int | None
    is_reachable: bool = True
    is_absent: bool = False
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """The one who answers. ``passed_over``: who stood before, in order."""

    code: str
    chat_id: int
    reason: Reason
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NobodyReachable:
    """Nobody of the ladder can be reached."""

    passed_over: tuple[str, ...] = ()


def route(
    roster: Roster,
    area_code: str | None,
    *,
    owner_code: str | None,
    officers: Mapping[str, OfficerState],
    tried: frozenset[str],
) -> Recipient | NobodyReachable:
    """The first of the ladder who is linked, reachable and present, and was not tried yet."""
    passed: list[str] = []
    for code, reason in ladder(roster, area_code, owner_code):
        state = officers.get(code)
        can = state is not None and state.is_reachable and not state.is_absent
        if can and state is not None and state.chat_id is not None and code not in tried:
            return Recipient(code, state.chat_id, reason, tuple(passed))
        if code not in passed:
            passed.append(code)
    return NobodyReachable(tuple(passed))


def ladder(
    roster: Roster, area_code: str | None, owner_code: str | None
) -> Iterator[tuple[str, Reason]]:
    """Everybody who may answer for the area, in order, whether they can now or not; somebody who
    stands on several rungs comes several times."""
    if owner_code is not None:
        yield owner_code, Reason.OWNER
    for place, step in enumerate(_steps(roster, area_code or "")):
        yield from _of_step(roster, step, Reason.AROUND if place else Reason.RESPONSIBLE)
    for code in roster.station.duty_desk:
        yield code, Reason.DUTY_DESK


def _steps(roster: Roster, area_code: str) -> Iterator[list[Area]]:
    """The way up the tree. An area where nobody is named belongs to the step of the next one that
    has somebody: officers are inherited."""
    step: list[Area] = []
    for area in roster.path_up(area_code):
        step.append(area)
        if roster.responsible_for(area.code):
            yield step
            step = []
    if step:
        yield step


def _of_step(
    roster: Roster, step: Sequence[Area], responsible: Reason
) -> Iterator[tuple[str, Reason]]:
    for officer in roster.responsible_for(step[-1].code):
        yield officer.code, responsible
    for area in step:
        for officer in roster.deputies_of(area.code):
            yield officer.code, Reason.DEPUTY
    rooms = (roster.room_of(area.code) for area in step)
    for code in dict.fromkeys(room.code for room in rooms if room is not None):
        for officer in roster.auxiliaries_of(code):
            yield officer.code, Reason.AUXILIARY
