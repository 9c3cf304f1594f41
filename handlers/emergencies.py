"""Without this module somebody in danger would wait for an officer instead of calling.

The fixed button and the plain words show the numbers of the roster at once, each alone on its line.
Words of danger do the same and go on to the officer: an emergency is never only queued, nor lost.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from bot.context import EVERYBODY, RESIDENTS, Command, Desk, Feature, Noticed, Typed
from bot.delivery.outbox import terms
from bot.domain.roster import EmergencyNumber
from bot.texts import Words
from handlers.menus import DANGER_WORDS, EMERGENCY, EMERGENCY_WORDS
from storage.outbox import Lane


async def show_numbers(desk: Desk) -> None:
    """Every number of the roster in its order, before anything else that waits for this chat."""
    _ = desk.words
    parts = [_("<b>Nobody is coming unless you call.</b>")]
    parts += [_number(desk, each, desk.words) for each in desk.roster.station.emergency]
    await desk.bot.send_message(
        desk.chat_id, "\n\n".join(parts), api_kwargs=terms(lane=Lane.URGENT)
    )


def _number(desk: Desk, emergency: EmergencyNumber, words: Words) -> Markup:
    _ = words
    kind = {
        "police": _("Police"),
        "fire": _("Fire"),
        "ambulance": _("Ambulance"),
        "traffic": _("Traffic accident"),
        "other": _("Other help"),
    }[str(emergency.kind)]
    how = _("{kind}, by text message:") if emergency.by == "sms" else _("{kind}:")
    lines = [how.format(kind=kind), escape(words.telephone(emergency.number))]
    if emergency.note:
        lines.append(escape(desk.name_of(emergency.note, words)))
    return Markup("\n").join(lines)


FEATURE = Feature(
    name="emergencies",
    routes=(
        Command("emergency", show_numbers, EVERYBODY),
        Typed((EMERGENCY, EMERGENCY_WORDS, "3"), show_numbers, RESIDENTS),
        Noticed((DANGER_WORDS,), show_numbers, RESIDENTS),
    ),
)
