"""Cases: a resident writes, the responsible officer answers, and nothing goes astray."""

from __future__ import annotations

from bot.context import RESIDENTS, SOMEBODY_CAME, STAFF, Answer, Arrived, Button, Desk, Feature
from handlers.cases import answers, card, hearing, placing, to_whom


def _has_a_place(desk: Desk) -> bool:
    """The resident chose an area, or a case is open already (an unplaced one, at the duty desk)."""
    person = desk.visitor.person
    return desk.visitor.case is not None or (person is not None and person.area is not None)


FEATURE = Feature(
    name="cases",
    routes=(
        Button("cases", "seen", card.seen, STAFF),
        Button("cases", "close", card.close, STAFF),
        Button("cases", "reopen", card.reopen, STAFF),
        Button("cases", "pick", to_whom.pick, STAFF),
        Button("cases", "undo", to_whom.undo, STAFF),
        Button("cases", "drop", to_whom.drop, STAFF),
        Button("cases", "search", to_whom.search, STAFF),
        Answer(to_whom.KIND, to_whom.found, STAFF),
        Arrived("message", answers.answer, STAFF),
        Arrived("edited_message", answers.change_answer, STAFF),
        Arrived("message", hearing.hear, RESIDENTS, _has_a_place),
        Arrived("edited_message", hearing.hear_edit, RESIDENTS),
    ),
    timers={
        SOMEBODY_CAME: placing.place_held,
        "cases.unplaced": placing.place_unplaced,
        "cases.sent": placing.copy_sent,
        "cases.undelivered": placing.undelivered,
        "cases.answer_sent": answers.answer_sent,
        "cases.answer_lost": answers.answer_lost,
    },
)
