"""Without these rules a notice could go out unread by a second person, twice, or to nobody.

What a bulletin is, which states it passes through, and what is refused on the way.
"""

from __future__ import annotations

from bot.domain.bulletins.audience import (
    Audience,
    QuietHours,
    Recipient,
    Subscription,
    concerns,
    is_quiet,
    is_tired_of_notices,
)
from bot.domain.bulletins.bulletin import (
    PICTURES_LIMIT,
    AudienceOfNobody,
    Bulletin,
    BulletinRefused,
    Kind,
    MovedOn,
    NeedsApproval,
    NeedsOwnLanguage,
    NotASecondPerson,
    State,
    TooManyPictures,
    UnreadMachineText,
    Version,
    check_approval,
    check_can_go_out,
    check_machine_text,
    check_ready,
    check_step,
    version_for,
)
from bot.domain.bulletins.findings import Finding, Flag, findings
from bot.domain.bulletins.severity import Severity, cap_severity, cap_urgency
from bot.domain.bulletins.weeks import (
    LATE_LIMIT,
    REMINDERS_BEFORE,
    IssueNumber,
    is_too_late,
    issue_of,
    issue_of_text,
    next_weekly,
    weekly_hour_of,
)

__all__ = [
    "LATE_LIMIT",
    "PICTURES_LIMIT",
    "REMINDERS_BEFORE",
    "Audience",
    "AudienceOfNobody",
    "Bulletin",
    "BulletinRefused",
    "Finding",
    "Flag",
    "IssueNumber",
    "Kind",
    "MovedOn",
    "NeedsApproval",
    "NeedsOwnLanguage",
    "NotASecondPerson",
    "QuietHours",
    "Recipient",
    "Severity",
    "State",
    "Subscription",
    "TooManyPictures",
    "UnreadMachineText",
    "Version",
    "cap_severity",
    "cap_urgency",
    "check_approval",
    "check_can_go_out",
    "check_machine_text",
    "check_ready",
    "check_step",
    "concerns",
    "findings",
    "is_quiet",
    "is_tired_of_notices",
    "is_too_late",
    "issue_of",
    "issue_of_text",
    "next_weekly",
    "version_for",
    "weekly_hour_of",
]
