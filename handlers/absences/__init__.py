"""Without this module residents would write to somebody who is not there.

Away in one tap, with two more for why and until when; pulled away names who ordered it. A
supervisor says it for somebody else. Open requests stay, or are offered to whoever stands in.
"""

from __future__ import annotations

from bot.context import STAFF, Answer, Button, Command, Feature
from bot.domain.roster import Role
from handlers.absences import choosing, declaring, turning

_SUPERVISORS = frozenset({Role.SUPERVISOR})

FEATURE = Feature(
    name="absences",
    routes=(
        Command("away", declaring.go_away, STAFF),
        Command("back", declaring.come_back, STAFF),
        Command("team", declaring.show_team, STAFF),
        Button("absences", "for", declaring.set_away, _SUPERVISORS),
        Button("absences", "reason", choosing.choose_reason, STAFF),
        Button("absences", "until", choosing.choose_until, STAFF),
        Button("absences", "start", choosing.choose_start, STAFF),
        Button("absences", "cases", choosing.hand_over, STAFF),
        Button("absences", "booked", choosing.choose_for_booked, STAFF),
        Button("absences", "back", choosing.come_back_by_button, STAFF),
        Answer(choosing.ORDERED_BY, choosing.take_who_ordered_it, STAFF),
    ),
    timers={"absences.turn": turning.turn},
)
