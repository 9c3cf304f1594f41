"""Without this module a message would have no officer to go to.

A resident is asked for the area once, by list, search or place, or comes through a link. Nothing
written meanwhile is lost, and choosing is never a gate: after five minutes the duty desk gets it.
"""

from __future__ import annotations

from bot.context import (
    RESIDENTS,
    Answer,
    Arrived,
    Button,
    Command,
    Desk,
    Feature,
    Typed,
    argument_in,
)
from bot.domain.registration import StartRefused, area_of_start
from handlers.areas import ask_area
from handlers.introduction import introduce, your_officer
from handlers.menus import WRITE, WRITE_WORDS
from handlers.registration import choosing, places, searching, settling


async def start(desk: Desk) -> None:
    """``/start``, with or without an area link."""
    argument = argument_in(desk)
    if not argument:
        await write(desk)
        return
    try:
        area = area_of_start(argument, desk.roster)
    except StartRefused:
        _ = desk.words
        await desk.bot.send_message(
            desk.chat_id, _("This link does not lead to an area of this station.")
        )
        await write(desk)
        return
    await settling.settle(desk, area)


async def write(desk: Desk) -> None:
    """The fixed button *write to my officer*: who that is, and that one just writes."""
    if desk.area is None:
        await introduce(desk)
        await ask_area(desk)
    else:
        await your_officer(desk)


FEATURE = Feature(
    name="registration",
    routes=(
        Command("start", start, RESIDENTS),
        Typed((WRITE, WRITE_WORDS, "1"), write, RESIDENTS),
        Button("registration", "page", choosing.turn_page, RESIDENTS),
        Button("registration", "choose", choosing.choose, RESIDENTS),
        Button("registration", "stay", choosing.stay, RESIDENTS),
        Button("registration", "move", choosing.move, RESIDENTS),
        Button("registration", "search", searching.ask_search, RESIDENTS),
        Button("registration", "keep", searching.keep_searched, RESIDENTS),
        Answer(settling.SEARCH, searching.search, RESIDENTS),
        Arrived("message", places.place, RESIDENTS, places.shares_a_place),
        Arrived("message", settling.hold, RESIDENTS, settling.is_unplaced),
    ),
)
