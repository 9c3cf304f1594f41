"""Without this module nobody of the roster could come in: joining by invitation, and being away."""

from __future__ import annotations

from bot.context import (
    EVERYBODY,
    SOMEBODY_CAME,
    STAFF,
    Arrived,
    Command,
    Desk,
    Feature,
    argument_in,
    command_in,
)
from bot.domain.registration import invitation_of_start
from handlers.commands import promise_commands
from handlers.menus import menu
from storage.invitations import InvitationRefused


def _brings_invitation(desk: Desk) -> bool:
    return command_in(desk) == "start" and argument_in(desk).startswith("i-")


async def join(desk: Desk) -> None:
    """A single-use link makes this chat the officer's; the code alone decides, never a name."""
    _ = desk.words
    try:
        code = await desk.transaction.invitations.accept(
            invitation_of_start(argument_in(desk)), chat_id=desk.chat_id, now=desk.now
        )
    except InvitationRefused:
        await desk.bot.send_message(
            desk.chat_id,
            _("This invitation is not valid (any more). Ask the station for a new one."),
        )
        return
    officer = desk.roster.officer(code)
    if officer is None:
        await desk.bot.send_message(
            desk.chat_id, _("This invitation is for somebody who is not on the roster any more.")
        )
        return
    desk.transaction.officers.link(code, desk.chat_id, desk.now)
    desk.transaction.timers.set(SOMEBODY_CAME, "everybody", due_at=desk.now, chat_key=SOMEBODY_CAME)
    await desk.bot.send_message(
        desk.chat_id,
        _("Welcome, {name}. Requests from residents come here as cards.\nTo answer, reply to a"
          " resident's message. Only what you reply to is sent.").format(
            name=desk.name_of(officer.name, desk.words)
        ),
        reply_markup=menu(officer.role, desk.words),
    )  # fmt: skip
    await promise_commands(desk, desk.chat_id, desk.words)


async def welcome(desk: Desk) -> None:
    """``/start`` by somebody on the roster."""
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("Requests from residents come here as cards.\nTo answer, reply to a resident's message."
          " Only what you reply to is sent."),
        reply_markup=menu(desk.role, desk.words),
    )  # fmt: skip
    await promise_commands(desk, desk.chat_id, desk.words)


async def go_away(desk: Desk) -> None:
    """``/away``: what residents write goes to the deputies until ``/back``."""
    if desk.visitor.officer is None:
        return
    desk.transaction.officers.set_away(desk.visitor.officer, desk.now)
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _(
            "You are away: what residents write goes to your deputies."
            " /back when you are here again."
        ),
    )


async def come_back(desk: Desk) -> None:
    """``/back``: new requests come here again."""
    if desk.visitor.officer is None:
        return
    desk.transaction.officers.set_back(desk.visitor.officer)
    desk.transaction.timers.set(SOMEBODY_CAME, "everybody", due_at=desk.now, chat_key=SOMEBODY_CAME)
    _ = desk.words
    await desk.bot.send_message(desk.chat_id, _("You are back: new requests come to you."))


async def reachability_changed(desk: Desk) -> None:
    """Somebody blocked or unblocked the bot."""
    status = desk.raw["my_chat_member"].get("new_chat_member", {}).get("status")
    if status in ("kicked", "left"):
        await desk.transaction.unreachable.mark(desk.chat_id, "blocked", desk.now)
    else:
        desk.transaction.unreachable.clear(desk.chat_id)
        desk.transaction.timers.set(
            SOMEBODY_CAME, "everybody", due_at=desk.now, chat_key=SOMEBODY_CAME
        )


FEATURE = Feature(
    name="officers",
    routes=(
        Arrived("message", join, EVERYBODY, _brings_invitation),
        Arrived("my_chat_member", reachability_changed, EVERYBODY),
        Command("away", go_away, STAFF),
        Command("back", come_back, STAFF),
    ),
)
