"""Everything people can do, in the order it is tried: what is specific first, the relay last."""

from __future__ import annotations

from collections.abc import Sequence

from bot.context import Feature
from handlers import (
    absences,
    appointments,
    bulletins,
    call_outs,
    cases,
    contact_cards,
    emergencies,
    help,
    languages,
    officers,
    photos,
    presences,
    private_numbers,
    registration,
    rooms,
    rosters,
    service_requests,
    subscriptions,
)

FEATURES: Sequence[Feature] = (
    officers.FEATURE,
    absences.FEATURE,
    bulletins.FEATURE,
    subscriptions.FEATURE,
    emergencies.FEATURE,
    call_outs.FEATURE,
    private_numbers.FEATURE,
    languages.FEATURE,
    contact_cards.FEATURE,
    rooms.FEATURE,
    presences.FEATURE,
    help.FEATURE,
    rosters.FEATURE,
    photos.FEATURE,
    appointments.FEATURE,
    service_requests.FEATURE,
    registration.FEATURE,
    cases.FEATURE,
)
