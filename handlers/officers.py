"""Without this module nobody of the roster could come in: joining by invitation."""

from __future__ import annotations

from markupsafe import Markup

from bot.context import (
    EVERYBODY,
    OFFICER_LEFT,
    SOMEBODY_CAME,
    STAFF,
    Arrived,
    Command,
    Desk,
    Feature,
    argument_in,
)
from bot.domain.absences import is_absent
from bot.domain.appointments.codes import LINK_PREFIX
from bot.domain.registration import invitation_of_start
from bot.domain.roster import Officer, Role
from handlers.commands import tell_commands
from handlers.menus import menu
from storage.invitations import InvitationRefused


def _brings_invitation(desk: Desk) -> bool:
    return desk.command == "start" and argument_in(desk).startswith("i-")


async def join(desk: Desk) -> None:
    """A single-use link makes this chat the officer's; the code alone decides, never a name."""
    token = invitation_of_start(argument_in(desk))
    try:
        code = await desk.transaction.invitations.meant_for(token, desk.now)
        if desk.officer is not None and desk.officer.code != code:
            await _say_it_is_a_colleagues(desk, desk.officer)
            return
        await desk.transaction.invitations.accept(token, chat_id=desk.chat_id, now=desk.now)
    except InvitationRefused:
        await _refuse_invitation(desk)
        return
    officer = desk.roster.officer(code)
    if officer is None:
        _ = desk.words
        await desk.bot.send_message(
            desk.chat_id, _("This invitation is for somebody who does not work here any more.")
        )
        return
    await _link(desk, officer)
    await _greet(desk, officer)


async def _say_it_is_a_colleagues(desk: Desk, officer: Officer) -> None:
    """Taken by mistake it would cut off the one who opened it; it stays good for the other."""
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("This invitation is for somebody else. You are here as {name}.").format(
            name=desk.name_of(officer.name, desk.words)
        ),
    )


async def _refuse_invitation(desk: Desk) -> None:
    """Why is nobody's business; who has joined with it before may simply go on."""
    if desk.officer is not None:
        await _greet(desk, desk.officer)
        return
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("This invitation is not valid (any more). Ask the station for a new one."),
    )


async def _link(desk: Desk, officer: Officer) -> None:
    """From now on this chat is the officer's; one that was so before is told."""
    before = (await desk.transaction.officers.states()).get(officer.code)
    desk.transaction.officers.link(officer.code, desk.chat_id, desk.now)
    if await _is_away(desk, officer):
        desk.transaction.officers.set_away(officer.code, desk.now)
    else:
        desk.transaction.officers.set_back(officer.code)
    desk.transaction.officers.seen(officer.code, desk.now)
    _somebody_came(desk)
    desk.transaction.timers.set(OFFICER_LEFT, "everybody", due_at=desk.now, chat_key=OFFICER_LEFT)
    await tell_commands(desk)
    if before is not None and before.chat_id not in (None, desk.chat_id) and before.is_reachable:
        await _tell_former_account(desk, before.chat_id or 0)


async def _is_away(desk: Desk, officer: Officer) -> bool:
    """Joining, perhaps on a new phone, is no word about an absence: only /back ends it."""
    known = await desk.transaction.absences.known(desk.now)
    return is_absent(known, officer.code, at=desk.now)


async def _tell_former_account(desk: Desk, chat_id: int) -> None:
    """Whoever holds the old phone must know that it hears nothing more, and whom to call if the
    invitation fell into wrong hands."""
    words = await desk.words_of(chat_id)
    _ = words
    text = _("You have joined from another account. Nothing more comes here.\nIf that was not you,"
             " call the station now:")  # fmt: skip
    await desk.bot.send_message(
        chat_id,
        Markup("{}\n{}").format(text, words.telephone(desk.roster.station.hotline)),
        reply_markup=menu(Role.RESIDENT, words, asks_place=False),
    )


async def _greet(desk: Desk, officer: Officer) -> None:
    _ = desk.words
    welcome = _("Welcome, {name}.").format(name=desk.name_of(officer.name, desk.words))
    lines = [_how_it_works(desk)]
    if await _is_away(desk, officer):
        lines.append(_("You are away. /back when you are here again."))
    await desk.bot.send_message(
        desk.chat_id,
        Markup("{} {}").format(welcome, Markup("\n").join(lines)),
        reply_markup=menu(officer.role, desk.words, asks_place=False),
    )


def _how_it_works(desk: Desk) -> Markup:
    _ = desk.words
    return _(
        "Requests from residents come here as cards.\n"
        "To answer, reply to a resident's message. Only what you reply to is sent."
    )


async def start(desk: Desk) -> None:
    """``/start`` by somebody on the roster; an area link is for residents."""
    _ = desk.words
    text = _how_it_works(desk)
    if argument_in(desk).startswith("a-"):
        text = _("This link is for residents. You work here: residents reach you through it.")
    elif argument_in(desk).startswith(LINK_PREFIX):
        text = _("This link is for whoever was booked for. You work here: please pass it on.")
    await desk.bot.send_message(
        desk.chat_id, text, reply_markup=menu(desk.role, desk.words, asks_place=False)
    )
    await tell_commands(desk)


def _somebody_came(desk: Desk) -> None:
    desk.transaction.timers.set(SOMEBODY_CAME, "everybody", due_at=desk.now, chat_key=SOMEBODY_CAME)


async def reachability_changed(desk: Desk) -> None:
    """Somebody blocked or unblocked the bot."""
    status = desk.raw["my_chat_member"].get("new_chat_member", {}).get("status")
    if status in ("kicked", "left"):
        await desk.transaction.unreachable.mark(desk.chat_id, "blocked", desk.now)
        if desk.visitor.officer is not None:
            desk.transaction.timers.set(
                OFFICER_LEFT, "everybody", due_at=desk.now, chat_key=OFFICER_LEFT
            )
    else:
        desk.transaction.unreachable.clear(desk.chat_id)
    # Either way: what waits finds somebody, and what somebody has not answered the next one.
    _somebody_came(desk)


FEATURE = Feature(
    name="officers",
    routes=(
        Arrived("message", join, EVERYBODY, _brings_invitation),
        Arrived("my_chat_member", reachability_changed, EVERYBODY),
        Command("start", start, STAFF),
    ),
)
