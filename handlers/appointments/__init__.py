"""Without this module people would queue before a door, and come twice for a missing paper."""

from __future__ import annotations

from bot.context import (
    EVERYBODY,
    RESIDENTS,
    STAFF,
    Answer,
    Arrived,
    Button,
    Command,
    Feature,
)
from handlers.appointments import (
    agenda,
    agreed,
    booking,
    displacing,
    holding,
    keeping,
    moving,
    preparing,
    prompts,
    questions,
    reminding,
    settling,
    visits,
)
from storage.appointments import DISPLACE

FEATURE = Feature(
    name="appointments",
    routes=(
        Command("book", booking.show, RESIDENTS),
        Command("agenda", agenda.show_agenda, STAFF),
        Button("appointments", "services", booking.show_services, RESIDENTS),
        Button("appointments", "service", booking.show_ways, RESIDENTS),
        Button("appointments", "way", booking.show_days, RESIDENTS),
        Button("appointments", "day", booking.show_times, RESIDENTS),
        Button("appointments", "time", booking.hold_time, RESIDENTS),
        Button("appointments", "confirm", keeping.confirm, RESIDENTS),
        Button("appointments", "release", keeping.release, RESIDENTS),
        Button("appointments", "cancel", keeping.cancel, EVERYBODY),
        Button("appointments", "keep", moving.keep, RESIDENTS),
        Button("appointments", "move", moving.show_days, RESIDENTS),
        Button("appointments", "moveday", moving.show_times, RESIDENTS),
        Button("appointments", "moveto", moving.move, RESIDENTS),
        Button("appointments", "with", settling.accept_deputy, RESIDENTS),
        Button("appointments", "situation", preparing.choose_situation, RESIDENTS),
        Button("appointments", "tick", preparing.tick, RESIDENTS),
        Button("appointments", "question", questions.ask_again, RESIDENTS),
        Answer(prompts.PLACE, visits.take_place, RESIDENTS),
        Answer(prompts.PHONE, questions.take_phone, RESIDENTS),
        Answer(prompts.QUESTION, questions.take_answer, RESIDENTS),
        Arrived("message", visits.take_place, RESIDENTS, visits.sends_place),
        Arrived("message", questions.take_phone, RESIDENTS, questions.sends_contact),
    ),
    timers={
        holding.EXPIRE: holding.expire,
        reminding.REMIND: reminding.remind,
        "appointments.agreed": agreed.tell_agreed,
        agreed.UNHEARD: agreed.tell_unheard,
        DISPLACE: displacing.displace,
        settling.TELL: settling.tell,
        settling.LAPSE: settling.lapse,
    },
)
