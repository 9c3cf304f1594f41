"""Without this drawer what was promised to people would be forgotten by a crash.

What is promised: one outgoing Bot API call a row. States: waiting → sending → sent | failed |
cancelled. First in, first out for each chat and lane; a row's id is its place in line.
"""

from __future__ import annotations

from storage.outbox.drawer import OutboxDrawer
from storage.outbox.numbers import PromiseNumbers
from storage.outbox.promises import PAYLOAD, Claim, FollowUp, Form, Lane, Promise, needed_by

__all__ = [
    "PAYLOAD",
    "Claim",
    "FollowUp",
    "Form",
    "Lane",
    "OutboxDrawer",
    "Promise",
    "PromiseNumbers",
    "needed_by",
]
