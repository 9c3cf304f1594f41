"""Without this module a resident's name, number or address could be forwarded out of an officer's
chat with one tap.

Whatever of appointments goes to people of the station goes through here; an edit keeps what its
message was sent with. A calendar file is the one exception: it is there to be saved.
"""

from __future__ import annotations

from markupsafe import Markup
from telegram import InlineKeyboardMarkup, ReplyParameters

from bot.context import Desk


async def send_to_staff(
    desk: Desk,
    chat_id: int,
    text: Markup,
    *,
    markup: InlineKeyboardMarkup | None = None,
    is_silent: bool = False,
    reply_to: int | None = None,
) -> None:
    """A message to somebody of the station which Telegram lets nobody forward, copy or save.
    ``reply_to``: the message it answers, if that one still stands."""
    await desk.bot.send_message(
        chat_id,
        text,
        reply_markup=markup,
        disable_notification=is_silent,
        reply_parameters=None
        if reply_to is None
        else ReplyParameters(reply_to, allow_sending_without_reply=True),
        protect_content=True,
    )


async def show_on_map(desk: Desk, chat_id: int, place: tuple[float, float]) -> None:
    """Where a visit goes (latitude, longitude), as a place to tap; no more to be forwarded."""
    await desk.bot.send_location(
        chat_id,
        latitude=place[0],
        longitude=place[1],
        disable_notification=True,
        protect_content=True,
    )
