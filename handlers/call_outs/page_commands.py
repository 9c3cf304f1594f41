"""Who can mend it learns that the command that pages by telephone does not work."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from bot.context import Desk
from bot.delivery.program import How
from bot.domain.roster import Role
from bot.texts import Words
from storage.timers import Timer

#: What says more, at the terminal.
_DOCTOR = "beatline doctor"


async def command_failed(desk: Desk, timer: Timer) -> None:
    """``PAGE_COMMAND_FAILED``: supervisors and administrators read it, once a day: each page of
    each call may fail in the same way."""
    day = desk.now.astimezone(desk.zone).date().isoformat()
    if not await desk.transaction.runs.claim(timer.kind, day, desk.now):
        return
    states = await desk.transaction.officers.states()
    for officer in desk.roster.officers:
        state = states.get(officer.code)
        if officer.role not in (Role.SUPERVISOR, Role.ADMINISTRATOR) or state is None:
            continue
        if state.chat_id is not None and state.is_reachable:
            words = await desk.words_of(state.chat_id)
            await desk.bot.send_message(state.chat_id, _warning(How(timer.key), timer, words))


def _warning(how: How, timer: Timer, words: Words) -> Markup:
    _ = words
    payload: dict[str, Any] = dict(timer.payload)
    why = {
        How.NOT_STARTED: _("It cannot be started."),
        How.TOO_SLOW: _("It took longer than {seconds} seconds.").format(
            seconds=f"{payload['limit_seconds']:g}"
        ),
        How.ENDED: _("It ended with status {status}.").format(status=payload["status"]),
    }[how]
    return Markup("\n").join(
        [
            _("⚠ An urgent call: the command that pages by telephone does not work."),
            why,
            _("Urgent calls go on in Telegram. On the server: {command}").format(command=_DOCTOR),
        ]
    )
