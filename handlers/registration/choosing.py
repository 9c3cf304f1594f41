"""Choosing an area from the list, turning its pages, and the way back from moving."""

from __future__ import annotations

from bot.context import Desk
from handlers.areas import area_list, ask_area
from handlers.introduction import your_officer
from handlers.registration.settling import settle


async def turn_page(desk: Desk) -> None:
    """Another page or level of the list, in place."""
    number = desk.argument(1)
    await desk.answer_press()
    await desk.bot.edit_message_reply_markup(
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=area_list(desk, desk.argument(0), int(number) if _is_number(number) else 0),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6  # no list has more pages


async def choose(desk: Desk) -> None:
    """An area was chosen from a list, a search or beside a boundary; the list has done its work."""
    area = desk.roster.area(desk.argument(0))
    _ = desk.words
    if area is None:
        await desk.answer_press(_.plain("This area is not on the list any more."), is_alert=True)
        return
    await desk.answer_press()
    await close_list(desk)
    await settle(desk, area)


async def close_list(desk: Desk) -> None:
    """Take the buttons off the list that was pressed."""
    await desk.bot.edit_message_reply_markup(
        chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=None
    )


async def stay(desk: Desk) -> None:
    """The way back from moving: nothing changes."""
    await desk.answer_press()
    await close_list(desk)
    await your_officer(desk)


async def move(desk: Desk) -> None:
    """From the contact card: another area."""
    await desk.answer_press()
    if desk.area is None:
        await ask_area(desk)
        return
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("To which area? An open request stays with its officer; the next one goes to the new"
          " officer."),
        reply_markup=area_list(desk),
    )  # fmt: skip
