"""Cases: a resident writes, the responsible officer answers, and nothing goes astray."""

from __future__ import annotations

from bot.context import (
    RESIDENTS,
    SENT_ON,
    SOMEBODY_CAME,
    STAFF,
    Answer,
    Arrived,
    Button,
    Feature,
)
from handlers.cases import (
    alarms,
    answers,
    handing_over,
    hearing,
    opening,
    placing,
    presses,
    questions,
    receipts,
    taking_back,
    to_whom,
    undelivered,
    urgent,
)
from handlers.cases.shifts import OPENING

FEATURE = Feature(
    name="cases",
    routes=(
        Button("cases", "seen", presses.seen, STAFF),
        Button("cases", "close", presses.close, STAFF),
        Button("cases", "reopen", presses.reopen, STAFF),
        Button("cases", "take", alarms.take, STAFF),
        Button("cases", "accept", handing_over.accept, STAFF),
        Button("cases", "show", alarms.show, STAFF),
        Button("cases", "pick", taking_back.pick, STAFF),
        Button("cases", "undo", taking_back.undo, STAFF),
        Button("cases", "drop", to_whom.drop, STAFF),
        Button("cases", "search", to_whom.search, STAFF),
        Answer(questions.KIND, to_whom.found, STAFF),
        Arrived("message", answers.answer, STAFF),
        Arrived("edited_message", answers.change_answer, STAFF),
        Arrived("message", hearing.hear, RESIDENTS, hearing.has_a_place),
        Arrived("edited_message", hearing.hear_edit, RESIDENTS),
    ),
    timers={
        SOMEBODY_CAME: placing.place_waiting,
        SENT_ON: hearing.hear_refused,
        "cases.alarm": alarms.alarm,
        "cases.show_urgent": urgent.show_urgent,
        "cases.urgent_taken": urgent.urgent_taken,
        "cases.urgent_over": urgent.urgent_over,
        "cases.hand_over": handing_over.offer,
        OPENING: opening.open_shift,
        "cases.unwatched": opening.unwatched,
        "cases.place_one": placing.place_one,
        "cases.unplaced": placing.time_to_place,
        "cases.sent": receipts.copy_sent,
        "cases.undelivered": undelivered.undelivered,
        "cases.answer_sent": answers.answer_sent,
        "cases.answer_lost": answers.answer_lost,
    },
)
