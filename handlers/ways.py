"""Without this module a house would mean the police room in one message, and a home in another.

How a service is given: one picture and one wording for each way, wherever it is chosen or told, and
to both sides of the counter. No feature of its own.
"""

from __future__ import annotations

from bot.domain.appointments.service import Way
from bot.texts import Words
from handlers.menus import N_

#: The police room, before its name as well.
ROOM_SIGN = "🏢"
_NAMES = {
    Way.ROOM: N_("🏢 At the community police office"),
    Way.PHONE: N_("📞 By phone"),
    Way.VISIT: N_("🏠 Home visit"),
}


def way_name(way: Way, words: Words) -> str:
    """How a service is given, for a button or a line of a message."""
    return words.plain(_NAMES[way])
