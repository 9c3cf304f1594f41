"""Without this module a new roster would wait for a restart."""

from __future__ import annotations

from bot import __version__
from bot.context import SOMEBODY_CAME, Desk, Feature
from handlers.commands import promise_all_commands
from storage.timers import Timer

#: Where it is noted which commands Telegram has been told.
_TOLD = "setMyCommands"


async def roster_changed(desk: Desk, timer: Timer) -> None:
    """``roster.changed``: set by ``beatline roster import`` and at every start. Commands are told
    if they may be others than before, and held cases may have somebody now."""
    desk.transaction.timers.set(SOMEBODY_CAME, "everybody", due_at=desk.now, chat_key=SOMEBODY_CAME)
    version = await desk.transaction.roster.version()
    told = {"program": __version__, "roster": version}
    if await desk.transaction.known_answers.get(_TOLD) != told:
        desk.transaction.known_answers.keep(_TOLD, told)
        await promise_all_commands(desk)


FEATURE = Feature(name="rosters", routes=(), timers={"roster.changed": roster_changed})
