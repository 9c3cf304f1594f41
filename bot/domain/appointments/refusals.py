"""Without these facts somebody who is refused would not learn why, nor what would do."""

from __future__ import annotations

from datetime import date, datetime


class AppointmentRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """Something cannot be done with this slot or appointment now."""


class NoSuchSlot(AppointmentRefused):
    """Nothing was ever offered at this time, or in this way."""

    def __init__(self, starts: datetime) -> None:
        super().__init__(starts)
        self.starts = starts


class SlotInThePast(AppointmentRefused):
    """The time has passed."""

    def __init__(self, starts: datetime) -> None:
        super().__init__(starts)
        self.starts = starts


class TooSoon(AppointmentRefused):
    """The service needs more time to prepare; ``earliest`` can be booked now."""

    def __init__(self, earliest: datetime) -> None:
        super().__init__(earliest)
        self.earliest = earliest


class TooFar(AppointmentRefused):
    """So far ahead nothing is booked yet; ``latest`` can be booked now."""

    def __init__(self, latest: datetime) -> None:
        super().__init__(latest)
        self.latest = latest


class SlotOutsideHours(AppointmentRefused):
    """The officer is not on duty for all of it, the way there and back included."""

    def __init__(self, starts: datetime) -> None:
        super().__init__(starts)
        self.starts = starts


class SlotDuringAbsence(AppointmentRefused):
    """The officer is on leave or pulled away in that time."""

    def __init__(self, starts: datetime, officer: str) -> None:
        super().__init__(starts, officer)
        self.starts = starts
        self.officer = officer


class SlotTaken(AppointmentRefused):
    """Somebody was first."""

    def __init__(self, starts: datetime, officer: str) -> None:
        super().__init__(starts, officer)
        self.starts = starts
        self.officer = officer


class DayFull(AppointmentRefused):
    """The officer does no more of this service on that day."""

    def __init__(self, day: date) -> None:
        super().__init__(day)
        self.day = day


class TooManyAppointments(AppointmentRefused):
    """The resident has ``limit`` appointments ahead already."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class ResidentIsBusy(AppointmentRefused):
    """The resident has another appointment (``other``: its id) at that time."""

    def __init__(self, other: int | None) -> None:
        super().__init__(other)
        self.other = other


class NotYours(AppointmentRefused):
    """It is somebody else's appointment, or for the officer to decide."""


class AlreadyOver(AppointmentRefused):
    """It was cancelled, has expired or was kept before; ``state`` says which."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class NotBookedYet(AppointmentRefused):
    """The slot is only held: it has to be confirmed first."""


class AlreadyBooked(AppointmentRefused):
    """It was confirmed before."""


class HoldExpired(AppointmentRefused):
    """The slot was held until ``held_until`` and is free for others since."""

    def __init__(self, held_until: datetime) -> None:
        super().__init__(held_until)
        self.held_until = held_until


class AlreadyStarted(AppointmentRefused):
    """It began at ``starts``: it can be kept or missed now, not moved or cancelled."""

    def __init__(self, starts: datetime) -> None:
        super().__init__(starts)
        self.starts = starts


class NotYet(AppointmentRefused):
    """That can be said from ``since`` on."""

    def __init__(self, since: datetime) -> None:
        super().__init__(since)
        self.since = since


class AlreadySaid(AppointmentRefused):
    """It stands like this already: nobody is told twice."""


class AlreadyClaimed(AppointmentRefused):
    """Somebody has taken this booking into their chat."""


class NoSuchCode(AppointmentRefused):
    """No booking has this code."""


class TooManyAttempts(AppointmentRefused):
    """``limit`` wrong codes came from this chat within a day."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class CodeTaken(AppointmentRefused):
    """Another booking has this ``code``: take another."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PlaceMissing(AppointmentRefused):
    """Nobody knows where the visit goes."""


class TooLong(AppointmentRefused):
    """What was written is longer than ``limit`` characters."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class NoNumber(AppointmentRefused):
    """What was written is no telephone number."""


class NoName(AppointmentRefused):
    """Nobody is named in what was written."""


class NoSuchChoice(AppointmentRefused):
    """The service has no such situation, thing to bring or question."""
