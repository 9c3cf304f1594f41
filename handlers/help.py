"""Without this module somebody who is lost would have nobody to ask."""

from __future__ import annotations

from bot.context import RESIDENTS, STAFF, Command, Desk, Feature, Typed
from handlers.introduction import emergency_lines
from handlers.menus import HELP_WORDS, menu


async def help_resident(desk: Desk) -> None:
    """What a resident can do here, in few lines."""
    _ = desk.words
    lines = [
        _("Write here: it goes to your community officer. Text, pictures, voice and places all"
          " work."),
        _("1 – who my officer is\n2 – when open, where\n3 – emergency numbers"),
        _("/me – my officer and my area\n/language – another language"),
        _("/book – appointments\n/claim – I was given a code at the station or by telephone"),
        _("/request – another time, or a visit\n/urgent – it cannot wait: ask for somebody now"),
        emergency_lines(desk, desk.words),
    ]  # fmt: skip
    await desk.bot.send_message(
        desk.chat_id,
        "\n\n".join(lines),
        reply_markup=menu(desk.role, desk.words, asks_place=desk.area is None),
    )


async def help_staff(desk: Desk) -> None:
    """What people of the roster can do here."""
    _ = desk.words
    lines = [
        _("A request comes as a card with the resident's messages below it."),
        _("Reply to one of them to answer. A message without a reply goes nowhere until you choose"
          " to whom."),
        _("/me – my card and open requests\n/away – deputies answer\n/back – I answer again"),
        _("/agenda – my appointments\n/book – book for somebody without Telegram"),
        _("/here – where I am now, other opening hours\n/team – who is away"),
    ]  # fmt: skip
    await desk.bot.send_message(desk.chat_id, "\n\n".join(lines))


FEATURE = Feature(
    name="help",
    routes=(
        Command("help", help_resident, RESIDENTS),
        Typed((HELP_WORDS,), help_resident, RESIDENTS),
        Command("help", help_staff, STAFF),
    ),
)
