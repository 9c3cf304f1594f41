"""Without these facts nobody could say what a bulletin is and whether it may go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.bulletins.audience import Audience
from bot.domain.bulletins.severity import Severity

#: Pictures of one bulletin: Telegram's largest album.
PICTURES_LIMIT = 10


class Kind(StrEnum):
    """警情公告, 破案公告, 防范提示, 治安预警."""

    INCIDENT = "incident"
    SOLVED = "solved"
    TIPS = "tips"
    ALERT = "alert"


class State(StrEnum):
    """Where a bulletin stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PREPARING = "preparing"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    STOPPED = "stopped"
    RECALLED = "recalled"


#: What may follow what. Back to draft: the author changes it, and it needs a new approval.
_STEPS: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.APPROVED, State.STOPPED}),
    State.SUBMITTED: frozenset({State.DRAFT, State.APPROVED, State.STOPPED}),
    State.APPROVED: frozenset({State.DRAFT, State.PREPARING, State.STOPPED}),
    State.PREPARING: frozenset({State.SENDING, State.PAUSED, State.STOPPED, State.RECALLED}),
    State.SENDING: frozenset({State.PAUSED, State.SENT, State.STOPPED, State.RECALLED}),
    State.PAUSED: frozenset({State.SENDING, State.STOPPED, State.RECALLED}),
    State.SENT: frozenset({State.RECALLED}),
    State.STOPPED: frozenset({State.RECALLED}),
    State.RECALLED: frozenset(),
}


class BulletinRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """Something cannot be done with this bulletin now."""


class MovedOn(BulletinRefused):
    """The bulletin is in another state than the step needs."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class NeedsOwnLanguage(BulletinRefused):
    """The station's own language has no text yet; ``language`` is that one."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.language = language


class NeedsApproval(BulletinRefused):
    """A second person has not approved it."""


class NotASecondPerson(BulletinRefused):
    """The author cannot be the second person."""


class UnreadMachineText(BulletinRefused):
    """A machine's translation goes out as *danger* only when a person said yes to it."""

    def __init__(self, languages: Sequence[str]) -> None:
        super().__init__(tuple(languages))
        self.languages = tuple(languages)


class AudienceOfNobody(BulletinRefused):
    """Nobody would get it."""


class TooManyPictures(BulletinRefused):
    """More than an album holds."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Version:
    """The text in one language, as HTML that Telegram takes. ``is_machine_made`` until a person
    says yes to it."""

    language: str
    text: str
    is_machine_made: bool = False


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One notice or alert. ``pictures`` are ``file_id``; times are aware UTC; ``room`` is empty for
    the whole station; ``follows`` is the bulletin that this one says is solved."""

    number: int
    kind: Kind
    author: str
    room: str
    severity: Severity
    state: State
    versions: Mapping[str, Version]
    audience: Audience
    created_at: datetime
    pictures: tuple[str, ...] = ()
    approved_by: str | None = None
    expires_at: datetime | None = None
    issue: str | None = None
    follows: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def check_step(state: State, to: State) -> None:
    """Raise `MovedOn` unless a bulletin in ``state`` may go on to ``to``."""
    if to not in _STEPS[state]:
        raise MovedOn(state)


def check_ready(bulletin: Bulletin, *, own_language: str) -> None:
    """Raise unless it is complete enough to be shown to a second person."""
    if own_language not in bulletin.versions:
        raise NeedsOwnLanguage(own_language)
    if len(bulletin.pictures) > PICTURES_LIMIT:
        raise TooManyPictures(PICTURES_LIMIT)


def check_approval(bulletin: Bulletin, *, officer: str) -> None:
    """Raise unless ``officer`` (a code) may approve it now."""
    check_step(bulletin.state, State.APPROVED)
    if officer == bulletin.author:
        raise NotASecondPerson


def check_can_go_out(
    bulletin: Bulletin, *, own_language: str, needs_approval: bool, recipients: int
) -> None:
    """Raise unless it may be sent to ``recipients`` people now."""
    check_ready(bulletin, own_language=own_language)
    if needs_approval and bulletin.approved_by is None:
        raise NeedsApproval
    check_machine_text(bulletin)
    if recipients == 0:
        raise AudienceOfNobody


def check_machine_text(bulletin: Bulletin) -> None:
    """Raise if a machine's translation that nobody has read would go out as *danger*."""
    unread = sorted(each.language for each in bulletin.versions.values() if each.is_machine_made)
    if bulletin.severity is Severity.DANGER and unread:
        raise UnreadMachineText(unread)


def version_for(versions: Mapping[str, Version], language: str, *, own_language: str) -> Version:
    """What a reader of ``language`` gets: that version, else English, else the station's own.

    The fallback is declared to the reader by whoever shows it. Raises KeyError without versions.
    """
    for wanted in (language, language.partition("-")[0], "en", own_language):
        if wanted in versions:
            return versions[wanted]
    return versions[min(versions)]
