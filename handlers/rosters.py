"""Without this module a new roster would wait for a restart."""

from __future__ import annotations

from bot.context import OFFICER_LEFT, SCHEDULES, SHIFTS, SOMEBODY_CAME, Desk, Feature
from handlers.commands import tell_commands
from storage.appointments import DISPLACE, EVERY_OFFICER
from storage.roster import ROSTER_CHANGED
from storage.timers import Timer


async def roster_changed(desk: Desk, timer: Timer) -> None:
    """`ROSTER_CHANGED`: set by ``beatline roster import`` and at every start. Held cases may have
    somebody now, commands, weekly issues, hours and shifts may be others than before; and whoever
    is linked anew may be away."""
    desk.transaction.timers.set(SCHEDULES, "roster", due_at=desk.now, chat_key=SCHEDULES)
    desk.transaction.timers.set(SHIFTS, "roster", due_at=desk.now, chat_key=SHIFTS)
    for kind in (SOMEBODY_CAME, OFFICER_LEFT):
        desk.transaction.timers.set(kind, "everybody", due_at=desk.now, chat_key=kind)
    desk.transaction.timers.set(DISPLACE, EVERY_OFFICER, due_at=desk.now, chat_key="appointments")
    for code in {each.officer for each in await desk.transaction.absences.known(desk.now)}:
        desk.transaction.timers.set(
            "absences.turn", code, due_at=desk.now, chat_key=f"absences:{code}"
        )
    await tell_commands(desk)


FEATURE = Feature(name="rosters", routes=(), timers={ROSTER_CHANGED: roster_changed})
