"""Without this module a new roster would wait for a restart."""

from __future__ import annotations

from bot.context import OFFICER_LEFT, SCHEDULES, SOMEBODY_CAME, Desk, Feature
from handlers.commands import tell_commands
from storage.roster import ROSTER_CHANGED
from storage.timers import Timer


async def roster_changed(desk: Desk, timer: Timer) -> None:
    """`ROSTER_CHANGED`: set by ``beatline roster import`` and at every start. Held cases may have
    somebody now, commands and weekly issues may be others than before."""
    desk.transaction.timers.set(SCHEDULES, "roster", due_at=desk.now, chat_key=SCHEDULES)
    for kind in (SOMEBODY_CAME, OFFICER_LEFT):
        desk.transaction.timers.set(kind, "everybody", due_at=desk.now, chat_key=kind)
    await tell_commands(desk)


FEATURE = Feature(name="rosters", routes=(), timers={ROSTER_CHANGED: roster_changed})
