"""A shared location says in which area somebody is."""

from __future__ import annotations

from bot.context import Desk
from bot.delivery.content import content_of
from bot.domain.geography import Place, areas_near
from handlers.areas import area_list, choices
from handlers.introduction import introduce
from handlers.registration.settling import is_unplaced, keep, settle


def shares_a_place(desk: Desk) -> bool:
    """A place of one's own; a venue is a place that somebody writes about."""
    return is_unplaced(desk) and "location" in desk.raw_message and "venue" not in desk.raw_message


async def place(desk: Desk) -> None:
    """A shared location before an area is known chooses it; near a boundary it is confirmed.

    After something was written it belongs to that and goes to the officer as well; alone it only
    chooses, and the resident is told so.
    """
    shared = desk.raw_message["location"]
    where = Place(latitude=shared["latitude"], longitude=shared["longitude"])
    found = areas_near(where, desk.roster)
    _ = desk.words
    notes = [_("Your location only chose the area. The officer does not get it.")]
    if await desk.transaction.messages.held(desk.chat_id):
        await keep(desk, desk.message.message_id, content_of(desk.raw_message))
        notes = []
    if len(found) == 1:
        await settle(desk, found[0], *notes)
        return
    await introduce(desk)
    await desk.bot.send_message(
        desk.chat_id,
        _("You are near a boundary. Which area is it?")
        if found
        else _("This place is in no area of this station. Please choose one."),
        reply_markup=choices(desk, found) if found else area_list(desk),
    )
