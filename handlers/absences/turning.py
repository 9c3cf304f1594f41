"""What an absence does when it begins, changes or ends: routing sees it, and open requests are
offered to whoever stands in."""

from __future__ import annotations

from bot.context import OFFICER_LEFT, SOMEBODY_CAME, Desk
from bot.domain.absences import Absence, NotAway, OpenCases, back, cases_to_hand_over, is_absent
from storage.appointments import DISPLACE
from storage.timers import Timer

#: Open cases that one absence offers to whoever stands in.
_HANDED_OVER = 200


async def offer_cases(desk: Desk, absence: Absence) -> None:
    """Each open case is offered in its resident's line (feature cases): once for each absence, when
    it has begun and that was chosen."""
    if absence.open_cases is OpenCases.STAY or not absence.span.holds(desk.now):
        return
    if not await desk.transaction.runs.claim("absences.cases", str(absence.id), desk.now):
        return
    known = await desk.transaction.absences.known(desk.now)
    open_ = await desk.transaction.cases.open_of_owner(absence.officer, limit=_HANDED_OVER)
    residents = {case.number: case.resident_chat_id for case in open_}
    moves = cases_to_hand_over(
        desk.roster, known, absence, [(case.number, case.area) for case in open_]
    )
    for move in moves:
        desk.transaction.timers.set(
            "cases.hand_over",
            str(move.number),
            due_at=desk.now,
            chat_key=str(residents[move.number]),
            payload={"to": move.to},
        )


async def end(desk: Desk, officer: str) -> None:
    """Whoever was away is here again, now."""
    known = await desk.transaction.absences.known(desk.now)
    try:
        for each in back(known, officer, now=desk.now):
            desk.transaction.absences.change(each)
    except NotAway:
        pass  # said by a roster or a version that kept no absences: here again all the same
    await turn_now(desk, officer)


async def turn(desk: Desk, timer: Timer) -> None:
    """``absences.turn``: an absence of this officer begins or ends."""
    known = await desk.transaction.absences.known(desk.now)
    await turn_now(desk, timer.key)
    for each in known:
        if each.officer == timer.key:
            await offer_cases(desk, each)


async def turn_now(desk: Desk, officer: str) -> None:
    """Routing sees what is true now, and the next moment at which that changes is due; what the
    absence does to appointments is looked at in their own feature."""
    known = await desk.transaction.absences.known(desk.now)
    if is_absent(known, officer, at=desk.now):
        desk.transaction.officers.set_away(officer, desk.now)
        desk.transaction.timers.set(
            OFFICER_LEFT, "everybody", due_at=desk.now, chat_key=OFFICER_LEFT
        )
    else:
        desk.transaction.officers.set_back(officer)
        desk.transaction.timers.set(
            SOMEBODY_CAME, "everybody", due_at=desk.now, chat_key=SOMEBODY_CAME
        )
    desk.transaction.timers.set(
        DISPLACE, officer, due_at=desk.now, chat_key=f"appointments:{officer}"
    )
    moments = [
        moment
        for each in known
        if each.officer == officer
        for moment in (each.starts, each.ends)
        if moment is not None and moment > desk.now
    ]
    if moments:
        desk.transaction.timers.set(
            "absences.turn", officer, due_at=min(moments), chat_key=f"absences:{officer}"
        )
    else:
        desk.transaction.timers.clear("absences.turn", officer)
