"""Without this module only who is free in opening hours would be helped (延时服务, 上门服务)."""

from __future__ import annotations

from bot.context import (
    EVERYBODY,
    OFFICER_LEFT,
    RESIDENTS,
    STAFF,
    Answer,
    Arrived,
    Button,
    Command,
    Feature,
    is_no_cry,
)
from handlers.service_requests import answering, asking, choosing, reaching, telling

FEATURE = Feature(
    name="service_requests",
    routes=(
        Command("request", choosing.show, RESIDENTS),
        Button("service_requests", "start", choosing.show_services, RESIDENTS),
        Button("service_requests", "service", choosing.show_ways, RESIDENTS),
        Button("service_requests", "days", choosing.show_days, EVERYBODY),
        Button("service_requests", "day", choosing.show_times, EVERYBODY),
        Button("service_requests", "at", asking.choose_time, EVERYBODY),
        Button("service_requests", "type", asking.ask_for_typing, EVERYBODY),
        Button("service_requests", "show", answering.show, EVERYBODY),
        Button("service_requests", "accept", answering.accept, EVERYBODY),
        Button("service_requests", "withdraw", answering.withdraw, RESIDENTS),
        Button("service_requests", "decline", answering.ask_why, STAFF),
        Button("service_requests", "reason", answering.decline, STAFF),
        Button("service_requests", "explain", answering.ask_to_explain, STAFF),
        Answer(telling.TIME, asking.take_typed, EVERYBODY),
        Answer(telling.PLACE, asking.take_place, RESIDENTS, is_no_cry),
        Arrived("message", asking.take_place, RESIDENTS, asking.shares_a_place),
        Answer(telling.REASON, answering.explain, STAFF),
    ),
    timers={
        telling.EXPIRE: reaching.time_is_over,
        telling.UNDELIVERED: reaching.undelivered,
        OFFICER_LEFT: reaching.somebody_left,
        reaching.NEXT_PERSON: reaching.time_to_pass_on,
    },
)
