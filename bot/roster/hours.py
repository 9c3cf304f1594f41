"""Without this module opening hours would be a code that only machines read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta


def open_intervals(hours: str, day: date) -> list[tuple[time, time]]:
    """When a room is open on ``day``, local times; ``hours`` in OSM ``opening_hours`` syntax."""
    from opening_hours import OpeningHours

    start = datetime.combine(day, time.min)
    end = start + timedelta(days=1)
    found = []
    for opens, closes, state, _comment in OpeningHours(hours).intervals(start, end):
        if "open" in str(state).casefold():
            found.append((max(opens, start).time(), min(closes, end).time()))
    return found
