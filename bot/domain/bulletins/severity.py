"""Without this scale every alert would ring, and soon none would be heard.

Three severities, and what they are in the Common Alerting Protocol 1.2 (OASIS, 2010, 3.2.2).
"""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """提示、预警、紧急预警; only `DANGER` rings in quiet hours."""

    NOTICE = "notice"
    WARNING = "warning"
    DANGER = "danger"


_CAP_SEVERITY = {
    Severity.NOTICE: "Minor",
    Severity.WARNING: "Moderate",
    Severity.DANGER: "Severe",
}
_CAP_URGENCY = {
    Severity.NOTICE: "Future",
    Severity.WARNING: "Expected",
    Severity.DANGER: "Immediate",
}


def cap_severity(severity: Severity) -> str:
    """The value of CAP's ``severity`` element."""
    return _CAP_SEVERITY[severity]


def cap_urgency(severity: Severity) -> str:
    """The value of CAP's ``urgency`` element."""
    return _CAP_URGENCY[severity]
