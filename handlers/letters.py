"""Without this module a message that could not be handled would vanish without a word.

What people read about dead letters, and about commands and buttons that are not theirs.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from bot.context import STAFF, Button, Desk, Route
from bot.domain.roster import Role
from storage.inbox import Letter


async def tell_dead_letter(desk: Desk, letter: Letter) -> None:
    """The writer gets a reference and the phone number, administrators the reference."""
    if desk.chat_id > 0:
        _ = desk.words
        text = Markup("{}\n{}").format(
            _("Something went wrong with your last message, reference {reference}. It is kept."
              " If it is urgent, call:").format(reference=letter.sequence),
            escape(desk.words.telephone(desk.roster.station.hotline)),
        )  # fmt: skip
        await desk.bot.send_message(desk.chat_id, text)
    await _tell_administrators(desk, letter)


async def _tell_administrators(desk: Desk, letter: Letter) -> None:
    states = await desk.transaction.officers.states()
    for officer in desk.roster.officers:
        state = states.get(officer.code)
        if officer.role is not Role.ADMINISTRATOR or state is None or state.chat_id is None:
            continue
        words = await desk.words_of(state.chat_id)
        _ = words
        await desk.bot.send_message(
            state.chat_id,
            _("Message {reference} could not be handled. On the server: beatline letters show"
              " {reference}").format(reference=letter.sequence),
        )  # fmt: skip


async def refuse(desk: Desk, route: Route | None) -> None:
    """A command or button that does not serve this person, or (None) a button that nothing stands
    behind any more, or never did."""
    _ = desk.words
    if route is None:
        await desk.answer_press(_.plain("This has moved on. Please use the newest message."))
    elif isinstance(route, Button):
        await desk.answer_press(_why_not(desk, route), is_alert=True)
    else:
        await desk.bot.send_message(desk.chat_id, _why_not(desk, route))


def _why_not(desk: Desk, route: Route) -> str:
    """Whom it serves: of the station some do what others do not."""
    _ = desk.words
    if desk.role is Role.RESIDENT:
        return _.plain("This is for staff of the station only.")
    if route.serves & STAFF:
        return _.plain("Somebody else at the station does this.")
    return _.plain("This is for residents.")
