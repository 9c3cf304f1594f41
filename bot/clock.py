"""Without this module every room would read its own watch, and no test could move the hands.

The one clock for facts: aware UTC times, moved forward by tests, the demo and load campaigns.
Pace, back-off and HTTP use monotonic time and not this clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """The time of day for everything that is decided or written down."""

    def __init__(self, *, shift: timedelta = timedelta()) -> None:
        self._shift = shift

    @property
    def shift_by(self) -> timedelta:
        """How far this clock is ahead of the machine's."""
        return self._shift

    def now(self) -> datetime:
        """The present moment: aware, UTC."""
        return datetime.now(UTC) + self._shift  # noqa: TID251 - the one place that asks the machine

    def shift(self, by: timedelta) -> None:
        """Move the hands forward (or back)."""
        self._shift += by
